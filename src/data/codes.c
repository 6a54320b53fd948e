#include "codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "file.h"
#include "npz_write.h"
#include "size.h"

enum vv_codes_kind vv_codes_kind(const char *path) {
    static const char *const endings[] = {"", ".npz", ".npy", ".csv"};
    const size_t length = strlen(path);
    for (int i = 1; i < 4; i++)
        if (length >= 4 && strcmp(path + length - 4, endings[i]) == 0) return (enum vv_codes_kind)i;
    return VV_CODES_NONE;
}

// Lines that are written as they come.
struct csv {
    struct vv_writer writer;
    char line[1 << 14];
    size_t used;
};

static bool flush(struct csv *csv) {
    const bool ok = vv_writer_write(&csv->writer, csv->line, csv->used);
    csv->used = 0;
    return ok;
}

// The longest text is that of a float, or of a column's name.
static bool room(struct csv *csv) {
    return csv->used + 32 < sizeof csv->line || flush(csv);
}

static bool head(struct csv *csv, const struct vv_codes *c) {
    const char *const names[] = {"mu", "logvar", "z"};
    csv->used = (size_t)snprintf(csv->line, sizeof csv->line, "index%s", c->labels ? ",label" : "");
    for (int n = 0; n < (c->z ? 3 : 2); n++)
        for (uint32_t i = 0; i < c->latent; i++) {
            if (!room(csv)) return false;
            csv->used += (size_t)snprintf(csv->line + csv->used, 32, ",%s%u", names[n], i);
        }
    csv->line[csv->used++] = '\n';
    return true;
}

static bool row(struct csv *csv, const struct vv_codes *c, uint32_t index) {
    const float *const arrays[] = {c->mu, c->logvar, c->z};
    if (!room(csv)) return false;
    csv->used += (size_t)snprintf(csv->line + csv->used, 16, "%u", index);
    if (c->labels) csv->used += (size_t)snprintf(csv->line + csv->used, 16, ",%u", c->labels[index]);
    for (int n = 0; n < (c->z ? 3 : 2); n++)
        for (uint32_t i = 0; i < c->latent; i++) {
            if (!room(csv)) return false;
            csv->used += (size_t)snprintf(csv->line + csv->used, 32, ",%.9g",
                                          (double)arrays[n][(size_t)index * c->latent + i]);
        }
    csv->line[csv->used++] = '\n';
    return true;
}

static bool write_csv(struct vv_context *ctx, const char *path, const struct vv_codes *c) {
    struct csv csv = {.used = 0};
    bool ok = vv_writer_open(ctx, path, &csv.writer) && head(&csv, c);
    for (uint32_t i = 0; ok && i < c->count; i++) ok = row(&csv, c, i);
    ok = ok && flush(&csv) && vv_writer_commit(&csv.writer);
    vv_writer_abort(&csv.writer);
    return ok;
}

static bool write_npz(struct vv_context *ctx, const char *path, const struct vv_codes *c) {
    const struct vv_tensor all[] = {
        {.name = "mu", .rank = 2, .dim = {c->count, c->latent}, .data = c->mu},
        {.name = "logvar", .rank = 2, .dim = {c->count, c->latent}, .data = c->logvar},
        {.name = "z", .rank = 2, .dim = {c->count, c->latent}, .data = c->z},
        {.name = "labels", .dtype = VV_DTYPE_U32, .rank = 1, .dim = {c->count}, .data = c->labels}};
    struct vv_tensor list[4];
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].data) list[count++] = all[i];
    return vv_npz_write(ctx, path, list, count);
}

bool vv_codes_write(struct vv_context *ctx, const char *path, const struct vv_codes *c) {
    switch (vv_codes_kind(path)) {
    case VV_CODES_NPZ:
        return write_npz(ctx, path, c);
    case VV_CODES_CSV:
        return write_csv(ctx, path, c);
    default:
        return vv_npy_write(ctx, path, c->z ? c->z : c->mu, (const uint32_t[]){c->count, c->latent}, 2);
    }
}

void vv_codes_finish(struct vv_codes *c) {
    free(c->mu);
    free(c->logvar);
    free(c->z);
    free(c->labels);
    *c = (struct vv_codes){0};
}
