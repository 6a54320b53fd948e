#include "arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "size.h"

#ifndef VV_ARENA_LEAST
#define VV_ARENA_LEAST 16384  // bytes of a block; a test has another, so that each piece is one
#endif

struct vv_arena_block {
    struct vv_arena_block *next;
    uint64_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

void vv_arena_init(struct vv_arena *arena, struct vv_context *ctx) {
    *arena = (struct vv_arena){.ctx = ctx};
}

void vv_arena_finish(struct vv_arena *arena) {
    while (arena->blocks) {
        struct vv_arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

void *vv_arena_alloc(struct vv_arena *arena, uint64_t count, uint64_t size) {
    const uint64_t least = VV_ARENA_LEAST, limit = UINT64_MAX / 4;
    uint64_t bytes = 0;
    if (!vv_mul_u64(count, size, &bytes) || bytes > limit) bytes = limit;
    bytes = vv_align_up(bytes, alignof(max_align_t));
    struct vv_arena_block *block = arena->blocks;
    if (!block || block->size - block->used < bytes) {
        uint64_t room = bytes > least ? bytes : least;
        block = vv_alloc(arena->ctx, 1, sizeof *block + room);
        if (!block) return NULL;
        block->next = arena->blocks;
        block->size = room;
        arena->blocks = block;
    }
    void *memory = block->bytes + block->used;
    block->used += bytes;
    return memory;
}

char *vv_arena_printf(struct vv_arena *arena, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = length < 0 ? NULL : vv_arena_alloc(arena, (uint64_t)length + 1, 1);
    if (text) (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
