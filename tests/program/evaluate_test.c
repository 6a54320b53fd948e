// vkvae evaluate: numbers against those of the training, of a computation from the exported noise, and
// of each other.
#include "told.h"

#include "abi.h"
#include "array.h"
#include "noise.h"
#include "similarity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATENT = 4, HEIGHT = 12, WIDTH = 10, PIXELS = HEIGHT * WIDTH, TEST = 60 };

static void train_run(struct room *r) {
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "3", "--out", in(r, "run"));
    assert_ok(r);
}

static void train_shapes(struct room *r) {
    RUN(r, "train", "--images", "120", "--size", "12x12", SMALL, "--epochs", "2", "--out", in(r, "run"));
    assert_ok(r);
}

#define EVALUATE(r, ...) RUN(r, "evaluate", in(r, "run"), __VA_ARGS__)

static vkvae_evaluate_options options_of(struct room *r) {
    vkvae_evaluate_options o;
    vkvae_evaluate_defaults(&o);
    o.use.run = in(r, "run");
    o.use.device.device = r->device;
    return o;
}

static vkvae_evaluate_result evaluate(const vkvae_evaluate_options *o) {
    vkvae *v = vkvae_create();
    vkvae_evaluate_result result;
    if (vkvae_evaluate(v, o, &result) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
    return result;
}

static struct vv_array read_array(const char *path) {
    struct vv_context ctx;
    struct vv_array array = {0};
    vv_context_init(&ctx);
    if (!vv_npy_read(&ctx, path, &array)) fail_msg("%s", ctx.error);
    return array;
}

static void assert_near(double a, double b, double most) {
    if (!(fabs(a - b) <= most)) fail_msg("%.9g is not %.9g to %g", a, b, most);
}

// ---- Losses ----

// The KL divergence has no noise; the rest differs as two draws do.
static void loss_is_the_trainings(void **state) {
    struct room *r = *state;
    enum { SEEDS = 8 };
    double recon[SEEDS], mean = 0, squares = 0;
    train_run(r);
    cJSON *line = metrics_line(in(r, "run/metrics.jsonl"), 3);
    vkvae_evaluate_options o = options_of(r);
    for (int i = 0; i < SEEDS; i++) {
        o.seed = (uint64_t)i;
        const vkvae_evaluate_result e = evaluate(&o);
        assert_int_equal(e.count, TEST);
        assert_int_equal(e.latent, LATENT);
        assert_true(e.is_bound && e.bits_per_dim == 0);
        assert_near(e.kl.mean, number_of(line, "test_kl"), 1e-5 * e.kl.mean);
        assert_near(e.loss.mean, e.recon.mean + e.kl.mean, 1e-9);
        assert_true(e.active == number_of(line, "active_units"));
        recon[i] = e.recon.mean;
        mean += e.recon.mean / SEEDS;
    }
    for (int i = 0; i < SEEDS; i++) squares += pow(recon[i] - mean, 2);
    const double deviation = sqrt(squares / (SEEDS - 1));
    assert_true(deviation > 0 && deviation < 0.05 * mean);
    assert_near(number_of(line, "test_recon"), mean, 6 * deviation);
    cJSON_Delete(line);
}

// -log p(x|z) of Bernoulli pixels, from their means.
static double bernoulli(const float *x, const float *mean) {
    double sum = 0;
    for (int i = 0; i < PIXELS; i++) {
        const double p = (double)mean[i], v = (double)x[i];
        sum -= v * log(p) + (1 - v) * log1p(-p);
    }
    return sum;
}

static double kl_of(const float *mu, const float *logvar) {
    double sum = 0;
    for (int k = 0; k < LATENT; k++) {
        const double m = (double)mu[k], v = (double)logvar[k];
        sum += (m * m + exp(v) - 1 - v) / 2;
    }
    return sum;
}

static void encode_all(struct room *r, float **mu, float **logvar) {
    vkvae *v = vkvae_create();
    vkvae_encode_options o;
    vkvae_encode_defaults(&o);
    o.use.run = in(r, "run");
    o.use.device.device = r->device;
    o.mu = mu;
    o.logvar = logvar;
    if (vkvae_encode(v, &o, NULL) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
}

// Writes z = mu + exp(logvar / 2) eps, and has it decoded.
static struct vv_array decode_z(struct room *r, const float *mu, const float *logvar,
                                const struct vv_array *eps) {
    struct vv_context ctx;
    float z[TEST * LATENT];
    vv_context_init(&ctx);
    for (int i = 0; i < TEST * LATENT; i++) z[i] = mu[i] + expf(logvar[i] / 2) * eps->values[i];
    if (!vv_npy_write(&ctx, in(r, "z.npy"), z, (const uint32_t[]){TEST, LATENT}, 2))
        fail_msg("%s", ctx.error);
    RUN(r, "sample", in(r, "run"), "--from", in(r, "z.npy"), "-o", in(r, "shown.npy"));
    assert_ok(r);
    return read_array(in(r, "shown.npy"));
}

static void exported_noise_makes_the_loss(void **state) {
    struct room *r = *state;
    static unsigned char bytes[TEST * PIXELS];
    static float x[TEST * PIXELS];
    float *mu, *logvar;
    double *kl_per_latent, loss = 0, psnr = 0, kl = 0;
    train_run(r);
    vkvae_evaluate_options o = options_of(r);
    o.seed = UINT64_MAX;
    o.noise_out = in(r, "eps.npy");
    o.kl_per_latent = &kl_per_latent;
    const vkvae_evaluate_result e = evaluate(&o);
    struct vv_array eps = read_array(in(r, "eps.npy"));
    assert_true(eps.rank == 2 && eps.dims[0] == TEST && eps.dims[1] == LATENT);
    assert_true(eps.values[7] == vv_noise_at(UINT64_MAX, VV_STREAM_EVALUATE, 0, 1, 3));
    encode_all(r, &mu, &logvar);
    struct vv_array shown = decode_z(r, mu, logvar, &eps);
    fill_pictures(bytes, TEST, HEIGHT, WIDTH, small_set.seed + 1000);
    for (int i = 0; i < TEST * PIXELS; i++) x[i] = (float)bytes[i] / 255.0F;
    for (int i = 0; i < TEST; i++) {
        const double own = kl_of(mu + (size_t)i * LATENT, logvar + (size_t)i * LATENT);
        const float *a = x + (size_t)i * PIXELS, *b = shown.values + (size_t)i * PIXELS;
        loss += (bernoulli(a, b) + own) / TEST;
        kl += own / TEST;
        psnr += vv_psnr(a, b, PIXELS) / TEST;
    }
    assert_near(e.loss.mean, loss, 1e-4);
    assert_near(e.kl.mean, kl, 1e-5);
    assert_near(e.psnr.mean, psnr, 1e-5);
    assert_true(isnan(e.ssim.mean));  // 10 pixels are fewer than a window's
    for (int k = 0; k < LATENT; k++) kl -= kl_per_latent[k];
    assert_near(kl, 0, 1e-5);
    vkvae_free(mu);
    vkvae_free(logvar);
    vkvae_free(kl_per_latent);
    free(eps.values);
    free(shown.values);
}

// Of one picture none is known.
static void error_is_of_the_mean(void **state) {
    struct room *r = *state;
    train_run(r);
    vkvae_evaluate_options o = options_of(r);
    o.mean = true;
    const vkvae_evaluate_result all = evaluate(&o);
    assert_false(all.is_bound);
    assert_true(all.loss.error > 0 && all.loss.error < all.loss.mean);
    o.use.reading.limit = 1;
    const vkvae_evaluate_result one = evaluate(&o);
    assert_true(one.count == 1 && isnan(one.loss.error) && isfinite(one.loss.mean));
}

static void part_and_set_are_chosen(void **state) {
    struct room *r = *state;
    train_run(r);
    vkvae_evaluate_options o = options_of(r);
    o.use.part = "all";
    assert_int_equal(evaluate(&o).count, TEST + 200);
    o.use.data = in(r, "set");
    o.use.part = "train";
    assert_int_equal(evaluate(&o).count, 200);
}

static void autoencoder_has_no_bound(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--objective", "ae", "--out",
        in(r, "run"));
    assert_ok(r);
    EVALUATE(r, "--json");
    assert_ok(r);
    cJSON *json = json_of(r);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(json, "bound")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "kl_per_latent")));
    assert_true(number_of(json, "kl") == 0 && number_of(json, "loss") == number_of(json, "recon"));
    cJSON_Delete(json);
    EVALUATE(r, "--nll");
    ASSERT_REFUSED(r, 2, "--nll", "is an autoencoder");
    EVALUATE(r, "--export-noise", in(r, "eps.npy"));
    ASSERT_REFUSED(r, 2, "--export-noise", "is an autoencoder");
    assert_false(exists(in(r, "eps.npy")));
}

// ---- Log-likelihood ----

static void more_draws_come_nearer(void **state) {
    struct room *r = *state;
    train_run(r);
    vkvae_evaluate_options o = options_of(r);
    o.nll = true;
    o.nll_images = 20;
    o.nll_samples = 1;
    const vkvae_likelihood one = evaluate(&o).likelihood;
    o.nll_samples = 300;
    const vkvae_likelihood many = evaluate(&o).likelihood;
    assert_true(one.images == 20 && one.samples == 1 && isnan(one.draws_error) && one.effective == 1);
    assert_near(one.nll.mean, -one.elbo, 1e-9);
    assert_near(many.elbo, one.elbo, 3);
    assert_true(many.nll.mean < -many.elbo && many.nll.error > 0);
    assert_true(many.draws_error > 0 && many.draws_error < many.nll.error);
    assert_true(many.effective > 1 && many.effective < 300);
    o.use.reading.limit = 10;
    o.nll_samples = 2;
    assert_int_equal(evaluate(&o).likelihood.images, 10);
}

static void device_agrees_with_the_reference(void **state) {
    struct room *r = *state;
    train_run(r);
    vkvae_evaluate_options o = options_of(r);
    o.nll = o.frechet = true;
    o.nll_images = 5;
    o.nll_samples = 50;
    const vkvae_evaluate_result a = evaluate(&o);
    o.use.device.device = NULL;
    const vkvae_evaluate_result b = evaluate(&o);
    assert_near(b.loss.mean, a.loss.mean, 1e-4 * a.loss.mean);
    assert_near(b.psnr.mean, a.psnr.mean, 1e-3);
    assert_near(b.likelihood.nll.mean, a.likelihood.nll.mean, 1e-4 * a.likelihood.nll.mean);
    assert_near(b.likelihood.effective, a.likelihood.effective, 0.05 * a.likelihood.effective);
    assert_near(b.frechet, a.frechet, 1e-3 * a.frechet);
}

// ---- Samples, factors ----

static void own_encoder_is_that_of_the_run(void **state) {
    struct room *r = *state;
    train_run(r);
    vkvae_evaluate_options o = options_of(r);
    o.frechet = true;
    const vkvae_evaluate_result own = evaluate(&o);
    o.frechet_features = in(r, "run");
    const vkvae_evaluate_result named = evaluate(&o);
    assert_int_equal(own.frechet_features, LATENT);
    assert_true(own.frechet > 0 && own.frechet == named.frechet);
    RUN(r, "train", "--data", in(r, "set"), "--hidden", "16", "--latent", "3", "--batch", "20",
        "--epochs", "1", "--out", in(r, "other"));
    assert_ok(r);
    o.frechet_features = in(r, "other");
    const vkvae_evaluate_result other = evaluate(&o);
    assert_true(other.frechet_features == 3 && other.frechet != own.frechet);
}

static void factors_are_told_of_shapes(void **state) {
    struct room *r = *state;
    static char first[TEXT_SIZE];
    train_shapes(r);
    EVALUATE(r, "--part", "all", "--disentanglement", "--votes", "20", "--json");
    assert_ok(r);
    cJSON *json = json_of(r), *told = cJSON_GetObjectItem(json, "disentanglement");
    static const char *const keys[] = {
        "mig", "sap", "factor_vae", "dci_disentanglement", "dci_completeness", "dci_informativeness"};
    assert_true(number_of(json, "count") == 144 && number_of(told, "votes") == 20);
    assert_true(number_of(json, "ssim") > -1 && number_of(json, "ssim") < 1);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_true(number_of(told, keys[i]) >= 0 && number_of(told, keys[i]) <= 1);
    cJSON_Delete(json);
    memcpy(first, r->out, sizeof first);
    EVALUATE(r, "--part", "all", "--disentanglement", "--votes", "20", "--json");
    const size_t same = (size_t)(strstr(first, "\"seconds\"") - first);
    assert_memory_equal(first, r->out, same);
}

// ---- What is said ----

static void text_has_all_of_it(void **state) {
    struct room *r = *state;
    train_shapes(r);
    EVALUATE(r, "--part", "all", "--nll", "--nll-images", "3", "--nll-samples", "4", "--frechet",
             "--disentanglement", "--votes", "2", "-q");
    assert_ok(r);
    assert_string_equal(r->err, "");
    assert_has(r->out, "run: 144 pictures; mean +- standard error\n");
    static const char *const parts[] = {"  loss ",      "  recon ",
                                        "  KL ",        "  PSNR ",
                                        "  SSIM ",      "  active units ",
                                        "-ELBO",        "  KL of latents ",
                                        "  -log p(x) ", "of 3 pictures, 4 draws each",
                                        "  Frechet ",   "own encoder, 4 features, 144 samples",
                                        "  MIG ",       "  SAP ",
                                        "  FactorVAE ", "  DCI "};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) assert_has(r->out, parts[i]);
    EVALUATE(r, "--mean");
    assert_has(r->out, "of z = mu: no bound");
}

static void object_has_nothing_that_was_not_asked_for(void **state) {
    struct room *r = *state;
    train_run(r);
    EVALUATE(r, "--json");
    assert_ok(r);
    cJSON *json = json_of(r);
    static const char *const absent[] = {"likelihood",   "frechet", "disentanglement", "noise",
                                         "bits_per_dim", "ssim",    "ssim_error"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (!cJSON_IsNull(cJSON_GetObjectItem(json, absent[i]))) fail_msg("%s is not null", absent[i]);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "kl_per_latent")), LATENT);
    assert_string_equal(text_of(json, "run"), in(r, "run"));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "bound")));
    cJSON_Delete(json);
}

static void assert_numbers_refused(const vkvae_evaluate_options *o, const char *error) {
    vkvae *v = vkvae_create();
    assert_int_equal(vkvae_evaluate(v, o, NULL), VKVAE_USAGE);
    assert_string_equal(vkvae_error(v), error);
    vkvae_destroy(v);
}

// The program checks options itself; a program that uses the library may not.
static void numbers_out_of_range_are_refused(void **state) {
    struct room *r = *state;
    train_shapes(r);
    vkvae_evaluate_options o = options_of(r);
    o.nll_samples = o.votes = 0;  // which nothing is asked of
    (void)evaluate(&o);
    o.nll = true;
    assert_numbers_refused(&o, "--nll-samples 0: expected a whole number from 1 to 10000000");
    o.nll_images = 0;
    assert_numbers_refused(&o, "--nll-images 0: expected a whole number from 1 to 4294967295");
    o.nll = false;
    o.disentanglement = true;
    assert_numbers_refused(&o, "--votes 0: expected a whole number from 1 to 100000");
}

int main(void) {
    begin(true);
    const struct CMUnitTest tests[] = {
        ROOM(loss_is_the_trainings),
        ROOM(exported_noise_makes_the_loss),
        ROOM(error_is_of_the_mean),
        ROOM(part_and_set_are_chosen),
        ROOM(autoencoder_has_no_bound),
        ROOM(more_draws_come_nearer),
        ROOM(device_agrees_with_the_reference),
        ROOM(own_encoder_is_that_of_the_run),
        ROOM(factors_are_told_of_shapes),
        ROOM(text_has_all_of_it),
        ROOM(object_has_nothing_that_was_not_asked_for),
        ROOM(numbers_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
