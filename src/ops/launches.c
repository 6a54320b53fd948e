#include "launches.h"

bool vv_loads_texels(const struct vv_node *x, const struct vv_limits *limits) {
    // A binding may begin up to an alignment before its operand.
    const uint64_t texels = (vv_count(x) + 3) / 4 + limits->offset_alignment / 16;
    return limits->matmul == VV_MATMUL_SUBGROUP_TEXEL && x->type != VV_U8 && vv_aligned(x, 4) &&
           texels <= limits->max_texel_elements;
}

bool vv_launch_unary(const struct vv_node *x, uint32_t x_operand, const struct vv_node *target,
                     uint32_t target_operand, enum vv_unary function, double scale, double shift,
                     const struct vv_limits *limits, struct vv_launch *launch) {
    uint64_t n = vv_count(target);
    bool wide = n % 4 == 0 && vv_aligned(x, 4) && vv_aligned(target, 4);
    struct vv_args_unary args = {
        .n = (uint32_t)(wide ? n / 4 : n), .scale = (float)scale, .shift = (float)shift};
    const bool texels = wide && vv_loads_texels(x, limits);
    const char *by_texels = vv_stores_int64(limits) ? "unary_texel_int64" : "unary_texel";
    struct vv_dispatch *d = vv_launch_add(launch, texels ? by_texels : "unary", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, function);
    if (!texels) vv_dispatch_spec(d, wide);
    vv_dispatch_bind(d, x_operand, texels ? VV_IMAGE_VEC4 : VV_STORAGE);
    vv_dispatch_bind(d, target_operand, VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

// Elements between neighbours along each of the result's dimensions, 0 where x is broadcast.
static void strides(const struct vv_node *x, struct vv_shape y, uint32_t out[VV_MAX_RANK]) {
    uint32_t stride = 1;
    for (uint32_t i = 0; i < VV_MAX_RANK; i++) {
        uint32_t own = vv_shape_from_last(x->shape, i);
        out[VV_MAX_RANK - 1 - i] = own == 1 && vv_shape_from_last(y, i) != 1 ? 0 : stride;
        stride *= own;
    }
}

// Whether x is y's last dimensions, repeated along the others.
static bool repeats(const struct vv_node *x, struct vv_shape y) {
    uint32_t i = 0;
    while (i < y.rank && vv_shape_from_last(x->shape, i) == vv_shape_from_last(y, i)) i++;
    for (; i < x->shape.rank; i++)
        if (vv_shape_from_last(x->shape, i) != 1) return false;
    return true;
}

// Whether x can be read four elements at a time beside y.
static bool is_wide(const struct vv_node *x, const struct vv_node *y) {
    return vv_count(x) % 4 == 0 && vv_aligned(x, 4) && repeats(x, y->shape);
}

static uint32_t period(const struct vv_node *x, uint64_t n) {
    return vv_count(x) == n ? 0 : (uint32_t)(vv_count(x) / 4);
}

static bool launch_texels(const struct vv_node *y, const uint32_t operand[2], enum vv_binary function,
                          const struct vv_limits *limits, struct vv_launch *launch) {
    const struct vv_args_binary args = {.n = (uint32_t)(vv_count(y) / 4)};
    const char *kernel = vv_stores_int64(limits) ? "binary_texel_int64" : "binary_texel";
    struct vv_dispatch *d = vv_launch_add(launch, kernel, &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, function);
    for (uint32_t i = 0; i < 2; i++) {
        vv_dispatch_spec(d, period(y->in[operand[i]], vv_count(y)));
        vv_dispatch_bind(d, operand[i], VV_IMAGE_VEC4);
    }
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

bool vv_launch_binary(const struct vv_node *y, uint32_t a_operand, uint32_t b_operand,
                      enum vv_binary function, const struct vv_limits *limits,
                      struct vv_launch *launch) {
    const struct vv_node *a = y->in[a_operand], *b = y->in[b_operand];
    const uint64_t n = vv_count(y);
    const bool by_fours = vv_aligned(y, 4) && is_wide(a, y) && is_wide(b, y);
    if (by_fours && vv_loads_texels(a, limits) && vv_loads_texels(b, limits))
        return launch_texels(y, (const uint32_t[]){a_operand, b_operand}, function, limits, launch);
    const bool wide = by_fours && vv_count(a) == n && vv_count(b) == n;
    struct vv_args_binary args = {.n = (uint32_t)(wide ? n / 4 : n)};
    for (uint32_t i = 0; i < VV_MAX_RANK; i++)
        args.dim[VV_MAX_RANK - 1 - i] = vv_shape_from_last(y->shape, i);
    strides(a, y->shape, args.stride_a);
    strides(b, y->shape, args.stride_b);
    struct vv_dispatch *d = vv_launch_add(launch, "binary", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, function);
    vv_dispatch_spec(d, wide);
    vv_dispatch_bind(d, a_operand, VV_STORAGE);
    vv_dispatch_bind(d, b_operand, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (args.n + VV_GROUP - 1) / VV_GROUP, limits);
}

uint64_t vv_broadcast_index(struct vv_shape operand, struct vv_shape y, uint64_t index) {
    uint64_t at = 0, stride = 1;
    for (uint32_t i = 0; i < y.rank; i++) {
        uint32_t size = vv_shape_from_last(y, i), own = vv_shape_from_last(operand, i);
        if (own != 1) at += index % size * stride;
        index /= size;
        stride *= own;
    }
    return at;
}

bool vv_check_clock(struct vv_tape *t, const struct vv_node *y, const struct vv_node *clock) {
    char text[VV_NODE_TEXT];
    if (clock->type != VV_U32 || vv_count(clock) != VV_CLOCK_WORDS)
        return vv_tape_fail(t, y, "%s is no clock: u32 [%u]", vv_node_print(clock, text),
                            VV_CLOCK_WORDS);
    if (!vv_aligned(clock, 64))
        return vv_tape_fail(t, y, "the clock %s does not start on 256 bytes; make it a state of its own",
                            vv_node_print(clock, text));
    return true;
}

bool vv_check_f32(struct vv_tape *t, const struct vv_node *y, uint32_t i, struct vv_shape shape) {
    char have[VV_NODE_TEXT], want[VV_SHAPE_TEXT];
    if (y->in[i]->type != VV_F32 || !vv_shape_equal(y->in[i]->shape, shape))
        return vv_tape_fail(t, y, "%s should be f32 %s", vv_node_print(y->in[i], have),
                            vv_shape_print(shape, want));
    return true;
}
