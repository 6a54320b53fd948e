#include "dataset.h"

#include "arena.h"
#include "classes.h"
#include "file.h"
#include "idx.h"
#include "idx_folder.h"
#include "kind.h"
#include "named.h"
#include "shapes.h"
#include "size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const char *const drawn_set = "shapes";

uint64_t vv_images_stride(const struct vv_images *images) {
    return (uint64_t)images->height * images->width * images->channels;
}

void *vv_images_data(const struct vv_images *images) {
    return images->values ? (void *)images->values : images->pixels;
}

uint64_t vv_images_bytes(const struct vv_images *images) {
    return vv_images_stride(images) * images->count * (images->values ? sizeof *images->values : 1);
}

void vv_images_size(const struct vv_images *images, char text[40]) {
    const int n = snprintf(text, 40, "%ux%u", images->height, images->width);
    if (images->channels != 1) (void)snprintf(text + n, 40 - (size_t)n, "x%u", images->channels);
}

void vv_images_finish(struct vv_images *images) {
    if (images->map)
        (void)munmap(images->map, (size_t)images->map_bytes);
    else {
        free(images->pixels);
        free(images->values);
    }
    free(images->labels);
    free(images->factors);
    vv_idx_close(images->unread);
    *images = (struct vv_images){0};
}

void vv_normalization_finish(struct vv_normalization *normalization) {
    free(normalization->low);
    free(normalization->high);
    *normalization = (struct vv_normalization){0};
}

void vv_dataset_finish(struct vv_dataset *set) {
    vv_images_finish(&set->train);
    vv_images_finish(&set->test);
    for (uint32_t i = 0; i < set->class_count; i++) free(set->classes[i]);
    free(set->classes);
    vv_normalization_finish(&set->normalization);
    vv_vocabulary_finish(&set->vocabulary);
    free(set->name);
    free(set->path);
    *set = (struct vv_dataset){0};
}

static char *copy_text(struct vv_context *ctx, const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = vv_alloc(ctx, size, 1);
    if (copy) memcpy(copy, text, size);
    return copy;
}

bool vv_dataset_is_drawn(const char *source) {
    return !source || strcmp(source, drawn_set) == 0;
}

static bool find_drawn(struct vv_context *ctx, const struct vv_shapes *shapes,
                       const struct vv_reading *reading, struct vv_dataset *set) {
    if (!vv_kind_check(ctx, &vv_kind_drawn, drawn_set, reading)) return false;
    set->name = copy_text(ctx, drawn_set);
    if (!set->name || !vv_shapes_size(ctx, shapes, set)) return false;
    struct vv_images *parts[2] = {&set->train, &set->test};
    for (int i = 0; i < 2; i++)
        if (reading->limit && reading->limit < parts[i]->count) parts[i]->count = reading->limit;
    return true;
}

// A path, or a name that is searched.
static bool find_files(struct vv_arena *arena, const char *source, const struct vv_reading *reading,
                       struct vv_dataset *set) {
    const bool is_path = strchr(source, '/') || vv_path_is_folder(source) || vv_kind_is_file(source);
    const char *path = source;
    const struct vv_kind *kind;
    if (!is_path && !vv_named_find(arena, source, &path)) return false;
    set->name = copy_text(arena->ctx, source);
    set->path = copy_text(arena->ctx, path);
    return set->name && set->path && vv_kind_find(arena, path, &kind) &&
           vv_kind_check(arena->ctx, kind, source, reading) && kind->open(arena, path, reading, set);
}

bool vv_dataset_find(struct vv_context *ctx, const char *source, const struct vv_shapes *shapes,
                     const struct vv_reading *reading, struct vv_dataset *set) {
    struct vv_arena arena;
    if (!reading) reading = &vv_reading_default;
    *set = (struct vv_dataset){0};
    vv_arena_init(&arena, ctx);
    bool ok = vv_dataset_is_drawn(source) ? find_drawn(ctx, shapes, reading, set)
                                          : find_files(&arena, source, reading, set);
    vv_arena_finish(&arena);
    // How many pictures have a label is known once all labels are.
    if (ok && reading->classes)
        ok = vv_dataset_read(ctx, shapes, set) && vv_classes_take(ctx, reading->classes, set);
    if (!ok) vv_dataset_finish(set);
    return ok;
}

bool vv_dataset_read(struct vv_context *ctx, const struct vv_shapes *shapes, struct vv_dataset *set) {
    struct vv_arena arena;
    if (!set->path) return vv_images_data(&set->train) || vv_shapes_fill(ctx, shapes, set);
    if (!set->train.unread) return true;  // other files are read when they are found
    vv_arena_init(&arena, ctx);
    const bool ok = vv_idx_folder_read(&arena, set->path, set);
    vv_arena_finish(&arena);
    return ok;
}

bool vv_dataset_open(struct vv_context *ctx, const char *source, const struct vv_shapes *shapes,
                     struct vv_dataset *set) {
    if (!vv_dataset_find(ctx, source, shapes, NULL, set)) return false;
    if (vv_dataset_read(ctx, shapes, set)) return true;
    vv_dataset_finish(set);
    return false;
}
