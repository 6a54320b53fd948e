// Each likelihood as a user trains, stops, continues and samples it.
#include "runner.h"

#include "array.h"
#include "safetensors.h"

#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *likelihood, *sigma;
    bool is_discrete;
} kinds[] = {
    {"gaussian", NULL, false},
    {"gaussian", "0.1", false},
    {"gaussian", "learned", false},
    {"gaussian", "pixel", false},
    {"laplace", NULL, false},
    {"logcosh", NULL, false},
    {"discretized-logistic", NULL, true},
    {"discretized-logistic", "learned", true},
    {"continuous-bernoulli", NULL, false},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

// One element of metrics.jsonl, of the last line; NaN where it is not there.
static double metric(struct room *r, const char *run, const char *key) {
    unsigned char *text = read_bytes(in(r, "%s/metrics.jsonl", run), NULL);
    char *last = (char *)text;
    for (char *line = last; *line; line += strcspn(line, "\n") + 1) last = line;
    cJSON *json = cJSON_ParseWithLength(last, strcspn(last, "\n"));
    const cJSON *item = cJSON_GetObjectItem(json, key);
    const double value = item ? item->valuedouble : (double)NAN;
    cJSON_Delete(json);
    free(text);
    return value;
}

static void train(struct room *r, int kind, const char *run, const char *epochs) {
    const char *sigma = kinds[kind].sigma;
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--likelihood", kinds[kind].likelihood, "--epochs",
        epochs, "--out", in(r, "%s", run), sigma ? "--sigma" : NULL, sigma);
    assert_ok(r);
}

static void check_sample(struct room *r, const char *run, bool drawn) {
    struct vv_context ctx;
    struct vv_array array = {0};
    vv_context_init(&ctx);
    RUN(r, "sample", in(r, "%s", run), "-n", "5", "-o", in(r, "a.npy"));
    assert_ok(r);
    if (!vv_npy_read(&ctx, in(r, "a.npy"), &array)) fail_msg("%s", ctx.error);
    assert_int_equal(array.dims[0], 5);
    for (int i = 0; i < 5 * 12 * 10; i++) assert_true(isfinite(array.values[i]));
    free(array.values);
    if (!drawn) return;
    RUN(r, "sample", in(r, "%s", run), "-n", "5", "-o", in(r, "a.png"));
    assert_ok(r);
}

// Two epochs in one go and in two: the same files, on the host and on the device.
static void a_likelihood_is_trained_and_continued(struct room *r, int kind) {
    static const char *const devices[] = {"reference", NULL};
    double loss[2];
    for (int d = 0; d < 2; d++) {
        r->device = devices[d];
        train(r, kind, "whole", "2");
        assert_has(r->out, kinds[kind].is_discrete ? " bits/dim" : "(recon ");
        train(r, kind, "parts", "1");
        RUN(r, "train", "--resume", in(r, "parts"), "--epochs", "2");
        assert_ok(r);
        assert_same_run(in(r, "whole"), in(r, "parts"));
        loss[d] = metric(r, "whole", "test_loss");
        const double bits = metric(r, "whole", "test_bits_per_dim");
        assert_true(kinds[kind].is_discrete ? fabs(bits * 120 * log(2) - loss[d]) < 1e-5 * fabs(loss[d])
                                            : isnan(bits));
        check_sample(r, "whole", d == 0);  // how it is drawn is no matter of the device
        remove_tree(in(r, "whole"));
        remove_tree(in(r, "parts"));
    }
    if (!(fabs(loss[0] - loss[1]) < 0.05 * (20 + fabs(loss[0]))))
        fail_msg("%s: %g on the host, %g on the device", kinds[kind].likelihood, loss[0], loss[1]);
}

static void each_likelihood_is_trained_and_continued(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    for (int kind = 0; kind < KINDS; kind++) {
        printf("%s %s\n", kinds[kind].likelihood, kinds[kind].sigma ? kinds[kind].sigma : "");
        a_likelihood_is_trained_and_continued(r, kind);
    }
}

// What the checkpoint keeps is what the step found: the optimal sigma is near the error that is left.
static void the_kept_sigma_follows_the_batches(void **state) {
    struct room *r = *state;
    struct vv_context ctx;
    struct vv_safetensors file;
    float kept;
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--likelihood", "gaussian", "--epochs", "9", "--out",
        in(r, "run"));
    assert_ok(r);
    assert_has(r->out, "  sigma 0.");
    vv_context_init(&ctx);
    if (!vv_safetensors_read_checked(&ctx, in(r, "run/checkpoint.safetensors"), 1 << 24, &file))
        fail_msg("%s", ctx.error);
    assert_string_equal(vv_safetensors_meta(&file, "likelihood"), "gaussian");
    assert_string_equal(vv_safetensors_meta(&file, "sigma"), "optimal");
    const struct vv_tensor *tensor = vv_safetensors_find(&file, "log_sigma");
    assert_non_null(tensor);
    memcpy(&kept, tensor->data, sizeof kept);
    vv_safetensors_finish(&file);
    // At the best sigma -log p is D (log sigma + (1 + log 2 pi) / 2).
    const double recon = metric(r, "run", "train_recon") / 120;
    assert_true(fabs((double)kept + 0.5 + 0.918939 - recon) < 0.5);
    assert_true(kept < -1.5f);
}

static void bits_are_told_of_binary_pixels_alone(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    static const char *const when[] = {"none", "static", "dynamic"};
    for (int i = 0; i < 3; i++) {
        const char *run = in(r, "run%d", i);
        RUN(r, "train", "--data", in(r, "set"), SMALL, "--binarize", when[i], "--epochs", "1", "--out",
            run);
        assert_ok(r);
        assert_int_equal(count_of(r->out, " bits/dim"), i > 0);
        char name[16];
        (void)snprintf(name, sizeof name, "run%d", i);
        const double bits = metric(r, name, "test_bits_per_dim"), loss = metric(r, name, "test_loss");
        assert_true(i ? fabs(bits * 120 * log(2) - loss) < 1e-5 * loss : isnan(bits));
        RUN(r, "info", run, "--json");
        assert_ok(r);
        assert_int_equal(count_of(r->out, "bits_per_dim"), i ? 3 : 0);
    }
    // The test is the same draw, and a run goes on with what it began with.
    RUN(r, "train", "--resume", in(r, "run1"), "--epochs", "2");
    assert_ok(r);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--binarize", "static", "--epochs", "2", "--out",
        in(r, "whole"));
    assert_ok(r);
    assert_same_run(in(r, "whole"), in(r, "run1"));
}

int main(void) {
    begin(true);
    const struct CMUnitTest tests[] = {
        ROOM(each_likelihood_is_trained_and_continued),
        ROOM(the_kept_sigma_follows_the_batches),
        ROOM(bits_are_told_of_binary_pixels_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
