#include "idx_folder.h"

#include "file.h"
#include "idx.h"

#include <string.h>

const char vv_idx_expected[] =
    "train-images-idx3-ubyte and t10k-images-idx3-ubyte (idx4 with channels), and optionally "
    "train-labels-idx1-ubyte and t10k-labels-idx1-ubyte, each plain or .gz";

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

bool vv_idx_folder_holds(struct vv_arena *arena, const char *folder, bool *holds) {
    const char *train, *test = NULL;
    if (!find_images(arena, folder, "train", &train)) return false;
    if (!train && !find_images(arena, folder, "t10k", &test)) return false;
    *holds = train || test;
    return true;
}

// The sizes of one half of a set. *images_path serves messages.
static bool open_part(struct vv_arena *arena, const char *folder, const char *part,
                      struct vv_images *images, const char **images_path) {
    if (!find_images(arena, folder, part, images_path)) return false;
    if (!*images_path)
        return vv_fail(arena->ctx, VV_BAD_DATA,
                       "%s: %s-%s[.gz] is not there; put it there: a set's folder holds %s", folder,
                       part, vv_idx_names[VV_IDX_IMAGES], vv_idx_expected);
    return vv_idx_open_images(arena->ctx, *images_path, images);
}

bool vv_idx_folder_open(struct vv_arena *arena, const char *folder, const struct vv_reading *reading,
                        struct vv_dataset *set) {
    const char *train, *test;
    const struct vv_images *a = &set->train, *b = &set->test;
    if (!open_part(arena, folder, "train", &set->train, &train)) return false;
    if (!open_part(arena, folder, "t10k", &set->test, &test)) return false;
    if (a->height == b->height && a->width == b->width && a->channels == b->channels) {
        vv_idx_limit(&set->train, reading->limit);
        vv_idx_limit(&set->test, reading->limit);
        return true;
    }
    char sizes[2][40];
    vv_images_size(a, sizes[0]);
    vv_images_size(b, sizes[1]);
    return vv_fail(
        arena->ctx, VV_BAD_DATA,
        "%s: holds pictures of %s, but %s of %s (height x width, offset 8); take both from the same "
        "set",
        train, sizes[0], test, sizes[1]);
}

static bool read_part(struct vv_arena *arena, const char *folder, const char *part,
                      struct vv_images *images) {
    const char *path, *labels, *factors;
    if (!find_images(arena, folder, part, &path)) return false;
    if (!find_kind(arena, folder, part, VV_IDX_LABELS, &labels)) return false;
    if (!find_kind(arena, folder, part, VV_IDX_FACTORS, &factors)) return false;
    if (!path) path = folder;  // it was there a moment ago, and is open
    // Labels and factors belong to all pictures of the file; those beyond the limit are not looked at.
    // The count itself stays as it is: others look at it while this reads.
    const uint32_t whole = vv_idx_count(images);
    if (!vv_idx_read_pixels(arena->ctx, images)) return false;
    struct vv_images all = *images;
    all.count = whole;
    const bool ok = (!labels || vv_idx_read_labels(arena->ctx, labels, path, &all)) &&
                    (!factors || vv_idx_read_factors(arena->ctx, factors, path, &all));
    images->labels = all.labels;
    images->factors = all.factors;
    images->factor_count = all.factor_count;
    return ok;
}

bool vv_idx_folder_read(struct vv_arena *arena, const char *folder, struct vv_dataset *set) {
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
