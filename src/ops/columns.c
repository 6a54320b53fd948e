#include "columns.h"

#include <assert.h>

struct vv_columns_form vv_columns_form(const struct vv_node *y, uint32_t columns, const uint32_t *large,
                                       uint32_t count, const struct vv_limits *limits) {
    bool wide = columns % 4 == 0 && vv_aligned(y, 4), texels = wide;
    for (uint32_t i = 0; i < count; i++) {
        wide = wide && vv_aligned(y->in[large[i]], 4);
        texels = texels && vv_loads_texels(y->in[large[i]], limits);
    }
    return (struct vv_columns_form){.unit = wide ? 4 : 1, .kind = texels ? VV_IMAGE_VEC4 : VV_STORAGE};
}

static uint32_t least(uint64_t a, uint64_t b) {
    return (uint32_t)(a < b ? a : b);
}
static uint64_t quotient_up(uint64_t a, uint64_t b) {
    assert(b > 0);
    return (a + b - 1) / b;
}

struct vv_args_columns vv_columns_part(uint32_t outer, uint32_t rows, uint32_t columns, uint32_t most) {
    struct vv_args_columns args = {.outer = outer, .rows = rows, .columns = columns};
    args.width = least(columns, VV_GROUP);
    args.reciprocal = (uint32_t)quotient_up(1 << 16, args.width);
    args.tiles = (uint32_t)quotient_up(columns, args.width);
    args.step = least(VV_GROUP / args.width, rows);
    // What sums goes down 32 rows at least.
    const uint64_t each = most ? 32 : 4, wanted = quotient_up(rows, each * args.step),
                   room = most ? quotient_up(most, (uint64_t)outer * args.tiles) : 65535;
    args.block_rows =
        (uint32_t)(quotient_up(quotient_up(rows, least(wanted, room)), args.step) * args.step);
    args.blocks = (uint32_t)quotient_up(rows, args.block_rows);
    return args;
}

uint32_t vv_columns_most(const struct vv_limits *limits) {
    return limits->is_cpu ? 64 : 512;
}

uint64_t vv_columns_partial(const struct vv_args_columns *args, uint32_t unit) {
    return (uint64_t)args->outer * args->blocks * args->tiles * args->width * args->step * unit;
}

struct vv_dispatch *vv_columns_walk(struct vv_launch *launch, const char *const kernels[4],
                                    const struct vv_columns_form *form,
                                    const struct vv_args_columns *args, uint32_t function,
                                    const struct vv_limits *limits) {
    const bool texels = form->kind == VV_IMAGE_VEC4;
    const uint32_t which = texels ? (vv_stores_int64(limits) && kernels[3] ? 3 : 2) : form->unit == 4;
    struct vv_dispatch *d = vv_launch_add(launch, kernels[which], args, sizeof *args);
    vv_dispatch_spec(d, args->width * args->step);
    vv_dispatch_spec(d, function);
    return d;
}

// Blocks, tiles, parts; more parts than an axis has groups go on along the tiles' axis.
bool vv_columns_fold(struct vv_dispatch *d, const struct vv_args_columns *args,
                     const struct vv_limits *limits) {
    const uint64_t folds = quotient_up(args->outer, limits->max_groups), y = folds * args->tiles;
    d->groups[0] = args->blocks;
    d->groups[1] = (uint32_t)y;
    d->groups[2] = (uint32_t)quotient_up(args->outer, folds);
    return args->blocks <= limits->max_groups && y <= limits->max_groups;
}

struct vv_dispatch *vv_columns_small(struct vv_launch *launch, const char *kernel,
                                     const struct vv_args_columns *args, uint64_t count,
                                     const struct vv_limits *limits, bool *ok) {
    const uint32_t group = limits->is_cpu ? 8 : VV_GROUP;
    struct vv_dispatch *d = vv_launch_add(launch, kernel, args, sizeof *args);
    vv_dispatch_spec(d, group);
    *ok = vv_dispatch_fold(d, quotient_up(count, group), limits) && *ok;
    return d;
}
