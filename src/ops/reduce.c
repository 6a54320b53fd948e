#include "reduce.h"

#include "columns.h"
#include "launches.h"
#include "view.h"

// sum: y[outer,inner] = sum over r of x[outer,r,inner].   attr.u: outer, reduce, inner, then the shape
// of y. Fixed order: rows by a tree of partial sums (shaders/reduce_rows.comp), columns in order
// (reduce_columns.comp), and what is tall in parts (sum_columns.glsl).

static bool sum_shape(struct vv_tape *t, vv_ref y) {
    (void)t;
    const struct vv_node *x = y->in[0];
    y->type = x->type;
    y->shape = x->shape;
    for (uint32_t i = y->attr.u[3]; i < y->attr.u[4]; i++) y->shape.dim[i] = 1;
    return true;
}

static void sum_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *x = io->in[0];
    vv_real *out = io->out;
    uint32_t outer = y->attr.u[0], reduce = y->attr.u[1], inner = y->attr.u[2];
    for (uint32_t o = 0; o < outer; o++)
        for (uint32_t i = 0; i < inner; i++) {
            double sum = 0;
            for (uint32_t r = 0; r < reduce; r++)
                sum += (double)x[((uint64_t)o * reduce + r) * inner + i];
            out[(uint64_t)o * inner + i] = (vv_real)sum;
        }
}

// Whether there is so much to add up that it is done in parts first: for all cores to have some, for
// accuracy, and for VV_MOST_ROUNDS.
static bool is_tall(const struct vv_node *y) {
    return y->attr.u[1] >= (y->attr.u[2] == 1 ? 1u << 18 : 2048);
}

static bool launch_parts(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    static const char *const walk[4] = {"sum_columns", "sum_columns_wide", "sum_columns_texel", NULL};
    const struct vv_columns_form form =
        vv_columns_form(y, y->attr.u[2], (const uint32_t[]){0}, 1, limits);
    const struct vv_args_columns args =
        vv_columns_part(y->attr.u[0], y->attr.u[1], y->attr.u[2] / form.unit, vv_columns_most(limits));
    launch->scratch_bytes = 4 * vv_columns_partial(&args, form.unit);
    struct vv_dispatch *d = vv_columns_walk(launch, walk, &form, &args, 0, limits);
    vv_dispatch_bind(d, 0, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    bool ok = vv_columns_fold(d, &args, limits);
    d = vv_columns_small(launch, "sum_columns_end", &args, vv_count(y), limits, &ok);
    vv_dispatch_spec(d, form.unit);
    vv_dispatch_spec(d, 1);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return ok;
}

static bool sum_launch(const struct vv_node *y, const struct vv_limits *limits,
                       struct vv_launch *launch) {
    if (is_tall(y)) return launch_parts(y, limits, launch);
    struct vv_args_reduce args = {.outer = y->attr.u[0], .reduce = y->attr.u[1], .inner = y->attr.u[2]};
    const bool rows = args.inner == 1;
    const bool texels = args.inner % 4 == 0 && vv_loads_texels(y->in[0], limits) && vv_aligned(y, 4);
    if (texels) args.inner /= 4;
    const char *columns = texels ? "reduce_columns_texel" : "reduce_columns";
    struct vv_dispatch *d = vv_launch_add(launch, rows ? "reduce_rows" : columns, &args, sizeof args);
    // Few columns of four: small groups, so that all cores have some.
    const uint32_t group = rows ? vv_row_group(args.reduce, limits) : texels ? 8 : VV_GROUP;
    vv_dispatch_spec(d, group);
    vv_dispatch_bind(d, 0, texels ? VV_IMAGE_VEC4 : VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    uint64_t results = vv_count(y) / (texels ? 4 : 1),
             groups = rows ? args.outer : (results + group - 1) / group;
    return vv_dispatch_fold(d, groups, limits);
}

static void sum_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_expand(t, dy, y->in[0]->shape);
}

const struct vv_op vv_op_sum = {.name = "sum",
                                .arity = 1,
                                .shape = sum_shape,
                                .vjp = sum_vjp,
                                .reference = sum_reference,
                                .launch = sum_launch};

// Sums over the neighbouring dimensions first..last-1 of x, which become 1.
static vv_ref sum_run(struct vv_tape *t, vv_ref x, uint32_t first, uint32_t last) {
    uint32_t outer = 1, reduce = 1, inner = 1;
    for (uint32_t i = 0; i < x->shape.rank; i++)
        *(i < first ? &outer : i < last ? &reduce : &inner) *= x->shape.dim[i];
    return vv_append(t, &vv_op_sum, &x,
                     &(struct vv_attributes){.u = {outer, reduce, inner, first, last}});
}

vv_ref vv_sum_to(struct vv_tape *t, vv_ref x, struct vv_shape shape) {
    if (!vv_tape_ok(t)) return x;
    struct vv_shape whole = x->shape;
    for (uint32_t i = 0; i < whole.rank; i++) {
        uint32_t have = vv_shape_from_last(whole, i), want = vv_shape_from_last(shape, i);
        char from[VV_NODE_TEXT], to[VV_SHAPE_TEXT];
        if ((want != have && want != 1) || shape.rank > whole.rank) {
            (void)vv_tape_fail(t, x, "%s cannot be summed to %s: each dimension stays or becomes 1",
                               vv_node_print(x, from), vv_shape_print(shape, to));
            return x;
        }
    }
    vv_ref y = x;
    for (uint32_t i = 0; i < whole.rank; i++) {
        uint32_t first = i;
        while (i < whole.rank && whole.dim[i] != vv_shape_from_last(shape, whole.rank - 1 - i)) i++;
        if (i > first) y = sum_run(t, y, first, i);
    }
    return vv_shape_equal(y->shape, shape) ? y : vv_view(t, y, 0, shape);
}

// expand: y = x repeated along dimensions of 1.   shaders/binary.comp

static bool expand_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[0];
    y->type = x->type;
    y->shape.rank = y->attr.u[0];
    for (uint32_t i = 0; i < VV_MAX_RANK; i++) y->shape.dim[i] = y->attr.u[1 + i];
    for (uint32_t i = 0; i < VV_MAX_RANK; i++) {
        uint32_t have = vv_shape_from_last(x->shape, i), want = vv_shape_from_last(y->shape, i);
        char from[VV_NODE_TEXT], to[VV_SHAPE_TEXT];
        if (have != want && have != 1)
            return vv_tape_fail(t, y, "%s cannot be expanded to %s: only dimensions of 1 grow",
                                vv_node_print(x, from), vv_shape_print(y->shape, to));
    }
    return true;
}

static void expand_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *x = io->in[0];
    vv_real *out = io->out;
    for (uint64_t i = 0; i < vv_count(y); i++)
        out[i] = x[vv_broadcast_index(y->in[0]->shape, y->shape, i)];
}

static bool expand_launch(const struct vv_node *y, const struct vv_limits *limits,
                          struct vv_launch *launch) {
    return vv_launch_binary(y, 0, 0, VV_BINARY_FIRST, limits, launch);
}

static void expand_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_sum_to(t, dy, y->in[0]->shape);
}

const struct vv_op vv_op_expand = {.name = "expand",
                                   .arity = 1,
                                   .shape = expand_shape,
                                   .vjp = expand_vjp,
                                   .reference = expand_reference,
                                   .launch = expand_launch};

vv_ref vv_expand(struct vv_tape *t, vv_ref x, struct vv_shape shape) {
    if (vv_shape_equal(x->shape, shape)) return x;
    struct vv_attributes attr = {.u = {shape.rank}};
    for (uint32_t i = 0; i < VV_MAX_RANK; i++) attr.u[1 + i] = shape.dim[i];
    return vv_append(t, &vv_op_expand, &x, &attr);
}
