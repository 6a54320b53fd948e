// Files that may be packed by gzip: zlib reads a plain one through the same calls.
#ifndef VV_DATA_PACKED_H
#define VV_DATA_PACKED_H

#include <stdint.h>
#include <zlib.h>

#include "context.h"

// Opens a regular file, of *bytes as it lies there, to be closed by gzclose_r. NULL: it cannot be
// opened, or memory is out.
gzFile vv_packed_open(struct vv_context *ctx, const char *path, uint64_t *bytes);
// What is wrong with a file called `name` that could not be read further at this offset: memory is out,
// or it is damaged. Returns false.
bool vv_packed_fail(struct vv_context *ctx, const char *name, gzFile file, uint64_t offset);

#endif
