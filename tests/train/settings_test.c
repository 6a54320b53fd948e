// Settings as text: what resume.safetensors and config.json keep is read back as it was.
#include "../temporary.h"
#include "config.h"

static struct vv_settings some_settings(uint32_t layers) {
    struct vv_settings s = {.model = "mlp",
                            .data = "a \"set\"",
                            .data_seed = UINT64_MAX,
                            .height = 9,
                            .width = 7,
                            .channels = 1,
                            .train_count = 100,
                            .test_count = 37,
                            .data_checksum = UINT32_MAX,
                            .activation = "leaky-relu",
                            .latent = 5,
                            .batch = 16,
                            .epochs = 3,
                            .lr = 1e-3,
                            .seed = 42,
                            .kernels = "plain"};
    for (uint32_t i = 0; i < layers; i++) s.hidden[i] = 512 >> i;
    return s;
}

static void assert_same(const struct vv_settings *a, const struct vv_settings *b) {
    assert_memory_equal(a->hidden, b->hidden, sizeof a->hidden);
    assert_string_equal(a->activation, b->activation);
    assert_string_equal(a->model, b->model);
    assert_string_equal(a->data, b->data);
    assert_true(a->latent == b->latent && a->batch == b->batch && a->seed == b->seed && a->lr == b->lr);
}

static void every_depth_is_read_as_it_was_written(void **state) {
    struct temporary *t = *state;
    const struct vv_config config = {.device = "any", .description = "a device", .version = "1"};
    for (uint32_t layers = 1; layers <= VV_MAX_HIDDEN; layers++) {
        const struct vv_settings s = some_settings(layers);
        struct vv_settings read;
        assert_true(vv_settings_check(&t->ctx, &s));
        assert_int_equal(vv_settings_model(&s).layers, layers);
        char *text = vv_settings_print(&t->ctx, &s);
        if (!vv_settings_parse(&t->ctx, "save", text, &read)) fail_msg("%s", t->ctx.error);
        assert_same(&s, &read);
        if (layers == 1) assert_non_null(strstr(text, "\"hidden\":512,"));
        if (layers == 2) assert_non_null(strstr(text, "\"hidden\":[512,256],"));
        free(text);
        struct vv_settings found = s;  // what is drawn keeps its seed
        (void)snprintf(found.data, sizeof found.data, "shapes");
        text = vv_config_print(&t->ctx, &found, &config);
        if (!vv_settings_parse(&t->ctx, "config.json", text, &read)) fail_msg("%s", t->ctx.error);
        assert_same(&found, &read);
        free(text);
    }
}

static void strange_lists_are_refused(void **state) {
    struct temporary *t = *state;
    static const char *const strange[] = {
        "[]", "[512,0]", "[0,512]",       "[512,65537]", "[1.5]", "[[512]]",
        "{}", "\"512\"", "[512,\"256\"]", "null",        "-1",    "[1,2,3,4,5,6,7,8,9]"};
    const struct vv_settings s = some_settings(2);
    char *text = vv_settings_print(&t->ctx, &s), *at = strstr(text, "[512,256]");
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        char changed[2048];
        struct vv_settings read;
        (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, strange[i],
                       at + strlen("[512,256]"));
        assert_false(vv_settings_parse(&t->ctx, "save", changed, &read));
        assert_failure(&t->ctx, VV_BAD_DATA, "save", "'hidden'", NULL);
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_depth_is_read_as_it_was_written),
        TEST(strange_lists_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
