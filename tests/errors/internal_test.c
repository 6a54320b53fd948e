// What no command line provokes: models and ops put together wrongly, and files that no model makes.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "bernoulli.h"
#include "categorical.h"
#include "conv.h"
#include "curve.h"
#include "elementwise.h"
#include "exec.h"
#include "file.h"
#include "gaussian.h"
#include "gradient.h"
#include "grid.h"
#include "matmul.h"
#include "message.h"
#include "model.h"
#include "noise.h"
#include "nonlinear.h"
#include "norm.h"
#include "png.h"
#include "random.h"
#include "reduce.h"
#include "resample.h"
#include "safetensors.h"
#include "slice.h"
#include "training.h"
#include "view.h"

struct made {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_tape tape;
};

static int make(void **state) {
    struct made *m = calloc(1, sizeof *m);
    if (!m) return -1;
    vv_context_init(&m->ctx);
    vv_store_init(&m->store, &m->ctx);
    vv_tape_init(&m->tape, &m->store, "made");
    *state = m;
    return 0;
}

static int unmake(void **state) {
    struct made *m = *state;
    vv_tape_finish(&m->tape);
    vv_store_finish(&m->store);
    free(m);
    return 0;
}

// A tape without an error or a node.
static struct vv_tape *fresh(void **state) {
    unmake(state);
    assert_int_equal(make(state), 0);
    return &((struct made *)*state)->tape;
}

static vv_ref made(struct vv_tape *t, const char *name, enum vv_type type, struct vv_shape shape) {
    return vv_use(t, vv_store_add(t->store, name, type, shape));
}

static vv_ref real(struct vv_tape *t, const char *name, uint32_t rows, uint32_t columns) {
    return made(t, name, VV_F32, vv_shape2(rows, columns));
}

static vv_ref words(struct vv_tape *t, const char *name, uint32_t count) {
    return made(t, name, VV_U32, vv_shape1(count));
}

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

static void elements(void **state) {
    struct vv_tape *t = fresh(state);
    (void)vv_relu(t, words(t, "a", 3));
    ASSERT_MESSAGE("<node> is no f32 tensor", VV_USAGE,
                   "tape 'made', node 1 'relu' (relu): 'a' u32 [3] is no f32 tensor", t->ctx);
    t = fresh(state);
    (void)vv_guard(t, words(t, "clock", VV_CLOCK_WORDS), words(t, "a", 3), 1);
    ASSERT_MESSAGE("<node> is no f32 tensor", VV_USAGE,
                   "tape 'made', node 2 'guard' (guard): 'a' u32 [3] is no f32 tensor", t->ctx);
    t = fresh(state);
    (void)vv_relu_grad(t, real(t, "a", 2, 3), real(t, "b", 3, 2));
    ASSERT_MESSAGE("<node> and <node> differ in shape", VV_USAGE,
                   "tape 'made', node 2 'relu_grad' (relu_grad): 'a' f32 [2,3] and 'b' f32 [3,2] differ "
                   "in shape",
                   t->ctx);
    t = fresh(state);
    (void)vv_add(t, real(t, "a", 2, 3), real(t, "b", 3, 1));
    ASSERT_MESSAGE(
        "<node> and <node> do not broadcast: their dimensions differ, and neither is 1", VV_USAGE,
        "tape 'made', node 2 'add' (add): 'a' f32 [2,3] and 'b' f32 [3,1] do not broadcast: their "
        "dimensions differ, and neither is 1",
        t->ctx);
    t = fresh(state);
    (void)vv_sum_to(t, real(t, "a", 2, 3), vv_shape2(2, 2));
    ASSERT_MESSAGE("<node> cannot be summed to <shape>: each dimension stays or becomes 1", VV_USAGE,
                   "tape 'made', node 0 'a' (state): 'a' f32 [2,3] cannot be summed to [2,2]: each "
                   "dimension stays or becomes 1",
                   t->ctx);
    t = fresh(state);
    (void)vv_expand(t, real(t, "a", 2, 3), vv_shape2(4, 3));
    ASSERT_MESSAGE("<node> cannot be expanded to <shape>: only dimensions of 1 grow", VV_USAGE,
                   "tape 'made', node 1 'expand' (expand): 'a' f32 [2,3] cannot be expanded to [4,3]: "
                   "only dimensions of 1 grow",
                   t->ctx);
}

static void norms(void **state) {
    struct vv_tape *t = fresh(state);
    vv_ref row = made(t, "row", VV_F32, vv_shape1(6));
    (void)vv_group_norm(t, real(t, "a", 2, 6), row, row, 4, VV_NORM_SILU);
    ASSERT_MESSAGE("<count> channels cannot be parted into <count> equal groups", VV_USAGE,
                   "tape 'made', node 2 'moments' (moments): 6 channels cannot be parted into 4 equal "
                   "groups",
                   t->ctx);
    t = fresh(state);
    vv_ref a = real(t, "a", 2, 3), b = vv_square(t, a), grad;
    row = made(t, "row", VV_F32, vv_shape1(3));
    vv_ref y = vv_batch_norm(t, b, vv_moments(t, a), row, row, VV_NORM_SILU);
    (void)vv_grad(t, vv_sum_to(t, y, vv_shape1(1)), &a, 1, &grad);
    ASSERT_MESSAGE("no gradient passes through '<node>', the moments of another tensor; vv_stop them",
                   VV_USAGE,
                   "tape 'made', node 4 'norm' (norm): no gradient passes through 'moments', the "
                   "moments of another tensor; vv_stop them",
                   t->ctx);
}

static void parts(void **state) {
    struct vv_tape *t = fresh(state);
    (void)vv_view(t, real(t, "a", 2, 3), 4, vv_shape1(3));
    ASSERT_MESSAGE("elements <begin> to <end> are not in <node>", VV_USAGE,
                   "tape 'made', node 1 'view' (view): elements 4 to 7 are not in 'a' f32 [2,3]",
                   t->ctx);
    t = fresh(state);
    (void)vv_slice(t, real(t, "a", 2, 3), 1, 2, 2);
    ASSERT_MESSAGE("<count> elements at <start> are not in an axis of <size>", VV_USAGE,
                   "tape 'made', node 1 'slice' (slice): 2 elements at 2 are not in an axis of 3",
                   t->ctx);
    t = fresh(state);
    (void)vv_pad(t, real(t, "a", 2, 3), 2, 0, 3);
    ASSERT_MESSAGE("<node> is no f32 tensor with an axis <number>", VV_USAGE,
                   "tape 'made', node 1 'pad' (pad): 'a' f32 [2,3] is no f32 tensor with an axis 2",
                   t->ctx);
    t = fresh(state);
    struct vv_state *target = vv_store_add(t->store, "flat", VV_F32, vv_shape1(8));
    (void)vv_place(t, vv_name(t, vv_relu(t, real(t, "a", 2, 3)), "b"), target, 3);
    ASSERT_MESSAGE(
        "<node> does not fit into the state '<state>' <type> <shape> at element <offset>", VV_USAGE,
        "tape 'made', node 1 'b' (relu): 'b' f32 [2,3] does not fit into the state 'flat' f32 "
        "[8] at element 3",
        t->ctx);
    t = fresh(state);
    (void)vv_append(t, &vv_op_copy, (const vv_ref[]){real(t, "a", 2, 3), words(t, "b", 6)}, NULL);
    ASSERT_MESSAGE("<node> and <node> are not f32 of one size", VV_USAGE,
                   "tape 'made', node 2 'copy' (copy): 'a' f32 [2,3] and 'b' u32 [6] are not f32 of one "
                   "size",
                   t->ctx);
}

static void products(void **state) {
    struct vv_tape *t = fresh(state);
    (void)vv_matmul_nt(t, real(t, "a", 2, 3), real(t, "b", 4, 2));
    ASSERT_MESSAGE(
        "cannot multiply (<form>) <node> by <node>", VV_USAGE,
        "tape 'made', node 2 'matmul' (matmul): cannot multiply (nt) 'a' f32 [2,3] by 'b' f32 "
        "[4,2]",
        t->ctx);
    t = fresh(state);
    (void)vv_linear(t, real(t, "x", 2, 3), real(t, "w", 4, 3), real(t, "b", 1, 4), VV_RELU);
    ASSERT_MESSAGE("<node>, <node> and <node> are not f32 [m,k], [n,k] and [n]", VV_USAGE,
                   "tape 'made', node 3 'linear' (linear): 'x' f32 [2,3], 'w' f32 [4,3] and 'b' f32 "
                   "[1,4] are not f32 [m,k], [n,k] and [n]",
                   t->ctx);
}

static void convolutions(void **state) {
    struct vv_tape *t = fresh(state);
    vv_ref x = made(t, "x", VV_F32, vv_shape4(2, 5, 6, 4));
    const struct vv_window window = vv_window_square(3, 2, 0);
    (void)vv_conv2d(t, x, made(t, "w", VV_F32, vv_shape4(8, 3, 2, 4)), NULL, window);
    ASSERT_MESSAGE(
        "<node> and <node> are not what a convolution with a kernel of <height>x<width> takes", VV_USAGE,
        "tape 'made', node 2 'conv2d' (conv2d): 'x' f32 [2,5,6,4] and 'w' f32 [8,3,2,4] are not "
        "what a convolution with a kernel of 3x3 takes",
        t->ctx);
    t = fresh(state);
    x = made(t, "x", VV_F32, vv_shape4(2, 5, 6, 4));
    (void)vv_conv2d_transposed(t, x, made(t, "w", VV_F32, vv_shape4(4, 3, 3, 4)), NULL, window, 13, 13);
    ASSERT_MESSAGE(
        "a kernel of <height>x<width>, stride <rows>x<columns>, padding <rows>x<columns> and "
        "dilation <rows>x<columns> does not fit <height>x<width>",
        VV_USAGE,
        "tape 'made', node 2 'conv2d_transposed' (conv2d_transposed): a kernel of 3x3, stride "
        "2x2, padding 0x0 and dilation 1x1 does not fit 13x13",
        t->ctx);
    t = fresh(state);
    x = made(t, "x", VV_F32, vv_shape4(2, 5, 6, 4));
    (void)vv_conv2d(t, x, made(t, "w", VV_F32, vv_shape4(8, 3, 3, 4)), real(t, "b", 2, 4), window);
    ASSERT_MESSAGE("the bias <node> is not f32 [<count>]", VV_USAGE,
                   "tape 'made', node 3 'conv2d_bias' (conv2d_bias): the bias 'b' f32 [2,4] is not f32 "
                   "[8]",
                   t->ctx);
}

static void likelihoods(void **state) {
    struct vv_tape *t = fresh(state);
    (void)vv_bernoulli(t, real(t, "logits", 2, 3), real(t, "x", 3, 3));
    ASSERT_MESSAGE("<node> and <node> are not f32 [batch, pixels] of one shape", VV_USAGE,
                   "tape 'made', node 2 'bernoulli' (bernoulli): 'logits' f32 [2,3] and 'x' f32 [3,3] "
                   "are not f32 [batch, pixels] of one shape",
                   t->ctx);
    t = fresh(state);
    (void)vv_categorical(t, real(t, "logits", 2, 12), real(t, "x", 2, 4), 5);
    ASSERT_MESSAGE("<node> and <node> are not f32 [rows, kinds x <count>] and [rows, kinds]", VV_USAGE,
                   "tape 'made', node 2 'categorical' (categorical): 'logits' f32 [2,12] and 'x' f32 "
                   "[2,4] are not f32 [rows, kinds x 5] and [rows, kinds]",
                   t->ctx);
    t = fresh(state);
    (void)vv_softmax(t, real(t, "logits", 2, 12), 5);
    ASSERT_MESSAGE(
        "<node> is not f32 [rows, kinds x <count>]", VV_USAGE,
        "tape 'made', node 1 'softmax' (softmax): 'logits' f32 [2,12] is not f32 [rows, kinds "
        "x 5]",
        t->ctx);
    t = fresh(state);
    (void)vv_one_hot(t, vv_view(t, real(t, "x", 2, 12), 0, vv_shape1(24)), 5);
    ASSERT_MESSAGE("<node> is not f32 [rows, kinds]", VV_USAGE,
                   "tape 'made', node 2 'one_hot' (one_hot): 'view' f32 [24] is not f32 [rows, kinds]",
                   t->ctx);
    t = fresh(state);
    (void)vv_gaussian_kl(t, real(t, "head", 2, 3));
    ASSERT_MESSAGE(
        "<node> is not f32 [batch, 2 latent]", VV_USAGE,
        "tape 'made', node 1 'gaussian_kl' (gaussian_kl): 'head' f32 [2,3] is not f32 [batch, "
        "2 latent]",
        t->ctx);
    t = fresh(state);
    (void)vv_reparameterise(t, real(t, "head", 2, 4), real(t, "eps", 2, 4));
    ASSERT_MESSAGE(
        "<node> should be f32 <shape>", VV_USAGE,
        "tape 'made', node 2 'reparameterise' (reparameterise): 'eps' f32 [2,4] should be f32 "
        "[2,2]",
        t->ctx);
}

static void training(void **state) {
    struct vv_tape *t = fresh(state);
    (void)vv_noise(t, words(t, "clock", 3), 2, 2, 0, 0);
    ASSERT_MESSAGE("<node> is no clock: u32 [<count>]", VV_USAGE,
                   "tape 'made', node 1 'noise' (noise): 'clock' u32 [3] is no clock: u32 [16]", t->ctx);
    t = fresh(state);
    vv_ref half =
        vv_view(t, words(t, "two", 2 * VV_CLOCK_WORDS), VV_CLOCK_WORDS, vv_shape1(VV_CLOCK_WORDS));
    (void)vv_noise(t, vv_name(t, half, "clock"), 2, 2, 0, 0);
    ASSERT_MESSAGE("the clock <node> does not start on 256 bytes; make it a state of its own", VV_USAGE,
                   "tape 'made', node 2 'noise' (noise): the clock 'clock' u32 [16] does not start on "
                   "256 bytes; make it a state of its own",
                   t->ctx);
    t = fresh(state);
    (void)vv_advance(t, words(t, "clock", VV_CLOCK_WORDS), words(t, "table", 3));
    ASSERT_MESSAGE("<node> should be <type> of rank <rank>", VV_USAGE,
                   "tape 'made', node 2 'advance' (advance): 'table' u32 [3] should be u32 of rank 2",
                   t->ctx);
    t = fresh(state);
    (void)vv_adam(t, real(t, "p", 1, 4), real(t, "g", 1, 5), real(t, "m", 1, 4), real(t, "v", 1, 4),
                  words(t, "clock", VV_CLOCK_WORDS), 0.9, 0.999, 1e-8);
    ASSERT_MESSAGE("<node> and <node> are not f32 of one size", VV_USAGE,
                   "tape 'made', node 5 'adam' (adam): 'p' f32 [1,4] and 'g' f32 [1,5] are not f32 of "
                   "one size",
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
                   "no likelihood is called 'beta'; there are: bernoulli, categorical-256", ctx);
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

static void resampled(void **state) {
    struct vv_tape *t = fresh(state);
    (void)vv_average_pool(t, real(t, "x", 5, 6));
    ASSERT_MESSAGE(
        "<node> is no f32 tensor of pictures: [batch,height,width,channels]", VV_USAGE,
        "tape 'made', node 1 'average_pool' (average_pool): 'x' f32 [5,6] is no f32 tensor of "
        "pictures: [batch,height,width,channels]",
        t->ctx);
    t = fresh(state);
    (void)vv_upsample_nearest(t, made(t, "x", VV_F32, vv_shape4(2, 5, 6, 3)), 10, 13);
    ASSERT_MESSAGE("<node> cannot become <height> x <width>: each size is doubled, or doubled less 1",
                   VV_USAGE,
                   "tape 'made', node 1 'upsample_nearest' (upsample_nearest): 'x' f32 [2,5,6,3] cannot "
                   "become 10 x 13: each size is doubled, or doubled less 1",
                   t->ctx);
    t = fresh(state);
    const struct vv_augment augment = {.flip = true};
    (void)vv_augmented(t, real(t, "x", 2, 90), words(t, "clock", VV_CLOCK_WORDS), 5, 6, 1, &augment, 1);
    ASSERT_MESSAGE("<node> does not hold pictures of <height> x <width> x <channels>", VV_USAGE,
                   "tape 'made', node 2 'augmented' (augmented): 'x' f32 [2,90] does not hold pictures "
                   "of 5 x 6 x 1",
                   t->ctx);
}

int main(void) {
#define MADE(name) cmocka_unit_test_setup_teardown(name, make, unmake)
    const struct CMUnitTest tests[] = {
        MADE(tapes),     MADE(elements),     MADE(norms),          MADE(parts),
        MADE(products),  MADE(convolutions), MADE(likelihoods),    MADE(training),
        MADE(gradients), MADE(executors),    MADE(models),         MADE(resampled),
        MADE(pictures),  MADE(tensors),      MADE(names_of_files), MADE(failed_tapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
