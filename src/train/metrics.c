#include "metrics.h"

#include <cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "size.h"

_Static_assert(sizeof(struct vv_metrics_row) == VV_METRIC_COLUMNS * sizeof(double),
               "rows are read as columns");

static const uint64_t file_limit = 1u << 28;  // of a file with a line an epoch
// A line with the KL of the most latents there may be, 4096, has half of that. JSON takes some forty
// times as much memory when it is read, so that a longer one is not.
enum { LINE_MOST = 1 << 17 };

// Room for the KL of each latent, in as many rows as there is room for; those of rows without are NaN.
static bool grow_kl(struct vv_context *ctx, struct vv_metrics *m, uint32_t latent) {
    const uint64_t whole = (uint64_t)m->room * latent, filled = m->kl ? (uint64_t)m->count * latent : 0;
    float *kl = vv_alloc(ctx, whole, sizeof *kl);
    if (!kl) return false;
    for (uint64_t i = 0; i < whole; i++) kl[i] = i < filled ? m->kl[i] : NAN;
    free(m->kl);
    m->kl = kl;
    m->latent = latent;
    return true;
}

static bool grow(struct vv_context *ctx, struct vv_metrics *m) {
    uint32_t room = m->room ? 2 * m->room : 16;
    struct vv_metrics_row *rows = vv_alloc(ctx, room, sizeof *rows);
    if (!rows) return false;
    if (m->count) memcpy(rows, m->rows, m->count * sizeof *rows);
    free(m->rows);
    m->rows = rows;
    m->room = room;
    return !m->kl || grow_kl(ctx, m, m->latent);
}

bool vv_metrics_add(struct vv_context *ctx, struct vv_metrics *metrics, const struct vv_metrics_row *row,
                    const float *kl, uint32_t latent) {
    if (metrics->count == metrics->room && !grow(ctx, metrics)) return false;
    if (kl && !metrics->kl && !grow_kl(ctx, metrics, latent)) return false;
    if (kl) memcpy(metrics->kl + (size_t)metrics->count * latent, kl, latent * sizeof *kl);
    metrics->rows[metrics->count++] = *row;
    return true;
}

double *vv_metrics_pack(struct vv_context *ctx, const struct vv_metrics *metrics, uint32_t *columns) {
    const uint64_t rows = metrics->count;
    const double *from = (const double *)metrics->rows;
    *columns = VV_METRIC_FIRST_COLUMNS;
    for (uint64_t r = 0; r < rows; r++)
        for (uint32_t c = *columns; c < VV_METRIC_COLUMNS; c++)
            if (!isnan(from[r * VV_METRIC_COLUMNS + c])) *columns = c + 1;
    double *to = vv_alloc(ctx, rows * *columns, sizeof *to);
    for (uint64_t r = 0; to && r < rows; r++)
        memcpy(to + r * *columns, from + r * VV_METRIC_COLUMNS, *columns * sizeof *to);
    return to;
}

bool vv_metrics_unpack(struct vv_context *ctx, const double *numbers, uint32_t count, uint32_t columns,
                       struct vv_metrics *metrics) {
    *metrics = (struct vv_metrics){.count = count, .room = count};
    metrics->rows = vv_alloc(ctx, count, sizeof *metrics->rows);
    double *to = (double *)metrics->rows;
    for (uint64_t i = 0; to && i < (uint64_t)count * VV_METRIC_COLUMNS; i++) {
        const uint64_t column = i % VV_METRIC_COLUMNS;
        to[i] = column < columns ? numbers[i / VV_METRIC_COLUMNS * columns + column] : (double)NAN;
    }
    return to != NULL;
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
    free(metrics->kl);
    *metrics = (struct vv_metrics){0};
}

// Where lines go: to a writer, or, with none, beside what a file holds.
struct sink {
    struct vv_writer *writer;
    const char *beside;  // what of it is left
    bool same;
};

static void write_text(struct sink *sink, const char *text) {
    const size_t length = strlen(text);
    if (sink->writer)
        (void)vv_writer_write(sink->writer, text, length);
    else if (sink->same && strncmp(sink->beside, text, length) == 0)
        sink->beside += length;
    else
        sink->same = false;
}

// Nothing of a row that has none.
static void write_kl(struct sink *sink, const float *kl, uint32_t latent) {
    char text[32];
    if (isnan(kl[0])) return;
    for (uint32_t j = 0; j < latent; j++) {
        (void)snprintf(text, sizeof text, isfinite(kl[j]) ? "%s%.6g" : "%snull",
                       j ? "," : ",\"kl_per_latent\":[", (double)kl[j]);
        write_text(sink, text);
    }
    write_text(sink, "]");
}

// JSON has no word for what is not finite but null; of those behind the first, what is none is not
// there.
static void write_row(struct sink *sink, const struct vv_metrics *metrics, uint32_t number,
                      double bits) {
    const struct vv_metrics_row *r = &metrics->rows[number];
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
                  {"test_kl", r->test_kl},
                  {"train_bits_per_dim", bits > 0 ? bits * (r->train_recon + r->train_kl) : (double)NAN},
                  {"test_bits_per_dim", bits > 0 ? bits * (r->test_recon + r->test_kl) : (double)NAN},
                  {"kl_weight", r->kl_weight},
                  {"capacity", r->capacity},
                  {"train_objective", r->train_objective},
                  {"test_objective", r->test_objective},
                  {"active_units", r->active_units}};
    const size_t count = sizeof fields / sizeof *fields, first = 8;
    for (size_t i = 0; i < count; i++) {
        char text[64], value[32] = "null";
        if (i >= first && isnan(fields[i].value)) continue;
        if (isfinite(fields[i].value))
            (void)snprintf(value, sizeof value, i < 2 ? "%.0f" : "%.9g", fields[i].value);
        (void)snprintf(text, sizeof text, "%c\"%s\":%s", i ? ',' : '{', fields[i].key, value);
        write_text(sink, text);
    }
    if (metrics->kl) write_kl(sink, metrics->kl + (size_t)number * metrics->latent, metrics->latent);
    write_text(sink, "}\n");
}

bool vv_metrics_write(struct vv_context *ctx, const char *path, const struct vv_metrics *metrics,
                      double bits) {
    struct vv_writer writer;
    if (!vv_writer_open(ctx, path, &writer)) return false;
    struct sink sink = {.writer = &writer};
    for (uint32_t i = 0; i < metrics->count; i++) write_row(&sink, metrics, i, bits);
    return vv_writer_commit(&writer);
}

bool vv_metrics_are(const char *path, const struct vv_metrics *metrics, double bits, bool more) {
    struct vv_context quiet;
    unsigned char *bytes = NULL;
    uint64_t size;
    vv_context_init(&quiet);
    if (!vv_file_read(&quiet, path, file_limit, &bytes, &size)) return false;
    struct sink sink = {.beside = (const char *)bytes, .same = true};
    for (uint32_t i = 0; i < metrics->count; i++) write_row(&sink, metrics, i, bits);
    const bool same = sink.same && (more || sink.beside == (const char *)bytes + size);
    free(bytes);
    return same;
}

static bool read_value(const cJSON *line, const char *key, double *value) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, key);
    *value = cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
    return cJSON_IsNumber(item) || cJSON_IsNull(item);
}

// What need not be there.
static void read_rest(const cJSON *line, struct vv_metrics_row *r) {
    (void)read_value(line, "active_units", &r->active_units);
    (void)read_value(line, "kl_weight", &r->kl_weight);
    (void)read_value(line, "capacity", &r->capacity);
    (void)read_value(line, "train_objective", &r->train_objective);
    (void)read_value(line, "test_objective", &r->test_objective);
}

// A digit that a disk changed would be believed otherwise: each of the three is printed to nine.
static bool is_sum(const cJSON *line, const char *key, double a, double b) {
    double sum;
    if (!read_value(line, key, &sum) || !isfinite(a + b)) return true;
    return fabs(sum - (a + b)) <= 1e-8 * (fabs(a) + fabs(b) + fabs(sum));
}

static cJSON *parse_line(const char *text, size_t length) {
    return length <= LINE_MOST ? cJSON_ParseWithLength(text, length) : NULL;
}

static bool read_row(const char *text, size_t length, struct vv_metrics_row *r, bool *sums) {
    cJSON *line = parse_line(text, length);
    const bool ok =
        read_value(line, "epoch", &r->epoch) && read_value(line, "step", &r->step) &&
        read_value(line, "train_recon", &r->train_recon) && read_value(line, "train_kl", &r->train_kl) &&
        read_value(line, "test_recon", &r->test_recon) && read_value(line, "test_kl", &r->test_kl);
    *sums = !ok || (is_sum(line, "train_loss", r->train_recon, r->train_kl) &&
                    is_sum(line, "test_loss", r->test_recon, r->test_kl));
    read_rest(line, r);
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
        bool sums;
        ok = read_row(line, length, &row, &sums) && row.epoch == metrics->count + 1.0;
        if (ok && !sums)
            ok = vv_fail(ctx, VV_BAD_DATA,
                         "%s: the losses of line %u are not the sums of their parts; restore it from a "
                         "copy, or start again",
                         path, metrics->count + 1);
        else if (!ok)
            (void)vv_fail(
                ctx, VV_BAD_DATA,
                "%s: line %u does not tell of epoch %u; restore it from a copy, or start again", path,
                metrics->count + 1, metrics->count + 1);
        ok = ok && vv_metrics_add(ctx, metrics, &row, NULL, 0);
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
    unsigned char *old = NULL;
    uint64_t size;
    struct vv_context quiet;
    vv_context_init(&quiet);
    errno = 0;
    // A run may be without its times, but those that there are are not to be lost.
    if (epoch > 1 && !vv_file_read(&quiet, path, file_limit, &old, &size) && errno != ENOENT)
        return vv_fail(ctx, quiet.status, "%s", quiet.error);
    const bool open = vv_writer_open(ctx, path, &writer);
    if (open && old) keep_lines(&writer, (char *)old, epoch);
    free(old);
    if (!open) return false;
    char line[256];
    int n = snprintf(
        line, sizeof line,
        "{\"epoch\":%u,\"train_seconds\":%.4f,\"test_seconds\":%.4f,\"images_per_second\":%.1f}\n",
        epoch, train_seconds, test_seconds, images_per_second);
    (void)vv_writer_write(&writer, line, (uint64_t)n);
    return vv_writer_commit(&writer);
}

static int compare_numbers(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bool vv_timing_median(struct vv_context *ctx, const char *path, double *images_per_second) {
    unsigned char *bytes = NULL;
    const uint64_t shortest = sizeof "{\"images_per_second\":1}" - 1;
    uint64_t size, count = 0;
    struct vv_context quiet;
    vv_context_init(&quiet);
    *images_per_second = 0;
    if (!vv_file_read(&quiet, path, file_limit, &bytes, &size)) return true;
    double *rates = vv_alloc(ctx, size / shortest + 1, sizeof *rates);
    for (const char *line = (const char *)bytes; rates && *line;) {
        const size_t length = strcspn(line, "\n");
        cJSON *json = parse_line(line, length);
        if (read_value(json, "images_per_second", &rates[count]) && rates[count] > 0) count++;
        cJSON_Delete(json);
        line += length + (line[length] == '\n');
    }
    if (count) {
        qsort(rates, count, sizeof *rates, compare_numbers);
        *images_per_second = (rates[(count - 1) / 2] + rates[count / 2]) / 2;
    }
    free(bytes);
    free(rates);
    return rates != NULL;
}
