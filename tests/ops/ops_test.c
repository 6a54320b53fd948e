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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "fixture.h"
#include "list.h"
#include "matmul.h"
#include "sanitized.h"

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

// On a second driver: where operands begin is what launches decide, and the first one shows that; and of
// families that no device there would take, the products are shown by ops/products.
static bool is_brief(void) {
    return getenv("VKVAE_TEST_BRIEF") != NULL;
}

static void every_case_agrees_with_the_reference(void **state) {
    struct fixture *f = *state;
    const uint32_t most = is_brief() ? 0 : 3;
    for (uint32_t i = 0; i < op_case_count(); i++)
        for (uint32_t misalign = 0; misalign <= most; misalign += 3)
            run_case(f, op_case_at(i), misalign);
    assert_int_equal(vv_vulkan_messages(f->device), 0);
}

// Whole vec4s that begin within their binding: what is loaded four at a time, or as texels, finds them.
static void vec4s_that_begin_behind_their_binding_agree(void **state) {
    struct fixture *f = *state;
    for (uint32_t i = 0; i < op_case_count() && !is_brief(); i++) run_case(f, op_case_at(i), 20);
    assert_int_equal(vv_vulkan_messages(f->device), 0);
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

// Whether the op takes another kernel, in any of its dispatches, where there are integers of 64 bits.
static bool minds_int64(const struct fixture *f, const struct vv_node *y) {
    struct vv_limits limits = f->device->limits;
    struct vv_launch with = {0}, without = {0};
    assert_true(y->op->launch(y, &limits, &with));
    limits.int64 = false;
    assert_true(y->op->launch(y, &limits, &without));
    assert_int_equal(with.count, without.count);
    for (uint32_t k = 0; k < with.count; k++)
        if (strcmp(with.dispatch[k].kernel, without.dispatch[k].kernel) != 0) return true;
    return false;
}

static void stores_of_64_bits_give_the_same_bytes(void **state) {
    struct fixture *f = *state;
    uint32_t compared = 0;
    for (uint32_t i = 0; i < op_case_count(); i++) {
        struct vv_tape t;
        struct graph g;
        vv_ref y = build_case(f, op_case_at(i), 0, &t, &g);
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

static void every_op_has_a_case(void **state) {
    (void)state;
    for (uint32_t i = 0; i < vv_op_count; i++) {
        bool found = false;
        for (uint32_t c = 0; c < op_case_count() && !found; c++) found = op_case_at(c)->op == vv_ops[i];
        if (!found) fail_msg("op '%s' has no test case in tests/ops/cases_*.c", vv_ops[i]->name);
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
        cmocka_unit_test_setup_teardown(stores_of_64_bits_give_the_same_bytes, open_chosen,
                                        close_fixture),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_has_a_case),
        cmocka_unit_test_setup_teardown(every_case_agrees_with_the_reference, open_chosen,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(every_case_agrees_with_the_reference, open_minimum,
                                        close_fixture),
    };
    const struct CMUnitTest buffer[] = {cmocka_unit_test_setup_teardown(
        every_case_agrees_with_the_reference, open_buffer, close_fixture)};
    const struct CMUnitTest texel[] = {cmocka_unit_test_setup_teardown(
        every_case_agrees_with_the_reference, open_texel, close_fixture)};
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    if (SANITIZED) return failures != 0;
    failures += cmocka_run_group_tests(of_devices, NULL, NULL);
    if (is_brief()) return failures != 0;
    if (can_run("subgroup-buffer")) failures += cmocka_run_group_tests(buffer, NULL, NULL);
    if (can_run("subgroup-texel")) failures += cmocka_run_group_tests(texel, NULL, NULL);
    return failures != 0;
}
