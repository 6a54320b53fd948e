#include "tape.h"

#include <stdio.h>
#include <string.h>

#include "size.h"

static bool state_shape(struct vv_tape *t, vv_ref y) {
    (void)t;
    y->type = y->state->type;
    y->shape = y->state->shape;
    return true;
}

const struct vv_op vv_op_state = {
    .name = "state", .arity = 0, .zero_gradient = true, .shape = state_shape};

void vv_tape_init(struct vv_tape *t, struct vv_store *store, const char *name) {
    *t = (struct vv_tape){.ctx = store->ctx, .store = store, .name = name};
    t->dummy = (struct vv_node){.op = &vv_op_state, .name = "nothing", .shape = {1, {1}}};
    vv_arena_init(&t->arena, store->ctx);
}

void vv_tape_finish(struct vv_tape *t) {
    if (t->ctx) vv_arena_finish(&t->arena);
    *t = (struct vv_tape){0};
}

bool vv_tape_fail(struct vv_tape *t, const struct vv_node *y, const char *format, ...) {
    t->failed = true;
    char why[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args);
    va_end(args);
    return vv_fail(t->ctx, VV_USAGE, "tape '%s', node %u '%s' (%s): %s", t->name, y->index, y->name,
                   y->op->name, why);
}

const char *vv_node_print(const struct vv_node *y, char text[VV_NODE_TEXT]) {
    char shape[VV_SHAPE_TEXT];
    (void)snprintf(text, VV_NODE_TEXT, "'%s' %s %s", y->name, vv_type_name(y->type),
                   vv_shape_print(y->shape, shape));
    return text;
}

static vv_ref dummy(struct vv_tape *t) {
    t->failed = true;
    return &t->dummy;
}

static bool grow(struct vv_tape *t) {
    uint32_t room = t->room ? 2 * t->room : 64;
    vv_ref *nodes = vv_arena_alloc(&t->arena, room, sizeof(vv_ref));
    if (!nodes) return false;
    if (t->count) memcpy(nodes, t->nodes, t->count * sizeof(vv_ref));
    t->nodes = nodes;
    t->room = room;
    return true;
}

static vv_ref new_node(struct vv_tape *t, const struct vv_op *op) {
    if (t->failed) return NULL;
    if (t->count == t->room && !grow(t)) return NULL;
    vv_ref y = vv_arena_alloc(&t->arena, 1, sizeof *y);
    if (!y) return NULL;
    y->op = op;
    y->index = t->count;
    y->name = op->name;
    return y;
}

// Only state may be written: the reader of a temporary must find what its node computed.
static bool check_writes(struct vv_tape *t, vv_ref y) {
    for (uint32_t i = 0; i < y->inputs; i++)
        if ((y->op->writes >> i & 1) && !vv_root(y->in[i], &(uint64_t){0})->state)
            return vv_tape_fail(t, y,
                                "writes input %u, '%s', which is no state; place or copy it into one", i,
                                y->in[i]->name);
    return true;
}

vv_ref vv_append(struct vv_tape *t, const struct vv_op *op, const vv_ref *in,
                 const struct vv_attributes *attr) {
    vv_ref y = new_node(t, op);
    if (!y) return dummy(t);
    y->inputs = op->arity;
    for (uint32_t i = 0; i < op->arity; i++) y->in[i] = in[i];
    if (attr) y->attr = *attr;
    y->offset = y->attr.offset;
    if (!op->shape(t, y) || !check_writes(t, y)) return dummy(t);
    if (!op->writes && !vv_shape_check(y->shape)) {
        char text[VV_SHAPE_TEXT];
        (void)vv_tape_fail(t, y,
                           "a tensor cannot have the shape %s: 1 to 4 dimensions, none of them 0, and "
                           "below 2^32 elements",
                           vv_shape_print(y->shape, text));
        return dummy(t);
    }
    t->nodes[t->count++] = y;
    return y;
}

vv_ref vv_use(struct vv_tape *t, struct vv_state *state) {
    vv_ref y = new_node(t, &vv_op_state);
    if (!y) return dummy(t);
    y->state = state;
    y->name = state->name;
    (void)state_shape(t, y);
    t->nodes[t->count++] = y;
    return y;
}

vv_ref vv_name(struct vv_tape *t, vv_ref y, const char *format, ...) {
    if (t->failed) return y;
    char text[128];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *name = vv_arena_printf(&t->arena, "%s", text);
    if (name)
        y->name = name;
    else
        t->failed = true;
    return y;
}

const struct vv_node *vv_root(const struct vv_node *y, uint64_t *offset) {
    *offset = 0;
    for (; y->view_of; y = y->view_of) *offset += y->offset;
    if (y->state) *offset += y->offset;
    return y;
}

bool vv_aligned(const struct vv_node *y, uint32_t elements) {
    uint64_t offset;
    (void)vv_root(y, &offset);
    return offset % elements == 0;
}
