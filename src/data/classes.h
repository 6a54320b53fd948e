// Some classes of a set, as they are listed: their labels or names, with commas between.
#ifndef VV_DATA_CLASSES_H
#define VV_DATA_CLASSES_H

#include "dataset.h"

// Bytes of such a list, the last NUL included.
#define VV_CLASSES_TEXT 1024

struct vv_classes {
    unsigned char has[VV_LABELS_MAX / 8];  // a bit for each label
};

static inline bool vv_classes_have(const struct vv_classes *classes, uint32_t label) {
    return classes->has[label / 8] >> (label % 8) & 1;
}

// VV_USAGE, naming the option, where a list is too long or an item of it is empty.
bool vv_classes_check(struct vv_context *ctx, const char *option, const char *text);

// What the list of an option means in a set: an item is a class of that name, or else a label. VV_USAGE
// where no picture of either part has it, or where some have no label.
bool vv_classes_find(struct vv_context *ctx, const struct vv_dataset *set, const char *option,
                     const char *text, struct vv_classes *classes);

// Takes the others out of a part, in whose order the rest stays.
bool vv_classes_keep(struct vv_context *ctx, const struct vv_classes *classes, struct vv_images *images);

// The same of both parts of a set that was read, as --classes says. VV_USAGE where a part that had
// pictures has none then.
bool vv_classes_take(struct vv_context *ctx, const char *text, struct vv_dataset *set);

#endif
