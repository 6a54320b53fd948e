#include "cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bernoulli.h"
#include "categorical.h"
#include "conv.h"
#include "elementwise.h"
#include "gaussian.h"
#include "matmul.h"
#include "noise.h"
#include "nonlinear.h"
#include "norm.h"
#include "random.h"
#include "reduce.h"
#include "resample.h"
#include "slice.h"
#include "training.h"
#include "view.h"

static double random_uniform(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;  // Numerical Recipes
    return ((*seed >> 8) + 0.5) / 16777216.0;
}

double random_normal(uint32_t *seed) {
    double radius = sqrt(-2 * log(random_uniform(seed)));
    return radius * cos(6.283185307179586 * random_uniform(seed));
}

static void fill_reals(struct graph *g, vv_real *at, uint64_t n, enum kind kind) {
    for (uint64_t i = 0; i < n; i++) {
        double v = kind == PICTURE ? random_uniform(&g->seed) : random_normal(&g->seed);
        at[i] = (vv_real)(float)(kind == VARIANCE ? v * v : v);
    }
}

static void fill_words(struct graph *g, uint32_t *at, uint64_t n, enum kind kind, uint32_t limit) {
    if (kind == CLOCK) {
        const struct vv_clock clock = {.next = 1,
                                       .current = 1,
                                       .bad_step = VV_NO_BAD_STEP,
                                       .first = 2,
                                       .step = 5,
                                       .adam_scale = 1e-3f,
                                       .adam_root = 30.0f};
        memcpy(at, &clock, sizeof clock);
        return;
    }
    for (uint64_t i = 0; i < n; i++) at[i] = (uint32_t)(random_uniform(&g->seed) * limit);
    for (uint64_t i = 0; kind == TABLE && i + 3 < n; i += 4) {
        const float scale = (float)random_uniform(&g->seed);
        memcpy(&at[i + 2], &scale, sizeof scale);
        memcpy(&at[i + 3], &scale, sizeof scale);
    }
}

static vv_ref input_below(struct graph *g, enum kind kind, struct vv_shape shape, uint32_t limit) {
    static const char *const names[MAX_INPUTS] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    const bool real = kind <= VARIANCE;
    const uint32_t i = g->count++, late = real ? g->misalign : 0;
    const enum vv_type type = real ? VV_F32 : kind == BYTES ? VV_U8 : VV_U32;
    struct vv_shape whole = late ? vv_shape1((uint32_t)vv_shape_count(shape) + late) : shape;
    struct vv_state *s = g->state[i] = vv_store_add(g->t->store, names[i], type, whole);
    g->bytes[i] = calloc(1, s->bytes);
    if (real) {
        g->value[i] = g->bytes[i];
        fill_reals(g, g->value[i], vv_shape_count(whole), kind);
    } else if (kind == BYTES) {
        for (uint64_t b = 0; b < s->bytes; b++)
            ((unsigned char *)g->bytes[i])[b] = (unsigned char)(random_uniform(&g->seed) * 256);
    } else {
        fill_words(g, g->bytes[i], vv_shape_count(shape), kind, limit);
    }
    vv_ref leaf = vv_use(g->t, s);
    g->input[i] = late ? vv_view(g->t, leaf, late, shape) : leaf;
    g->differentiable[i] = kind == NORMAL;
    return g->input[i];
}

static vv_ref input(struct graph *g, enum kind kind, struct vv_shape shape) {
    return input_below(g, kind, shape, 1);
}

vv_ref graph_build(struct graph *g, const struct op_case *c, struct vv_tape *t, uint32_t misalign,
                   uint32_t seed) {
    *g = (struct graph){.t = t, .misalign = misalign, .seed = seed};
    return c->build(g, c->n);
}

void graph_finish(struct graph *g) {
    for (uint32_t i = 0; i < g->count; i++) free(g->bytes[i]);
    *g = (struct graph){0};
}

// ---- views ----

static vv_ref view_case(struct graph *g, const uint32_t *n) {  // n[0] elements from n[1] on of n[2]
    vv_ref x = vv_view(g->t, input(g, NORMAL, vv_shape1(n[2])), n[1], vv_shape2(1, n[0]));
    (void)vv_square(g->t, x);  // a view alone asks nothing of the device
    return x;
}

static vv_ref stop_case(struct graph *g, const uint32_t *n) {
    vv_ref x = vv_stop(g->t, input(g, WEIGHT, vv_shape2(n[0], n[1])));
    (void)vv_square(g->t, x);
    return x;
}

static vv_ref copy_case(struct graph *g, const uint32_t *n) {
    vv_ref target = input(g, WEIGHT, vv_shape1(n[0])), x = input(g, WEIGHT, vv_shape1(n[0]));
    return vv_append(g->t, &vv_op_copy, (const vv_ref[]){target, x}, NULL);
}

// ---- elementwise: [n0, n1] ----

static vv_ref fill_case(struct graph *g, const uint32_t *n) {
    return vv_fill(g->t, vv_shape2(n[0], n[1]), 1.5);
}
static vv_ref affine_case(struct graph *g, const uint32_t *n) {
    return vv_affine(g->t, input(g, NORMAL, vv_shape2(n[0], n[1])), -1.75, 0.5);
}
static vv_ref exp_case(struct graph *g, const uint32_t *n) {
    return vv_exp_of(g->t, input(g, NORMAL, vv_shape2(n[0], n[1])));
}
static vv_ref square_case(struct graph *g, const uint32_t *n) {
    return vv_square(g->t, input(g, NORMAL, vv_shape2(n[0], n[1])));
}

// ---- nonlinear functions and their gradients: [n0, n1] ----

#define NONLINEAR_CASES(name, function)                                                                 \
    static vv_ref name##_case(struct graph *g, const uint32_t *n) {                                     \
        return function(g->t, input(g, NORMAL, vv_shape2(n[0], n[1])));                                 \
    }                                                                                                   \
    static vv_ref name##_grad_case(struct graph *g, const uint32_t *n) {                                \
        vv_ref v = input(g, WEIGHT, vv_shape2(n[0], n[1]));                                             \
        return vv_##name##_grad(g->t, v, input(g, WEIGHT, vv_shape2(n[0], n[1])));                      \
    }
NONLINEAR_CASES(relu, vv_relu)
NONLINEAR_CASES(leaky_relu, vv_leaky_relu_of)
NONLINEAR_CASES(elu, vv_elu_of)
NONLINEAR_CASES(tanh, vv_tanh_of)
NONLINEAR_CASES(sigmoid, vv_sigmoid_of)
NONLINEAR_CASES(softplus, vv_softplus_of)
NONLINEAR_CASES(silu, vv_silu_of)
NONLINEAR_CASES(gelu, vv_gelu_of)

// a [n0,n1], b by n3: 0 the same shape, 1 a row, 2 a column, 3 one element, 4 three dimensions over a
// row
static vv_ref broadcast(struct graph *g, const uint32_t *n,
                        vv_ref (*op)(struct vv_tape *, vv_ref, vv_ref)) {
    const struct vv_shape shapes[] = {vv_shape2(n[0], n[1]), vv_shape1(n[1]), vv_shape2(n[0], 1),
                                      vv_shape1(1), vv_shape3(n[2], 1, n[1])};
    vv_ref a = input(g, NORMAL, vv_shape2(n[0], n[1])), b = input(g, NORMAL, shapes[n[3]]);
    return n[3] % 2 ? op(g->t, b, a) : op(g->t, a, b);
}
static vv_ref add_case(struct graph *g, const uint32_t *n) {
    return broadcast(g, n, vv_add);
}
static vv_ref mul_case(struct graph *g, const uint32_t *n) {
    return broadcast(g, n, vv_mul);
}

// ---- sums: x [n0,n1,n2]; n3: what remains ----

static struct vv_shape part(const uint32_t *n) {
    const struct vv_shape shapes[] = {vv_shape1(1), vv_shape1(n[2]), vv_shape3(n[0], n[1], 1),
                                      vv_shape3(n[0], 1, n[2]), vv_shape3(1, n[1], 1)};
    return shapes[n[3]];
}
static vv_ref sum_case(struct graph *g, const uint32_t *n) {
    return vv_sum_to(g->t, input(g, NORMAL, vv_shape3(n[0], n[1], n[2])), part(n));
}
// Of more terms than a loop of llvmpipe goes round.
static vv_ref tall_sum_case(struct graph *g, const uint32_t *n) {
    return vv_sum_to(g->t, input(g, PICTURE, vv_shape3(n[0], n[1], n[2])), part(n));
}
static vv_ref expand_case(struct graph *g, const uint32_t *n) {
    return vv_expand(g->t, input(g, NORMAL, part(n)), vv_shape3(n[0], n[1], n[2]));
}

// ---- slices: axis n0 of [5,n1,n2], width n3 from 1 on ----

static vv_ref slice_case(struct graph *g, const uint32_t *n) {
    return vv_slice(g->t, input(g, NORMAL, vv_shape3(5, n[1], n[2])), n[0], 1, n[3]);
}
static vv_ref pad_case(struct graph *g, const uint32_t *n) {
    vv_ref x = input(g, NORMAL, vv_shape3(5, n[1], n[2]));
    return vv_pad(g->t, x, n[0], 1, x->shape.dim[n[0]] + n[3]);
}

// ---- pictures of other sizes: [2,n0,n1,n2] is the fine one ----

static vv_ref fine(struct graph *g, const uint32_t *n) {
    return input(g, NORMAL, vv_shape4(2, n[0], n[1], n[2]));
}
static vv_ref coarse(struct graph *g, const uint32_t *n) {
    return input(g, NORMAL, vv_shape4(2, (n[0] + 1) / 2, (n[1] + 1) / 2, n[2]));
}
static vv_ref upsample_case(struct graph *g, const uint32_t *n) {
    return vv_upsample_nearest(g->t, coarse(g, n), n[0], n[1]);
}
static vv_ref upsample_grad_case(struct graph *g, const uint32_t *n) {
    return vv_upsample_nearest_grad(g->t, fine(g, n));
}
static vv_ref pool_case(struct graph *g, const uint32_t *n) {
    return vv_average_pool(g->t, fine(g, n));
}
static vv_ref pool_grad_case(struct graph *g, const uint32_t *n) {
    return vv_average_pool_grad(g->t, coarse(g, n), n[0], n[1]);
}

// ---- products: m, n, k; n3: form (tall: + 3) or activation ----

static vv_ref matmul_case(struct graph *g, const uint32_t *n) {
    const uint32_t rows = n[0], columns = n[1], k = n[2];
    const uint32_t form = n[3] % 3;
    // Of many terms of any sign little is left but rounding.
    const enum kind kind = n[3] < 3 ? NORMAL : PICTURE;
    struct vv_shape a = form == 2 ? vv_shape2(k, rows) : vv_shape2(rows, k);
    struct vv_shape b = form == 1 ? vv_shape2(columns, k) : vv_shape2(k, columns);
    vv_ref left = input(g, kind, a), right = input(g, kind, b);
    return form == 0   ? vv_matmul_nn(g->t, left, right)
           : form == 1 ? vv_matmul_nt(g->t, left, right)
                       : vv_matmul_tn(g->t, left, right);
}
static vv_ref linear_case(struct graph *g, const uint32_t *n) {
    vv_ref x = input(g, NORMAL, vv_shape2(n[0], n[2])), w = input(g, NORMAL, vv_shape2(n[1], n[2]));
    vv_ref b = input(g, NORMAL, vv_shape1(n[1]));
    return vv_linear(g->t, x, w, b, n[3] ? VV_RELU : VV_IDENTITY);
}

// ---- convolutions: n0 a row of this table; n1: with bias ----

static const struct {
    uint32_t batch, height, width, channels, out_channels;
    struct vv_window window;
} conv_sizes[] = {
    {1, 1, 1, 1, 1, {{1, 1}, {1, 1}, {0, 0}, {1, 1}}},
    {2, 1, 1, 5, 6, {{3, 3}, {2, 2}, {1, 1}, {1, 1}}},
    {1, 1, 97, 3, 4, {{1, 5}, {1, 2}, {0, 2}, {1, 1}}},
    {3, 7, 5, 4, 8, {{3, 3}, {2, 2}, {1, 1}, {1, 1}}},
    {2, 8, 9, 3, 7, {{4, 4}, {2, 2}, {1, 1}, {1, 1}}},
    {1, 11, 6, 8, 4, {{3, 3}, {1, 1}, {2, 2}, {2, 2}}},
    {2, 9, 10, 12, 4, {{3, 2}, {3, 2}, {0, 1}, {1, 2}}},
    {2, 6, 7, 4, 36, {{3, 3}, {1, 1}, {1, 1}, {1, 1}}},
    {1, 12, 8, 36, 40, {{5, 3}, {1, 2}, {2, 1}, {1, 1}}},
    {3, 9, 8, 32, 3, {{3, 3}, {1, 1}, {1, 1}, {1, 1}}},
    {2, 7, 4, 5, 9, {{2, 1}, {3, 3}, {0, 0}, {2, 1}}},
    {3, 149, 150, 1, 2, {{1, 2}, {1, 1}, {0, 0}, {1, 1}}},
};

static vv_ref conv_case(struct graph *g, const uint32_t *n) {
    const uint32_t c = conv_sizes[n[0]].channels, o = conv_sizes[n[0]].out_channels;
    const struct vv_window w = conv_sizes[n[0]].window;
    vv_ref x =
        input(g, NORMAL,
              vv_shape4(conv_sizes[n[0]].batch, conv_sizes[n[0]].height, conv_sizes[n[0]].width, c));
    vv_ref weight = input(g, NORMAL, vv_shape4(o, w.kernel[0], w.kernel[1], c));
    return vv_conv2d(g->t, x, weight, n[1] ? input(g, NORMAL, vv_shape1(o)) : NULL, w);
}

// Of y, as the window makes it from that picture.
static struct vv_shape conv_result(uint32_t row) {
    const struct vv_window w = conv_sizes[row].window;
    const uint32_t size[] = {conv_sizes[row].height, conv_sizes[row].width};
    uint32_t out[2];
    for (uint32_t i = 0; i < 2; i++)
        out[i] = (size[i] + 2 * w.pad[i] - w.dilation[i] * (w.kernel[i] - 1) - 1) / w.stride[i] + 1;
    return vv_shape4(conv_sizes[row].batch, out[0], out[1], conv_sizes[row].out_channels);
}

static vv_ref conv_transposed_case(struct graph *g, const uint32_t *n) {
    const uint32_t c = conv_sizes[n[0]].channels, o = conv_sizes[n[0]].out_channels;
    const struct vv_window w = conv_sizes[n[0]].window;
    vv_ref x = input(g, NORMAL, conv_result(n[0]));
    vv_ref weight = input(g, NORMAL, vv_shape4(o, w.kernel[0], w.kernel[1], c));
    return vv_conv2d_transposed(g->t, x, weight, n[1] ? input(g, NORMAL, vv_shape1(c)) : NULL, w,
                                conv_sizes[n[0]].height, conv_sizes[n[0]].width);
}

static vv_ref conv_weight_grad_case(struct graph *g, const uint32_t *n) {
    const enum kind kind = n[1] ? PICTURE : NORMAL;
    vv_ref x = input(g, kind,
                     vv_shape4(conv_sizes[n[0]].batch, conv_sizes[n[0]].height, conv_sizes[n[0]].width,
                               conv_sizes[n[0]].channels));
    return vv_conv2d_weight_grad(g->t, x, input(g, kind, conv_result(n[0])), conv_sizes[n[0]].window);
}

// ---- the VAE's own: batch n0, latent or pixels n1 ----

static vv_ref noise_case(struct graph *g, const uint32_t *n) {
    return vv_noise(g->t, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), n[0], n[1], 42, VV_STREAM_TRAIN);
}
static vv_ref dropout_case(struct graph *g, const uint32_t *n) {  // of [n0,n1,n2], n3 of 8 dropped
    vv_ref x = input(g, NORMAL, vv_shape3(n[0], n[1], n[2]));
    return vv_dropout(g->t, x, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), n[3] / 8.0, 42, 3);
}
// 9 pictures of n0 x n1 x n2; n3: bits for flip, vertical flip, shift, brightness, contrast, noise
static vv_ref augmented_case(struct graph *g, const uint32_t *n) {
    const struct vv_augment a = {.flip = n[3] & 1,
                                 .vertical_flip = n[3] & 2,
                                 .shift = n[3] & 4 ? 3 : 0,
                                 .brightness = n[3] & 8 ? 0.2f : 0,
                                 .contrast = n[3] & 16 ? 0.3f : 0,
                                 .noise = n[3] & 32 ? 0.1f : 0};
    vv_ref x = input(g, PICTURE, vv_shape2(9, n[0] * n[1] * n[2]));
    return vv_augmented(g->t, x, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), n[0], n[1], n[2], &a, 42);
}
static vv_ref reparameterise_case(struct graph *g, const uint32_t *n) {
    vv_ref head = input(g, NORMAL, vv_shape2(n[0], 2 * n[1])),
           eps = input(g, NORMAL, vv_shape2(n[0], n[1]));
    return vv_reparameterise(g->t, head, eps);
}
static vv_ref reparameterise_grad_case(struct graph *g, const uint32_t *n) {
    vv_ref head = input(g, WEIGHT, vv_shape2(n[0], 2 * n[1])),
           eps = input(g, WEIGHT, vv_shape2(n[0], n[1]));
    return vv_reparameterise_grad(g->t, head, eps, input(g, WEIGHT, vv_shape2(n[0], n[1])), 0.25 * n[2]);
}
static vv_ref gaussian_kl_case(struct graph *g, const uint32_t *n) {
    return vv_gaussian_kl(g->t, input(g, NORMAL, vv_shape2(n[0], 2 * n[1])));
}
static vv_ref gaussian_kl_grad_case(struct graph *g, const uint32_t *n) {
    vv_ref head = input(g, WEIGHT, vv_shape2(n[0], 2 * n[1]));
    return vv_gaussian_kl_grad(g->t, head, input(g, WEIGHT, vv_shape1(n[0])));
}
static vv_ref bernoulli_case(struct graph *g, const uint32_t *n) {
    vv_ref logits = input(g, NORMAL, vv_shape2(n[0], n[1]));
    return vv_bernoulli(g->t, vv_affine(g->t, logits, 5.0, 0.0),
                        input(g, NORMAL, vv_shape2(n[0], n[1])));
}
static vv_ref bernoulli_both_case(struct graph *g, const uint32_t *n) {
    vv_ref logits = vv_affine(g->t, input(g, WEIGHT, vv_shape2(n[0], n[1])), 5.0, 0.0);
    return vv_bernoulli_both(g->t, logits, input(g, PICTURE, vv_shape2(n[0], n[1])), 1.0 / n[0]);
}
static vv_ref bernoulli_grad_case(struct graph *g, const uint32_t *n) {
    vv_ref logits = input(g, WEIGHT, vv_shape2(n[0], n[1])),
           x = input(g, PICTURE, vv_shape2(n[0], n[1]));
    return vv_bernoulli_grad(g->t, logits, x, input(g, WEIGHT, vv_shape1(n[0])));
}
// [n0, n1 n2] logits of n1 distributions over n2 kinds; n2 = 0: counts of n1 kinds.
static vv_ref counted(struct graph *g, const uint32_t *n) {
    // Few counts are large: bytes whose value is small mostly.
    return vv_mul(g->t, input(g, PICTURE, vv_shape2(n[0], n[1])),
                  vv_affine(g->t, input(g, PICTURE, vv_shape2(n[0], 1)), n[3] ? 1 : 0.02, 0));
}
static vv_ref categorical_case(struct graph *g, const uint32_t *n) {
    vv_ref logits = vv_affine(g->t, input(g, NORMAL, vv_shape2(n[0], n[1] * (n[2] ? n[2] : 1))), 3, 0);
    if (!n[2]) return vv_multinomial(g->t, logits, counted(g, n));
    return vv_categorical(g->t, logits, input(g, PICTURE, vv_shape2(n[0], n[1])), n[2]);
}
static vv_ref categorical_both_case(struct graph *g, const uint32_t *n) {
    vv_ref logits = input(g, WEIGHT, vv_shape2(n[0], n[1] * (n[2] ? n[2] : 1)));
    if (!n[2]) return vv_multinomial_both(g->t, logits, counted(g, n), 1.0 / n[0]);
    vv_ref x = input(g, PICTURE, vv_shape2(n[0], n[1]));
    return vv_categorical_both(g->t, logits, x, n[2], 1.0 / n[0]);
}
static vv_ref softmax_case(struct graph *g, const uint32_t *n) {
    return vv_softmax(g->t, input(g, NORMAL, vv_shape2(n[0], n[1] * n[2])), n[2]);
}
static vv_ref softmax_mean_case(struct graph *g, const uint32_t *n) {
    return vv_softmax_mean(g->t, input(g, WEIGHT, vv_shape2(n[0], n[1] * n[2])), n[2]);
}
static vv_ref one_hot_case(struct graph *g, const uint32_t *n) {
    return vv_one_hot(g->t, input(g, PICTURE, vv_shape2(n[0], n[1])), n[2]);
}
static vv_ref log_count_case(struct graph *g, const uint32_t *n) {
    return vv_log_count(g->t, vv_square(g->t, input(g, NORMAL, vv_shape2(n[0], n[1]))));
}

// ---- normalisation: x [n0,n1,n2]; n3: groups and ten times the activation ----

enum { BATCH = 0, RUNNING = 9 };  // in place of groups

static vv_ref norm_of(struct graph *g, const uint32_t *n, enum kind kind, double mean) {
    vv_ref x = input(g, kind, vv_shape3(n[0], n[1], n[2]));
    vv_ref gamma = input(g, kind, vv_shape1(n[2])), beta = input(g, kind, vv_shape1(n[2]));
    for (uint64_t i = 0; mean != 0 && i < g->state[0]->bytes / sizeof(vv_real); i++)
        g->value[0][i] = (vv_real)(float)((double)g->value[0][i] + mean);
    const uint32_t groups = n[3] % 10;
    const enum vv_norm_activation f = n[3] / 10;
    if (groups != BATCH && groups != RUNNING) return vv_group_norm(g->t, x, gamma, beta, groups, f);
    vv_ref moments = groups == BATCH ? vv_moments(g->t, x) : input(g, VARIANCE, vv_shape2(2, n[2]));
    return vv_batch_norm(g->t, x, moments, gamma, beta, f);
}
static vv_ref norm_case(struct graph *g, const uint32_t *n) {
    return norm_of(g, n, NORMAL, 0);
}
static vv_ref layer_norm_case(struct graph *g, const uint32_t *n) {
    vv_ref x = input(g, NORMAL, vv_shape3(n[0], n[1], n[2])), gamma = input(g, NORMAL, vv_shape1(n[2]));
    vv_ref y = vv_layer_norm(g->t, x, gamma, input(g, NORMAL, vv_shape1(n[2])));
    return y->view_of;
}
static vv_ref moments_case(struct graph *g, const uint32_t *n) {
    return norm_of(g, n, NORMAL, 0)->in[1];
}
// A deviation of 1 about a mean of 1000: no variance is left where squares are subtracted.
static vv_ref far_moments_case(struct graph *g, const uint32_t *n) {
    vv_ref moments = norm_of(g, n, WEIGHT, 1000)->in[1];
    return vv_slice(g->t, moments, moments->shape.rank - 2, 1, 1);
}
static vv_ref norm_sums_case(struct graph *g, const uint32_t *n) {
    vv_ref y = norm_of(g, n, WEIGHT, 0), dy = input(g, WEIGHT, y->shape);
    return vv_append(g->t, &vv_op_norm_sums,
                     (const vv_ref[]){y->in[0], y->in[1], y->in[2], y->in[3], dy}, &y->attr);
}
static vv_ref norm_grad_case(struct graph *g, const uint32_t *n) {
    vv_ref sums = norm_sums_case(g, n);
    return vv_append(g->t, &vv_op_norm_grad, (const vv_ref[]){sums->in[0], sums->in[4], sums},
                     &sums->attr);
}
static vv_ref lerp_case(struct graph *g, const uint32_t *n) {
    vv_ref a = input(g, WEIGHT, vv_shape1(n[0])), b = input(g, WEIGHT, vv_shape1(n[0]));
    return vv_lerp(g->t, a, b, 0.1, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)));
}

// ---- the training step's own ----

static vv_ref advance_case(struct graph *g, const uint32_t *n) {
    vv_ref clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS));
    return vv_advance(g->t, clock, input_below(g, TABLE, vv_shape2(n[0], VV_ROW_WORDS), 100));
}
// n0 rows gathered out of n1 pictures of n2 pixels; some indices are beyond the set, some rows beyond
// the order; n3: the set is of floats
static vv_ref gather_case(struct graph *g, const uint32_t *n) {
    vv_ref data = input(g, n[3] ? WEIGHT : BYTES, vv_shape2(n[1], n[2])),
           order = input_below(g, INDEX, vv_shape1(n[0]), n[1] + 1);
    return vv_gather(g->t, data, order, input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), n[0]);
}
// n1: the element of n0 (0: none) that is n2: 0 NaN, 1 infinite, 2 the limit, 3 just below it; n3: a
// limit is set
static vv_ref guard_case(struct graph *g, const uint32_t *n) {
    const float odd[] = {NAN, -INFINITY, -0x1p63f, 0x1.fffffep62f};
    vv_ref clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS)), x = input(g, WEIGHT, vv_shape1(n[0]));
    if (n[1]) g->value[1][g->misalign + n[1]] = (vv_real)odd[n[2]];
    return vv_guard(g->t, clock, x, n[3] ? VV_GRADIENT_LIMIT : INFINITY);
}
// n1: guarded; n2: the tensor (0: none) whose last element is infinite
static vv_ref record_case(struct graph *g, const uint32_t *n) {
    vv_ref log = input(g, WEIGHT, vv_shape2(3, 2)), a = input(g, WEIGHT, vv_shape1(n[0]));
    vv_ref b = input(g, WEIGHT, vv_shape1(n[0])), clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS));
    if (n[2]) g->value[n[2]][g->misalign + n[0] - 1] = (vv_real)INFINITY;
    return vv_record(g->t, log, a, b, clock, n[1]);
}
static vv_ref adam_case(struct graph *g, const uint32_t *n) {
    struct vv_shape flat = vv_shape1(n[0]);
    vv_ref p = input(g, WEIGHT, flat), d = input(g, WEIGHT, flat), m = input(g, WEIGHT, flat);
    vv_ref v = input(g, VARIANCE, flat), clock = input(g, CLOCK, vv_shape1(VV_CLOCK_WORDS));
    return vv_adam(g->t, p, d, m, v, clock, 0.9, 0.999, 1e-8);
}
// The same with the latch set: nothing may change.
static vv_ref latched_case(struct graph *g, const uint32_t *n) {
    vv_ref y = n[1] == 0   ? adam_case(g, n)
               : n[1] == 1 ? record_case(g, (const uint32_t[]){n[0], 1, 0})
               : n[1] == 3 ? lerp_case(g, n)
                           : advance_case(g, n);
    for (uint32_t i = 0; i < g->count; i++)
        if (g->state[i]->type == VV_U32 && vv_shape_count(g->state[i]->shape) == VV_CLOCK_WORDS)
            ((struct vv_clock *)g->bytes[i])->bad_step = 3;
    return y;
}

const struct op_case op_cases[] = {
    {&vv_op_view, view_case, {7, 5, 13, 0}},
    {&vv_op_stop, stop_case, {3, 7, 0, 0}},
    {&vv_op_copy, copy_case, {1, 0, 0, 0}},
    {&vv_op_copy, copy_case, {132, 0, 0, 0}},
    {&vv_op_copy, copy_case, {97, 0, 0, 0}},
    {&vv_op_fill, fill_case, {1, 1, 0, 0}},
    {&vv_op_fill, fill_case, {7, 129, 0, 0}},
    {&vv_op_fill, fill_case, {8, 16, 0, 0}},
    {&vv_op_affine, affine_case, {1, 1, 0, 0}},
    {&vv_op_affine, affine_case, {97, 129, 0, 0}},
    {&vv_op_affine, affine_case, {128, 784, 0, 0}},
    {&vv_op_exp, exp_case, {7, 97, 0, 0}},
    {&vv_op_exp, exp_case, {8, 16, 0, 0}},
    {&vv_op_square, square_case, {1, 129, 0, 0}},
    {&vv_op_square, square_case, {8, 16, 0, 0}},
    {&vv_op_relu, relu_case, {7, 97, 0, 0}},
    {&vv_op_relu, relu_case, {8, 16, 0, 0}},
    {&vv_op_relu_grad, relu_grad_case, {7, 97, 0, 0}},
    {&vv_op_relu_grad, relu_grad_case, {8, 16, 0, 0}},
    {&vv_op_leaky_relu, leaky_relu_case, {7, 97, 0, 0}},
    {&vv_op_leaky_relu, leaky_relu_case, {8, 16, 0, 0}},
    {&vv_op_leaky_relu_grad, leaky_relu_grad_case, {7, 97, 0, 0}},
    {&vv_op_leaky_relu_grad, leaky_relu_grad_case, {8, 16, 0, 0}},
    {&vv_op_elu, elu_case, {7, 97, 0, 0}},
    {&vv_op_elu, elu_case, {8, 16, 0, 0}},
    {&vv_op_elu_grad, elu_grad_case, {7, 97, 0, 0}},
    {&vv_op_elu_grad, elu_grad_case, {8, 16, 0, 0}},
    {&vv_op_tanh, tanh_case, {7, 97, 0, 0}},
    {&vv_op_tanh, tanh_case, {8, 16, 0, 0}},
    {&vv_op_tanh_grad, tanh_grad_case, {7, 97, 0, 0}},
    {&vv_op_tanh_grad, tanh_grad_case, {8, 16, 0, 0}},
    {&vv_op_sigmoid, sigmoid_case, {7, 97, 0, 0}},
    {&vv_op_sigmoid, sigmoid_case, {8, 16, 0, 0}},
    {&vv_op_sigmoid_grad, sigmoid_grad_case, {7, 97, 0, 0}},
    {&vv_op_sigmoid_grad, sigmoid_grad_case, {8, 16, 0, 0}},
    {&vv_op_softplus, softplus_case, {7, 97, 0, 0}},
    {&vv_op_softplus, softplus_case, {8, 16, 0, 0}},
    {&vv_op_softplus_grad, softplus_grad_case, {7, 97, 0, 0}},
    {&vv_op_softplus_grad, softplus_grad_case, {8, 16, 0, 0}},
    {&vv_op_silu, silu_case, {7, 97, 0, 0}},
    {&vv_op_silu, silu_case, {8, 16, 0, 0}},
    {&vv_op_silu_grad, silu_grad_case, {7, 97, 0, 0}},
    {&vv_op_silu_grad, silu_grad_case, {8, 16, 0, 0}},
    {&vv_op_gelu, gelu_case, {7, 97, 0, 0}},
    {&vv_op_gelu, gelu_case, {8, 16, 0, 0}},
    {&vv_op_gelu_grad, gelu_grad_case, {7, 97, 0, 0}},
    {&vv_op_gelu_grad, gelu_grad_case, {8, 16, 0, 0}},
    {&vv_op_add, add_case, {7, 129, 3, 0}},
    {&vv_op_add, add_case, {8, 16, 3, 0}},
    {&vv_op_add, add_case, {7, 97, 3, 1}},
    {&vv_op_add, add_case, {8, 16, 3, 1}},
    {&vv_op_add, add_case, {7, 97, 3, 2}},
    {&vv_op_add, add_case, {7, 97, 3, 3}},
    {&vv_op_add, add_case, {7, 9, 3, 4}},
    {&vv_op_mul, mul_case, {8, 16, 3, 0}},
    {&vv_op_mul, mul_case, {7, 97, 3, 1}},
    {&vv_op_mul, mul_case, {7, 97, 3, 2}},
    {&vv_op_mul, mul_case, {7, 97, 3, 3}},
    {&vv_op_mul, mul_case, {7, 9, 3, 4}},
    {&vv_op_sum, sum_case, {3, 37, 28, 3}},
    {&vv_op_sum, sum_case, {1, 129, 40, 1}},
    {&vv_op_sum, sum_case, {7, 9, 97, 0}},
    {&vv_op_sum, sum_case, {7, 9, 97, 1}},
    {&vv_op_sum, sum_case, {7, 9, 129, 2}},
    {&vv_op_sum, sum_case, {7, 9, 5, 3}},
    {&vv_op_sum, sum_case, {7, 9, 5, 4}},
    {&vv_op_sum, sum_case, {1, 128, 784, 1}},
    {&vv_op_sum, sum_case, {3, 1009, 8, 1}},
    {&vv_op_sum, sum_case, {2, 3000, 3, 3}},
    {&vv_op_sum, tall_sum_case, {1, 2049, 5, 1}},
    {&vv_op_sum, tall_sum_case, {3, 2060, 12, 3}},
    {&vv_op_sum, tall_sum_case, {1, 67001, 4, 1}},
    {&vv_op_sum, tall_sum_case, {1, 1 << 18, 3, 1}},
    {&vv_op_sum, tall_sum_case, {1, 300, 2001, 0}},
    {&vv_op_expand, expand_case, {7, 9, 97, 0}},
    {&vv_op_expand, expand_case, {7, 9, 97, 1}},
    {&vv_op_expand, expand_case, {7, 9, 16, 1}},
    {&vv_op_expand, expand_case, {7, 9, 129, 2}},
    {&vv_op_expand, expand_case, {7, 9, 5, 3}},
    {&vv_op_slice, slice_case, {0, 7, 3, 2}},
    {&vv_op_slice, slice_case, {1, 7, 3, 4}},
    {&vv_op_slice, slice_case, {2, 7, 97, 13}},
    {&vv_op_slice, slice_case, {2, 8, 4, 3}},
    {&vv_op_slice, slice_case, {1, 7, 8, 4}},
    {&vv_op_pad, pad_case, {0, 7, 3, 2}},
    {&vv_op_pad, pad_case, {1, 7, 3, 4}},
    {&vv_op_pad, pad_case, {2, 7, 97, 13}},
    {&vv_op_pad, pad_case, {2, 8, 3, 1}},
    {&vv_op_pad, pad_case, {1, 7, 8, 2}},
    {&vv_op_upsample_nearest, upsample_case, {1, 1, 1, 0}},
    {&vv_op_upsample_nearest, upsample_case, {1, 97, 1, 0}},
    {&vv_op_upsample_nearest, upsample_case, {17, 23, 3, 0}},
    {&vv_op_upsample_nearest, upsample_case, {6, 5, 8, 0}},
    {&vv_op_upsample_nearest_grad, upsample_grad_case, {17, 23, 3, 0}},
    {&vv_op_upsample_nearest_grad, upsample_grad_case, {6, 5, 8, 0}},
    {&vv_op_average_pool, pool_case, {1, 97, 1, 0}},
    {&vv_op_average_pool, pool_case, {17, 23, 3, 0}},
    {&vv_op_average_pool, pool_case, {6, 5, 8, 0}},
    {&vv_op_average_pool_grad, pool_grad_case, {17, 23, 3, 0}},
    {&vv_op_average_pool_grad, pool_grad_case, {6, 5, 8, 0}},
    {&vv_op_matmul, matmul_case, {1, 1, 1, 0}},
    {&vv_op_matmul, matmul_case, {1, 1, 1, 1}},
    {&vv_op_matmul, matmul_case, {1, 1, 1, 2}},
    {&vv_op_matmul, matmul_case, {7, 97, 129, 0}},
    {&vv_op_matmul, matmul_case, {7, 97, 129, 1}},
    {&vv_op_matmul, matmul_case, {7, 97, 129, 2}},
    {&vv_op_matmul, matmul_case, {12, 8, 20, 0}},
    {&vv_op_matmul, matmul_case, {12, 8, 20, 1}},
    {&vv_op_matmul, matmul_case, {12, 8, 20, 2}},
    {&vv_op_matmul, matmul_case, {97, 784, 401, 0}},
    {&vv_op_matmul, matmul_case, {97, 401, 784, 1}},
    {&vv_op_matmul, matmul_case, {401, 129, 97, 2}},
    {&vv_op_matmul, matmul_case, {128, 784, 400, 0}},
    {&vv_op_matmul, matmul_case, {128, 20, 400, 0}},
    {&vv_op_matmul, matmul_case, {128, 40, 400, 1}},
    {&vv_op_matmul, matmul_case, {40, 400, 128, 2}},
    {&vv_op_matmul, matmul_case, {400, 20, 96, 2}},
    {&vv_op_matmul, matmul_case, {784, 400, 128, 2}},
    {&vv_op_matmul, matmul_case, {33, 5, 261, 0}},
    {&vv_op_matmul, matmul_case, {5, 33, 67, 2}},
    // More rounds of a loop than llvmpipe makes: see VV_MOST_ROUNDS.
    {&vv_op_matmul, matmul_case, {3, 2, 65601, 3 + 2}},
    {&vv_op_matmul, matmul_case, {4, 4, 262200, 3 + 1}},
    {&vv_op_linear, linear_case, {1, 1, 1, 1}},
    {&vv_op_linear, linear_case, {7, 97, 129, 0}},
    {&vv_op_linear, linear_case, {7, 97, 129, 1}},
    {&vv_op_linear, linear_case, {12, 8, 20, 1}},
    {&vv_op_linear, linear_case, {97, 401, 784, 1}},
    {&vv_op_linear, linear_case, {128, 400, 784, 1}},
    {&vv_op_linear, linear_case, {96, 784, 400, 0}},
    {&vv_op_linear, linear_case, {128, 40, 400, 0}},
    {&vv_op_conv2d, conv_case, {0, 0, 0, 0}},
    {&vv_op_conv2d, conv_case, {3, 0, 0, 0}},
    {&vv_op_conv2d, conv_case, {5, 0, 0, 0}},
    {&vv_op_conv2d, conv_case, {8, 0, 0, 0}},
    {&vv_op_conv2d, conv_case, {9, 0, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {1, 1, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {2, 1, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {4, 1, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {6, 1, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {7, 1, 0, 0}},
    {&vv_op_conv2d_bias, conv_case, {10, 1, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {0, 0, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {3, 0, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {5, 0, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {7, 0, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {8, 0, 0, 0}},
    {&vv_op_conv2d_transposed, conv_transposed_case, {9, 0, 0, 0}},
    {&vv_op_conv2d_transposed_bias, conv_transposed_case, {1, 1, 0, 0}},
    {&vv_op_conv2d_transposed_bias, conv_transposed_case, {2, 1, 0, 0}},
    {&vv_op_conv2d_transposed_bias, conv_transposed_case, {4, 1, 0, 0}},
    {&vv_op_conv2d_transposed_bias, conv_transposed_case, {6, 1, 0, 0}},
    {&vv_op_conv2d_transposed_bias, conv_transposed_case, {10, 1, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {0, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {1, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {2, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {3, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {4, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {5, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {6, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {7, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {8, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {9, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {10, 0, 0, 0}},
    {&vv_op_conv2d_weight_grad, conv_weight_grad_case, {11, 1, 0, 0}},
    {&vv_op_noise, noise_case, {1, 1, 0, 0}},
    {&vv_op_noise, noise_case, {97, 7, 0, 0}},
    {&vv_op_noise, noise_case, {128, 20, 0, 0}},
    {&vv_op_dropout, dropout_case, {1, 1, 1, 4}},
    {&vv_op_dropout, dropout_case, {7, 97, 1, 1}},
    {&vv_op_dropout, dropout_case, {3, 23, 3, 2}},
    {&vv_op_dropout, dropout_case, {5, 6, 8, 7}},
    {&vv_op_dropout, dropout_case, {2, 2, 2, 0}},
    {&vv_op_augmented, augmented_case, {1, 1, 1, 63}},
    {&vv_op_augmented, augmented_case, {1, 97, 1, 63}},
    {&vv_op_augmented, augmented_case, {17, 23, 3, 63}},
    {&vv_op_augmented, augmented_case, {8, 8, 4, 7}},
    {&vv_op_reparameterise, reparameterise_case, {1, 1, 0, 0}},
    {&vv_op_reparameterise, reparameterise_case, {97, 7, 0, 0}},
    {&vv_op_reparameterise_grad, reparameterise_grad_case, {97, 7, 0, 0}},
    {&vv_op_reparameterise_grad, reparameterise_grad_case, {97, 7, 1, 0}},
    {&vv_op_gaussian_kl, gaussian_kl_case, {1, 1, 0, 0}},
    {&vv_op_gaussian_kl, gaussian_kl_case, {7, 129, 0, 0}},
    {&vv_op_gaussian_kl_grad, gaussian_kl_grad_case, {7, 129, 0, 0}},
    {&vv_op_bernoulli, bernoulli_case, {1, 1, 0, 0}},
    {&vv_op_bernoulli, bernoulli_case, {7, 97, 0, 0}},
    {&vv_op_bernoulli, bernoulli_case, {13, 28, 0, 0}},
    {&vv_op_bernoulli, bernoulli_case, {96, 784, 0, 0}},
    {&vv_op_bernoulli, bernoulli_case, {1, 524309, 0, 0}},
    {&vv_op_bernoulli_both, bernoulli_both_case, {1, 1, 0, 0}},
    {&vv_op_bernoulli_both, bernoulli_both_case, {7, 97, 0, 0}},
    {&vv_op_bernoulli_both, bernoulli_both_case, {13, 28, 0, 0}},
    {&vv_op_bernoulli_both, bernoulli_both_case, {96, 784, 0, 0}},
    {&vv_op_bernoulli_grad, bernoulli_grad_case, {7, 97, 0, 0}},
    {&vv_op_categorical, categorical_case, {1, 1, 1, 0}},
    {&vv_op_categorical, categorical_case, {7, 5, 13, 0}},
    {&vv_op_categorical, categorical_case, {3, 97, 28, 0}},
    {&vv_op_categorical, categorical_case, {13, 9, 256, 0}},
    {&vv_op_categorical, categorical_case, {7, 97, 0, 0}},
    {&vv_op_categorical, categorical_case, {3, 2000, 0, 0}},
    {&vv_op_categorical, categorical_case, {1, 262148, 0, 0}},
    {&vv_op_categorical, categorical_case, {1, 262147, 2, 0}},
    {&vv_op_categorical_both, categorical_both_case, {1, 1, 1, 0}},
    {&vv_op_categorical_both, categorical_both_case, {7, 5, 13, 0}},
    {&vv_op_categorical_both, categorical_both_case, {3, 97, 28, 0}},
    {&vv_op_categorical_both, categorical_both_case, {13, 9, 256, 0}},
    {&vv_op_categorical_both, categorical_both_case, {7, 97, 0, 0}},
    {&vv_op_categorical_both, categorical_both_case, {3, 2000, 0, 1}},
    {&vv_op_categorical_both, categorical_both_case, {1, 65537, 0, 0}},
    {&vv_op_categorical_both, categorical_both_case, {1, 262148, 0, 0}},
    {&vv_op_softmax, softmax_case, {7, 5, 13, 0}},
    {&vv_op_softmax, softmax_case, {13, 1, 256, 0}},
    {&vv_op_softmax, softmax_case, {1, 1, 262148, 0}},
    {&vv_op_softmax_mean, softmax_mean_case, {7, 5, 13, 0}},
    {&vv_op_softmax_mean, softmax_mean_case, {13, 9, 256, 0}},
    {&vv_op_softmax_mean, softmax_mean_case, {7, 3, 1, 0}},
    {&vv_op_one_hot, one_hot_case, {7, 5, 13, 0}},
    {&vv_op_one_hot, one_hot_case, {13, 9, 256, 0}},
    {&vv_op_log_count, log_count_case, {7, 97, 0, 0}},
    {&vv_op_log_count, log_count_case, {13, 28, 0, 0}},
    {&vv_op_moments, moments_case, {1, 1, 1, BATCH}},
    {&vv_op_moments, moments_case, {7, 37, 5, BATCH}},
    {&vv_op_moments, moments_case, {3, 61, 20, BATCH}},
    {&vv_op_moments, moments_case, {7, 31, 12, 3}},
    {&vv_op_moments, moments_case, {3, 7, 15, 5}},
    {&vv_op_moments, far_moments_case, {8, 97, 12, BATCH}},
    {&vv_op_moments, far_moments_case, {8, 97, 5, 1}},
    {&vv_op_moments, far_moments_case, {64, 1024, 8, BATCH}},
    {&vv_op_norm, norm_case, {7, 13, 5, BATCH}},
    {&vv_op_norm, norm_case, {3, 37, 20, BATCH + 10}},
    {&vv_op_norm, norm_case, {1, 5, 260, BATCH + 20}},
    {&vv_op_norm, norm_case, {7, 13, 5, RUNNING}},
    {&vv_op_norm, norm_case, {7, 13, 12, RUNNING + 10}},
    {&vv_op_norm, norm_case, {3, 29, 12, 3 + 20}},
    {&vv_op_norm, norm_case, {3, 7, 15, 5 + 10}},
    {&vv_op_norm, norm_case, {2, 9, 8, 8}},
    {&vv_op_norm, layer_norm_case, {7, 3, 5, 0}},
    {&vv_op_norm, layer_norm_case, {3, 5, 129, 0}},
    {&vv_op_norm, layer_norm_case, {7, 1, 64, 0}},
    {&vv_op_norm_sums, norm_sums_case, {7, 97, 5, BATCH + 10}},
    {&vv_op_norm_sums, norm_sums_case, {3, 129, 20, BATCH + 20}},
    {&vv_op_norm_sums, norm_sums_case, {7, 31, 12, 3 + 20}},
    {&vv_op_norm_sums, norm_sums_case, {64, 1024, 8, BATCH + 20}},
    {&vv_op_norm_grad, norm_grad_case, {7, 97, 5, BATCH + 10}},
    {&vv_op_norm_grad, norm_grad_case, {3, 129, 20, RUNNING + 20}},
    {&vv_op_norm_grad, norm_grad_case, {7, 31, 12, 3 + 20}},
    {&vv_op_lerp, lerp_case, {1, 0, 0, 0}},
    {&vv_op_lerp, lerp_case, {97, 0, 0, 0}},
    {&vv_op_lerp, lerp_case, {784, 0, 0, 0}},
    {&vv_op_lerp, latched_case, {97, 3, 0, 0}},
    {&vv_op_advance, advance_case, {3, 0, 0, 0}},
    {&vv_op_advance, advance_case, {1, 0, 0, 0}},
    {&vv_op_advance, latched_case, {3, 2, 0, 0}},
    {&vv_op_gather, gather_case, {1, 1, 1, 0}},
    {&vv_op_gather, gather_case, {7, 11, 97, 0}},
    {&vv_op_gather, gather_case, {7, 11, 28, 0}},
    {&vv_op_gather, gather_case, {129, 31, 784, 0}},
    {&vv_op_gather, gather_case, {1, 1, 1, 1}},
    {&vv_op_gather, gather_case, {7, 11, 97, 1}},
    {&vv_op_gather, gather_case, {129, 31, 28, 1}},
    {&vv_op_guard, guard_case, {129, 0, 0, 0}},
    {&vv_op_guard, guard_case, {9129, 8888, 0, 0}},
    {&vv_op_guard, guard_case, {40000, 39999, 1, 0}},
    {&vv_op_guard, guard_case, {40000, 39999, 1, 1}},
    {&vv_op_guard, guard_case, {129, 7, 0, 1}},
    {&vv_op_guard, guard_case, {129, 7, 2, 1}},
    {&vv_op_guard, guard_case, {129, 7, 3, 1}},
    {&vv_op_guard, guard_case, {129, 7, 2, 0}},
    {&vv_op_record, record_case, {1, 0, 0, 0}},
    {&vv_op_record, record_case, {129, 1, 0, 0}},
    {&vv_op_record, record_case, {129, 1, 1, 0}},
    {&vv_op_record, record_case, {129, 1, 2, 0}},
    {&vv_op_record, latched_case, {129, 1, 0, 0}},
    {&vv_op_adam, adam_case, {1, 0, 0, 0}},
    {&vv_op_adam, adam_case, {97, 0, 0, 0}},
    {&vv_op_adam, adam_case, {784 * 7, 0, 0, 0}},
    {&vv_op_adam, latched_case, {97, 0, 0, 0}},
};
const uint32_t op_case_count = sizeof op_cases / sizeof *op_cases;
