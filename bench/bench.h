// The benchmark program: what its subcommands share. Each checks what it times against the reference
// first, prints a table, and with --json the same rows as one object (bench/README.md has the keys).
#ifndef VKVAE_BENCH_BENCH_H
#define VKVAE_BENCH_BENCH_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the command line says. Texts are NULL where it does not.
struct bench_options {
    const char *program;  // as it was called
    const char *command;  // its first word
    const char *device, *kernels;
    bool json, quick;
    bool all;           // gemm: every variant
    const char *fault;  // a number: the first one of each result, before it is checked
    const char *data, *plot, *out, *hidden;
    uint32_t epochs, batch, latent, images, data_memory;
    double seconds, since;
    bool first_step;
};

// What a subcommand takes beside the options of all.
enum bench_takes {
    BENCH_DEVICE = 1,  // opens one, in this process or in another
    BENCH_CHECKS = 2,  // compares with the reference
    BENCH_ALL = 4,
    BENCH_TRAINS = 8,
    BENCH_PLOTS = 16,
    BENCH_JOB = 32,
};

struct bench_command {
    const char *name, *summary, *details;
    uint32_t takes;
    int (*run)(const struct bench_options *options);  // returns the exit code
};

int bench_gemm(const struct bench_options *options);
int bench_conv(const struct bench_options *options);
int bench_ops(const struct bench_options *options);
int bench_rng(const struct bench_options *options);
int bench_train(const struct bench_options *options);
int bench_startup(const struct bench_options *options);
int bench_scaling(const struct bench_options *options);
int bench_stream(const struct bench_options *options);
int bench_job(const struct bench_options *options);

// Says what is wrong, on standard error; returns false.
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
bool bench_fail(const char *format, ...);

#endif
