// The epoch's table: rates by their formulas, what rows say of groups of batches.
#include "../temporary.h"

#include <math.h>

#include "metrics.h"
#include "optimisation.h"
#include "schedule.h"

static void name(char to[16], const char *text) {
    (void)snprintf(to, 16, "%s", text);
}

// 100 pictures, batches of 16: 7 rows; in groups of 2 an epoch has 4 steps.
static struct vv_settings scheduled(const char *schedule) {
    struct vv_settings s = {.model = "mlp", .batch = 16, .train_count = 100};
    vv_settings_usual(&s);
    name(s.lr_schedule, schedule);
    s.accumulate = 2;
    s.lr = 0.5;
    s.lr_gamma = 0.5;
    s.lr_step = 2;
    s.epochs = 9;
    s.schedule_epochs = 5;
    s.lr_warmup = 3;
    s.lr_floor = 0.001;
    return s;
}

static void expect_rate(const struct vv_settings *s, uint64_t step, double want) {
    const double rate = vv_schedule_rate(s, step);
    if (!(fabs(rate - want) <= 1e-12))
        fail_msg("%s, step %llu: %.15g, not %.15g", s->lr_schedule, (unsigned long long)step, rate,
                 want);
}

static void rates_have_their_formulas(void **state) {
    (void)state;
    static const char *const schedules[] = {"constant", "cosine", "step", "exponential"};
    for (uint32_t i = 0; i < 4; i++) {
        const struct vv_settings s = scheduled(schedules[i]);
        assert_int_equal(vv_schedule_horizon(&s), 20);
        for (uint32_t step = 0; step < 3; step++) expect_rate(&s, step, 0.5 * (step + 1) / 3);
        for (uint32_t step = 3; step < 36; step++) {
            const double t = (step < 20 ? step : 19) - 3;
            const double rates[] = {0.5, 0.001 + 0.499 * (1 + cos(acos(-1) * t / 17)) / 2,
                                    0.5 * pow(0.5, floor(t / 8)), 0.5 * pow(0.5, t / 4)};
            expect_rate(&s, step, i == 0 ? rates[0] : fmax(rates[i], 0.001));
        }
    }
}

static void the_floor_holds_and_the_horizon_ends(void **state) {
    (void)state;
    struct vv_settings s = scheduled("exponential");
    s.lr_floor = 0.25;
    expect_rate(&s, 19, 0.25);
    s = scheduled("step");
    const double last = vv_schedule_rate(&s, 19);
    s.epochs = 1000;  // a resumed run's: the horizon is the first start's
    expect_rate(&s, 19, last);
    expect_rate(&s, 3999, last);
}

// What was left open is settled once, at the first start.
static void a_first_start_settles_the_schedule(void **state) {
    (void)state;
    struct vv_settings s = {.epochs = 10};
    vv_settings_usual(&s);
    vv_optimisation_settle(&s);
    assert_true(s.schedule_epochs == 0 && s.lr_step == 0 && s.lr_gamma == 0);
    name(s.lr_schedule, "step");
    vv_optimisation_settle(&s);
    assert_true(s.schedule_epochs == 10 && s.lr_step == 4 && s.lr_gamma == 0.1);
    s = scheduled("exponential");
    s.lr_gamma = 0;
    vv_optimisation_settle(&s);
    assert_true(s.schedule_epochs == 5 && s.lr_gamma == 0.95);
}

// Rows: who begins and who holds, shares of a group's pictures, places in the epoch.
static void rows_tell_of_groups(void **state) {
    (void)state;
    struct vv_settings s = scheduled("constant");
    s.accumulate = 3;
    s.ema = 0.999;
    name(s.optimiser, "adamw");
    struct vv_step_row rows[7];
    vv_schedule_fill(&s, 2, 0.25, rows);
    static const uint32_t flags[] = {VV_STEP_BEGINS | VV_STEP_HOLDS,
                                     VV_STEP_HOLDS,
                                     0,
                                     VV_STEP_BEGINS | VV_STEP_HOLDS,
                                     VV_STEP_HOLDS,
                                     0,
                                     VV_STEP_BEGINS};
    for (uint32_t i = 0; i < 7; i++) {
        assert_int_equal(rows[i].first, 16 * i);
        assert_int_equal(rows[i].step, 2 * 3 + i / 3);
        assert_int_equal(rows[i].flags, flags[i]);
        assert_true(rows[i].share == (i < 6 ? (float)(1.0 / 3) : 1));
        assert_true(rows[i].rate == 0.125f && rows[i].decay == (float)(0.125 * 0.01));
        assert_true(rows[i].ema_rest == (float)(1 - (1.0 + rows[i].step) / (10 + rows[i].step)));
    }
    s.accumulate = 5;  // the second group: 16 and 4 pictures
    vv_schedule_fill(&s, 0, 1, rows);
    assert_true(rows[5].share == 0.8f && rows[6].share == 0.2f);
    assert_true(vv_schedule_ema(&s, 1000000) == 0.999);
}

// Of equals the first; what is not finite is never the lowest.
static void the_best_epoch_is_the_first_of_the_lowest(void **state) {
    struct temporary *t = *state;
    static const double losses[] = {(double)NAN, 5, 4, (double)INFINITY, 4, 3, (double)NAN};
    static const uint32_t best[] = {0, 2, 3, 3, 3, 6, 6};
    struct vv_metrics metrics = {0};
    assert_int_equal(vv_metrics_best(&metrics), 0);
    for (uint32_t i = 0; i < 7; i++) {
        const struct vv_metrics_row row = {.epoch = i + 1, .test_recon = losses[i] - 1, .test_kl = 1};
        assert_true(vv_metrics_add(&t->ctx, &metrics, &row, NULL, 0));
        assert_int_equal(vv_metrics_best(&metrics), best[i]);
    }
    vv_metrics_finish(&metrics);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(rates_have_their_formulas),
        TEST(the_floor_holds_and_the_horizon_ends),
        TEST(a_first_start_settles_the_schedule),
        TEST(rows_tell_of_groups),
        TEST(the_best_epoch_is_the_first_of_the_lowest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
