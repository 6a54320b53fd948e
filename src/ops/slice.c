#include "slice.h"

#include "launches.h"

// attr.u of both: outer, wide, narrow, inner, start, axis.   shaders/slice.comp, shaders/pad.comp

static void find_extents(vv_ref y, const struct vv_node *x, uint32_t axis) {
    y->attr.u[0] = y->attr.u[3] = 1;
    for (uint32_t i = 0; i < axis; i++) y->attr.u[0] *= x->shape.dim[i];
    for (uint32_t i = axis + 1; i < x->shape.rank; i++) y->attr.u[3] *= x->shape.dim[i];
}

static bool check_range(struct vv_tape *t, vv_ref y, uint32_t start, uint32_t narrow, uint32_t wide) {
    if (narrow == 0 || narrow > wide || start > wide - narrow)
        return vv_tape_fail(t, y, "%u elements at %u are not in an axis of %u", narrow, start, wide);
    return true;
}

static bool check_axis(struct vv_tape *t, vv_ref y) {
    char text[VV_NODE_TEXT];
    const struct vv_node *x = y->in[0];
    if (y->attr.u[5] >= x->shape.rank || x->type != VV_F32)
        return vv_tape_fail(t, y, "%s is no f32 tensor with an axis %u", vv_node_print(x, text),
                            y->attr.u[5]);
    y->type = VV_F32;
    y->shape = x->shape;
    return true;
}

static bool slice_shape(struct vv_tape *t, vv_ref y) {
    if (!check_axis(t, y)) return false;
    uint32_t axis = y->attr.u[5];
    y->attr.u[1] = y->in[0]->shape.dim[axis];
    y->shape.dim[axis] = y->attr.u[2];
    find_extents(y, y->in[0], axis);
    return check_range(t, y, y->attr.u[4], y->attr.u[2], y->attr.u[1]);
}

static bool pad_shape(struct vv_tape *t, vv_ref y) {
    if (!check_axis(t, y)) return false;
    uint32_t axis = y->attr.u[5];
    y->attr.u[2] = y->in[0]->shape.dim[axis];
    y->shape.dim[axis] = y->attr.u[1];
    find_extents(y, y->in[0], axis);
    return check_range(t, y, y->attr.u[4], y->attr.u[2], y->attr.u[1]);
}

static void slice_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *x = io->in[0];
    vv_real *out = io->out;
    const uint32_t *u = y->attr.u;
    uint64_t wide = (uint64_t)u[1] * u[3], narrow = (uint64_t)u[2] * u[3], start = (uint64_t)u[4] * u[3];
    for (uint64_t o = 0; o < u[0]; o++)
        for (uint64_t i = 0; i < narrow; i++) out[o * narrow + i] = x[o * wide + start + i];
}

static void pad_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *x = io->in[0];
    vv_real *out = io->out;
    const uint32_t *u = y->attr.u;
    uint64_t wide = (uint64_t)u[1] * u[3], narrow = (uint64_t)u[2] * u[3], start = (uint64_t)u[4] * u[3];
    for (uint64_t o = 0; o < u[0]; o++)
        for (uint64_t i = 0; i < wide; i++)
            out[o * wide + i] = i >= start && i < start + narrow ? x[o * narrow + i - start] : 0;
}

// Each row of the result is `out` elements of one of `in`, from `shift` on: shaders/slice_texel.glsl
struct rows {
    uint64_t count, in, out;
    int64_t shift;
};

static struct rows rows_of(const struct vv_node *y) {
    const uint32_t *u = y->attr.u;
    const uint64_t wide = (uint64_t)u[1] * u[3], narrow = (uint64_t)u[2] * u[3];
    const int64_t start = (int64_t)u[4] * u[3];
    return y->op == &vv_op_slice ? (struct rows){u[0], wide, narrow, start}
                                 : (struct rows){u[0], narrow, wide, -start};
}

static bool launch_texels(const struct vv_node *y, const struct rows *r, bool few,
                          const struct vv_limits *limits, struct vv_launch *launch) {
    const struct vv_args_unary args = {.n = (uint32_t)(few ? r->count / 4 : vv_count(y) / 4)};
    const char *kernel = vv_stores_int64(limits) ? "slice_texel_int64" : "slice_texel";
    struct vv_dispatch *d = vv_launch_add(launch, kernel, &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, few);
    vv_dispatch_spec(d, (uint32_t)r->in);
    vv_dispatch_spec(d, (uint32_t)r->out);
    vv_dispatch_spec(d, (uint32_t)r->shift);
    vv_dispatch_bind(d, 0, VV_IMAGE_VEC4);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

static bool launch_named(const char *kernel, const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    const uint32_t *u = y->attr.u;
    const struct rows r = rows_of(y);
    const bool few = r.count % 4 == 0 && r.in <= 8 && r.out <= 8;
    const bool many =
        r.in % 4 == 0 && r.out % 4 == 0 && r.shift % 4 == 0 && r.in <= INT32_MAX && r.out <= INT32_MAX;
    if ((few || many) && vv_loads_texels(y->in[0], limits) && vv_aligned(y, 4))
        return launch_texels(y, &r, !many, limits, launch);
    struct vv_args_slice args = {
        .outer = u[0], .wide = u[1], .narrow = u[2], .inner = u[3], .start = u[4]};
    struct vv_dispatch *d = vv_launch_add(launch, kernel, &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (vv_count(y) + VV_GROUP - 1) / VV_GROUP, limits);
}

static bool slice_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    return launch_named("slice", y, limits, launch);
}

static bool pad_launch(const struct vv_node *y, const struct vv_limits *limits,
                       struct vv_launch *launch) {
    return launch_named("pad", y, limits, launch);
}

static void slice_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_pad(t, dy, y->attr.u[5], y->attr.u[4], y->attr.u[1]);
}

static void pad_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_slice(t, dy, y->attr.u[5], y->attr.u[4], y->attr.u[2]);
}

// What is left out is not read.
static struct vv_cost slice_cost(const struct vv_node *y) {
    return (struct vv_cost){.bytes = 2 * vv_bytes(y)};
}

const struct vv_op vv_op_slice = {.name = "slice",
                                  .arity = 1,
                                  .shape = slice_shape,
                                  .vjp = slice_vjp,
                                  .reference = slice_reference,
                                  .launch = slice_launch,
                                  .cost = slice_cost};
const struct vv_op vv_op_pad = {.name = "pad",
                                .arity = 1,
                                .shape = pad_shape,
                                .vjp = pad_vjp,
                                .reference = pad_reference,
                                .launch = pad_launch};

vv_ref vv_slice(struct vv_tape *t, vv_ref x, uint32_t axis, uint32_t start, uint32_t width) {
    return vv_append(t, &vv_op_slice, &x, &(struct vv_attributes){.u = {0, 0, width, 0, start, axis}});
}

vv_ref vv_pad(struct vv_tape *t, vv_ref x, uint32_t axis, uint32_t start, uint32_t width) {
    return vv_append(t, &vv_op_pad, &x, &(struct vv_attributes){.u = {0, width, 0, 0, start, axis}});
}
