#include "dataset.h"

#include "arena.h"
#include "file.h"
#include "folder.h"
#include "idx.h"
#include "shapes.h"
#include "size.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const char *const drawn_set = "shapes";
static const char *const system_root = "/usr/share/datasets";

static const struct {
    const char *name, *remedy;
} known_sets[] = {
    {"shapes", "built in"},
    {"mnist", "put its four IDX files there"},
    {"fashion-mnist", "Debian's package dataset-fashion-mnist installs it"},
};

enum { KNOWN_SETS = sizeof known_sets / sizeof known_sets[0], ROOTS_MAX = 3 };

static const char expected_files[] =
    "train-images-idx3-ubyte and t10k-images-idx3-ubyte (idx4 with channels), and optionally "
    "train-labels-idx1-ubyte and t10k-labels-idx1-ubyte, each plain or .gz";

uint64_t vv_images_stride(const struct vv_images *images) {
    return (uint64_t)images->height * images->width * images->channels;
}

void vv_images_size(const struct vv_images *images, char text[40]) {
    const int n = snprintf(text, 40, "%ux%u", images->height, images->width);
    if (images->channels != 1) (void)snprintf(text + n, 40 - (size_t)n, "x%u", images->channels);
}

void vv_images_finish(struct vv_images *images) {
    if (images->map) {
        (void)munmap(images->map, (size_t)images->map_bytes);
    } else {
        free(images->pixels);
        free(images->values);
    }
    free(images->labels);
    free(images->factors);
    vv_idx_close(images->unread);
    *images = (struct vv_images){0};
}

void vv_dataset_finish(struct vv_dataset *set) {
    vv_images_finish(&set->train);
    vv_images_finish(&set->test);
    for (uint32_t i = 0; i < set->class_count; i++) free(set->classes[i]);
    free(set->classes);
    free(set->name);
    free(set->path);
    *set = (struct vv_dataset){0};
}

// The path of a part's file of that kind in the folder, .gz or not, whichever is there; *found is NULL
// when neither is. `part` is "train" or "t10k".
static bool find_kind(struct vv_arena *arena, const char *folder, const char *part,
                      enum vv_idx_kind kind, const char **found) {
    static const char *const suffixes[] = {"", ".gz"};
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    *found = NULL;
    for (int i = 0; i < 2 && !*found; i++) {
        const char *path =
            vv_arena_printf(arena, "%s%s%s-%s%s", folder, slash, part, vv_idx_names[kind], suffixes[i]);
        if (!path) return false;
        if (vv_path_exists(path)) *found = path;
    }
    return true;
}

static bool find_images(struct vv_arena *arena, const char *folder, const char *part,
                        const char **found) {
    return find_kind(arena, folder, part, VV_IDX_IMAGES, found) &&
           (*found || find_kind(arena, folder, part, VV_IDX_COLOURED, found));
}

// The sizes of one half of a set. *images_path serves messages.
static bool open_part(struct vv_arena *arena, const char *folder, const char *part,
                      struct vv_images *images, const char **images_path) {
    if (!find_images(arena, folder, part, images_path)) return false;
    if (!*images_path)
        return vv_fail(arena->ctx, VV_BAD_DATA,
                       "%s: %s-%s[.gz] is not there; put it there: a set's folder holds %s", folder,
                       part, vv_idx_names[VV_IDX_IMAGES], expected_files);
    return vv_idx_open_images(arena->ctx, *images_path, images);
}

static bool open_folder(struct vv_arena *arena, const char *folder, struct vv_dataset *set) {
    const char *train, *test;
    const struct vv_images *a = &set->train, *b = &set->test;
    if (!open_part(arena, folder, "train", &set->train, &train)) return false;
    if (!open_part(arena, folder, "t10k", &set->test, &test)) return false;
    if (a->height == b->height && a->width == b->width && a->channels == b->channels) return true;
    char sizes[2][40];
    vv_images_size(a, sizes[0]);
    vv_images_size(b, sizes[1]);
    return vv_fail(
        arena->ctx, VV_BAD_DATA,
        "%s: holds pictures of %s, but %s of %s (height x width, offset 8); take both from the same "
        "set",
        train, sizes[0], test, sizes[1]);
}

// Of IDX files, else of pictures.
static bool open_any(struct vv_arena *arena, const char *folder, const struct vv_reading *reading,
                     struct vv_dataset *set) {
    const char *images = NULL;
    if (!find_images(arena, folder, "train", &images)) return false;
    if (!images && vv_folder_has_pictures(folder))
        return vv_folder_open(arena->ctx, folder, reading, set);
    return open_folder(arena, folder, set);
}

static bool read_part(struct vv_arena *arena, const char *folder, const char *part,
                      struct vv_images *images) {
    const char *path, *labels, *factors;
    if (!find_images(arena, folder, part, &path)) return false;
    if (!find_kind(arena, folder, part, VV_IDX_LABELS, &labels)) return false;
    if (!find_kind(arena, folder, part, VV_IDX_FACTORS, &factors)) return false;
    if (!path) path = folder;  // it was there a moment ago, and is open
    if (!vv_idx_read_pixels(arena->ctx, images)) return false;
    if (labels && !vv_idx_read_labels(arena->ctx, labels, path, images)) return false;
    return !factors || vv_idx_read_factors(arena->ctx, factors, path, images);
}

static bool read_folder(struct vv_arena *arena, const char *folder, struct vv_dataset *set) {
    const struct vv_images *a = &set->train, *b = &set->test;
    if (!read_part(arena, folder, "train", &set->train)) return false;
    if (!read_part(arena, folder, "t10k", &set->test)) return false;
    if (a->factors && b->factors && a->factor_count != b->factor_count)
        return vv_fail(arena->ctx, VV_BAD_DATA,
                       "%s: there are %u factors to train on, but %u to test on (offset 8 of "
                       "factors-idx2-float); take both from the same set",
                       folder, a->factor_count, b->factor_count);
    return true;
}

// The folders that are searched for a named set, in order; returns how many, 0 when memory ran out.
static int search_roots(struct vv_arena *arena, const char *roots[ROOTS_MAX]) {
    const char *own = getenv("VKVAE_DATA"), *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int count = 0;
    if (own && *own) roots[count++] = own;
    // The XDG specification: a relative $XDG_DATA_HOME is invalid and ignored.
    const char *user = NULL;
    bool wanted = true;
    if (xdg && *xdg == '/')
        user = vv_arena_printf(arena, "%s/vkvae", xdg);
    else if (home && *home)
        user = vv_arena_printf(arena, "%s/.local/share/vkvae", home);
    else
        wanted = false;
    if (wanted && !user) return 0;
    if (user) roots[count++] = user;
    roots[count++] = system_root;
    return count;
}

static bool in_list(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += length) {
        bool starts = at == list || at[-1] == ' ';
        if (starts && (at[length] == '\0' || at[length] == ',')) return true;
    }
    return false;
}

// Names of sub-folders of the roots that hold training pictures, comma-separated; NULL: out of memory.
static const char *list_sets(struct vv_arena *arena, const char *const *roots, int count) {
    const size_t most = 160;  // an error has to fit one message
    const char *list = "";
    for (int i = 0; i < count; i++) {
        struct dirent **entries = NULL;
        int found = scandir(roots[i], &entries, NULL, alphasort);
        for (int j = 0; j < found; j++) {
            const char *name = entries[j]->d_name, *images = NULL;
            bool listed = name[0] != '.' && strlen(list) + strlen(name) < most && !in_list(list, name);
            const char *folder = listed ? vv_arena_printf(arena, "%s/%s", roots[i], name) : NULL;
            if (folder && find_images(arena, folder, "train", &images) && images)
                list = vv_arena_printf(arena, "%s%s%s", list, *list ? ", " : "", name);
            free(entries[j]);
            if (!list) list = "";
        }
        free(entries);
    }
    return arena->ctx->status == VV_OK ? list : NULL;
}

static bool fail_not_found(struct vv_arena *arena, const char *name, const char *const *roots,
                           int count) {
    const char *list = list_sets(arena, roots, count), *known = "", *searched = "";
    for (int i = 0; known && i < KNOWN_SETS; i++)
        known = vv_arena_printf(arena, "%s%s%s (%s)", known, i ? ", " : "", known_sets[i].name,
                                known_sets[i].remedy);
    for (int i = 0; searched && i < count; i++)
        searched = vv_arena_printf(arena, "%s%s%.100s", searched, i ? ", " : "", roots[i]);
    if (!list || !known || !searched) return false;
    return vv_fail(arena->ctx, VV_BAD_DATA,
                   "no data set '%.80s' as a sub-folder of %s; found there: %s; known sets: %s; a set's "
                   "folder holds %s; name one of them, or a folder's path",
                   name, searched, *list ? list : "none", known, expected_files);
}

// The first folder of that name with training pictures, else the first at all, so that the message about
// its missing files names it.
static bool find_folder(struct vv_arena *arena, const char *name, const char **folder) {
    const char *roots[ROOTS_MAX], *incomplete = NULL;
    int count = search_roots(arena, roots);
    if (count == 0) return false;
    *folder = NULL;
    for (int i = 0; *name && i < count && !*folder; i++) {
        const char *path = vv_arena_printf(arena, "%s/%s", roots[i], name), *images = NULL;
        if (!path) return false;
        if (!vv_path_is_folder(path)) continue;
        if (!find_images(arena, path, "train", &images)) return false;
        if (images)
            *folder = path;
        else if (!incomplete)
            incomplete = path;
    }
    if (!*folder) *folder = incomplete;
    return *folder || fail_not_found(arena, name, roots, count);
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

bool vv_dataset_find(struct vv_context *ctx, const char *source, const struct vv_shapes *shapes,
                     const struct vv_reading *reading, struct vv_dataset *set) {
    struct vv_arena arena;
    const bool drawn = vv_dataset_is_drawn(source);
    const char *folder = drawn ? drawn_set : source;
    *set = (struct vv_dataset){0};
    vv_arena_init(&arena, ctx);
    set->name = copy_text(ctx, folder);
    if (!set->name) goto error;
    if (drawn) {
        if (!vv_shapes_size(ctx, shapes, set)) goto error;
        vv_arena_finish(&arena);
        return true;
    }
    bool is_folder = vv_path_is_folder(folder);
    if (!is_folder && strchr(folder, '/')) {
        (void)vv_fail(ctx, VV_BAD_DATA, "%s: is %s; give the folder of a set, which holds %s", folder,
                      vv_path_exists(folder) ? "not a folder" : "not there", expected_files);
        goto error;
    }
    if (!is_folder && !find_folder(&arena, folder, &folder)) goto error;
    set->path = copy_text(ctx, folder);
    if (!set->path || !open_any(&arena, folder, reading ? reading : &vv_reading_default, set))
        goto error;
    vv_arena_finish(&arena);
    return true;
error:
    vv_arena_finish(&arena);
    vv_dataset_finish(set);
    return false;
}

bool vv_dataset_read(struct vv_context *ctx, const struct vv_shapes *shapes, struct vv_dataset *set) {
    struct vv_arena arena;
    if (set->train.pixels) return true;  // it was done when the set was found
    if (!set->path) return vv_shapes_fill(ctx, shapes, set);
    vv_arena_init(&arena, ctx);
    const bool ok = read_folder(&arena, set->path, set);
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
