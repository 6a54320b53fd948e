#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "file.h"
#include "handle.h"
#include "size.h"

// ---- One ----

static bool describe_folder(struct vv_context *ctx, const char *path, vkvae_run_info *info,
                            struct vv_tensor_list *tensors) {
    struct vv_run_files files;
    if (!vv_run_scan(ctx, path, &files)) return false;
    if (!vv_run_is(&files))
        return vv_fail(
            ctx, VV_BAD_DATA,
            "%s: holds no run; name the folder of one, or a checkpoint file ('vkvae runs' lists "
            "runs)",
            path);
    if (vv_describe_run(ctx, path, &files, info, tensors)) return true;
    return vv_fail(ctx, VV_BAD_DATA, "%s", info->problem);
}

vkvae_status vkvae_info(vkvae *v, const char *path, vkvae_run_info *info, vkvae_tensor **tensors,
                        uint32_t *tensor_count) {
    struct vv_context *ctx = &v->ctx;
    struct vv_tensor_list list = {0};
    vv_clear(ctx);
    *info = (vkvae_run_info){0};
    const bool ok =
        !path ? vv_fail(ctx, VV_USAGE, "no run given: name a run's folder or a checkpoint file")
        : vv_path_is_folder(path) ? describe_folder(ctx, path, info, &list)
                                  : vv_describe_checkpoint(ctx, path, info, &list);
    if (tensor_count) *tensor_count = ok && tensors ? list.count : 0;
    if (tensors) *tensors = ok ? list.list : NULL;
    if (!ok || !tensors) free(list.list);
    return vv_result(ctx, ok);
}

// ---- All in a folder ----

struct list {
    struct vv_context *ctx;
    vkvae_run_info *runs;
    uint32_t count, room;
};

static vkvae_run_info *append(struct list *list) {
    if (list->count == list->room) {
        const uint32_t room = list->room ? 2 * list->room : 16;
        vkvae_run_info *runs = vv_alloc(list->ctx, room, sizeof *runs);
        if (!runs) return NULL;
        if (list->count) memcpy(runs, list->runs, list->count * sizeof *runs);
        free(list->runs);
        list->runs = runs;
        list->room = room;
    }
    return &list->runs[list->count++];
}

// What cannot be looked into may be a run, and is listed.
static bool add_folder(struct list *list, const char *path) {
    struct vv_context ctx;
    struct vv_run_files files;
    vv_context_init(&ctx);
    const bool opened = vv_run_scan(&ctx, path, &files);
    if (opened && !vv_run_is(&files)) return true;
    vkvae_run_info *info = append(list);
    if (!info) return false;
    if (opened) {
        (void)vv_describe_run(&ctx, path, &files, info, NULL);
    } else {
        *info = (vkvae_run_info){0};
        vv_describe_text(info->path, sizeof info->path, path);
    }
    if (!info->problem[0]) vv_describe_text(info->problem, sizeof info->problem, ctx.error);
    return true;
}

static bool add_entries(struct list *list, const char *folder, DIR *open) {
    bool ok = true;
    for (struct dirent *entry; ok && (entry = vv_list_next(list->ctx, folder, open));) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        char *path = vv_path_join(list->ctx, folder, name);
        ok = path && (!vv_path_is_folder(path) || add_folder(list, path));
        free(path);
    }
    return ok && list->ctx->status == VV_OK;
}

static int compare(const void *a, const void *b) {
    const vkvae_run_info *x = a, *y = b;
    if (x->modified != y->modified) return x->modified < y->modified ? 1 : -1;
    if (x->modified_ns != y->modified_ns) return x->modified_ns < y->modified_ns ? 1 : -1;
    return strcmp(x->path, y->path);
}

vkvae_status vkvae_runs(vkvae *v, const char *folder, vkvae_run_info **runs, uint32_t *count) {
    struct list list = {.ctx = &v->ctx};
    const char *path = folder ? folder : "runs";
    *runs = NULL;
    *count = 0;
    vv_clear(list.ctx);
    DIR *open = opendir(path);
    if (!open && !folder && errno == ENOENT) return VKVAE_OK;
    bool ok = open ||
              vv_fail(list.ctx, VV_BAD_DATA, "%s: cannot be opened (%s); name a folder with runs in it",
                      path, strerror(errno));
    ok = ok && add_folder(&list, path) && add_entries(&list, path, open);
    if (open) (void)closedir(open);
    if (ok && list.count) {
        qsort(list.runs, list.count, sizeof *list.runs, compare);
        *runs = list.runs;
        *count = list.count;
    } else {
        free(list.runs);
    }
    return vv_result(list.ctx, ok);
}
