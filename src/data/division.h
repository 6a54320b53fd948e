// Which rows of a file are trained on, and which are tested on.
#ifndef VV_DATA_DIVISION_H
#define VV_DATA_DIVISION_H

#include "dataset.h"
#include "reading.h"

struct vv_division {
    uint32_t count;                  // rows of the file
    struct vv_images *train, *test;  // what rows become; test: NULL where none does
    uint32_t *place;                 // owned: of each row; NULL: the first rows are what is trained on
};

// VV_USAGE where a split is asked for, though both parts are there.
bool vv_division_unneeded(struct vv_context *ctx, const struct vv_reading *reading);

// A part of its own: its first rows, up to the limit (0: all).
void vv_division_whole(struct vv_division *division, uint32_t count, uint32_t limit,
                       struct vv_images *part);
// Both parts (of a set that stays whole the first, as above): `split` of a fixed shuffle are trained on,
// one at least, and one at least is tested on; then as many of each as the limit says. In each part rows
// stay in the file's order. name: the file's, for errors: VV_BAD_DATA where there is one row.
bool vv_division_split(struct vv_context *ctx, const char *name, uint32_t count,
                       const struct vv_reading *reading, struct vv_dataset *set,
                       struct vv_division *division);
void vv_division_finish(struct vv_division *division);

// The part that a row belongs to, and its place there; NULL: none.
struct vv_images *vv_division_find(const struct vv_division *division, uint32_t row, uint32_t *index);

// Gives the parts their labels, one for each row of the file.
bool vv_division_labels(struct vv_context *ctx, const struct vv_division *division,
                        const uint32_t *labels);

#endif
