#include "blur.h"

#include <math.h>

#include "launches.h"

// attr.u: the axis, the taps; attr.f[0]: sigma.   shaders/blur.glsl
enum { AXIS, TAPS };

static void weights(const struct vv_node *y, double w[VV_BLUR_MOST]) {
    const uint32_t taps = y->attr.u[TAPS];
    double sum = 0;
    for (uint32_t k = 0; k < taps; k++) {
        const double far = (k - (taps - 1) / 2.0) / y->attr.f[0];
        sum += w[k] = exp(-far * far / 2);
    }
    for (uint32_t k = 0; k < taps; k++) w[k] /= sum;
}

static bool check(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[0];
    char text[VV_NODE_TEXT];
    const uint32_t axis = y->attr.u[AXIS];
    assert(y->attr.u[TAPS] >= 1 && y->attr.u[TAPS] <= VV_BLUR_MOST && y->attr.f[0] > 0);
    if (x->type != VV_F32 || axis >= x->shape.rank)
        return vv_tape_fail(t, y, "%s is no f32 tensor with an axis %u", vv_node_print(x, text), axis);
    y->type = VV_F32;
    y->shape = x->shape;
    return true;
}

static bool blur_shape(struct vv_tape *t, vv_ref y) {
    char text[VV_NODE_TEXT];
    if (!check(t, y)) return false;
    const uint32_t axis = y->attr.u[AXIS], taps = y->attr.u[TAPS];
    if (y->shape.dim[axis] < taps)
        return vv_tape_fail(t, y, "a window of %u does not fit axis %u of %s", taps, axis,
                            vv_node_print(y->in[0], text));
    y->shape.dim[axis] -= taps - 1;
    return true;
}

static bool blur_grad_shape(struct vv_tape *t, vv_ref y) {
    if (!check(t, y)) return false;
    y->shape.dim[y->attr.u[AXIS]] += y->attr.u[TAPS] - 1;
    return true;
}

struct sizes {
    uint32_t from, to, inner;
};

static struct sizes sizes_of(const struct vv_node *y) {
    const uint32_t axis = y->attr.u[AXIS];
    struct sizes s = {y->in[0]->shape.dim[axis], y->shape.dim[axis], 1};
    for (uint32_t i = axis + 1; i < y->shape.rank; i++) s.inner *= y->shape.dim[i];
    return s;
}

static void reference(const struct vv_node *y, const struct vv_operands *io, bool transposed) {
    const struct sizes s = sizes_of(y);
    const vv_real *x = io->in[0];
    vv_real *out = io->out;
    double w[VV_BLUR_MOST];
    weights(y, w);
    for (uint64_t at = 0; at < vv_count(y); at++) {
        const uint64_t n = at % s.inner, line = at / s.inner, i = line % s.to, outer = line / s.to;
        double sum = 0;
        for (uint32_t k = 0; k < y->attr.u[TAPS]; k++) {
            const uint64_t place = transposed ? i - k : i + k;  // below 0 it is none, too
            if (place < s.from) sum += w[k] * (double)x[(outer * s.from + place) * s.inner + n];
        }
        out[at] = (vv_real)sum;
    }
}

static void blur_reference(const struct vv_node *y, const struct vv_operands *io) {
    reference(y, io, false);
}
static void blur_grad_reference(const struct vv_node *y, const struct vv_operands *io) {
    reference(y, io, true);
}

static bool launch(const struct vv_node *y, bool transposed, const struct vv_limits *limits,
                   struct vv_launch *launch) {
    const struct sizes s = sizes_of(y);
    const bool wide = s.inner % 4 == 0 && vv_aligned(y->in[0], 4) && vv_aligned(y, 4);
    const bool texels = wide && vv_loads_texels(y->in[0], limits);
    const uint32_t unit = wide ? 4 : 1;
    struct vv_args_blur args = {
        .n = (uint32_t)(vv_count(y) / unit), .from = s.from, .to = s.to, .inner = s.inner / unit};
    double w[VV_BLUR_MOST];
    weights(y, w);
    for (uint32_t k = 0; k < y->attr.u[TAPS]; k++) args.weight[k] = (float)w[k];
    const char *by_texels = vv_stores_int64(limits) ? "blur_texel_int64" : "blur_texel";
    struct vv_dispatch *d = vv_launch_add(launch, texels ? by_texels : "blur", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, transposed);
    vv_dispatch_spec(d, wide);
    vv_dispatch_spec(d, y->attr.u[TAPS]);
    vv_dispatch_bind(d, 0, texels ? VV_IMAGE_VEC4 : VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

static bool blur_launch(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *l) {
    return launch(y, false, limits, l);
}
static bool blur_grad_launch(const struct vv_node *y, const struct vv_limits *limits,
                             struct vv_launch *l) {
    return launch(y, true, limits, l);
}

static void blur_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_blur_grad(t, dy, y->attr.u[AXIS], y->attr.u[TAPS], y->attr.f[0]);
}
static void blur_grad_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_blur(t, dy, y->attr.u[AXIS], y->attr.u[TAPS], y->attr.f[0]);
}

#define OP(symbol)                                                                                      \
    const struct vv_op vv_op_##symbol = {.name = #symbol,                                               \
                                         .arity = 1,                                                    \
                                         .shape = symbol##_shape,                                       \
                                         .vjp = symbol##_vjp,                                           \
                                         .reference = symbol##_reference,                               \
                                         .launch = symbol##_launch}
OP(blur);
OP(blur_grad);

vv_ref vv_blur(struct vv_tape *t, vv_ref x, uint32_t axis, uint32_t taps, double sigma) {
    return vv_append(t, &vv_op_blur, &x, &(struct vv_attributes){.u = {axis, taps}, .f = {sigma}});
}

vv_ref vv_blur_grad(struct vv_tape *t, vv_ref dy, uint32_t axis, uint32_t taps, double sigma) {
    return vv_append(t, &vv_op_blur_grad, &dy, &(struct vv_attributes){.u = {axis, taps}, .f = {sigma}});
}
