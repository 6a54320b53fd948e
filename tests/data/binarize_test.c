// Pixels of a set that are drawn once: what a draw depends on, and how often it is 1.
#include "../temporary.h"
#include "binarize.h"

#include <math.h>

enum { PIXELS = 1003, PICTURES = 200 };

static void draw(uint64_t seed, uint32_t half, uint32_t picture, unsigned char value,
                 unsigned char to[PIXELS]) {
    unsigned char from[PIXELS];
    memset(from, value, sizeof from);
    const struct vv_binarize drawn = {.on = true, .seed = seed, .half = half};
    vv_binarize_bytes(&drawn, picture, from, to, PIXELS);
}

static void the_value_is_the_chance(void **state) {
    (void)state;
    static const unsigned char values[] = {0, 1, 51, 128, 254, 255};
    for (size_t v = 0; v < sizeof values; v++) {
        uint32_t white = 0;
        for (uint32_t picture = 0; picture < PICTURES; picture++) {
            unsigned char to[PIXELS];
            draw(42, 0, picture, values[v], to);
            for (uint32_t i = 0; i < PIXELS; i++) {
                assert_true(to[i] == 0 || to[i] == 255);
                white += to[i] == 255;
            }
        }
        const double n = PIXELS * PICTURES, chance = values[v] / 255.0;
        assert_true(fabs(white - n * chance) <= 4 * sqrt(n * chance * (1 - chance)));
    }
}

static void a_draw_is_that_of_its_place_alone(void **state) {
    (void)state;
    unsigned char first[PIXELS], other[PIXELS];
    draw(42, 0, 7, 128, first);
    draw(42, 0, 7, 128, other);
    assert_memory_equal(first, other, PIXELS);
    draw(43, 0, 7, 128, other);
    assert_memory_not_equal(first, other, PIXELS);
    draw(42 + (UINT64_C(1) << 32), 0, 7, 128, other);
    assert_memory_not_equal(first, other, PIXELS);
    draw(42, 1, 7, 128, other);
    assert_memory_not_equal(first, other, PIXELS);
    draw(42, 0, 8, 128, other);
    assert_memory_not_equal(first, other, PIXELS);
    draw(42, 0, 7, 200, other);  // the same numbers: what was white stays white
    for (uint32_t i = 0; i < PIXELS; i++) assert_true(other[i] >= first[i]);
}

static void floats_are_drawn_as_bytes_are(void **state) {
    (void)state;
    unsigned char bytes[PIXELS], drawn[PIXELS];
    float values[PIXELS], white[PIXELS];
    const struct vv_binarize draw_of = {.on = true, .seed = 3, .half = 1};
    for (uint32_t i = 0; i < PIXELS; i++) {
        bytes[i] = (unsigned char)(i * 37 % 256);
        values[i] = (float)bytes[i] * (1.0f / 255.0f);
    }
    vv_binarize_bytes(&draw_of, 5, bytes, drawn, PIXELS);
    vv_binarize_floats(&draw_of, 5, values, white, PIXELS);
    for (uint32_t i = 0; i < PIXELS; i++) assert_true(white[i] == (drawn[i] ? 1.0f : 0.0f));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_value_is_the_chance),
        cmocka_unit_test(a_draw_is_that_of_its_place_alone),
        cmocka_unit_test(floats_are_drawn_as_bytes_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
