// The history of a run: what a save keeps of it is what it was, and saves of earlier versions are read.
#include "../temporary.h"
#include "file.h"
#include "metrics.h"

#include <math.h>
#include <stdlib.h>

#define NONE ((double)NAN)

static struct vv_metrics_row row_of(double epoch, double active, double weight) {
    return (struct vv_metrics_row){.epoch = epoch,
                                   .step = 10 * epoch,
                                   .train_recon = 100.25,
                                   .train_kl = 20,
                                   .test_recon = 101,
                                   .test_kl = 21.5,
                                   .active_units = active,
                                   .kl_weight = weight,
                                   .capacity = NONE,
                                   .train_objective = weight > 0 ? 110 : NONE,
                                   .test_objective = weight > 0 ? 112 : NONE};
}

static char *write_rows(struct temporary *t, const struct vv_metrics *metrics) {
    const char *path = path_of(t, "metrics.jsonl");
    unsigned char *bytes = NULL;
    uint64_t size;
    if (!vv_metrics_write(&t->ctx, path, metrics, 0)) fail_msg("%s", t->ctx.error);
    assert_true(vv_file_read(&t->ctx, path, 1 << 20, &bytes, &size));
    return (char *)bytes;
}

#define FIRST(epoch, step)                                                                              \
    "{\"epoch\":" epoch ",\"step\":" step                                                               \
    ",\"train_loss\":120.25,\"train_recon\":100.25,\"train_kl\":20,\"test_loss\":122.5,"                \
    "\"test_recon\":101,\"test_kl\":21.5"

// Rows of version 0.1.0, then one of today's: each line is what it was.
static void earlier_rows_stay_as_they_were(void **state) {
    struct temporary *t = *state;
    struct vv_metrics metrics = {0}, again;
    const struct vv_metrics_row old = row_of(1, NONE, NONE), fresh = row_of(2, 2, 0.5);
    const float kl[3] = {20.25f, 1.0f / 3, 0};
    uint32_t columns;
    assert_true(vv_metrics_add(&t->ctx, &metrics, &old, NULL, 0));
    double *numbers = vv_metrics_pack(&t->ctx, &metrics, &columns);
    assert_int_equal(columns, VV_METRIC_FIRST_COLUMNS);
    vv_metrics_finish(&metrics);
    assert_true(vv_metrics_unpack(&t->ctx, numbers, 1, columns, &metrics));
    free(numbers);
    assert_true(vv_metrics_add(&t->ctx, &metrics, &fresh, kl, 3));
    char *text = write_rows(t, &metrics);
    assert_string_equal(
        text, FIRST("1", "10") "}\n" FIRST(
                  "2", "20") ",\"kl_weight\":0.5,\"train_objective\":110,\"test_objective\":112,"
                             "\"active_units\":2,\"kl_per_latent\":[20.25,0.333333,0]}\n");
    numbers = vv_metrics_pack(&t->ctx, &metrics, &columns);
    assert_int_equal(columns, VV_METRIC_COLUMNS);
    assert_true(vv_metrics_unpack(&t->ctx, numbers, 2, columns, &again));
    again.kl = metrics.kl;
    again.latent = metrics.latent;
    metrics.kl = NULL;
    char *same = write_rows(t, &again);
    assert_string_equal(text, same);
    free(numbers);
    free(text);
    free(same);
    vv_metrics_finish(&metrics);
    vv_metrics_finish(&again);
}

// As many rows as make it grow, each with its own latents.
static void many_rows_keep_their_latents(void **state) {
    struct temporary *t = *state;
    struct vv_metrics metrics = {0}, read;
    for (uint32_t i = 0; i < 40; i++) {
        const struct vv_metrics_row row = row_of(i + 1, i, NONE);
        const float kl[2] = {(float)i, 0.5f};
        assert_true(vv_metrics_add(&t->ctx, &metrics, &row, i ? kl : NULL, 2));
    }
    assert_true(isnan(metrics.kl[0]));
    for (uint32_t i = 1; i < 40; i++)
        assert_true(metrics.kl[2 * (size_t)i] == (float)i && metrics.kl[2 * (size_t)i + 1] == 0.5f);
    free(write_rows(t, &metrics));
    const char *path = path_of(t, "metrics.jsonl");
    if (!vv_metrics_read(&t->ctx, path, &read)) fail_msg("%s", t->ctx.error);
    assert_int_equal(read.count, 40);
    assert_true(read.rows[7].active_units == 7 && isnan(read.rows[7].kl_weight));
    vv_metrics_finish(&metrics);
    vv_metrics_finish(&read);
}

static bool is_read(struct temporary *t, const char *text) {
    struct vv_metrics read;
    const char *path = path_of(t, "metrics.jsonl");
    vv_clear(&t->ctx);
    assert_true(vv_file_write(&t->ctx, path, text, strlen(text)));
    const bool ok = vv_metrics_read(&t->ctx, path, &read);
    assert_int_equal(read.count, ok);
    vv_metrics_finish(&read);
    return ok;
}

// Losses are the sums of their parts; what was not finite is null, and a line may lack them.
static void changed_digits_are_not_believed(void **state) {
    struct temporary *t = *state;
    struct vv_metrics metrics = {0};
    const struct vv_metrics_row row = row_of(1, 2, NONE);
    assert_true(vv_metrics_add(&t->ctx, &metrics, &row, NULL, 0));
    free(write_rows(t, &metrics));
    const char *path = path_of(t, "metrics.jsonl");
    assert_true(vv_metrics_are(path, &metrics, 0, false));
    metrics.rows[0].test_kl = 21.25;
    assert_false(vv_metrics_are(path, &metrics, 0, false));
    metrics.count = 0;
    assert_true(vv_metrics_are(path, &metrics, 0, true));
    assert_false(vv_metrics_are(path, &metrics, 0, false));
    assert_false(vv_metrics_are(path_of(t, "none.jsonl"), &metrics, 0, true));
    vv_metrics_finish(&metrics);
    assert_true(is_read(t, FIRST("1", "10") "}\n"));
    assert_true(is_read(t, "{\"epoch\":1,\"step\":9,\"train_recon\":1,\"train_kl\":2,\"test_recon\":3,"
                           "\"test_kl\":null,\"test_loss\":null,\"train_loss\":3.00000001}"));
    assert_false(is_read(t, "{\"epoch\":1,\"step\":9,\"train_recon\":1,\"train_kl\":2,\"test_recon\":3,"
                            "\"test_kl\":null,\"train_loss\":3.1}"));
    assert_false(is_read(t, "{\"epoch\":1,\"step\":9,\"train_recon\":1,\"train_kl\":2,\"test_recon\":3,"
                            "\"test_kl\":4,\"test_loss\":-7}"));
}

static double median_of(struct temporary *t, const char *text) {
    double median = -1;
    const char *path = path_of(t, "timing.jsonl");
    assert_true(vv_file_write(&t->ctx, path, text, strlen(text)));
    assert_true(vv_timing_median(&t->ctx, path, &median));
    return median;
}

static void speed_is_the_median_of_the_epochs(void **state) {
    struct temporary *t = *state;
    double median = -1;
    assert_true(vv_timing_median(&t->ctx, path_of(t, "none.jsonl"), &median));
    assert_true(median == 0);
    assert_true(median_of(t, "") == 0);
    assert_true(median_of(t, "{}\nnonsense\n{\"images_per_second\":null}\n") == 0);
    assert_true(median_of(t, "{\"images_per_second\":9}\n{\"images_per_second\":100}\n"
                             "{\"images_per_second\":20}\n") == 20);
    assert_true(median_of(t, "{\"images_per_second\":10}\n{\"images_per_second\":20}") == 15);
}

// A line of so many latents, each in as many characters as one may take.
static char *line_of(uint32_t latents) {
    static const char head[] = "{\"epoch\":1,\"step\":1,\"images_per_second\":7,\"train_recon\":1,"
                               "\"train_kl\":1,\"test_recon\":1,\"test_kl\":1,\"kl_per_latent\":[0";
    char *line = malloc(sizeof head + 14 * (size_t)latents + 4);
    assert_non_null(line);
    char *at = line + sprintf(line, "%s", head);
    for (uint32_t i = 1; i < latents; i++) at += sprintf(at, ",%.6g", -1.23456e-38);
    (void)sprintf(at, "]}\n");
    return line;
}

static void lines_have_the_most_latents_and_no_flood(void **state) {
    struct temporary *t = *state;
    struct vv_metrics read;
    const char *path = path_of(t, "metrics.jsonl");
    for (uint32_t latents = 4096; latents <= 4 * 4096; latents *= 4) {
        char *line = line_of(latents);
        assert_true(vv_file_write(&t->ctx, path, line, strlen(line)));
        assert_int_equal(vv_metrics_read(&t->ctx, path, &read), latents == 4096);
        if (latents > 4096)
            assert_failure(&t->ctx, VV_BAD_DATA, "line 1 does not tell of epoch 1", (char *)NULL);
        assert_true(median_of(t, line) == (latents == 4096 ? 7 : 0));
        vv_metrics_finish(&read);
        free(line);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(earlier_rows_stay_as_they_were),           TEST(many_rows_keep_their_latents),
        TEST(changed_digits_are_not_believed),          TEST(speed_is_the_median_of_the_epochs),
        TEST(lines_have_the_most_latents_and_no_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
