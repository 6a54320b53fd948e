// Each fused op against its composition from core ops, values and gradients, on the reference in double.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bernoulli.h"
#include "cases.h"
#include "elementwise.h"
#include "exec.h"
#include "gaussian.h"
#include "gradient.h"
#include "matmul.h"
#include "nonlinear.h"
#include "norm.h"
#include "reduce.h"
#include "slice.h"
#include "view.h"

enum { BATCH = 7, WIDTH = 13, LATENT = 5, INPUTS = 3 };

struct pair {
    const char *name;
    struct vv_shape input[INPUTS];  // rank 0: none
    vv_ref (*fused)(struct vv_tape *t, const vv_ref *in);
    vv_ref (*composed)(struct vv_tape *t, const vv_ref *in);
};

static vv_ref linear_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_linear(t, in[0], in[1], in[2], VV_RELU);
}
static vv_ref linear_composed(struct vv_tape *t, const vv_ref *in) {
    return vv_relu(t, vv_add(t, vv_matmul_nt(t, in[0], in[1]), in[2]));
}

static vv_ref reparameterise_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_reparameterise(t, in[0], in[1]);
}
static vv_ref reparameterise_composed(struct vv_tape *t, const vv_ref *in) {
    vv_ref mu = vv_slice(t, in[0], 1, 0, LATENT), logvar = vv_slice(t, in[0], 1, LATENT, LATENT);
    vv_ref sigma = vv_exp_of(t, vv_affine(t, logvar, 0.5, 0));
    return vv_add(t, mu, vv_mul(t, sigma, in[1]));
}

static vv_ref kl_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_gaussian_kl(t, in[0]);
}
static vv_ref kl_composed(struct vv_tape *t, const vv_ref *in) {
    vv_ref mu = vv_slice(t, in[0], 1, 0, LATENT), logvar = vv_slice(t, in[0], 1, LATENT, LATENT);
    vv_ref sum = vv_add(t, vv_square(t, mu), vv_exp_of(t, logvar));
    sum = vv_add(t, sum, vv_affine(t, logvar, -1, -1));
    vv_ref rows = vv_sum_to(t, vv_affine(t, sum, 0.5, 0), vv_shape2(BATCH, 1));
    return vv_view(t, rows, 0, vv_shape1(BATCH));
}

static vv_ref bernoulli_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_bernoulli(t, in[0], in[1]);
}
static vv_ref bernoulli_composed(struct vv_tape *t, const vv_ref *in) {
    vv_ref product = vv_affine(t, vv_mul(t, in[0], in[1]), -1, 0);
    vv_ref rows = vv_sum_to(t, vv_add(t, vv_softplus_of(t, in[0]), product), vv_shape2(BATCH, 1));
    return vv_view(t, rows, 0, vv_shape1(BATCH));
}

// Each nonlinear function that core ops can say.

static vv_ref minus(struct vv_tape *t, vv_ref x) {
    return vv_affine(t, x, -1, 0);
}

static vv_ref leaky_relu_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_leaky_relu_of(t, in[0]);
}
static vv_ref leaky_relu_composed(struct vv_tape *t, const vv_ref *in) {
    return vv_add(t, vv_relu(t, in[0]), vv_affine(t, vv_relu(t, minus(t, in[0])), -0.01, 0));
}

static vv_ref elu_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_elu_of(t, in[0]);
}
static vv_ref elu_composed(struct vv_tape *t, const vv_ref *in) {
    vv_ref below = minus(t, vv_relu(t, minus(t, in[0])));
    return vv_add(t, vv_relu(t, in[0]), vv_affine(t, vv_exp_of(t, below), 1, -1));
}

static vv_ref sigmoid_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_sigmoid_of(t, in[0]);
}
static vv_ref sigmoid_composed(struct vv_tape *t, const vv_ref *in) {
    return vv_exp_of(t, minus(t, vv_softplus_of(t, minus(t, in[0]))));
}

static vv_ref tanh_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_tanh_of(t, in[0]);
}
static vv_ref tanh_composed(struct vv_tape *t, const vv_ref *in) {
    return vv_affine(t, vv_sigmoid_of(t, vv_affine(t, in[0], 2, 0)), 2, -1);
}

static vv_ref silu_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_silu_of(t, in[0]);
}
static vv_ref silu_composed(struct vv_tape *t, const vv_ref *in) {
    return vv_mul(t, in[0], vv_sigmoid_of(t, in[0]));
}

// Normalisation. v^-1/2 by Newton's iteration, of core ops alone.

static vv_ref rsqrt_composed(struct vv_tape *t, vv_ref v) {
    vv_ref root = vv_affine(t, v, 0, 0.1);
    for (int i = 0; i < 24; i++) {
        vv_ref off = vv_affine(t, vv_mul(t, v, vv_square(t, root)), -0.5, 1.5);
        root = vv_mul(t, root, off);
    }
    return root;
}

// Over the dimensions that `shape` has as 1, of `n` elements.
static vv_ref normal_composed(struct vv_tape *t, vv_ref x, struct vv_shape shape, double n) {
    vv_ref mean = vv_affine(t, vv_sum_to(t, x, shape), 1 / n, 0);
    vv_ref off = vv_add(t, x, minus(t, mean));
    vv_ref var = vv_affine(t, vv_sum_to(t, vv_square(t, off), shape), 1 / n, VV_NORM_EPSILON);
    return vv_mul(t, off, rsqrt_composed(t, var));
}

static vv_ref batch_norm_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_batch_norm(t, in[0], vv_moments(t, in[0]), in[1], in[2], VV_NORM_LEAKY_RELU);
}
static vv_ref batch_norm_composed(struct vv_tape *t, const vv_ref *in) {
    vv_ref normal = normal_composed(t, in[0], vv_shape1(LATENT), BATCH * WIDTH);
    return vv_leaky_relu_of(t, vv_add(t, vv_mul(t, normal, in[1]), in[2]));
}

// Moments of another tensor are constants: here as those of x itself, stopped.
static vv_ref constant_norm_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_batch_norm(t, in[0], vv_stop(t, vv_moments(t, in[0])), in[1], in[2], VV_NORM_SILU);
}
static vv_ref constant_norm_composed(struct vv_tape *t, const vv_ref *in) {
    vv_ref moments = vv_stop(t, vv_moments(t, in[0]));
    vv_ref mean = vv_slice(t, moments, 0, 0, 1), var = vv_slice(t, moments, 0, 1, 1);
    vv_ref a = vv_mul(t, rsqrt_composed(t, vv_affine(t, var, 1, VV_NORM_EPSILON)), in[1]);
    return vv_silu_of(t, vv_add(t, vv_mul(t, vv_add(t, in[0], minus(t, mean)), a), in[2]));
}

static vv_ref group_norm_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_group_norm(t, in[0], in[1], in[2], 3, VV_NORM_SILU);
}
static vv_ref group_norm_composed(struct vv_tape *t, const vv_ref *in) {
    vv_ref parts = vv_view(t, in[0], 0, vv_shape4(BATCH, WIDTH, 3, 2));
    vv_ref normal = normal_composed(t, parts, vv_shape4(BATCH, 1, 3, 1), WIDTH * 2);
    vv_ref channels = vv_view(t, normal, 0, vv_shape3(BATCH, WIDTH, 6));
    return vv_silu_of(t, vv_add(t, vv_mul(t, channels, in[1]), in[2]));
}

static vv_ref layer_norm_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_layer_norm(t, in[0], in[1], in[2]);
}
static vv_ref layer_norm_composed(struct vv_tape *t, const vv_ref *in) {
    vv_ref normal = normal_composed(t, in[0], vv_shape3(BATCH, 2, 1), WIDTH);
    return vv_add(t, vv_mul(t, normal, in[1]), in[2]);
}

static vv_ref moments_fused(struct vv_tape *t, const vv_ref *in) {
    return vv_moments(t, in[0]);
}
static vv_ref moments_composed(struct vv_tape *t, const vv_ref *in) {
    const struct vv_shape row = vv_shape2(1, WIDTH);
    vv_ref mean = vv_affine(t, vv_sum_to(t, in[0], row), 1.0 / BATCH, 0);
    vv_ref off = vv_add(t, in[0], minus(t, mean));
    vv_ref var = vv_affine(t, vv_sum_to(t, vv_square(t, off), row), 1.0 / BATCH, 0);
    return vv_add(t, vv_pad(t, mean, 0, 0, 2), vv_pad(t, var, 0, 1, 2));
}

static const struct pair pairs[] = {
    {"linear", {{2, {BATCH, 11}}, {2, {WIDTH, 11}}, {1, {WIDTH}}}, linear_fused, linear_composed},
    {"reparameterise",
     {{2, {BATCH, 2 * LATENT}}, {2, {BATCH, LATENT}}},
     reparameterise_fused,
     reparameterise_composed},
    {"gaussian_kl", {{2, {BATCH, 2 * LATENT}}}, kl_fused, kl_composed},
    {"bernoulli", {{2, {BATCH, WIDTH}}, {2, {BATCH, WIDTH}}}, bernoulli_fused, bernoulli_composed},
    {"leaky_relu", {{2, {BATCH, WIDTH}}}, leaky_relu_fused, leaky_relu_composed},
    {"elu", {{2, {BATCH, WIDTH}}}, elu_fused, elu_composed},
    {"sigmoid", {{2, {BATCH, WIDTH}}}, sigmoid_fused, sigmoid_composed},
    {"tanh", {{2, {BATCH, WIDTH}}}, tanh_fused, tanh_composed},
    {"silu", {{2, {BATCH, WIDTH}}}, silu_fused, silu_composed},
    {"batch_norm",
     {{3, {BATCH, WIDTH, LATENT}}, {1, {LATENT}}, {1, {LATENT}}},
     batch_norm_fused,
     batch_norm_composed},
    {"batch_norm of constants",
     {{2, {BATCH * WIDTH, LATENT}}, {1, {LATENT}}, {1, {LATENT}}},
     constant_norm_fused,
     constant_norm_composed},
    {"group_norm", {{3, {BATCH, WIDTH, 6}}, {1, {6}}, {1, {6}}}, group_norm_fused, group_norm_composed},
    {"layer_norm",
     {{3, {BATCH, 2, WIDTH}}, {1, {WIDTH}}, {1, {WIDTH}}},
     layer_norm_fused,
     layer_norm_composed},
    {"moments", {{2, {BATCH, WIDTH}}}, moments_fused, moments_composed},
};

// Value and gradients of one way, laid one after another in `out`; how many numbers they are.
static uint64_t evaluate(const struct pair *p, bool fused, double *out) {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_tape t;
    vv_context_init(&ctx);
    vv_store_init(&store, &ctx);
    vv_tape_init(&t, &store, p->name);
    struct vv_exec *exec = vv_reference_create(&store, NULL);
    struct vv_state *state[INPUTS];
    vv_ref in[INPUTS], grad[INPUTS];
    uint32_t count = 0, seed = 5;
    for (; count < INPUTS && p->input[count].rank; count++) {
        state[count] = vv_store_add(&store, "input", VV_F32, p->input[count]);
        in[count] = vv_use(&t, state[count]);
    }
    vv_ref y = fused ? p->fused(&t, in) : p->composed(&t, in);
    vv_ref value = vv_affine(&t, y, 1, 0);  // a view cannot be kept by itself
    vv_ref loss = vv_sum_to(&t, vv_mul(&t, y, vv_square(&t, y)), vv_shape1(1));
    if (!vv_grad(&t, loss, in, count, grad)) fail_msg("%s: %s", p->name, ctx.error);
    value->keep = true;
    for (uint32_t i = 0; i < count; i++) grad[i]->keep = true;
    struct vv_program *program = vv_exec_compile(exec, &t);
    assert_non_null(program);
    for (uint32_t i = 0; i < count; i++) {
        double *values = malloc(state[i]->bytes);
        for (uint64_t k = 0; k < state[i]->bytes / sizeof *values; k++) values[k] = random_normal(&seed);
        assert_true(vv_exec_write(exec, state[i], 0, values, state[i]->bytes));
        free(values);
    }
    assert_true(vv_exec_submit(exec, program, 1));
    assert_true(vv_exec_read_node(exec, program, value, out));
    uint64_t at = vv_count(value);
    for (uint32_t i = 0; i < count; at += vv_count(grad[i]), i++)
        assert_true(vv_exec_read_node(exec, program, grad[i], out + at));
    vv_program_destroy(exec, program);
    vv_exec_destroy(exec);
    vv_tape_finish(&t);
    vv_store_finish(&store);
    return at;
}

static void fused_ops_equal_their_compositions(void **state) {
    (void)state;
    static double fused[4096], composed[4096];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const uint64_t n = evaluate(&pairs[i], true, fused);
        assert_int_equal(n, evaluate(&pairs[i], false, composed));
        for (uint64_t k = 0; k < n; k++)
            if (!(fabs(fused[k] - composed[k]) <= 1e-11 * (1 + fabs(composed[k]))))
                fail_msg("%s, number %llu: fused %.17g, composed %.17g", pairs[i].name,
                         (unsigned long long)k, fused[k], composed[k]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(fused_ops_equal_their_compositions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
