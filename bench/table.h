// Rows of results: printed as they come, in columns, and kept as JSON. One object a row is the source of
// both.
#ifndef VKVAE_BENCH_TABLE_H
#define VKVAE_BENCH_TABLE_H

#include "bench.h"
#include "exec.h"

// A column shows the value of a key; what a row lacks stays empty.
struct bench_column {
    const char *key, *head;
    int width;     // negative: text, to the left
    double scale;  // of a number: 1e3 shows seconds as milliseconds
    int digits;    // behind the point
};

struct bench_table {
    const struct bench_options *options;
    const struct bench_column *columns;  // ends with a NULL key
    cJSON *root, *rows;
    bool failed;  // a row is wrong, or memory was out
    bool headed;
};

bool bench_table_open(struct bench_table *t, const struct bench_options *options,
                      const struct bench_column *columns);
// A fact that holds for all rows, printed above them.
void bench_table_text(struct bench_table *t, const char *key, const char *text);
void bench_table_number(struct bench_table *t, const char *key, double number, const char *unit);
// A new row named so, to be filled with cJSON_Add...; NULL without memory. It is printed with `end`.
cJSON *bench_row(struct bench_table *t, const char *name);
void bench_row_end(struct bench_table *t, cJSON *row, bool ok);
// A remark, for people and under "notes".
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void bench_table_note(struct bench_table *t, const char *format, ...);
// Prints the JSON where it was asked for; returns the exit code.
int bench_table_close(struct bench_table *t);

// ---- Samples ----

enum { BENCH_SAMPLES = 64 };
struct bench_samples {
    uint32_t count;
    double value[BENCH_SAMPLES];
};
struct bench_spread {
    double min, median, max;
};
// One more; what does not fit is left out.
void bench_sample(struct bench_samples *s, double value);
struct bench_spread bench_spread(const struct bench_samples *s);
// PREFIXmin, PREFIXmedian, PREFIXmax and PREFIXruns.
void bench_row_spread(cJSON *row, const char *prefix, const struct bench_samples *s);
// Rate and share of `peak` (0: unknown) of `amount` a run, from the row's samples.
void bench_row_rate(cJSON *row, const char *rate, double unit, double amount, double peak,
                    const struct bench_samples *seconds);

#endif
