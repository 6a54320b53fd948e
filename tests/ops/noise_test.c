// The noise op: the device's bits are the host's, and what an element depends on.
#include "../temporary.h"
#include "abi.h"
#include "driver.h"
#include "exec.h"
#include "noise.h"
#include "view.h"

static const uint64_t seed = UINT64_C(0x123456789abcdef);

struct fixture {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_state *clock;
    struct vv_exec *exec;  // NULL in the tests of the host alone
};

static void begin(struct fixture *f) {
    *f = (struct fixture){.exec = NULL};
    vv_context_init(&f->ctx);
    vv_store_init(&f->store, &f->ctx);
    f->clock = vv_store_add(&f->store, "clock", VV_U32, vv_shape1(VV_CLOCK_WORDS));
    assert_non_null(f->clock);
}

static void begin_on_device(struct fixture *f, bool minimum_limits) {
    begin(f);
    f->exec = vv_vulkan_create(
        &f->store, &(struct vv_vulkan_options){.validate = true, .minimum_limits = minimum_limits});
    if (!f->exec || !vv_exec_realize(f->exec)) fail_msg("%s", f->ctx.error);
}

static void end(struct fixture *f) {
    if (f->exec) {
        vv_exec_destroy(f->exec);
        assert_string_equal(f->ctx.error, "");  // the validation layer's last word included
    }
    vv_store_finish(&f->store);
}

static vv_ref append_noise(struct fixture *f, struct vv_tape *t, uint32_t rows, uint32_t columns) {
    vv_tape_init(t, &f->store, "noise");
    vv_ref eps = vv_noise(t, vv_use(t, f->clock), rows, columns, seed, VV_STREAM_TRAIN);
    eps->keep = true;
    if (!vv_tape_ok(t)) fail_msg("%s", f->ctx.error);
    return eps;
}

static float *reference(const struct vv_node *eps, const struct vv_clock *now) {
    float *out = calloc(vv_count(eps), sizeof *out);
    assert_non_null(out);
    struct vv_clock copy = *now;
    eps->op->reference(eps, &(struct vv_operands){.in = {&copy}, .out = out});
    return out;
}

// Runs the tape at one time of the clock, and compares bits.
static void compare(struct fixture *f, struct vv_program *p, const struct vv_node *eps,
                    const struct vv_clock *now) {
    uint64_t bytes = vv_count(eps) * sizeof(float);
    float *expected = reference(eps, now), *got = malloc(bytes);
    assert_non_null(got);
    if (!vv_exec_write(f->exec, f->clock, 0, now, sizeof *now) || !vv_exec_submit(f->exec, p, 1) ||
        !vv_exec_read_node(f->exec, p, eps, got))
        fail_msg("%s", f->ctx.error);
    if (memcmp(got, expected, bytes) != 0)
        for (uint64_t i = 0; i < vv_count(eps); i++)
            if (memcmp(&got[i], &expected[i], sizeof(float)) != 0)
                fail_msg("step %u, first %u, element %llu: %.9g on the device, %.9g on the host",
                         now->step, now->first, (unsigned long long)i, got[i], expected[i]);
    free(expected);
    free(got);
}

static void compare_batches(struct fixture *f, uint32_t rows, uint32_t columns, uint32_t batches) {
    struct vv_tape t;
    const struct vv_node *eps = append_noise(f, &t, rows, columns);
    struct vv_program *p = vv_exec_compile(f->exec, &t);
    if (!p) fail_msg("%s", f->ctx.error);
    for (uint32_t i = 0; i < batches; i++) {
        struct vv_clock now = {.bad_step = VV_NO_BAD_STEP, .first = i * rows, .step = 1000 + i};
        compare(f, p, eps, &now);
    }
    vv_program_destroy(f->exec, p);
    vv_tape_finish(&t);
}

static void ten_million_draws_are_the_bits_of_the_host(void **state) {
    (void)state;
    struct fixture f;
    begin_on_device(&f, false);
    compare_batches(&f, 25000, 20, 20);
    end(&f);
}

// Columns that are no multiple of four, and more groups than one axis holds at least.
static void odd_shapes_are_the_bits_of_the_host(void **state) {
    (void)state;
    const uint32_t shapes[][2] = {{1, 1}, {7, 3}, {5, 6}, {1, 4099}, {127, 21}, {4200000, 1}};
    for (int minimum = 0; minimum < 2; minimum++) {
        struct fixture f;
        begin_on_device(&f, minimum);
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
            compare_batches(&f, shapes[i][0], shapes[i][1], 2);
        end(&f);
    }
}

static void an_element_depends_on_its_place_alone(void **state) {
    (void)state;
    struct fixture f;
    struct vv_tape t;
    begin(&f);
    const struct vv_node *eps = append_noise(&f, &t, 9, 7);
    struct vv_clock now = {.first = 40, .step = 3};
    float *out = reference(eps, &now);
    for (uint32_t r = 0; r < 9; r++)
        for (uint32_t c = 0; c < 7; c++)
            assert_true(out[r * 7 + c] == vv_noise_at(seed, VV_STREAM_TRAIN, 3, 40 + r, c));
    free(out);
    vv_tape_finish(&t);
    end(&f);
}

static void every_part_of_the_key_matters(void **state) {
    (void)state;
    float z = vv_noise_at(seed, 1, 2, 3, 4);
    assert_true(z == vv_noise_at(seed, 1, 2, 3, 4));
    assert_true(z != vv_noise_at(seed + 1, 1, 2, 3, 4));
    assert_true(z != vv_noise_at(seed + (UINT64_C(1) << 32), 1, 2, 3, 4));
    assert_true(z != vv_noise_at(seed, 2, 2, 3, 4));
    assert_true(z != vv_noise_at(seed, 1, 3, 3, 4));
    assert_true(z != vv_noise_at(seed, 1, 2, 4, 4));
    for (uint32_t d = 0; d < 12; d++) assert_true(d == 4 || z != vv_noise_at(seed, 1, 2, 3, d));
}

static void what_is_no_clock_is_refused(void **state) {
    (void)state;
    struct fixture f;
    begin(&f);
    struct vv_state *floats = vv_store_add(&f.store, "floats", VV_F32, vv_shape1(VV_CLOCK_WORDS));
    struct vv_state *words = vv_store_add(&f.store, "words", VV_U32, vv_shape1(3 * VV_CLOCK_WORDS));
    for (int i = 0; i < 3; i++) {
        struct vv_tape t;
        vv_tape_init(&t, &f.store, "wrong");
        vv_ref wrong = vv_use(&t, i == 0 ? floats : words);
        if (i == 2) wrong = vv_view(&t, wrong, VV_CLOCK_WORDS, vv_shape1(VV_CLOCK_WORDS));
        (void)vv_noise(&t, wrong, 4, 4, seed, VV_STREAM_TRAIN);
        assert_false(vv_tape_ok(&t));
        assert_failure(&f.ctx, VV_USAGE, "noise", wrong->name, i == 2 ? "256" : "no clock",
                       (char *)NULL);
        vv_tape_finish(&t);
    }
    end(&f);
}

int main(void) {
    const struct CMUnitTest host[] = {
        cmocka_unit_test(an_element_depends_on_its_place_alone),
        cmocka_unit_test(every_part_of_the_key_matters),
        cmocka_unit_test(what_is_no_clock_is_refused),
    };
    const struct CMUnitTest device[] = {
        cmocka_unit_test(ten_million_draws_are_the_bits_of_the_host),
        cmocka_unit_test(odd_shapes_are_the_bits_of_the_host),
    };
    int failures = cmocka_run_group_tests(host, NULL, NULL);
    if (failures) return failures;
    need_device();
    need_validation();
    return cmocka_run_group_tests(device, NULL, NULL);
}
