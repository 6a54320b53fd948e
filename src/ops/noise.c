#include "noise.h"

#include "exact.h"
#include "launches.h"

// noise: eps ~ N(0, 1), a function of (seed, stream, step, first + row, column) alone. Its gradient is
// zero by nature.   clock -> f32 [rows, columns]   shaders/noise.comp
enum { ROWS, COLUMNS, SEED_LOW, SEED_HIGH, STREAM };

static bool noise_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *clock = y->in[0];
    y->type = VV_F32;
    y->shape = vv_shape2(y->attr.u[ROWS], y->attr.u[COLUMNS]);
    return vv_check_clock(t, y, clock);
}

static void noise_reference(const struct vv_node *y, const struct vv_operands *io) {
    const struct vv_clock *clock = io->in[0];
    const uint32_t *u = y->attr.u;
    vv_real *out = io->out;
    for (uint32_t r = 0; r < u[ROWS]; r++)
        for (uint32_t c = 0; c < u[COLUMNS]; c += 4) {
            vv_normals z =
                vv_normal4(c / 4, clock->first + r, clock->step, u[STREAM], u[SEED_LOW], u[SEED_HIGH]);
            float four[4] = {z.x, z.y, z.z, z.w};
            vv_real *at = out + (uint64_t)r * u[COLUMNS] + c;
            for (uint32_t i = 0; i < 4 && i < u[COLUMNS] - c; i++) at[i] = four[i];
        }
}

static bool noise_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch) {
    const uint32_t *u = y->attr.u;
    struct vv_args_noise args = {.rows = u[ROWS],
                                 .columns = u[COLUMNS],
                                 .seed_low = u[SEED_LOW],
                                 .seed_high = u[SEED_HIGH],
                                 .stream = u[STREAM]};
    uint64_t blocks = (uint64_t)u[ROWS] * ((u[COLUMNS] - 1) / 4 + 1);
    struct vv_dispatch *d = vv_launch_add(launch, "noise", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_bind(d, 0, VV_UNIFORM);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (blocks + VV_GROUP - 1) / VV_GROUP, limits);
}

const struct vv_op vv_op_noise = {.name = "noise",
                                  .arity = 1,
                                  .zero_gradient = true,
                                  .shape = noise_shape,
                                  .reference = noise_reference,
                                  .launch = noise_launch};

vv_ref vv_noise(struct vv_tape *t, vv_ref clock, uint32_t rows, uint32_t columns, uint64_t seed,
                uint32_t stream) {
    struct vv_attributes attr = {.u = {[ROWS] = rows,
                                       [COLUMNS] = columns,
                                       [SEED_LOW] = (uint32_t)seed,
                                       [SEED_HIGH] = (uint32_t)(seed >> 32),
                                       [STREAM] = stream}};
    return vv_append(t, &vv_op_noise, &clock, &attr);
}

float vv_noise_at(uint64_t seed, uint32_t stream, uint32_t step, uint32_t sample, uint32_t dimension) {
    vv_normals z =
        vv_normal4(dimension / 4, sample, step, stream, (uint32_t)seed, (uint32_t)(seed >> 32));
    float four[4] = {z.x, z.y, z.z, z.w};
    return four[dimension % 4];
}
