// Candidates are checked before they are trusted: on an executor that is the scalar reference, but wrong
// where the test wants it to be.
#include "../temporary.h"

#include "../message.h"
#include "choices.h"
#include "measure.h"

#include <math.h>

// What the fake spoils: the variants of `family`, by their rows (0: all).
static struct {
    const struct vv_exec_functions *real;
    struct vv_exec_functions fake;
    enum vv_matmul_family family;
    uint32_t rows;
    enum { RIGHT, OFF, NOT_A_NUMBER, REFUSED, ALL_OFF, LOST } how;
    struct vv_variant last;  // that was compiled
    uint32_t warnings;
    char warning[512];
} fake;

static bool is_spoiled(const struct vv_variant *v) {
    return fake.how == ALL_OFF ||
           (fake.how != RIGHT && v->family == fake.family && (!fake.rows || v->rows == fake.rows));
}

static struct vv_program *compile(struct vv_exec *e, const struct vv_tape *t) {
    assert_int_equal(e->limits.tuning->count, 1);
    fake.last = e->limits.tuning->entries[0].variant;
    if (fake.how != REFUSED || !is_spoiled(&fake.last)) return fake.real->compile(e, t);
    (void)vv_fail(e->ctx, VV_FAILED, "the driver does not like it");
    return NULL;
}

static bool submit(struct vv_exec *e, struct vv_program *p, uint32_t times) {
    if (fake.how == LOST && is_spoiled(&fake.last)) return vv_fail(e->ctx, VV_FAILED, "lost");
    return fake.real->submit(e, p, times ? 1 : 0);
}

// The last element: a kernel that is wrong is often wrong at an edge alone.
static bool read_node(struct vv_exec *e, struct vv_program *p, const struct vv_node *y, void *data) {
    const bool ok = fake.real->read_node(e, p, y, data);
    float *last = (float *)data + vv_count(y) - 1;
    if (fake.how != RIGHT && is_spoiled(&fake.last)) *last = fake.how == NOT_A_NUMBER ? NAN : *last + 1;
    return ok;
}

static void on_log(void *user, enum vv_log_level level, const char *line) {
    (void)user;
    assert_int_equal(level, VV_LOG_WARNING);
    fake.warnings++;
    (void)snprintf(fake.warning, sizeof fake.warning, "%s", line);
}

struct fixture {
    struct temporary *t;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_jobs jobs;
    struct vv_meter meter;
};

// A tape's products on a device with all families that lavapipe has.
static void open_on(struct fixture *f, struct temporary *t, uint32_t m) {
    const struct vv_limits limits = {.is_cpu = true,
                                     .subgroup_size = 8,
                                     .subgroup_shuffle = true,
                                     .max_invocations = 1024,
                                     .max_groups = 65535,
                                     .max_shared_bytes = 32768,
                                     .max_texel_elements = 1 << 27,
                                     .max_storage_range = 1 << 27,
                                     .max_uniform_range = 65536,
                                     .offset_alignment = 16,
                                     .max_storage_buffers = 16,
                                     .matmul = VV_MATMUL_SUBGROUP_TEXEL};
    *f = (struct fixture){.t = t};
    t->ctx.log = on_log;
    vv_store_init(&f->store, &t->ctx);
    struct vv_exec *collector = vv_collector_create(&f->store, &limits, &f->jobs);
    struct vv_tape tape;
    vv_tape_init(&tape, &f->store, "products");
    vv_ref x = vv_use(&tape, vv_store_add(&f->store, "x", VV_F32, vv_shape2(m, 12)));
    vv_ref w = vv_use(&tape, vv_store_add(&f->store, "w", VV_F32, vv_shape2(8, 12)));
    vv_ref b = vv_use(&tape, vv_store_add(&f->store, "b", VV_F32, vv_shape1(8)));
    vv_ref h = vv_linear(&tape, x, w, b, VV_RELU);  // nt m x 8 x 12
    (void)vv_linear(&tape, x, w, b, VV_IDENTITY);   // the same product
    (void)vv_matmul_nn(&tape, h, w);                // nn m x 12 x 8
    struct vv_program *program = vv_exec_compile(collector, &tape);
    assert_non_null(program);
    vv_program_destroy(collector, program);
    vv_tape_finish(&tape);
    vv_exec_destroy(collector);

    f->exec = vv_reference_create(&f->store, NULL);
    f->exec->limits = limits;
    fake.real = f->exec->f;
    fake.fake = *fake.real;
    fake.fake.compile = compile;
    fake.fake.submit = submit;
    fake.fake.read_node = read_node;
    fake.warnings = 0;
    f->exec->f = &fake.fake;
    assert_true(vv_meter_init(&f->meter, f->exec, &f->jobs));
}

static void close_fixture(struct fixture *f) {
    fake.how = RIGHT;
    vv_meter_finish(&f->meter);
    vv_exec_destroy(f->exec);
    vv_jobs_finish(&f->jobs);
    vv_store_finish(&f->store);
}

static void each_product_is_collected_once(void **state) {
    struct fixture f;
    char text[VV_PRODUCT_TEXT];
    open_on(&f, *state, 20);
    assert_int_equal(f.jobs.count, 2);
    assert_string_equal(vv_product_print(&f.jobs.list[0].product, text), "nt 20x8x12");
    assert_string_equal(vv_product_print(&f.jobs.list[1].product, text), "nn 20x12x8");
    assert_ptr_equal(f.jobs.list[0].op, &vv_op_linear);
    assert_int_equal(f.jobs.list[0].attr.u[0], VV_RELU);
    close_fixture(&f);
}

static void candidates_that_are_right_are_timed(void **state) {
    struct fixture f;
    struct vv_variant list[VV_MAX_VARIANTS];
    open_on(&f, *state, 20);
    for (uint32_t i = 0; i < f.jobs.count; i++) {
        struct vv_measured m;
        assert_true(vv_meter_run(&f.meter, &f.jobs.list[i], 1e-3, &m));
        assert_true(m.count > 1 && m.chosen < m.count);
        (void)vv_matmul_variants(&m.product, &f.exec->limits, list);
        assert_true(vv_variant_equal(&m.candidates[0].variant, &list[0]));
        for (uint32_t j = 0; j < m.count; j++)
            assert_true(!m.candidates[j].wrong && m.candidates[j].seconds > 0 &&
                        m.candidates[j].error < 1e-6);
    }
    assert_int_equal(fake.warnings, 0);
    assert_null(f.exec->limits.tuning);
    close_fixture(&f);
}

static void assert_spoiled(struct fixture *f, double least, double most, const char *why) {
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < f->jobs.count; i++) {
        struct vv_measured m;
        assert_true(vv_meter_run(&f->meter, &f->jobs.list[i], 1e-3, &m));
        for (uint32_t j = 0; j < m.count; j++) {
            const struct vv_candidate *c = &m.candidates[j];
            assert_int_equal(c->wrong, is_spoiled(&c->variant));
            if (c->wrong) assert_true(c->error >= least && c->error <= most && c->seconds == 0);
            wrong += c->wrong;
        }
        assert_false(m.candidates[m.chosen].wrong);
    }
    assert_true(wrong > 0);
    assert_true(fake.warnings > 0 && fake.warnings <= wrong);
    assert_non_null(strstr(fake.warning, why));
    assert_int_equal(f->t->ctx.status, VV_OK);
}

static void wrong_candidates_are_told_and_never_chosen(void **state) {
    struct fixture f;
    fake.family = VV_MATMUL_SUBGROUP_TEXEL;  // of which the fixed table's choice is one
    fake.rows = 0;
    fake.how = OFF;
    open_on(&f, *state, 20);
    assert_spoiled(&f, 0.01, 1, "its error is ");
    close_fixture(&f);
}

static void not_a_number_is_wrong(void **state) {
    struct fixture f;
    fake.family = VV_MATMUL_PLAIN;
    fake.rows = 0;
    fake.how = NOT_A_NUMBER;
    open_on(&f, *state, 33);
    assert_spoiled(&f, INFINITY, INFINITY, "'plain' is wrong on scalar reference");
    assert_int_equal(fake.warnings, 1);  // for two products
    close_fixture(&f);
}

static void what_is_not_compiled_is_wrong(void **state) {
    struct fixture f;
    fake.family = VV_MATMUL_SUBGROUP_BUFFER;
    fake.rows = 0;
    fake.how = REFUSED;
    open_on(&f, *state, 5);
    assert_spoiled(&f, INFINITY, INFINITY, "(the driver does not like it)");
    close_fixture(&f);
}

static void none_right_is_an_error(void **state) {
    struct temporary *t = *state;
    struct fixture f;
    struct vv_measured m;
    fake.how = ALL_OFF;
    open_on(&f, t, 20);
    assert_false(vv_meter_run(&f.meter, &f.jobs.list[0], 1e-3, &m));
    ASSERT_MESSAGE(
        "no kernel is right on <device> for the product <product>: update its driver, or take "
        "another device with --device",
        VV_FAILED,
        "no kernel is right on scalar reference on the host for the product nt 20x8x12: update "
        "its driver, or take another device with --device",
        &t->ctx);
    close_fixture(&f);
}

static void device_that_fails_ends_it(void **state) {
    struct temporary *t = *state;
    struct fixture f;
    struct vv_measured m;
    fake.family = VV_MATMUL_PLAIN;
    fake.rows = 0;
    fake.how = LOST;
    open_on(&f, t, 20);
    assert_false(vv_meter_run(&f.meter, &f.jobs.list[0], 1e-3, &m));
    assert_string_equal(t->ctx.error, "lost");
    close_fixture(&f);
}

static uint32_t choice_of(double a, double b, double c) {
    const double seconds[] = {a, b, c};
    struct vv_measured m = {.count = 3};
    for (int i = 0; i < 3; i++)
        m.candidates[i] = (struct vv_candidate){.wrong = seconds[i] < 0, .seconds = seconds[i]};
    return vv_measured_choose(&m);
}

static void fixed_choice_stays_where_the_difference_is_small(void **state) {
    (void)state;
    assert_int_equal(choice_of(1, 2, 3), 0);
    assert_int_equal(choice_of(1, 0.99, 3), 0);
    assert_int_equal(choice_of(1, 0.99, 0.5), 2);
    assert_int_equal(choice_of(1, 0.9, 3), 1);
    assert_int_equal(choice_of(-1, 3, 2), 2);
    assert_int_equal(choice_of(-1, 3, -1), 1);
    assert_int_equal(choice_of(-1, -1, -1), UINT32_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_product_is_collected_once),
        TEST(candidates_that_are_right_are_timed),
        TEST(wrong_candidates_are_told_and_never_chosen),
        TEST(not_a_number_is_wrong),
        TEST(what_is_not_compiled_is_wrong),
        TEST(none_right_is_an_error),
        TEST(device_that_fails_ends_it),
        TEST(fixed_choice_stays_where_the_difference_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
