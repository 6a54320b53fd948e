#include "kind.h"

#include "array_set.h"
#include "cifar.h"
#include "file.h"
#include "folder.h"
#include "folder_list.h"
#include "idx_folder.h"
#include "text_set.h"

#include <math.h>
#include <string.h>

// Groups of options.
enum {
    SIZES = 1,
    PICTURES = 2,
    LAYOUT = 4,
    VALUES = 8,
    TEST = 16,
    TEST_LABELS = 32,
    TEXT = 64,
    TABLES = LAYOUT | VALUES | TEST | TEST_LABELS
};

static const struct {
    unsigned group;
    const char *of;
} groups[] = {{SIZES, "the built-in set and folders of pictures"},
              {PICTURES, "folders of pictures"},
              {LAYOUT, ".npy and .npz files"},
              {VALUES, ".npy, .npz and .csv files"},
              {TEST, "sets without a test part"},
              {TEST_LABELS, ".npy, .npz and .csv files"},
              {TEXT, "text in .txt files"}};

const struct vv_kind vv_kind_drawn = {"the built-in set", SIZES, NULL};

static const struct vv_kind idx_folder = {"a folder of IDX files", 0, vv_idx_folder_open};

static bool open_pictures(struct vv_arena *arena, const char *path, const struct vv_reading *reading,
                          struct vv_dataset *set) {
    return vv_folder_open(arena->ctx, path, reading, set);
}

static const struct vv_kind picture_folder = {"a folder of pictures", SIZES | PICTURES | TEST,
                                              open_pictures};
static const struct vv_kind cifar_folder = {"a folder of CIFAR's binaries", 0, vv_cifar_open};

static const struct {
    const char *ending;
    struct vv_kind kind;
} files[] = {{".npy", {"an .npy file", TABLES, vv_array_set_open}},
             {".npz", {"an .npz file", TABLES, vv_array_set_open}},
             {".csv", {"a .csv file", TABLES & ~LAYOUT, vv_array_set_open}},
             {".csv.gz", {"a .csv file", TABLES & ~LAYOUT, vv_array_set_open}},
             {".txt", {"a text", TEST | TEXT, vv_text_set_open}},
             {".txt.gz", {"a text", TEST | TEXT, vv_text_set_open}}};

enum { FILES = sizeof files / sizeof *files, GROUPS = sizeof groups / sizeof *groups };

static const struct vv_kind *kind_of_name(const char *path) {
    const size_t length = strlen(path);
    for (size_t i = 0; i < FILES; i++) {
        const size_t end = strlen(files[i].ending);
        if (length > end && strcmp(path + length - end, files[i].ending) == 0) return &files[i].kind;
    }
    return NULL;
}

bool vv_kind_is_file(const char *path) {
    return kind_of_name(path) != NULL;
}

static bool kind_of_folder(struct vv_arena *arena, const char *folder, const struct vv_kind **kind) {
    bool holds;
    *kind = NULL;
    if (!vv_idx_folder_holds(arena, folder, &holds)) return false;
    if (holds) *kind = &idx_folder;
    if (*kind) return true;
    if (!vv_cifar_holds(arena, folder, &holds)) return false;
    if (holds) *kind = &cifar_folder;
    if (*kind) return true;
    if (vv_folder_has_pictures(folder)) *kind = &picture_folder;
    return true;
}

bool vv_folder_holds_set(struct vv_arena *arena, const char *folder, bool *holds) {
    const struct vv_kind *kind;
    if (!kind_of_folder(arena, folder, &kind)) return false;
    *holds = kind != NULL;
    return true;
}

bool vv_kind_is_pictures(const struct vv_kind *kind) {
    return kind == &picture_folder;
}

// Where nothing is found, what cannot be read may be why, or that the folder is a run's.
static bool fail_without(struct vv_arena *arena, const char *folder) {
    struct vv_folder_list list;
    if (!vv_folder_list(arena, folder, true, &list)) return false;
    vv_folder_list_finish(&list);
    return vv_fail(arena->ctx, VV_BAD_DATA,
                   "%s: holds no set; name a folder of PNG or JPEG files, of CIFAR's binaries "
                   "(data_batch_1.bin, or train.bin), or of %s",
                   folder, vv_idx_expected);
}

bool vv_kind_find(struct vv_arena *arena, const char *path, const struct vv_kind **kind) {
    if (vv_path_is_folder(path)) {
        if (!kind_of_folder(arena, path, kind)) return false;
        return *kind || fail_without(arena, path);
    }
    *kind = kind_of_name(path);
    if (*kind && vv_path_exists(path)) return true;
    return vv_fail(arena->ctx, VV_BAD_DATA,
                   "%s: is %s; give the folder of a set, an array or table in a file .npy, .npz, .csv "
                   "or .csv.gz, or text in a file .txt or .txt.gz",
                   path, vv_path_exists(path) ? "no set" : "not there");
}

// ---- Options ----

static bool is_white(const unsigned char colour[3]) {
    return memcmp(colour, vv_reading_default.background, 3) == 0;
}

static bool check_tokens(struct vv_context *ctx, const struct vv_reading *r) {
    const bool rows = r->tokens > VV_TOKENS_BAG;
    if (rows && !r->length)
        return vv_fail(ctx, VV_USAGE, "--tokens needs --length, how many of them a row has; give both");
    if (!rows && r->length)
        return vv_fail(ctx, VV_USAGE,
                       "--length is for rows of tokens; give --tokens chars or words, or leave it out");
    return r->tokens != VV_TOKENS_CHARS || !r->vocabulary ||
           vv_fail(ctx, VV_USAGE, "--vocabulary counts words, not characters; leave it out");
}

static bool check_values(struct vv_context *ctx, const struct vv_reading *r) {
    if (!check_tokens(ctx, r)) return false;
    if (!(r->split > 0 && r->split < 1))
        return vv_fail(ctx, VV_USAGE, "--split %g: expected a number between 0 and 1", r->split);
    if (!r->has_range) return true;
    const double low = r->range[0], high = r->range[1];
    if (!isfinite(low) || !isfinite(high) || !(low < high) || !isfinite((float)(high - low)))
        return vv_fail(ctx, VV_USAGE, "--range %g,%g: expected LOW,HIGH, two numbers, the first less",
                       low, high);
    return !r->normalize ||
           vv_fail(ctx, VV_USAGE, "--range and --normalize both tell where values lie; leave one out");
}

bool vv_kind_check(struct vv_context *ctx, const struct vv_kind *kind, const char *source,
                   const struct vv_reading *r) {
    const struct vv_reading *d = &vv_reading_default;
    const struct {
        bool given;
        unsigned group;
        const char *option;
    } options[] = {{r->height || r->width, SIZES, "--size"},
                   {r->channels != d->channels, SIZES, "--channels"},
                   {r->fit != d->fit, PICTURES, "--fit"},
                   {r->crop, PICTURES, "--crop"},
                   {!is_white(r->background), PICTURES, "--background"},
                   {r->strict, PICTURES, "--strict"},
                   {r->threads, PICTURES, "--threads"},
                   {r->layout != d->layout, LAYOUT, "--layout"},
                   {r->normalize != d->normalize, VALUES, "--normalize"},
                   {r->has_range, VALUES, "--range"},
                   {r->labels, VALUES, "--labels"},
                   {r->test, TEST, "--test-data"},
                   {r->test_labels, TEST_LABELS, "--test-labels"},
                   {r->tokens, TEXT, "--tokens"},
                   {r->length, TEXT, "--length"},
                   {r->vocabulary, TEXT, "--vocabulary"},
                   {r->split < d->split || r->split > d->split, TEST, "--split"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!options[i].given || kind->options & options[i].group) continue;
        const char *of = "";
        for (size_t k = 0; k < GROUPS; k++)
            if (groups[k].group == options[i].group) of = groups[k].of;
        return vv_fail(ctx, VV_USAGE, "%s is for %s, and %.200s is %s; leave it out", options[i].option,
                       of, source, kind->name);
    }
    return check_values(ctx, r);
}
