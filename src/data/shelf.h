// Where decoded pictures are put: a file of the cache that is being written, or memory.
#ifndef VV_DATA_SHELF_H
#define VV_DATA_SHELF_H

#include "file.h"

#include <stdint.h>

// The pictures of the parts 0 and 1, in slots of `stride` bytes.
struct vv_shelf {
    uint64_t stride, at[2], end;  // offsets in the file: of the parts, and behind them
    bool in_file;
    struct vv_writer writer;
    int reader;                // the same file
    unsigned char *memory[2];  // owned
};

enum { VV_SHELF_FIRST = 4096 };  // bytes before the first picture

bool vv_shelf_in_file(struct vv_context *ctx, const char *path, const uint32_t slots[2], uint64_t stride,
                      struct vv_shelf *shelf);
bool vv_shelf_in_memory(struct vv_context *ctx, const uint32_t slots[2], uint64_t stride,
                        struct vv_shelf *shelf);

// Puts a picture into a slot. From any thread, each with a context of its own.
bool vv_shelf_put(struct vv_context *ctx, struct vv_shelf *shelf, uint32_t part, uint32_t slot,
                  const unsigned char *pixels);
// Copies one slot's picture to another.
bool vv_shelf_move(struct vv_context *ctx, struct vv_shelf *shelf, uint32_t part, uint32_t from,
                   uint32_t to);
// Bytes of the file elsewhere.
bool vv_shelf_write(struct vv_context *ctx, struct vv_shelf *shelf, uint64_t offset, const void *bytes,
                    uint64_t size);
// Says that the file cannot be kept, by an errno. Returns false.
bool vv_shelf_fail(struct vv_context *ctx, const char *path, int error);
// Drops the file, unless it was committed, and the memory, unless it was taken.
void vv_shelf_finish(struct vv_shelf *shelf);

#endif
