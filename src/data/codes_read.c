#include "codes.h"

#include <stdlib.h>

#include "npz.h"

static bool read_member(struct vv_arena *arena, struct vv_zip *zip, const struct vv_zip_member *member,
                        struct vv_array *array) {
    struct vv_source source = {0};
    const bool ok = vv_zip_open_member(arena, zip, member, &source) &&
                    vv_npy_read_source(&source, array) && vv_source_end(&source);
    vv_source_close(&source);
    return ok;
}

static bool read_npz(struct vv_arena *arena, const char *path, const char *name, struct vv_zip *zip,
                     struct vv_array *array) {
    if (!vv_zip_open(arena, path, zip)) return false;
    const struct vv_zip_member *member = vv_npz_find(zip, name ? name : "z");
    if (!member && !name) member = vv_npz_find(zip, "mu");
    if (member) return read_member(arena, zip, member, array);
    const char *names = vv_npz_names(arena, zip);
    if (name)
        return vv_fail(arena->ctx, VV_USAGE,
                       "--array %.100s: %s has no such array; name one of those there: %s", name, path,
                       names);
    return vv_fail(arena->ctx, VV_BAD_DATA,
                   "%s: has no array that is called z or mu, but %s; name the one of codes with --array",
                   path, names);
}

bool vv_codes_read(struct vv_context *ctx, const char *path, const char *name, struct vv_array *array) {
    struct vv_arena arena;
    struct vv_zip zip = {0};
    *array = (struct vv_array){0};
    if (vv_codes_kind(path) != VV_CODES_NPZ)
        return !name ? vv_npy_read(ctx, path, array)
                     : vv_fail(ctx, VV_USAGE,
                               "--array %.100s: %s is no .npz, and so has one array; leave it out", name,
                               path);
    vv_arena_init(&arena, ctx);
    const bool ok = read_npz(&arena, path, name, &zip, array);
    vv_zip_close(&zip);
    vv_arena_finish(&arena);
    if (ok) return true;
    free(array->values);
    *array = (struct vv_array){0};
    return false;
}
