// What no command line provokes: tapes and models put together wrongly, and files that no model makes.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "bernoulli.h"
#include "curve.h"
#include "elementwise.h"
#include "exec.h"
#include "file.h"
#include "gradient.h"
#include "grid.h"
#include "made.h"
#include "message.h"
#include "model.h"
#include "png.h"
#include "safetensors.h"

static void tapes(void **state) {
    struct vv_tape *t = fresh(state);
    (void)vv_fill(t, vv_shape2(65536, 65536), 0);
    ASSERT_MESSAGE("tape '<tape>', node <number> '<node>' (<op>): <what is wrong>", VV_USAGE,
                   "tape 'made', node 0 'fill' (fill): a tensor cannot have the shape [65536,65536]: 1 "
                   "to 4 dimensions, none of them 0, and below 2^32 elements",
                   t->ctx);
    t = fresh(state);
    (void)vv_view(t, real(t, "a", 2, 3), 0, (struct vv_shape){.rank = 5});
    ASSERT_MESSAGE(
        "a tensor cannot have the shape <shape>: 1 to 4 dimensions, none of them 0, and below "
        "2^32 elements",
        VV_USAGE,
        "tape 'made', node 1 'view' (view): a tensor cannot have the shape [0,0,0,0]: 1 to 4 "
        "dimensions, none of them 0, and below 2^32 elements",
        t->ctx);
    t = fresh(state);
    vv_ref a = real(t, "a", 2, 3);
    (void)vv_append(t, &vv_op_copy, (const vv_ref[]){vv_name(t, vv_square(t, a), "b"), a}, NULL);
    ASSERT_MESSAGE("writes input <number>, '<node>', which is no state; place or copy it into one",
                   VV_USAGE,
                   "tape 'made', node 2 'copy' (copy): writes input 0, 'b', which is no state; place or "
                   "copy it into one",
                   t->ctx);
    t = fresh(state);
    (void)vv_store_add(t->store, "a", VV_F32, vv_shape2(3, 0));
    ASSERT_MESSAGE("state '<state>' cannot have the shape <shape>: 1 to 4 dimensions, none of them 0, "
                   "and below 2^32 elements",
                   VV_USAGE,
                   "state 'a' cannot have the shape [3,0]: 1 to 4 dimensions, none of them 0, and below "
                   "2^32 elements",
                   t->ctx);
}

static void gradients(void **state) {
    struct vv_tape *t = fresh(state);
    vv_ref w = real(t, "w", 2, 3), g;
    assert_false(vv_grad(t, w, &w, 1, &g));
    ASSERT_MESSAGE("<node> has no gradient: a loss is a single f32", VV_USAGE,
                   "tape 'made', node 0 'w' (state): 'w' f32 [2,3] has no gradient: a loss is a single "
                   "f32",
                   t->ctx);
    t = fresh(state);
    w = real(t, "w", 1, 1);
    vv_ref dy = made(t, "dy", VV_F32, vv_shape1(1));
    assert_false(vv_grad(t, vv_bernoulli_grad(t, w, w, dy), &w, 1, &g));
    ASSERT_MESSAGE(
        "this op has no gradient; give it a vjp, or vv_stop what it reads", VV_USAGE,
        "tape 'made', node 2 'bernoulli_grad' (bernoulli_grad): this op has no gradient; give "
        "it a vjp, or vv_stop what it reads",
        t->ctx);
    t = fresh(state);
    w = real(t, "w", 1, 1);
    vv_ref loss = vv_square(t, w);
    (void)vv_append(t, &vv_op_copy, (const vv_ref[]){w, loss}, NULL);
    assert_false(vv_grad(t, loss, &w, 1, &g));
    ASSERT_MESSAGE("its gradient needs '<node>', which node <number> '<node>' overwrites; overwrite it "
                   "after the gradient",
                   VV_USAGE,
                   "tape 'made', node 1 'square' (square): its gradient needs 'w', which node 2 'copy' "
                   "overwrites; overwrite it after the gradient",
                   t->ctx);
}

static bool meddling_shape(struct vv_tape *t, vv_ref y) {
    (void)t;
    y->type = VV_F32;
    y->shape = y->in[0]->shape;
    return true;
}

static void meddling_reference(const struct vv_node *y, const struct vv_operands *io) {
    (void)y;
    *(vv_real *)io->in[0] = 1;
}

static void executors(void **state) {
    static const struct vv_op meddling = {
        .name = "meddling", .arity = 1, .shape = meddling_shape, .reference = meddling_reference};
    struct vv_tape *t = fresh(state);
    const struct vv_reference_options options = {.check = true};
    vv_ref a = real(t, "a", 1, 1);
    (void)vv_name(t, vv_append(t, &meddling, &a, NULL), "b");
    struct vv_exec *e = vv_reference_create(t->store, &options);
    assert_non_null(e);
    struct vv_program *p = vv_exec_compile(e, t);
    assert_non_null(p);
    assert_false(vv_exec_submit(e, p, 1));
    ASSERT_MESSAGE("node <number> '<node>' (<op>) changed its input '<node>'; declare it in the op's "
                   ".writes",
                   VV_FAILED,
                   "node 1 'b' (meddling) changed its input 'a'; declare it in the op's .writes",
                   t->ctx);
    vv_program_destroy(e, p);
    vv_exec_destroy(e);
}

static void failed_tapes(void **state) {
    struct vv_tape *t = fresh(state);
    (void)vv_fill(t, vv_shape1(0), 0);
    struct vv_exec *e = vv_reference_create(t->store, NULL);
    assert_non_null(e);
    assert_null(vv_exec_compile(e, t));
    assert_non_null(strstr(t->ctx->error, "cannot have the shape"));  // what came first
    vv_clear(t->ctx);
    assert_null(vv_exec_compile(e, t));
    ASSERT_MESSAGE("tape '<tape>' failed while it was built and cannot be run; build it anew", VV_FAILED,
                   "tape 'made' failed while it was built and cannot be run; build it anew", t->ctx);
    vv_exec_destroy(e);
}

static void models(void **state) {
    struct vv_model model;
    struct vv_model_size size = {
        .pixels = 4, .latent = 1, .layers = 1, .hidden = {2}, .activation = "step"};
    struct vv_context *ctx = fresh(state)->ctx;
    assert_false(vv_model_make(ctx, "transformer", size, &model));
    ASSERT_MESSAGE("no model is called '<name>'; there are: mlp, conv, resnet", VV_USAGE,
                   "no model is called 'transformer'; there are: mlp, conv, resnet", ctx);
    vv_clear(ctx);
    assert_false(vv_model_make(ctx, "mlp", size, &model));
    ASSERT_MESSAGE("no activation is called '<name>'; there are: <names>", VV_USAGE,
                   "no activation is called 'step'; there are: relu, leaky-relu, elu, "
                   "tanh, sigmoid, softplus, silu, gelu",
                   ctx);
    size = (struct vv_model_size){.likelihood = "beta"};
    vv_clear(ctx);
    assert_false(vv_model_make(ctx, "mlp", size, &model));
    ASSERT_MESSAGE("no likelihood is called '<name>'; there are: <names>", VV_USAGE,
                   "no likelihood is called 'beta'; there are: bernoulli, gaussian, laplace, "
                   "logcosh, discretized-logistic, continuous-bernoulli, categorical-256, "
                   "categorical, multinomial, ms-ssim",
                   ctx);
    size = (struct vv_model_size){
        .pixels = 1 << 24, .height = 1 << 12, .width = 1 << 12, .likelihood = "categorical-256"};
    vv_clear(ctx);
    assert_false(vv_model_make(ctx, "mlp", size, &model));
    ASSERT_MESSAGE("--likelihood <name>: <count> numbers for each of <count> values of a picture are "
                   "too many, at most <most> in all; take smaller pictures, or another likelihood",
                   VV_USAGE,
                   "--likelihood categorical-256: 256 numbers for each of 16777216 values of a picture "
                   "are too many, at most 4294967294 in all; take smaller pictures, or another "
                   "likelihood",
                   ctx);
    size = (struct vv_model_size){
        .pixels = 4, .height = 2, .width = 2, .channels = 1, .latent = 1, .norm = "layer"};
    vv_clear(ctx);
    assert_false(vv_model_make(ctx, "conv", size, &model));
    ASSERT_MESSAGE("no normalisation is called '<name>'; there are: <name>, <name>, <name>", VV_USAGE,
                   "no normalisation is called 'layer'; there are: batch, group, none", ctx);
    size.upsample = "bilinear";
    vv_clear(ctx);
    assert_false(vv_model_make(ctx, "conv", size, &model));
    ASSERT_MESSAGE("no way to upsample is called '<name>'; there are: <name>, <name>", VV_USAGE,
                   "no way to upsample is called 'bilinear'; there are: transpose, nearest", ctx);
}

static void pictures(void **state) {
    static const double value = 0;
    static const struct vv_series series = {"a", &value, &value, 1};
    const float picture[4] = {0};
    const unsigned char pixel = 0;
    struct vv_context *ctx = fresh(state)->ctx;
    assert_false(vv_grid_write(ctx, "none/a.png", picture, 1, 1, 1, 2, 1, 1));
    ASSERT_MESSAGE("<file>: pictures of <count> channels cannot be drawn, only of 1 or 3; write a .npy "
                   "instead",
                   VV_USAGE,
                   "none/a.png: pictures of 2 channels cannot be drawn, only of 1 or 3; write a .npy "
                   "instead",
                   ctx);
    vv_clear(ctx);
    assert_false(vv_grid_write(ctx, "none/a.png", picture, 1, 1, 1, 1, 0, 1));
    ASSERT_MESSAGE(
        "<file>: a grid of <count> pictures of <width>x<height> in <columns> columns at scale "
        "<scale> is empty; none may be 0",
        VV_USAGE,
        "none/a.png: a grid of 1 pictures of 1x1 in 0 columns at scale 1 is empty; none may "
        "be 0",
        ctx);
    vv_clear(ctx);
    assert_false(vv_png_write(ctx, "none/a.png", &pixel, 16384, 16384, 1));
    ASSERT_MESSAGE(
        "<file>: a picture of <width>x<height> pixels is <empty or too large>; choose another "
        "size or scale",
        VV_USAGE,
        "none/a.png: a picture of 16384x16384 pixels is larger than the 256 MiB that are "
        "written; choose another size or scale",
        ctx);
    vv_clear(ctx);
    assert_false(vv_curve_write(ctx, "none/a.png",
                                &(struct vv_chart){.series = &series, .series_count = 1, .width = 100}));
    ASSERT_MESSAGE("<file>: a chart of <width>x<height> pixels cannot be drawn; take 320x240 to "
                   "8192x8192",
                   VV_USAGE,
                   "none/a.png: a chart of 100x560 pixels cannot be drawn; take 320x240 to 8192x8192",
                   ctx);
    vv_clear(ctx);
    assert_false(vv_curve_write(ctx, "none/a.png", &(struct vv_chart){.series = &series}));
    ASSERT_MESSAGE("<file>: a chart of <count> series cannot be drawn; take 1 to <most>", VV_USAGE,
                   "none/a.png: a chart of 0 series cannot be drawn; take 1 to 6", ctx);
}

static void names_of_files(void **state) {
    struct vv_context *ctx = fresh(state)->ctx;
    assert_false(vv_file_write(ctx, "none/", "", 0));
    ASSERT_MESSAGE("'<path>' names no file to write to; add a file name", VV_FAILED,
                   "'none/' names no file to write to; add a file name", ctx);
    vv_clear(ctx);
    assert_false(vv_folder_create(ctx, ""));
    ASSERT_MESSAGE("'' names no folder to create; give it a name", VV_FAILED,
                   "'' names no folder to create; give it a name", ctx);
}

static void tensors(void **state) {
    const struct vv_tensor two[] = {{"a", VV_DTYPE_U8, 1, {0}, NULL}, {"a", VV_DTYPE_U8, 1, {0}, NULL}},
                           huge = {"a", VV_DTYPE_F64, 3, {1u << 31, 1u << 31, 4}, NULL};
    const struct vv_meta keys[] = {{"k", ""}, {"k", ""}};
    struct vv_context *ctx = fresh(state)->ctx;
    assert_false(vv_safetensors_write(ctx, "none/a", NULL, two, 2, NULL, 0));
    ASSERT_MESSAGE("<file>: not written: two <things> are named '<name>'; rename one", VV_USAGE,
                   "none/a: not written: two tensors are named 'a'; rename one", ctx);
    vv_clear(ctx);
    assert_false(vv_safetensors_write(ctx, "none/a", NULL, NULL, 0, keys, 2));
    ASSERT_MESSAGE("<file>: not written: two <things> are named '<name>'; rename one", VV_USAGE,
                   "none/a: not written: two entries of its metadata are named 'k'; rename one", ctx);
    vv_clear(ctx);
    assert_false(vv_safetensors_write(ctx, "none/a", NULL, &huge, 1, NULL, 0));
    ASSERT_MESSAGE("<file>: not written: the size of tensor '<name>' overflows 64 bits; split it",
                   VV_USAGE, "none/a: not written: the size of tensor 'a' overflows 64 bits; split it",
                   ctx);
    vv_clear(ctx);
    const size_t length = 16 << 20;
    char *text = malloc(length + 1);
    assert_non_null(text);
    memset(text, 'x', length);
    text[length] = '\0';
    const struct vv_meta large = {"k", text};
    assert_false(vv_safetensors_write(ctx, "none/a", NULL, NULL, 0, &large, 1));
    free(text);
    ASSERT_MESSAGE("<file>: not written: a header of <count> bytes could not be read again; make it at "
                   "most <most>",
                   VV_USAGE,
                   "none/a: not written: a header of 16777272 bytes could not be read again; make it at "
                   "most 16777216",
                   ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MADE(tapes),    MADE(gradients), MADE(executors),      MADE(models),
        MADE(pictures), MADE(tensors),   MADE(names_of_files), MADE(failed_tapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
