// Each op on the device against the reference, at odd shapes, with every kernel family that the device
// can run, with its own limits and with the least, with inputs that start where no alignment is, under
// the validation layer. An op without a case fails.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

#include "cases.h"
#include "driver.h"
#include "half.h"
#include "list.h"
#include "matmul.h"
#include "noise.h"
#include "random.h"
#include "sanitized.h"
#include "training.h"

struct fixture {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *device, *reference;
};

static int open_fixture(void **state, const char *kernels, bool minimum) {
    struct fixture *f = calloc(1, sizeof *f);
    vv_context_init(&f->ctx);
    vv_store_init(&f->store, &f->ctx);
    f->reference = vv_reference_create(&f->store, &(struct vv_reference_options){.check = true});
    f->device = vv_vulkan_create(
        &f->store,
        &(struct vv_vulkan_options){.validate = true, .minimum_limits = minimum, .kernels = kernels});
    if (!f->device) printf("%s\n", f->ctx.error);
    *state = f;
    return f->device && f->reference ? 0 : -1;
}

static int open_chosen(void **state) {
    return open_fixture(state, NULL, false);
}
static int open_minimum(void **state) {
    return open_fixture(state, NULL, true);
}
static int open_plain(void **state) {
    return open_fixture(state, "plain", false);
}
static int open_tile(void **state) {
    return open_fixture(state, "tile", false);
}
// Bindings begin on 256 bytes, as many GPUs want it, so that operands may begin behind them.
static int open_behind(void **state) {
    if (open_fixture(state, NULL, false) != 0) return -1;
    ((struct fixture *)*state)->device->limits.offset_alignment = 256;
    return 0;
}
static int open_buffer(void **state) {
    return open_fixture(state, "subgroup-buffer", false);
}
static int open_texel(void **state) {
    return open_fixture(state, "subgroup-texel", false);
}

// What the layer says while the device is torn down counts too.
static int close_fixture(void **state) {
    struct fixture *f = *state;
    vv_exec_destroy(f->device);
    vv_exec_destroy(f->reference);
    const bool clean = f->ctx.status == VV_OK;
    if (!clean) printf("%s\n", f->ctx.error);
    vv_store_finish(&f->store);
    free(f);
    return clean ? 0 : -1;
}

static void check_words(const struct op_case *c, const char *what, const uint32_t *a, const uint32_t *b,
                        uint64_t n) {
    for (uint64_t i = 0; i < n; i++)
        if (a[i] != b[i])
            fail_msg("%s %u,%u,%u,%u: %s, word %llu: device %08x, reference %08x", c->op->name, c->n[0],
                     c->n[1], c->n[2], c->n[3], what, (unsigned long long)i, a[i], b[i]);
}

// Sums of k terms of size 1 in float differ by about sqrt(k) / 10^7; a wrong or missing term by about 1.
static void check_reals(const struct op_case *c, const char *what, const float *a, const float *b,
                        uint64_t n) {
    double scale = 0;
    for (uint64_t i = 0; i < n; i++)
        if (isfinite(b[i]) && fabs((double)b[i]) > scale) scale = fabs((double)b[i]);
    for (uint64_t i = 0; i < n; i++) {
        const double tolerance = 2e-6 * scale + 1e-5 * fabs((double)b[i]) + 1e-7;
        const bool same = memcmp(&a[i], &b[i], sizeof a[i]) == 0;
        if (!same && !(fabs((double)a[i] - (double)b[i]) <= tolerance))
            fail_msg("%s %u,%u,%u,%u: %s, element %llu: device %.9g, reference %.9g", c->op->name,
                     c->n[0], c->n[1], c->n[2], c->n[3], what, (unsigned long long)i, (double)a[i],
                     (double)b[i]);
    }
}

static void compare_states(struct fixture *f, const struct op_case *c, const struct graph *g) {
    for (uint32_t i = 0; i < g->count; i++) {
        const struct vv_state *s = g->state[i];
        void *a = calloc(1, s->bytes + 4), *b = calloc(1, s->bytes + 4);
        assert_true(vv_exec_read(f->device, s, 0, a, s->bytes));
        assert_true(vv_exec_read(f->reference, s, 0, b, s->bytes));
        if (s->type == VV_F32)
            check_reals(c, s->name, a, b, s->bytes / 4);
        else
            check_words(c, s->name, a, b, s->bytes / 4);
        free(a);
        free(b);
    }
}

static void compare_result(struct fixture *f, const struct op_case *c, struct vv_program *device,
                           struct vv_program *reference, const struct vv_node *y) {
    float *a = calloc(vv_count(y), sizeof *a), *b = calloc(vv_count(y), sizeof *b);
    assert_true(vv_exec_read_node(f->device, device, y, a));
    assert_true(vv_exec_read_node(f->reference, reference, y, b));
    const bool exact = c->op == &vv_op_noise || c->op == &vv_op_dropout || c->op == &vv_op_augmented ||
                       c->op == &vv_op_gather || c->op == &vv_op_halve || c->op == &vv_op_unhalve;
    if (c->op != &vv_op_halve && c->op != &vv_op_unhalve)  // whose words may stand for any float
        check_reals(c, "result", a, b, vv_count(y));
    if (exact) assert_memory_equal(a, b, vv_count(y) * sizeof *a);
    free(a);
    free(b);
}

static bool uses_op(const struct vv_tape *t, const struct vv_op *op) {
    for (uint32_t i = 0; i < t->count; i++)
        if (t->nodes[i]->op == op) return true;
    return false;
}

// Runs what was built on both executors, from the same inputs, and compares.
static void run_graph(struct fixture *f, const struct op_case *c, const struct vv_tape *t,
                      const struct graph *g, const struct vv_node *y) {
    struct vv_program *device = vv_exec_compile(f->device, t);
    struct vv_program *reference = vv_exec_compile(f->reference, t);
    if (!device || !reference) fail_msg("%s: %s", c->op->name, f->ctx.error);
    for (uint32_t i = 0; i < g->count; i++) {
        assert_true(vv_exec_write(f->device, g->state[i], 0, g->bytes[i], g->state[i]->bytes));
        assert_true(vv_exec_write(f->reference, g->state[i], 0, g->bytes[i], g->state[i]->bytes));
    }
    const bool ran = vv_exec_submit(f->device, device, 1) && vv_exec_wait(f->device) &&
                     vv_exec_submit(f->reference, reference, 1);
    if (!ran) fail_msg("%s: %s", c->op->name, f->ctx.error);
    compare_states(f, c, g);
    if (y->keep) compare_result(f, c, device, reference, y);
    vv_program_destroy(f->device, device);
    vv_program_destroy(f->reference, reference);
}

static vv_ref build_case(struct fixture *f, const struct op_case *c, uint32_t misalign,
                         struct vv_tape *t, struct graph *g) {
    vv_tape_init(t, &f->store, c->op->name);
    vv_ref y = graph_build(g, c, t, misalign, 1 + misalign);
    if (!vv_tape_ok(t)) fail_msg("%s", f->ctx.error);
    assert_true(uses_op(t, c->op));
    y->keep = y->shape.rank != 0;
    return y;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3;
    return hash;
}

// All that a device is told to do for a tape (FNV-1a).
static uint64_t hash_launches(const struct fixture *f, const struct vv_tape *t) {
    const struct vv_limits *limits = &f->device->limits;
    uint64_t hash = mix(0xcbf29ce484222325, &limits->offset_alignment, sizeof limits->offset_alignment);
    for (uint32_t i = 0; i < t->count; i++) {
        struct vv_launch launch = {0};
        const struct vv_op *op = t->nodes[i]->op;
        const bool can = op->launch && op->launch(t->nodes[i], limits, &launch);
        hash = mix(mix(hash, &can, sizeof can), &launch.scratch_bytes, sizeof launch.scratch_bytes);
        for (uint32_t k = 0; can && k < launch.count; k++) {
            const struct vv_dispatch *d = &launch.dispatch[k];
            hash = mix(hash, d->kernel, strlen(d->kernel));
            hash = mix(hash, d->spec, d->spec_count * sizeof *d->spec);
            hash = mix(hash, d->groups, sizeof d->groups);
            hash = mix(hash, d->binding, d->binding_count * sizeof *d->binding);
            hash = mix(hash, d->args, d->args_bytes);
        }
    }
    return hash;
}

// Whether this device was told just the same for this case before, under other limits or families, which
// matter to few ops.
static bool was_run(const struct fixture *f, const struct op_case *c, const struct vv_tape *t,
                    uint32_t misalign) {
    static struct {
        uint64_t hash;
        const struct op_case *c;
        uint32_t misalign;
    } runs[1 << 14];
    static uint32_t count;
    const uint64_t hash = hash_launches(f, t);
    for (uint32_t i = 0; i < count; i++)
        if (runs[i].hash == hash && runs[i].c == c && runs[i].misalign == misalign) return true;
    assert_true(count < sizeof runs / sizeof *runs);
    runs[count].hash = hash;
    runs[count].c = c;
    runs[count++].misalign = misalign;
    return false;
}

static void run_case(struct fixture *f, const struct op_case *c, uint32_t misalign) {
    struct vv_tape t;
    struct graph g;
    vv_ref y = build_case(f, c, misalign, &t, &g);
    if (!was_run(f, c, &t, misalign)) run_graph(f, c, &t, &g, y);
    graph_finish(&g);
    vv_tape_finish(&t);
}

static void every_case_agrees_with_the_reference(void **state) {
    struct fixture *f = *state;
    for (uint32_t i = 0; i < op_case_count; i++)
        for (uint32_t misalign = 0; misalign < 4; misalign += 3) run_case(f, &op_cases[i], misalign);
    assert_int_equal(vv_vulkan_messages(f->device), 0);
}

// Whole vec4s that begin within their binding: what is loaded four at a time, or as texels, finds them.
static void vec4s_that_begin_behind_their_binding_agree(void **state) {
    struct fixture *f = *state;
    for (uint32_t i = 0; i < op_case_count; i++) run_case(f, &op_cases[i], 20);
    assert_int_equal(vv_vulkan_messages(f->device), 0);
}

// The product computed in one way; returns whether it was, and not in another because of its operands.
static bool run_variant(struct fixture *f, const struct op_case *c, const struct vv_tape *t,
                        const struct graph *g, const struct vv_node *y, struct vv_tuned *tuned) {
    struct vv_tuning tuning = {1, tuned};
    struct vv_launch launch = {0};
    char kernel[64], text[VV_VARIANT_TEXT];
    f->device->limits.tuning = &tuning;
    assert_true(y->op->launch(y, &f->device->limits, &launch));
    run_graph(f, c, t, g, y);
    f->device->limits.tuning = NULL;
    (void)snprintf(kernel, sizeof kernel, "matmul_%s", vv_matmul_name(tuned->variant.family));
    for (char *at = kernel; *at; at++)
        if (*at == '-') *at = '_';
    const size_t length = strlen(kernel);
    const char *taken = launch.dispatch[0].kernel,
               *form = taken + length;  // of the kernel, if it is that
    const bool so =
        strncmp(taken, kernel, length) == 0 && (form[0] == '\0' || strcmp(form, "_int64") == 0);
    if (!so && g->misalign == 0)
        fail_msg("%s %u,%u,%u: '%s' was passed over for kernel %s", c->op->name, c->n[0], c->n[1],
                 c->n[2], vv_variant_print(&tuned->variant, text), launch.dispatch[0].kernel);
    return so;
}

// Not only the one that is chosen: a tuning may take any.
static void every_variant_agrees_with_the_reference(void **state) {
    struct fixture *f = *state;
    struct vv_limits limits = f->device->limits;
    limits.is_cpu = false;  // lists tiles too
    uint32_t products = 0, ran = 0;
    for (uint32_t i = 0; i < 2 * op_case_count; i++) {
        const struct op_case *c = &op_cases[i / 2];
        // What starts late takes the same paths in large products as in small ones, and compiling is
        // slow.
        if (i % 2 && (uint64_t)c->n[0] * c->n[1] * c->n[2] > 100000) continue;
        struct vv_tape t;
        struct graph g;
        struct vv_tuned tuned;
        struct vv_variant list[VV_MAX_VARIANTS];
        vv_ref y = build_case(f, c, i % 2 * 3, &t, &g);
        const bool product = vv_matmul_product(y, &tuned.product);
        const uint32_t count = product ? vv_matmul_variants(&tuned.product, &limits, list) : 0;
        for (uint32_t v = 0; v < count; v++) {
            // Tiles are slow here, and too slow for any long k on a CPU driver (VV_MOST_ROUNDS); large
            // products have theirs in the cases of --kernels tile.
            const uint64_t terms = (uint64_t)tuned.product.m * tuned.product.n * tuned.product.k;
            if (list[v].family == VV_MATMUL_TILE && terms > 1 << 17) continue;
            tuned.variant = list[v];
            ran += run_variant(f, c, &t, &g, y, &tuned);
        }
        products += product;
        graph_finish(&g);
        vv_tape_finish(&t);
    }
    printf("%u variants of %u products\n", ran, products);
    assert_true(products > 0 && ran >= products);
    assert_int_equal(vv_vulkan_messages(f->device), 0);
}

// The product as one variant computes it, on the device alone.
static float *compute(struct fixture *f, const struct vv_tape *t, const struct graph *g,
                      const struct vv_node *y, struct vv_tuned *tuned) {
    struct vv_tuning tuning = {1, tuned};
    f->device->limits.tuning = &tuning;
    struct vv_program *program = vv_exec_compile(f->device, t);
    f->device->limits.tuning = NULL;
    float *result = calloc(vv_count(y), sizeof *result);
    bool ok = program != NULL;
    for (uint32_t i = 0; ok && i < g->count; i++)
        ok = vv_exec_write(f->device, g->state[i], 0, g->bytes[i], g->state[i]->bytes);
    ok = ok && vv_exec_submit(f->device, program, 1) && vv_exec_wait(f->device) &&
         vv_exec_read_node(f->device, program, y, result);
    if (!ok) fail_msg("%s: %s", y->op->name, f->ctx.error);
    vv_program_destroy(f->device, program);
    return result;
}

// Tiles of subgroups differ in what they load at a time, not in the order in which they sum up.
static void subgroup_variants_agree_to_the_byte(void **state) {
    struct fixture *f = *state;
    uint32_t compared = 0;
    for (uint32_t i = 0; i < op_case_count; i++) {
        struct vv_tape t;
        struct graph g;
        struct vv_tuned tuned;
        struct vv_variant list[VV_MAX_VARIANTS];
        float *first = NULL;
        vv_ref y = build_case(f, &op_cases[i], 0, &t, &g);
        const bool product = vv_matmul_product(y, &tuned.product);
        const uint32_t count =
            product ? vv_matmul_variants(&tuned.product, &f->device->limits, list) : 0;
        for (uint32_t v = 0; v < count; v++) {
            tuned.variant = list[v];
            const bool subgroup = list[v].family == VV_MATMUL_SUBGROUP_TEXEL ||
                                  list[v].family == VV_MATMUL_SUBGROUP_BUFFER;
            if (!subgroup || list[v].split > 1) continue;
            float *result = compute(f, &t, &g, y, &tuned);
            compared += first != NULL;
            if (first) assert_memory_equal(first, result, vv_count(y) * sizeof *result);
            free(first);
            first = result;
        }
        free(first);
        graph_finish(&g);
        vv_tape_finish(&t);
    }
    printf("%u results of subgroup variants compared\n", compared);
    assert_true(compared > 0 || !vv_matmul_available(&f->device->limits, VV_MATMUL_SUBGROUP_BUFFER));
}

// What the device makes of a case, without the forms of kernels that store 64-bit words: its states,
// then its result.
static uint8_t *outcome(struct fixture *f, const struct vv_tape *t, const struct graph *g,
                        const struct vv_node *y, bool int64, uint64_t *bytes) {
    const struct vv_limits limits = f->device->limits;
    f->device->limits.int64 = int64 && limits.int64;
    struct vv_program *program = vv_exec_compile(f->device, t);
    f->device->limits = limits;
    bool ok = program != NULL;
    *bytes = y->keep ? 4 * vv_count(y) : 0;
    for (uint32_t i = 0; i < g->count; i++) {
        ok = ok && vv_exec_write(f->device, g->state[i], 0, g->bytes[i], g->state[i]->bytes);
        *bytes += g->state[i]->bytes;
    }
    uint8_t *all = calloc(1, *bytes + 4), *at = all;
    ok = ok && vv_exec_submit(f->device, program, 1) && vv_exec_wait(f->device);
    for (uint32_t i = 0; ok && i < g->count; at += g->state[i++]->bytes)
        ok = vv_exec_read(f->device, g->state[i], 0, at, g->state[i]->bytes);
    ok = ok && (!y->keep || vv_exec_read_node(f->device, program, y, at));
    if (!ok) fail_msg("%s: %s", y->op->name, f->ctx.error);
    vv_program_destroy(f->device, program);
    return all;
}

// Whether the op takes another kernel where there are integers of 64 bits.
static bool minds_int64(const struct fixture *f, const struct vv_node *y) {
    struct vv_limits limits = f->device->limits;
    struct vv_launch with = {0}, without = {0};
    assert_true(y->op->launch(y, &limits, &with));
    limits.int64 = false;
    assert_true(y->op->launch(y, &limits, &without));
    return with.count && strcmp(with.dispatch[0].kernel, without.dispatch[0].kernel) != 0;
}

static void stores_of_64_bits_give_the_same_bytes(void **state) {
    struct fixture *f = *state;
    uint32_t compared = 0;
    for (uint32_t i = 0; i < op_case_count; i++) {
        struct vv_tape t;
        struct graph g;
        vv_ref y = build_case(f, &op_cases[i], 0, &t, &g);
        if (y->op->launch && minds_int64(f, y)) {
            uint64_t bytes;
            uint8_t *with = outcome(f, &t, &g, y, true, &bytes);
            uint8_t *without = outcome(f, &t, &g, y, false, &bytes);
            assert_memory_equal(with, without, bytes);
            compared++;
            free(with);
            free(without);
        }
        graph_finish(&g);
        vv_tape_finish(&t);
    }
    printf("%u results of 64-bit stores compared\n", compared);
    const struct vv_limits *l = &f->device->limits;
    assert_true(compared > 0 || !l->is_cpu || !l->int64 || l->matmul != VV_MATMUL_SUBGROUP_TEXEL);
    assert_int_equal(vv_vulkan_messages(f->device), 0);
}

// What no kernel offers is passed over too, as from a file that another build wrote.
static void a_variant_that_is_none_is_passed_over(void **state) {
    struct fixture *f = *state;
    struct vv_tape t;
    struct graph g;
    for (uint32_t i = 0; i < op_case_count; i++) {
        if (op_cases[i].op != &vv_op_matmul) continue;
        vv_ref y = build_case(f, &op_cases[i], 0, &t, &g);
        struct vv_tuned tuned = {.variant = {VV_MATMUL_TILE, .rows = 3, .columns = 5, .depth = 7}};
        assert_true(vv_matmul_product(y, &tuned.product));
        struct vv_tuning tuning = {1, &tuned};
        struct vv_limits limits = f->device->limits;
        struct vv_launch fixed = {0}, other = {0};
        assert_true(y->op->launch(y, &limits, &fixed));
        limits.tuning = &tuning;
        assert_true(y->op->launch(y, &limits, &other));
        assert_string_equal(fixed.dispatch[0].kernel, other.dispatch[0].kernel);
        assert_memory_equal(fixed.dispatch[0].spec, other.dispatch[0].spec,
                            sizeof fixed.dispatch[0].spec);
        graph_finish(&g);
        vv_tape_finish(&t);
    }
}

// Parts of k that would be empty are no parts: 5 in 4 vec4s, 20 in 8.
static void more_parts_than_there_is_k_are_passed_over(void **state) {
    struct fixture *f = *state;
    uint32_t any = 0;
    while (op_cases[any].op != &vv_op_matmul) any++;
    const struct op_case cases[] = {{&vv_op_matmul, op_cases[any].build, {9, 33, 5, 0}},
                                    {&vv_op_matmul, op_cases[any].build, {9, 33, 20, 0}}};
    for (uint32_t i = 0; i < 2; i++) {
        struct vv_tape t;
        struct graph g;
        vv_ref y = build_case(f, &cases[i], 0, &t, &g);
        struct vv_tuned tuned = {.variant = {VV_MATMUL_TILE, 32, 32, 16, i ? 8 : 4}};
        assert_true(vv_matmul_product(y, &tuned.product));
        f->device->limits.tuning = &(struct vv_tuning){1, &tuned};
        struct vv_launch launch = {0};
        assert_true(y->op->launch(y, &f->device->limits, &launch));
        assert_int_equal(launch.count, 1);
        run_graph(f, &cases[i], &t, &g, y);
        f->device->limits.tuning = NULL;
        graph_finish(&g);
        vv_tape_finish(&t);
    }
}

static void every_op_has_a_case(void **state) {
    (void)state;
    for (uint32_t i = 0; i < vv_op_count; i++) {
        bool found = false;
        for (uint32_t c = 0; c < op_case_count && !found; c++) found = op_cases[c].op == vv_ops[i];
        if (!found) fail_msg("op '%s' has no test case in tests/ops/cases.c", vv_ops[i]->name);
    }
}

// The families that the device under test can run, each in turn.
static bool can_run(const char *kernels) {
    void *state;
    int opened = open_fixture(&state, kernels, false);
    close_fixture(&state);
    return opened == 0;
}

int main(void) {
    need_device();
    need_validation();
    const struct CMUnitTest of_devices[] = {
        cmocka_unit_test_setup_teardown(every_case_agrees_with_the_reference, open_plain, close_fixture),
        cmocka_unit_test_setup_teardown(every_case_agrees_with_the_reference, open_tile, close_fixture),
        cmocka_unit_test_setup_teardown(vec4s_that_begin_behind_their_binding_agree, open_behind,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(vec4s_that_begin_behind_their_binding_agree, open_minimum,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(every_variant_agrees_with_the_reference, open_chosen,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(subgroup_variants_agree_to_the_byte, open_chosen, close_fixture),
        cmocka_unit_test_setup_teardown(stores_of_64_bits_give_the_same_bytes, open_chosen,
                                        close_fixture),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_has_a_case),
        cmocka_unit_test_setup_teardown(every_case_agrees_with_the_reference, open_chosen,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(every_case_agrees_with_the_reference, open_minimum,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(more_parts_than_there_is_k_are_passed_over, open_chosen,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(a_variant_that_is_none_is_passed_over, open_chosen,
                                        close_fixture),
    };
    const struct CMUnitTest buffer[] = {cmocka_unit_test_setup_teardown(
        every_case_agrees_with_the_reference, open_buffer, close_fixture)};
    const struct CMUnitTest texel[] = {cmocka_unit_test_setup_teardown(
        every_case_agrees_with_the_reference, open_texel, close_fixture)};
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    if (SANITIZED) return failures != 0;
    failures += cmocka_run_group_tests(of_devices, NULL, NULL);
    if (can_run("subgroup-buffer")) failures += cmocka_run_group_tests(buffer, NULL, NULL);
    if (can_run("subgroup-texel")) failures += cmocka_run_group_tests(texel, NULL, NULL);
    return failures != 0;
}
