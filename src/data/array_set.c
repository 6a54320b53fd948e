#include "array_set.h"

#include "normalize.h"
#include "rows.h"

static bool read_parts(struct vv_context *ctx, struct vv_rows *rows, const struct vv_reading *reading,
                       struct vv_dataset *set, struct vv_division *division) {
    // Bytes stay bytes, unless something else is to become 0 and 1.
    if (reading->has_range || reading->normalize) rows->is_bytes = false;
    if (reading->has_range) rows->range = reading->range;
    return vv_division_split(ctx, rows->name, rows->count, reading, set, division) &&
           vv_rows_make_part(ctx, rows, &set->train) && vv_rows_make_part(ctx, rows, &set->test) &&
           vv_rows_read(rows, division) && vv_normalize(ctx, rows->name, reading, rows->columns, set);
}

bool vv_array_set_open(struct vv_arena *arena, const char *path, const struct vv_reading *reading,
                       struct vv_dataset *set) {
    struct vv_context *ctx = arena->ctx;
    struct vv_rows rows = {.name = path};
    struct vv_division division = {0};
    const bool ok = vv_source_open(ctx, path, &rows.source) &&
                    vv_rows_open_array(&rows, reading->layout) &&
                    read_parts(ctx, &rows, reading, set, &division);
    vv_division_finish(&division);
    vv_rows_finish(&rows);
    return ok;
}
