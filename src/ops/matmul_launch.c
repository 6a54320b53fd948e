#include "matmul_launch.h"

#include <math.h>

#include "launches.h"
#include "matmul.h"

// Kernels of matrix products: shaders/matmul_*.comp, in families (tape/tuning.h), each in a few sizes.
// Which one computes a product follows from its shape, the alignment of its operands and the limits, of
// which a tuning is one.

// Every variant there is. Whoever asks for another gets the fixed table's choice.
static const struct vv_variant table[] = {
    {VV_MATMUL_SUBGROUP_TEXEL, .rows = 32},
    {VV_MATMUL_SUBGROUP_TEXEL, .rows = 16},
    {VV_MATMUL_SUBGROUP_BUFFER, .rows = 32},
    {VV_MATMUL_SUBGROUP_BUFFER, .rows = 16},
    {VV_MATMUL_TILE, 128, 128, 16, 0},
    {VV_MATMUL_TILE, 128, 64, 16, 0},
    {VV_MATMUL_TILE, 64, 64, 16, 0},
    {VV_MATMUL_TILE, 64, 64, 16, 2},
    {VV_MATMUL_TILE, 64, 64, 16, 4},
    {VV_MATMUL_TILE, 64, 64, 16, 8},
    {VV_MATMUL_TILE, 32, 32, 16, 0},
    {VV_MATMUL_TILE, 32, 32, 16, 2},
    {VV_MATMUL_TILE, 32, 32, 16, 4},
    {VV_MATMUL_TILE, 32, 32, 16, 8},
    {.family = VV_MATMUL_PLAIN},
};
enum { TABLE_COUNT = sizeof table / sizeof *table };
_Static_assert(TABLE_COUNT <= VV_MAX_VARIANTS, "vv_matmul_variants lists all of them");

static uint32_t divide_up(uint32_t a, uint32_t b) {
    return a / b + (a % b != 0);
}
static uint32_t min_u32(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t max_u32(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

// ---- tiles ----

// What an invocation owns of a tile: 16 results in the smallest, 32 and 64 in the larger, of which fewer
// are on their way at a time.
static uint32_t own_rows(const struct vv_variant *v) {
    return v->rows > 32 ? 8 : 4;
}
static uint32_t own_columns(const struct vv_variant *v) {
    return v->rows > 64 ? 8 : 4;
}
static uint32_t tile_invocations(const struct vv_variant *v) {
    return v->rows / own_rows(v) * (v->columns / own_columns(v));
}

// Of shared memory, for one buffer of tiles: see PITCH in shaders/matmul_tile.comp.
static uint32_t tile_bytes(const struct vv_variant *v) {
    return 4 * v->depth * (v->rows + 4 + v->columns + 4);
}

// A second buffer saves a barrier a step. It may not keep a second workgroup away.
static uint32_t tile_buffers(const struct vv_variant *v, const struct vv_limits *limits) {
    return tile_bytes(v) <= limits->max_shared_bytes / 4 ? 2 : 1;
}

static uint64_t tile_groups(const struct vv_variant *v, const struct vv_product *p) {
    return (uint64_t)divide_up(p->m, v->rows) * divide_up(p->n, v->columns);
}

// k of one part: whole vec4s.
static uint32_t part_of(const struct vv_variant *v, const struct vv_product *p) {
    if (v->split <= 1) return p->k;
    const uint32_t part = divide_up(p->k, v->split);
    return part + (4 - part % 4) % 4;
}

// One layer of results for each part of k.
static uint64_t scratch_bytes(const struct vv_variant *v, const struct vv_product *p) {
    return v->split <= 1 ? 0 : (uint64_t)4 * v->split * p->m * p->n;
}

static bool can_tile(const struct vv_variant *v, const struct vv_product *p,
                     const struct vv_limits *limits) {
    const uint32_t parts = max_u32(v->split, 1), rounds = part_of(v, p) / v->depth * (1 + v->depth / 4);
    return (!limits->is_cpu || rounds <= VV_MOST_ROUNDS) &&
           tile_invocations(v) <= limits->max_invocations && tile_bytes(v) <= limits->max_shared_bytes &&
           divide_up(p->k, part_of(v, p)) == parts &&  // there is some k in each part
           (uint64_t)parts * divide_up(p->n, v->columns) <= limits->max_groups &&
           scratch_bytes(v, p) <= limits->max_storage_range && scratch_bytes(v, p) / 4 <= UINT32_MAX;
}

// ---- what a product, and a node, allow ----

// Whether the stored rows of A and B are whole vec4s.
static bool rows_of_vec4(const struct vv_product *p) {
    const uint32_t a = p->form == VV_FORM_TN ? p->m : p->k, b = p->form == VV_FORM_NT ? p->k : p->n;
    return a % 4 == 0 && b % 4 == 0;
}

// A binding may begin up to an alignment before its operand, which then starts at `base`.
static bool fits_texels(uint64_t elements, const struct vv_limits *limits) {
    return elements / 4 + limits->offset_alignment / 16 <= limits->max_texel_elements;
}

// Columns of C that one subgroup owns: four a lane.
static uint32_t subgroup_columns(const struct vv_limits *limits) {
    return 4 * limits->subgroup_size;
}

static bool can_subgroup(const struct vv_product *p, const struct vv_limits *limits) {
    return divide_up(p->n, subgroup_columns(limits)) <= limits->max_groups && p->k / 4 <= VV_MOST_ROUNDS;
}

// Invocations of a workgroup of the plain kernel, and workgroups of 4x4 results for each invocation.
static uint32_t plain_size(const struct vv_limits *limits) {
    return min_u32(limits->max_invocations, 64);
}
// Its parts of k, where one invocation could not go through all of it: short ones, in which less is lost
// to rounding.
static struct vv_variant plain_variant(const struct vv_product *p) {
    const uint32_t part = 4096;
    return (struct vv_variant){.family = VV_MATMUL_PLAIN,
                               .split = p->k > VV_MOST_ROUNDS ? divide_up(p->k, part) : 0};
}
static uint64_t plain_groups(const struct vv_product *p, const struct vv_limits *limits) {
    const struct vv_variant v = plain_variant(p);
    const uint64_t size = plain_size(limits), tiles = (uint64_t)divide_up(p->m, 4) * divide_up(p->n, 4);
    return (max_u32(v.split, 1) * tiles + size - 1) / size;
}
static bool can_plain(const struct vv_product *p, const struct vv_limits *limits) {
    const struct vv_variant v = plain_variant(p);
    return plain_groups(p, limits) <= (uint64_t)limits->max_groups * limits->max_groups &&
           scratch_bytes(&v, p) <= limits->max_storage_range;
}

// Whether a device of these limits can compute the product so, its operands being aligned.
static bool can_compute(const struct vv_variant *v, const struct vv_product *p,
                        const struct vv_limits *limits) {
    if (!vv_matmul_available(limits, v->family)) return false;
    switch (v->family) {
    case VV_MATMUL_SUBGROUP_TEXEL:
        if (!rows_of_vec4(p) || !fits_texels((uint64_t)p->m * p->k, limits) ||
            !fits_texels((uint64_t)p->n * p->k, limits))
            return false;
        return can_subgroup(p, limits);
    case VV_MATMUL_SUBGROUP_BUFFER:
        return can_subgroup(p, limits);
    case VV_MATMUL_TILE:
        return can_tile(v, p, limits);
    case VV_MATMUL_PLAIN:
        return can_plain(p, limits);
    }
    return false;
}

static bool equal(const struct vv_variant *a, const struct vv_variant *b) {
    return a->family == b->family && a->rows == b->rows && a->columns == b->columns &&
           a->depth == b->depth && a->split == b->split;
}

static bool in_table(const struct vv_variant *v) {
    for (uint32_t i = 0; i < TABLE_COUNT; i++)
        if (equal(v, &table[i])) return true;
    return false;
}

// ---- the fixed table ----

// Tall tiles make the most of each load of B, and products that share a size share a kernel, of which
// each takes a quarter of a second to compile. A product of few tiles must leave work for several cores.
static uint32_t subgroup_rows(const struct vv_product *p, const struct vv_limits *limits) {
    const uint32_t enough_groups = 4;
    const uint64_t groups = divide_up(p->n, subgroup_columns(limits)) * (uint64_t)divide_up(p->m, 32);
    return p->m > 16 && groups >= enough_groups ? 32 : 16;
}

// The largest tile that leaves work for every compute unit of a usual GPU; where even the smallest does
// not, k is split for as long as a part is worth its addition. Sizes are those that ggml's Vulkan
// backend uses for float; nobody has timed this rule on a GPU.
static struct vv_variant tile_choice(const struct vv_product *p, const struct vv_limits *limits) {
    static const struct vv_variant sizes[] = {{VV_MATMUL_TILE, 128, 128, 16, 0},
                                              {VV_MATMUL_TILE, 64, 64, 16, 0},
                                              {VV_MATMUL_TILE, 32, 32, 16, 0}};
    const uint32_t enough_groups = 64, least_part = 64;
    uint32_t i = 0;
    while (i < 2 && (!can_compute(&sizes[i], p, limits) || tile_groups(&sizes[i], p) < enough_groups))
        i++;
    struct vv_variant v = sizes[i];
    while (max_u32(v.split, 1) * tile_groups(&v, p) < enough_groups && v.split < 8) {
        struct vv_variant more = v;
        more.split = 2 * max_u32(v.split, 1);
        if (part_of(&more, p) < least_part || !can_compute(&more, p, limits)) break;
        v = more;
    }
    return v;
}

struct vv_variant vv_matmul_choice(const struct vv_product *p, const struct vv_limits *limits) {
    if (limits->matmul == VV_MATMUL_TILE) {
        const struct vv_variant tile = tile_choice(p, limits);
        if (can_compute(&tile, p, limits)) return tile;
    }
    const uint32_t rows = subgroup_rows(p, limits);
    const struct vv_variant preferred[] = {
        {VV_MATMUL_SUBGROUP_TEXEL, .rows = rows},
        {VV_MATMUL_SUBGROUP_BUFFER, .rows = rows},
    };
    const bool subgroup =
        limits->matmul == VV_MATMUL_SUBGROUP_TEXEL || limits->matmul == VV_MATMUL_SUBGROUP_BUFFER;
    for (uint32_t i = limits->matmul != VV_MATMUL_SUBGROUP_TEXEL; subgroup && i < 2; i++)
        if (can_compute(&preferred[i], p, limits)) return preferred[i];
    return (struct vv_variant){.family = VV_MATMUL_PLAIN};
}

// Tiles lose by 20 to 1 on CPU drivers, and take long to compile: not worth a look, unless asked for.
static bool worth_listing(const struct vv_variant *v, const struct vv_limits *limits) {
    return v->family != VV_MATMUL_TILE || !limits->is_cpu || limits->matmul == VV_MATMUL_TILE;
}

uint32_t vv_matmul_variants(const struct vv_product *p, const struct vv_limits *limits,
                            struct vv_variant list[VV_MAX_VARIANTS]) {
    uint32_t count = 0;
    list[count++] = vv_matmul_choice(p, limits);
    for (uint32_t i = 0; i < TABLE_COUNT; i++)
        if (!equal(&table[i], &list[0]) && worth_listing(&table[i], limits) &&
            can_compute(&table[i], p, limits))
            list[count++] = table[i];
    return count;
}

// ---- launch ----

static bool with_bias(const struct vv_node *y) {
    return y->op == &vv_op_linear;
}

static struct vv_args_matmul arguments(const struct vv_node *y, const struct vv_product *p) {
    bool relu = y->op == &vv_op_linear && y->attr.u[0] == VV_RELU;
    return (struct vv_args_matmul){
        .m = p->m, .n = p->n, .k = p->k, .lower = relu ? 0 : -INFINITY, .part = p->k};
}

static struct vv_dispatch *add_dispatch(const struct vv_node *y, const struct vv_product *p,
                                        const char *kernel, enum vv_binding_kind loads,
                                        struct vv_launch *launch) {
    struct vv_args_matmul args = arguments(y, p);
    struct vv_dispatch *d = vv_launch_add(launch, kernel, &args, sizeof args);
    vv_dispatch_bind(d, 0, loads);
    vv_dispatch_bind(d, 1, loads);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    vv_dispatch_bind(d, with_bias(y) ? 2 : 0, VV_STORAGE);  // something must be bound
    return d;
}

static bool loads_vec4(const struct vv_node *y, const struct vv_product *p) {
    return rows_of_vec4(p) && vv_aligned(y->in[0], 4) && vv_aligned(y->in[1], 4);
}

static bool stores_vec4(const struct vv_node *y, const struct vv_product *p) {
    return p->n % 4 == 0 && vv_aligned(y, 4);
}

// One subgroup for each tile of `rows` rows and 4 columns a lane.
static bool launch_subgroup(const struct vv_node *y, const struct vv_product *p,
                            const struct vv_variant *v, const struct vv_limits *limits,
                            struct vv_launch *launch) {
    const bool texels = v->family == VV_MATMUL_SUBGROUP_TEXEL, aligned = loads_vec4(y, p);
    if (texels && !aligned) return false;
    uint32_t tiles_m = divide_up(p->m, v->rows), x = min_u32(tiles_m, limits->max_groups);
    const char *texel = stores_vec4(y, p) && vv_stores_int64(limits) ? "matmul_subgroup_texel_int64"
                                                                     : "matmul_subgroup_texel";
    struct vv_dispatch *d = texels ? add_dispatch(y, p, texel, VV_TEXEL_VEC4, launch)
                                   : add_dispatch(y, p, "matmul_subgroup_buffer", VV_STORAGE, launch);
    vv_dispatch_spec(d, limits->subgroup_size);
    vv_dispatch_spec(d, p->form);
    vv_dispatch_spec(d, with_bias(y));
    vv_dispatch_spec(d, v->rows);
    vv_dispatch_spec(d, p->k % 4 != 0);  // WITH_TAIL
    vv_dispatch_spec(d, stores_vec4(y, p));
    if (!texels) vv_dispatch_spec(d, aligned);
    d->groups[0] = x;
    d->groups[1] = divide_up(p->n, subgroup_columns(limits));
    d->groups[2] = divide_up(tiles_m, x);
    return true;
}

// Layers of partial sums to the result.
static bool add_layers(const struct vv_node *y, const struct vv_product *p,
                       const struct vv_args_matmul *args, const struct vv_limits *limits,
                       struct vv_launch *launch) {
    const uint32_t size = plain_size(limits);
    const bool wide = stores_vec4(y, p);
    struct vv_dispatch *d = vv_launch_add(launch, "matmul_sum", args, sizeof *args);
    vv_dispatch_spec(d, size);
    vv_dispatch_spec(d, p->form);  // of no use to it
    vv_dispatch_spec(d, with_bias(y));
    vv_dispatch_spec(d, wide);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    vv_dispatch_bind(d, with_bias(y) ? 2 : VV_OPERAND_SCRATCH, VV_STORAGE);
    const uint64_t count = (uint64_t)p->m * p->n / (wide ? 4 : 1);
    return vv_dispatch_fold(d, (count + size - 1) / size, limits);
}

// Parts of k, where there are several, write layers of scratch without bias and activation.
static bool launch_tile(const struct vv_node *y, const struct vv_product *p, const struct vv_variant *v,
                        const struct vv_limits *limits, struct vv_launch *launch) {
    const bool split = v->split > 1;
    const uint32_t tiles_m = divide_up(p->m, v->rows), x = min_u32(tiles_m, limits->max_groups);
    struct vv_args_matmul whole = arguments(y, p), args = whole;
    whole.part = args.part = part_of(v, p);
    if (split) args.lower = -INFINITY;
    struct vv_dispatch *d = vv_launch_add(launch, "matmul_tile", &args, sizeof args);
    const uint32_t spec[] = {
        tile_invocations(v),
        p->form,
        with_bias(y) && !split,
        v->rows,
        v->columns,
        v->depth,
        own_rows(v),
        own_columns(v),
        loads_vec4(y, p),
        split ? p->n % 4 == 0 : stores_vec4(y, p),
        tile_buffers(v, limits),
    };
    for (uint32_t i = 0; i < sizeof spec / sizeof *spec; i++) vv_dispatch_spec(d, spec[i]);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, 1, VV_STORAGE);
    vv_dispatch_bind(d, split ? VV_OPERAND_SCRATCH : VV_OPERAND_OUT, VV_STORAGE);
    vv_dispatch_bind(d, with_bias(y) ? 2 : 0, VV_STORAGE);
    d->groups[0] = x;
    d->groups[1] = max_u32(v->split, 1) * divide_up(p->n, v->columns);
    d->groups[2] = divide_up(tiles_m, x);
    launch->scratch_bytes = scratch_bytes(v, p);
    return !split || add_layers(y, p, &whole, limits, launch);
}

static bool launch_plain(const struct vv_node *y, const struct vv_product *p,
                         const struct vv_limits *limits, struct vv_launch *launch) {
    const struct vv_variant v = plain_variant(p);
    const bool split = v.split > 1;
    struct vv_args_matmul whole = arguments(y, p), args = whole;
    whole.part = args.part = part_of(&v, p);
    if (split) args.lower = -INFINITY;
    struct vv_dispatch *d = vv_launch_add(launch, "matmul_plain", &args, sizeof args);
    vv_dispatch_spec(d, plain_size(limits));
    vv_dispatch_spec(d, p->form);
    vv_dispatch_spec(d, with_bias(y) && !split);
    vv_dispatch_spec(d, split);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, 1, VV_STORAGE);
    vv_dispatch_bind(d, split ? VV_OPERAND_SCRATCH : VV_OPERAND_OUT, VV_STORAGE);
    vv_dispatch_bind(d, with_bias(y) ? 2 : 0, VV_STORAGE);
    launch->scratch_bytes = scratch_bytes(&v, p);
    return vv_dispatch_fold(d, plain_groups(p, limits), limits) &&
           (!split || add_layers(y, p, &whole, limits, launch));
}

// False with the launch empty: the operands do not allow it.
static bool launch_variant(const struct vv_node *y, const struct vv_product *p,
                           const struct vv_variant *v, const struct vv_limits *limits,
                           struct vv_launch *launch) {
    if (!in_table(v) || !can_compute(v, p, limits)) return false;
    switch (v->family) {
    case VV_MATMUL_SUBGROUP_TEXEL:
    case VV_MATMUL_SUBGROUP_BUFFER:
        return launch_subgroup(y, p, v, limits, launch);
    case VV_MATMUL_TILE:
        return launch_tile(y, p, v, limits, launch);
    case VV_MATMUL_PLAIN:
        return launch_plain(y, p, limits, launch);
    }
    return false;
}

bool vv_matmul_launch(const struct vv_node *y, const struct vv_limits *limits,
                      struct vv_launch *launch) {
    struct vv_product p;
    if (!vv_matmul_product(y, &p)) return false;
    const struct vv_variant *tuned = vv_tuning_find(limits->tuning, &p);
    const struct vv_variant choice = vv_matmul_choice(&p, limits),
                            // The same without texels, which want aligned operands.
        buffer = {VV_MATMUL_SUBGROUP_BUFFER, .rows = choice.rows}, plain = {.family = VV_MATMUL_PLAIN};
    const bool texel = choice.family == VV_MATMUL_SUBGROUP_TEXEL;
    return (tuned && launch_variant(y, &p, tuned, limits, launch)) ||
           launch_variant(y, &p, &choice, limits, launch) ||
           (texel && launch_variant(y, &p, &buffer, limits, launch)) ||
           launch_variant(y, &p, &plain, limits, launch);
}
