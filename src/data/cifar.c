#include "cifar.h"

#include "file.h"
#include "size.h"
#include "source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 32, PLANE = SIDE * SIDE, PIXELS = 3 * PLANE, BATCHES = 5, CLASSES_MAX = 100 };

// The files of either set.
struct kind {
    uint32_t labels, classes;  // labels before each picture; the last counts
    const char *train[BATCHES + 1], *test, *names;
};

static const struct kind kinds[] = {{1,
                                     10,
                                     {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                      "data_batch_4.bin", "data_batch_5.bin", NULL},
                                     "test_batch.bin",
                                     "batches.meta.txt"},
                                    {2, 100, {"train.bin", NULL}, "test.bin", "fine_label_names.txt"}};

static char *path_of(struct vv_arena *arena, const char *folder, const char *name) {
    return vv_arena_printf(arena, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
}

static bool find_kind(struct vv_arena *arena, const char *folder, const struct kind **kind) {
    *kind = NULL;
    for (int i = 0; i < 2 && !*kind; i++) {
        const char *path = path_of(arena, folder, kinds[i].train[0]);
        if (!path) return false;
        if (vv_path_exists(path)) *kind = &kinds[i];
    }
    return true;
}

bool vv_cifar_holds(struct vv_arena *arena, const char *folder, bool *holds) {
    const struct kind *kind;
    if (!find_kind(arena, folder, &kind)) return false;
    *holds = kind != NULL;
    return true;
}

// How many pictures a file has.
static bool count_pictures(struct vv_context *ctx, const struct kind *kind, const char *path,
                           uint32_t *count) {
    struct vv_source source;
    const uint64_t row = kind->labels + PIXELS, most = INT32_MAX / PIXELS / BATCHES;
    if (!vv_source_open(ctx, path, &source)) return false;
    vv_source_close(&source);
    *count = (uint32_t)(source.size / row);
    return (source.size > 0 && source.size % row == 0 && source.size / row <= most) ||
           vv_fail(ctx, VV_BAD_DATA,
                   "%s: has %llu bytes, and CIFAR's pictures %llu each; download it again", path,
                   (unsigned long long)source.size, (unsigned long long)row);
}

// Planes of colours become pixels of three.
static bool take_picture(struct vv_context *ctx, const struct kind *kind, const char *path, uint32_t i,
                         const unsigned char *row, struct vv_images *images, uint32_t to) {
    const unsigned char label = row[kind->labels - 1], *planes = row + kind->labels;
    unsigned char *pixels = images->pixels + (uint64_t)to * PIXELS;
    if (label >= kind->classes)
        return vv_fail(ctx, VV_BAD_DATA,
                       "%s: the label of picture %" PRIu32 ", counted from 0, is %u, not below %" PRIu32
                       "; download it again",
                       path, i, label, kind->classes);
    images->labels[to] = label;
    for (uint32_t k = 0; k < PLANE; k++)
        for (uint32_t c = 0; c < 3; c++) pixels[3 * k + c] = planes[c * PLANE + k];
    return true;
}

// As many of a file's pictures as there is room for.
static bool read_file(struct vv_context *ctx, const struct kind *kind, const char *path, uint32_t count,
                      struct vv_images *images, uint32_t *used) {
    struct vv_source source;
    unsigned char row[2 + PIXELS];
    if (*used == images->count) return true;
    if (!vv_source_open(ctx, path, &source)) return false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < count && *used < images->count; i++, ++*used)
        ok = vv_source_read(&source, row, kind->labels + PIXELS) &&
             take_picture(ctx, kind, path, i, row, images, *used);
    vv_source_close(&source);
    return ok;
}

// Names that are NULL, or not there behind the first, are no files.
static bool read_part(struct vv_arena *arena, const char *folder, const struct kind *kind,
                      const char *const *names, uint32_t limit, struct vv_images *images) {
    const char *paths[BATCHES];
    uint32_t counts[BATCHES], files = 0, used = 0;
    *images = (struct vv_images){.height = SIDE, .width = SIDE, .channels = 3};
    for (; files < BATCHES && names[files]; files++) {
        paths[files] = path_of(arena, folder, names[files]);
        if (!paths[files] || (files && !vv_path_exists(paths[files]))) break;
        if (!count_pictures(arena->ctx, kind, paths[files], &counts[files])) return false;
        images->count += counts[files];
    }
    if (arena->ctx->status != VV_OK) return false;
    if (limit && limit < images->count) images->count = limit;
    images->pixels = vv_alloc(arena->ctx, images->count, PIXELS);
    images->labels = vv_alloc(arena->ctx, images->count, sizeof *images->labels);
    if (!images->pixels || !images->labels) return false;
    for (uint32_t i = 0; i < files; i++)
        if (!read_file(arena->ctx, kind, paths[i], counts[i], images, &used)) return false;
    return true;
}

// A name a line, as many as there are classes; what else the file may hold is no matter.
static bool read_names(struct vv_arena *arena, const char *folder, const struct kind *kind,
                       struct vv_dataset *set) {
    unsigned char *bytes;
    uint64_t size;
    const char *path = path_of(arena, folder, kind->names);
    if (!path) return false;
    if (!vv_path_exists(path)) return true;
    if (!vv_file_read(arena->ctx, path, 1 << 16, &bytes, &size)) return false;
    set->classes = vv_alloc(arena->ctx, CLASSES_MAX, sizeof *set->classes);
    bool ok = set->classes != NULL;
    for (char *at = (char *)bytes; ok && *at && set->class_count < kind->classes;) {
        const size_t length = strcspn(at, "\r\n");
        char *name = length ? vv_alloc(arena->ctx, length + 1, 1) : NULL;
        ok = name || !length;
        if (name) {
            memcpy(name, at, length);
            set->classes[set->class_count++] = name;
        }
        at += length;
        at += strspn(at, "\r\n");
    }
    free(bytes);
    return ok;
}

bool vv_cifar_open(struct vv_arena *arena, const char *folder, const struct vv_reading *reading,
                   struct vv_dataset *set) {
    const struct kind *kind;
    if (!find_kind(arena, folder, &kind)) return false;
    if (!kind) kind = &kinds[0];  // it was there a moment ago
    const char *const test[] = {kind->test, NULL};
    return read_part(arena, folder, kind, kind->train, reading->limit, &set->train) &&
           read_part(arena, folder, kind, test, reading->limit, &set->test) &&
           read_names(arena, folder, kind, set);
}
