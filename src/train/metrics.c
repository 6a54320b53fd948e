#include "metrics.h"

#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "size.h"

_Static_assert(sizeof(struct vv_metrics_row) == VV_METRIC_COLUMNS * sizeof(double),
               "rows are read as columns");

static const uint64_t file_limit = 1u << 28;  // of a file with a line an epoch

bool vv_metrics_add(struct vv_context *ctx, struct vv_metrics *metrics,
                    const struct vv_metrics_row *row) {
    if (metrics->count == metrics->room) {
        uint32_t room = metrics->room ? 2 * metrics->room : 16;
        struct vv_metrics_row *rows = vv_alloc(ctx, room, sizeof *rows);
        if (!rows) return false;
        if (metrics->count) memcpy(rows, metrics->rows, metrics->count * sizeof *rows);
        free(metrics->rows);
        metrics->rows = rows;
        metrics->room = room;
    }
    metrics->rows[metrics->count++] = *row;
    return true;
}

uint32_t vv_metrics_best(const struct vv_metrics *metrics) {
    uint32_t best = 0;
    double lowest = INFINITY;
    for (uint32_t i = 0; i < metrics->count; i++) {
        const double loss = metrics->rows[i].test_recon + metrics->rows[i].test_kl;
        if (!(loss < lowest)) continue;
        lowest = loss;
        best = i + 1;
    }
    return best;
}

void vv_metrics_finish(struct vv_metrics *metrics) {
    free(metrics->rows);
    *metrics = (struct vv_metrics){0};
}

// JSON has no word for what is not finite but null.
static void write_row(struct vv_writer *writer, const struct vv_metrics_row *r) {
    const struct {
        const char *key;
        double value;
    } fields[] = {{"epoch", r->epoch},
                  {"step", r->step},
                  {"train_loss", r->train_recon + r->train_kl},
                  {"train_recon", r->train_recon},
                  {"train_kl", r->train_kl},
                  {"test_loss", r->test_recon + r->test_kl},
                  {"test_recon", r->test_recon},
                  {"test_kl", r->test_kl}};
    const size_t count = sizeof fields / sizeof *fields;
    for (size_t i = 0; i < count; i++) {
        char text[64], value[32] = "null";
        if (isfinite(fields[i].value))
            (void)snprintf(value, sizeof value, i < 2 ? "%.0f" : "%.9g", fields[i].value);
        const int n = snprintf(text, sizeof text, "%c\"%s\":%s", i ? ',' : '{', fields[i].key, value);
        (void)vv_writer_write(writer, text, (uint64_t)n);
    }
    (void)vv_writer_write(writer, "}\n", 2);
}

bool vv_metrics_write(struct vv_context *ctx, const char *path, const struct vv_metrics *metrics) {
    struct vv_writer writer;
    if (!vv_writer_open(ctx, path, &writer)) return false;
    for (uint32_t i = 0; i < metrics->count; i++) {
        write_row(&writer, &metrics->rows[i]);
    }
    return vv_writer_commit(&writer);
}

static bool read_value(const cJSON *line, const char *key, double *value) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, key);
    *value = cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
    return cJSON_IsNumber(item) || cJSON_IsNull(item);
}

static bool read_row(const char *text, size_t length, struct vv_metrics_row *r) {
    cJSON *line = cJSON_ParseWithLength(text, length);
    const bool ok =
        read_value(line, "epoch", &r->epoch) && read_value(line, "step", &r->step) &&
        read_value(line, "train_recon", &r->train_recon) && read_value(line, "train_kl", &r->train_kl) &&
        read_value(line, "test_recon", &r->test_recon) && read_value(line, "test_kl", &r->test_kl);
    cJSON_Delete(line);
    return ok;
}

bool vv_metrics_read(struct vv_context *ctx, const char *path, struct vv_metrics *metrics) {
    unsigned char *bytes = NULL;
    uint64_t size;
    *metrics = (struct vv_metrics){0};
    bool ok = vv_file_read(ctx, path, file_limit, &bytes, &size);
    for (const char *line = (const char *)bytes; ok && *line;) {
        const size_t length = strcspn(line, "\n");
        struct vv_metrics_row row;
        ok = read_row(line, length, &row) && row.epoch == metrics->count + 1.0;
        if (!ok)
            (void)vv_fail(
                ctx, VV_BAD_DATA,
                "%s: line %u does not tell of epoch %u; restore it from a copy, or start again", path,
                metrics->count + 1, metrics->count + 1);
        ok = ok && vv_metrics_add(ctx, metrics, &row);
        line += length + (line[length] == '\n');
    }
    free(bytes);
    return ok;
}

// Lines of the old file that tell of epochs before `epoch`.
static void keep_lines(struct vv_writer *writer, char *text, uint32_t epoch) {
    for (char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        unsigned at = 0;
        bool whole = line[length] == '\n' && sscanf(line, "{\"epoch\":%u,", &at) == 1;
        if (whole && at < epoch) (void)vv_writer_write(writer, line, length + 1);
        line += length + (line[length] == '\n');
    }
}

bool vv_timing_write(struct vv_context *ctx, const char *path, uint32_t epoch, double train_seconds,
                     double test_seconds, double images_per_second) {
    struct vv_writer writer;
    if (!vv_writer_open(ctx, path, &writer)) return false;
    unsigned char *old = NULL;
    uint64_t size;
    struct vv_context quiet;
    vv_context_init(&quiet);
    if (epoch > 1 && vv_file_read(&quiet, path, file_limit, &old, &size))
        keep_lines(&writer, (char *)old, epoch);
    free(old);
    char line[256];
    int n = snprintf(
        line, sizeof line,
        "{\"epoch\":%u,\"train_seconds\":%.4f,\"test_seconds\":%.4f,\"images_per_second\":%.1f}\n",
        epoch, train_seconds, test_seconds, images_per_second);
    (void)vv_writer_write(&writer, line, (uint64_t)n);
    return vv_writer_commit(&writer);
}
