// Items are each done once, by as many threads as are asked for; work that is to end ends; and threads
// share a budget.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <sched.h>
#include <stdatomic.h>

#include "workers.h"

enum { ITEMS = 2000 };

struct job {
    atomic_uint times[ITEMS];
    atomic_uint done;
    uint32_t fails_at;  // this item says false
    uint32_t stops_at;  // from so many on the context is stopped
};

static bool do_item(void *user, uint32_t index) {
    struct job *job = user;
    atomic_fetch_add(&job->times[index], 1);
    atomic_fetch_add(&job->done, 1);
    return index != job->fails_at;
}

static bool asks_to_stop(void *user) {
    struct job *job = user;
    return atomic_load(&job->done) >= job->stops_at;
}

static void start(struct job *job, struct vv_context *ctx) {
    *job = (struct job){.fails_at = UINT32_MAX, .stops_at = UINT32_MAX};
    vv_context_init(ctx);
    ctx->stop = asks_to_stop;
    ctx->stop_user = job;
}

static void each_item_is_done_once(void **state) {
    static const uint32_t threads[] = {0, 1, 2, 5, 400}, counts[] = {0, 1, 3, ITEMS};
    (void)state;
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            static struct job job;
            struct vv_context ctx;
            start(&job, &ctx);
            vv_work(&ctx, threads[t], counts[c], do_item, &job);
            assert_int_equal(job.done, counts[c]);
            for (uint32_t i = 0; i < ITEMS; i++) assert_int_equal(job.times[i], i < counts[c]);
            assert_int_equal(ctx.status, VV_OK);
        }
}

static void none_is_begun_after_a_failure(void **state) {
    static struct job job;
    struct vv_context ctx;
    (void)state;
    for (uint32_t threads = 1; threads <= 4; threads++) {
        start(&job, &ctx);
        job.fails_at = 10;
        vv_work(&ctx, threads, ITEMS, do_item, &job);
        assert_true(job.done >= 11);
        if (threads == 1) assert_int_equal(job.done, 11);
        for (uint32_t i = 0; i <= 10; i++) assert_int_equal(job.times[i], 1);
    }
}

static void none_is_begun_once_stopped(void **state) {
    static struct job job;
    struct vv_context ctx;
    (void)state;
    start(&job, &ctx);
    job.stops_at = 5;
    vv_work(&ctx, 1, ITEMS, do_item, &job);
    assert_int_equal(job.done, 5);
    assert_int_equal(ctx.status, VV_STOPPED);
    start(&job, &ctx);
    job.stops_at = 0;
    vv_work(&ctx, 1, ITEMS, do_item, &job);
    assert_int_equal(job.done, 0);
}

struct meal {
    struct vv_budget budget;
    atomic_uint taken, most, greedy;
};

enum { WHOLE = 10 };

// Amounts up to one more than the whole, which is had alone.
static bool eat(void *user, uint32_t index) {
    struct meal *meal = user;
    const uint32_t amount = 1 + index % (WHOLE + 1);
    vv_budget_take(&meal->budget, amount);
    const uint32_t taken = atomic_fetch_add(&meal->taken, amount) + amount;
    if (taken > WHOLE && taken != amount) atomic_fetch_add(&meal->greedy, 1);
    if (taken > atomic_load(&meal->most)) atomic_store(&meal->most, taken);
    (void)sched_yield();
    atomic_fetch_sub(&meal->taken, amount);
    vv_budget_return(&meal->budget, amount);
    return true;
}

static void a_budget_is_never_overdrawn(void **state) {
    static struct meal meal;
    struct vv_context ctx;
    (void)state;
    vv_context_init(&ctx);
    for (uint32_t threads = 1; threads <= 8; threads++) {
        vv_budget_init(&meal.budget, WHOLE);
        vv_work(&ctx, threads, ITEMS, eat, &meal);
        assert_int_equal(meal.budget.taken, 0);
        assert_int_equal(meal.greedy, 0);
        assert_int_equal(meal.most, WHOLE + 1);
        vv_budget_finish(&meal.budget);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_is_done_once), cmocka_unit_test(none_is_begun_after_a_failure),
        cmocka_unit_test(none_is_begun_once_stopped), cmocka_unit_test(a_budget_is_never_overdrawn)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
