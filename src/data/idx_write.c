#include "file.h"
#include "idx_format.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const vv_idx_names[VV_IDX_KINDS] = {"images-idx3-ubyte", "images-idx4-ubyte",
                                                "labels-idx1-ubyte", "factors-idx2-float"};

static void put_word(unsigned char *bytes, uint32_t word) {
    for (int i = 0; i < 4; i++) bytes[i] = (unsigned char)(word >> (24 - 8 * i));
}

// The magic, which tells the rank, and the sizes.
static void write_header(struct vv_writer *writer, uint32_t magic, const uint32_t *dims) {
    unsigned char bytes[20];
    const uint32_t rank = magic & 255;
    put_word(bytes, magic);
    for (uint32_t i = 0; i < rank && i < 4; i++)  // bounded: else gcc 12 for AVX-512 sees an overflow
        put_word(bytes + 4 + 4 * (size_t)i, dims[i]);
    (void)vv_writer_write(writer, bytes, 4 + 4 * (uint64_t)rank);
}

static void write_floats(struct vv_writer *writer, const float *values, uint64_t count) {
    unsigned char bytes[16384];
    for (uint64_t done = 0; done < count;) {
        size_t used = 0;
        for (; done < count && used < sizeof bytes; done++, used += 4) {
            uint32_t bits;
            memcpy(&bits, values + done, sizeof bits);
            put_word(bytes + used, bits);
        }
        if (!vv_writer_write(writer, bytes, used)) return;
    }
}

// Those of the drawn set, which fit a byte.
static void write_labels(struct vv_writer *writer, const struct vv_images *i) {
    for (uint32_t k = 0; k < i->count; k++) {
        const unsigned char label = (unsigned char)i->labels[k];
        (void)vv_writer_write(writer, &label, 1);
    }
}

static void write_values(struct vv_writer *writer, enum vv_idx_kind kind, const struct vv_images *i) {
    static const uint32_t magics[VV_IDX_KINDS] = {IDX_IMAGES, IDX_COLOURED, IDX_LABELS, IDX_FACTORS};
    const uint32_t picture[] = {i->count, i->height, i->width, i->channels},
                   row[] = {i->count, i->factor_count};
    write_header(writer, magics[kind], kind == VV_IDX_FACTORS ? row : picture);
    // After a failed write the rest does nothing, and the commit refuses.
    if (kind == VV_IDX_FACTORS)
        write_floats(writer, i->factors, (uint64_t)i->count * i->factor_count);
    else if (kind == VV_IDX_LABELS)
        write_labels(writer, i);
    else
        (void)vv_writer_write(writer, i->pixels, i->count * vv_images_stride(i));
}

static bool write_file(struct vv_context *ctx, const char *folder, const char *part,
                       enum vv_idx_kind kind, const struct vv_images *images) {
    char name[64];
    (void)snprintf(name, sizeof name, "%s-%s", part, vv_idx_names[kind]);
    char *path = vv_path_join(ctx, folder, name);
    struct vv_writer writer;
    bool ok = path && vv_writer_open(ctx, path, &writer);
    if (ok) {
        write_values(&writer, kind, images);
        ok = vv_writer_commit(&writer);
    }
    free(path);
    return ok;
}

static bool write_part(struct vv_context *ctx, const char *folder, const char *part,
                       const struct vv_images *i) {
    const enum vv_idx_kind kind = i->channels == 1 ? VV_IDX_IMAGES : VV_IDX_COLOURED;
    return (!i->labels || write_file(ctx, folder, part, VV_IDX_LABELS, i)) &&
           (!i->factors || write_file(ctx, folder, part, VV_IDX_FACTORS, i)) &&
           write_file(ctx, folder, part, kind, i);
}

bool vv_idx_write_set(struct vv_context *ctx, const char *folder, const struct vv_dataset *set) {
    return write_part(ctx, folder, "train", &set->train) && write_part(ctx, folder, "t10k", &set->test);
}

// NAME, NAME.gz, or what a process that was killed left of NAME: ".NAME.PID-COUNTER.tmp", as file.h's
// writer names it.
static bool is_of_set(const char *entry) {
    static const char *const parts[] = {"train", "t10k"};
    const bool hidden = entry[0] == '.';
    for (int i = 0; i < 2 * VV_IDX_KINDS; i++) {
        char name[64];
        const int length = snprintf(name, sizeof name, "%s-%s", parts[i % 2], vv_idx_names[i / 2]);
        if (strncmp(entry + hidden, name, (size_t)length) != 0) continue;
        const char *rest = entry + hidden + length;
        if (!hidden) return !*rest || strcmp(rest, ".gz") == 0;
        return *rest == '.' && strcmp(rest + 1 + strspn(rest + 1, "0123456789-"), ".tmp") == 0;
    }
    return false;
}

bool vv_idx_remove_set(struct vv_context *ctx, const char *folder) {
    DIR *open = vv_list_open(ctx, folder);
    if (!open) return false;
    bool ok = true;
    for (struct dirent *entry; ok && (entry = vv_list_next(ctx, folder, open));) {
        if (!is_of_set(entry->d_name)) continue;
        char *path = vv_path_join(ctx, folder, entry->d_name);
        ok = path &&
             (unlink(path) == 0 ||
              vv_fail(ctx, VV_FAILED, "%s: cannot be removed (%s); remove it, or name another folder",
                      path, strerror(errno)));
        free(path);
    }
    (void)closedir(open);
    return ok && ctx->status == VV_OK;
}
