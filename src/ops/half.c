#include "half.h"

#include <string.h>

#include "exact_half.h"
#include "launches.h"

static uint64_t words_of(uint64_t count) {
    return count / 2 + count % 2;
}

static bool halve_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[0];
    char text[VV_NODE_TEXT];
    if (x->type != VV_F32 || !x->shape.rank)
        return vv_tape_fail(t, y, "%s is no f32 tensor", vv_node_print(x, text));
    y->type = VV_U32;
    y->shape = vv_shape1((uint32_t)words_of(vv_count(x)));
    return true;
}

static bool unhalve_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[0];
    char text[VV_NODE_TEXT], shape[VV_SHAPE_TEXT];
    y->type = VV_F32;
    y->shape.rank = y->attr.u[0];
    memcpy(y->shape.dim, &y->attr.u[1], sizeof y->shape.dim);
    if (x->type != VV_U32 || vv_count(x) != words_of(vv_count(y)))
        return vv_tape_fail(t, y, "%s does not hold the halves of %s", vv_node_print(x, text),
                            vv_shape_print(y->shape, shape));
    return true;
}

// In the build in double this rounds once to f32 before.
static vv_word half_at(const vv_real *x, uint64_t i, uint64_t count) {
    return i < count ? vv_half_of(vv_bits((float)x[i])) : 0;
}

static void halve_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *x = io->in[0];
    uint32_t *out = io->out;
    const uint64_t count = vv_count(y->in[0]);
    for (uint64_t i = 0; i < vv_count(y); i++)
        out[i] = half_at(x, 2 * i, count) | half_at(x, 2 * i + 1, count) << 16;
}

static void unhalve_reference(const struct vv_node *y, const struct vv_operands *io) {
    const uint32_t *x = io->in[0];
    for (uint64_t i = 0; i < vv_count(y); i++) {
        const vv_word bits = vv_float_of_half(x[i / 2] >> (i % 2 * 16) & 0xffff);
        // A float that passed through a register might lose what a NaN says.
        if (sizeof(vv_real) == sizeof bits)
            memcpy((vv_real *)io->out + i, &bits, sizeof bits);
        else
            ((vv_real *)io->out)[i] = vv_float(bits);
    }
}

// A word an invocation, or four. kernels: on buffers, on texels, on texels with stores of 64 bits.
static bool launch_words(const struct vv_node *real, const struct vv_node *words,
                         const struct vv_node *from, const char *const kernels[3],
                         const struct vv_limits *limits, struct vv_launch *launch) {
    const uint64_t count = vv_count(real);
    const bool wide = count % 8 == 0 && vv_aligned(real, 4) && vv_aligned(words, 4);
    const struct vv_args_half args = {.n = (uint32_t)(vv_count(words) / (wide ? 4 : 1)),
                                      .count = (uint32_t)count};
    const bool texels = wide && vv_loads_texels(from, limits);
    const char *kernel = kernels[texels ? 1 + vv_stores_int64(limits) : 0];
    struct vv_dispatch *d = vv_launch_add(launch, kernel, &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, wide);
    vv_dispatch_bind(d, 0, texels ? VV_IMAGE_VEC4 : VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

static bool halve_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    static const char *const kernels[] = {"halve", "halve_texel", "halve_texel_int64"};
    return launch_words(y->in[0], y, y->in[0], kernels, limits, launch);
}

static bool unhalve_launch(const struct vv_node *y, const struct vv_limits *limits,
                           struct vv_launch *launch) {
    static const char *const kernels[] = {"unhalve", "unhalve_texel", "unhalve_texel_int64"};
    return launch_words(y, y->in[0], y->in[0], kernels, limits, launch);
}

// No gradient: they are put between a finished gradient and what it reads (compress.h).
const struct vv_op vv_op_halve = {.name = "halve",
                                  .arity = 1,
                                  .shape = halve_shape,
                                  .reference = halve_reference,
                                  .launch = halve_launch};
const struct vv_op vv_op_unhalve = {.name = "unhalve",
                                    .arity = 1,
                                    .shape = unhalve_shape,
                                    .reference = unhalve_reference,
                                    .launch = unhalve_launch};

vv_ref vv_halve(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_halve, &x, NULL);
}

vv_ref vv_unhalve(struct vv_tape *t, vv_ref words, struct vv_shape shape) {
    struct vv_attributes attr = {.u = {shape.rank}};
    memcpy(&attr.u[1], shape.dim, sizeof shape.dim);
    return vv_append(t, &vv_op_unhalve, &words, &attr);
}
