// A device's peaks: two kernels that are run as any others, as nodes of a tape.
#include <stdio.h>

#include "clock.h"
#include "peak.h"

#define GROUP 64  // invocations of a workgroup
#define TRIES 5

// multiply: `rows` floats, each the outcome of `columns` turns of multiply-adds.   -> f32 [rows]
// shaders/peak_multiply.comp
#define INVOCATIONS   (1u << 18)
#define FLOP_OF_TURN  512.0  // of each invocation
#define ENOUGH_TIME   0.005  // of a submission, for what goes before and after it not to count
#define LEAST_TURNS   16u
#define MOST_TURNS    (1u << 16)
#define COPY_ELEMENTS (1u << 24)  // 64 MiB: more than caches hold, with the copy beside it
#define COPIES        4u

static bool multiply_shape(struct vv_tape *t, vv_ref y) {
    (void)t;
    y->type = VV_F32;
    y->shape = vv_shape1(INVOCATIONS);
    return true;
}

static bool multiply_launch(const struct vv_node *y, const struct vv_limits *limits,
                            struct vv_launch *launch) {
    const struct vv_args_rows args = {.rows = INVOCATIONS, .columns = y->attr.u[0]};
    struct vv_dispatch *d = vv_launch_add(launch, "peak_multiply", &args, sizeof args);
    vv_dispatch_spec(d, GROUP);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, INVOCATIONS / GROUP, limits);
}

static const struct vv_op multiply = {
    .name = "peak_multiply", .shape = multiply_shape, .launch = multiply_launch};

// copy: y = x, in vec4s.   f32 [n] -> [n]   shaders/peak_copy.comp
static bool copy_shape(struct vv_tape *t, vv_ref y) {
    (void)t;
    y->type = VV_F32;
    y->shape = vv_shape1(COPY_ELEMENTS);
    return true;
}

static bool copy_launch(const struct vv_node *y, const struct vv_limits *limits,
                        struct vv_launch *launch) {
    const struct vv_args_rows args = {.rows = COPY_ELEMENTS / 4};
    struct vv_dispatch *d = vv_launch_add(launch, "peak_copy", &args, sizeof args);
    vv_dispatch_spec(d, GROUP);
    vv_dispatch_bind(d, y->inputs ? 0 : VV_OPERAND_OUT, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, COPY_ELEMENTS / 4 / GROUP, limits);
}

static const struct vv_op copy = {
    .name = "peak_copy", .arity = 1, .shape = copy_shape, .launch = copy_launch};
// Memory to copy from; its values do not matter.
static const struct vv_op source = {.name = "peak_source", .shape = copy_shape};

// Seconds of the fastest of some runs; less than 0: it failed. The first run prepares the kernel.
static double time_program(struct vv_exec *e, struct vv_program *p, uint32_t tries) {
    double best = -1;
    for (uint32_t i = 0; i <= tries; i++) {
        const double start = vv_now();
        if (!vv_exec_submit(e, p, 1) || !vv_exec_wait(e)) return -1;
        const double seconds = vv_now() - start;
        if (i > 0 && (best < 0 || seconds < best)) best = seconds;
    }
    return best;
}

// The same of a tape, which is finished.
static double time_tape(struct vv_exec *e, struct vv_tape *t, uint32_t tries) {
    struct vv_program *p = vv_exec_compile(e, t);
    const double seconds = p ? time_program(e, p, tries) : -1;
    vv_program_destroy(e, p);
    vv_tape_finish(t);
    return seconds;
}

static double time_multiply(struct vv_exec *e, uint32_t turns, uint32_t tries) {
    struct vv_tape t;
    vv_tape_init(&t, e->store, "peak of arithmetic");
    (void)vv_append(&t, &multiply, NULL, &(struct vv_attributes){.u = {turns}});
    return time_tape(e, &t, tries);
}

static bool measure_multiply(struct vv_exec *e, double *gflops) {
    uint32_t turns = LEAST_TURNS;
    double seconds = time_multiply(e, turns, 1);
    while (seconds >= 0 && seconds < ENOUGH_TIME && turns < MOST_TURNS)
        seconds = time_multiply(e, turns *= 4, 1);
    if (seconds >= 0) seconds = time_multiply(e, turns, TRIES);
    *gflops = 1e-9 * FLOP_OF_TURN * INVOCATIONS * turns / seconds;
    return seconds > 0;
}

static bool measure_copy(struct vv_exec *e, double *gbytes) {
    struct vv_tape t;
    vv_tape_init(&t, e->store, "peak of memory");
    vv_ref x = vv_append(&t, &source, NULL, NULL);
    for (uint32_t i = 0; i < COPIES; i++) x = vv_append(&t, &copy, &x, NULL);
    const double seconds = time_tape(e, &t, TRIES);
    *gbytes = 1e-9 * 2 * COPIES * sizeof(float) * COPY_ELEMENTS / seconds;
    return seconds > 0;
}

bool vv_peak_device(struct vv_exec *e, struct vv_peak *peak) {
    *peak = (struct vv_peak){0};
    (void)snprintf(peak->how, sizeof peak->how, "kernels of multiply-adds and of copies");
    return measure_multiply(e, &peak->gflops) && measure_copy(e, &peak->gbytes);
}

bool vv_peak_measure(struct vv_exec *e, struct vv_peak *peak) {
    return e->limits.is_cpu ? vv_peak_host(e->ctx, peak) : vv_peak_device(e, peak);
}
