// The ways to compute a product, on the device against the reference and against one another: a tuning
// may take any, not only the one that is chosen.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "fixture.h"
#include "matmul.h"
#include "sanitized.h"

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
    // On a second driver, where compiling is slower still, those that start on time.
    const uint32_t step = getenv("VKVAE_TEST_BRIEF") ? 2 : 1;
    for (uint32_t i = 0; i < 2 * op_case_count(); i += step) {
        const struct op_case *c = op_case_at(i / 2);
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
    for (uint32_t i = 0; i < op_case_count(); i++) {
        struct vv_tape t;
        struct graph g;
        struct vv_tuned tuned;
        struct vv_variant list[VV_MAX_VARIANTS];
        float *first = NULL;
        vv_ref y = build_case(f, op_case_at(i), 0, &t, &g);
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

// What no kernel offers is passed over too, as from a file that another build wrote.
static void a_variant_that_is_none_is_passed_over(void **state) {
    struct fixture *f = *state;
    struct vv_tape t;
    struct graph g;
    for (uint32_t i = 0; i < op_case_count(); i++) {
        if (op_case_at(i)->op != &vv_op_matmul) continue;
        vv_ref y = build_case(f, op_case_at(i), 0, &t, &g);
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
    while (op_case_at(any)->op != &vv_op_matmul) any++;
    const struct op_case cases[] = {{&vv_op_matmul, op_case_at(any)->build, {9, 33, 5, 0}},
                                    {&vv_op_matmul, op_case_at(any)->build, {9, 33, 20, 0}}};
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

int main(void) {
    need_device();
    need_validation();
    const struct CMUnitTest of_devices[] = {
        cmocka_unit_test_setup_teardown(every_variant_agrees_with_the_reference, open_chosen,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(subgroup_variants_agree_to_the_byte, open_chosen, close_fixture),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(more_parts_than_there_is_k_are_passed_over, open_chosen,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(a_variant_that_is_none_is_passed_over, open_chosen,
                                        close_fixture),
    };
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    if (SANITIZED) return failures != 0;
    return failures + cmocka_run_group_tests(of_devices, NULL, NULL) != 0;
}
