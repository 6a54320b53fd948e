#include "random.h"

#include "exact_augment.h"
#include "launches.h"

// dropout: y = x scale where the element's word is not below `least`, else 0.   x, y: f32 [B,..], clock
// shaders/dropout.comp. attr.u, attr.f:
enum { LEAST, DROPOUT_STREAM, DROPOUT_SEED_LOW, DROPOUT_SEED_HIGH };
enum { SCALE };

static bool dropout_shape(struct vv_tape *t, vv_ref y) {
    char text[VV_NODE_TEXT];
    if (y->in[0]->type != VV_F32)
        return vv_tape_fail(t, y, "%s is no f32 tensor", vv_node_print(y->in[0], text));
    y->type = VV_F32;
    y->shape = y->in[0]->shape;
    return vv_check_clock(t, y, y->in[1]);
}

static void dropout_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *x = io->in[0];
    const struct vv_clock *clock = io->in[1];
    const uint32_t *u = y->attr.u, rows = y->shape.dim[0], columns = (uint32_t)(vv_count(y) / rows);
    const vv_real scale = (vv_real)(float)y->attr.f[SCALE];
    vv_real *out = io->out;
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < columns; c += 4) {
            const vv_words w = vv_random4(c / 4, clock->first + r, clock->step, u[DROPOUT_STREAM],
                                          u[DROPOUT_SEED_LOW], u[DROPOUT_SEED_HIGH]);
            const vv_word four[4] = {w.x, w.y, w.z, w.w};
            const uint64_t at = (uint64_t)r * columns + c;
            for (uint32_t i = 0; i < 4 && i < columns - c; i++)
                out[at + i] = four[i] < u[LEAST] ? 0 : x[at + i] * scale;
        }
}

static bool dropout_launch(const struct vv_node *y, const struct vv_limits *limits,
                           struct vv_launch *launch) {
    const uint32_t *u = y->attr.u, rows = y->shape.dim[0];
    struct vv_args_dropout args = {.rows = rows,
                                   .columns = (uint32_t)(vv_count(y) / rows),
                                   .seed_low = u[DROPOUT_SEED_LOW],
                                   .seed_high = u[DROPOUT_SEED_HIGH],
                                   .stream = u[DROPOUT_STREAM],
                                   .least = u[LEAST],
                                   .scale = (float)y->attr.f[SCALE]};
    const bool wide = args.columns % 4 == 0 && vv_aligned(y->in[0], 4) && vv_aligned(y, 4);
    const uint64_t blocks = (uint64_t)rows * ((args.columns - 1) / 4 + 1);
    struct vv_dispatch *d = vv_launch_add(launch, "dropout", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, wide);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, 1, VV_UNIFORM);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (blocks + VV_GROUP - 1) / VV_GROUP, limits);
}

// The mask is drawn again rather than kept.
static void dropout_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    dx[0] = vv_append(t, &vv_op_dropout, (const vv_ref[]){dy, y->in[1]}, &y->attr);
}

const struct vv_op vv_op_dropout = {.name = "dropout",
                                    .arity = 2,
                                    .shape = dropout_shape,
                                    .vjp = dropout_vjp,
                                    .reference = dropout_reference,
                                    .launch = dropout_launch};

vv_ref vv_dropout(struct vv_tape *t, vv_ref x, vv_ref clock, double p, uint64_t seed, uint32_t layer) {
    assert(p >= 0 && p < 1 && layer < 1u << 24);
    const struct vv_attributes attr = {.u = {[LEAST] = (uint32_t)(p * 4294967296.0),
                                             [DROPOUT_STREAM] = VV_STREAM_DROPOUT + 256 * layer,
                                             [DROPOUT_SEED_LOW] = (uint32_t)seed,
                                             [DROPOUT_SEED_HIGH] = (uint32_t)(seed >> 32)},
                                       .f = {[SCALE] = 1 / (1 - p)}};
    return vv_append(t, &vv_op_dropout, (const vv_ref[]){x, clock}, &attr);
}

// augmented: pictures flipped, shifted, brightened, with noise.   x, y: f32 [B, H W C], clock
// shaders/augmented.comp. attr.u, attr.f:
enum { HEIGHT, WIDTH, CHANNELS, SHIFT_AND_FLIPS, SEED_LOW, SEED_HIGH };
enum { BRIGHTNESS, CONTRAST, NOISE };

static bool augmented_shape(struct vv_tape *t, vv_ref y) {
    const uint32_t *u = y->attr.u;
    const struct vv_node *x = y->in[0];
    char text[VV_NODE_TEXT];
    if (x->type != VV_F32 || x->shape.rank != 2 ||
        (double)u[HEIGHT] * u[WIDTH] * u[CHANNELS] != x->shape.dim[1])
        return vv_tape_fail(t, y, "%s does not hold pictures of %u x %u x %u", vv_node_print(x, text),
                            u[HEIGHT], u[WIDTH], u[CHANNELS]);
    y->type = VV_F32;
    y->shape = x->shape;
    return vv_check_clock(t, y, y->in[1]);
}

static struct vv_args_augment augment_args(const struct vv_node *y) {
    const uint32_t *u = y->attr.u;
    const double *f = y->attr.f;
    return (struct vv_args_augment){.rows = y->shape.dim[0],
                                    .height = u[HEIGHT],
                                    .width = u[WIDTH],
                                    .channels = u[CHANNELS],
                                    .seed_low = u[SEED_LOW],
                                    .seed_high = u[SEED_HIGH],
                                    .flips = u[SHIFT_AND_FLIPS] & 3,
                                    .shift = u[SHIFT_AND_FLIPS] >> 2,
                                    .brightness = (float)f[BRIGHTNESS],
                                    .contrast = (float)f[CONTRAST],
                                    .noise = (float)f[NOISE]};
}

// Whether values are changed, too, and not only their places.
static bool changes_values(const struct vv_args_augment *args) {
    return args->brightness > 0 || args->contrast > 0 || args->noise > 0;
}

// What is added to element d.
static float noise_of(const struct vv_args_augment *args, const struct vv_clock *now, uint32_t sample,
                      uint32_t d) {
    const vv_normals z =
        vv_normal4(d / 4, sample, now->step, VV_STREAM_AUGMENT_NOISE, args->seed_low, args->seed_high);
    const float four[4] = {z.x, z.y, z.z, z.w};
    return vv_scaled(four[d % 4], args->noise);
}

static void augmented_reference(const struct vv_node *y, const struct vv_operands *io) {
    const struct vv_args_augment args = augment_args(y);
    const struct vv_clock *now = io->in[1];
    const uint32_t row = args.width * args.channels, size = args.height * row;
    for (uint32_t r = 0; r < args.rows; r++) {
        const vv_change change = vv_draw_change(args, now->first + r, now->step);
        const vv_real *x = (const vv_real *)io->in[0] + (uint64_t)r * size;
        vv_real *out = (vv_real *)io->out + (uint64_t)r * size;
        for (uint32_t d = 0; d < size; d++) {
            const uint32_t i = vv_source(d / row, change.down, args.height, change.flips >> 1 & 1),
                           j = vv_source(d % row / args.channels, change.right, args.width,
                                         change.flips & 1);
            const float v = (float)x[i * row + j * args.channels + d % args.channels];
            const float noise = args.noise > 0 ? noise_of(&args, now, now->first + r, d) : 0;
            out[d] =
                (vv_real)(changes_values(&args) ? vv_changed(v, change.scale, change.shift, noise) : v);
        }
    }
}

static bool augmented_launch(const struct vv_node *y, const struct vv_limits *limits,
                             struct vv_launch *launch) {
    const struct vv_args_augment args = augment_args(y);
    struct vv_dispatch *d = vv_launch_add(launch, "augmented", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_spec(d, changes_values(&args));
    vv_dispatch_spec(d, args.noise > 0);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, 1, VV_UNIFORM);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, args.rows, limits);
}

const struct vv_op vv_op_augmented = {.name = "augmented",
                                      .arity = 2,
                                      .zero_gradient = true,
                                      .shape = augmented_shape,
                                      .reference = augmented_reference,
                                      .launch = augmented_launch};

vv_ref vv_augmented(struct vv_tape *t, vv_ref x, vv_ref clock, uint32_t height, uint32_t width,
                    uint32_t channels, const struct vv_augment *augment, uint64_t seed) {
    assert(augment->shift <= VV_AUGMENT_MAX_SHIFT);
    const uint32_t flips = (uint32_t)augment->flip | (uint32_t)augment->vertical_flip << 1;
    const struct vv_attributes attr = {.u = {[HEIGHT] = height,
                                             [WIDTH] = width,
                                             [CHANNELS] = channels,
                                             [SHIFT_AND_FLIPS] = augment->shift << 2 | flips,
                                             [SEED_LOW] = (uint32_t)seed,
                                             [SEED_HIGH] = (uint32_t)(seed >> 32)},
                                       .f = {[BRIGHTNESS] = (double)augment->brightness,
                                             [CONTRAST] = (double)augment->contrast,
                                             [NOISE] = (double)augment->noise}};
    return vv_append(t, &vv_op_augmented, (const vv_ref[]){x, clock}, &attr);
}

// binarized: 1 with chance x, else 0.   x, y: f32 [B,D], clock
// shaders/binarized.comp. attr.u:
enum { BINARIZE_SEED_LOW, BINARIZE_SEED_HIGH };

static bool binarized_shape(struct vv_tape *t, vv_ref y) {
    char text[VV_NODE_TEXT];
    if (y->in[0]->type != VV_F32)
        return vv_tape_fail(t, y, "%s is no f32 tensor", vv_node_print(y->in[0], text));
    y->type = VV_F32;
    y->shape = y->in[0]->shape;
    return vv_check_clock(t, y, y->in[1]);
}

static void binarized_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *x = io->in[0];
    const struct vv_clock *now = io->in[1];
    const uint32_t *u = y->attr.u, rows = y->shape.dim[0], columns = (uint32_t)(vv_count(y) / rows);
    vv_real *out = io->out;
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < columns; c += 4) {
            const vv_words w = vv_random4(c / 4, now->first + r, now->step, VV_STREAM_BINARIZE_STEP,
                                          u[BINARIZE_SEED_LOW], u[BINARIZE_SEED_HIGH]);
            const vv_word four[4] = {w.x, w.y, w.z, w.w};
            const uint64_t at = (uint64_t)r * columns + c;
            for (uint32_t i = 0; i < 4 && i < columns - c; i++)
                out[at + i] = vv_uniform(four[i]) < (float)x[at + i];
        }
}

static bool binarized_launch(const struct vv_node *y, const struct vv_limits *limits,
                             struct vv_launch *launch) {
    const uint32_t rows = y->shape.dim[0];
    const struct vv_args_noise args = {.rows = rows,
                                       .columns = (uint32_t)(vv_count(y) / rows),
                                       .seed_low = y->attr.u[BINARIZE_SEED_LOW],
                                       .seed_high = y->attr.u[BINARIZE_SEED_HIGH],
                                       .stream = VV_STREAM_BINARIZE_STEP};
    const uint64_t blocks = (uint64_t)rows * ((args.columns - 1) / 4 + 1);
    struct vv_dispatch *d = vv_launch_add(launch, "binarized", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, 1, VV_UNIFORM);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (blocks + VV_GROUP - 1) / VV_GROUP, limits);
}

const struct vv_op vv_op_binarized = {.name = "binarized",
                                      .arity = 2,
                                      .zero_gradient = true,
                                      .shape = binarized_shape,
                                      .reference = binarized_reference,
                                      .launch = binarized_launch};

vv_ref vv_binarized(struct vv_tape *t, vv_ref x, vv_ref clock, uint64_t seed) {
    const struct vv_attributes attr = {
        .u = {[BINARIZE_SEED_LOW] = (uint32_t)seed, [BINARIZE_SEED_HIGH] = (uint32_t)(seed >> 32)}};
    return vv_append(t, &vv_op_binarized, (const vv_ref[]){x, clock}, &attr);
}
