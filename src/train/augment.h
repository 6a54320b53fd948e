// What --augment says, as text and as numbers.
#ifndef VV_TRAIN_AUGMENT_H
#define VV_TRAIN_AUGMENT_H

#include "context.h"
#include "random.h"

// From "flip,shift=2,brightness=0.1" in any order; "" is no change. VV_USAGE, naming the item, where one
// is none, stands twice, or its number is out of range.
bool vv_augment_parse(struct vv_context *ctx, const char *text, struct vv_augment *augment);

// As text that is parsed as the same; the items in the order in which they are documented.
#define VV_AUGMENT_TEXT 128
const char *vv_augment_print(const struct vv_augment *augment, char text[VV_AUGMENT_TEXT]);

// Whether nothing is changed.
bool vv_augment_is_none(const struct vv_augment *augment);

#endif
