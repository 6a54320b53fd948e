#include "gallery.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "array.h"
#include "file.h"
#include "grid.h"
#include "normalize.h"
#include "size.h"

#define MOST_SCALE 64

bool vv_ends_in(const char *text, const char *ending) {
    const size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcmp(text + n - m, ending) == 0;
}

bool vv_gallery_check(struct vv_context *ctx, const char *out) {
    return !out || vv_ends_in(out, ".png") || vv_ends_in(out, ".npy") ||
           vv_fail(ctx, VV_USAGE, "%s: the output ends neither in .png nor in .npy; name it so", out);
}

bool vv_gallery_check_folder(struct vv_context *ctx, const char *folder, const char *option) {
    if (vv_path_exists(folder) && !vv_path_is_folder(folder))
        return vv_fail(ctx, VV_USAGE, "%s is not a folder; name another with %s", folder, option);
    bool full;
    if (!vv_folder_has_entries(ctx, folder, &full)) return false;
    if (full)
        return vv_fail(ctx, VV_USAGE, "%s is not empty: name another folder with %s, or empty it",
                       folder, option);
    return true;
}

bool vv_gallery_check_distinct(struct vv_context *ctx, const char *from, const char *out) {
    struct stat a, b;
    const bool same =
        stat(from, &a) == 0 && stat(out, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    return !same || vv_fail(ctx, VV_USAGE, "%s: is the file that is read; write to another", out);
}

static uint32_t most(uint32_t scale) {
    return scale > MOST_SCALE ? MOST_SCALE : scale;
}

static bool write_grid(const struct vv_gallery *g, const char *path) {
    const struct vv_model_size *size = &g->run->model.size;
    const uint32_t screen = 1000, square = (uint32_t)ceil(sqrt((double)g->count));
    const uint32_t columns = g->columns ? g->columns : square;
    uint32_t scale = g->scale ? g->scale : (uint32_t)(screen / (columns * (uint64_t)(size->width + 2)));
    if (scale < 1) scale = 1;
    return vv_grid_write(g->ctx, path, g->pixels, g->count, size->height, size->width, size->channels,
                         columns, most(scale));
}

float *vv_gallery_values(const struct vv_gallery *g) {
    const uint64_t count = (uint64_t)g->count * g->run->model.size.pixels;
    float *values = vv_alloc(g->ctx, count, sizeof *values);
    for (uint64_t i = 0; values && i < count; i++)
        values[i] = (float)vv_denormalize(&g->run->normalization, i, (double)g->pixels[i]);
    return values;
}

static bool write_array(const struct vv_gallery *g, const char *path) {
    const struct vv_model_size *size = &g->run->model.size;
    const uint32_t dims[] = {g->count, size->height, size->width, size->channels};
    float *values = vv_gallery_values(g);
    const bool ok = values && vv_npy_write(g->ctx, path, values, dims, 4);
    free(values);
    return ok;
}

bool vv_gallery_write(const struct vv_gallery *g, const char *path) {
    if (!path) return true;
    return (vv_ends_in(path, ".npy") ? write_array : write_grid)(g, path);
}

bool vv_gallery_write_each(const struct vv_gallery *g, const char *folder, uint32_t first) {
    const struct vv_model_size *size = &g->run->model.size;
    const uint32_t scale = most(g->scale ? g->scale : 1);
    bool ok = vv_folder_create(g->ctx, folder);
    for (uint32_t i = 0; ok && i < g->count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%05u.png", first + i);
        char *path = vv_path_join(g->ctx, folder, name);
        ok = path && vv_grid_write(g->ctx, path, g->pixels + (uint64_t)i * size->pixels, 1, size->height,
                                   size->width, size->channels, 1, scale);
        free(path);
    }
    return ok;
}
