// Importance sampling against a model whose p(x) is known: a decoder that is linear, and Gaussian
// pixels.
#include "importance.h"

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

enum { PIXELS = 4, LATENT = 2, HIDDEN = 4, MOST = 4000 };
static const double sigma2 = 0.25, shift[PIXELS] = {0.1, 0.2, 0.3, 0.4};
// The decoder's columns, which are at right angles: |w|^2 = 0.5 and 1.
static const double column[LATENT][PIXELS] = {{0.5, 0.5, 0, 0}, {0, 0, 0.8, -0.6}},
                    square[LATENT] = {0.5, 1};
static const float x[PIXELS] = {0.9F, 0.1F, 0.5F, 0.7F};
static double weights[MOST], others[MOST];

struct room {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_model model;
    struct vv_weights weights;
    struct vv_importance sampler;
};

static void must(const struct room *r, bool ok) {
    if (!ok) fail_msg("%s", r->ctx.error);
}

// x = shift + sum of z_j column_j, by way of relu(z_j) - relu(-z_j).
static void fill_decoder(const struct room *r, float *flat) {
    const struct vv_block *block = r->model.block + r->model.decoder_block;
    float *first = flat + block[0].offset, *last = flat + block[2].offset;
    for (int j = 0; j < LATENT; j++)
        for (int side = 0; side < 2; side++) {
            const int unit = 2 * j + side, sign = side ? -1 : 1;
            first[unit * LATENT + j] = (float)sign;
            for (int p = 0; p < PIXELS; p++) last[p * HIDDEN + unit] = (float)(sign * column[j][p]);
        }
    for (int p = 0; p < PIXELS; p++) flat[block[3].offset + (uint64_t)p] = (float)shift[p];
}

static int create(void **state) {
    struct room *r = calloc(1, sizeof *r);
    *state = r;
    if (!r) return -1;
    const struct vv_model_size size = {.pixels = PIXELS,
                                       .height = 2,
                                       .width = 2,
                                       .channels = 1,
                                       .latent = LATENT,
                                       .layers = 1,
                                       .hidden = {HIDDEN},
                                       .activation = "relu",
                                       .likelihood = "gaussian",
                                       .sigma = "0.5"};
    vv_context_init(&r->ctx);
    vv_store_init(&r->store, &r->ctx);
    r->exec = vv_reference_create(&r->store, NULL);
    must(r, r->exec && vv_model_make(&r->ctx, "mlp", size, &r->model) &&
                vv_weights_add(&r->store, &r->model, &r->weights) && vv_exec_realize(r->exec));
    float *flat = calloc(r->model.length, sizeof *flat);
    assert_non_null(flat);
    fill_decoder(r, flat);
    must(r, vv_exec_write(r->exec, r->weights.params, 0, flat, r->weights.params->bytes));
    free(flat);
    return 0;
}

static int destroy(void **state) {
    struct room *r = *state;
    vv_importance_finish(&r->sampler);
    vv_exec_destroy(r->exec);
    vv_store_finish(&r->store);
    vv_model_finish(&r->model);
    free(r);
    return 0;
}

static void sample(struct room *r, uint32_t rows, const float head[2 * LATENT], uint32_t count,
                   double *out) {
    vv_importance_finish(&r->sampler);
    must(r, vv_importance_init(&r->sampler, r->exec, &r->model, &r->weights, rows, 3));
    must(r, vv_importance_run(&r->sampler, x, head, 5, count, out));
}

// ---- What is known ----

static double along(int j) {
    double sum = 0;
    for (int p = 0; p < PIXELS; p++) sum += column[j][p] * ((double)x[p] - shift[p]);
    return sum;
}

// N(x; shift, sigma^2 + sum of w w^T): along each w of variance sigma^2 + |w|^2, across sigma^2.
static double log_likelihood(void) {
    double across = 0, sum = PIXELS * log(2 * acos(-1.0)) + (PIXELS - LATENT) * log(sigma2);
    for (int p = 0; p < PIXELS; p++) across += pow((double)x[p] - shift[p], 2);
    for (int j = 0; j < LATENT; j++) {
        const double part = pow(along(j), 2) / square[j];
        sum += log(sigma2 + square[j]) + part / (sigma2 + square[j]);
        across -= part;
    }
    return -(sum + across / sigma2) / 2;
}

// p(z|x): independent, of mean w (x - shift) / (sigma^2 + |w|^2), variance sigma^2 / (sigma^2 + |w|^2).
// The head that is `off` from it: means by so much, variances by the factor e^off. Returns KL(q ||
// p(z|x)).
static double make_head(double off, float head[2 * LATENT]) {
    double kl = 0;
    for (int j = 0; j < LATENT; j++) {
        const double variance = sigma2 / (sigma2 + square[j]);
        head[j] = (float)(along(j) / (sigma2 + square[j]) + off);
        head[LATENT + j] = (float)(log(variance) + off);
        kl += (exp(off) + off * off / variance - 1 - off) / 2;
    }
    return kl;
}

// ---- Tests ----

static void each_weight_is_the_likelihood_where_q_is_the_posterior(void **state) {
    float head[2 * LATENT];
    (void)make_head(0, head);
    sample(*state, 100, head, 100, weights);
    for (int k = 0; k < 100; k++)
        if (!(fabs(weights[k] - log_likelihood()) < 2e-5))
            fail_msg("%.9g is not %.9g", weights[k], log_likelihood());
}

static void estimate_is_the_likelihood_within_its_error(void **state) {
    float head[2 * LATENT];
    const double kl = make_head(0.4, head), exact = log_likelihood();
    sample(*state, 1000, head, MOST, weights);
    const struct vv_weighing w = vv_weigh(weights, MOST);
    print_message("log p(x) %.5f, by %d draws %.5f +- %.5f, %.0f effective; ELBO %.4f, exactly %.4f\n",
                  exact, MOST, w.log_mean, w.error, w.effective, w.mean_log, exact - kl);
    assert_true(w.error > 0.003 && w.error < 0.03);
    assert_true(fabs(w.log_mean - exact) < 3 * w.error);
    assert_true(w.effective > MOST * 0.2 && w.effective < MOST * 0.9);
}

// Of one draw the logarithm's mean is the ELBO, which lacks KL(q || p(z|x)).
static void single_draws_give_the_elbo(void **state) {
    float head[2 * LATENT];
    const double kl = make_head(0.4, head), elbo = log_likelihood() - kl;
    double squares = 0;
    sample(*state, 1000, head, MOST, weights);
    const double mean = vv_weigh(weights, MOST).mean_log;
    for (int k = 0; k < MOST; k++) squares += (weights[k] - mean) * (weights[k] - mean);
    assert_true(kl > 0.3);
    assert_true(fabs(mean - elbo) < 3 * sqrt(squares) / MOST);
}

static void batches_change_no_weight(void **state) {
    float head[2 * LATENT];
    (void)make_head(0.4, head);
    sample(*state, 100, head, 60, weights);
    sample(*state, 7, head, 60, others);
    assert_memory_equal(weights, others, 60 * sizeof *weights);
}

// 1 and 3: mean 2, deviation sqrt 2, so that its error is 1; (1 + 3)^2 / (1 + 9). A common factor that
// no float holds changes the logarithms alone.
static void weights_are_averaged_without_overflow(void **state) {
    (void)state;
    for (int far = -2000; far <= 2000; far += 2000) {
        const double logs[] = {far, far + log(3)};
        const struct vv_weighing w = vv_weigh(logs, 2);
        assert_true(fabs(w.log_mean - far - log(2)) < 1e-12);
        assert_true(fabs(w.mean_log - far - log(3) / 2) < 1e-12);
        assert_true(fabs(w.error - 0.5) < 1e-12 && fabs(w.effective - 1.6) < 1e-12);
    }
    const double one = -90;
    const struct vv_weighing w = vv_weigh(&one, 1);
    assert_true(w.log_mean == -90 && w.mean_log == -90 && w.effective == 1 && isnan(w.error));
}

int main(void) {
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, create, destroy)
    const struct CMUnitTest tests[] = {
        WITH_MODEL(each_weight_is_the_likelihood_where_q_is_the_posterior),
        WITH_MODEL(estimate_is_the_likelihood_within_its_error),
        WITH_MODEL(single_draws_give_the_elbo),
        WITH_MODEL(batches_change_no_weight),
        cmocka_unit_test(weights_are_averaged_without_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
