#include "packed.h"

#include "file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { LEAST = 1 << 12, MOST = 1 << 17 };  // of what is read at once

static bool out_of_memory(struct vv_context *ctx, const char *name) {
    return vv_fail(ctx, VV_FAILED, "%s: out of memory while it is read; close other programs", name);
}

gzFile vv_packed_open(struct vv_context *ctx, const char *path, uint64_t *bytes) {
    int descriptor;
    if (!vv_file_open(ctx, path, &descriptor, bytes)) return NULL;
    gzFile file = gzdopen(descriptor, "rb");
    if (!file) {
        (void)close(descriptor);
        (void)out_of_memory(ctx, path);
        return NULL;
    }
    // No more for a small file than it needs.
    (void)gzbuffer(file, *bytes < LEAST ? LEAST : *bytes > MOST ? MOST : (unsigned)*bytes);
    return file;
}

bool vv_packed_fail(struct vv_context *ctx, const char *name, gzFile file, uint64_t offset) {
    int code = Z_OK;
    (void)gzerror(file, &code);
    if (code == Z_MEM_ERROR) return out_of_memory(ctx, name);
    if (code == Z_ERRNO)
        return vv_fail(
            ctx, VV_BAD_DATA,
            "%s: cannot be read at offset %llu (%s); see to its disk, or restore it from a copy", name,
            (unsigned long long)offset, strerror(errno));
    return vv_fail(ctx, VV_BAD_DATA,
                   "%s: is damaged near unpacked offset %llu; save it anew, or restore it from a copy",
                   name, (unsigned long long)offset);
}
