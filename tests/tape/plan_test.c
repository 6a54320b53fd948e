// The plan of whole training steps: memory may be reused, and the order inside a barrier group may
// change, without a byte changing. What a barrier stands for is checked directly too.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#include "elementwise.h"
#include "exec.h"
#include "reduce.h"
#include "step.h"
#include "view.h"

struct fixture {
    struct vv_context ctx;
    struct vv_store store;
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    vv_context_init(&f->ctx);
    vv_store_init(&f->store, &f->ctx);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    vv_store_finish(&f->store);
    free(f);
    return 0;
}

// Three steps on the reference; the parameters after them.
static float *train(struct vv_reference_options options, uint64_t *bytes) {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_trainer trainer;
    vv_context_init(&ctx);
    vv_store_init(&store, &ctx);
    struct vv_exec *exec = vv_reference_create(&store, &options);
    assert_non_null(exec);
    open_small_trainer(&trainer, exec);
    run_steps(&trainer, 3);
    *bytes = trainer.params->bytes;
    float *params = malloc(*bytes);
    assert_true(vv_exec_read(exec, trainer.params, 0, params, *bytes));
    vv_trainer_finish(&trainer);
    vv_exec_destroy(exec);
    vv_store_finish(&store);
    return params;
}

static void assert_same_bytes(struct vv_reference_options options) {
    uint64_t bytes, other;
    float *plain = train((struct vv_reference_options){.no_reuse = true}, &bytes);
    float *planned = train(options, &other);
    assert_int_equal(bytes, other);
    assert_memory_equal(plain, planned, bytes);
    free(plain);
    free(planned);
}

static void reused_memory_changes_no_byte(void **state) {
    (void)state;
    assert_same_bytes((struct vv_reference_options){.check = true});
}

static void poisoned_memory_changes_no_byte(void **state) {
    (void)state;
    assert_same_bytes((struct vv_reference_options){.poison = true});
}

static void order_within_barriers_changes_no_byte(void **state) {
    (void)state;
    for (uint32_t seed = 1; seed <= 20; seed++)
        assert_same_bytes((struct vv_reference_options){.poison = true, .shuffle = seed});
}

static void reuse_saves_memory(void **state) {
    struct fixture *f = *state;
    struct vv_tape t;
    struct vv_plan plan;
    vv_tape_init(&t, &f->store, "chain");
    vv_ref x = vv_use(&t, vv_store_add(&f->store, "x", VV_F32, vv_shape1(1024)));
    for (int i = 0; i < 10; i++) x = vv_square(&t, x);
    assert_true(vv_plan_make(&t, NULL, true, &plan));
    assert_int_equal(plan.unshared_bytes, 10 * 4096);
    assert_int_equal(plan.arena_bytes, 2 * 4096);
    assert_int_equal(plan.barriers, 9);  // each reads what the one before wrote
    vv_plan_finish(&plan);
    vv_tape_finish(&t);
}

static void independent_nodes_need_no_barrier(void **state) {
    struct fixture *f = *state;
    struct vv_tape t;
    struct vv_plan plan;
    vv_tape_init(&t, &f->store, "independent");
    vv_ref x = vv_use(&t, vv_store_add(&f->store, "x", VV_F32, vv_shape1(8)));
    for (int i = 0; i < 4; i++) vv_square(&t, x)->keep = true;
    assert_true(vv_plan_make(&t, NULL, true, &plan));
    assert_int_equal(plan.barriers, 0);
    vv_plan_finish(&plan);
    vv_tape_finish(&t);
}

// A state's reader before its writer, and halves of one state that do not touch.
static void writes_to_state_are_ordered_by_range(void **state) {
    struct fixture *f = *state;
    struct vv_tape t;
    struct vv_plan plan;
    struct vv_state *s = vv_store_add(&f->store, "s", VV_F32, vv_shape1(128));
    vv_tape_init(&t, &f->store, "ranges");
    vv_ref whole = vv_use(&t, s);
    vv_ref low = vv_view(&t, whole, 0, vv_shape1(64)), high = vv_view(&t, whole, 64, vv_shape1(64));
    vv_ref read = vv_square(&t, low);  // reads low
    vv_ref fill = vv_fill(&t, vv_shape1(64), 1);
    vv_ref write_high = vv_append(&t, &vv_op_copy, (const vv_ref[]){high, fill}, NULL);
    vv_ref write_low = vv_append(&t, &vv_op_copy, (const vv_ref[]){low, read}, NULL);
    assert_true(vv_plan_make(&t, NULL, true, &plan));
    assert_false(plan.nodes[read->index].barrier);
    assert_true(plan.nodes[write_high->index].barrier);  // reads fill
    assert_false(
        plan.nodes[write_low->index].barrier);  // `read` came before that barrier; high is elsewhere
    vv_plan_finish(&plan);
    vv_tape_finish(&t);
}

static void kept_nodes_outlive_the_tape(void **state) {
    struct fixture *f = *state;
    struct vv_tape t;
    struct vv_plan plan;
    vv_tape_init(&t, &f->store, "kept");
    vv_ref x = vv_use(&t, vv_store_add(&f->store, "x", VV_F32, vv_shape1(64)));
    vv_ref kept = vv_square(&t, x);
    kept->keep = true;
    vv_ref y = x;
    for (int i = 0; i < 5; i++) {
        y = vv_square(&t, y);
        assert_true(y != kept);
    }
    assert_true(vv_plan_make(&t, NULL, true, &plan));
    for (uint32_t i = kept->index + 1; i < t.count; i++)
        assert_true(plan.nodes[i].offset >= plan.nodes[kept->index].offset + 256 ||
                    plan.nodes[i].offset + 256 <= plan.nodes[kept->index].offset);
    vv_plan_finish(&plan);
    vv_tape_finish(&t);
}

static void a_failed_append_latches_with_names_and_shapes(void **state) {
    struct fixture *f = *state;
    struct vv_tape t;
    vv_tape_init(&t, &f->store, "wrong");
    vv_ref a = vv_use(&t, vv_store_add(&f->store, "first", VV_F32, vv_shape2(3, 4)));
    vv_ref b = vv_use(&t, vv_store_add(&f->store, "second", VV_F32, vv_shape2(3, 5)));
    vv_ref c = vv_add(&t, a, b);
    assert_false(vv_tape_ok(&t));
    assert_non_null(strstr(f->ctx.error, "'first' f32 [3,4]"));
    assert_non_null(strstr(f->ctx.error, "'second' f32 [3,5]"));
    const uint32_t count = t.count;
    (void)vv_sum_to(&t, vv_exp_of(&t, c), vv_shape1(1));  // harmless from here on
    assert_int_equal(t.count, count);
    vv_tape_finish(&t);
}

static void only_state_may_be_written(void **state) {
    struct fixture *f = *state;
    struct vv_tape t;
    vv_tape_init(&t, &f->store, "writes");
    vv_ref a = vv_fill(&t, vv_shape1(4), 1), b = vv_fill(&t, vv_shape1(4), 2);
    (void)vv_append(&t, &vv_op_copy, (const vv_ref[]){a, b}, NULL);
    assert_false(vv_tape_ok(&t));
    assert_non_null(strstr(f->ctx.error, "no state"));
    vv_tape_finish(&t);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(reused_memory_changes_no_byte),
        TEST(poisoned_memory_changes_no_byte),
        TEST(order_within_barriers_changes_no_byte),
        TEST(reuse_saves_memory),
        TEST(independent_nodes_need_no_barrier),
        TEST(writes_to_state_are_ordered_by_range),
        TEST(kept_nodes_outlive_the_tape),
        TEST(a_failed_append_latches_with_names_and_shapes),
        TEST(only_state_may_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
