#include "shelf.h"

#include "size.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool vv_shelf_fail(struct vv_context *ctx, const char *path, int error) {
    return vv_fail(ctx, VV_FAILED, "%s: decoded pictures cannot be kept (%s)", path, strerror(error));
}

bool vv_shelf_in_file(struct vv_context *ctx, const char *path, const uint32_t slots[2], uint64_t stride,
                      struct vv_shelf *shelf) {
    uint64_t bytes[2];
    *shelf = (struct vv_shelf){.stride = stride, .in_file = true, .reader = -1};
    for (int i = 0; i < 2; i++)
        if (!vv_mul_u64(slots[i], stride, &bytes[i]) || bytes[i] > INT64_MAX / 4)
            return vv_shelf_fail(ctx, path, EFBIG);
    shelf->at[0] = VV_SHELF_FIRST;
    shelf->at[1] = shelf->at[0] + bytes[0];
    shelf->end = vv_align_up(shelf->at[1] + bytes[1], sizeof(uint32_t));
    if (!vv_writer_open(ctx, path, &shelf->writer)) return false;
    shelf->reader = open(shelf->writer.temporary, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    return shelf->reader >= 0 || vv_shelf_fail(ctx, path, errno);
}

bool vv_shelf_in_memory(struct vv_context *ctx, const uint32_t slots[2], uint64_t stride,
                        struct vv_shelf *shelf) {
    *shelf = (struct vv_shelf){.stride = stride, .reader = -1};
    for (int i = 0; i < 2; i++) {
        shelf->memory[i] = vv_alloc(ctx, slots[i], stride);
        if (!shelf->memory[i]) return false;
    }
    return true;
}

bool vv_shelf_write(struct vv_context *ctx, struct vv_shelf *shelf, uint64_t offset, const void *bytes,
                    uint64_t size) {
    const unsigned char *next = bytes;
    const uint64_t most = 1U << 30;  // Linux writes at most about 2 GiB in a call
    while (size > 0) {
        const ssize_t done =
            pwrite(shelf->writer.descriptor, next, (size_t)(size < most ? size : most), (off_t)offset);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return vv_shelf_fail(ctx, shelf->writer.path, done < 0 ? errno : ENOSPC);
        next += done;
        offset += (uint64_t)done;
        size -= (uint64_t)done;
    }
    return true;
}

bool vv_shelf_put(struct vv_context *ctx, struct vv_shelf *shelf, uint32_t part, uint32_t slot,
                  const unsigned char *pixels) {
    const uint64_t offset = slot * shelf->stride;
    if (shelf->in_file)
        return vv_shelf_write(ctx, shelf, shelf->at[part] + offset, pixels, shelf->stride);
    memcpy(shelf->memory[part] + offset, pixels, (size_t)shelf->stride);
    return true;
}

static bool read_at(struct vv_context *ctx, struct vv_shelf *shelf, uint64_t offset,
                    unsigned char *bytes, uint64_t size) {
    while (size > 0) {
        const ssize_t got = pread(shelf->reader, bytes, (size_t)size, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return vv_shelf_fail(ctx, shelf->writer.path, got < 0 ? errno : EIO);
        bytes += got;
        offset += (uint64_t)got;
        size -= (uint64_t)got;
    }
    return true;
}

bool vv_shelf_move(struct vv_context *ctx, struct vv_shelf *shelf, uint32_t part, uint32_t from,
                   uint32_t to) {
    if (!shelf->in_file)
        return vv_shelf_put(ctx, shelf, part, to, shelf->memory[part] + from * shelf->stride);
    unsigned char *pixels = vv_alloc(ctx, shelf->stride, 1);
    const bool ok = pixels &&
                    read_at(ctx, shelf, shelf->at[part] + from * shelf->stride, pixels, shelf->stride) &&
                    vv_shelf_put(ctx, shelf, part, to, pixels);
    free(pixels);
    return ok;
}

void vv_shelf_finish(struct vv_shelf *shelf) {
    if (shelf->in_file) {
        if (shelf->reader >= 0) (void)close(shelf->reader);
        vv_writer_abort(&shelf->writer);
    }
    for (int i = 0; i < 2; i++) free(shelf->memory[i]);
    *shelf = (struct vv_shelf){.reader = -1};
}
