// Values that wait for the gradient as halves: which, where they are packed and unpacked, and what
// becomes of training: the first step's losses keep their bits, gradients are near, plans are smaller
// and may still reuse and reorder.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <string.h>

#include "compress.h"
#include "elementwise.h"
#include "half.h"
#include "nonlinear.h"
#include "parts.h"
#include "reduce.h"
#include "step.h"
#include "view.h"

// ---- Tapes made by hand ----

struct made {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_tape t;
};

static int setup(void **state) {
    struct made *m = calloc(1, sizeof *m);
    vv_context_init(&m->ctx);
    vv_store_init(&m->store, &m->ctx);
    vv_tape_init(&m->t, &m->store, "made");
    *state = m;
    return 0;
}

static int teardown(void **state) {
    struct made *m = *state;
    vv_tape_finish(&m->t);
    vv_store_finish(&m->store);
    free(m);
    return 0;
}

enum { WIDTH = 4096 };

static vv_ref leaf(struct made *m) {
    return vv_use(&m->t, vv_store_add(&m->store, "x", VV_F32, vv_shape1(WIDTH)));
}

// Each node behind what it reads; the numbers are those of the places.
static void check_order(const struct vv_tape *t) {
    for (uint32_t i = 0; i < t->count; i++) {
        assert_int_equal(t->nodes[i]->index, i);
        for (uint32_t k = 0; k < t->nodes[i]->inputs; k++)
            assert_true(t->nodes[i]->in[k]->index < i &&
                        t->nodes[t->nodes[i]->in[k]->index] == t->nodes[i]->in[k]);
        if (t->nodes[i]->view_of) assert_ptr_equal(t->nodes[i]->view_of, t->nodes[i]->in[0]);
    }
}

static uint32_t count_op(const struct vv_tape *t, const struct vv_op *op) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->count; i++) count += t->nodes[i]->op == op;
    return count;
}

// h[0..n), each the square of the one before; then from the last one on a product with each.
static uint32_t make_chain(struct made *m, vv_ref *h, uint32_t n, vv_ref *back) {
    h[0] = vv_square(&m->t, leaf(m));
    for (uint32_t i = 1; i < n; i++) h[i] = vv_square(&m->t, h[i - 1]);
    const uint32_t begin = m->t.count;
    vv_ref d = vv_fill(&m->t, vv_shape1(WIDTH), 1);
    for (uint32_t i = n; i-- > 0;) back[i] = d = vv_mul(&m->t, d, h[i]);
    d->keep = true;
    return begin;
}

static void values_wait_packed(void **state) {
    struct made *m = *state;
    struct vv_compressed done;
    vv_ref h[8], back[8];
    const uint32_t begin = make_chain(m, h, 8, back);
    assert_true(vv_compress(&m->t, begin, m->t.count, 256, &done));
    check_order(&m->t);
    assert_true(done.values >= 5 && done.values < 8 && done.copies == done.values);
    assert_int_equal(count_op(&m->t, &vv_op_halve), done.values);
    assert_int_equal(count_op(&m->t, &vv_op_unhalve), done.copies);
    for (uint32_t i = 0; i < 8; i++) {
        const struct vv_node *read = back[i]->in[1];
        if (read == h[i]) continue;  // left as it was
        assert_ptr_equal(read->op, &vv_op_unhalve);
        assert_ptr_equal(read->in[0]->in[0], h[i]);
        assert_int_equal(read->index + 1, back[i]->index);  // just before, and packed just behind
        assert_int_equal(read->in[0]->index, (i == 7 ? h[7] : h[i + 1])->index + 1);
        if (i < 7) assert_ptr_equal(h[i + 1]->in[0], h[i]);  // which reads the value itself
    }
    assert_ptr_equal(back[7]->in[1], h[7]);  // the gradient begins with it
}

static void the_plan_is_what_was_foreseen(void **state) {
    struct made *m = *state;
    struct vv_compressed done;
    struct vv_plan before, after;
    vv_ref h[8], back[8];
    const uint32_t begin = make_chain(m, h, 8, back);
    assert_true(vv_plan_make(&m->t, NULL, true, &before));
    assert_true(vv_compress(&m->t, begin, m->t.count, 256, &done));
    assert_true(vv_plan_make(&m->t, NULL, true, &after));
    assert_int_equal(before.arena_bytes, done.before);
    assert_int_equal(after.arena_bytes, done.after);
    assert_true(4 * after.arena_bytes < 3 * before.arena_bytes);
    vv_plan_finish(&before);
    vv_plan_finish(&after);
}

// What is small, what the host reads, what lives in a state, what no gradient reads.
static void the_rest_stays(void **state) {
    struct made *m = *state;
    struct vv_compressed done;
    vv_ref h[6], back[6];
    struct vv_state *home = vv_store_add(&m->store, "home", VV_F32, vv_shape1(WIDTH));
    const uint32_t begin = make_chain(m, h, 6, back);
    h[1]->keep = true;
    h[2] = vv_place(&m->t, h[2], home, 0);
    vv_view(&m->t, h[3], 5, vv_shape1(7))->keep = true;
    assert_true(vv_compress(&m->t, begin, m->t.count, WIDTH + 1, &done));
    assert_int_equal(done.values, 0);
    assert_int_equal(done.before, done.after);
    assert_true(vv_compress(&m->t, begin, m->t.count, WIDTH, &done));
    check_order(&m->t);
    for (uint32_t i = 0; i < m->t.count; i++) {
        const struct vv_node *y = m->t.nodes[i];
        if (y->op == &vv_op_halve) assert_true(y->in[0] == h[0] || y->in[0] == h[4] || y->in[0] == h[5]);
    }
    assert_true(done.values > 0);
}

// A gradient that reads a range of a value reads it of what was unpacked; so does a view made there.
static void views_show_what_was_unpacked(void **state) {
    struct made *m = *state;
    struct vv_compressed done;
    vv_ref h[6];
    h[0] = vv_square(&m->t, leaf(m));
    for (uint32_t i = 1; i < 6; i++) h[i] = vv_square(&m->t, h[i - 1]);
    vv_ref inner = vv_view(&m->t, h[0], 8, vv_shape2(2, 1024));
    vv_ref deep = vv_view(&m->t, inner, 16, vv_shape1(512));
    vv_ref sum = vv_sum_to(&m->t, deep, vv_shape1(1));
    sum->keep = true;
    const uint32_t begin = m->t.count;
    vv_ref d = vv_fill(&m->t, vv_shape1(WIDTH), 1);
    for (uint32_t i = 6; i-- > 1;) d = vv_mul(&m->t, d, h[i]);
    vv_ref late = vv_view(&m->t, h[0], 4, vv_shape1(512));
    vv_ref part = vv_mul(&m->t, vv_view(&m->t, d, 0, vv_shape1(512)), deep);
    vv_ref other = vv_mul(&m->t, part, late);
    other->keep = true;
    assert_true(vv_compress(&m->t, begin, m->t.count, 256, &done));
    check_order(&m->t);
    uint64_t at;
    const struct vv_node *copy = vv_root(part->in[1], &at);
    assert_ptr_equal(copy->op, &vv_op_unhalve);
    assert_ptr_equal(copy->in[0]->in[0], h[0]);
    assert_int_equal(at, 24);
    assert_int_equal(vv_count(part->in[1]), 512);
    assert_ptr_equal(other->in[1], late);
    assert_ptr_equal(vv_root(late, &at), copy);
    assert_int_equal(at, 4);
    assert_ptr_equal(sum->in[0], deep);
    assert_ptr_equal(vv_root(deep, &at), h[0]);  // before the gradient nothing changes
}

// What is told of a step behind its gradient, as its losses are, is told of the values themselves.
static void what_is_read_behind_the_gradient_stays(void **state) {
    struct made *m = *state;
    struct vv_compressed done;
    vv_ref h[8], back[8];
    const uint32_t begin = make_chain(m, h, 8, back), end = m->t.count;
    vv_ref sum = vv_sum_to(&m->t, h[2], vv_shape1(1));
    sum->keep = true;
    assert_true(vv_compress(&m->t, begin, end, 256, &done));
    check_order(&m->t);
    assert_ptr_equal(back[2]->in[1], h[2]);
    assert_ptr_equal(sum->in[0], h[2]);
    assert_ptr_equal(back[3]->in[1]->op, &vv_op_unhalve);
}

// Between two uses that are far apart much else is needed: the value waits packed once more.
static void far_uses_have_copies_of_their_own(void **state) {
    struct made *m = *state;
    struct vv_compressed done;
    vv_ref h[10], first = NULL;
    h[0] = vv_square(&m->t, leaf(m));
    for (uint32_t i = 1; i < 10; i++) h[i] = vv_square(&m->t, h[i - 1]);
    const uint32_t begin = m->t.count;
    vv_ref d = first = vv_mul(&m->t, h[9], h[0]);
    vv_ref live[12];
    for (uint32_t i = 9; i-- > 1;) d = vv_mul(&m->t, d, h[i]);
    for (uint32_t i = 0; i < 12; i++) live[i] = vv_square(&m->t, i ? live[i - 1] : d);
    for (uint32_t i = 0; i < 12; i++) d = vv_mul(&m->t, d, live[i]);
    vv_ref last = vv_mul(&m->t, d, h[0]);
    last->keep = true;
    assert_true(vv_compress(&m->t, begin, m->t.count, 256, &done));
    check_order(&m->t);
    assert_ptr_equal(first->in[1]->op, &vv_op_unhalve);
    assert_ptr_equal(last->in[1]->op, &vv_op_unhalve);
    assert_true(first->in[1] != last->in[1]);
    assert_ptr_equal(first->in[1]->in[0], last->in[1]->in[0]);
    assert_true(done.copies > done.values);
}

// ---- Training ----

static const char *const models[] = {"mlp", "conv", "resnet"};

static struct vv_settings settings_of(const char *model, bool halves) {
    struct vv_settings s = small_settings();
    (void)snprintf(s.model, sizeof s.model, "%s", model);
    (void)snprintf(s.precision, sizeof s.precision, halves ? "fp16-storage" : "");
    s.hidden[1] = 21;
    if (strcmp(model, "mlp") == 0) return s;
    memset(s.hidden, 0, sizeof s.hidden);
    s.activation[0] = '\0';
    s.stages[0] = 8;
    s.stages[1] = 12;
    s.dropout = 0.1;
    return s;
}

struct run {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_trainer trainer;
};

static void open_run(struct run *r, struct vv_settings settings, struct vv_reference_options options) {
    vv_context_init(&r->ctx);
    vv_store_init(&r->store, &r->ctx);
    r->exec = vv_reference_create(&r->store, &options);
    assert_non_null(r->exec);
    open_trainer(&r->trainer, r->exec, settings);
}

static void close_run(struct run *r) {
    vv_trainer_finish(&r->trainer);
    vv_exec_destroy(r->exec);
    vv_store_finish(&r->store);
}

static float *read_state(struct run *r, const struct vv_state *s) {
    float *values = malloc(s->bytes);
    assert_true(vv_exec_read(r->exec, s, 0, values, s->bytes));
    return values;
}

static void losses_keep_their_bits_and_gradients_are_near(void **state) {
    (void)state;
    for (uint32_t k = 0; k < 3; k++) {
        struct run r[2];
        float *gradient[2];
        for (uint32_t i = 0; i < 2; i++) {
            open_run(&r[i], settings_of(models[k], i), (struct vv_reference_options){0});
            run_steps(&r[i].trainer, 1);
            gradient[i] = read_state(&r[i], r[i].trainer.parts->grads);
        }
        const struct vv_losses *a = &r[0].trainer.position.partial, *b = &r[1].trainer.position.partial;
        assert_true(a->recon == b->recon && a->kl == b->kl && a->recon > 0);
        double size = 0, off = 0;
        for (uint64_t i = 0; i < r[0].trainer.model.length; i++) {
            size += pow((double)gradient[0][i], 2);
            off += pow((double)gradient[0][i] - (double)gradient[1][i], 2);
        }
        print_message("%s: gradient off by %.1e of its size\n", models[k], sqrt(off / size));
        assert_true(off > 0 && sqrt(off / size) < 0x1p-11);
        for (uint32_t i = 0; i < 2; i++) {
            free(gradient[i]);
            close_run(&r[i]);
        }
    }
}

static void arenas_are_smaller(void **state) {
    (void)state;
    for (uint32_t k = 0; k < 3; k++) {
        uint64_t bytes[2];
        for (uint32_t i = 0; i < 2; i++) {
            struct run r;
            open_run(&r, settings_of(models[k], i), (struct vv_reference_options){0});
            bytes[i] = vv_trainer_plan(&r.trainer)->arena_bytes;
            close_run(&r);
        }
        print_message("%s: %llu bytes, with halves %llu\n", models[k], (unsigned long long)bytes[0],
                      (unsigned long long)bytes[1]);
        assert_true((double)bytes[1] < (k ? 0.8 : 0.95) * (double)bytes[0]);
    }
}

static float *train(const char *model, struct vv_reference_options options, uint64_t *bytes) {
    struct run r;
    open_run(&r, settings_of(model, true), options);
    run_steps(&r.trainer, 3);
    *bytes = r.trainer.params->bytes;
    float *params = read_state(&r, r.trainer.params);
    close_run(&r);
    return params;
}

static void reuse_and_order_change_no_byte(void **state) {
    (void)state;
    for (uint32_t k = 0; k < 3; k++) {
        uint64_t bytes, other;
        float *plain =
            train(models[k], (struct vv_reference_options){.no_reuse = true, .check = true}, &bytes);
        for (uint32_t seed = 0; seed < 4; seed++) {
            float *planned =
                train(models[k], (struct vv_reference_options){.poison = true, .shuffle = seed}, &other);
            assert_int_equal(bytes, other);
            assert_memory_equal(plain, planned, bytes);
            free(planned);
        }
        free(plain);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(values_wait_packed),
        TEST(the_plan_is_what_was_foreseen),
        TEST(the_rest_stays),
        TEST(views_show_what_was_unpacked),
        TEST(what_is_read_behind_the_gradient_stays),
        TEST(far_uses_have_copies_of_their_own),
        cmocka_unit_test(losses_keep_their_bits_and_gradients_are_near),
        cmocka_unit_test(arenas_are_smaller),
        cmocka_unit_test(reuse_and_order_change_no_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
