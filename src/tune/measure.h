// Candidates for a product: checked, then timed.
#ifndef VV_TUNE_MEASURE_H
#define VV_TUNE_MEASURE_H

#include "matmul.h"
#include "products.h"

struct vv_candidate {
    struct vv_variant variant;
    bool wrong;      // its result is not the reference's, or the driver does not take it: never used
    double seconds;  // of one product; 0: wrong
    double error;    // the largest, relative to the largest value, or to 1 where that is less; infinite:
                     // not a number, or no result
};

// What is known of a product. The fixed table's choice is the first candidate.
struct vv_measured {
    struct vv_product product;
    uint32_t count, chosen;
    struct vv_candidate candidates[VV_MAX_VARIANTS];
};

struct vv_measurements {
    struct vv_context *ctx;
    struct vv_measured *list;
    uint32_t count, room;
};

// NULL: not there.
struct vv_measured *vv_measurements_find(const struct vv_measurements *m,
                                         const struct vv_product *product);
// Adds it, or puts it in the place of what was known.
bool vv_measurements_put(struct vv_measurements *m, const struct vv_measured *measured);
void vv_measurements_finish(struct vv_measurements *m);  // takes a zeroed one

// The fastest of those that are right; the first unless another is clearly faster. UINT32_MAX: none is
// right.
uint32_t vv_measured_choose(const struct vv_measured *measured);

// What was seen of a variant so far.
struct vv_record {
    struct vv_variant variant;
    uint32_t slow;  // products in a row for which it was far from the best
    bool told;      // that it is wrong
};

// Random operands on an executor of its own, for all of the jobs.
struct vv_meter {
    struct vv_exec *exec;
    struct vv_record records[2 * VV_MAX_VARIANTS];
    uint32_t record_count;
    struct vv_state *operand[VV_MAX_INPUTS];
    float *host[VV_MAX_INPUTS];
};

bool vv_meter_init(struct vv_meter *meter, struct vv_exec *exec, const struct vv_jobs *jobs);
void vv_meter_finish(struct vv_meter *meter);  // takes a zeroed one; before the executor

// Each candidate once, compared with the scalar reference (a warning says of one that it is wrong); then
// those that are right in turn, each as often as fits into `seconds` in all. What was slow for two
// products before is no candidate, and of a product so large that each run takes long, not all are
// tried. False with the error set: none is right, or the device failed.
bool vv_meter_run(struct vv_meter *meter, const struct vv_job *job, double seconds,
                  struct vv_measured *measured);

#endif
