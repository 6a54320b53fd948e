#include "fixture.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "half.h"
#include "noise.h"
#include "random.h"
#include "training.h"

int open_fixture(void **state, const char *kernels, bool minimum) {
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

int open_chosen(void **state) {
    return open_fixture(state, NULL, false);
}

// What the layer says while the device is torn down counts too.
int close_fixture(void **state) {
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
    const bool halves = c->op == &vv_op_halve || c->op == &vv_op_unhalve;  // of any float
    if (!halves) check_reals(c, "result", a, b, vv_count(y));
    const bool exact = c->op == &vv_op_noise || c->op == &vv_op_dropout || c->op == &vv_op_augmented ||
                       c->op == &vv_op_gather || halves;
    if (exact) assert_memory_equal(a, b, vv_count(y) * sizeof *a);
    free(a);
    free(b);
}

static bool uses_op(const struct vv_tape *t, const struct vv_op *op) {
    for (uint32_t i = 0; i < t->count; i++)
        if (t->nodes[i]->op == op) return true;
    return false;
}

void run_graph(struct fixture *f, const struct op_case *c, const struct vv_tape *t,
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

vv_ref build_case(struct fixture *f, const struct op_case *c, uint32_t misalign, struct vv_tape *t,
                  struct graph *g) {
    vv_tape_init(t, &f->store, c->op->name);
    vv_ref y = graph_build(g, c, t, misalign, 1 + misalign);
    if (!vv_tape_ok(t)) fail_msg("%s", f->ctx.error);
    assert_true(uses_op(t, c->op));
    y->keep = y->shape.rank != 0;
    return y;
}
