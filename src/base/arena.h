// Memory that is taken piece by piece, never moves, and is given back all at once.
#ifndef VV_BASE_ARENA_H
#define VV_BASE_ARENA_H

#include <stdint.h>

#include "context.h"

struct vv_arena {
    struct vv_context *ctx;
    struct vv_arena_block *blocks;
};

void vv_arena_init(struct vv_arena *arena, struct vv_context *ctx);
void vv_arena_finish(struct vv_arena *arena);

// count * size zeroed bytes, aligned for any type, or NULL with the context's error set.
void *vv_arena_alloc(struct vv_arena *arena, uint64_t count, uint64_t size);

// A copy of a formatted text, or NULL with the context's error set.
char *vv_arena_printf(struct vv_arena *arena, const char *format, ...) VV_PRINTF(2, 3);

#endif
