// Ops put together wrongly: what the tape says.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include "abi.h"
#include "bernoulli.h"
#include "blur.h"
#include "categorical.h"
#include "conv.h"
#include "density.h"
#include "elementwise.h"
#include "gaussian.h"
#include "gradient.h"
#include "half.h"
#include "made.h"
#include "matmul.h"
#include "message.h"
#include "noise.h"
#include "nonlinear.h"
#include "norm.h"
#include "random.h"
#include "reduce.h"
#include "resample.h"
#include "slice.h"
#include "training.h"

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

static void densities(void **state) {
    struct vv_tape *t = fresh(state);
    const struct vv_density pixel = {VV_DENSITY_GAUSSIAN, VV_SCALE_PIXEL};
    const struct vv_density given = {VV_DENSITY_GAUSSIAN, VV_SCALE_GIVEN};
    (void)vv_density_of(t, pixel, real(t, "out", 2, 3), real(t, "x", 2, 3), NULL);
    ASSERT_MESSAGE("<node> and <node> are not f32 [batch, pixels of <count>] and [batch, pixels]",
                   VV_USAGE,
                   "tape 'made', node 4 'density' (density): 'out' f32 [2,3] and 'x' f32 [2,3] are not "
                   "f32 [batch, pixels of 2] and [batch, pixels]",
                   t->ctx);
    t = fresh(state);
    (void)vv_density_mean(t, pixel, real(t, "out", 2, 3), NULL);
    ASSERT_MESSAGE("<node> is not f32 [batch, pixels of <count>]", VV_USAGE,
                   "tape 'made', node 3 'density_mean' (density_mean): 'out' f32 [2,3] is not f32 "
                   "[batch, pixels of 2]",
                   t->ctx);
    t = fresh(state);
    vv_ref x = real(t, "x", 2, 3), one = made(t, "one", VV_F32, vv_shape1(1)), grad;
    vv_ref y = vv_density_of(t, given, real(t, "out", 2, 3), x, one);
    assert_false(vv_grad(t, vv_sum_to(t, y, vv_shape1(1)), &one, 1, &grad));
    ASSERT_MESSAGE("there is no gradient of a density with respect to x, or to a log sigma that is "
                   "given; vv_stop it",
                   VV_USAGE,
                   "tape 'made', node 3 'density' (density): there is no gradient of a density with "
                   "respect to x, or to a log sigma that is given; vv_stop it",
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

static void windows(void **state) {
    struct vv_tape *t = fresh(state);
    (void)vv_blur(t, real(t, "x", 5, 6), 2, 3, 1);
    ASSERT_MESSAGE("<node> is no f32 tensor with an axis <number>", VV_USAGE,
                   "tape 'made', node 1 'blur' (blur): 'x' f32 [5,6] is no f32 tensor with an axis 2",
                   t->ctx);
    t = fresh(state);
    (void)vv_blur(t, real(t, "x", 5, 6), 0, 6, 1);
    ASSERT_MESSAGE("a window of <count> does not fit axis <number> of <node>", VV_USAGE,
                   "tape 'made', node 1 'blur' (blur): a window of 6 does not fit axis 0 of 'x' f32 "
                   "[5,6]",
                   t->ctx);
}

static void halves(void **state) {
    struct vv_tape *t = fresh(state);
    (void)vv_halve(t, words(t, "x", 3));
    ASSERT_MESSAGE("<node> is no f32 tensor", VV_USAGE,
                   "tape 'made', node 1 'halve' (halve): 'x' u32 [3] is no f32 tensor", t->ctx);
    t = fresh(state);
    (void)vv_unhalve(t, words(t, "x", 3), vv_shape2(2, 2));
    ASSERT_MESSAGE("<node> does not hold the halves of <shape>", VV_USAGE,
                   "tape 'made', node 1 'unhalve' (unhalve): 'x' u32 [3] does not hold the halves of "
                   "[2,2]",
                   t->ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MADE(elements),     MADE(norms),     MADE(parts),       MADE(products),
        MADE(convolutions), MADE(densities), MADE(likelihoods), MADE(training),
        MADE(resampled),    MADE(windows),   MADE(halves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
