#include "../temporary.h"
#include "order.h"

// Philox4x32-10 and Fisher-Yates a second time, written from the paper and from order.h: an order is
// part of what a resumed run must find again.
static void philox(const uint32_t in[4], uint32_t k0, uint32_t k1, uint32_t out[4]) {
    memcpy(out, in, 4 * sizeof *out);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = UINT64_C(0xd2511f53) * out[0], p1 = UINT64_C(0xcd9e8d57) * out[2];
        const uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ out[1] ^ k0, (uint32_t)p1,
                                  (uint32_t)(p0 >> 32) ^ out[3] ^ k1, (uint32_t)p0};
        memcpy(out, next, 4 * sizeof *out);
        k0 += 0x9e3779b9;
        k1 += 0xbb67ae85;
    }
}

enum { STREAM_ORDER = 2 };

// Returns how many draws were rejected.
static unsigned expected_order(uint64_t seed, uint32_t epoch, uint32_t *order, uint32_t count) {
    uint32_t words[4] = {0}, used = 0;
    unsigned rejected = 0;
    for (uint32_t i = 0; i < count; i++) order[i] = i;
    for (uint32_t i = count; i > 1;) {
        if (used % 4 == 0)
            philox((const uint32_t[4]){used / 4, 0, epoch, STREAM_ORDER}, (uint32_t)seed,
                   (uint32_t)(seed >> 32), words);
        uint64_t product = (uint64_t)words[used++ % 4] * i;
        if ((product & UINT32_MAX) < (UINT64_C(1) << 32) % i) {
            rejected++;
            continue;
        }
        uint32_t j = (uint32_t)(product >> 32), kept = order[--i];
        order[i] = order[j];
        order[j] = kept;
    }
    return rejected;
}

static void order_is_the_documented_one(void **state) {
    (void)state;
    const uint32_t count = 300000;  // enough for some draws to be rejected
    uint32_t *order = calloc(count, sizeof *order), *expected = calloc(count, sizeof *expected);
    assert_non_null(order);
    assert_non_null(expected);
    unsigned rejected = expected_order(UINT64_C(0x123456789abcdef0), 7, expected, count);
    assert_true(rejected > 0);
    vv_order_shuffle(UINT64_C(0x123456789abcdef0), 7, order, count);
    assert_memory_equal(order, expected, count * sizeof *order);
    free(order);
    free(expected);
}

static void every_sample_comes_once(void **state) {
    (void)state;
    static const uint32_t counts[] = {0, 1, 2, 5, 96, 1000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        uint32_t order[1001], seen[1001] = {0};
        order[counts[i]] = 12345;
        vv_order_shuffle(1, 2, order, counts[i]);
        for (uint32_t k = 0; k < counts[i]; k++) {
            assert_in_range(order[k], 0, counts[i] - 1);
            seen[order[k]]++;
        }
        for (uint32_t k = 0; k < counts[i]; k++) assert_int_equal(seen[k], 1);
        assert_int_equal(order[counts[i]], 12345);
    }
}

static void seed_and_epoch_change_the_order(void **state) {
    (void)state;
    static const struct {
        uint64_t seed;
        uint32_t epoch;
    } others[] = {{1, 0}, {UINT64_C(1) << 32, 0}, {0, 1}};
    uint32_t first[100], again[100], other[100];
    vv_order_shuffle(0, 0, first, 100);
    vv_order_shuffle(0, 0, again, 100);
    assert_memory_equal(first, again, sizeof first);
    for (int i = 0; i < 3; i++) {
        vv_order_shuffle(others[i].seed, others[i].epoch, other, 100);
        unsigned same = 0;
        for (int k = 0; k < 100; k++) same += first[k] == other[k];
        assert_in_range(same, 0, 8);  // one in the mean
    }
}

// 6000 orders of three: each of the six 1000 times, within five standard deviations.
static void all_orders_are_as_likely(void **state) {
    (void)state;
    unsigned counts[27] = {0};
    for (uint32_t epoch = 0; epoch < 6000; epoch++) {
        uint32_t order[3];
        vv_order_shuffle(42, epoch, order, 3);
        counts[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    unsigned kinds = 0;
    for (int i = 0; i < 27; i++) {
        if (counts[i] == 0) continue;
        kinds++;
        assert_in_range(counts[i], 1000 - 145, 1000 + 145);
    }
    assert_int_equal(kinds, 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_the_documented_one),
        cmocka_unit_test(every_sample_comes_once),
        cmocka_unit_test(seed_and_epoch_change_the_order),
        cmocka_unit_test(all_orders_are_as_likely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
