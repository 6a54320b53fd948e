#include "codes.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "csv_write.h"
#include "npz_write.h"
#include "size.h"

enum vv_codes_kind vv_codes_kind(const char *path) {
    static const char *const endings[] = {"", ".npz", ".npy", ".csv"};
    const size_t length = strlen(path);
    for (int i = 1; i < 4; i++)
        if (length >= 4 && strcmp(path + length - 4, endings[i]) == 0) return (enum vv_codes_kind)i;
    return VV_CODES_NONE;
}

static void head(struct vv_csv *csv, const struct vv_codes *c) {
    const char *const names[] = {"mu", "logvar", "z"};
    vv_csv_add(csv, "index%s", c->labels ? ",label" : "");
    for (int n = 0; n < (c->z ? 3 : 2); n++)
        for (uint32_t i = 0; i < c->latent; i++) vv_csv_add(csv, ",%s%u", names[n], i);
    vv_csv_add(csv, "\n");
}

static void row(struct vv_csv *csv, const struct vv_codes *c, uint32_t index) {
    const float *const arrays[] = {c->mu, c->logvar, c->z};
    vv_csv_add(csv, "%u", index);
    if (c->labels) vv_csv_add(csv, ",%u", c->labels[index]);
    for (int n = 0; n < (c->z ? 3 : 2); n++)
        for (uint32_t i = 0; i < c->latent; i++)
            vv_csv_add(csv, ",%.9g", (double)arrays[n][(size_t)index * c->latent + i]);
    vv_csv_add(csv, "\n");
}

static bool write_csv(struct vv_context *ctx, const char *path, const struct vv_codes *c) {
    struct vv_csv csv = {.used = 0};
    bool ok = vv_csv_open(ctx, path, &csv);
    if (ok) head(&csv, c);
    for (uint32_t i = 0; ok && i < c->count; i++) row(&csv, c, i);
    ok = ok && vv_csv_commit(&csv);
    vv_csv_abort(&csv);
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
