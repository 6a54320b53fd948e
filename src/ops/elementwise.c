#include "elementwise.h"

#include "exact.h"
#include "pointwise.h"
#include "reduce.h"

static bool is_real(struct vv_tape *t, vv_ref y) {
    char text[VV_NODE_TEXT];
    for (uint32_t i = 0; i < y->inputs; i++)
        if (y->in[i]->type != VV_F32 || !y->in[i]->shape.rank)
            return vv_tape_fail(t, y, "%s is no f32 tensor", vv_node_print(y->in[i], text));
    y->type = VV_F32;
    return true;
}

bool vv_same_shape(struct vv_tape *t, vv_ref y) {
    y->shape = y->in[0]->shape;
    return is_real(t, y);
}

bool vv_equal_shapes(struct vv_tape *t, vv_ref y) {
    char a[VV_NODE_TEXT], b[VV_NODE_TEXT];
    if (!vv_shape_equal(y->in[0]->shape, y->in[1]->shape))
        return vv_tape_fail(t, y, "%s and %s differ in shape", vv_node_print(y->in[0], a),
                            vv_node_print(y->in[1], b));
    return vv_same_shape(t, y);
}

static bool broadcast_shape(struct vv_tape *t, vv_ref y) {
    struct vv_shape a = y->in[0]->shape, b = y->in[1]->shape;
    y->shape.rank = a.rank > b.rank ? a.rank : b.rank;
    for (uint32_t i = 0; i < y->shape.rank; i++) {
        uint32_t p = vv_shape_from_last(a, i), q = vv_shape_from_last(b, i);
        char left[VV_NODE_TEXT], right[VV_NODE_TEXT];
        if (p != q && p != 1 && q != 1)
            return vv_tape_fail(t, y,
                                "%s and %s do not broadcast: their dimensions differ, and neither is 1",
                                vv_node_print(y->in[0], left), vv_node_print(y->in[1], right));
        y->shape.dim[y->shape.rank - 1 - i] = p == 1 ? q : p;
    }
    return is_real(t, y);
}

// Unary ops: y = f(x).   x, y: any shape, f32.   shaders/unary.comp

UNARY_REFERENCE(affine_reference, (vv_real)y->attr.f[0] * x + (vv_real)y->attr.f[1])
UNARY_REFERENCE(exp_reference, vv_exp(x))
UNARY_REFERENCE(log_reference, vv_log(x))
UNARY_REFERENCE(recip_reference, vv_reciprocal(x))
UNARY_REFERENCE(square_reference, x *x)

UNARY_LAUNCH(affine_launch, VV_UNARY_AFFINE)
UNARY_LAUNCH(exp_launch, VV_UNARY_EXP)
UNARY_LAUNCH(log_launch, VV_UNARY_LOG)
UNARY_LAUNCH(recip_launch, VV_UNARY_RECIP)
UNARY_LAUNCH(square_launch, VV_UNARY_SQUARE)

static void affine_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_affine(t, dy, y->attr.f[0], 0.0);
}

static void exp_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_mul(t, dy, y);
}

static void log_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_mul(t, dy, vv_recip_of(t, y->in[0]));
}

static void recip_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_mul(t, dy, vv_affine(t, vv_square(t, y), -1.0, 0.0));
}

static void square_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_mul(t, dy, vv_affine(t, y->in[0], 2.0, 0.0));
}

UNARY_OP(affine, "affine");
UNARY_OP(exp, "exp");
UNARY_OP(log, "log");
UNARY_OP(recip, "recip");
UNARY_OP(square, "square");

vv_ref vv_affine(struct vv_tape *t, vv_ref x, double scale, double shift) {
    return vv_append(t, &vv_op_affine, &x, &(struct vv_attributes){.f = {scale, shift}});
}
vv_ref vv_exp_of(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_exp, &x, NULL);
}
vv_ref vv_log_of(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_log, &x, NULL);
}
vv_ref vv_recip_of(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_recip, &x, NULL);
}
vv_ref vv_square(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_square, &x, NULL);
}

// fill: y = value everywhere.   y: any shape, f32.   shaders/fill.comp

static bool fill_shape(struct vv_tape *t, vv_ref y) {
    (void)t;
    y->type = VV_F32;
    y->shape.rank = y->attr.u[0];
    for (uint32_t i = 0; i < VV_MAX_RANK; i++) y->shape.dim[i] = y->attr.u[1 + i];
    return true;
}

static void fill_reference(const struct vv_node *y, const struct vv_operands *io) {
    vv_real *out = io->out;
    for (uint64_t i = 0; i < vv_count(y); i++) out[i] = (vv_real)y->attr.f[0];
}

static bool fill_launch(const struct vv_node *y, const struct vv_limits *limits,
                        struct vv_launch *launch) {
    const bool wide = vv_count(y) % 4 == 0 && vv_aligned(y, 4);
    const struct vv_args_unary args = {.n = (uint32_t)(vv_count(y) / (wide ? 4 : 1)),
                                       .shift = (float)y->attr.f[0]};
    const char *kernel = wide && vv_stores_int64(limits) ? "fill_int64" : "fill";
    struct vv_dispatch *d = vv_launch_add(launch, kernel, &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, wide);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

const struct vv_op vv_op_fill = {.name = "fill",
                                 .zero_gradient = true,
                                 .shape = fill_shape,
                                 .reference = fill_reference,
                                 .launch = fill_launch};

vv_ref vv_fill(struct vv_tape *t, struct vv_shape shape, double value) {
    struct vv_attributes attr = {.u = {shape.rank}, .f = {value}};
    for (uint32_t i = 0; i < VV_MAX_RANK; i++) attr.u[1 + i] = shape.dim[i];
    return vv_append(t, &vv_op_fill, NULL, &attr);
}

// Binary ops: y = f(a, b), a and b broadcast.   shaders/binary.comp

static void add_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *a = io->in[0], *b = io->in[1];
    vv_real *out = io->out;
    for (uint64_t i = 0; i < vv_count(y); i++)
        out[i] = a[vv_broadcast_index(y->in[0]->shape, y->shape, i)] +
                 b[vv_broadcast_index(y->in[1]->shape, y->shape, i)];
}

static void mul_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *a = io->in[0], *b = io->in[1];
    vv_real *out = io->out;
    for (uint64_t i = 0; i < vv_count(y); i++)
        out[i] = a[vv_broadcast_index(y->in[0]->shape, y->shape, i)] *
                 b[vv_broadcast_index(y->in[1]->shape, y->shape, i)];
}

static bool add_launch(const struct vv_node *y, const struct vv_limits *limits,
                       struct vv_launch *launch) {
    return vv_launch_binary(y, 0, 1, VV_BINARY_ADD, limits, launch);
}

static bool mul_launch(const struct vv_node *y, const struct vv_limits *limits,
                       struct vv_launch *launch) {
    return vv_launch_binary(y, 0, 1, VV_BINARY_MUL, limits, launch);
}

static void add_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    for (uint32_t i = 0; i < 2; i++)
        if (wanted >> i & 1) dx[i] = vv_sum_to(t, dy, y->in[i]->shape);
}

static void mul_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    for (uint32_t i = 0; i < 2; i++)
        if (wanted >> i & 1) dx[i] = vv_sum_to(t, vv_mul(t, dy, y->in[1 - i]), y->in[i]->shape);
}

const struct vv_op vv_op_add = {.name = "add",
                                .arity = 2,
                                .shape = broadcast_shape,
                                .vjp = add_vjp,
                                .reference = add_reference,
                                .launch = add_launch};
const struct vv_op vv_op_mul = {.name = "mul",
                                .arity = 2,
                                .shape = broadcast_shape,
                                .vjp = mul_vjp,
                                .reference = mul_reference,
                                .launch = mul_launch};

vv_ref vv_add(struct vv_tape *t, vv_ref a, vv_ref b) {
    return vv_append(t, &vv_op_add, (const vv_ref[]){a, b}, NULL);
}
vv_ref vv_mul(struct vv_tape *t, vv_ref a, vv_ref b) {
    return vv_append(t, &vv_op_mul, (const vv_ref[]){a, b}, NULL);
}
