// What `runs` and `info` tell, and what the files of a run say.
#ifndef VV_TESTS_PROGRAM_TOLD_H
#define VV_TESTS_PROGRAM_TOLD_H

#include "runner.h"

#include <cJSON.h>
#include <time.h>

// A run of SMALL on small_set in the folder `out`.
void train_small(struct room *r, const char *out, const char *epochs);

// vkvae_info of a path; lives until the next call. error and tensors (their number) may be NULL.
vkvae_run_info *info_of(const char *path, vkvae_status expected, char error[512], uint32_t *tensors);

// Of r->out, which is one JSON value and a newline.
cJSON *json_of(const struct room *r);
// Of a file.
cJSON *read_json(const char *path);
// Line `epoch`, from 1, of a metrics.jsonl.
cJSON *metrics_line(const char *path, uint32_t epoch);
// A member, which has to be there.
double number_of(const cJSON *object, const char *key);
const char *text_of(const cJSON *object, const char *key);

// `part`: "train" or "test", of a line of metrics.jsonl.
void assert_losses(const vkvae_losses *l, const cJSON *line, const char *part);

// Gives all files of a folder a time, in seconds since 1970.
void set_time(const char *folder, time_t seconds);
void set_time_ns(const char *folder, time_t seconds, long ns);

#endif
