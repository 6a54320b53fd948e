#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool bench_table_open(struct bench_table *t, const struct bench_options *options,
                      const struct bench_column *columns) {
    *t = (struct bench_table){.options = options, .columns = columns, .root = cJSON_CreateObject()};
    (void)cJSON_AddStringToObject(t->root, "benchmark", options->command);
    (void)cJSON_AddStringToObject(t->root, "version", VV_VERSION);
    (void)cJSON_AddBoolToObject(t->root, "quick", options->quick);
    t->rows = cJSON_CreateArray();
    return (t->root && t->rows) || bench_fail("out of memory");
}

void bench_table_text(struct bench_table *t, const char *key, const char *text) {
    (void)cJSON_AddStringToObject(t->root, key, text);
    if (!t->options->json) printf("%s: %s\n", key, text);
}

void bench_table_number(struct bench_table *t, const char *key, double number, const char *unit) {
    (void)cJSON_AddNumberToObject(t->root, key, number);
    if (!t->options->json) printf("%s: %.4g %s\n", key, number, unit);
}

cJSON *bench_row(struct bench_table *t, const char *name) {
    cJSON *row = cJSON_CreateObject();
    if (cJSON_AddStringToObject(row, "name", name)) return row;
    t->failed = true;
    cJSON_Delete(row);
    (void)bench_fail("out of memory");
    return NULL;
}

static void print_head(struct bench_table *t) {
    if (t->headed) return;
    t->headed = true;
    for (const struct bench_column *c = t->columns; c->key; c++)
        printf("%*s%s", c->width, c->head, c[1].key ? "  " : "\n");
}

static void print_cell(const struct bench_column *c, const cJSON *row) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(row, c->key);
    const int width = c->width;
    if (cJSON_IsString(item))
        printf("%*s", width, item->valuestring);
    else if (cJSON_IsNumber(item))
        printf(c->digits < 0 ? "%*.*e" : "%*.*f", width, abs(c->digits), item->valuedouble * c->scale);
    else if (cJSON_IsBool(item))
        printf("%*s", width, cJSON_IsTrue(item) ? "yes" : "no");
    else
        printf("%*s", width, "");
}

void bench_row_end(struct bench_table *t, cJSON *row, bool ok) {
    t->failed |= !ok;
    if (!cJSON_AddBoolToObject(row, "ok", ok) || !cJSON_AddItemToArray(t->rows, row)) {
        t->failed = true;
        cJSON_Delete(row);
        return;
    }
    if (t->options->json) return;
    print_head(t);
    for (const struct bench_column *c = t->columns; c->key; c++) {
        print_cell(c, row);
        printf("  ");
    }
    puts(ok ? "" : "WRONG");
    (void)fflush(stdout);
}

void bench_table_note(struct bench_table *t, const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cJSON *notes = cJSON_GetObjectItemCaseSensitive(t->root, "notes");
    if (!notes) notes = cJSON_AddArrayToObject(t->root, "notes");
    (void)cJSON_AddItemToArray(notes, cJSON_CreateString(text));
    if (!t->options->json) printf("%s\n", text);
}

int bench_table_close(struct bench_table *t) {
    if (!cJSON_AddItemToObject(t->root, "rows", t->rows)) cJSON_Delete(t->rows);
    if (t->options->json) {
        char *text = cJSON_Print(t->root);
        if (text) puts(text);
        t->failed |= !text;
        cJSON_free(text);
    }
    cJSON_Delete(t->root);
    // A full disk is found here, not at exit, where nobody looks.
    if (fflush(stdout) != 0) t->failed = !bench_fail("standard output cannot be written");
    return t->failed;
}

// ---- Samples ----

void bench_sample(struct bench_samples *s, double value) {
    if (s->count < BENCH_SAMPLES) s->value[s->count++] = value;
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct bench_spread bench_spread(const struct bench_samples *s) {
    struct bench_samples sorted = *s;
    const uint32_t n = s->count;
    if (n == 0) return (struct bench_spread){0};
    qsort(sorted.value, n, sizeof *sorted.value, compare);
    return (struct bench_spread){sorted.value[0], (sorted.value[(n - 1) / 2] + sorted.value[n / 2]) / 2,
                                 sorted.value[n - 1]};
}

void bench_row_spread(cJSON *row, const char *prefix, const struct bench_samples *s) {
    const struct bench_spread spread = bench_spread(s);
    const struct {
        const char *name;
        double value;
    } parts[] = {
        {"min", spread.min}, {"median", spread.median}, {"max", spread.max}, {"runs", s->count}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char key[64];
        (void)snprintf(key, sizeof key, "%s%s", prefix, parts[i].name);
        (void)cJSON_AddNumberToObject(row, key, parts[i].value);
    }
}

void bench_row_rate(cJSON *row, const char *rate, double unit, double amount, double peak,
                    const struct bench_samples *seconds) {
    const struct bench_spread s = bench_spread(seconds);
    char key[32];
    if (amount <= 0 || s.min <= 0) return;
    (void)cJSON_AddNumberToObject(row, rate, amount / s.median / unit);
    (void)snprintf(key, sizeof key, "%s_max", rate);
    (void)cJSON_AddNumberToObject(row, key, amount / s.min / unit);
    if (peak > 0) (void)cJSON_AddNumberToObject(row, "share", amount / s.median / peak);
}
