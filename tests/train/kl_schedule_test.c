// How the KL divergence is scheduled, against the papers' formulas; and training with each way of
// weighing it, on the device beside the reference.
#include "step.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "parts.h"
#include "schedule.h"

static void assert_near(double found, double expected) {
    if (!(fabs(found - expected) <= 1e-12 * (1 + fabs(expected))))
        fail_msg("%.17g, expected %.17g", found, expected);
}

static void weights_rise_as_asked_for(void **state) {
    (void)state;
    struct vv_settings s = small_settings();
    assert_near(vv_kl_schedule(&s, 0).weight, 1);
    assert_true(!vv_kl_is_weighed(&s) && !vv_kl_differs(&s) && !vv_kl_schedule(&s, 0).rising);
    s.beta = 4;
    assert_true(!vv_kl_is_weighed(&s) && vv_kl_differs(&s));
    assert_near(vv_kl_schedule(&s, 7).weight, 4);
    s.kl_warmup = 10;
    assert_true(vv_kl_is_weighed(&s));
    for (uint64_t t = 0; t < 30; t++) {
        assert_near(vv_kl_schedule(&s, t).weight, t < 10 ? 0.4 * (double)t : 4);
        assert_true(vv_kl_schedule(&s, t).rising == (t < 10));
    }
    // Fu et al. (2019), equation 6 with R = 1/2: from 0 in the first half of a cycle, then full.
    s.kl_warmup = 0;
    s.kl_cycle = 8;
    for (uint64_t t = 0; t < 40; t++)
        assert_near(vv_kl_schedule(&s, t).weight, 4 * fmin((double)(t % 8) / 4, 1));
    s.kl_cycle = 1;
    assert_near(vv_kl_schedule(&s, 5).weight, 0);  // a cycle of one step is only its beginning
}

static void the_capacity_grows_and_has_a_weight_of_its_own(void **state) {
    (void)state;
    struct vv_settings s = small_settings();
    s.capacity = 25;
    s.capacity_steps = 100;
    s.capacity_gamma = 30;
    for (uint64_t t = 0; t < 200; t++) {
        assert_near(vv_kl_schedule(&s, t).capacity, fmin(25 * (double)t / 100, 25));
        assert_near(vv_kl_schedule(&s, t).weight, 30);
    }
    s.capacity_steps = 0;
    assert_near(vv_kl_schedule(&s, 0).capacity, 25);
    const struct vv_kl_step step = {.weight = 2, .capacity = 5};
    s.free_bits = 1;
    assert_near(vv_kl_cost(&s, &step, (const float[]){0.5f, 3}, 2), 2);     // 2 |1 + 3 - 5|
    assert_near(vv_kl_cost(&s, &step, (const float[]){0.5f, 6.5f}, 2), 5);  // 2 |1 + 6.5 - 5|
}

// The table has what the schedule says, from the run's beginning on.
static void the_table_holds_the_schedule(void **state) {
    (void)state;
    struct vv_settings s = small_settings();
    const uint32_t steps = vv_schedule_steps(s.train_count, s.batch);
    struct vv_step_row rows[16];
    s.kl_warmup = 10;
    s.capacity = 3;
    s.capacity_steps = 9;
    for (uint32_t epoch = 0; epoch < 3; epoch++) {
        vv_schedule_fill(&s, epoch, 1, rows);
        for (uint32_t i = 0; i < steps; i++) {
            const struct vv_kl_step kl = vv_kl_schedule(&s, (uint64_t)epoch * steps + i);
            assert_true(rows[i].kl_weight == (float)kl.weight && rows[i].capacity == (float)kl.capacity);
        }
    }
}

// ---- Training ----

struct run {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_trainer trainer;
};

static void open_run(struct run *r, bool device, const struct vv_settings *settings) {
    memset(r, 0, sizeof *r);
    vv_context_init(&r->ctx);
    vv_store_init(&r->store, &r->ctx);
    r->exec = device ? vv_vulkan_create(&r->store, &(struct vv_vulkan_options){.validate = true,
                                                                               .minimum_limits = true})
                     : vv_reference_create(&r->store, NULL);
    if (!r->exec) fail_msg("%s", r->ctx.error);
    open_trainer(&r->trainer, r->exec, *settings);
}

static void close_run(struct run *r) {
    vv_trainer_finish(&r->trainer);
    vv_exec_destroy(r->exec);
    assert_string_equal(r->ctx.error, "");
    vv_store_finish(&r->store);
}

static float *read_flat(struct run *r, const struct vv_state *s) {
    float *values = malloc(s->bytes);
    assert_true(vv_exec_read(r->exec, s, 0, values, s->bytes));
    return values;
}

// The moments after three steps are linear in their gradients.
static void compare_moments(struct run *a, struct run *b) {
    float *p = read_flat(a, a->trainer.m), *q = read_flat(b, b->trainer.m);
    double largest = 0;
    for (uint64_t i = 0; i < a->trainer.model.length; i++) largest = fmax(largest, fabs((double)q[i]));
    for (uint64_t i = 0; i < a->trainer.model.length; i++)
        if (!(fabs((double)p[i] - (double)q[i]) <= 1e-5 * largest))
            fail_msg("element %llu: %.9g, reference %.9g", (unsigned long long)i, (double)p[i],
                     (double)q[i]);
    free(p);
    free(q);
}

static void objective_of(struct vv_settings *s, int which) {
    s->kl_warmup = which == 0 ? 4 : 0;
    s->kl_cycle = which == 1 ? 4 : 0;
    s->free_bits = which == 1 || which == 2 ? 0.02 : 0;
    s->capacity = which == 2 ? 0.05 : which == 3 ? 30 : 0;
    s->capacity_steps = 2;
    s->beta = which == 0 || which == 4 ? 4 : 1;
    s->samples = which == 0 || which == 5 ? 3 : 1;
    (void)snprintf(s->objective, sizeof s->objective, "%s", which == 6 ? "ae" : "vae");
}
enum { OBJECTIVES = 7 };

static void each_objective_agrees_with_the_reference(void **state) {
    (void)state;
    for (int which = 0; which < OBJECTIVES; which++) {
        struct vv_settings s = small_settings();
        struct run a, b;
        struct vv_losses x, y;
        objective_of(&s, which);
        open_run(&a, true, &s);
        open_run(&b, false, &s);
        run_steps(&a.trainer, 3);
        run_steps(&b.trainer, 3);
        compare_moments(&a, &b);
        const double c = a.trainer.position.partial.cost, d = b.trainer.position.partial.cost;
        assert_true(fabs(c - d) <= 1e-4 * fabs(d));
        assert_true((d > 0) == vv_kl_is_weighed(&s));
        assert_true(vv_trainer_test(&a.trainer, &x) && vv_trainer_test(&b.trainer, &y));
        assert_true(fabs(x.cost - y.cost) <= 1e-3 * fabs(y.cost));
        if (which == 6) assert_true(x.kl == 0 && x.cost == 0 && a.trainer.latents.count == 0);
        close_run(&a);
        close_run(&b);
    }
}

// What each latent says, added up, is the divergence that is reported; and who is active.
static void latents_are_counted(void **state) {
    (void)state;
    struct run r;
    struct vv_losses test;
    const struct vv_settings s = small_settings();
    const struct vv_hooks none = {0};
    open_run(&r, true, &s);
    for (int i = 0; i < 4; i++)
        assert_int_equal(vv_trainer_epoch(&r.trainer, &none, &test), VV_EPOCH_DONE);
    for (int again = 0; again < 2; again++) {  // the sums begin anew with each test
        assert_true(vv_trainer_test(&r.trainer, &test));
        double sum = 0;
        const struct vv_latents *l = &r.trainer.latents;
        for (uint32_t j = 0; j < l->count; j++) {
            assert_true(l->kl[j] > 0);
            sum += (double)l->kl[j];
        }
        assert_int_equal(l->count, s.latent);
        assert_true(fabs(sum - test.kl) <= 1e-5 * test.kl);
        assert_true(l->active <= l->count);
    }
    // A latent whose mu is a constant is dead, however far from 0 that is; one whose mu varies is
    // active.
    const struct vv_model *m = &r.trainer.model;
    float *flat = read_flat(&r, r.trainer.params);
    const uint64_t weight = m->block[2].offset, bias = m->block[3].offset, hidden = 33;
    for (uint64_t j = 0; j < s.latent; j++) {
        for (uint64_t i = 0; i < hidden; i++) flat[weight + j * hidden + i] *= j < 2 ? 0 : 30;
        if (j < 2) flat[bias + j] = 3;
    }
    assert_true(vv_exec_write(r.exec, r.trainer.params, 0, flat, r.trainer.params->bytes));
    assert_true(vv_trainer_test(&r.trainer, &test));
    assert_int_equal(r.trainer.latents.active, s.latent - 2);
    assert_true(r.trainer.latents.kl[0] > 4);
    free(flat);
    close_run(&r);
}

// A log-variance that no float has an exponential of: the step is sound, and training finds back.
static void a_huge_log_variance_is_survived(void **state) {
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        struct run r;
        struct vv_losses before, after;
        struct vv_settings s = small_settings();
        const struct vv_hooks none = {0};
        s.lr = 0.01;
        open_run(&r, true, &s);
        float bias = (float)sign * (sign > 0 ? 25.0f : 200.0f);
        const uint64_t at = 4 * (r.trainer.model.block[3].offset + s.latent);
        assert_true(vv_exec_write(r.exec, r.trainer.params, at, &bias, sizeof bias));
        assert_true(vv_trainer_test(&r.trainer, &before));
        assert_true(isfinite(before.recon + before.kl) && before.kl > (sign > 0 ? 1e9 : 10));
        for (int i = 0; i < 40; i++)
            assert_int_equal(vv_trainer_epoch(&r.trainer, &none, &after), VV_EPOCH_DONE);
        assert_true(vv_trainer_test(&r.trainer, &after));
        if (sign > 0) assert_true(after.kl < before.kl * 1e-2);
        bias = sign > 0 ? 1e30f : -1e30f;
        assert_true(vv_exec_write(r.exec, r.trainer.params, at, &bias, sizeof bias));
        assert_int_equal(vv_trainer_epoch(&r.trainer, &none, &after), VV_EPOCH_DONE);
        close_run(&r);
    }
}

// Said or not said.
static void one_draw_is_the_default(void **state) {
    (void)state;
    struct vv_settings s = small_settings();
    struct run runs[2];
    float *p[2];
    for (uint32_t i = 0; i < 2; i++) {
        s.samples = i;
        open_run(&runs[i], true, &s);
        run_steps(&runs[i].trainer, 3);
        p[i] = read_flat(&runs[i], runs[i].trainer.params);
    }
    assert_memory_equal(p[0], p[1], runs[0].trainer.params->bytes);
    for (uint32_t i = 0; i < 2; i++) {
        free(p[i]);
        close_run(&runs[i]);
    }
}

int main(void) {
    need_device();
    need_validation();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_rise_as_asked_for),
        cmocka_unit_test(the_capacity_grows_and_has_a_weight_of_its_own),
        cmocka_unit_test(the_table_holds_the_schedule),
        cmocka_unit_test(each_objective_agrees_with_the_reference),
        cmocka_unit_test(latents_are_counted),
        cmocka_unit_test(a_huge_log_variance_is_survived),
        cmocka_unit_test(one_draw_is_the_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
