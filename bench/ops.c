// Every op but the products, at the sizes of the textbook's step. An op that is neither here nor among
// those left out is an error.
#include <stdio.h>

#include "bernoulli.h"
#include "blur.h"
#include "categorical.h"
#include "conv.h"
#include "density.h"
#include "elementwise.h"
#include "gaussian.h"
#include "half.h"
#include "kl.h"
#include "list.h"
#include "matmul.h"
#include "noise.h"
#include "nonlinear.h"
#include "norm.h"
#include "random.h"
#include "reduce.h"
#include "resample.h"
#include "slice.h"
#include "subject.h"
#include "training.h"
#include "view.h"

enum {
    BATCH = 128,
    PIXELS = 784,
    HIDDEN = 400,
    LATENT = 20,
    PARAMETERS = 652992,
    IMAGES = 60000,
    PICTURE = 32768
};
// Of a convolutional model: pictures of a batch, and the positions in them of its first two layers.
enum { PICTURES = 64, FIRST = PICTURES * 64 * 64, SECOND = PICTURES * 32 * 32 };

// ---- How each is appended; n: rows, columns ----

static vv_ref matrix(struct bench *b, const uint32_t *n) {
    return bench_input(b, vv_shape2(n[0], n[1]));
}

#define ON_ONE(name, function)                                                                          \
    static vv_ref name(struct bench *b, const uint32_t *n) {                                            \
        return function(&b->tape, matrix(b, n));                                                        \
    }
#define ON_TWO(name, function)                                                                          \
    static vv_ref name(struct bench *b, const uint32_t *n) {                                            \
        vv_ref first = matrix(b, n);                                                                    \
        return function(&b->tape, first, matrix(b, n));                                                 \
    }
ON_ONE(exp_of, vv_exp_of)
ON_ONE(log_of, vv_log_of)
ON_ONE(recip_of, vv_recip_of)
ON_ONE(square, vv_square)
ON_TWO(mul, vv_mul)
#define NONLINEAR(name, function) ON_ONE(name##_of, function) ON_TWO(name##_grad, vv_##name##_grad)
NONLINEAR(relu, vv_relu)
NONLINEAR(leaky_relu, vv_leaky_relu_of)
NONLINEAR(elu, vv_elu_of)
NONLINEAR(tanh, vv_tanh_of)
NONLINEAR(sigmoid, vv_sigmoid_of)
NONLINEAR(softplus, vv_softplus_of)
NONLINEAR(silu, vv_silu_of)
NONLINEAR(gelu, vv_gelu_of)
ON_TWO(bernoulli, vv_bernoulli)

static vv_ref copy(struct bench *b, const uint32_t *n) {
    const vv_ref target = matrix(b, n);
    return vv_append(&b->tape, &vv_op_copy, (const vv_ref[]){target, matrix(b, n)}, NULL);
}
static vv_ref fill(struct bench *b, const uint32_t *n) {
    return vv_fill(&b->tape, vv_shape2(n[0], n[1]), 1.5);
}
static vv_ref affine(struct bench *b, const uint32_t *n) {
    return vv_affine(&b->tape, matrix(b, n), -1.75, 0.5);
}
static vv_ref add_row(struct bench *b, const uint32_t *n) {
    return vv_add(&b->tape, matrix(b, n), bench_input(b, vv_shape1(n[1])));
}
static vv_ref sum_columns(struct bench *b, const uint32_t *n) {
    return vv_sum_to(&b->tape, matrix(b, n), vv_shape1(n[1]));
}
static vv_ref sum_rows(struct bench *b, const uint32_t *n) {
    return vv_sum_to(&b->tape, matrix(b, n), vv_shape2(n[0], 1));
}
static vv_ref expand(struct bench *b, const uint32_t *n) {
    return vv_expand(&b->tape, bench_input(b, vv_shape1(n[1])), vv_shape2(n[0], n[1]));
}
static vv_ref slice(struct bench *b, const uint32_t *n) {
    return vv_slice(&b->tape, matrix(b, n), 1, n[1] / 4, n[1] / 2);
}
static vv_ref pad(struct bench *b, const uint32_t *n) {
    return vv_pad(&b->tape, matrix(b, n), 1, n[1] / 2, 2 * n[1]);
}
static vv_ref bernoulli_both(struct bench *b, const uint32_t *n) {
    const vv_ref logits = matrix(b, n);
    return vv_bernoulli_both(&b->tape, logits, matrix(b, n), 1.0 / n[0]);
}
static vv_ref bernoulli_grad(struct bench *b, const uint32_t *n) {
    const vv_ref logits = matrix(b, n), x = matrix(b, n);
    return vv_bernoulli_grad(&b->tape, logits, x, bench_input(b, vv_shape1(n[0])));
}
// Pictures of 8 x 8 under categorical-256, lines of 16 characters of 64, and bags of 2,000 words.
static vv_ref categorical(struct bench *b, const uint32_t *n) {
    const vv_ref logits = matrix(b, n);
    return vv_categorical(&b->tape, logits, bench_input(b, vv_shape2(n[0], n[1] / n[2])), n[2]);
}
static vv_ref categorical_both(struct bench *b, const uint32_t *n) {
    const vv_ref logits = matrix(b, n), x = bench_input(b, vv_shape2(n[0], n[1] / n[2]));
    return vv_categorical_both(&b->tape, logits, x, n[2], 1.0 / n[0]);
}
static vv_ref multinomial_both(struct bench *b, const uint32_t *n) {
    const vv_ref logits = matrix(b, n);
    return vv_multinomial_both(&b->tape, logits, matrix(b, n), 1.0 / n[0]);
}
static vv_ref softmax(struct bench *b, const uint32_t *n) {
    return vv_softmax(&b->tape, matrix(b, n), n[2]);
}
static vv_ref softmax_mean(struct bench *b, const uint32_t *n) {
    return vv_softmax_mean(&b->tape, matrix(b, n), n[2]);
}
static vv_ref one_hot(struct bench *b, const uint32_t *n) {
    return vv_one_hot(&b->tape, bench_input(b, vv_shape2(n[0], n[1] / n[2])), n[2]);
}
// n[2]: the kind; one log sigma for all, or none.
static struct vv_density density_kind(const uint32_t *n) {
    return (struct vv_density){n[2], n[2] == VV_DENSITY_CONTINUOUS_BERNOULLI ? VV_SCALE_NONE
                                                                             : VV_SCALE_SHARED};
}
static vv_ref density_scale(struct bench *b, const uint32_t *n) {
    return density_kind(n).scale == VV_SCALE_NONE ? NULL : bench_input(b, vv_shape1(1));
}
static vv_ref density(struct bench *b, const uint32_t *n) {
    const vv_ref out = matrix(b, n), x = matrix(b, n);
    return vv_density_of(&b->tape, density_kind(n), out, x, density_scale(b, n));
}
static vv_ref density_both(struct bench *b, const uint32_t *n) {
    const vv_ref out = matrix(b, n), x = matrix(b, n);
    return vv_density_both(&b->tape, density_kind(n), out, x, density_scale(b, n), 1.0 / n[0]);
}
static vv_ref density_mean(struct bench *b, const uint32_t *n) {
    const vv_ref out = matrix(b, n);
    return vv_density_mean(&b->tape, density_kind(n), out, density_scale(b, n));
}
static vv_ref binarized(struct bench *b, const uint32_t *n) {
    const vv_ref x = matrix(b, n);
    return vv_binarized(&b->tape, x, bench_clock(b), 42);
}
static vv_ref noise(struct bench *b, const uint32_t *n) {
    return vv_noise(&b->tape, bench_clock(b), n[0], n[1], 42, VV_STREAM_TRAIN);
}
// A batch of pictures between two stages of a convolutional network: `rows` pictures of 32 x 32.
static vv_ref pictures(struct bench *b, const uint32_t *n) {
    return bench_input(b, vv_shape4(n[0], 32, 32, n[1] / 1024));
}
static vv_ref upsample(struct bench *b, const uint32_t *n) {
    return vv_upsample_nearest(&b->tape, pictures(b, n), 64, 64);
}
static vv_ref upsample_grad(struct bench *b, const uint32_t *n) {
    return vv_upsample_nearest_grad(&b->tape, pictures(b, n));
}
static vv_ref pool(struct bench *b, const uint32_t *n) {
    return vv_average_pool(&b->tape, pictures(b, n));
}
static vv_ref pool_grad(struct bench *b, const uint32_t *n) {
    return vv_average_pool_grad(&b->tape, pictures(b, n), 64, 64);
}
static vv_ref blur(struct bench *b, const uint32_t *n) {
    return vv_blur(&b->tape, pictures(b, n), 1, 11, 1.5);
}
static vv_ref blur_across(struct bench *b, const uint32_t *n) {
    return vv_blur(&b->tape, pictures(b, n), 2, 11, 1.5);
}
static vv_ref blur_grad(struct bench *b, const uint32_t *n) {
    return vv_blur_grad(&b->tape, pictures(b, n), 1, 11, 1.5);
}
static vv_ref halve(struct bench *b, const uint32_t *n) {
    return vv_halve(&b->tape, matrix(b, n));
}
static vv_ref unhalve(struct bench *b, const uint32_t *n) {
    return vv_unhalve(&b->tape, bench_halves(b, n[0] * n[1] / 2), vv_shape2(n[0], n[1]));
}
static vv_ref dropout(struct bench *b, const uint32_t *n) {
    const vv_ref x = matrix(b, n);
    return vv_dropout(&b->tape, x, bench_clock(b), 0.1, 42, 0);
}
static vv_ref augmented(struct bench *b, const uint32_t *n) {
    const struct vv_augment all = {true, true, 2, 0.1f, 0.1f, 0.05f};
    const vv_ref x = matrix(b, n);
    return vv_augmented(&b->tape, x, bench_clock(b), 28, n[1] / 28, 1, &all, 42);
}
static vv_ref head(struct bench *b, const uint32_t *n) {
    return bench_input(b, vv_shape2(n[0], 2 * n[1]));
}
static vv_ref reparameterise(struct bench *b, const uint32_t *n) {
    const vv_ref h = head(b, n);
    return vv_reparameterise(&b->tape, h, matrix(b, n));
}
static vv_ref reparameterise_grad(struct bench *b, const uint32_t *n) {
    const vv_ref h = head(b, n), eps = matrix(b, n);
    return vv_reparameterise_grad(&b->tape, h, eps, matrix(b, n), 1.0 / n[0]);
}
static vv_ref gaussian_kl(struct bench *b, const uint32_t *n) {
    return vv_gaussian_kl(&b->tape, head(b, n));
}
static vv_ref gaussian_kl_grad(struct bench *b, const uint32_t *n) {
    const vv_ref h = head(b, n);
    return vv_gaussian_kl_grad(&b->tape, h, bench_input(b, vv_shape1(n[0])));
}
static vv_ref gaussian_terms(struct bench *b, const uint32_t *n) {
    return vv_gaussian_terms(&b->tape, head(b, n));
}
static vv_ref kl_weigh(struct bench *b, const uint32_t *n) {
    const struct vv_kl_weighing w = {.sums = bench_input(b, vv_shape1(n[1])),
                                     .weights = bench_input(b, vv_shape2(1, n[1])),
                                     .log = bench_input(b, vv_shape1(469)),
                                     .clock = bench_clock(b),
                                     .batch = n[0],
                                     .free = 0.1};
    return vv_kl_weigh(&b->tape, &w);
}
static vv_ref advance(struct bench *b, const uint32_t *n) {
    const vv_ref clock = bench_clock(b);
    return vv_advance(&b->tape, clock, bench_input_of(b, VV_U32, vv_shape2(n[0], VV_ROW_WORDS)));
}
static vv_ref gather(struct bench *b, const uint32_t *n) {
    const vv_ref data = bench_input_of(b, VV_U8, vv_shape2(n[2], n[1])),
                 order = bench_input_of(b, VV_U32, vv_shape1(n[2]));
    return vv_gather(&b->tape, data, order, bench_clock(b), n[0]);
}
static vv_ref guard(struct bench *b, const uint32_t *n) {
    const vv_ref clock = bench_clock(b);
    return vv_guard(&b->tape, clock, matrix(b, n), VV_GRADIENT_LIMIT);
}
static vv_ref record(struct bench *b, const uint32_t *n) {
    const vv_ref log = bench_input(b, vv_shape2(n[1], 2)), recon = bench_input(b, vv_shape1(n[0])),
                 kl = bench_input(b, vv_shape1(n[0]));
    return vv_record(&b->tape, log, recon, kl, bench_clock(b), true);
}
static vv_ref adam(struct bench *b, const uint32_t *n) {
    const struct vv_shape flat = vv_shape1(n[1]);
    const vv_ref p = bench_input(b, flat), g = bench_input(b, flat), m = bench_input(b, flat),
                 v = bench_input(b, flat);
    return vv_adam(&b->tape, p, g, m, v, bench_clock(b), 0.9, 0.999, 1e-8);
}
static vv_ref sgd(struct bench *b, const uint32_t *n) {
    const vv_ref p = bench_input(b, vv_shape1(n[1])), g = bench_input(b, vv_shape1(n[1]));
    return vv_sgd(&b->tape, p, g, bench_clock(b));
}
static vv_ref momentum(struct bench *b, const uint32_t *n) {
    const vv_ref p = bench_input(b, vv_shape1(n[1])), g = bench_input(b, vv_shape1(n[1])),
                 m = bench_input(b, vv_shape1(n[1]));
    return vv_momentum(&b->tape, p, g, m, bench_clock(b), 0.9);
}
static vv_ref adagrad(struct bench *b, const uint32_t *n) {
    const vv_ref p = bench_input(b, vv_shape1(n[1])), g = bench_input(b, vv_shape1(n[1])),
                 v = bench_input(b, vv_shape1(n[1]));
    return vv_adagrad(&b->tape, p, g, v, bench_clock(b), 1e-10);
}
static vv_ref accumulate(struct bench *b, const uint32_t *n) {
    const vv_ref sum = bench_input(b, vv_shape1(n[1])), x = bench_input(b, vv_shape1(n[1]));
    return vv_accumulate(&b->tape, sum, x, bench_clock(b));
}
static vv_ref clip(struct bench *b, const uint32_t *n) {
    const vv_ref g = bench_input(b, vv_shape1(n[1]));
    return vv_clip(&b->tape, g, bench_clock(b), 1);
}

// n[2]: groups, 0 for the batch's
static vv_ref norm(struct bench *b, const uint32_t *n) {
    const vv_ref x = bench_input(b, vv_shape3(PICTURES, n[0] / PICTURES, n[1])),
                 gamma = bench_input(b, vv_shape1(n[1])), beta = bench_input(b, vv_shape1(n[1]));
    return n[2] ? vv_group_norm(&b->tape, x, gamma, beta, n[2], VV_NORM_SILU)
                : vv_batch_norm(&b->tape, x, vv_moments(&b->tape, x), gamma, beta, VV_NORM_LEAKY_RELU);
}
static vv_ref moments(struct bench *b, const uint32_t *n) {
    return norm(b, n)->in[1];
}
static vv_ref layer_norm(struct bench *b, const uint32_t *n) {
    const vv_ref x = matrix(b, n), gamma = bench_input(b, vv_shape1(n[1]));
    return vv_layer_norm(&b->tape, x, gamma, bench_input(b, vv_shape1(n[1])));
}
static vv_ref norm_sums(struct bench *b, const uint32_t *n) {
    const vv_ref y = norm(b, n), dy = bench_input(b, y->shape);
    return vv_append(&b->tape, &vv_op_norm_sums,
                     (const vv_ref[]){y->in[0], y->in[1], y->in[2], y->in[3], dy}, &y->attr);
}
static vv_ref norm_grad(struct bench *b, const uint32_t *n) {
    const vv_ref sums = norm_sums(b, n);
    return vv_append(&b->tape, &vv_op_norm_grad, (const vv_ref[]){sums->in[0], sums->in[4], sums},
                     &sums->attr);
}
static vv_ref lerp(struct bench *b, const uint32_t *n) {
    const struct vv_shape flat = vv_shape1(n[1]);
    const vv_ref first = bench_input(b, flat), second = bench_input(b, flat);
    return vv_lerp(&b->tape, first, second, 0.1, bench_clock(b));
}

// ---- The table ----

#define OP(name, append, rows, columns)                                                                 \
    { &vv_op_##name, #name, append, {rows, columns, 0}, 0 }
#define ACTIVATION(name) OP(name, name##_of, BATCH, HIDDEN), OP(name##_grad, name##_grad, BATCH, HIDDEN)
static const struct bench_subject subjects[] = {
    OP(copy, copy, 1, PARAMETERS),
    OP(fill, fill, BATCH, PIXELS),
    OP(affine, affine, BATCH, PIXELS),
    OP(exp, exp_of, BATCH, PIXELS),
    OP(log, log_of, BATCH, PIXELS),
    OP(recip, recip_of, BATCH, PIXELS),
    OP(square, square, BATCH, PIXELS),
    OP(add, add_row, BATCH, PIXELS),
    OP(mul, mul, BATCH, PIXELS),
    ACTIVATION(relu),
    ACTIVATION(leaky_relu),
    ACTIVATION(elu),
    ACTIVATION(tanh),
    ACTIVATION(sigmoid),
    ACTIVATION(softplus),
    ACTIVATION(silu),
    ACTIVATION(gelu),
    {&vv_op_sum, "sum of columns", sum_columns, {BATCH, PIXELS}, 0},
    {&vv_op_sum, "sum of rows", sum_rows, {BATCH, PIXELS}, 0},
    {&vv_op_sum, "sum of tall columns", sum_columns, {FIRST, 32}, 0},
    OP(expand, expand, BATCH, PIXELS),
    OP(slice, slice, BATCH, HIDDEN),
    OP(pad, pad, BATCH, HIDDEN),
    OP(upsample_nearest, upsample, 64, PICTURE),
    OP(upsample_nearest_grad, upsample_grad, 64, PICTURE),
    OP(average_pool, pool, 64, PICTURE),
    OP(average_pool_grad, pool_grad, 64, PICTURE),
    OP(blur, blur, 64, 3 * 1024),
    {&vv_op_blur, "blur across", blur_across, {64, 3 * 1024}, 0},
    OP(blur_grad, blur_grad, 64, 3 * 1024),
    OP(halve, halve, FIRST, 32),
    OP(unhalve, unhalve, FIRST, 32),
    OP(noise, noise, BATCH, LATENT),
    OP(dropout, dropout, BATCH, HIDDEN),
    OP(augmented, augmented, BATCH, PIXELS),
    OP(binarized, binarized, BATCH, PIXELS),
    OP(reparameterise, reparameterise, BATCH, LATENT),
    OP(reparameterise_grad, reparameterise_grad, BATCH, LATENT),
    OP(gaussian_kl, gaussian_kl, BATCH, LATENT),
    OP(gaussian_kl_grad, gaussian_kl_grad, BATCH, LATENT),
    OP(gaussian_terms, gaussian_terms, BATCH, LATENT),
    OP(kl_weigh, kl_weigh, BATCH, LATENT),
    OP(bernoulli, bernoulli, BATCH, PIXELS),
    OP(bernoulli_both, bernoulli_both, BATCH, PIXELS),
    OP(bernoulli_grad, bernoulli_grad, BATCH, PIXELS),
    {&vv_op_categorical, "categorical-256", categorical, {BATCH, 64 * 256, 256}, 0},
    {&vv_op_categorical_both, "categorical-256 both", categorical_both, {BATCH, 64 * 256, 256}, 0},
    {&vv_op_categorical_both, "multinomial both", multinomial_both, {BATCH, 2000}, 0},
    {&vv_op_softmax, "softmax", softmax, {BATCH, 16 * 64, 64}, 0},
    {&vv_op_softmax_mean, "softmax_mean", softmax_mean, {BATCH, 64 * 256, 256}, 0},
    {&vv_op_one_hot, "one_hot", one_hot, {BATCH, 16 * 64, 64}, 0},
    {&vv_op_density, "gaussian", density, {BATCH, PIXELS, VV_DENSITY_GAUSSIAN}, 0},
    {&vv_op_density_both, "gaussian, both", density_both, {BATCH, PIXELS, VV_DENSITY_GAUSSIAN}, 0},
    {&vv_op_density_both,
     "continuous bernoulli, both",
     density_both,
     {BATCH, PIXELS, VV_DENSITY_CONTINUOUS_BERNOULLI},
     0},
    {&vv_op_density_both,
     "discretized logistic, both",
     density_both,
     {BATCH, PIXELS, VV_DENSITY_DISCRETIZED_LOGISTIC},
     0},
    {&vv_op_density_mean,
     "mean of discretized logistic",
     density_mean,
     {BATCH, PIXELS, VV_DENSITY_DISCRETIZED_LOGISTIC},
     0},
    OP(moments, moments, FIRST, 32),
    {&vv_op_moments, "moments of groups", moments, {SECOND, 64, 16}, 0},
    {&vv_op_norm, "batch norm", norm, {FIRST, 32}, 0},
    {&vv_op_norm, "group norm", norm, {SECOND, 64, 16}, 0},
    {&vv_op_norm, "layer norm", layer_norm, {BATCH, HIDDEN}, 0},
    OP(norm_sums, norm_sums, FIRST, 32),
    {&vv_op_norm_sums, "norm_sums of groups", norm_sums, {SECOND, 64, 16}, 0},
    OP(norm_grad, norm_grad, FIRST, 32),
    {&vv_op_norm_grad, "norm_grad of groups", norm_grad, {SECOND, 64, 16}, 0},
    OP(lerp, lerp, 1, PARAMETERS),
    OP(advance, advance, 469, VV_ROW_WORDS),
    {&vv_op_gather, "gather", gather, {BATCH, PIXELS, IMAGES}, 0},
    OP(guard, guard, 1, PARAMETERS),
    OP(record, record, BATCH, 469),
    OP(adam, adam, 1, PARAMETERS),
    OP(sgd, sgd, 1, PARAMETERS),
    OP(momentum, momentum, 1, PARAMETERS),
    OP(adagrad, adagrad, 1, PARAMETERS),
    OP(accumulate, accumulate, 1, PARAMETERS),
    OP(clip, clip, 1, PARAMETERS),
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

static const struct {
    const struct vv_op *op;
    const char *why;
} left_out[] = {
    {&vv_op_view, "nothing runs"},
    {&vv_op_stop, "nothing runs"},
    {&vv_op_kl_term, "nothing runs"},
    {&vv_op_matmul, "see gemm"},
    {&vv_op_linear, "see gemm"},
    {&vv_op_conv2d, "see conv"},
    {&vv_op_conv2d_bias, "see conv"},
    {&vv_op_conv2d_transposed, "see conv"},
    {&vv_op_conv2d_transposed_bias, "see conv"},
    {&vv_op_conv2d_weight_grad, "see conv"},
};
enum { LEFT_OUT = sizeof left_out / sizeof *left_out };

static const struct bench_column columns[] = {
    {"name", "op", -20, 0, 0},
    {"rows", "rows", 5, 1, 0},
    {"columns", "columns", 7, 1, 0},
    {"seconds_min", "min ms", 9, 1e3, 4},
    {"seconds_median", "median", 9, 1e3, 4},
    {"seconds_max", "max", 9, 1e3, 4},
    {"cpu_seconds", "CPU ms", 9, 1e3, 4},
    {"bytes", "MB", 8, 1e-6, 3},
    {"gbps", "GB/s", 8, 1, 2},
    {"share", "of peak %", 9, 1e2, 1},
    {"error", "error", 8, 1, -1},
    {NULL, NULL, 0, 0, 0},
};

static bool measure(struct bench_table *t, const struct bench_options *options,
                    const struct bench_subject *full, double peak) {
    struct bench b;
    struct bench_measured m;
    struct bench_subject small = *full, *s = &small;
    if (options->quick && s->n[0] >= SECOND) s->n[0] /= 16;  // the reference takes long
    if (!bench_open(&b, options)) return false;
    const bool ran = bench_measure(&b, s, &m);
    bench_close(&b);
    cJSON *row = ran ? bench_row(t, s->name) : NULL;
    if (!row) return false;
    (void)cJSON_AddStringToObject(row, "op", s->op->name);
    (void)cJSON_AddNumberToObject(row, "rows", s->n[0]);
    (void)cJSON_AddNumberToObject(row, "columns", s->n[1]);
    (void)cJSON_AddNumberToObject(row, "error", m.error);
    (void)cJSON_AddNumberToObject(row, "bytes", m.bytes);
    if (m.ok) {
        bench_row_spread(row, "seconds_", &m.seconds);
        (void)cJSON_AddNumberToObject(row, "cpu_seconds", m.cpu);
        bench_row_rate(row, "gbps", 1e9, m.bytes, peak, &m.seconds);
    }
    bench_row_end(t, row, m.ok);
    return true;
}

// Every op of the list is here, or said to be left out.
static bool check_list(struct bench_table *t) {
    bool all = true;
    for (uint32_t i = 0; i < vv_op_count; i++) {
        bool found = false;
        for (int s = 0; s < SUBJECTS && !found; s++) found = subjects[s].op == vv_ops[i];
        for (int s = 0; s < LEFT_OUT && !found; s++) {
            found = left_out[s].op == vv_ops[i];
            if (found) bench_table_note(t, "left out: %s, %s", vv_ops[i]->name, left_out[s].why);
        }
        if (!found) all = bench_fail("op '%s' has no benchmark in bench/ops.c", vv_ops[i]->name);
    }
    return all;
}

int bench_ops(const struct bench_options *options) {
    struct bench_table t;
    struct bench_peaks peaks;
    struct bench b;
    if (!bench_table_open(&t, options, columns) || !bench_open(&b, options)) return 1;
    bench_table_device(&t, b.device);
    bench_close(&b);
    t.failed |= !bench_peaks(&t, &peaks);
    for (int i = 0; i < SUBJECTS; i++) t.failed |= !measure(&t, options, &subjects[i], peaks.bytes);
    t.failed |= !check_list(&t);
    return bench_table_close(&t);
}
