#include "resample.h"

#include "launches.h"

// All four: between a fine picture [B,H,W,C] and a coarse one [B,ceil(H/2),ceil(W/2),C], whose pixel
// (i, j) goes with the fine ones (2i, 2j) to (2i + 1, 2j + 1) that there are.   shaders/resample.glsl
enum { UPSAMPLE, UPSAMPLE_GRAD, POOL, POOL_GRAD };

struct sizes {
    uint32_t batch, height, width, channels;  // of the fine picture
    uint32_t coarse_height, coarse_width;
};

static struct sizes sizes_of(const struct vv_node *fine) {
    const uint32_t *dim = fine->shape.dim;
    return (struct sizes){dim[0], dim[1], dim[2], dim[3], (dim[1] - 1) / 2 + 1, (dim[2] - 1) / 2 + 1};
}

static bool check_pictures(struct vv_tape *t, vv_ref y) {
    char text[VV_NODE_TEXT];
    if (y->in[0]->type != VV_F32 || y->in[0]->shape.rank != 4)
        return vv_tape_fail(t, y, "%s is no f32 tensor of pictures: [batch,height,width,channels]",
                            vv_node_print(y->in[0], text));
    y->type = VV_F32;
    y->shape = y->in[0]->shape;
    return true;
}

// To the fine picture of the height and width that are asked for (attr.u).
static bool finer_shape(struct vv_tape *t, vv_ref y) {
    if (!check_pictures(t, y)) return false;
    char text[VV_NODE_TEXT];
    for (uint32_t i = 0; i < 2; i++) {
        const uint32_t asked = y->attr.u[i], size = y->in[0]->shape.dim[1 + i];
        if (asked == 0 || (asked - 1) / 2 + 1 != size)
            return vv_tape_fail(t, y,
                                "%s cannot become %u x %u: each size is doubled, or doubled less 1",
                                vv_node_print(y->in[0], text), y->attr.u[0], y->attr.u[1]);
        y->shape.dim[1 + i] = asked;
    }
    return true;
}

static bool coarser_shape(struct vv_tape *t, vv_ref y) {
    if (!check_pictures(t, y)) return false;
    for (uint32_t i = 1; i < 3; i++) y->shape.dim[i] = (y->shape.dim[i] - 1) / 2 + 1;
    return true;
}

// Each fine pixel: the coarse one that it goes with, or its share of that.
static void refine(const struct vv_node *y, const struct vv_operands *io, bool share) {
    const struct sizes s = sizes_of(y);
    const vv_real *x = io->in[0];
    vv_real *out = io->out;
    for (uint32_t b = 0; b < s.batch; b++)
        for (uint32_t i = 0; i < s.height; i++)
            for (uint32_t j = 0; j < s.width; j++) {
                const uint64_t from = ((uint64_t)b * s.coarse_height + i / 2) * s.coarse_width + j / 2;
                const uint64_t to = ((uint64_t)b * s.height + i) * s.width + j;
                const vv_real weight =
                    (vv_real)(share ? ((i | 1) < s.height ? 0.5 : 1) * ((j | 1) < s.width ? 0.5 : 1)
                                    : 1);
                for (uint32_t c = 0; c < s.channels; c++)
                    out[to * s.channels + c] = x[from * s.channels + c] * weight;
            }
}

// Each coarse pixel: the sum, or the mean, over the fine ones that go with it.
static void coarsen(const struct vv_node *y, const struct vv_operands *io, bool mean) {
    const struct sizes s = sizes_of(y->in[0]);
    const vv_real *x = io->in[0];
    vv_real *out = io->out;
    for (uint64_t at = 0; at < vv_count(y); at++) {
        const uint64_t c = at % s.channels, pixel = at / s.channels;
        const uint64_t j = pixel % s.coarse_width, line = pixel / s.coarse_width;
        const uint64_t i = line % s.coarse_height, b = line / s.coarse_height;
        double sum = 0;
        uint32_t count = 0;
        for (uint64_t p = 2 * i; p < 2 * i + 2 && p < s.height; p++)
            for (uint64_t q = 2 * j; q < 2 * j + 2 && q < s.width; q++, count++)
                sum += (double)x[((b * s.height + p) * s.width + q) * s.channels + c];
        out[at] = (vv_real)(mean ? sum / count : sum);
    }
}

static void upsample_reference(const struct vv_node *y, const struct vv_operands *io) {
    refine(y, io, false);
}
static void pool_grad_reference(const struct vv_node *y, const struct vv_operands *io) {
    refine(y, io, true);
}
static void upsample_grad_reference(const struct vv_node *y, const struct vv_operands *io) {
    coarsen(y, io, false);
}
static void pool_reference(const struct vv_node *y, const struct vv_operands *io) {
    coarsen(y, io, true);
}

static bool launch(const struct vv_node *y, uint32_t function, const struct vv_limits *limits,
                   struct vv_launch *launch) {
    const struct vv_node *x = y->in[0];
    const bool refines = function == UPSAMPLE || function == POOL_GRAD;
    const struct sizes s = sizes_of(refines ? y : x);
    const bool wide = s.channels % 4 == 0 && vv_aligned(x, 4) && vv_aligned(y, 4);
    const bool texels = wide && vv_loads_texels(x, limits);
    const char *by_texels = vv_stores_int64(limits) ? "resample_texel_int64" : "resample_texel";
    const struct vv_args_unary args = {.n = (uint32_t)(vv_count(refines ? x : y) / (wide ? 4 : 1))};
    struct vv_dispatch *d = vv_launch_add(launch, texels ? by_texels : "resample", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, function);
    vv_dispatch_spec(d, wide);
    vv_dispatch_spec(d, s.coarse_height);
    vv_dispatch_spec(d, s.coarse_width);
    vv_dispatch_spec(d, wide ? s.channels / 4 : s.channels);
    vv_dispatch_spec(d, s.width % 2 | s.height % 2 << 1);
    vv_dispatch_bind(d, 0, texels ? VV_IMAGE_VEC4 : VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

#define LAUNCH(name, function)                                                                          \
    static bool name(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *l) {    \
        return launch(y, function, limits, l);                                                          \
    }
LAUNCH(upsample_launch, UPSAMPLE)
LAUNCH(upsample_grad_launch, UPSAMPLE_GRAD)
LAUNCH(pool_launch, POOL)
LAUNCH(pool_grad_launch, POOL_GRAD)

static void upsample_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)y, (void)wanted;
    dx[0] = vv_upsample_nearest_grad(t, dy);
}
static void upsample_grad_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_upsample_nearest(t, dy, y->in[0]->shape.dim[1], y->in[0]->shape.dim[2]);
}
static void pool_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_average_pool_grad(t, dy, y->in[0]->shape.dim[1], y->in[0]->shape.dim[2]);
}
static void pool_grad_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)y, (void)wanted;
    dx[0] = vv_average_pool(t, dy);
}

#define OP(symbol, short, kind)                                                                         \
    const struct vv_op vv_op_##symbol = {.name = #symbol,                                               \
                                         .arity = 1,                                                    \
                                         .shape = kind##_shape,                                         \
                                         .vjp = short##_vjp,                                            \
                                         .reference = short##_reference,                                \
                                         .launch = short##_launch}
OP(upsample_nearest, upsample, finer);
OP(upsample_nearest_grad, upsample_grad, coarser);
OP(average_pool, pool, coarser);
OP(average_pool_grad, pool_grad, finer);

vv_ref vv_upsample_nearest(struct vv_tape *t, vv_ref x, uint32_t height, uint32_t width) {
    return vv_append(t, &vv_op_upsample_nearest, &x, &(struct vv_attributes){.u = {height, width}});
}
vv_ref vv_upsample_nearest_grad(struct vv_tape *t, vv_ref dy) {
    return vv_append(t, &vv_op_upsample_nearest_grad, &dy, NULL);
}
vv_ref vv_average_pool(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_average_pool, &x, NULL);
}
vv_ref vv_average_pool_grad(struct vv_tape *t, vv_ref dy, uint32_t height, uint32_t width) {
    return vv_append(t, &vv_op_average_pool_grad, &dy, &(struct vv_attributes){.u = {height, width}});
}
