// One op at one size: put on a tape, checked against the reference, then timed.
#ifndef VKVAE_BENCH_SUBJECT_H
#define VKVAE_BENCH_SUBJECT_H

#include "exec.h"
#include "table.h"

// What a subject is built on: a device and the reference over one store.
struct bench {
    const struct bench_options *options;
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *device, *reference;
    struct vv_tape tape;
    uint32_t inputs, seed;
};

struct bench_subject {
    const struct vv_op *op;
    const char *name;
    vv_ref (*append)(struct bench *b, const uint32_t *n);  // appends the op once
    uint32_t n[3];
    double flop;  // 0: not an arithmetic op
};

struct bench_measured {
    struct bench_samples seconds;  // of one op
    double cpu;                    // seconds of all threads for one op, the least of the runs
    double error;                  // largest difference from the reference, of the largest value
    double bytes;
    bool ok;
};

// False, having said why.
bool bench_open(struct bench *b, const struct bench_options *options);
void bench_close(struct bench *b);

// New states as inputs: floats in [0, 1), a clock at step 1.
vv_ref bench_input(struct bench *b, struct vv_shape shape);
vv_ref bench_input_of(struct bench *b, enum vv_type type, struct vv_shape shape);
vv_ref bench_halves(struct bench *b, uint32_t words);  // two in each, all finite
vv_ref bench_clock(struct bench *b);

// On a freshly opened bench. False, having said why, where it cannot be run; a wrong result is true with
// m->ok false.
bool bench_measure(struct bench *b, const struct bench_subject *s, struct bench_measured *m);

// The tape that the caller has built, once over. False, having said why.
bool bench_time_tape(struct bench *b, struct bench_samples *seconds);

// The eleven products of the textbook's step, one after the other, as a tape of their own: gemm.c.
bool bench_products(struct bench *b, struct bench_samples *seconds);

// Device and kernels above the rows, and what the machine can do at most.
struct bench_peaks {
    double flops, bytes;  // a second; 0: not measured
};
void bench_table_device(struct bench_table *t, const struct vv_exec *device);
bool bench_peaks(struct bench_table *t, struct bench_peaks *peaks);

#endif
