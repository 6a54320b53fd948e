// Nonlinear functions and their gradients over all floats: a device gives the reference's bits; no NaN
// is lost; infinities give the limits.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

#include "driver.h"
#include "exact_activation.h"
#include "nonlinear.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { EDGES = 16, STEP = 19991, WIDTH = (int)(UINT32_MAX / STEP) / 2, VALUES = EDGES + 2 * WIDTH };

static const struct function {
    const char *name;
    vv_ref (*value)(struct vv_tape *t, vv_ref x);
    vv_ref (*gradient)(struct vv_tape *t, vv_ref v, vv_ref dy);
    float low, high;  // the limits at -Inf and Inf
    bool of_x;        // the slope is a function of x, 0 and 1 at -Inf and Inf; else of y
} functions[] = {
    {"relu", vv_relu, vv_relu_grad, 0, INFINITY, false},
    {"leaky_relu", vv_leaky_relu_of, vv_leaky_relu_grad, -INFINITY, INFINITY, false},
    {"elu", vv_elu_of, vv_elu_grad, -1, INFINITY, false},
    {"tanh", vv_tanh_of, vv_tanh_grad, -1, 1, false},
    {"sigmoid", vv_sigmoid_of, vv_sigmoid_grad, 0, 1, false},
    {"softplus", vv_softplus_of, vv_softplus_grad, 0, INFINITY, true},
    {"silu", vv_silu_of, vv_silu_grad, 0, INFINITY, true},
    {"gelu", vv_gelu_of, vv_gelu_grad, 0, INFINITY, true},
};

// The first of all values.
enum edge { QUIET_NAN, OTHER_NAN, NEGATIVE_NAN, ABOVE, BELOW, LARGE, SMALL, ZERO };
static const vv_word edges[EDGES] = {
    0x7fc00000, 0x7f800001, 0xffffffff,  // NaN
    0x7f800000, 0xff800000,              // infinities
    0x7149f2ca, 0xf149f2ca,              // 1e30, -1e30
    0,          0x80000000,              // zeros
    0x3f800000, 0xbf800000,              // 1, -1
    0x0d800000, 0x8d800000,              // 2^-100, -2^-100
    0x0d7fffff, 0x8d7fffff,              // just below
    0x00800000,                          // FLT_MIN
};

// Then every STEPth float of each sign; where that is a denormal, which a device may flush, 1.
static vv_word value_at(uint32_t i) {
    if (i < EDGES) return edges[i];
    const vv_word word = (i - EDGES) % WIDTH * STEP | ((i - EDGES) / WIDTH ? 0x80000000u : 0);
    return (word & 0x7f800000u) ? word : 0x3f800000u;
}

struct results {
    float value[VALUES], gradient[VALUES], poisoned[VALUES];  // the last: of a dy that is NaN
};

static void run(bool device, const struct function *f, struct results *out) {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_tape t;
    vv_context_init(&ctx);
    vv_store_init(&store, &ctx);
    struct vv_exec *exec = device
                               ? vv_vulkan_create(&store, &(struct vv_vulkan_options){.validate = true})
                               : vv_reference_create(&store, NULL);
    if (!exec) fail_msg("%s", ctx.error);
    vv_tape_init(&t, &store, f->name);
    struct vv_state *state[3];
    float *values[3];
    for (uint32_t i = 0; i < 3; i++) {
        state[i] = vv_store_add(&store, "input", VV_F32, vv_shape1(VALUES));
        values[i] = malloc(state[i]->bytes);
        for (uint32_t k = 0; k < VALUES; k++)
            values[i][k] = vv_float(i == 0 ? value_at(k) : i == 1 ? 0x3f800000 : VV_NAN_BITS);
    }
    vv_ref x = vv_use(&t, state[0]);
    vv_ref result[3] = {f->value(&t, x), f->gradient(&t, x, vv_use(&t, state[1])),
                        f->gradient(&t, x, vv_use(&t, state[2]))};
    for (uint32_t i = 0; i < 3; i++) result[i]->keep = true;
    struct vv_program *p = vv_exec_compile(exec, &t);
    if (!p) fail_msg("%s", ctx.error);
    for (uint32_t i = 0; i < 3; i++)
        assert_true(vv_exec_write(exec, state[i], 0, values[i], state[i]->bytes));
    assert_true(vv_exec_submit(exec, p, 1) && vv_exec_wait(exec));
    assert_true(vv_exec_read_node(exec, p, result[0], out->value));
    assert_true(vv_exec_read_node(exec, p, result[1], out->gradient));
    assert_true(vv_exec_read_node(exec, p, result[2], out->poisoned));
    for (uint32_t i = 0; i < 3; i++) free(values[i]);
    vv_program_destroy(exec, p);
    vv_tape_finish(&t);
    vv_exec_destroy(exec);
    assert_string_equal(ctx.error, "");
    vv_store_finish(&store);
}

// Whatever a NaN's sign and payload.
static bool same(float a, float b) {
    return vv_bits(a) == vv_bits(b) || (vv_is_nan(a) && vv_is_nan(b));
}

static struct results *results_of(bool device, const struct function *f) {
    struct results *r = malloc(sizeof *r);
    assert_non_null(r);
    run(device, f, r);
    return r;
}

static void a_device_gives_the_references_bits(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(functions); i++) {
        struct results *a = results_of(true, &functions[i]), *b = results_of(false, &functions[i]);
        for (uint32_t k = 0; k < VALUES; k++)
            if (!same(a->value[k], b->value[k]) || !same(a->gradient[k], b->gradient[k]) ||
                !same(a->poisoned[k], b->poisoned[k]))
                fail_msg("%s of %08x: device %a, slope %a, reference %a, slope %a", functions[i].name,
                         value_at(k), (double)a->value[k], (double)a->gradient[k], (double)b->value[k],
                         (double)b->gradient[k]);
        free(a);
        free(b);
    }
}

static void check_edges(const struct function *f, const struct results *r) {
    for (uint32_t k = 0; k < ABOVE; k++) {
        if (!vv_is_nan(r->value[k])) fail_msg("%s loses a NaN", f->name);
        // relu's gradient is 0 where nothing passed; the NaN itself is in y.
        if (!vv_is_nan(r->gradient[k]) && f->value != vv_relu) fail_msg("%s_grad loses a NaN", f->name);
    }
    for (uint32_t k = 0; k < VALUES; k++)
        if (!vv_is_nan(r->poisoned[k]) && (f->value != vv_relu || value_at(k) - 1 < VV_INFINITY_BITS))
            fail_msg("%s_grad of %08x loses a NaN of dy", f->name, value_at(k));
    assert_true(r->value[ABOVE] == f->high && r->value[BELOW] == f->low);
    assert_true(r->value[LARGE] == (isinf(f->high) ? 1e30f : f->high));
    assert_true(r->value[SMALL] == (isinf(f->low) ? 0.01f * -1e30f : f->low));
    if (!f->of_x) return;
    assert_true(r->gradient[ABOVE] == 1 && r->gradient[LARGE] == 1);
    assert_true(r->gradient[BELOW] == 0 && r->gradient[SMALL] == 0);
}

// What goes through zero goes through with its sign; below 2^-100 it is zero.
static void check_zero(const struct function *f, const struct results *r) {
    if (f->value == vv_relu || f->value == vv_sigmoid_of || f->value == vv_softplus_of) return;
    for (uint32_t k = ZERO; k < EDGES; k++) {
        const vv_word word = vv_bits(r->value[k]);
        assert_int_equal(word >> 31, edges[k] >> 31);
        const bool tiny = (edges[k] & 0x7fffffff) < 0x0d800000;
        assert_int_equal(tiny, (word & 0x7fffffff) == 0);
    }
}

static void extremes_give_limits_and_nan_stays(void **state) {
    const bool device = *state != NULL;
    for (size_t i = 0; i < COUNT(functions); i++) {
        struct results *r = results_of(device, &functions[i]);
        check_edges(&functions[i], r);
        check_zero(&functions[i], r);
        free(r);
    }
}

// Slopes that are functions of y, at the values that y takes far out.
static void slopes_of_y_have_their_limits(void **state) {
    (void)state;
    assert_true(vv_leaky_relu_slope(-INFINITY) == 0.01f && vv_leaky_relu_slope(INFINITY) == 1);
    assert_true(vv_elu_slope(-1) == 0 && vv_elu_slope(INFINITY) == 1);
    assert_true(vv_tanh_slope(-1) == 0 && vv_tanh_slope(1) == 0 && vv_tanh_slope(0) == 1);
    assert_true(vv_sigmoid_slope(0) == 0 && vv_sigmoid_slope(1) == 0 && vv_sigmoid_slope(0.5f) == 0.25f);
}

int main(void) {
    need_device();
    need_validation();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_gives_the_references_bits),
        cmocka_unit_test_prestate(extremes_give_limits_and_nan_stays, NULL),
        cmocka_unit_test_prestate(extremes_give_limits_and_nan_stays, "on the device"),
        cmocka_unit_test(slopes_of_y_have_their_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
