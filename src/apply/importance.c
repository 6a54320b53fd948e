#include "importance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "elementwise.h"
#include "exact_gaussian.h"
#include "gaussian.h"
#include "likelihood.h"
#include "noise.h"
#include "reduce.h"
#include "size.h"
#include "training.h"
#include "view.h"

static bool add_states(struct vv_importance *s) {
    struct vv_store *store = s->exec->store;
    struct vv_context *ctx = s->exec->ctx;
    const uint32_t columns = s->pixels > 2 * s->latent ? s->pixels : 2 * s->latent;
    s->x = vv_store_add(store, "importance.x", VV_F32, vv_shape2(s->rows, s->pixels));
    s->head = vv_store_add(store, "importance.head", VV_F32, vv_shape2(s->rows, 2 * s->latent));
    s->clock = vv_store_add(store, "importance.clock", VV_U32, vv_shape1(VV_CLOCK_WORDS));
    s->repeated = vv_alloc(ctx, (uint64_t)s->rows * columns, sizeof *s->repeated);
    s->costs = vv_alloc(ctx, s->rows, sizeof *s->costs);
    return s->x && s->head && s->clock && s->repeated && s->costs;
}

// With z = mu + e^(logvar / 2) eps, log p(z) - log q(z|x) is the sum of (eps^2 - z^2 + logvar) / 2: all
// but logvar, which is the same for all draws, is counted here.   -> [rows,1]
static vv_ref append_cost(struct vv_importance *s, struct vv_pass *pass, uint64_t seed) {
    struct vv_tape *t = &s->tape;
    const struct vv_shape column = vv_shape2(s->rows, 1);
    vv_ref eps = vv_noise(t, vv_use(t, s->clock), s->rows, s->latent, seed,
                          VV_STREAM_IMPORTANCE);               // [rows,latent]
    vv_ref z = vv_reparameterise(t, vv_use(t, s->head), eps);  // [rows,latent]
    vv_ref out = pass->model->decode(pass, z);                 // [rows,pixels outputs]
    vv_ref recon = vv_likelihood_of(pass->model)->fit(pass, out, vv_use(t, s->x), 0).recon;  // [rows]
    vv_ref squares = vv_add(t, vv_square(t, z), vv_affine(t, vv_square(t, eps), -1, 0));
    vv_ref prior = vv_affine(t, vv_sum_to(t, squares, column), 0.5, 0);
    return vv_name(t, vv_add(t, vv_view(t, recon, 0, column), prior), "cost");
}

bool vv_importance_init(struct vv_importance *s, struct vv_exec *exec, const struct vv_model *model,
                        const struct vv_weights *weights, uint32_t rows, uint64_t seed) {
    *s = (struct vv_importance){
        .exec = exec, .rows = rows, .pixels = model->size.pixels, .latent = model->size.latent};
    struct vv_pass pass;
    vv_tape_init(&s->tape, exec->store, "importance");
    if (!add_states(s) || !vv_pass_begin(&pass, &s->tape, model, weights)) return false;
    s->cost = append_cost(s, &pass, seed);
    s->cost->keep = true;
    s->program = vv_exec_compile(exec, &s->tape);
    return s->program != NULL;
}

// The same row in each of a state.
static bool repeat(struct vv_importance *s, const struct vv_state *state, const float *row,
                   uint32_t columns) {
    for (uint64_t i = 0; i < s->rows; i++) memcpy(s->repeated + i * columns, row, columns * sizeof *row);
    return vv_exec_write(s->exec, state, 0, s->repeated, state->bytes);
}

static bool weigh(struct vv_importance *s, uint32_t picture, uint32_t first, uint32_t count,
                  double constant, double *log_weights) {
    const struct vv_clock clock = {.bad_step = VV_NO_BAD_STEP, .step = picture, .first = first};
    if (!vv_exec_write(s->exec, s->clock, 0, &clock, sizeof clock) ||
        !vv_exec_submit_parts(s->exec, s->program, VV_ALL_PARTS) ||
        !vv_exec_read_node(s->exec, s->program, s->cost, s->costs))
        return false;
    for (uint32_t i = 0; i < count; i++) log_weights[i] = constant - (double)s->costs[i];
    return true;
}

bool vv_importance_run(struct vv_importance *s, const float *x, const float *head, uint32_t picture,
                       uint32_t count, double *log_weights) {
    double constant = 0;
    for (uint32_t k = 0; k < s->latent; k++) constant += (double)vv_logvar(head[s->latent + k]) / 2;
    if (!repeat(s, s->x, x, s->pixels) || !repeat(s, s->head, head, 2 * s->latent)) return false;
    for (uint32_t first = 0; first < count; first += s->rows) {
        const uint32_t n = count - first < s->rows ? count - first : s->rows;
        if (!weigh(s, picture, first, n, constant, log_weights + first)) return false;
    }
    return true;
}

void vv_importance_finish(struct vv_importance *s) {
    if (s->exec) vv_program_destroy(s->exec, s->program);
    vv_tape_finish(&s->tape);
    free(s->repeated);
    free(s->costs);
    *s = (struct vv_importance){0};
}

struct vv_weighing vv_weigh(const double *log_weights, uint32_t count) {
    double most = log_weights[0], sum = 0, squares = 0, logs = 0;
    for (uint32_t i = 1; i < count; i++)
        if (log_weights[i] > most) most = log_weights[i];
    for (uint32_t i = 0; i < count; i++) {
        const double w = exp(log_weights[i] - most);
        sum += w;
        squares += w * w;
        logs += log_weights[i];
    }
    const double mean = sum / count;
    double around = 0;
    for (uint32_t i = 0; i < count; i++) {
        const double d = exp(log_weights[i] - most) - mean;
        around += d * d;
    }
    return (struct vv_weighing){.log_mean = most + log(mean),
                                .error = count > 1 ? sqrt(around / (count - 1.0) / count) / mean
                                                   : (double)NAN,
                                .mean_log = logs / count,
                                .effective = sum * sum / squares};
}
