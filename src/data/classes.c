#include "classes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "size.h"

bool vv_classes_check(struct vv_context *ctx, const char *option, const char *text) {
    bool ok = strlen(text) < VV_CLASSES_TEXT;
    for (const char *at = text; ok && at; at = strchr(at, ',')) {
        if (at > text) at++;
        ok = *at && *at != ',';
    }
    return ok || vv_fail(ctx, VV_USAGE,
                         "%s %.40s: expected labels, or names of classes, with commas between, at most "
                         "%d bytes",
                         option, text, VV_CLASSES_TEXT - 1);
}

static bool has_label(const struct vv_dataset *set, uint32_t label) {
    const struct vv_images *const parts[] = {&set->train, &set->test};
    for (int p = 0; p < 2; p++)
        for (uint32_t i = 0; parts[p]->labels && i < parts[p]->count; i++)
            if (parts[p]->labels[i] == label) return true;
    return false;
}

// The label that an item means; VV_LABELS_MAX: none.
static uint32_t label_of(const struct vv_dataset *set, const char *item, size_t length) {
    for (uint32_t i = 0; set->classes && i < set->class_count; i++)
        if (strlen(set->classes[i]) == length && memcmp(set->classes[i], item, length) == 0) return i;
    uint32_t label = 0;
    for (size_t i = 0; i < length; i++) {
        if (item[i] < '0' || item[i] > '9') return VV_LABELS_MAX;
        label = label * 10 + (uint32_t)(item[i] - '0');
        if (label >= VV_LABELS_MAX) return VV_LABELS_MAX;
    }
    return label;
}

bool vv_classes_find(struct vv_context *ctx, const struct vv_dataset *set, const char *option,
                     const char *text, struct vv_classes *classes) {
    *classes = (struct vv_classes){{0}};
    if ((set->train.count && !set->train.labels) || (set->test.count && !set->test.labels))
        return vv_fail(ctx, VV_USAGE,
                       "%s: %.200s has pictures without a label; give labels with --labels and "
                       "--test-labels, or leave it out",
                       option, set->name);
    for (const char *item = text; *item;) {
        const size_t length = strcspn(item, ",");
        const uint32_t label = label_of(set, item, length);
        if (label == VV_LABELS_MAX || !has_label(set, label))
            return vv_fail(ctx, VV_USAGE, "%s %.*s: no picture of %.200s is of this class; name another",
                           option, length < 60 ? (int)length : 60, item, set->name);
        classes->has[label / 8] |= (unsigned char)(1U << (label % 8));
        item += length + (item[length] == ',');
    }
    return true;
}

static uint32_t count_of(const struct vv_classes *classes, const struct vv_images *images) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < images->count; i++) count += vv_classes_have(classes, images->labels[i]);
    return count;
}

// Closes the gaps in `from` to `to`, which may be the same; rows of `bytes` each.
static void close_up(const struct vv_classes *classes, const struct vv_images *images, void *to,
                     const void *from, size_t bytes) {
    unsigned char *end = to;
    for (uint32_t i = 0; i < images->count; i++) {
        if (!vv_classes_have(classes, images->labels[i])) continue;
        memmove(end, (const unsigned char *)from + i * bytes, bytes);
        end += bytes;
    }
}

// What lies in a file that is mapped, pixels always, is read-only.
static bool unmap(struct vv_context *ctx, const struct vv_classes *classes, uint32_t count, size_t bytes,
                  struct vv_images *images) {
    unsigned char *own = vv_alloc(ctx, count, bytes);
    if (!own) return false;
    close_up(classes, images, own, images->pixels, bytes);
    (void)munmap(images->map, (size_t)images->map_bytes);
    images->map = NULL;
    images->pixels = own;
    return true;
}

bool vv_classes_keep(struct vv_context *ctx, const struct vv_classes *classes,
                     struct vv_images *images) {
    const uint32_t count = count_of(classes, images);
    if (count == images->count) return true;
    const size_t value = images->values ? sizeof *images->values : 1;
    const size_t bytes = (size_t)vv_images_stride(images) * value;
    if (images->map) {
        if (!unmap(ctx, classes, count, bytes, images)) return false;
    } else {
        close_up(classes, images, vv_images_data(images), vv_images_data(images), bytes);
        vv_discard((unsigned char *)vv_images_data(images) + count * bytes,
                   (images->count - count) * (uint64_t)bytes);
    }
    if (images->factors)
        close_up(classes, images, images->factors, images->factors,
                 images->factor_count * sizeof *images->factors);
    // Last: until here they tell what stays.
    close_up(classes, images, images->labels, images->labels, sizeof *images->labels);
    images->count = count;
    return true;
}

bool vv_classes_take(struct vv_context *ctx, const char *text, struct vv_dataset *set) {
    struct vv_classes classes;
    struct vv_images *const parts[] = {&set->train, &set->test};
    static const char *const what[] = {"train", "test"};
    if (!vv_classes_find(ctx, set, "--classes", text, &classes)) return false;
    for (int p = 0; p < 2; p++) {
        set->offered[p] = parts[p]->count;
        if (!vv_classes_keep(ctx, &classes, parts[p])) return false;
        if (set->offered[p] && !parts[p]->count)
            return vv_fail(ctx, VV_USAGE,
                           "--classes %.60s: %.200s has no picture of these to %s on; name others", text,
                           set->name, what[p]);
    }
    return true;
}
