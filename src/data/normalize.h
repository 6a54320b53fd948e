// Values from a file brought into [0, 1], and back.
#ifndef VV_DATA_NORMALIZE_H
#define VV_DATA_NORMALIZE_H

#include "dataset.h"
#include "reading.h"

// Where a set holds floats: brings them into [0, 1] as `reading` says, by statistics of what is trained
// on; columns: of each column on its own. VV_BAD_DATA, with what can be done, where they do not lie
// there and it does not say how.
bool vv_normalize(struct vv_context *ctx, const char *name, const struct vv_reading *reading,
                  bool columns, struct vv_dataset *set);

// Whether values are brought there as those of a model's own set were.
static inline bool vv_normalizes_as(const struct vv_reading *r) {
    return r->as && r->as->count && !r->has_range && r->normalize == VV_NORMALIZE_NONE;
}

// Number i of pictures that lie behind each other, in the file's units.
static inline double vv_denormalize(const struct vv_normalization *n, uint64_t i, double value) {
    if (n->count == 0) return value;
    const uint64_t c = i % n->count;
    return (double)n->low[c] + ((double)n->high[c] - (double)n->low[c]) * value;
}

#endif
