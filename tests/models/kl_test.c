// What is minimised where the KL divergence is weighed, bounded from below, held at a capacity or left
// out, and where z is drawn several times: in double, against its formula computed here from the
// encoder's numbers, and its gradient with respect to every parameter by central differences.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "cases.h"
#include "elementwise.h"
#include "exec.h"
#include "objective.h"

enum { BLOCKS = 8, BATCH = 4, PIXELS = 9, HIDDEN = 6, LATENT = 3, MOST_DRAWS = 3, STEPS = 5, STEP = 2 };

// What is minimised: mean recon + w |sum of max(free, K_j) - C|; `constant`: with the weight beta = w
// in the tape.
struct rule {
    double weight, free, capacity;
    bool constant, autoencoder;
    uint32_t draws;
};

struct world {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_tape t;
    struct vv_exec *exec;
    struct vv_model model;
    struct vv_weights weights;
    struct vv_state *x, *eps, *clock, *kl_weights, *log;
    struct vv_kl_rule kl;
    struct vv_elbo elbo;
    vv_ref recon, kl_node, grad[BLOCKS];
    struct vv_program *program;
    struct rule rule;
    double *flat, eps_values[BATCH * MOST_DRAWS * LATENT];
};

static void fill(struct world *w, struct vv_state *s, double *values, bool picture) {
    uint32_t seed = 11 + s->index;
    for (uint64_t i = 0; i < s->bytes / sizeof *values; i++) {
        const double v = random_normal(&seed);
        values[i] = picture ? 1 / (1 + exp(-2 * v)) : v;
    }
    assert_true(vv_exec_write(w->exec, s, 0, values, s->bytes));
}

static void add_states(struct world *w) {
    assert_true(vv_weights_add(&w->store, &w->model, &w->weights));
    w->x = vv_store_add(&w->store, "x", VV_F32, vv_shape2(BATCH, PIXELS));
    w->eps = vv_store_add(&w->store, "eps", VV_F32, vv_shape2(BATCH * w->rule.draws, LATENT));
    w->clock = vv_store_add(&w->store, "clock", VV_U32, vv_shape1(VV_CLOCK_WORDS));
    w->kl_weights = vv_store_add(&w->store, "kl.weights", VV_F32, vv_shape2(1, LATENT));
    w->log = vv_store_add(&w->store, "kl.log", VV_F32, vv_shape1(STEPS));
}

static void fill_states(struct world *w) {
    double pictures[BATCH * PIXELS];
    const struct vv_clock clock = {.current = STEP,
                                   .bad_step = VV_NO_BAD_STEP,
                                   .kl_weight = (float)w->rule.weight,
                                   .capacity = (float)w->rule.capacity};
    assert_true(vv_exec_write(w->exec, w->clock, 0, &clock, sizeof clock));
    fill(w, w->x, pictures, true);
    fill(w, w->eps, w->eps_values, false);
    float *initial = calloc(w->model.length, sizeof *initial);
    w->flat = calloc(w->model.length, sizeof *w->flat);
    vv_model_initialise(&w->model, 42, initial);
    for (uint64_t i = 0; i < w->model.length; i++) w->flat[i] = 2 * (double)initial[i];
    free(initial);
}

static void open_world(struct world *w, const struct rule *rule) {
    static const struct vv_model_size size = {
        .pixels = PIXELS, .latent = LATENT, .layers = 1, .hidden = {HIDDEN}, .activation = "tanh"};
    *w = (struct world){.rule = *rule};
    vv_context_init(&w->ctx);
    vv_store_init(&w->store, &w->ctx);
    vv_tape_init(&w->t, &w->store, "objective");
    w->exec = vv_reference_create(&w->store, &(struct vv_reference_options){.check = true});
    assert_true(vv_model_make(&w->ctx, "mlp", size, &w->model) && w->model.block_count <= BLOCKS);
    add_states(w);
    struct vv_pass pass;
    assert_true(vv_pass_begin(&pass, &w->t, &w->model, &w->weights));
    w->kl = (struct vv_kl_rule){.beta = rule->weight, .free = rule->free};
    if (!rule->constant) w->kl.weights = w->kl_weights, w->kl.log = w->log;
    pass.kl = &w->kl;
    pass.clock = vv_use(&w->t, w->clock);
    vv_ref eps = rule->autoencoder ? NULL : vv_use(&w->t, w->eps);
    w->elbo = vv_elbo_append_with_gradient(&pass, vv_use(&w->t, w->x), eps, w->grad);
    w->elbo.head->keep = true;
    // Views cannot be kept.
    w->recon = vv_affine(&w->t, w->elbo.recon, 1, 0);
    w->kl_node = vv_affine(&w->t, w->elbo.kl, 1, 0);
    w->recon->keep = w->kl_node->keep = true;
    for (uint32_t i = 0; i < w->model.block_count; i++) {
        w->grad[i] = vv_affine(&w->t, w->grad[i], 1, 0);
        w->grad[i]->keep = true;
    }
    w->program = vv_exec_compile(w->exec, &w->t);
    if (!w->program) fail_msg("%s", w->ctx.error);
    fill_states(w);
}

static void close_world(struct world *w) {
    vv_program_destroy(w->exec, w->program);
    vv_tape_finish(&w->t);
    vv_exec_destroy(w->exec);
    vv_store_finish(&w->store);
    vv_model_finish(&w->model);
    free(w->flat);
}

// K_j: means over the batch, from the encoder's numbers.
static void latent_kls(const double *head, double kl[LATENT]) {
    for (uint32_t j = 0; j < LATENT; j++) {
        kl[j] = 0;
        for (uint32_t b = 0; b < BATCH; b++) {
            const double mu = head[b * 2 * LATENT + j], logvar = head[(b * 2 + 1) * LATENT + j];
            kl[j] += (mu * mu + exp(logvar) - 1 - logvar) / 2 / BATCH;
        }
    }
}

static double cost_of(const struct rule *rule, const double kl[LATENT]) {
    double held = 0;
    if (rule->autoencoder) return 0;
    for (uint32_t j = 0; j < LATENT; j++) held += fmax(rule->free, kl[j]);
    return rule->weight * fabs(held - rule->capacity);
}

static double run(struct world *w, double kl[LATENT], double *recon) {
    double rows[BATCH], head[BATCH * 2 * LATENT];
    assert_true(vv_exec_write(w->exec, w->weights.params, 0, w->flat, w->weights.params->bytes));
    if (!vv_exec_submit(w->exec, w->program, 1)) fail_msg("%s", w->ctx.error);
    assert_true(vv_exec_read_node(w->exec, w->program, w->recon, rows));
    assert_true(vv_exec_read_node(w->exec, w->program, w->elbo.head, head));
    latent_kls(head, kl);
    *recon = 0;
    for (uint32_t b = 0; b < BATCH; b++) *recon += rows[b] / BATCH;
    return *recon + cost_of(&w->rule, kl);
}

static void check_gradient(struct world *w) {
    double kl[LATENT], recon;
    for (uint32_t b = 0; b < w->model.block_count; b++) {
        const uint64_t n = vv_shape_count(w->model.block[b].shape);
        double *gradient = calloc(n, sizeof *gradient);
        (void)run(w, kl, &recon);
        assert_true(vv_exec_read_node(w->exec, w->program, w->grad[b], gradient));
        for (uint64_t i = 0; i < n; i++) {
            double *p = &w->flat[w->model.block[b].offset + i];
            const double kept = *p, h = 1e-6;
            *p = kept + h;
            const double above = run(w, kl, &recon);
            *p = kept - h;
            const double expected = (above - run(w, kl, &recon)) / (2 * h);
            *p = kept;
            if (!(fabs(gradient[i] - expected) <= 1e-7 + 1e-6 * fabs(expected)))
                fail_msg("block %u, element %llu: %.12g, by differences %.12g", b, (unsigned long long)i,
                         gradient[i], expected);
        }
        free(gradient);
    }
}

// What is reported stays recon and the divergence as they are.
static void check_reports(struct world *w) {
    double kl[LATENT], recon, rows[BATCH], sum = 0, log[STEPS];
    (void)run(w, kl, &recon);
    assert_true(vv_exec_read_node(w->exec, w->program, w->kl_node, rows));
    for (uint32_t b = 0; b < BATCH; b++) sum += rows[b] / BATCH;
    const double whole = w->rule.autoencoder ? 0 : kl[0] + kl[1] + kl[2];
    assert_true(fabs(sum - whole) < 1e-12);
    if (w->rule.constant || w->rule.autoencoder) return;
    assert_true(vv_exec_read(w->exec, w->log, 0, log, sizeof log));
    assert_true(fabs(log[STEP] - BATCH * cost_of(&w->rule, kl)) < 1e-9);
}

static void check_rule(const struct rule *rule) {
    struct world w;
    open_world(&w, rule);
    check_reports(&w);
    check_gradient(&w);
    close_world(&w);
}

static void weights_are_those_of_the_objective(void **state) {
    (void)state;
    static const struct rule rules[] = {
        {.weight = 1, .constant = true, .draws = 1},
        {.weight = 4, .constant = true, .draws = 1},
        {.weight = 0, .constant = true, .draws = 1},
        {.weight = 4, .constant = true, .draws = 3},
        {.weight = 0.25, .draws = 1},
        {.weight = 0, .draws = 1},
        {.weight = 2, .draws = 3},
        {.weight = 1, .autoencoder = true, .draws = 1},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) check_rule(&rules[i]);
}

// Between the second and the third of the latents' own, so that some are above and some below.
static void a_latent_below_its_free_bits_has_no_gradient(void **state) {
    (void)state;
    struct world w;
    struct rule rule = {.weight = 0.5, .draws = 1};
    double kl[LATENT], recon, weights[LATENT], least = INFINITY, most = 0;
    open_world(&w, &rule);
    (void)run(&w, kl, &recon);
    close_world(&w);
    for (uint32_t j = 0; j < LATENT; j++) least = fmin(least, kl[j]), most = fmax(most, kl[j]);
    rule.free = (float)((least + most) / 2);
    open_world(&w, &rule);
    (void)run(&w, kl, &recon);
    assert_true(vv_exec_read(w.exec, w.kl_weights, 0, weights, sizeof weights));
    uint32_t below = 0;
    for (uint32_t j = 0; j < LATENT; j++) {
        assert_true(weights[j] == (kl[j] < rule.free ? 0 : 0.5 / BATCH));
        below += kl[j] < rule.free;
    }
    assert_true(below > 0 && below < LATENT);
    check_reports(&w);
    check_gradient(&w);
    close_world(&w);
    rule.draws = 2;
    check_rule(&rule);
}

static void a_capacity_is_neared_from_both_sides(void **state) {
    (void)state;
    struct world w;
    struct rule rule = {.weight = 3, .draws = 1};
    double kl[LATENT], recon, weights[LATENT];
    open_world(&w, &rule);
    (void)run(&w, kl, &recon);
    close_world(&w);
    const double whole = kl[0] + kl[1] + kl[2];
    for (int above = 0; above < 2; above++) {
        rule.capacity = (float)(above ? 2 * whole : whole / 2);
        check_rule(&rule);
        open_world(&w, &rule);
        (void)run(&w, kl, &recon);
        assert_true(vv_exec_read(w.exec, w.kl_weights, 0, weights, sizeof weights));
        for (uint32_t j = 0; j < LATENT; j++) assert_true(weights[j] == (above ? -1 : 1) * 3.0 / BATCH);
        close_world(&w);
    }
    rule.free = (float)(whole / 3);
    check_rule(&rule);
}

// Three draws are the mean of three models with one each.
static void draws_are_averaged(void **state) {
    (void)state;
    struct world w;
    double kl[LATENT], recon, sum = 0, draws[BATCH * MOST_DRAWS * LATENT], one[BATCH * LATENT];
    open_world(&w, &(struct rule){.weight = 1, .constant = true, .draws = MOST_DRAWS});
    const double together = run(&w, kl, &recon);
    memcpy(draws, w.eps_values, sizeof draws);
    close_world(&w);
    for (uint32_t d = 0; d < MOST_DRAWS; d++) {
        open_world(&w, &(struct rule){.weight = 1, .constant = true, .draws = 1});
        for (uint32_t b = 0; b < BATCH; b++)
            memcpy(one + b * LATENT, draws + (b * MOST_DRAWS + d) * LATENT, LATENT * sizeof *one);
        assert_true(vv_exec_write(w.exec, w.eps, 0, one, sizeof one));
        sum += run(&w, kl, &recon);
        close_world(&w);
    }
    assert_true(fabs(together - sum / MOST_DRAWS) < 1e-12 * sum);
}

// Where memory ran out in between: what follows is appended to nothing, and harmless.
static void what_follows_a_failure_is_harmless(void **state) {
    struct world w;
    (void)state;
    open_world(&w, &(struct rule){.weight = 1, .constant = true, .draws = MOST_DRAWS});
    for (int failing = 0; failing < 2; failing++) {
        struct vv_tape t;
        struct vv_pass pass;
        vv_ref grad[BLOCKS];
        vv_tape_init(&t, &w.store, "failed");
        assert_true(vv_pass_begin(&pass, &t, &w.model, &w.weights));
        pass.kl = &w.kl;
        t.failed = failing == 0;
        vv_ref x = vv_use(&t, w.x);
        t.failed = true;
        vv_ref eps = vv_use(&t, w.eps);
        (void)vv_elbo_append(&pass, x, eps);
        (void)vv_elbo_append_with_gradient(&pass, x, eps, grad);
        assert_true(t.failed);
        assert_int_equal(t.dummy.shape.dim[0], 1);
        vv_tape_finish(&t);
    }
    close_world(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_those_of_the_objective),
        cmocka_unit_test(a_latent_below_its_free_bits_has_no_gradient),
        cmocka_unit_test(a_capacity_is_neared_from_both_sides),
        cmocka_unit_test(draws_are_averaged),
        cmocka_unit_test(what_follows_a_failure_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
