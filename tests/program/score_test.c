// vkvae score: each number against what encode and sample say of the same pictures, and what is told.
#include "runner.h"

#include "abi.h"
#include "array.h"
#include "noise.h"

#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATENT = 4, SIDE = 10, PIXELS = SIDE * SIDE, TEST = 60, DRAWS = 3, SEED = 9 };

#define SET "--images", "300", "--test-images", "60", "--size", "10x10"

struct row {
    unsigned index, label, anomalous;
    double recon, kl, elbo, probability, score;
};

static void train_run(struct room *r) {
    RUN(r, "train", SET, SMALL, "--epochs", "6", "--classes", "0", "--out", in(r, "run"));
    assert_ok(r);
}

#define SCORE(r, ...) RUN(r, "score", in(r, "run"), __VA_ARGS__)

static uint32_t read_rows(const char *path, struct row *rows, uint32_t most) {
    char line[512];
    uint32_t count = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "index,label,recon,kl,elbo,probability,score,anomalous\n");
    while (fgets(line, sizeof line, file)) {
        struct row *at = &rows[count];
        assert_in_range(count, 0, most - 1);
        assert_int_equal(sscanf(line, "%u,%u,%lf,%lf,%lf,%lf,%lf,%u", &at->index, &at->label, &at->recon,
                                &at->kl, &at->elbo, &at->probability, &at->score, &at->anomalous),
                         8);
        assert_int_equal(at->index, count++);
    }
    assert_int_equal(fclose(file), 0);
    return count;
}

static double number(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

static float *decode(struct room *r, const float *z) {
    vkvae *v = vkvae_create();
    vkvae_sample_options options;
    float *pixels;
    struct vv_context ctx;
    vv_context_init(&ctx);
    assert_true(vv_npy_write(&ctx, in(r, "z.npy"), z, (const uint32_t[]){TEST, LATENT}, 2));
    vkvae_sample_defaults(&options);
    options.run = in(r, "run");
    options.device.device = "reference";
    options.from = in(r, "z.npy");
    options.pixels = &pixels;
    if (vkvae_sample(v, &options, NULL) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
    return pixels;
}

// log p(x|z) of Bernoulli pixels with means p.
static double log_p(const unsigned char *x, const float *p) {
    double sum = 0;
    for (int i = 0; i < PIXELS; i++) {
        const double share = x[i] / 255.0, mean = (double)p[i];
        sum += share * log(fmax(mean, 1e-30)) + (1 - share) * log(fmax(1 - mean, 1e-30));
    }
    return sum;
}

struct codes {
    float *mu, *logvar;
    unsigned char *pixels;  // of the pictures themselves
};

// All of the set's test part, of whatever class.
static struct codes encode(struct room *r) {
    vkvae *v = vkvae_create();
    struct codes c;
    vkvae_encode_options options;
    vkvae_encode_defaults(&options);
    options.use.run = in(r, "run");
    options.use.device.device = "reference";
    options.use.reading.classes = "0,1,2";
    options.mu = &c.mu;
    options.logvar = &c.logvar;
    if (vkvae_encode(v, &options, NULL) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
    RUN(r, "data", "shapes", "-n", "300", "--test-images", "60", "--size", "10x10", "-o",
        in(r, "files"));
    assert_ok(r);
    size_t size;
    unsigned char *file = read_bytes(in(r, "files/t10k-images-idx3-ubyte"), &size);
    assert_int_equal(size, 16 + TEST * PIXELS);
    memmove(file, file + 16, TEST * PIXELS);
    c.pixels = file;
    return c;
}

static void compare_draws(struct room *r, const struct codes *c, const struct row *rows) {
    static double sum[TEST];
    for (uint32_t d = 0; d < DRAWS; d++) {
        static float z[TEST * LATENT];
        for (uint32_t i = 0; i < TEST * LATENT; i++)
            z[i] = c->mu[i] + expf(c->logvar[i] / 2) *
                                  vv_noise_at(SEED, VV_STREAM_SCORE, d, i / LATENT, i % LATENT);
        float *p = decode(r, z);
        for (int i = 0; i < TEST; i++) sum[i] += log_p(c->pixels + i * PIXELS, p + i * PIXELS);
        vkvae_free(p);
    }
    for (int i = 0; i < TEST; i++)
        assert_true(fabs(rows[i].probability - sum[i] / DRAWS) < 1e-3 * fabs(sum[i] / DRAWS));
}

static void numbers_are_those_of_codes_and_samples(void **state) {
    struct room *r = *state;
    static struct row rows[TEST];
    train_run(r);
    SCORE(r, "--draws", "3", "--seed", "9", "--threshold", "40", "-o", in(r, "a.csv"));
    assert_ok(r);
    assert_int_equal(read_rows(in(r, "a.csv"), rows, TEST), TEST);
    const struct codes c = encode(r);
    float *p = decode(r, c.mu);
    for (int i = 0; i < TEST; i++) {
        const struct row *at = &rows[i];
        const double recon = -log_p(c.pixels + i * PIXELS, p + i * PIXELS);
        double kl = 0;  // Kingma & Welling 2013, appendix B
        for (int k = 0; k < LATENT; k++) {
            const double mu = (double)c.mu[i * LATENT + k], logvar = (double)c.logvar[i * LATENT + k];
            kl += (mu * mu + exp(logvar) - 1 - logvar) / 2;
        }
        assert_true(fabs(at->recon - recon) < 1e-3 * recon);
        assert_true(fabs(at->kl - kl) < 1e-4 * (1 + kl));
        assert_true(fabs(at->elbo - (at->probability - at->kl)) < 1e-5 * fabs(at->elbo));
        assert_true(at->score == -at->elbo);
        assert_int_equal(at->anomalous, at->score > 40);
    }
    compare_draws(r, &c, rows);
    vkvae_free(p);
    vkvae_free(c.mu);
    vkvae_free(c.logvar);
    free(c.pixels);
}

static void one_of_three_ranks(void **state) {
    struct room *r = *state;
    static struct row a[TEST], b[TEST];
    train_run(r);
    SCORE(r, "--by", "recon", "--threshold", "1", "-o", in(r, "a.csv"));
    assert_ok(r);
    SCORE(r, "--by", "probability", "--threshold", "1", "--seed", "3", "-o", in(r, "b.csv"));
    assert_ok(r);
    (void)read_rows(in(r, "a.csv"), a, TEST);
    (void)read_rows(in(r, "b.csv"), b, TEST);
    bool drawn = false;
    for (int i = 0; i < TEST; i++) {
        assert_true(a[i].score == a[i].recon && b[i].score == -b[i].probability);
        assert_true(a[i].recon == b[i].recon && a[i].kl == b[i].kl);
        drawn |= a[i].probability != b[i].probability;
    }
    assert_true(drawn);
    // The same seed gives the same bytes, and noise is a picture's, however many there are.
    SCORE(r, "--by", "probability", "--threshold", "1", "--seed", "3", "-o", in(r, "c.csv"));
    assert_same_file(in(r, "b.csv"), in(r, "c.csv"));
    SCORE(r, "--by", "probability", "--threshold", "1", "--seed", "3", "--limit", "7", "-o",
          in(r, "c.csv"));
    assert_int_equal(read_rows(in(r, "c.csv"), a, TEST), 7);
    for (int i = 0; i < 7; i++) assert_true(a[i].probability == b[i].probability);
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double threshold_of(struct room *r, const char *images) {
    SCORE(r, "--quantile", "0.9", "--threshold-images", images, "--json", "-o", in(r, "t.csv"));
    assert_ok(r);
    cJSON *json = cJSON_Parse(r->out);
    const double threshold = number(json, "threshold");
    cJSON_Delete(json);
    return threshold;
}

// Of the pictures of class 0 alone, which it was trained on; also of another set, that is of these.
static void threshold_is_the_quantile_of_training_scores(void **state) {
    struct room *r = *state;
    static struct row rows[300];
    double scores[300];
    train_run(r);
    SCORE(r, "--part", "train", "--classes", "0", "--threshold", "1", "-o", in(r, "a.csv"));
    assert_ok(r);
    const uint32_t count = read_rows(in(r, "a.csv"), rows, 300);
    assert_in_range(count, 60, 150);
    for (uint32_t i = 0; i < count; i++) scores[i] = rows[i].score;
    const double threshold = threshold_of(r, "10000"), of_20 = threshold_of(r, "20");
    double first[20];
    memcpy(first, scores, sizeof first);
    qsort(scores, count, sizeof *scores, compare);
    qsort(first, 20, sizeof *first, compare);
    const double at = 0.9 * (count - 1);
    const uint32_t low = (uint32_t)at;
    const double expected = scores[low] + (at - low) * (scores[low + 1] - scores[low]);
    assert_true(fabs(threshold - expected) < 1e-6 * expected);
    assert_true(fabs(of_20 - (first[17] + 0.1 * (first[18] - first[17]))) < 1e-6 * expected);
    SCORE(r, "--quantile", "0.9", "--data", "shapes", "--images", "5", "--test-images", "9", "--json",
          "-o", in(r, "t.csv"));
    assert_ok(r);
    cJSON *json = cJSON_Parse(r->out);
    assert_true(number(json, "threshold") == threshold && number(json, "count") == 9);
    assert_true(number(json, "threshold_images") == count);
    cJSON_Delete(json);
}

// Against each pair of an anomaly and another.
static void check_verdict(const struct row *rows, const cJSON *json) {
    double won = 0, pairs = 0, above[2] = {0, 0}, of[2] = {0, 0};
    for (int i = 0; i < TEST; i++) {
        of[rows[i].label != 0]++;
        above[rows[i].label != 0] += rows[i].anomalous;
        for (int k = 0; k < TEST; k++) {
            if (rows[i].label == 0 || rows[k].label != 0) continue;
            pairs++;
            won += rows[i].score > rows[k].score;
        }
    }
    assert_true(fabs(number(json, "auroc") - won / pairs) < 1e-12);
    assert_true(number(json, "anomalies") == of[1]);
    assert_true(fabs(number(json, "tpr") - above[1] / of[1]) < 1e-12);
    assert_true(fabs(number(json, "fpr") - above[0] / of[0]) < 1e-12);
    assert_true(number(json, "anomalous") == above[0] + above[1]);
}

static void classes_tell_how_well_scores_part_them(void **state) {
    struct room *r = *state;
    static struct row rows[TEST];
    train_run(r);
    SCORE(r, "--normal-class", "0", "--quantile", "0.9", "--roc", in(r, "roc.png"), "--heat",
          in(r, "heat.png"), "--worst", "5", "--json", "-o", in(r, "a.csv"));
    assert_ok(r);
    cJSON *json = cJSON_Parse(r->out);
    (void)read_rows(in(r, "a.csv"), rows, TEST);
    check_verdict(rows, json);
    assert_true(exists(in(r, "roc.png")) && exists(in(r, "heat.png")));
    const cJSON *worst = cJSON_GetObjectItemCaseSensitive(json, "worst");
    assert_int_equal(cJSON_GetArraySize(worst), 5);
    double last = INFINITY;
    for (int i = 0; i < 5; i++) {
        const double score = rows[(int)cJSON_GetNumberValue(cJSON_GetArrayItem(worst, i))].score;
        assert_true(score <= last);
        last = score;
    }
    int higher = 0;
    for (int i = 0; i < TEST; i++) higher += rows[i].score > last;
    assert_int_equal(higher, 4);
    cJSON_Delete(json);
    SCORE(r, "--json", "-o", in(r, "a.csv"));
    assert_has(r->out, "\"auroc\":\tnull");
}

static void autoencoder_has_one_score(void **state) {
    struct room *r = *state;
    RUN(r, "train", SET, SMALL, "--epochs", "1", "--objective", "ae", "--out", in(r, "run"));
    assert_ok(r);
    SCORE(r, "-o", in(r, "a.csv"));
    assert_ok(r);
    assert_has(r->out, "60 pictures by recon");
    unsigned char *text = read_bytes(in(r, "a.csv"), NULL);
    assert_int_equal(strncmp((const char *)text, "index,label,recon,score,anomalous\n0,", 35), 0);
    free(text);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(numbers_are_those_of_codes_and_samples),
        ROOM(one_of_three_ranks),
        ROOM(threshold_is_the_quantile_of_training_scores),
        ROOM(classes_tell_how_well_scores_part_them),
        ROOM(autoencoder_has_one_score),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
