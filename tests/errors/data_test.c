// What of sets, arrays and samples no command line provokes: options that the program refuses before,
// and files that it does not make.
#include "temporary.h"

#include <float.h>

#include "abi.h"
#include "array.h"
#include "file.h"
#include "handle.h"
#include "message.h"
#include "model.h"
#include "safetensors.h"
#include "set.h"

static void shapes_out_of_range(void **state) {
    vkvae *v = vkvae_create();
    (void)state;
    assert_non_null(v);
    vkvae_data_options o;
    vkvae_data_defaults(&o);
    o.shapes.height = 7;
    assert_int_equal(vkvae_data_info(v, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--size <height>x<width>: expected HEIGHTxWIDTH, each from <least> to <most>",
                   VV_USAGE, "--size 7x28: expected HEIGHTxWIDTH, each from 8 to 1024", &v->ctx);
    vkvae_data_defaults(&o);
    o.shapes.images = 0;
    assert_int_equal(vkvae_data_write(v, &o.shapes, "none/set", false), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <number>: expected a whole number from 1 to <most>", VV_USAGE,
                   "--images 0: expected a whole number from 1 to 16777216", &v->ctx);
    assert_false(vv_path_exists("none"));
    vkvae_destroy(v);
}

static void count_out_of_range(void **state) {
    vkvae *v = vkvae_create();
    (void)state;
    assert_non_null(v);
    vkvae_data_options o;
    vkvae_data_defaults(&o);
    o.shapes.images = 10;
    o.out = "none/a.png";
    o.pictures = 4097;
    assert_int_equal(vkvae_data_info(v, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--count <number>: expected a whole number from 1 to <most>", VV_USAGE,
                   "--count 4097: expected a whole number from 1 to 4096", &v->ctx);
    vkvae_destroy(v);
}

static void array_too_large(void **state) {
    vkvae *v = vkvae_create();
    (void)state;
    assert_non_null(v);
    const uint32_t dims[] = {UINT32_MAX, UINT32_MAX, 2};
    assert_false(vv_npy_write(&v->ctx, "none/a.npy", NULL, dims, 3));
    ASSERT_MESSAGE("<file>: not written: the array's shape overflows 64 bits; split it", VV_USAGE,
                   "none/a.npy: not written: the array's shape overflows 64 bits; split it", &v->ctx);
    vkvae_destroy(v);
}

// A checkpoint of the largest floats, of either sign.
static void write_checkpoint(struct vv_context *ctx, const char *path) {
    static float weights[64];
    static const struct vv_meta meta[] = {{"format", "vkvae-checkpoint-1"},
                                          {"model", "mlp"},
                                          {"height", "1"},
                                          {"width", "2"},
                                          {"channels", "1"},
                                          {"hidden", "4"},
                                          {"latent", "2"},
                                          {"activation", "relu"}};
    const struct vv_model_size size = {
        .pixels = 2, .latent = 2, .layers = 1, .hidden = {4}, .activation = "relu"};
    struct vv_model model;
    struct vv_tensor tensors[16];
    for (int i = 0; i < 64; i++) weights[i] = i % 2 ? -FLT_MAX : FLT_MAX;
    assert_true(vv_model_make(ctx, "mlp", size, &model));
    assert_true(model.parameter_count <= 16);
    for (uint32_t i = 0; i < model.parameter_count; i++) {
        const struct vv_parameter *p = &model.parameter[i];
        tensors[i] = (struct vv_tensor){p->name, VV_DTYPE_F32, p->shape.rank, {0}, weights};
        memcpy(tensors[i].dim, p->shape.dim, sizeof p->shape.dim);
    }
    assert_true(vv_safetensors_write(ctx, path, NULL, tensors, model.parameter_count, meta,
                                     sizeof meta / sizeof *meta));
    vv_model_finish(&model);
}

static void weights_too_large(void **state) {
    vkvae *v = vkvae_create();
    assert_non_null(v);
    vkvae_sample_options o;
    vkvae_sample_defaults(&o);
    char text[2 * PATH_ROOM];
    o.run = path_of(*state, "large");
    o.device.device = "reference";
    write_checkpoint(&v->ctx, o.run);
    assert_int_equal(vkvae_sample(v, &o, NULL), VKVAE_BAD_DATA);
    (void)snprintf(text, sizeof text,
                   "%s: holds numbers so large that they decode to NaN; train again with a smaller --lr",
                   o.run);
    ASSERT_MESSAGE(
        "<run>: holds numbers so large that they decode to NaN; train again with a smaller --lr",
        VV_BAD_DATA, text, &v->ctx);
    vkvae_destroy(v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(shapes_out_of_range),
        TEST(count_out_of_range),
        TEST(array_too_large),
        TEST(weights_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
