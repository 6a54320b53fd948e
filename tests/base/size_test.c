#include "../temporary.h"
#include "size.h"

static void mul_refuses_overflow_and_leaves_the_result(void **state) {
    (void)state;
    uint64_t out = 7;
    assert_false(vv_mul_u64(UINT64_C(1) << 32, UINT64_C(1) << 32, &out));
    assert_false(vv_mul_u64(3, UINT64_MAX / 3 + 1, &out));
    assert_int_equal(out, 7);
    assert_true(vv_mul_u64(3, UINT64_MAX / 3, &out));
    assert_true(out == UINT64_MAX);
    assert_true(vv_mul_u64(0, UINT64_MAX, &out));
    assert_int_equal(out, 0);
}

static void add_refuses_overflow_and_leaves_the_result(void **state) {
    (void)state;
    uint64_t out = 7;
    assert_false(vv_add_u64(UINT64_MAX, 1, &out));
    assert_int_equal(out, 7);
    assert_true(vv_add_u64(UINT64_MAX - 1, 1, &out));
    assert_true(out == UINT64_MAX);
}

static void rounding_up_keeps_multiples(void **state) {
    (void)state;
    assert_int_equal(vv_align_up(0, 256), 0);
    assert_int_equal(vv_align_up(1, 256), 256);
    assert_int_equal(vv_align_up(256, 256), 256);
    assert_int_equal(vv_div_up(0, 3), 0);
    assert_int_equal(vv_div_up(6, 3), 2);
    assert_int_equal(vv_div_up(7, 3), 3);
    assert_true(vv_div_up(UINT64_MAX, 2) == (UINT64_C(1) << 63));
}

static void alloc_refuses_a_product_that_overflows(void **state) {
    (void)state;
    struct vv_context ctx;
    vv_context_init(&ctx);
    assert_null(vv_alloc(&ctx, UINT64_C(1) << 40, UINT64_C(1) << 40));
    assert_failure(&ctx, VV_FAILED, "out of memory", "1099511627776", (char *)NULL);
}

static void alloc_gives_zeroed_bytes_even_for_none(void **state) {
    (void)state;
    struct vv_context ctx;
    vv_context_init(&ctx);
    unsigned char *bytes = vv_alloc(&ctx, 100, 3), *none = vv_alloc(&ctx, 0, 8);
    assert_non_null(bytes);
    assert_non_null(none);
    for (int i = 0; i < 300; i++) assert_int_equal(bytes[i], 0);
    free(bytes);
    free(none);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mul_refuses_overflow_and_leaves_the_result),
        cmocka_unit_test(add_refuses_overflow_and_leaves_the_result),
        cmocka_unit_test(rounding_up_keeps_multiples),
        cmocka_unit_test(alloc_refuses_a_product_that_overflows),
        cmocka_unit_test(alloc_gives_zeroed_bytes_even_for_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
