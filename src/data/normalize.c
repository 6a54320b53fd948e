#include "normalize.h"

#include "size.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double deviations = 4;  // on either side of the mean

static uint64_t count_of(const struct vv_images *images) {
    return vv_images_stride(images) * images->count;
}

static void extend(const struct vv_images *images, uint32_t columns, float *low, float *high) {
    const uint64_t count = count_of(images);
    assert(columns > 0);
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t c = i % columns;
        if (images->values[i] < low[c]) low[c] = images->values[i];
        if (images->values[i] > high[c]) high[c] = images->values[i];
    }
}

static void find_extremes(const struct vv_images *images, struct vv_normalization *n) {
    for (uint32_t c = 0; c < n->count; c++) {
        n->low[c] = INFINITY;
        n->high[c] = -INFINITY;
    }
    extend(images, n->count, n->low, n->high);
}

// In two passes: a sum of squares would cancel.
static bool find_deviations(struct vv_context *ctx, const struct vv_images *images,
                            struct vv_normalization *n) {
    const uint64_t count = count_of(images);
    const uint64_t rows = count / n->count;
    const double each = (double)rows;
    double *mean = vv_alloc(ctx, n->count, sizeof *mean),
           *squares = vv_alloc(ctx, n->count, sizeof *mean);
    if (mean && squares) {
        for (uint64_t i = 0; i < count; i++) mean[i % n->count] += (double)images->values[i] / each;
        for (uint64_t i = 0; i < count; i++) {
            const double away = (double)images->values[i] - mean[i % n->count];
            squares[i % n->count] += away * away / each;
        }
        for (uint32_t c = 0; c < n->count; c++) {
            n->low[c] = (float)(mean[c] - deviations * sqrt(squares[c]));
            n->high[c] = (float)(mean[c] + deviations * sqrt(squares[c]));
        }
    }
    const bool ok = mean && squares;
    free(mean);
    free(squares);
    return ok;
}

// Into [0, 1]; returns how many lay outside.
static uint64_t apply(struct vv_images *images, const struct vv_normalization *n) {
    const uint64_t count = count_of(images);
    uint64_t outside = 0;
    for (uint64_t i = 0; i < count; i++) {
        const double low = (double)n->low[i % n->count], high = (double)n->high[i % n->count];
        const double value = (double)images->values[i];
        const double y = high > low ? (value - low) / (high - low) : 0;
        outside += value < low || value > high;
        images->values[i] = (float)(y < 0 ? 0 : y > 1 ? 1 : y);
    }
    return outside;
}

// What lies in [0, 1] is taken as it is.
static bool take(struct vv_context *ctx, const char *name, struct vv_dataset *set) {
    float low = INFINITY, high = -INFINITY;
    extend(&set->train, 1, &low, &high);
    extend(&set->test, 1, &low, &high);
    if (low < 0 || high > 1)
        return vv_fail(ctx, VV_BAD_DATA,
                       "%s: values reach from %.9g to %.9g, and pixels from 0 to 1; say what becomes 0 "
                       "and 1 with --range LOW,HIGH, or have it measured with --normalize minmax or "
                       "--normalize standard",
                       name, (double)low, (double)high);
    vv_say(ctx, VV_LOG_INFO, "%s: values reach from %.9g to %.9g, and are taken as they are", name,
           (double)low, (double)high);
    return true;
}

// As a model's own set was: what lies beyond is cut off.
static bool apply_as(struct vv_context *ctx, const char *name, const struct vv_normalization *n,
                     struct vv_dataset *set) {
    if (n->count > 1 && n->count != set->train.width)
        return vv_fail(ctx, VV_BAD_DATA,
                       "%s: has %u columns, and the model was trained on %u; give it those", name,
                       set->train.width, n->count);
    const uint64_t outside = apply(&set->train, n) + apply(&set->test, n);
    if (outside)
        vv_say(ctx, VV_LOG_INFO,
               "%s: %" PRIu64 " values lie beyond what the model was trained on, and are cut off there",
               name, outside);
    return true;
}

static bool measure(struct vv_context *ctx, const struct vv_reading *reading,
                    const struct vv_images *images, struct vv_normalization *n) {
    if (reading->has_range) {
        n->low[0] = (float)reading->range[0];
        n->high[0] = (float)reading->range[1];
        (void)snprintf(n->kind, sizeof n->kind, "range");
        return true;
    }
    const bool standard = reading->normalize == VV_NORMALIZE_STANDARD;
    (void)snprintf(n->kind, sizeof n->kind, standard ? "standard" : "minmax");
    if (standard) return find_deviations(ctx, images, n);
    find_extremes(images, n);
    return true;
}

bool vv_normalize(struct vv_context *ctx, const char *name, const struct vv_reading *reading,
                  bool columns, struct vv_dataset *set) {
    struct vv_normalization *n = &set->normalization;
    if (!set->train.values) return true;
    if (vv_normalizes_as(reading)) return apply_as(ctx, name, reading->as, set);
    if (!reading->has_range && reading->normalize == VV_NORMALIZE_NONE) return take(ctx, name, set);
    n->count = columns && !reading->has_range ? set->train.width : 1;
    n->low = vv_alloc(ctx, n->count, sizeof *n->low);
    n->high = vv_alloc(ctx, n->count, sizeof *n->high);
    if (!n->low || !n->high || !measure(ctx, reading, &set->train, n)) return false;
    const uint64_t train = apply(&set->train, n), test = apply(&set->test, n);
    if (!reading->has_range && (train || test))
        vv_say(ctx, VV_LOG_INFO,
               "%s: %" PRIu64 " values to train on and %" PRIu64
               " to test on lie beyond what becomes 0 and 1, and are cut off there",
               name, train, test);
    return true;
}
