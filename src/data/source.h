// The bytes of a file, or of a member of a .zip file, in order.
#ifndef VV_DATA_SOURCE_H
#define VV_DATA_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "context.h"

struct vv_inflating;

struct vv_source {
    struct vv_context *ctx;
    const char *name;       // for messages; the caller's
    uint64_t size, offset;  // unpacked bytes: of all, and how many were read
    uint64_t packed;        // bytes that `size` are packed in; as many where they are not
    // The rest is the source's own.
    int descriptor;                  // -1: not open
    uint64_t at, end;                // in the file: what is read next, and where it ends
    struct vv_inflating *inflating;  // NULL: stored as it is
    bool borrowed;                   // the descriptor is another's to close
    bool checked;                    // against `expected`
    uint32_t crc, expected;          // CRC-32 of what was read, and of all
};

// A whole file. VV_BAD_DATA where it cannot be opened.
bool vv_source_open(struct vv_context *ctx, const char *path, struct vv_source *source);

// A member of a .zip file that is open as `descriptor` (which is duplicated): `packed` bytes from `at`
// on.
bool vv_source_open_member(struct vv_context *ctx, struct vv_source *source, int descriptor,
                           bool deflated);

// Exactly that many bytes. VV_BAD_DATA where there are fewer, or where they are damaged.
bool vv_source_read(struct vv_source *source, void *bytes, uint64_t count);

// All was read: checks the CRC, where there is one, and that packed bytes have ended too.
bool vv_source_end(struct vv_source *source);

void vv_source_close(struct vv_source *source);  // takes one that is zeroed or closed

#endif
