#include "norm_launch.h"

#include "columns.h"
#include "norm.h"

static struct vv_columns_form form_of(const struct vv_node *y, const uint32_t *large, uint32_t count,
                                      const struct vv_limits *limits) {
    return vv_columns_form(y, y->attr.u[VV_NORM_COLUMNS], large, count, limits);
}

static struct vv_args_columns part(const struct vv_node *y, uint32_t unit, uint32_t most) {
    const uint32_t *u = y->attr.u;
    struct vv_args_columns args =
        vv_columns_part(u[VV_NORM_OUTER], u[VV_NORM_ROWS], u[VV_NORM_COLUMNS] / unit, most);
    args.groups = u[VV_NORM_GROUPS];
    args.epsilon = (float)VV_NORM_EPSILON;
    args.own = u[VV_NORM_OWN];
    return args;
}

// The same with columns as channels.
static struct vv_args_columns by_channels(const struct vv_node *y, struct vv_args_columns args) {
    args.columns = y->attr.u[VV_NORM_COLUMNS];
    return args;
}

static uint64_t channels_of(const struct vv_node *y) {
    return (uint64_t)y->attr.u[VV_NORM_OUTER] * y->attr.u[VV_NORM_COLUMNS];
}

bool vv_moments_launch(const struct vv_node *y, const struct vv_limits *limits,
                       struct vv_launch *launch) {
    static const char *const walk[4] = {"norm_moments", "norm_moments_wide", "norm_moments_texel", NULL};
    const struct vv_columns_form form = form_of(y, (const uint32_t[]){0}, 1, limits);
    const uint32_t *u = y->attr.u;
    struct vv_args_columns args = part(y, form.unit, vv_columns_most(limits));
    const bool grouped = u[VV_NORM_GROUPS] != u[VV_NORM_COLUMNS];
    bool ok = true;
    args.offset = (uint32_t)(2 * vv_columns_partial(&args, form.unit));
    launch->scratch_bytes = 4 * (args.offset + (grouped ? 2 * channels_of(y) : 0));
    struct vv_dispatch *d = vv_columns_walk(launch, walk, &form, &args, 0, limits);
    vv_dispatch_bind(d, 0, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    ok = vv_columns_fold(d, &args, limits);
    d = vv_columns_small(launch, "norm_moments_end", &args, channels_of(y), limits, &ok);
    vv_dispatch_spec(d, form.unit);
    vv_dispatch_spec(d, 2);
    vv_dispatch_spec(d, grouped);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, grouped ? VV_OPERAND_SCRATCH : VV_OPERAND_OUT, VV_STORAGE);
    if (!grouped) return ok;
    args = by_channels(y, args);
    d = vv_columns_small(launch, "norm_groups", &args, (uint64_t)args.outer * args.groups, limits, &ok);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return ok;
}

// The table of channels, into the node's result or scratch.
static bool add_prepare(struct vv_launch *launch, const struct vv_node *y, struct vv_args_columns args,
                        uint32_t table, uint32_t first, uint32_t target,
                        const struct vv_limits *limits) {
    bool ok = true;
    args = by_channels(y, args);
    struct vv_dispatch *d = vv_columns_small(launch, "norm_prepare", &args, channels_of(y), limits, &ok);
    vv_dispatch_spec(d, table);
    vv_dispatch_spec(d, first);
    for (uint32_t i = 1; i <= 3; i++) vv_dispatch_bind(d, i, VV_STORAGE);
    vv_dispatch_bind(d, target, VV_STORAGE);
    return ok;
}

bool vv_norm_launch(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *launch) {
    static const char *const walk[4] = {"norm", "norm_wide", "norm_texel", "norm_texel_int64"};
    const struct vv_columns_form form = form_of(y, (const uint32_t[]){0}, 1, limits);
    const struct vv_args_columns args = part(y, form.unit, 0);
    launch->scratch_bytes = 4 * 4 * channels_of(y);
    if (!add_prepare(launch, y, args, 4, 0, VV_OPERAND_SCRATCH, limits)) return false;
    struct vv_dispatch *d =
        vv_columns_walk(launch, walk, &form, &args, y->attr.u[VV_NORM_FUNCTION], limits);
    vv_dispatch_bind(d, 0, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_columns_fold(d, &args, limits);
}

bool vv_norm_sums_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    static const char *const walk[4] = {"norm_sums", "norm_sums_wide", "norm_sums_texel", NULL};
    const struct vv_columns_form form = form_of(y, (const uint32_t[]){0, 4}, 2, limits);
    const struct vv_args_columns args = part(y, form.unit, vv_columns_most(limits));
    launch->scratch_bytes = 4 * 2 * vv_columns_partial(&args, form.unit);
    if (!add_prepare(launch, y, args, VV_NORM_SUMS, 2, VV_OPERAND_OUT, limits)) return false;
    struct vv_dispatch *d =
        vv_columns_walk(launch, walk, &form, &args, y->attr.u[VV_NORM_FUNCTION], limits);
    vv_dispatch_bind(d, 0, form.kind);
    vv_dispatch_bind(d, 4, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_OUT, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    bool ok = vv_columns_fold(d, &args, limits);
    d = vv_columns_small(launch, "norm_sums_end", &args, channels_of(y), limits, &ok);
    vv_dispatch_spec(d, form.unit);
    vv_dispatch_spec(d, 2);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return ok;
}

bool vv_norm_grad_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    static const char *const walk[4] = {"norm_grad", "norm_grad_wide", "norm_grad_texel",
                                        "norm_grad_texel_int64"};
    const struct vv_columns_form form = form_of(y, (const uint32_t[]){0, 1}, 2, limits);
    const struct vv_args_columns args = part(y, form.unit, 0), channels = by_channels(y, args);
    bool ok = true;
    launch->scratch_bytes = 4 * 5 * channels_of(y);
    struct vv_dispatch *d =
        vv_columns_small(launch, "norm_means", &channels, channels_of(y), limits, &ok);
    vv_dispatch_bind(d, 2, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    d = vv_columns_walk(launch, walk, &form, &args, y->attr.u[VV_NORM_FUNCTION], limits);
    for (uint32_t i = 0; i < 2; i++) vv_dispatch_bind(d, i, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, form.kind);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_columns_fold(d, &args, limits) && ok;
}
