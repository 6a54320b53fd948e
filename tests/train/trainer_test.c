// Whole training steps: the device against the reference, the latch for NaN and Inf, the split of an
// epoch.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <string.h>
#include <time.h>

#include "activation.h"
#include "driver.h"
#include "step.h"

struct run {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_trainer trainer;
};

static void open_exec(struct run *r, bool device, bool minimum) {
    memset(r, 0, sizeof *r);
    vv_context_init(&r->ctx);
    vv_store_init(&r->store, &r->ctx);
    r->exec = device
                  ? vv_vulkan_create(&r->store, &(struct vv_vulkan_options){.validate = true,
                                                                            .minimum_limits = minimum})
                  : vv_reference_create(&r->store, NULL);
    if (!r->exec) fail_msg("%s", r->ctx.error);
}

static void open_run(struct run *r, bool device, bool minimum, struct vv_settings settings) {
    open_exec(r, device, minimum);
    open_trainer(&r->trainer, r->exec, settings);
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

// Adam's first steps are lr in the direction of the gradient's sign, however small it is: where a
// gradient is rounding noise the two may differ by that much. So: nearly all weights agree closely, and
// the moments, which are linear in the gradient, all agree.
static void compare_weights(struct run *a, struct run *b, double lr, uint32_t steps) {
    float *p = read_flat(a, a->trainer.params), *q = read_flat(b, b->trainer.params);
    uint64_t far = 0, n = a->trainer.model.length;
    for (uint64_t i = 0; i < n; i++) {
        const double d = fabs((double)p[i] - (double)q[i]);
        assert_true(d <= 2.5 * lr * steps);
        far += d > 1e-6;
    }
    assert_true(far * 100 < n);
    free(p);
    free(q);
}

static void compare_moments(struct run *a, struct run *b, const struct vv_state *s,
                            const struct vv_state *t) {
    float *p = read_flat(a, s), *q = read_flat(b, t);
    const uint64_t n = s->bytes / sizeof *p;
    double largest = 0;
    for (uint64_t i = 0; i < n; i++)
        if (fabs((double)q[i]) > largest) largest = fabs((double)q[i]);
    assert_true(largest > 0);
    for (uint64_t i = 0; i < n; i++)
        if (!(fabs((double)p[i] - (double)q[i]) <= 1e-5 * largest))
            fail_msg("%s, element %llu: %.9g, reference %.9g, largest %.9g", s->name,
                     (unsigned long long)i, (double)p[i], (double)q[i], largest);
    free(p);
    free(q);
}

static void three_steps_agree(bool minimum, struct vv_settings settings) {
    struct run a, b;
    printf("%s %s %s\n", settings.model, settings.norm, settings.upsample);
    open_run(&a, true, minimum, settings);
    open_run(&b, false, false, settings);
    run_steps(&a.trainer, 3);
    run_steps(&b.trainer, 3);
    assert_int_equal(a.trainer.position.step, 3);
    assert_int_equal(b.trainer.position.step, 3);
    const double x = a.trainer.position.partial.recon, y = b.trainer.position.partial.recon;
    const double u = a.trainer.position.partial.kl, v = b.trainer.position.partial.kl;
    assert_true(fabs(x - y) <= 1e-5 * fabs(y) && y > 0);
    assert_true(fabs(u - v) <= 1e-4 * fabs(v) && v > 0);
    compare_moments(&a, &b, a.trainer.m, b.trainer.m);
    compare_moments(&a, &b, a.trainer.v, b.trainer.v);
    if (b.trainer.running) compare_moments(&a, &b, a.trainer.running, b.trainer.running);
    compare_weights(&a, &b, small_settings().lr, 3);
    close_run(&a);
    close_run(&b);
}

static void three_steps_agree_with_the_reference(void **state) {
    (void)state;
    three_steps_agree(false, small_settings());
}

static void three_steps_agree_within_the_least_limits(void **state) {
    (void)state;
    three_steps_agree(true, small_settings());
}

static struct vv_settings deep_settings(uint32_t layers, const char *activation) {
    struct vv_settings s = small_settings();
    const uint32_t hidden[VV_MAX_HIDDEN] = {33, 20, 17, 9, 8, 12, 10, 11};
    memcpy(s.hidden, hidden, layers * sizeof *hidden);
    (void)snprintf(s.activation, sizeof s.activation, "%s", activation);
    return s;
}

static void deep_models_agree_with_the_reference(void **state) {
    (void)state;
    for (uint32_t i = 0; vv_activation_name(i); i++)
        for (uint32_t layers = 2; layers <= 3; layers++) {
            printf("%u layers of %s\n", layers, vv_activation_name(i));
            three_steps_agree(layers == 3, deep_settings(layers, vv_activation_name(i)));
        }
    three_steps_agree(false, deep_settings(VV_MAX_HIDDEN, "tanh"));
}

static struct vv_settings conv_settings(const char *model, const char *norm, const char *upsample) {
    struct vv_settings s = small_settings();
    (void)snprintf(s.model, sizeof s.model, "%s", model);
    (void)snprintf(s.norm, sizeof s.norm, "%s", norm);
    (void)snprintf(s.upsample, sizeof s.upsample, "%s", upsample);
    memset(s.hidden, 0, sizeof s.hidden);
    s.activation[0] = 0;  // the model's own
    s.stages[0] = 6;
    s.stages[1] = 8;
    return s;
}

static void convolutional_models_agree_with_the_reference(void **state) {
    (void)state;
    three_steps_agree(false, conv_settings("conv", "batch", "transpose"));
    three_steps_agree(false, conv_settings("conv", "none", "transpose"));
    three_steps_agree(true, conv_settings("resnet", "group", "transpose"));
    struct vv_settings s = conv_settings("conv", "batch", "nearest");
    s.dropout = 0.2;
    three_steps_agree(true, s);
}

// The padding between blocks is no parameter: it stays zero.
static void gaps_between_parameters_stay_zero(void **state) {
    (void)state;
    struct run r;
    open_run(&r, true, false, small_settings());
    run_steps(&r.trainer, 7);
    const struct vv_model *m = &r.trainer.model;
    float *flat = read_flat(&r, r.trainer.params);
    uint64_t gaps = 0;
    for (uint32_t i = 0; i < m->block_count; i++) {
        const uint64_t end = i + 1 < m->block_count ? m->block[i + 1].offset : m->length;
        for (uint64_t at = m->block[i].offset + vv_shape_count(m->block[i].shape); at < end;
             at++, gaps++)
            assert_true(flat[at] == 0);
    }
    assert_true(gaps > 0);
    free(flat);
    close_run(&r);
}

static struct vv_settings augmented_settings(void) {
    struct vv_settings s = small_settings();
    (void)snprintf(s.augment, sizeof s.augment, "flip,shift=2,contrast=0.2,noise=0.05");
    return s;
}

static void a_cut_changes_no_byte(struct vv_settings settings) {
    struct run whole, cut;
    struct vv_losses a, b;
    const struct vv_hooks none = {0};
    open_run(&whole, true, false, settings);
    open_run(&cut, true, false, settings);
    assert_int_equal(vv_trainer_epoch(&whole.trainer, &none, &a), VV_EPOCH_DONE);
    run_steps(&cut.trainer, 1);
    run_steps(&cut.trainer, 2);
    assert_int_equal(vv_trainer_epoch(&cut.trainer, &none, &b), VV_EPOCH_DONE);
    assert_memory_equal(&a, &b, sizeof a);
    float *p = read_flat(&whole, whole.trainer.params), *q = read_flat(&cut, cut.trainer.params);
    assert_memory_equal(p, q, whole.trainer.params->bytes);
    assert_true(vv_trainer_test(&whole.trainer, &a) && vv_trainer_test(&cut.trainer, &b));
    assert_memory_equal(&a, &b, sizeof a);
    free(p);
    free(q);
    close_run(&whole);
    close_run(&cut);
}

// However the epoch is cut, the sums and the weights are the same bytes.
static void the_cut_of_an_epoch_changes_no_byte(void **state) {
    (void)state;
    a_cut_changes_no_byte(small_settings());
    a_cut_changes_no_byte(augmented_settings());
}

// Pictures are changed where they are trained on, and where they are tested on they are not.
static void pictures_are_changed_to_train_on_alone(void **state) {
    (void)state;
    struct run plain, augmented;
    struct vv_losses a, b;
    const struct vv_hooks none = {0};
    three_steps_agree(false, augmented_settings());
    open_run(&plain, true, false, small_settings());
    open_run(&augmented, true, false, augmented_settings());
    assert_true(vv_trainer_test(&plain.trainer, &a) && vv_trainer_test(&augmented.trainer, &b));
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(vv_trainer_epoch(&plain.trainer, &none, &a), VV_EPOCH_DONE);
    assert_int_equal(vv_trainer_epoch(&augmented.trainer, &none, &b), VV_EPOCH_DONE);
    assert_memory_not_equal(&a, &b, sizeof a);
    close_run(&plain);
    close_run(&augmented);
}

// A step that takes longer than a submission may: each node with work a submission of its own.
static void open_slow(struct run *r, bool minimum) {
    open_exec(r, true, minimum);
    r->exec->piece_work = 1;
    open_trainer(&r->trainer, r->exec, small_settings());
    r->trainer.submission_seconds = 1e-9;
}

static void cut_steps_change_no_byte(bool minimum) {
    struct run whole, cut;
    struct vv_losses a, b;
    const struct vv_hooks none = {0};
    open_run(&whole, true, minimum, small_settings());
    open_slow(&cut, minimum);
    assert_int_equal(vv_trainer_epoch(&whole.trainer, &none, &a), VV_EPOCH_DONE);
    assert_int_equal(vv_trainer_epoch(&cut.trainer, &none, &b), VV_EPOCH_DONE);
    const uint64_t steps = whole.trainer.steps;
    assert_true(whole.exec->submitted <= steps);
    assert_true(cut.exec->submitted > 10 * steps);
    assert_memory_equal(&a, &b, sizeof a);
    float *p = read_flat(&whole, whole.trainer.params), *q = read_flat(&cut, cut.trainer.params);
    assert_memory_equal(p, q, whole.trainer.params->bytes);
    assert_true(vv_trainer_test(&whole.trainer, &a) && vv_trainer_test(&cut.trainer, &b));
    assert_memory_equal(&a, &b, sizeof a);
    free(p);
    free(q);
    close_run(&whole);
    close_run(&cut);
}

static void the_cut_of_a_step_changes_no_byte(void **state) {
    (void)state;
    cut_steps_change_no_byte(false);
    cut_steps_change_no_byte(true);
}

// z is sampled at test time, anew for each epoch: with z = mu the loss would not depend on the epoch.
static void the_test_samples_z(void **state) {
    (void)state;
    struct run r;
    struct vv_losses first, again, next;
    open_run(&r, true, false, small_settings());
    assert_true(vv_trainer_test(&r.trainer, &first) && vv_trainer_test(&r.trainer, &again));
    assert_memory_equal(&first, &again, sizeof first);
    r.trainer.position.epoch++;
    assert_true(vv_trainer_test(&r.trainer, &next));
    assert_true(next.recon != first.recon);
    assert_true(next.kl == first.kl);  // which has no noise in it
    close_run(&r);
}

// A NaN in the weights reaches the loss; the latch stops every write, and the error names the step.
static void nan_stops(struct vv_settings settings) {
    struct run r;
    open_run(&r, true, false, settings);
    run_steps(&r.trainer, 2);
    const struct vv_model *m = &r.trainer.model;
    const float nan = NAN;
    assert_true(vv_exec_write(r.exec, r.trainer.params, 4 * m->block[0].offset, &nan, sizeof nan));
    const struct vv_state *learnt = r.trainer.running ? r.trainer.running : r.trainer.m;
    float *before = read_flat(&r, r.trainer.params), *moments = read_flat(&r, r.trainer.v),
          *running = read_flat(&r, learnt);
    const struct vv_hooks none = {0};
    struct vv_losses losses;
    assert_int_equal(vv_trainer_epoch(&r.trainer, &none, &losses), VV_EPOCH_FAILED);
    assert_non_null(strstr(r.ctx.error, "step 3 of epoch 1"));
    assert_int_equal(r.trainer.position.step, 2);
    float *after = read_flat(&r, r.trainer.params), *later = read_flat(&r, r.trainer.v),
          *still = read_flat(&r, learnt);
    assert_memory_equal(before, after, r.trainer.params->bytes);
    assert_memory_equal(moments, later, r.trainer.v->bytes);
    assert_memory_equal(running, still, learnt->bytes);
    free(running);
    free(still);
    free(before);
    free(moments);
    free(after);
    free(later);
    vv_clear(&r.ctx);
    close_run(&r);
}

static void a_nan_stops_the_training_before_it_writes(void **state) {
    (void)state;
    nan_stops(small_settings());
    nan_stops(conv_settings("conv", "batch", "transpose"));
}

static void no_activation_swallows_a_nan(void **state) {
    (void)state;
    for (uint32_t i = 0; vv_activation_name(i); i++) nan_stops(deep_settings(2, vv_activation_name(i)));
}

// Trains an epoch, `most` steps a call. Returns the outcome of the last.
static enum vv_outcome train_in_parts(struct vv_trainer *trainer, uint32_t most) {
    struct vv_losses losses;
    enum vv_outcome outcome = VV_EPOCH_STOPPED;
    while (outcome == VV_EPOCH_STOPPED) {
        const struct vv_hooks hooks = {.until = trainer->position.step + most};
        outcome = vv_trainer_epoch(trainer, &hooks, &losses);
    }
    return outcome;
}

// The step that is not sound is the same one, and so are the weights before it, whatever was submitted
// with it and is in flight behind it. SGD's steps grow with the gradient, until that is too large.
// Returns that step; UINT32_MAX: there was none.
static uint32_t find_bad_step(double lr) {
    struct vv_settings settings = small_settings();
    settings.lr = lr;
    (void)snprintf(settings.optimiser, sizeof settings.optimiser, "sgd");
    settings.train_count = 400;
    struct run whole, single;
    open_run(&whole, true, false, settings);
    open_run(&single, true, false, settings);
    const enum vv_outcome outcome = train_in_parts(&whole.trainer, UINT32_MAX / 2);
    assert_int_equal(train_in_parts(&single.trainer, 1), outcome);
    assert_memory_equal(&whole.trainer.position, &single.trainer.position, sizeof(struct vv_position));
    assert_string_equal(whole.ctx.error, single.ctx.error);
    const uint32_t step = whole.trainer.diverged ? whole.trainer.position.step : UINT32_MAX;
    float *p = read_flat(&whole, whole.trainer.params), *q = read_flat(&single, single.trainer.params);
    assert_memory_equal(p, q, whole.trainer.params->bytes);
    free(p);
    free(q);
    vv_clear(&whole.ctx);
    vv_clear(&single.ctx);
    close_run(&whole);
    close_run(&single);
    return step;
}

static void a_bad_step_is_found_among_others(void **state) {
    (void)state;
    static const double rates[] = {0.3, 1, 3, 10};
    uint32_t late = 0;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        const uint32_t step = find_bad_step(rates[i]);
        late += step != UINT32_MAX && step > 2;  // behind the first, which are submitted alone
    }
    assert_true(late > 0);
}

// Where a run is saved within its epochs.
struct saves {
    struct vv_trainer *trainer;
    uint32_t count, epoch[64], step[64];
    bool due;
};

static bool note_save(void *user) {
    struct saves *s = user;
    assert_in_range(s->count, 0, 63);
    s->epoch[s->count] = s->trainer->position.epoch;
    s->step[s->count++] = s->trainer->position.step;
    return true;
}

static bool is_due(void *user) {
    return ((const struct saves *)user)->due;
}

// Two epochs of 7 batches, which are 4 steps of the optimiser where it takes two.
static void saves_come_at_their_steps_and_change_no_byte(void **state) {
    (void)state;
    for (uint32_t group = 1; group <= 2; group++) {
        struct vv_settings settings = small_settings();
        settings.accumulate = group;
        const uint32_t groups = group == 1 ? 7 : 4;
        struct run plain, saved;
        struct vv_losses a, b;
        open_run(&plain, false, false, settings);
        const struct vv_hooks none = {0};
        for (uint32_t i = 0; i < 2; i++)
            assert_int_equal(vv_trainer_epoch(&plain.trainer, &none, &a), VV_EPOCH_DONE);
        float *p = read_flat(&plain, plain.trainer.params);
        for (uint32_t every = 1; every <= 9; every++) {
            open_run(&saved, group == 1 && every == 2, false, settings);
            struct saves saves = {.trainer = &saved.trainer, .due = every == 9};
            const struct vv_hooks hooks = {
                .user = &saves, .save = note_save, .save_steps = every % 9, .due = is_due};
            for (uint32_t i = 0; i < 2; i++)
                assert_int_equal(vv_trainer_epoch(&saved.trainer, &hooks, &b), VV_EPOCH_DONE);
            uint32_t count = 0;
            for (uint32_t n = 1; n < 2 * groups && !saves.due; n++) {
                if (n % every || n % groups == 0) continue;  // an epoch's end is saved by others
                assert_int_equal(saves.epoch[count], n / groups);
                assert_int_equal(saves.step[count++], n % groups * group);
            }
            if (saves.due) assert_true(saves.count >= 2);
            if (!saves.due) assert_int_equal(saves.count, count);
            float *q = read_flat(&saved, saved.trainer.params);
            if (!(group == 1 && every == 2)) assert_memory_equal(p, q, saved.trainer.params->bytes);
            free(q);
            close_run(&saved);
        }
        free(p);
        close_run(&plain);
    }
}

static bool idle_long(void *user) {
    const struct timespec long_time = {.tv_nsec = 300000000};
    *(bool *)user = true;
    (void)nanosleep(&long_time, NULL);
    return true;
}

// What is made ready while steps run is no part of the steps.
static void profiles_leave_out_what_is_made_meanwhile(void **state) {
    (void)state;
    struct run r;
    struct vv_profile profile;
    struct vv_losses losses;
    bool idled = false;
    open_run(&r, false, false, small_settings());
    vv_profile_init(&profile, r.exec, false);
    assert_true(vv_trainer_profile(&r.trainer, &profile));
    const struct vv_hooks hooks = {.user = &idled, .idle = idle_long};
    assert_int_equal(vv_trainer_epoch(&r.trainer, &hooks, &losses), VV_EPOCH_DONE);
    assert_true(idled && profile.steps[VV_WATCHED] == 5);
    assert_true(profile.seconds[VV_WATCHED] - profile.submit - profile.wait < 0.2);
    close_run(&r);
    vv_profile_finish(&profile);
}

int main(void) {
    need_device();
    need_validation();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_steps_agree_with_the_reference),
        cmocka_unit_test(three_steps_agree_within_the_least_limits),
        cmocka_unit_test(deep_models_agree_with_the_reference),
        cmocka_unit_test(convolutional_models_agree_with_the_reference),
        cmocka_unit_test(gaps_between_parameters_stay_zero),
        cmocka_unit_test(the_cut_of_an_epoch_changes_no_byte),
        cmocka_unit_test(pictures_are_changed_to_train_on_alone),
        cmocka_unit_test(the_cut_of_a_step_changes_no_byte),
        cmocka_unit_test(the_test_samples_z),
        cmocka_unit_test(a_nan_stops_the_training_before_it_writes),
        cmocka_unit_test(no_activation_swallows_a_nan),
        cmocka_unit_test(a_bad_step_is_found_among_others),
        cmocka_unit_test(saves_come_at_their_steps_and_change_no_byte),
        cmocka_unit_test(profiles_leave_out_what_is_made_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
