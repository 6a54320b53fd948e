#include "norm_launch.h"

#include "norm.h"

// How the large tensors of an op are walked: one column an invocation, four, or four as image texels.
struct form {
    uint32_t unit;
    enum vv_binding_kind kind;
};

// The same form for all: `large` are the inputs that are walked.
static struct form form_of(const struct vv_node *y, const uint32_t *large, uint32_t count,
                           const struct vv_limits *limits) {
    bool wide = y->attr.u[VV_NORM_COLUMNS] % 4 == 0 && vv_aligned(y, 4);
    bool texels = wide;
    for (uint32_t i = 0; i < count; i++) {
        wide = wide && vv_aligned(y->in[large[i]], 4);
        texels = texels && vv_loads_texels(y->in[large[i]], limits);
    }
    return (struct form){.unit = wide ? 4 : 1, .kind = texels ? VV_IMAGE_VEC4 : VV_STORAGE};
}

static uint32_t least(uint64_t a, uint64_t b) {
    return (uint32_t)(a < b ? a : b);
}
static uint64_t quotient_up(uint64_t a, uint64_t b) {
    return (a + b - 1) / b;
}

// Parts x into tiles and blocks: no block has less than 32 rows for each invocation, and no more than
// `most` groups are made of blocks alone, since what they leave in scratch is added up by few.
static struct vv_args_norm part(const struct vv_node *y, uint32_t unit, uint32_t most) {
    const uint32_t *u = y->attr.u;
    struct vv_args_norm args = {.outer = u[VV_NORM_OUTER],
                                .rows = u[VV_NORM_ROWS],
                                .columns = u[VV_NORM_COLUMNS] / unit,
                                .groups = u[VV_NORM_GROUPS],
                                .epsilon = (float)VV_NORM_EPSILON,
                                .own = u[VV_NORM_OWN]};
    args.width = least(args.columns, VV_GROUP);
    args.tiles = (uint32_t)quotient_up(args.columns, args.width);
    args.step = least(VV_GROUP / args.width, args.rows);
    const uint64_t wanted = quotient_up(args.rows, 32ull * args.step),
                   room = quotient_up(most, (uint64_t)args.outer * args.tiles);
    const uint64_t rows = quotient_up(args.rows, least(wanted, room));
    args.block_rows = (uint32_t)(quotient_up(rows, args.step) * args.step);
    args.blocks = (uint32_t)quotient_up(args.rows, args.block_rows);
    return args;
}

static uint32_t most_blocks(const struct vv_limits *limits) {
    return limits->is_cpu ? 64 : 512;
}

// Floats of two partial sums of each invocation.
static uint64_t partial_floats(const struct vv_args_norm *args, uint32_t unit) {
    return 2ull * args->outer * args->blocks * args->tiles * args->width * args->step * unit;
}

static bool fold_walk(struct vv_dispatch *d, const struct vv_args_norm *args,
                      const struct vv_limits *limits) {
    return vv_dispatch_fold(d, (uint64_t)args->outer * args->blocks * args->tiles, limits);
}

// A dispatch that walks columns; bindings follow.
static struct vv_dispatch *add_walk(struct vv_launch *launch, const char *const kernels[4],
                                    const struct form *form, const struct vv_args_norm *args,
                                    uint32_t function, const struct vv_limits *limits) {
    const bool texels = form->kind == VV_IMAGE_VEC4;
    const uint32_t which = texels ? (vv_stores_int64(limits) && kernels[3] ? 3 : 2) : form->unit == 4;
    struct vv_dispatch *d = vv_launch_add(launch, kernels[which], args, sizeof *args);
    vv_dispatch_spec(d, args->width * args->step);
    vv_dispatch_spec(d, function);
    return d;
}

// A dispatch of one invocation for each of `count` channels or groups.
static struct vv_dispatch *add_small(struct vv_launch *launch, const char *kernel,
                                     const struct vv_args_norm *args, uint64_t count,
                                     const struct vv_limits *limits, bool *ok) {
    const uint32_t group = limits->is_cpu ? 8 : VV_GROUP;
    struct vv_dispatch *d = vv_launch_add(launch, kernel, args, sizeof *args);
    vv_dispatch_spec(d, group);
    *ok = vv_dispatch_fold(d, quotient_up(count, group), limits) && *ok;
    return d;
}

// The same with columns as channels.
static struct vv_args_norm by_channels(const struct vv_node *y, struct vv_args_norm args) {
    args.columns = y->attr.u[VV_NORM_COLUMNS];
    return args;
}

static uint64_t channels_of(const struct vv_node *y) {
    return (uint64_t)y->attr.u[VV_NORM_OUTER] * y->attr.u[VV_NORM_COLUMNS];
}

bool vv_moments_launch(const struct vv_node *y, const struct vv_limits *limits,
                       struct vv_launch *launch) {
    static const char *const walk[4] = {"norm_moments", "norm_moments_wide", "norm_moments_texel", NULL};
    const struct form form = form_of(y, (const uint32_t[]){0}, 1, limits);
    const uint32_t *u = y->attr.u;
    struct vv_args_norm args = part(y, form.unit, most_blocks(limits));
    const bool grouped = u[VV_NORM_GROUPS] != u[VV_NORM_COLUMNS];
    bool ok = true;
    args.offset = (uint32_t)partial_floats(&args, form.unit);
    launch->scratch_bytes = 4 * (args.offset + (grouped ? 2 * channels_of(y) : 0));
    struct vv_dispatch *d = add_walk(launch, walk, &form, &args, 0, limits);
    vv_dispatch_bind(d, 0, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    ok = fold_walk(d, &args, limits);
    d = add_small(launch, "norm_moments_end", &args, channels_of(y), limits, &ok);
    vv_dispatch_spec(d, form.unit);
    vv_dispatch_spec(d, grouped);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, grouped ? VV_OPERAND_SCRATCH : VV_OPERAND_OUT, VV_STORAGE);
    if (!grouped) return ok;
    args = by_channels(y, args);
    d = add_small(launch, "norm_groups", &args, (uint64_t)args.outer * args.groups, limits, &ok);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return ok;
}

// The table of channels, into the node's result or scratch.
static bool add_prepare(struct vv_launch *launch, const struct vv_node *y, struct vv_args_norm args,
                        uint32_t table, uint32_t first, uint32_t target,
                        const struct vv_limits *limits) {
    bool ok = true;
    args = by_channels(y, args);
    struct vv_dispatch *d = add_small(launch, "norm_prepare", &args, channels_of(y), limits, &ok);
    vv_dispatch_spec(d, table);
    vv_dispatch_spec(d, first);
    for (uint32_t i = 1; i <= 3; i++) vv_dispatch_bind(d, i, VV_STORAGE);
    vv_dispatch_bind(d, target, VV_STORAGE);
    return ok;
}

bool vv_norm_launch(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *launch) {
    static const char *const walk[4] = {"norm", "norm_wide", "norm_texel", "norm_texel_int64"};
    const struct form form = form_of(y, (const uint32_t[]){0}, 1, limits);
    const struct vv_args_norm args = part(y, form.unit, UINT32_MAX);
    launch->scratch_bytes = 4 * 4 * channels_of(y);
    if (!add_prepare(launch, y, args, 4, 0, VV_OPERAND_SCRATCH, limits)) return false;
    struct vv_dispatch *d = add_walk(launch, walk, &form, &args, y->attr.u[VV_NORM_FUNCTION], limits);
    vv_dispatch_bind(d, 0, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return fold_walk(d, &args, limits);
}

bool vv_norm_sums_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    static const char *const walk[4] = {"norm_sums", "norm_sums_wide", "norm_sums_texel", NULL};
    const struct form form = form_of(y, (const uint32_t[]){0, 4}, 2, limits);
    const struct vv_args_norm args = part(y, form.unit, most_blocks(limits));
    launch->scratch_bytes = 4 * partial_floats(&args, form.unit);
    if (!add_prepare(launch, y, args, VV_NORM_SUMS, 2, VV_OPERAND_OUT, limits)) return false;
    struct vv_dispatch *d = add_walk(launch, walk, &form, &args, y->attr.u[VV_NORM_FUNCTION], limits);
    vv_dispatch_bind(d, 0, form.kind);
    vv_dispatch_bind(d, 4, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_OUT, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    bool ok = fold_walk(d, &args, limits);
    d = add_small(launch, "norm_sums_end", &args, channels_of(y), limits, &ok);
    vv_dispatch_spec(d, form.unit);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return ok;
}

bool vv_norm_grad_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    static const char *const walk[4] = {"norm_grad", "norm_grad_wide", "norm_grad_texel",
                                        "norm_grad_texel_int64"};
    const struct form form = form_of(y, (const uint32_t[]){0, 1}, 2, limits);
    const struct vv_args_norm args = part(y, form.unit, UINT32_MAX), channels = by_channels(y, args);
    bool ok = true;
    launch->scratch_bytes = 4 * 5 * channels_of(y);
    struct vv_dispatch *d = add_small(launch, "norm_means", &channels, channels_of(y), limits, &ok);
    vv_dispatch_bind(d, 2, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    d = add_walk(launch, walk, &form, &args, y->attr.u[VV_NORM_FUNCTION], limits);
    for (uint32_t i = 0; i < 2; i++) vv_dispatch_bind(d, i, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return fold_walk(d, &args, limits) && ok;
}
