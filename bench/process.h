// This program once more, as a process of its own: so that each training starts from nothing and its
// memory is its own.
#ifndef VKVAE_BENCH_PROCESS_H
#define VKVAE_BENCH_PROCESS_H

#include "bench.h"

enum { BENCH_WORDS = 32 };
struct bench_job {
    const char *words[BENCH_WORDS];  // behind the program's name; NULL ends
    const char *variables[8];        // of its environment, "NAME=value"; NULL ends
};

// Runs it and reads the JSON that it prints. NULL, having said why; else to be deleted.
cJSON *bench_spawn(const struct bench_options *options, const struct bench_job *job);
// A word more, in the job's own memory.
void bench_word(struct bench_job *job, const char *word);

// Such a process: what it prints, and the first step alone (first.c).
bool bench_print_line(cJSON *json);
int bench_first_step(const struct bench_options *options);

// Largest resident memory of this process so far, in bytes; 0: the system does not tell.
double bench_peak_memory(void);
// Seconds of CPU of the calling thread, and of all threads.
double bench_thread_seconds(void);
double bench_process_seconds(void);

// A fresh folder, "" where there can be none; remove_tree ends it.
void bench_folder_make(char path[64]);

#endif
