#include "view.h"

#include <string.h>

#include "elementwise.h"
#include "launches.h"
#include "slice.h"

static bool view_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[0];
    char text[VV_NODE_TEXT];
    y->shape.rank = y->attr.u[0];
    memcpy(y->shape.dim, &y->attr.u[1], sizeof y->shape.dim);
    y->type = x->type;
    if (!vv_shape_check(y->shape)) return true;  // vv_append says so
    if (y->offset + vv_count(y) > vv_count(x))
        return vv_tape_fail(t, y, "elements %llu to %llu are not in %s", (unsigned long long)y->offset,
                            (unsigned long long)(y->offset + vv_count(y)), vv_node_print(x, text));
    y->view_of = y->in[0];
    return true;
}

static void view_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    const struct vv_node *x = y->in[0];
    if (vv_count(x) != vv_count(y)) {
        vv_ref flat = vv_view(t, dy, 0, vv_shape1((uint32_t)vv_count(y)));
        dy = vv_pad(t, flat, 0, (uint32_t)y->offset, (uint32_t)vv_count(x));
    }
    dx[0] = vv_view(t, dy, 0, x->shape);
}

const struct vv_op vv_op_view = {.name = "view", .arity = 1, .shape = view_shape, .vjp = view_vjp};
const struct vv_op vv_op_stop = {.name = "stop", .arity = 1, .zero_gradient = true, .shape = view_shape};

static vv_ref append_view(struct vv_tape *t, const struct vv_op *op, vv_ref x, uint64_t offset,
                          struct vv_shape shape) {
    struct vv_attributes attr = {.u = {shape.rank}, .offset = offset};
    memcpy(&attr.u[1], shape.dim, sizeof shape.dim);
    return vv_append(t, op, &x, &attr);
}

vv_ref vv_view(struct vv_tape *t, vv_ref x, uint64_t offset, struct vv_shape shape) {
    return append_view(t, &vv_op_view, x, offset, shape);
}

vv_ref vv_stop(struct vv_tape *t, vv_ref x) {
    return append_view(t, &vv_op_stop, x, 0, x->shape);
}

// copy: target = x, in place.   target: state, x: as many f32 elements.   shaders/unary.comp
static bool copy_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *target = y->in[0], *x = y->in[1];
    char a[VV_NODE_TEXT], b[VV_NODE_TEXT];
    if (target->type != VV_F32 || x->type != VV_F32 || vv_count(target) != vv_count(x))
        return vv_tape_fail(t, y, "%s and %s are not f32 of one size", vv_node_print(target, a),
                            vv_node_print(x, b));
    return true;
}

static void copy_reference(const struct vv_node *y, const struct vv_operands *io) {
    memcpy(io->in[0], io->in[1], vv_count(y->in[1]) * sizeof(vv_real));
}

static bool copy_launch(const struct vv_node *y, const struct vv_limits *limits,
                        struct vv_launch *launch) {
    return vv_launch_unary(y->in[1], 1, y->in[0], 0, VV_UNARY_AFFINE, 1.0, 0.0, limits, launch);
}

// The target is written only.
static struct vv_cost copy_cost(const struct vv_node *y) {
    return (struct vv_cost){.bytes = 2 * vv_bytes(y->in[0])};
}

const struct vv_op vv_op_copy = {.name = "copy",
                                 .arity = 2,
                                 .writes = 1,
                                 .zero_gradient = true,
                                 .shape = copy_shape,
                                 .reference = copy_reference,
                                 .launch = copy_launch,
                                 .cost = copy_cost};

static bool touches(const struct vv_node *x, const struct vv_state *state, uint64_t offset,
                    uint64_t count) {
    uint64_t at;
    if (x->op->writes) return false;  // has no value; what it writes are its inputs
    return vv_root(x, &at)->state == state && offset < at + vv_count(x) && at < offset + count;
}

// Whether y can be computed in the range: it is a temporary, reads nothing there, and no node since
// touches it, for the write would come before that node's.
static bool can_compute_there(const struct vv_tape *t, const struct vv_node *y,
                              const struct vv_state *state, uint64_t offset) {
    if (y->state || y->view_of || !y->op->launch) return false;
    for (uint32_t i = y->index; i < t->count; i++) {
        const struct vv_node *w = t->nodes[i];
        if (!w->op->launch) continue;  // a leaf or a view: those who read it come by themselves
        for (uint32_t j = 0; j < w->inputs; j++)
            if (touches(w->in[j], state, offset, vv_count(y))) return false;
        if (touches(w, state, offset, vv_count(y))) return false;
    }
    return true;
}

vv_ref vv_place(struct vv_tape *t, vv_ref y, struct vv_state *state, uint64_t offset) {
    if (!vv_tape_ok(t)) return y;
    if (y->type != state->type || offset + vv_count(y) > vv_shape_count(state->shape)) {
        char text[VV_NODE_TEXT], shape[VV_SHAPE_TEXT];
        (void)vv_tape_fail(t, y, "%s does not fit into the state '%s' %s %s at element %llu",
                           vv_node_print(y, text), state->name, vv_type_name(state->type),
                           vv_shape_print(state->shape, shape), (unsigned long long)offset);
        return y;
    }
    vv_ref whole = y;  // what y shows all of, in another shape
    while (whole->view_of && whole->offset == 0 && vv_count(whole) == vv_count(whole->view_of))
        whole = whole->view_of;
    if (can_compute_there(t, whole, state, offset)) {
        whole->state = state;
        whole->offset = offset;
        return y;
    }
    vv_ref target = vv_view(t, vv_use(t, state), offset, y->shape);
    (void)vv_append(t, &vv_op_copy, (const vv_ref[]){target, y}, NULL);
    return target;
}
