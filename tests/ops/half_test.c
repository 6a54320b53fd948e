// Halves: each of the 65,536, and the floats about the border between each two of them, against values
// in double; a device gives the reference's bits.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

#include "driver.h"
#include "exact_half.h"
#include "half.h"
#include "view.h"

enum {
    LARGEST = 0x7bff,
    HALVES = 65536,
    BORDERS = 4 * (LARGEST + 1),
    ODD = 12,
    FLOATS = 2 * BORDERS + ODD
};

// The definition: 2^-24 times what a denormal's 10 bits say, else 2^(exponent - 25) times 11 bits.
static double value_of(uint32_t half) {
    const uint32_t exponent = half >> 10 & 31, digits = half & 1023;
    const double size = exponent ? ldexp(1024 + digits, (int)exponent - 25) : ldexp((double)digits, -24);
    return half & 0x8000 ? -size : size;
}

struct float_and_half {
    uint32_t bits, half;
};

// For each half: itself, the border to the next, and the floats on either side of that. Then what is no
// finite half.
static struct float_and_half *make_floats(void) {
    struct float_and_half *f = malloc(FLOATS * sizeof *f);
    assert_non_null(f);
    uint32_t n = 0;
    for (uint32_t sign = 0; sign <= 0x8000; sign += 0x8000)
        for (uint32_t h = 0; h <= LARGEST; h++) {
            const uint32_t next = h < LARGEST ? h + 1 : LARGEST;
            const double beyond = h < LARGEST ? value_of(h + 1) : 65536;
            const uint32_t border = vv_bits((float)((value_of(h) + beyond) / 2)), s = sign << 16;
            f[n++] = (struct float_and_half){s | vv_bits((float)value_of(h)), sign | h};
            f[n++] = (struct float_and_half){s | (border - 1), sign | h};
            f[n++] = (struct float_and_half){s | border, sign | (h % 2 ? next : h)};
            f[n++] = (struct float_and_half){s | (border + 1), sign | next};
        }
    const struct float_and_half odd[ODD] = {
        {0x7f800000, 0x7c00}, {0xff800000, 0xfc00}, {0x7fc00000, 0x7e00}, {0xffc00001, 0xfe00},
        {0x7f800001, 0x7e00}, {0xffffffff, 0xfe00}, {0x7f7fffff, 0x7bff}, {0xff7fffff, 0xfbff},
        {0x00000001, 0},      {0x807fffff, 0x8000}, {0x00800000, 0},      {0x47800000, 0x7bff},
    };
    memcpy(f + n, odd, sizeof odd);
    assert_int_equal(n + ODD, FLOATS);
    return f;
}

struct world {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_tape t;
    struct vv_exec *exec;
};

static void open_world(struct world *w, bool device) {
    vv_context_init(&w->ctx);
    vv_store_init(&w->store, &w->ctx);
    w->exec = device ? vv_vulkan_create(&w->store, &(struct vv_vulkan_options){.validate = true})
                     : vv_reference_create(&w->store, NULL);
    if (!w->exec) fail_msg("%s", w->ctx.error);
    vv_tape_init(&w->t, &w->store, "halves");
}

static void run_world(struct world *w, vv_ref y, const void *in, struct vv_state *s, void *out) {
    y->keep = true;
    struct vv_program *p = vv_exec_compile(w->exec, &w->t);
    if (!p) fail_msg("%s", w->ctx.error);
    assert_true(vv_exec_write(w->exec, s, 0, in, s->bytes));
    assert_true(vv_exec_submit(w->exec, p, 1) && vv_exec_wait(w->exec));
    assert_true(vv_exec_read_node(w->exec, p, y, out));
    vv_program_destroy(w->exec, p);
    vv_tape_finish(&w->t);
    vv_exec_destroy(w->exec);
    assert_string_equal(w->ctx.error, "");
    vv_store_finish(&w->store);
}

// The first `count` of n floats. Where count is a multiple of 8 they go in eights.
static void halve(bool device, const uint32_t *bits, uint32_t n, uint32_t count, uint32_t *words) {
    struct world w;
    open_world(&w, device);
    struct vv_state *s = vv_store_add(&w.store, "x", VV_F32, vv_shape1(n));
    vv_ref x = vv_view(&w.t, vv_use(&w.t, s), 0, vv_shape1(count));
    run_world(&w, vv_halve(&w.t, x), bits, s, words);
}

static void check_halving(bool device, uint32_t count) {
    struct float_and_half *f = make_floats();
    uint32_t *bits = malloc(FLOATS * sizeof *bits), *words = calloc(FLOATS, sizeof *words);
    for (uint32_t i = 0; i < FLOATS; i++) bits[i] = f[i].bits;
    halve(device, bits, FLOATS, count, words);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t found = words[i / 2] >> (i % 2 * 16) & 0xffff;
        if (found != f[i].half) fail_msg("%08x became %04x, not %04x", f[i].bits, found, f[i].half);
    }
    if (count % 2) assert_int_equal(words[count / 2] >> 16, 0);
    free(f);
    free(bits);
    free(words);
}

static void the_nearest_half_is_taken(void **state) {
    (void)state;
    check_halving(false, FLOATS);
}

static void a_device_takes_the_same(void **state) {
    (void)state;
    check_halving(true, FLOATS / 8 * 8);
    check_halving(true, FLOATS - 1);
}

static void unhalve(bool device, uint32_t count, uint32_t *bits) {
    struct world w;
    open_world(&w, device);
    uint32_t *words = malloc(HALVES * 2);
    for (uint32_t i = 0; i < HALVES / 2; i++) words[i] = 2 * i | (2 * i + 1) << 16;
    struct vv_state *s = vv_store_add(&w.store, "x", VV_U32, vv_shape1(HALVES / 2));
    vv_ref x = vv_view(&w.t, vv_use(&w.t, s), 0, vv_shape1((count + 1) / 2));
    run_world(&w, vv_unhalve(&w.t, x, vv_shape1(count)), words, s, bits);
    free(words);
}

// A NaN keeps what it says, so that it stays one.
static uint32_t float_of(uint32_t half) {
    const uint32_t sign = (half & 0x8000) << 16;
    if ((half & 0x7fff) >= 0x7c00) return sign | 0x7f800000 | (half & 1023) << 13;
    return vv_bits((float)value_of(half));
}

static void check_unhalving(bool device, uint32_t count) {
    uint32_t *bits = calloc(HALVES, sizeof *bits);
    unhalve(device, count, bits);
    for (uint32_t h = 0; h < count; h++)
        if (bits[h] != float_of(h)) fail_msg("%04x became %08x, not %08x", h, bits[h], float_of(h));
    free(bits);
}

static void each_half_is_its_float(void **state) {
    (void)state;
    check_unhalving(false, HALVES);
}

static void each_half_is_its_float_on_a_device(void **state) {
    (void)state;
    check_unhalving(true, HALVES);
    check_unhalving(true, HALVES - 1);
}

int main(void) {
    need_device();
    need_validation();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_half_is_taken),
        cmocka_unit_test(a_device_takes_the_same),
        cmocka_unit_test(each_half_is_its_float),
        cmocka_unit_test(each_half_is_its_float_on_a_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
