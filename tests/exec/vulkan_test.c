// The Vulkan executor itself: states, copies, programs, errors. Each test runs under the validation
// layer, with mapped memory (where the device has it) and with the least limits, which take the staging
// path; each ends with a check that the layer said nothing, not even when the device was destroyed. The
// ops have their own tests.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "driver.h"
#include "elementwise.h"
#include "view.h"

#include <string.h>

struct fixture {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
};

static void print_line(void *user, enum vv_log_level level, const char *line) {
    (void)user, (void)level;
    printf("%s\n", line);
}

static struct vv_vulkan_options mapped = {.validate = true},
                                staged = {.validate = true, .minimum_limits = true};

static int setup(void **state) {
    const struct vv_vulkan_options *options = *state;
    struct fixture *f = calloc(1, sizeof *f);
    vv_context_init(&f->ctx);
    f->ctx.log = print_line;
    vv_store_init(&f->store, &f->ctx);
    f->exec = vv_vulkan_create(&f->store, options);
    if (!f->exec) printf("%s\n", f->ctx.error);
    *state = f;
    return f->exec ? 0 : -1;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    vv_exec_destroy(f->exec);
    if (f->ctx.status != VV_OK) printf("%s\n", f->ctx.error);
    bool ok = f->ctx.status == VV_OK;
    vv_store_finish(&f->store);
    free(f);
    return ok ? 0 : -1;
}

// ---- states ----

static struct vv_state *add_bytes(struct fixture *f, uint32_t n) {
    struct vv_state *s = vv_store_add(&f->store, "bytes", VV_U8, vv_shape1(n));
    assert_non_null(s);
    return s;
}

static void fill_pattern(unsigned char *bytes, size_t n, uint32_t seed) {
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(seed >> 24);
    }
}

static void states_begin_as_zeros(void **state) {
    struct fixture *f = *state;
    static const uint32_t sizes[] = {1, 3, 16, 1021, 70001};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) (void)add_bytes(f, sizes[i]);
    assert_true(vv_exec_realize(f->exec));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *got = malloc(sizes[i]);
        memset(got, 0xee, sizes[i]);
        assert_true(vv_exec_read(f->exec, f->store.states[i], 0, got, sizes[i]));
        for (uint32_t j = 0; j < sizes[i]; j++) assert_int_equal(got[j], 0);
        free(got);
    }
}

static void states_keep_what_is_written(void **state) {
    struct fixture *f = *state;
    // The last one takes three pieces of staging memory, the third of them odd.
    static const uint32_t sizes[] = {1, 2, 3, 5, 257, 65537, 2 * (4u << 20) + 13};
    const size_t count = sizeof sizes / sizeof *sizes, most = sizes[count - 1];
    unsigned char *wrote = malloc(most), *got = malloc(most);
    for (size_t i = 0; i < count; i++) (void)add_bytes(f, sizes[i]);
    assert_true(vv_exec_realize(f->exec));
    for (size_t i = 0; i < count; i++) {
        fill_pattern(wrote, sizes[i], (uint32_t)i);
        assert_true(vv_exec_write(f->exec, f->store.states[i], 0, wrote, sizes[i]));
    }
    for (size_t i = 0; i < count; i++) {
        fill_pattern(wrote, sizes[i], (uint32_t)i);
        memset(got, 0, sizes[i]);
        assert_true(vv_exec_read(f->exec, f->store.states[i], 0, got, sizes[i]));
        assert_memory_equal(got, wrote, sizes[i]);
    }
    free(wrote);
    free(got);
}

static void ranges_are_written_and_read_alone(void **state) {
    struct fixture *f = *state;
    enum { SIZE = 1003 };
    struct vv_state *s = add_bytes(f, SIZE);
    assert_true(vv_exec_realize(f->exec));
    unsigned char want[SIZE], got[SIZE], part[SIZE];
    fill_pattern(want, SIZE, 1);
    assert_true(vv_exec_write(f->exec, s, 0, want, SIZE));
    static const struct {
        uint32_t offset, n;
    } ranges[] = {{0, 4}, {4, 8}, {252, 260}, {996, 7}, {1000, 3}, {500, 0}};
    for (uint32_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        fill_pattern(part, ranges[i].n, 100 + i);
        memcpy(want + ranges[i].offset, part, ranges[i].n);
        assert_true(vv_exec_write(f->exec, s, ranges[i].offset, part, ranges[i].n));
        assert_true(vv_exec_read(f->exec, s, 0, got, SIZE));
        assert_memory_equal(got, want, SIZE);
        memset(got, 0xee, SIZE);
        assert_true(vv_exec_read(f->exec, s, ranges[i].offset, got, ranges[i].n));
        assert_memory_equal(got, part, ranges[i].n);
        assert_int_equal(got[ranges[i].n], 0xee);
    }
}

static void states_may_be_added_later(void **state) {
    struct fixture *f = *state;
    assert_true(vv_exec_realize(f->exec));  // none yet
    const uint32_t first = 0x12345678, second = 0x9abcdef0;
    struct vv_state *a = vv_store_add(&f->store, "a", VV_U32, vv_shape1(1));
    assert_true(vv_exec_realize(f->exec));
    assert_true(vv_exec_write(f->exec, a, 0, &first, 4));
    struct vv_state *b = vv_store_add(&f->store, "b", VV_U32, vv_shape1(1));
    assert_true(vv_exec_realize(f->exec));
    assert_true(vv_exec_write(f->exec, b, 0, &second, 4));
    uint32_t got = 0;
    assert_true(vv_exec_read(f->exec, a, 0, &got, 4));
    assert_int_equal(got, first);
    assert_true(vv_exec_read(f->exec, b, 0, &got, 4));
    assert_int_equal(got, second);
}

// ---- programs ----

static struct vv_state *add_floats(struct fixture *f, const char *name, uint32_t n) {
    struct vv_state *s = vv_store_add(&f->store, name, VV_F32, vv_shape1(n));
    assert_non_null(s);
    return s;
}

// Gives s the values first, first + 1, …
static void write_ramp(struct fixture *f, const struct vv_state *s, float first) {
    const uint32_t n = s->shape.dim[0];
    float *values = malloc(n * sizeof *values);
    for (uint32_t i = 0; i < n; i++) values[i] = first + (float)i;
    assert_true(vv_exec_realize(f->exec));
    assert_true(vv_exec_write(f->exec, s, 0, values, s->bytes));
    free(values);
}

static struct vv_program *compile(struct fixture *f, const struct vv_tape *t) {
    struct vv_program *p = vv_exec_compile(f->exec, t);
    if (!p) fail_msg("%s", f->ctx.error);
    return p;
}

static void run(struct fixture *f, struct vv_program *p, uint32_t times) {
    if (!vv_exec_submit(f->exec, p, times)) fail_msg("%s", f->ctx.error);
}

static void views_at_odd_offsets_are_found(void **state) {
    struct fixture *f = *state;
    enum { SIZE = 700, PART = 37 };
    struct vv_state *s = add_floats(f, "ramp", SIZE), *out = add_floats(f, "out", SIZE);
    write_ramp(f, s, 0);
    static const uint32_t offsets[] = {0, 1, 3, 4, 63, 64, 65, SIZE - PART};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        struct vv_tape t;
        vv_tape_init(&t, &f->store, "offsets");
        vv_ref x = vv_view(&t, vv_use(&t, s), offsets[i], vv_shape1(PART));
        vv_ref y = vv_affine(&t, x, 2.0, 1.0);
        vv_ref z = vv_affine(&t, y, 1.0, 0.0);
        z->keep = true;
        (void)vv_place(&t, vv_affine(&t, y, 1.0, 0.5), out, offsets[i]);
        struct vv_program *p = compile(f, &t);
        run(f, p, 1);
        float got[PART];
        assert_true(vv_exec_read_node(f->exec, p, z, got));
        for (uint32_t j = 0; j < PART; j++) assert_true(got[j] == 2 * (float)(offsets[i] + j) + 1);
        assert_true(vv_exec_read(f->exec, out, 4 * (uint64_t)offsets[i], got, sizeof got));
        for (uint32_t j = 0; j < PART; j++) assert_true(got[j] == 2 * (float)(offsets[i] + j) + 1.5f);
        vv_program_destroy(f->exec, p);
        vv_tape_finish(&t);
    }
}

// x = x + 1, read by one node and written by the next: each replay needs what the one before it wrote.
static void replays_see_what_came_before(void **state) {
    struct fixture *f = *state;
    enum { SIZE = 1000 };
    struct vv_state *s = add_floats(f, "x", SIZE);
    write_ramp(f, s, 0);
    struct vv_tape t;
    vv_tape_init(&t, &f->store, "count");
    vv_ref x = vv_use(&t, s), next = vv_affine(&t, x, 1.0, 1.0);
    (void)vv_append(&t, &vv_op_copy, (const vv_ref[]){x, next}, NULL);
    struct vv_program *p = compile(f, &t);
    static const uint32_t times[] = {1, 0, 7, 100, 3, 1, 2};
    float total = 0, got[SIZE];
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        run(f, p, times[i]);
        total += (float)times[i];
    }
    assert_true(vv_exec_read(f->exec, s, 0, got, sizeof got));
    for (uint32_t i = 0; i < SIZE; i++) assert_true(got[i] == (float)i + total);
    write_ramp(f, s, 5);  // while it may run
    run(f, p, 2);
    assert_true(vv_exec_wait(f->exec));
    assert_true(vv_exec_read(f->exec, s, 4 * (SIZE - 1), got, 4));
    assert_true(got[0] == SIZE - 1 + 5 + 2);
    vv_program_destroy(f->exec, p);
    vv_tape_finish(&t);
}

// The same, cut; and what has landed is seen while later submissions are in flight.
static void pieces_and_peeks_see_what_came_before(void **state) {
    struct fixture *f = *state;
    enum { SIZE = 1000, ROUNDS = 20 };
    struct vv_state *s = add_floats(f, "x", SIZE);
    s->peeked = true;
    write_ramp(f, s, 0);
    f->exec->piece_work = 1;
    struct vv_tape t;
    vv_tape_init(&t, &f->store, "count");
    vv_ref x = vv_use(&t, s), next = vv_affine(&t, x, 1.0, 1.0);
    (void)vv_append(&t, &vv_op_copy, (const vv_ref[]){x, next}, NULL);
    struct vv_program *p = compile(f, &t);
    float got = 0;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const uint64_t before = f->exec->submitted;
        assert_true(vv_exec_submit_parts(f->exec, p, i % 2 ? VV_ALL_PARTS : 1));
        assert_int_equal(f->exec->submitted - before, i % 2 ? 2 : 1);
        assert_true(vv_exec_land(f->exec, before));
        assert_true(vv_exec_peek(f->exec, s, 4 * (SIZE - 1), &got, 4));
        assert_true(got >= (float)(SIZE - 1 + i) && got <= (float)(SIZE + i));
    }
    run(f, p, 3);
    assert_true(vv_exec_land(f->exec, f->exec->submitted));
    assert_true(vv_exec_peek(f->exec, s, 0, &got, 4));
    assert_true(got == ROUNDS + 3);
    vv_program_destroy(f->exec, p);
    vv_tape_finish(&t);
}

// Two programs in turns, each with a state that the host writes while the other runs.
static void pokes_are_seen_by_what_is_submitted_next(void **state) {
    struct fixture *f = *state;
    enum { SIZE = 5000, ROUNDS = 40 };
    struct vv_state *sum = add_floats(f, "sum", SIZE), *fresh[2];
    struct vv_tape t[2];
    struct vv_program *p[2];
    float *at[2], got[SIZE];
    for (uint32_t i = 0; i < 2; i++) {  // sum = sum + fresh[i]
        fresh[i] = add_floats(f, i ? "odd" : "even", SIZE);
        fresh[i]->poked = fresh[i]->whole = true;
        vv_tape_init(&t[i], &f->store, "take");
        vv_ref x = vv_use(&t[i], sum), next = vv_add(&t[i], x, vv_use(&t[i], fresh[i]));
        (void)vv_append(&t[i], &vv_op_copy, (const vv_ref[]){x, next}, NULL);
        p[i] = compile(f, &t[i]);
        at[i] = vv_exec_address(f->exec, fresh[i]);
    }
    uint64_t before = 0;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        for (uint32_t j = 0; j < SIZE; j++) at[i % 2][j] = (float)(i + j % 3);
        assert_true(vv_exec_submit(f->exec, p[i % 2], 1) && vv_exec_land(f->exec, before));
        before = f->exec->submitted;
    }
    assert_true(vv_exec_read(f->exec, sum, 0, got, sizeof got));
    for (uint32_t j = 0; j < SIZE; j++)
        assert_true(got[j] == (float)(ROUNDS * (ROUNDS - 1) / 2 + ROUNDS * (j % 3)));
    assert_ptr_equal(vv_exec_address(f->exec, fresh[0]), at[0]);
    for (uint32_t i = 0; i < 2; i++) {
        vv_program_destroy(f->exec, p[i]);
        vv_tape_finish(&t[i]);
    }
}

static void room_is_told(void **state) {
    struct fixture *f = *state;
    (void)add_floats(f, "some", 1 << 20);
    assert_true(vv_exec_realize(f->exec));
    const struct vv_room room = vv_exec_room(f->exec);
    assert_true(room.one > 0 && room.one <= f->exec->limits.max_storage_range);
    assert_true(room.all > 0);
}

static void programs_share_states(void **state) {
    struct fixture *f = *state;
    struct vv_state *s = add_floats(f, "x", 129);
    write_ramp(f, s, 1);
    struct vv_tape t[2];
    struct vv_program *p[2];
    for (uint32_t i = 0; i < 2; i++) {  // x = 2 x; x = x + 1
        vv_tape_init(&t[i], &f->store, i ? "add" : "double");
        vv_ref x = vv_use(&t[i], s), next = vv_affine(&t[i], x, i ? 1.0 : 2.0, i ? 1.0 : 0.0);
        (void)vv_append(&t[i], &vv_op_copy, (const vv_ref[]){x, next}, NULL);
        p[i] = compile(f, &t[i]);
    }
    for (uint32_t i = 0; i < 6; i++) run(f, p[i % 2], 1);
    float got[129];
    assert_true(vv_exec_read(f->exec, s, 0, got, sizeof got));
    for (uint32_t i = 0; i < 129; i++) assert_true(got[i] == 8 * (float)(i + 1) + 7);
    for (uint32_t i = 0; i < 2; i++) {
        vv_program_destroy(f->exec, p[i]);
        vv_tape_finish(&t[i]);
    }
}

static void empty_tapes_run(void **state) {
    struct fixture *f = *state;
    struct vv_tape t;
    vv_tape_init(&t, &f->store, "empty");
    struct vv_program *p = compile(f, &t);
    run(f, p, 3);
    assert_int_equal(vv_program_plan(f->exec, p)->arena_bytes, 0);
    vv_program_destroy(f->exec, p);
    vv_tape_finish(&t);
}

// ---- errors ----

static void expect_failure(struct fixture *f, enum vv_status status, const char *part) {
    assert_int_equal(f->ctx.status, status);
    if (!strstr(f->ctx.error, part)) fail_msg("'%s' is not in: %s", part, f->ctx.error);
    vv_clear(&f->ctx);
}

static void failed_tapes_are_refused(void **state) {
    struct fixture *f = *state;
    struct vv_tape t;
    vv_tape_init(&t, &f->store, "bad");
    vv_ref a = vv_use(&t, add_floats(f, "a", 2)), b = vv_use(&t, add_floats(f, "b", 3));
    (void)vv_add(&t, a, b);
    assert_null(vv_exec_compile(f->exec, &t));
    expect_failure(f, VV_USAGE, "[3]");
    assert_null(vv_exec_compile(f->exec, &t));
    expect_failure(f, VV_FAILED, "'bad'");
    vv_tape_finish(&t);
}

static void ranges_beyond_the_limits_are_refused(void **state) {
    struct fixture *f = *state;
    if (f->exec->limits.max_storage_range > 1u << 27) return;  // that much memory is not worth the test
    struct vv_state *s = add_floats(f, "wide", (1u << 25) + 1);
    struct vv_tape t;
    vv_tape_init(&t, &f->store, "large");
    (void)vv_name(&t, vv_affine(&t, vv_use(&t, s), 1.0, 0.0), "too much");
    assert_null(vv_exec_compile(f->exec, &t));
    expect_failure(f, VV_FAILED, "'too much'");
    vv_tape_finish(&t);
}

// The layer of the tests, where they run under it, knows one instance and one device at a time.
static void need_another(void) {
    if (getenv("VKVAE_TEST_LAYER")) skip();
}

static void states_beyond_the_memory_are_refused(void **state) {
    struct fixture *f = *state;
    need_another();
    struct vv_device_info *devices;
    uint32_t count, chosen;
    char why[256];
    assert_true(vv_vulkan_list(&f->ctx, NULL, &devices, &count, &chosen, why));
    bool small = devices[chosen].memory_bytes < UINT64_C(1) << 34;
    free(devices);
    if (!small) return;
    (void)add_floats(f, "huge", UINT32_MAX);
    assert_false(vv_exec_realize(f->exec));
    expect_failure(f, VV_FAILED, "'huge'");
}

// ---- choices ----

static struct vv_exec *open_with(struct fixture *f, const char *kernels) {
    need_another();
    return vv_vulkan_create(&f->store, &(struct vv_vulkan_options){.kernels = kernels});
}

static void kernels_can_be_asked_for(void **state) {
    struct fixture *f = *state;
    struct vv_exec *e = open_with(f, "plain");
    assert_non_null(e);
    assert_int_equal(e->limits.matmul, VV_MATMUL_PLAIN);
    assert_memory_equal(e->kernels, "plain/", 6);
    vv_exec_destroy(e);
    e = open_with(f, "auto");
    assert_non_null(e);
    char saved[sizeof e->kernels];
    memcpy(saved, e->kernels, sizeof saved);
    vv_exec_destroy(e);
    e = open_with(f, saved);
    assert_non_null(e);
    assert_string_equal(e->kernels, saved);
    vv_exec_destroy(e);
}

static void kernels_that_are_not_there_are_refused(void **state) {
    struct fixture *f = *state;
    assert_null(open_with(f, "subgroup-buffer/3"));
    expect_failure(f, VV_FAILED, "--kernels auto");
    static const char *const nonsense[] = {"fast", "", "plain/", "plain/x", "plain/8x", "/8"};
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        assert_null(open_with(f, nonsense[i]));
        expect_failure(f, VV_USAGE, nonsense[i]);
    }
}

// Their sizes, and so the order of sums, follow from more than the subgroups.
static void tiles_of_other_limits_are_refused(void **state) {
    struct fixture *f = *state;
    struct vv_exec *e = open_with(f, "tile");
    assert_non_null(e);
    char saved[sizeof e->kernels], other[sizeof e->kernels + 1];
    memcpy(saved, e->kernels, sizeof saved);
    vv_exec_destroy(e);
    e = open_with(f, saved);
    assert_non_null(e);
    assert_string_equal(e->kernels, saved);
    vv_exec_destroy(e);
    (void)snprintf(other, sizeof other, "%s0", saved);  // ten times the shared memory
    assert_null(open_with(f, other));
    expect_failure(f, VV_FAILED, "take the device of that run");
}

static void executors_live_side_by_side(void **state) {
    struct fixture *f = *state;
    struct vv_exec *other = open_with(f, NULL);
    assert_non_null(other);
    struct vv_state *s = add_floats(f, "x", 5);
    write_ramp(f, s, 3);
    assert_true(vv_exec_realize(other));
    float got[5];
    assert_true(vv_exec_read(other, s, 0, got, sizeof got));
    assert_true(got[4] == 0);
    vv_exec_destroy(other);
    assert_true(vv_exec_read(f->exec, s, 0, got, sizeof got));
    assert_true(got[4] == 7);
}

#define EITHER_PATH(test)                                                                               \
    {#test ", mapped", test, setup, teardown, &mapped}, {                                               \
#test ", staged", test, setup, teardown, &staged                                                \
    }

int main(void) {
    need_device();
    need_validation();
    const struct CMUnitTest tests[] = {
        EITHER_PATH(states_begin_as_zeros),
        EITHER_PATH(states_keep_what_is_written),
        EITHER_PATH(ranges_are_written_and_read_alone),
        EITHER_PATH(states_may_be_added_later),
        EITHER_PATH(views_at_odd_offsets_are_found),
        EITHER_PATH(replays_see_what_came_before),
        EITHER_PATH(pieces_and_peeks_see_what_came_before),
        EITHER_PATH(pokes_are_seen_by_what_is_submitted_next),
        EITHER_PATH(room_is_told),
        EITHER_PATH(programs_share_states),
        EITHER_PATH(empty_tapes_run),
        EITHER_PATH(failed_tapes_are_refused),
        EITHER_PATH(ranges_beyond_the_limits_are_refused),
        EITHER_PATH(states_beyond_the_memory_are_refused),
        EITHER_PATH(kernels_can_be_asked_for),
        EITHER_PATH(kernels_that_are_not_there_are_refused),
        EITHER_PATH(tiles_of_other_limits_are_refused),
        EITHER_PATH(executors_live_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
