#include "folder.h"

#include "folder_cache.h"
#include "size.h"
#include "workers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Into memory, which becomes the set's.
static bool decode_to_memory(struct vv_folder_decoding *d, uint64_t stride, struct vv_dataset *set) {
    struct vv_shelf shelf;
    const bool ok = vv_shelf_in_memory(d->ctx, d->plan->count, stride, &shelf) &&
                    vv_folder_decode(d, &shelf) && vv_folder_describe(d->ctx, d, set);
    if (ok) {
        set->train.pixels = shelf.memory[0];
        set->test.pixels = shelf.memory[1];
        shelf.memory[0] = shelf.memory[1] = NULL;
    }
    vv_shelf_finish(&shelf);
    return ok;
}

// The folder of the path is created where it is missing.
static bool open_file(struct vv_context *ctx, struct vv_arena *arena, const char *path,
                      const uint32_t slots[2], uint64_t stride, struct vv_shelf *shelf) {
    *shelf = (struct vv_shelf){.reader = -1};
    const char *folder = vv_arena_printf(arena, "%.*s", (int)(strrchr(path, '/') - path), path);
    if (!folder || (*folder && !vv_folder_create(ctx, folder))) return false;
    vv_folder_cache_sweep(path);
    return vv_shelf_in_file(ctx, path, slots, stride, shelf);
}

// Into a file of the cache. *again: the file is at fault, and nothing else.
static bool decode_to_file(struct vv_folder_decoding *d, struct vv_arena *arena, const char *path,
                           const struct vv_folder_key *key, uint64_t stride, struct vv_dataset *set,
                           bool *again) {
    struct vv_shelf shelf;
    *again = true;
    bool ok = open_file(d->ctx, arena, path, d->plan->count, stride, &shelf);
    if (ok) {
        ok = vv_folder_decode(d, &shelf);
        *again = atomic_load(&d->shelf_failed);
    }
    if (ok) {
        ok = vv_folder_cache_commit(d->ctx, &shelf, d, key, set);
        *again = !ok;
    }
    vv_shelf_finish(&shelf);
    return ok && vv_folder_describe(d->ctx, d, set);
}

static bool decode(struct vv_folder_decoding *d, struct vv_arena *arena, const char *path,
                   const struct vv_folder_key *key, struct vv_dataset *set) {
    uint64_t stride;
    bool again = true;
    if (!vv_mul_u64((uint64_t)d->height * d->width, d->channels, &stride) ||
        stride > VV_FOLDER_STRIDE_MAX)
        return vv_fail(d->ctx, VV_USAGE,
                       "%s: pictures of %ux%ux%u take more than 1 GiB each; take a smaller --size",
                       d->plan->folder, d->height, d->width, d->channels);
    vv_say(d->ctx, VV_LOG_INFO, "%s: decoding %u pictures", d->plan->folder,
           d->plan->count[0] + d->plan->count[1]);
    if (path) {
        if (decode_to_file(d, arena, path, key, stride, set, &again)) return true;
        if (!again || d->ctx->status == VV_STOPPED) return false;
        vv_say(d->ctx, VV_LOG_WARNING,
               "%s; pictures are decoded into memory, and anew at the next start: VKVAE_CACHE names "
               "another folder",
               d->ctx->error);
        vv_clear(d->ctx);
    }
    return decode_to_memory(d, stride, set);
}

static bool open_plan(struct vv_arena *arena, struct vv_folder_plan *plan,
                      const struct vv_reading *reading, struct vv_dataset *set) {
    struct vv_context *ctx = arena->ctx;
    struct vv_folder_decoding d = {0};
    const char *path = vv_folder_cache_path(arena, plan->folder, reading);
    const struct vv_folder_key key = vv_folder_key(plan, reading);
    if (path && vv_folder_cache_open(ctx, path, &key, set)) {
        vv_folder_cache_sweep(path);  // a killed process may have left gigabytes
        if (set->skipped)
            vv_say(ctx, VV_LOG_WARNING, "%s: %u broken pictures are left out", plan->folder,
                   set->skipped);
        return true;
    }
    const bool ok = ctx->status == VV_OK && vv_folder_measure(ctx, plan, reading, &d) &&
                    decode(&d, arena, path, &key, set);
    if (ok) vv_folder_warn(&d);
    vv_folder_decoding_finish(&d);
    return ok;
}

bool vv_folder_open(struct vv_context *ctx, const char *path, const struct vv_reading *reading,
                    struct vv_dataset *set) {
    struct vv_arena arena;
    struct vv_folder_plan plan;
    vv_arena_init(&arena, ctx);
    const bool ok =
        vv_folder_plan(&arena, path, reading, &plan) && open_plan(&arena, &plan, reading, set);
    vv_folder_plan_finish(&plan);
    vv_arena_finish(&arena);
    return ok;
}
