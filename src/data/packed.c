#include "packed.h"

#include "file.h"

#include <unistd.h>

enum { LEAST = 1 << 12, MOST = 1 << 17 };  // of what is read at once

gzFile vv_packed_open(struct vv_context *ctx, const char *path, uint64_t *bytes) {
    int descriptor;
    if (!vv_file_open(ctx, path, &descriptor, bytes)) return NULL;
    gzFile file = gzdopen(descriptor, "rb");
    if (!file) {
        (void)close(descriptor);
        (void)vv_fail(ctx, VV_FAILED, "%s: out of memory while it is read; close other programs", path);
        return NULL;
    }
    // No more for a small file than it needs.
    (void)gzbuffer(file, *bytes < LEAST ? LEAST : *bytes > MOST ? MOST : (unsigned)*bytes);
    return file;
}
