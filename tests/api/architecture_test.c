// What a new run takes where nothing is said is what its model takes where nothing is said: a checkpoint
// is read back by the model alone.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "architecture.h"
#include "model.h"

static const char *const models[] = {"mlp", "conv", "resnet"};

static void settle(struct vv_settings *s, const char *model, uint32_t height, uint32_t width) {
    struct vv_context ctx;
    vv_context_init(&ctx);
    *s = (struct vv_settings){.height = height, .width = width, .channels = 3};
    assert_true(vv_architecture_settle(&ctx, &(vkvae_train_options){.model = model}, s));
    vv_architecture_fill(s);
}

static void a_new_run_has_the_models_defaults(void **state) {
    (void)state;
    static const uint32_t sizes[][2] = {{1, 1}, {1, 97}, {17, 23}, {28, 20}, {64, 64}, {300, 5}};
    for (uint32_t i = 0; i < 18; i++) {
        const uint32_t height = sizes[i / 3][0], width = sizes[i / 3][1];
        const struct vv_model_size size = {
            .pixels = height * width * 3, .latent = 2, .height = height, .width = width, .channels = 3};
        struct vv_context ctx;
        struct vv_settings s;
        struct vv_model m;
        vv_context_init(&ctx);
        settle(&s, models[i % 3], height, width);
        assert_true(vv_model_make(&ctx, models[i % 3], size, &m));
        assert_string_equal(s.activation, m.size.activation);
        assert_string_equal(s.norm, m.size.norm ? m.size.norm : "");
        assert_string_equal(s.upsample, m.size.upsample ? m.size.upsample : "");
        assert_int_equal(s.blocks, m.size.blocks);
        assert_memory_equal(s.stages, m.size.stage, sizeof s.stages);
        vv_model_finish(&m);
    }
}

// Each stage halves the longer side, rounding up, until it is 2.
static void stages_bring_the_longer_side_to_two(void **state) {
    (void)state;
    static const struct {
        uint32_t height, width, stages;
    } of[] = {{1, 1, 1}, {2, 2, 1}, {3, 1, 1}, {5, 4, 2}, {28, 28, 4}, {64, 64, 5}, {2, 4096, 5}};
    for (uint32_t i = 0; i < sizeof of / sizeof *of; i++) {
        uint32_t stage[VV_MAX_HIDDEN] = {0};
        assert_int_equal(vv_model_stages(of[i].height, of[i].width, stage), of[i].stages);
        for (uint32_t k = 0; k < VV_MAX_HIDDEN; k++)
            assert_int_equal(stage[k], k < of[i].stages ? 32u << k : 0);
    }
}

static void a_perceptron_has_one_hidden_layer(void **state) {
    (void)state;
    struct vv_settings s;
    settle(&s, "mlp", 28, 28);
    assert_int_equal(s.hidden[0], 400);
    assert_int_equal(s.hidden[1], 0);
    settle(&s, "conv", 28, 28);
    assert_int_equal(s.hidden[0], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_new_run_has_the_models_defaults),
                                       cmocka_unit_test(stages_bring_the_longer_side_to_two),
                                       cmocka_unit_test(a_perceptron_has_one_hidden_layer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
