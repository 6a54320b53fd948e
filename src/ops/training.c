#include "training.h"

#include <math.h>
#include <string.h>

#include "launches.h"

static bool check_type(struct vv_tape *t, const struct vv_node *y, uint32_t i, enum vv_type type,
                       uint32_t rank) {
    const struct vv_node *x = y->in[i];
    char text[VV_NODE_TEXT];
    if (x->type != type || x->shape.rank != rank)
        return vv_tape_fail(t, y, "%s should be %s of rank %u", vv_node_print(x, text),
                            vv_type_name(type), rank);
    return true;
}

// advance: the clock takes the table's next row.   clock, table [rows, VV_ROW_WORDS]

static bool advance_shape(struct vv_tape *t, vv_ref y) {
    return vv_check_clock(t, y, y->in[0]) && check_type(t, y, 1, VV_U32, 2);
}

static void advance_reference(const struct vv_node *y, const struct vv_operands *io) {
    struct vv_clock *clock = io->in[0];
    uint32_t rows = y->in[1]->shape.dim[0];
    if (clock->bad_step != VV_NO_BAD_STEP) return;
    clock->current = clock->next < rows ? clock->next : rows - 1;
    clock->next++;
    memcpy(&clock->first, (const uint32_t *)io->in[1] + (size_t)clock->current * VV_ROW_WORDS,
           sizeof(struct vv_step_row));
}

static bool advance_launch(const struct vv_node *y, const struct vv_limits *limits,
                           struct vv_launch *launch) {
    (void)limits;
    struct vv_args_rows args = {.rows = y->in[1]->shape.dim[0], .columns = VV_ROW_WORDS};
    struct vv_dispatch *d = vv_launch_add(launch, "advance", &args, sizeof args);
    vv_dispatch_spec(d, 1);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, 1, VV_STORAGE);
    return vv_dispatch_fold(d, 1, limits);
}

// The table's row is taken, and not the table.
static struct vv_cost advance_cost(const struct vv_node *y) {
    return (struct vv_cost){.bytes = 2 * vv_bytes(y->in[0]) + sizeof(struct vv_step_row)};
}

const struct vv_op vv_op_advance = {.name = "advance",
                                    .arity = 2,
                                    .writes = 1,
                                    .zero_gradient = true,
                                    .shape = advance_shape,
                                    .reference = advance_reference,
                                    .launch = advance_launch,
                                    .cost = advance_cost};

vv_ref vv_advance(struct vv_tape *t, vv_ref clock, vv_ref table) {
    return vv_append(t, &vv_op_advance, (const vv_ref[]){clock, table}, NULL);
}

// gather: x = data[order[first + r]], bytes / 255.   data u8 or f32 [N,D], order u32 [n], clock -> f32
// [rows,D]   shaders/gather.comp

static bool gather_shape(struct vv_tape *t, vv_ref y) {
    y->type = VV_F32;
    y->shape = vv_shape2(y->attr.u[0], y->in[0]->shape.dim[1]);
    const enum vv_type type = y->in[0]->type == VV_F32 ? VV_F32 : VV_U8;
    return check_type(t, y, 0, type, 2) && check_type(t, y, 1, VV_U32, 1) &&
           vv_check_clock(t, y, y->in[2]);
}

static void gather_reference(const struct vv_node *y, const struct vv_operands *io) {
    const unsigned char *bytes = io->in[0];
    const vv_real *reals = io->in[0];
    const bool is_real = y->in[0]->type == VV_F32;
    const uint32_t *order = io->in[1];
    const struct vv_clock *clock = io->in[2];
    vv_real *out = io->out;
    uint32_t count = y->in[0]->shape.dim[0], entries = y->in[1]->shape.dim[0], columns = y->shape.dim[1];
    const float scale = 1.0f / 255.0f;
    for (uint32_t r = 0; r < y->shape.dim[0]; r++) {
        uint64_t entry = (uint64_t)clock->first + r;
        uint32_t row = order[entry < entries ? entry : entries - 1];
        if (row >= count) row = count - 1;
        for (uint32_t c = 0; c < columns; c++) {
            const uint64_t from = (uint64_t)row * columns + c;
            out[(uint64_t)r * columns + c] =
                is_real ? reals[from] : (vv_real)((float)bytes[from] * scale);
        }
    }
}

static bool gather_launch(const struct vv_node *y, const struct vv_limits *limits,
                          struct vv_launch *launch) {
    struct vv_args_gather args = {.rows = y->shape.dim[0],
                                  .columns = y->shape.dim[1],
                                  .count = y->in[0]->shape.dim[0],
                                  .entries = y->in[1]->shape.dim[0]};
    const bool words = args.columns % 4 == 0 && vv_aligned(y->in[0], 4) && vv_aligned(y, 4);
    const char *by_words = vv_stores_int64(limits) ? "gather_rows_int64" : "gather_rows";
    struct vv_dispatch *d = vv_launch_add(launch, words ? by_words : "gather", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, y->in[0]->type == VV_F32);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, 1, VV_STORAGE);
    vv_dispatch_bind(d, 2, VV_UNIFORM);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    const uint64_t groups = words ? args.rows : (vv_count(y) + VV_GROUP - 1) / VV_GROUP;
    return vv_dispatch_fold(d, groups, limits);
}

// The batch's rows of the set, and not the set.
static struct vv_cost gather_cost(const struct vv_node *y) {
    const double rows = y->shape.dim[0], columns = y->shape.dim[1];
    return (struct vv_cost){
        .bytes = rows * (columns * vv_type_bytes(y->in[0]->type) + sizeof(uint32_t)) + vv_bytes(y)};
}

const struct vv_op vv_op_gather = {.name = "gather",
                                   .arity = 3,
                                   .zero_gradient = true,
                                   .shape = gather_shape,
                                   .reference = gather_reference,
                                   .launch = gather_launch,
                                   .cost = gather_cost};

vv_ref vv_gather(struct vv_tape *t, vv_ref data, vv_ref order, vv_ref clock, uint32_t rows) {
    return vv_append(t, &vv_op_gather, (const vv_ref[]){data, order, clock},
                     &(struct vv_attributes){.u = {rows}});
}

// guard: latches the step at which x holds a NaN, an infinity or more than its limit.   clock, x any f32

static bool guard_shape(struct vv_tape *t, vv_ref y) {
    char text[VV_NODE_TEXT];
    if (y->in[1]->type != VV_F32)
        return vv_tape_fail(t, y, "%s is no f32 tensor", vv_node_print(y->in[1], text));
    return vv_check_clock(t, y, y->in[0]);
}

static void guard_reference(const struct vv_node *y, const struct vv_operands *io) {
    struct vv_clock *clock = io->in[0];
    const vv_real *x = io->in[1];
    for (uint64_t i = 0; i < vv_count(y->in[1]); i++)
        if (!(fabs((double)x[i]) < y->attr.f[0]) && clock->step < clock->bad_step)
            clock->bad_step = clock->step;
}

static bool guard_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    uint64_t n = vv_count(y->in[1]);
    bool wide = n % 4 == 0 && vv_aligned(y->in[1], 4);
    // Few invocations, each of many elements: the answer is one word.
    const uint64_t most_groups = 64;
    struct vv_args_guard args = {.n = (uint32_t)(wide ? n / 4 : n)};
    const float limit = (float)y->attr.f[0];
    memcpy(&args.limit, &limit, sizeof limit);
    uint64_t groups = (args.n + VV_GROUP - 1) / VV_GROUP;
    const bool texels = wide && vv_loads_texels(y->in[1], limits);
    struct vv_dispatch *d = vv_launch_add(launch, texels ? "guard_texel" : "guard", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    if (!texels) vv_dispatch_spec(d, wide);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, 1, texels ? VV_IMAGE_VEC4 : VV_STORAGE);
    return vv_dispatch_fold(d, groups < most_groups ? groups : most_groups, limits);
}

// The clock is written only when something is wrong.
static struct vv_cost guard_cost(const struct vv_node *y) {
    return (struct vv_cost){.bytes = vv_bytes(y->in[1])};
}

const struct vv_op vv_op_guard = {.name = "guard",
                                  .arity = 2,
                                  .writes = 1,
                                  .zero_gradient = true,
                                  .shape = guard_shape,
                                  .reference = guard_reference,
                                  .launch = guard_launch,
                                  .cost = guard_cost};

vv_ref vv_guard(struct vv_tape *t, vv_ref clock, vv_ref x, double limit) {
    return vv_append(t, &vv_op_guard, (const vv_ref[]){clock, x}, &(struct vv_attributes){.f = {limit}});
}

// record: log[current] = sum of a, sum of b.   log f32 [rows,2], a, b f32 [n], clock

static bool record_shape(struct vv_tape *t, vv_ref y) {
    return check_type(t, y, 0, VV_F32, 2) &&
           vv_check_f32(t, y, 0, vv_shape2(y->in[0]->shape.dim[0], 2)) &&
           check_type(t, y, 1, VV_F32, 1) && vv_check_f32(t, y, 2, y->in[1]->shape) &&
           vv_check_clock(t, y, y->in[3]);
}

static void record_reference(const struct vv_node *y, const struct vv_operands *io) {
    vv_real *log = io->in[0];
    struct vv_clock *clock = io->in[3];
    double sum[2] = {0, 0};
    for (uint32_t k = 0; k < 2; k++)
        for (uint64_t i = 0; i < vv_count(y->in[1]); i++) {
            const double value = (double)((const vv_real *)io->in[1 + k])[i];
            if (y->attr.u[0] && !(fabs(value) < INFINITY) && clock->step < clock->bad_step)
                clock->bad_step = clock->step;
            sum[k] += value;
        }
    for (uint32_t k = 0; k < 2; k++)
        if (y->attr.u[0] && !(fabs((double)(vv_real)sum[k]) < INFINITY) && clock->step < clock->bad_step)
            clock->bad_step = clock->step;
    if (clock->bad_step != VV_NO_BAD_STEP || clock->current >= y->in[0]->shape.dim[0]) return;
    for (uint32_t k = 0; k < 2; k++) log[(uint64_t)clock->current * 2 + k] = (vv_real)sum[k];
}

static bool record_launch(const struct vv_node *y, const struct vv_limits *limits,
                          struct vv_launch *launch) {
    struct vv_args_record args = {.n = (uint32_t)vv_count(y->in[1]), .rows = y->in[0]->shape.dim[0]};
    struct vv_dispatch *d = vv_launch_add(launch, "record", &args, sizeof args);
    vv_dispatch_spec(d, vv_row_group(args.n, limits));
    vv_dispatch_spec(d, y->attr.u[0]);
    for (uint32_t i = 0; i < 4; i++) vv_dispatch_bind(d, i, VV_STORAGE);
    return vv_dispatch_fold(d, 1, limits);
}

// One row of the log is written; the clock is only read.
static struct vv_cost record_cost(const struct vv_node *y) {
    return (struct vv_cost){.bytes = vv_bytes(y->in[1]) + vv_bytes(y->in[2]) + 2 * sizeof(float)};
}

const struct vv_op vv_op_record = {.name = "record",
                                   .arity = 4,
                                   .writes = 1 | 1 << 3,
                                   .zero_gradient = true,
                                   .shape = record_shape,
                                   .reference = record_reference,
                                   .launch = record_launch,
                                   .cost = record_cost};

vv_ref vv_record(struct vv_tape *t, vv_ref log, vv_ref a, vv_ref b, vv_ref clock, bool guarded) {
    return vv_append(t, &vv_op_record, (const vv_ref[]){log, a, b, clock},
                     &(struct vv_attributes){.u = {guarded}});
}
