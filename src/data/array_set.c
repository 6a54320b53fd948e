#include "array_set.h"

#include "labels.h"
#include "normalize.h"
#include "npz.h"
#include "rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// A file that both parts, or one of them, come from.
struct side {
    struct vv_rows rows;
    struct vv_zip zip;  // its file, or that which its member is in; not open: another
    struct vv_division division;
};

static bool ends_in(const char *text, const char *ending) {
    const size_t length = strlen(text), end = strlen(ending);
    return length > end && strcmp(text + length - end, ending) == 0;
}

// ---- .npz ----

static const char *const picture_names[] = {"x_train", "x", "images", "imgs", "data", "arr_0", NULL};
static const char *const label_names[] = {"y_train", "y", "labels", NULL};
static const char *const test_names[] = {"x_test", NULL}, *const test_label_names[] = {"y_test", NULL};

// The first array of one of these names; NULL: none.
static const struct vv_zip_member *find_array(const struct vv_zip *zip, const char *const *names) {
    const struct vv_zip_member *found = NULL;
    for (; *names && !found; names++) found = vv_npz_find(zip, *names);
    return found;
}

static bool is_any(const struct vv_zip_member *member, const char *const *names) {
    for (; *names; names++)
        if (vv_npz_is_called(member, *names)) return true;
    return false;
}

// By name, else the only one that holds no labels.
static const struct vv_zip_member *find_pictures(const struct vv_zip *zip, const char *labels) {
    const struct vv_zip_member *found = find_array(zip, picture_names);
    const char *const other[] = {labels ? labels : "", NULL};
    uint32_t count = 0;
    if (found) return found;
    for (uint32_t i = 0; i < zip->count; i++) {
        const struct vv_zip_member *m = &zip->members[i];
        if (is_any(m, label_names) || is_any(m, test_label_names) || is_any(m, other)) continue;
        if (count++ == 0) found = m;
    }
    return count > 1 ? NULL : found;
}

// Labels that are there unasked are taken where they can be any.
static bool read_labels(struct vv_arena *arena, struct side *side, struct vv_zip *zip,
                        const char *wanted, const char *const *names) {
    const char *const asked[] = {wanted, NULL};
    const struct vv_zip_member *m = find_array(zip, wanted ? asked : names);
    struct vv_source source = {0};
    if (!m && wanted)
        return vv_fail(arena->ctx, VV_USAGE,
                       "--labels %.100s: %s has no such array; name one of those there: %s", wanted,
                       zip->file.name, vv_npz_names(arena, zip));
    if (!m) return true;
    const bool ok = vv_zip_open_member(arena, zip, m, &source) &&
                    vv_labels_read_array(&source, wanted != NULL, &side->rows);
    vv_source_close(&source);
    return ok;
}

static bool open_member(struct vv_arena *arena, struct side *side, struct vv_zip *zip,
                        const struct vv_zip_member *m, enum vv_array_layout layout) {
    if (!vv_zip_open_member(arena, zip, m, &side->rows.source)) return false;
    side->rows.name = side->rows.source.name;
    return vv_rows_open_array(&side->rows, layout);
}

static bool open_npz(struct vv_arena *arena, const char *path, enum vv_array_layout layout,
                     const char *labels, struct side *side) {
    if (!vv_zip_open(arena, path, &side->zip)) return false;
    const struct vv_zip_member *m = find_pictures(&side->zip, labels);
    if (!m)
        return vv_fail(arena->ctx, VV_BAD_DATA,
                       "%s: has no array that is called x, images, data or arr_0, but %s; save it anew "
                       "with numpy.savez(file, x=...)",
                       path, vv_npz_names(arena, &side->zip));
    return open_member(arena, side, &side->zip, m, layout) &&
           read_labels(arena, side, &side->zip, labels, label_names);
}

// x_test and y_test beside x_train and y_train.
static bool open_own_test(struct vv_arena *arena, const struct vv_reading *reading, struct side *train,
                          struct side *test, bool *there) {
    const struct vv_zip_member *m = find_array(&train->zip, test_names);
    *there = m != NULL;
    return !m || (open_member(arena, test, &train->zip, m, reading->layout) &&
                  read_labels(arena, test, &train->zip, reading->test_labels, test_label_names));
}

// ---- Any file ----

static bool open_side(struct vv_arena *arena, const char *path, enum vv_array_layout layout,
                      const char *labels, struct side *side) {
    struct vv_rows *rows = &side->rows;
    const bool is_table = vv_table_is_named(path);
    const bool in_file =
        labels && (is_table ? ends_in(labels, ".npy") || vv_table_is_named(labels) : true);
    rows->ctx = arena->ctx;
    rows->name = path;
    if (ends_in(path, ".npz")) return open_npz(arena, path, layout, labels, side);
    if (is_table ? !vv_rows_open_table(rows, in_file ? NULL : labels)
                 : !vv_source_open(arena->ctx, path, &rows->source) || !vv_rows_open_array(rows, layout))
        return false;
    return !in_file || vv_labels_read_file(arena->ctx, labels, rows);
}

static bool check_alike(struct vv_context *ctx, const struct vv_rows *a, const struct vv_rows *b) {
    if (a->height == b->height && a->width == b->width && a->channels == b->channels &&
        a->is_bytes == b->is_bytes)
        return true;
    const struct vv_images pictures[2] = {
        {.height = a->height, .width = a->width, .channels = a->channels},
        {.height = b->height, .width = b->width, .channels = b->channels}};
    char sizes[2][40];
    for (int i = 0; i < 2; i++) vv_images_size(&pictures[i], sizes[i]);
    return vv_fail(ctx, VV_BAD_DATA,
                   "%s: holds pictures of %s %s, but %s of %s %s; take both from the same set", a->name,
                   sizes[0], a->is_bytes ? "bytes" : "floats", b->name, sizes[1],
                   b->is_bytes ? "bytes" : "floats");
}

static bool open_sides(struct vv_arena *arena, const char *path, const struct vv_reading *r,
                       struct side sides[2], bool *tested) {
    *tested = r->test != NULL;
    sides[1].rows.ctx = arena->ctx;
    if (!open_side(arena, path, r->layout, r->labels, &sides[0])) return false;
    if (r->test ? !open_side(arena, r->test, r->layout, r->test_labels, &sides[1])
                : !open_own_test(arena, r, &sides[0], &sides[1], tested))
        return false;
    if (r->test_labels && !*tested)
        return vv_fail(arena->ctx, VV_USAGE,
                       "--test-labels %.100s: nothing of its own is there to test on; name it with "
                       "--test-data, or leave the labels out",
                       r->test_labels);
    if (*tested && !vv_division_unneeded(arena->ctx, r)) return false;
    for (int i = 0; i < 2; i++) {
        // Bytes stay bytes, unless something else is to become 0 and 1.
        if (r->has_range || r->normalize || vv_normalizes_as(r)) sides[i].rows.is_bytes = false;
        if (r->has_range) sides[i].rows.range = r->range;
    }
    return !*tested || check_alike(arena->ctx, &sides[0].rows, &sides[1].rows);
}

static bool divide(struct vv_context *ctx, const struct vv_reading *reading, struct vv_dataset *set,
                   struct side sides[2], bool tested) {
    if (!tested)
        return vv_division_split(ctx, sides[0].rows.name, sides[0].rows.count, reading, set,
                                 &sides[0].division);
    vv_division_whole(&sides[0].division, sides[0].rows.count, reading->limit, &set->train);
    vv_division_whole(&sides[1].division, sides[1].rows.count, reading->limit, &set->test);
    return true;
}

static bool read_side(struct side *side) {
    const struct vv_rows *rows = &side->rows;
    if (!vv_rows_read(&side->rows, &side->division)) return false;
    return !rows->labels || vv_division_labels(rows->ctx, &side->division, rows->labels);
}

static bool read_sides(struct vv_context *ctx, const struct vv_reading *reading, struct vv_dataset *set,
                       struct side sides[2], bool tested) {
    const struct vv_rows *rows = &sides[0].rows;
    return divide(ctx, reading, set, sides, tested) && vv_rows_make_part(ctx, rows, &set->train) &&
           vv_rows_make_part(ctx, rows, &set->test) && read_side(&sides[0]) &&
           (!tested || read_side(&sides[1])) &&
           vv_normalize(ctx, rows->name, reading, rows->columns, set);
}

bool vv_array_set_open(struct vv_arena *arena, const char *path, const struct vv_reading *reading,
                       struct vv_dataset *set) {
    struct side sides[2];
    bool tested;
    memset(sides, 0, sizeof sides);
    const bool ok = open_sides(arena, path, reading, sides, &tested) &&
                    read_sides(arena->ctx, reading, set, sides, tested);
    for (int i = 0; i < 2; i++) {
        vv_division_finish(&sides[i].division);
        vv_rows_finish(&sides[i].rows);
        vv_zip_close(&sides[i].zip);
    }
    return ok;
}
