// The rest of training: groups of batches, averaged weights, going back. On the reference and on the
// device.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <string.h>

#include "driver.h"
#include "optimisation.h"
#include "order.h"
#include "step.h"

struct run {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_trainer trainer;
};

static void open_run(struct run *r, bool device, struct vv_settings settings) {
    memset(r, 0, sizeof *r);
    vv_context_init(&r->ctx);
    vv_store_init(&r->store, &r->ctx);
    r->exec = device ? vv_vulkan_create(&r->store, &(struct vv_vulkan_options){.validate = true})
                     : vv_reference_create(&r->store, NULL);
    if (!r->exec) fail_msg("%s", r->ctx.error);
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
    assert_true(values && vv_exec_read(r->exec, s, 0, values, s->bytes));
    return values;
}

static void expect_same(struct run *a, struct run *b) {
    for (enum vv_kept i = VV_KEPT_PARAMS; i < VV_KEPT_STATES; i++) {
        const struct vv_state *s = vv_trainer_kept(&a->trainer, i), *t = vv_trainer_kept(&b->trainer, i);
        assert_true(!s == !t);
        if (!s) continue;
        float *p = read_flat(a, s), *q = read_flat(b, t);
        if (memcmp(p, q, s->bytes) != 0) fail_msg("%s differs", s->name);
        free(p);
        free(q);
    }
}

static struct vv_settings usual_settings(void) {
    struct vv_settings s = small_settings();
    vv_settings_usual(&s);
    return s;
}

static void name(char to[16], const char *text) {
    (void)snprintf(to, 16, "%s", text);
}

// Batch normalisation, whose statistics are learnt beside the weights.
static struct vv_settings conv_settings(void) {
    struct vv_settings s = usual_settings();
    name(s.model, "conv");
    name(s.norm, "batch");
    name(s.upsample, "transpose");
    memset(s.hidden, 0, sizeof s.hidden);
    s.activation[0] = 0;
    s.stages[0] = 4;
    return s;
}

// ---- Groups ----

static void compare_groups(bool device, struct vv_settings settings) {
    struct run whole, parts;
    struct vv_losses a, b;
    const struct vv_hooks none = {0};
    settings.batch = 48;  // 48, 48, 4
    open_run(&whole, device, settings);
    settings.batch = 12;  // groups of 48, 48, and a last one of 4
    settings.accumulate = 4;
    open_run(&parts, device, settings);
    for (uint32_t epoch = 0; epoch < 2; epoch++) {
        assert_int_equal(vv_trainer_epoch(&whole.trainer, &none, &a), VV_EPOCH_DONE);
        assert_int_equal(vv_trainer_epoch(&parts.trainer, &none, &b), VV_EPOCH_DONE);
        assert_true(fabs(a.recon - b.recon) <= 1e-6 * a.recon && fabs(a.kl - b.kl) <= 1e-6 * a.kl);
    }
    assert_true(vv_trainer_test(&whole.trainer, &a) && vv_trainer_test(&parts.trainer, &b));
    assert_true(fabs(a.recon - b.recon) <= 1e-6 * a.recon && fabs(a.kl - b.kl) <= 1e-6 * a.kl);
    float *p = read_flat(&whole, whole.trainer.params), *q = read_flat(&parts, parts.trainer.params);
    for (uint64_t i = 0; i < whole.trainer.model.length; i++)
        if (!(fabs((double)p[i] - (double)q[i]) <= 1e-6))
            fail_msg("element %llu: %.9g, in parts %.9g", (unsigned long long)i, (double)p[i],
                     (double)q[i]);
    free(p);
    free(q);
    close_run(&whole);
    close_run(&parts);
}

// The same as the larger batch, to 1e-6: the losses, and the weights. (Adam's first steps are of one
// length however small a gradient is, so that there rounding alone moves a weight by a rate.)
static void groups_are_larger_batches(void **state) {
    (void)state;
    struct vv_settings s = usual_settings();
    name(s.optimiser, "sgd");
    s.dropout = 0.1;
    (void)snprintf(s.augment, sizeof s.augment, "flip,noise=0.05");
    for (uint32_t device = 0; device < 2; device++) {
        s.clip = 0;
        compare_groups(device, s);
        s.clip = 5;
        compare_groups(device, s);
    }
}

static bool stop_always(void *user) {
    ++*(uint32_t *)user;
    return true;
}

static void stops_are_between_groups(void **state) {
    (void)state;
    struct vv_settings s = usual_settings();
    struct vv_losses losses;
    struct run whole, cut;
    uint32_t asked = 0;
    s.accumulate = 3;
    s.ema = 0.9;
    open_run(&whole, true, s);
    open_run(&cut, true, s);
    const struct vv_hooks none = {0}, stopping = {.user = &asked, .stop = stop_always};
    assert_int_equal(vv_trainer_epoch(&whole.trainer, &none, &losses), VV_EPOCH_DONE);
    assert_int_equal(vv_trainer_epoch(&cut.trainer, &stopping, &losses), VV_EPOCH_STOPPED);
    assert_true(cut.trainer.position.step == 0 && asked == 1);
    for (uint32_t until = 1; until <= 4; until += 3) {  // rounded up to 3 and 6 of 7
        const struct vv_hooks hooks = {.until = until};
        assert_int_equal(vv_trainer_epoch(&cut.trainer, &hooks, &losses), VV_EPOCH_STOPPED);
        assert_int_equal(cut.trainer.position.step, until + 2);
    }
    assert_int_equal(vv_trainer_epoch(&cut.trainer, &none, &losses), VV_EPOCH_DONE);
    expect_same(&whole, &cut);
    close_run(&whole);
    close_run(&cut);
}

// All pictures are black but one, place 70 of the first epoch's order; and weights are so large that its
// batch, the fifth, overflows, which is the second of a group of three.
static void open_overflow(struct run *r, bool device, struct vv_settings settings) {
    uint32_t order[100];
    memset(r, 0, sizeof *r);
    vv_context_init(&r->ctx);
    vv_store_init(&r->store, &r->ctx);
    r->exec = device ? vv_vulkan_create(&r->store, &(struct vv_vulkan_options){.validate = true})
                     : vv_reference_create(&r->store, NULL);
    struct vv_dataset set = {.train = small_images(settings.train_count, 1),
                             .test = small_images(settings.test_count, 2)};
    assert_int_equal(settings.train_count, 100);
    vv_order_shuffle(settings.seed, 0, order, 100);
    memset(set.train.pixels, 0, (size_t)100 * 63);
    memset(set.train.pixels + (size_t)order[70] * 63, 255, 63);
    if (!r->exec || !vv_trainer_init(&r->trainer, r->exec, &settings, &set, NULL) ||
        !vv_trainer_load(&r->trainer, &set, 0))
        fail_msg("%s", r->ctx.error);
    vv_dataset_finish(&set);
    const struct vv_block *block = &r->trainer.model.block[0];
    float large[512];
    const uint64_t n = vv_shape_count(block->shape) < 512 ? vv_shape_count(block->shape) : 512;
    for (uint64_t i = 0; i < n; i++) large[i] = 3e38f;
    assert_true(vv_exec_write(r->exec, r->trainer.params, sizeof *large * block->offset, large,
                              sizeof *large * n));
}

// What is kept, the running statistics too, is what was before the group, and so are the sums of the
// losses, however that group was submitted.
static void a_bad_group_changes_nothing(void **state) {
    (void)state;
    for (uint32_t kind = 0; kind < 4; kind++) {
        struct vv_settings s = kind / 2 ? conv_settings() : usual_settings();
        struct vv_losses losses;
        struct run r, good;
        s.accumulate = 3;
        s.ema = 0.9;
        open_overflow(&good, kind % 2, s);
        run_steps(&good.trainer, 3);
        open_overflow(&r, kind % 2, s);
        const struct vv_hooks none = {0};
        assert_int_equal(vv_trainer_epoch(&r.trainer, &none, &losses), VV_EPOCH_FAILED);
        assert_non_null(strstr(r.ctx.error, "at step 5 of epoch 1"));
        assert_true(r.trainer.diverged && r.trainer.position.step == 3);
        assert_true(r.trainer.position.partial.recon == good.trainer.position.partial.recon &&
                    r.trainer.position.partial.kl == good.trainer.position.partial.kl);
        expect_same(&good, &r);
        vv_clear(&r.ctx);
        close_run(&r);
        close_run(&good);
    }
}

// ---- Averaged weights ----

static void averages_are_what_they_say(void **state) {
    (void)state;
    for (uint32_t device = 0; device < 2; device++) {
        struct vv_settings s = conv_settings();
        struct run r;
        s.ema = 0.25;
        open_run(&r, device, s);
        const struct vv_state *params = r.trainer.params, *running = r.trainer.running;
        const uint64_t n = r.trainer.model.length, statistics = r.trainer.model.statistics;
        double *want = calloc(n + statistics, sizeof *want);
        float *p = read_flat(&r, params), *q = read_flat(&r, running);
        assert_true(want && n > 0 && statistics > 0);
        for (uint64_t i = 0; i < n + statistics; i++) want[i] = (double)(i < n ? p[i] : q[i - n]);
        for (uint32_t step = 0; step < 5; step++) {
            free(p);
            free(q);
            run_steps(&r.trainer, step + 1);
            p = read_flat(&r, params);
            q = read_flat(&r, running);
            const double decay = fmin(0.25, (1.0 + step) / (10.0 + step));
            for (uint64_t i = 0; i < n + statistics; i++)
                want[i] = decay * want[i] + (1 - decay) * (double)(i < n ? p[i] : q[i - n]);
        }
        free(p);
        free(q);
        const struct vv_weights weights = vv_trainer_weights(&r.trainer);
        assert_true(weights.params == r.trainer.ema && weights.running == r.trainer.ema_running);
        p = read_flat(&r, weights.params);
        q = read_flat(&r, weights.running);
        for (uint64_t i = 0; i < n + statistics; i++)
            assert_true(fabs((double)(i < n ? p[i] : q[i - n]) - want[i]) <= 1e-6 * fmax(1, want[i]));
        free(p);
        free(q);
        free(want);
        close_run(&r);
    }
}

// The test is of the averaged weights: it is that of a run whose weights they are.
static void the_test_is_of_the_average(void **state) {
    (void)state;
    struct vv_settings s = conv_settings();
    struct run averaged, plain;
    struct vv_losses a, b;
    s.ema = 0.25;
    open_run(&averaged, true, s);
    s.ema = 0;
    open_run(&plain, true, s);
    run_steps(&averaged.trainer, 4);
    run_steps(&plain.trainer, 4);
    assert_true(vv_trainer_test(&averaged.trainer, &a) && vv_trainer_test(&plain.trainer, &b));
    assert_memory_not_equal(&a, &b, sizeof a);
    const struct vv_weights weights = vv_trainer_weights(&averaged.trainer);
    float *p = read_flat(&averaged, weights.params), *q = read_flat(&averaged, weights.running);
    assert_true(vv_exec_write(plain.exec, plain.trainer.params, 0, p, weights.params->bytes) &&
                vv_exec_write(plain.exec, plain.trainer.running, 0, q, weights.running->bytes));
    assert_true(vv_trainer_test(&plain.trainer, &b));
    assert_memory_equal(&a, &b, sizeof a);
    free(p);
    free(q);
    close_run(&averaged);
    close_run(&plain);
}

// ---- Every optimiser, with all of that ----

static void three_steps_agree(const char *optimiser, double momentum) {
    struct vv_settings s = conv_settings();
    struct run a, b;
    name(s.optimiser, optimiser);
    s.momentum = momentum;
    s.accumulate = 2;
    s.clip = 3;
    s.ema = 0.5;
    open_run(&a, true, s);
    open_run(&b, false, s);
    run_steps(&a.trainer, 6);
    run_steps(&b.trainer, 6);
    const struct vv_losses *x = &a.trainer.position.partial, *y = &b.trainer.position.partial;
    assert_true(fabs(x->recon - y->recon) <= 1e-5 * y->recon && fabs(x->kl - y->kl) <= 1e-4 * y->kl);
    close_run(&a);
    close_run(&b);
}

static void optimisers_agree_with_the_reference(void **state) {
    (void)state;
    three_steps_agree("adam", 0.9);
    three_steps_agree("adamw", 0.9);
    three_steps_agree("sgd", 0.9);
    three_steps_agree("sgd", 0);
    three_steps_agree("adagrad", 0.9);
}

// Each has the moments that it needs, and no others.
static void moments_are_there_where_they_are_needed(void **state) {
    (void)state;
    static const struct {
        const char *optimiser, *m, *v;
        double momentum;
    } kinds[] = {{"", "adam.m", "adam.v", 0.9},
                 {"adamw", "adam.m", "adam.v", 0.9},
                 {"sgd", "sgd.m", NULL, 0.9},
                 {"sgd", NULL, NULL, 0},
                 {"adagrad", NULL, "adagrad.v", 0.9}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct vv_settings s = usual_settings();
        struct run r;
        name(s.optimiser, kinds[i].optimiser);
        s.momentum = kinds[i].momentum;
        open_run(&r, false, s);
        assert_true(!r.trainer.m == !kinds[i].m && !r.trainer.v == !kinds[i].v);
        if (kinds[i].m) assert_string_equal(r.trainer.m->name, kinds[i].m);
        if (kinds[i].v) assert_string_equal(r.trainer.v->name, kinds[i].v);
        close_run(&r);
    }
}

// ---- Going back ----

// A rate that is too high is halved until it is not; what comes out is a run that began so.
static void a_rollback_is_a_start_at_half_the_rate(void **state) {
    (void)state;
    struct vv_settings s = usual_settings();
    struct vv_losses a, b;
    struct run back, lower;
    const struct vv_hooks none = {0};
    s.lr = 10;
    name(s.optimiser, "sgd");
    name(s.on_nan, "rollback");
    open_run(&back, true, s);
    assert_int_equal(vv_trainer_epoch(&back.trainer, &none, &a), VV_EPOCH_DONE);
    const uint32_t times = back.trainer.position.rollbacks;
    assert_in_range(times, 1, VV_MOST_ROLLBACKS);
    assert_false(back.trainer.diverged);
    s.lr = ldexp(10, -(int)times);
    name(s.on_nan, "stop");
    open_run(&lower, true, s);
    assert_int_equal(vv_trainer_epoch(&lower.trainer, &none, &b), VV_EPOCH_DONE);
    assert_memory_equal(&a, &b, sizeof a);
    expect_same(&back, &lower);
    close_run(&back);
    close_run(&lower);
}

// Where a smaller rate does not help, going back is done as often as it may, and then it stops.
static void going_back_ends(void **state) {
    (void)state;
    struct vv_settings s = usual_settings();
    struct vv_losses losses;
    struct run r, stopped;
    const struct vv_hooks none = {0};
    name(s.on_nan, "rollback");
    open_overflow(&r, true, s);
    assert_int_equal(vv_trainer_epoch(&r.trainer, &none, &losses), VV_EPOCH_FAILED);
    assert_non_null(strstr(r.ctx.error, "at step 5 of epoch 1"));
    assert_true(r.trainer.diverged && r.trainer.position.rollbacks == VV_MOST_ROLLBACKS);
    s.lr = ldexp(s.lr, -VV_MOST_ROLLBACKS);
    name(s.on_nan, "stop");
    open_overflow(&stopped, true, s);
    assert_int_equal(vv_trainer_epoch(&stopped.trainer, &none, &losses), VV_EPOCH_FAILED);
    assert_int_equal(r.trainer.position.step, stopped.trainer.position.step);
    expect_same(&r, &stopped);
    vv_clear(&r.ctx);
    vv_clear(&stopped.ctx);
    close_run(&r);
    close_run(&stopped);
}

// The epoch's first step changes nothing, so that there is nothing to go back to.
static void a_bad_first_step_is_told_at_once(void **state) {
    (void)state;
    struct vv_settings s = usual_settings();
    struct vv_losses losses;
    struct run r;
    const struct vv_hooks none = {0};
    const float nan = NAN;
    name(s.on_nan, "rollback");
    open_run(&r, false, s);
    assert_true(vv_exec_write(r.exec, r.trainer.params, 0, &nan, sizeof nan));
    assert_int_equal(vv_trainer_epoch(&r.trainer, &none, &losses), VV_EPOCH_FAILED);
    assert_true(r.trainer.diverged && r.trainer.position.rollbacks == 0);
    vv_clear(&r.ctx);
    close_run(&r);
}

int main(void) {
    need_device();
    need_validation();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_larger_batches),
        cmocka_unit_test(stops_are_between_groups),
        cmocka_unit_test(a_bad_group_changes_nothing),
        cmocka_unit_test(averages_are_what_they_say),
        cmocka_unit_test(the_test_is_of_the_average),
        cmocka_unit_test(optimisers_agree_with_the_reference),
        cmocka_unit_test(moments_are_there_where_they_are_needed),
        cmocka_unit_test(a_rollback_is_a_start_at_half_the_rate),
        cmocka_unit_test(going_back_ends),
        cmocka_unit_test(a_bad_first_step_is_told_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
