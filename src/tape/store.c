#include "store.h"

#include <string.h>

#include "size.h"

void vv_store_init(struct vv_store *store, struct vv_context *ctx) {
    *store = (struct vv_store){.ctx = ctx};
    vv_arena_init(&store->arena, ctx);
}

void vv_store_finish(struct vv_store *store) {
    if (store->ctx) vv_arena_finish(&store->arena);
    *store = (struct vv_store){0};
}

static bool grow(struct vv_store *store) {
    uint32_t room = store->room ? 2 * store->room : 16;
    struct vv_state **states = vv_arena_alloc(&store->arena, room, sizeof(struct vv_state *));
    if (!states) return false;
    if (store->count) memcpy(states, store->states, store->count * sizeof(struct vv_state *));
    store->states = states;
    store->room = room;
    return true;
}

struct vv_state *vv_store_add(struct vv_store *store, const char *name, enum vv_type type,
                              struct vv_shape shape) {
    char text[VV_SHAPE_TEXT];
    if (!vv_shape_check(shape)) {
        (void)vv_fail(store->ctx, VV_USAGE,
                      "state '%s' cannot have the shape %s: 1 to 4 dimensions, none of them 0, and "
                      "below 2^32 elements",
                      name, vv_shape_print(shape, text));
        return NULL;
    }
    if (store->count == store->room && !grow(store)) return NULL;
    struct vv_state *s = vv_arena_alloc(&store->arena, 1, sizeof *s);
    if (!s) return NULL;
    s->name = vv_arena_printf(&store->arena, "%s", name);
    s->type = type;
    s->shape = shape;
    s->bytes = vv_shape_count(shape) * vv_type_bytes(type);
    s->index = store->count;
    if (!s->name) return NULL;
    store->states[store->count++] = s;
    return s;
}
