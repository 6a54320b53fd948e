#include "conv_launch.h"

#include <assert.h>
#include <math.h>

#include "launches.h"

// Kernels of convolutions: shaders/conv_*.comp.

// Taps over a pixel lie stride / gcd(stride, dilation) apart.
static uint32_t tap_step(const struct vv_window *w, uint32_t axis) {
    uint32_t a = w->stride[axis], b = w->dilation[axis];
    while (b) {
        const uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return w->stride[axis] / a;
}

static struct vv_args_conv arguments(const struct vv_conv *c) {
    const struct vv_window *w = &c->window;
    return (struct vv_args_conv){
        .batch = c->batch,
        .height = c->size[0],
        .width = c->size[1],
        .channels = c->channels,
        .out_height = c->out_size[0],
        .out_width = c->out_size[1],
        .out_channels = c->out_channels,
        .kernel_h = w->kernel[0],
        .kernel_w = w->kernel[1],
        .stride_h = w->stride[0],
        .stride_w = w->stride[1],
        .pad_h = w->pad[0],
        .pad_w = w->pad[1],
        .dilation_h = w->dilation[0],
        .dilation_w = w->dilation[1],
        .tap_step_h = tap_step(w, 0),
        .tap_step_w = tap_step(w, 1),
    };
}

// ---- subgroups ----

static uint32_t divide_up(uint32_t a, uint32_t b) {
    assert(b > 0);
    return a / b + (a % b != 0);
}
static uint32_t min_u32(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

// Kernels of the subgroup families load and store vec4s.
static bool is_of_vec4(const struct vv_node *y, const struct vv_conv *c) {
    return c->channels % 4 == 0 && c->out_channels % 4 == 0 && vv_aligned(y, 4) &&
           vv_aligned(y->in[0], 4) && vv_aligned(y->in[1], 4) &&
           (!c->with_bias || vv_aligned(y->in[2], 4));
}

// A binding may begin up to an alignment before its operand.
static bool fits_texels(const struct vv_node *x, const struct vv_limits *limits) {
    return vv_count(x) / 4 + limits->offset_alignment / 16 <= limits->max_texel_elements;
}

static struct vv_dispatch *add_subgroup(const struct vv_node *y, const struct vv_conv *c,
                                        const char *const kernels[3], const struct vv_args_conv *args,
                                        const struct vv_limits *limits, struct vv_launch *launch) {
    const bool texels = limits->matmul == VV_MATMUL_SUBGROUP_TEXEL && fits_texels(y->in[0], limits) &&
                        fits_texels(y->in[1], limits);
    const char *kernel = kernels[!texels ? 0 : vv_stores_int64(limits) ? 2 : 1];
    struct vv_dispatch *d = vv_launch_add(launch, kernel, args, sizeof *args);
    vv_dispatch_spec(d, limits->subgroup_size);
    vv_dispatch_spec(d, c->form);
    vv_dispatch_spec(d, c->with_bias);
    vv_dispatch_bind(d, 0, texels ? VV_TEXEL_VEC4 : VV_STORAGE);
    vv_dispatch_bind(d, 1, texels ? VV_TEXEL_VEC4 : VV_STORAGE);
    return d;
}

// By pixels of the result: tiles of them along x, folded over z; columns along y. A result of few
// channels has pixels as columns, or most lanes would do nothing.
static bool launch_pixels(const struct vv_node *y, const struct vv_conv *c,
                          const struct vv_limits *limits, struct vv_launch *launch) {
    static const char *const wide_kernels[] = {"conv_gather_buffer", "conv_gather_texel",
                                               "conv_gather_texel_int64"},
                             *const narrow_kernels[] = {"conv_narrow_buffer", "conv_narrow_texel",
                                                        "conv_narrow_texel_int64"};
    const struct vv_args_conv args = arguments(c);
    const uint32_t lanes = limits->subgroup_size, *stride = c->window.stride;
    const bool forward = c->form == VV_CONV_FORWARD;
    const uint32_t columns = forward ? c->out_channels : c->channels;
    const bool narrow = columns <= 2 * lanes && columns <= 16;
    const uint32_t rows = !narrow       ? 32
                          : columns > 8 ? 16
                          : columns > 4 ? 8
                                        : 4,
                   pixels = narrow ? 4 * lanes : rows,
                   tiles_n = narrow ? 1 : divide_up(columns, 4 * lanes);
    const uint64_t phases = forward ? 1 : (uint64_t)stride[0] * stride[1];
    const uint64_t high = forward ? c->out_size[0] : divide_up(c->size[0], stride[0]),
                   wide = forward ? c->out_size[1] : divide_up(c->size[1], stride[1]);
    const uint64_t groups = (c->batch * high * wide + pixels - 1) / pixels * phases;
    if (groups > INT32_MAX || tiles_n > limits->max_groups) return false;
    const uint32_t x = min_u32((uint32_t)groups, limits->max_groups);
    if (divide_up((uint32_t)groups, x) > limits->max_groups) return false;
    struct vv_dispatch *d =
        add_subgroup(y, c, narrow ? narrow_kernels : wide_kernels, &args, limits, launch);
    vv_dispatch_spec(d, rows);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    vv_dispatch_bind(d, c->with_bias ? 2 : 1, VV_STORAGE);  // something must be bound
    d->groups[0] = x;
    d->groups[1] = tiles_n;
    d->groups[2] = divide_up((uint32_t)groups, x);
    return true;
}

// ---- the weight gradient ----

static uint64_t room_for_parts(const struct vv_node *y, const struct vv_limits *limits) {
    const uint64_t enough = 128 << 20, bytes = 4 * vv_count(y),
                   range = limits->max_storage_range < enough ? limits->max_storage_range : enough;
    return bytes < range ? range / bytes : 1;
}

// Rows of pictures that one part adds up: enough parts for several cores, for sums so short that little
// is lost to rounding, and for no invocation to go round too often, `step` pixels a time; no more than
// there is room for.
static uint32_t part_of(const struct vv_conv *c, uint64_t tiles, uint32_t step, uint64_t room) {
    const uint32_t lines = c->batch * c->out_size[0], each = divide_up(c->out_size[1], step) + 1;
    const uint64_t pixels = (uint64_t)lines * c->out_size[1], enough_groups = 8, longest = 1024,
                   least = ((uint64_t)lines * each + VV_MOST_ROUNDS - 1) / VV_MOST_ROUNDS;
    uint64_t parts = (pixels + longest - 1) / longest, most = 64;
    if (parts * tiles < enough_groups) parts = (enough_groups + tiles - 1) / tiles;
    if (parts > most) parts = most;
    if (parts > room) parts = room;
    if (parts < least) parts = least;
    if (parts > lines) parts = lines;
    return divide_up(lines, (uint32_t)parts);
}

// Layers of parts to the result.
static bool add_layers(const struct vv_node *y, const struct vv_conv *c, uint32_t part,
                       const struct vv_limits *limits, struct vv_launch *launch) {
    const uint32_t n = c->window.kernel[0] * c->window.kernel[1] * c->channels;
    const struct vv_args_matmul args = {
        .m = c->out_channels, .n = n, .k = c->batch * c->out_size[0], .lower = -INFINITY, .part = part};
    const bool fours = vv_count(y) % 4 == 0 && n % 4 == 0 && vv_aligned(y, 4);
    struct vv_dispatch *d = vv_launch_add(launch, "matmul_sum", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, 0);      // a form of product
    vv_dispatch_spec(d, false);  // no bias
    vv_dispatch_spec(d, fours);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    return vv_dispatch_fold(d, (vv_count(y) / (fours ? 4 : 1) + VV_GROUP - 1) / VV_GROUP, limits);
}

static bool launch_weight(const struct vv_node *y, const struct vv_conv *c,
                          const struct vv_limits *limits, struct vv_launch *launch) {
    static const char *const kernels[] = {"conv_weight_buffer", "conv_weight_texel",
                                          "conv_weight_texel_int64"};
    const uint32_t rows = c->out_channels > 16  ? 32
                          : c->out_channels > 4 ? 16
                                                : 4,
                   lanes = limits->subgroup_size;
    const uint32_t tiles_m = divide_up(c->out_channels, rows),
                   tiles_n = divide_up((uint32_t)(vv_count(y) / c->out_channels), 4 * lanes);
    struct vv_args_conv args = arguments(c);
    args.part = part_of(c, (uint64_t)tiles_m * tiles_n, 4, room_for_parts(y, limits));
    const uint32_t parts = divide_up(c->batch * c->out_size[0], args.part);
    const uint64_t scratch = parts > 1 ? 4 * parts * vv_count(y) : 0;
    if (tiles_m > limits->max_groups || tiles_n > limits->max_groups || parts > limits->max_groups ||
        scratch > limits->max_storage_range)
        return false;
    struct vv_dispatch *d = add_subgroup(y, c, kernels, &args, limits, launch);
    vv_dispatch_spec(d, rows);
    vv_dispatch_spec(d, c->out_size[1] % 4 != 0);
    vv_dispatch_bind(d, parts > 1 ? VV_OPERAND_SCRATCH : VV_OPERAND_OUT, VV_STORAGE);
    vv_dispatch_bind(d, 1, VV_STORAGE);  // something must be bound
    d->groups[0] = tiles_n;
    d->groups[1] = tiles_m;
    d->groups[2] = parts;
    launch->scratch_bytes = scratch;
    return parts == 1 || add_layers(y, c, args.part, limits, launch);
}

// False with the launch empty: the operands do not allow it.
static bool launch_subgroup(const struct vv_node *y, const struct vv_conv *c,
                            const struct vv_limits *limits, struct vv_launch *launch) {
    if (!is_of_vec4(y, c)) return false;
    return c->form == VV_CONV_WEIGHT ? launch_weight(y, c, limits, launch)
                                     : launch_pixels(y, c, limits, launch);
}

// ---- any device, any number of channels ----

// Of one invocation that sums up a window.
static bool is_too_long(const struct vv_conv *c, uint32_t channels) {
    const uint64_t taps = (uint64_t)c->window.kernel[0] * c->window.kernel[1];
    return taps * (channels + 1) + c->window.kernel[0] > VV_MOST_ROUNDS;
}

static bool launch_plain(const struct vv_node *y, const struct vv_conv *c,
                         const struct vv_limits *limits, struct vv_launch *launch) {
    const bool weight = c->form == VV_CONV_WEIGHT;
    const uint64_t count = vv_count(y), groups = (count + VV_GROUP - 1) / VV_GROUP;
    struct vv_args_conv args = arguments(c);
    if (weight) args.part = part_of(c, groups, 1, room_for_parts(y, limits));
    const uint32_t parts = weight ? divide_up(c->batch * c->out_size[0], args.part) : 1;
    const uint64_t scratch = parts > 1 ? 4 * parts * count : 0;
    if (limits->is_cpu &&
        (weight ? c->out_size[1] >= VV_MOST_ROUNDS
                : is_too_long(c, c->form == VV_CONV_FORWARD ? c->channels : c->out_channels)))
        return false;
    if (scratch > limits->max_storage_range || parts * count > UINT32_MAX - VV_GROUP) return false;
    struct vv_dispatch *d = vv_launch_add(launch, "conv_plain", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, c->form);
    vv_dispatch_spec(d, c->with_bias);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, 1, VV_STORAGE);
    vv_dispatch_bind(d, parts > 1 ? VV_OPERAND_SCRATCH : VV_OPERAND_OUT, VV_STORAGE);
    vv_dispatch_bind(d, c->with_bias ? 2 : 0, VV_STORAGE);
    launch->scratch_bytes = scratch;
    return vv_dispatch_fold(d, (parts * count + VV_GROUP - 1) / VV_GROUP, limits) &&
           (parts == 1 || add_layers(y, c, args.part, limits, launch));
}

bool vv_conv_launch(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *launch) {
    struct vv_conv c;
    if (!vv_conv_of(y, &c)) return false;
    const bool subgroup =
        limits->matmul == VV_MATMUL_SUBGROUP_TEXEL || limits->matmul == VV_MATMUL_SUBGROUP_BUFFER;
    return (subgroup && launch_subgroup(y, &c, limits, launch)) || launch_plain(y, &c, limits, launch);
}
