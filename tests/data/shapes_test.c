#include "../temporary.h"
#include "shapes.h"

#include <math.h>
#include <zlib.h>

static void make(struct temporary *t, const struct vv_shapes *shapes, struct vv_dataset *set) {
    memset(set, 0, sizeof *set);
    if (!vv_shapes_make(&t->ctx, shapes, set)) fail_msg("%s", t->ctx.error);
}

static const float *factors_of(const struct vv_images *images, uint32_t i) {
    return images->factors + (size_t)i * images->factor_count;
}

// ---- The same everywhere ----

// Of the first 100 pictures, and of their factors as little-endian words.
static void hash(const struct vv_images *images, uint32_t sums[2]) {
    uLong sum = crc32(0, NULL, 0);
    sums[0] = (uint32_t)crc32_z(sum, images->pixels, 100 * vv_images_stride(images));
    for (size_t i = 0; i < (size_t)100 * images->factor_count; i++) {
        uint32_t bits;
        memcpy(&bits, images->factors + i, sizeof bits);
        const unsigned char bytes[] = {(unsigned char)bits, (unsigned char)(bits >> 8),
                                       (unsigned char)(bits >> 16), (unsigned char)(bits >> 24)};
        sum = crc32_z(sum, bytes, 4);
    }
    sums[1] = (uint32_t)sum;
}

// A run is continued on the same pictures, and two machines train on the same: these never change.
static void pictures_and_factors_are_these(void **state) {
    static const struct {
        struct vv_shapes shapes;
        uint32_t train[2], test[2];
    } known[] = {
        {{100, 100, 28, 28, 1, 0}, {0xe38c4f7f, 0x09c69390}, {0x8093f429, 0xd5a940f2}},
        {{100, 100, 28, 28, 1, 0x123456789abcdef0}, {0xdd89a2f4, 0x5d153170}, {0x7c3a6b8d, 0x578a30ef}},
        {{100, 100, 17, 30, 3, 7}, {0x71d70837, 0xdb72764b}, {0x13fa2789, 0xcd9191f3}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct vv_dataset set;
        uint32_t train[2], test[2];
        make(*state, &known[i].shapes, &set);
        hash(&set.train, train);
        hash(&set.test, test);
        if (memcmp(train, known[i].train, sizeof train) != 0 ||
            memcmp(test, known[i].test, sizeof test) != 0)
            fail_msg("%zu: {0x%08x, 0x%08x}, {0x%08x, 0x%08x}", i, train[0], train[1], test[0], test[1]);
        vv_dataset_finish(&set);
    }
}

static void picture_does_not_depend_on_how_many_there_are(void **state) {
    struct vv_dataset few, many;
    struct vv_shapes shapes = vv_shapes_default;
    shapes.images = 30;
    make(*state, &shapes, &few);
    assert_int_equal(few.test.count, 6);
    shapes.images = 41;
    make(*state, &shapes, &many);
    assert_int_equal(many.test.count, 9);  // a fifth, rounded up
    assert_memory_equal(few.train.pixels, many.train.pixels, 30 * 784);
    assert_memory_equal(few.train.factors, many.train.factors, 30 * 5 * sizeof(float));
    assert_memory_equal(few.test.pixels, many.test.pixels, 6 * 784);
    vv_dataset_finish(&many);
    shapes.images = 30;
    shapes.seed = 1;
    make(*state, &shapes, &many);
    assert_memory_not_equal(few.train.pixels, many.train.pixels, 784);
    vv_dataset_finish(&many);
    shapes.seed = UINT64_C(1) << 32;
    make(*state, &shapes, &many);
    assert_memory_not_equal(few.train.pixels, many.train.pixels, 784);
    vv_dataset_finish(&few);
    vv_dataset_finish(&many);
}

// ---- Train and test ----

static int compare_pictures(const void *a, const void *b) {
    return memcmp(*(unsigned char *const *)a, *(unsigned char *const *)b, 784);
}

static void no_two_pictures_of_the_default_set_are_the_same(void **state) {
    struct vv_dataset set;
    make(*state, NULL, &set);
    assert_int_equal(set.train.count, 10000);
    assert_int_equal(set.test.count, 2000);
    assert_int_equal(vv_images_stride(&set.train), 784);
    const uint32_t all = set.train.count + set.test.count;
    unsigned char **order = calloc(all, sizeof *order);
    assert_non_null(order);
    for (uint32_t i = 0; i < all; i++)
        order[i] = i < set.train.count ? set.train.pixels + (size_t)i * 784
                                       : set.test.pixels + (size_t)(i - set.train.count) * 784;
    qsort(order, all, sizeof *order, compare_pictures);
    for (uint32_t i = 1; i < all; i++) assert_true(compare_pictures(&order[i - 1], &order[i]) != 0);
    free(order);
    vv_dataset_finish(&set);
}

// Rotations to train on are even multiples of 2 pi / 2^23, those to test on odd ones, and a quarter turn
// is an even one: no symmetry of a shape takes one to the other.
static void parts_share_no_rotation(void **state) {
    const double unit = 2 * 3.14159265358979323846 / 8388608;
    struct vv_dataset set;
    make(*state, NULL, &set);
    const struct vv_images *parts[] = {&set.train, &set.test};
    for (unsigned part = 0; part < 2; part++)
        for (uint32_t i = 0; i < parts[part]->count; i++) {
            const double turns = (double)factors_of(parts[part], i)[VV_FACTOR_ROTATION] / unit;
            const double nearest = floor(turns + 0.5);
            assert_true(fabs(turns - nearest) < 0.4);  // what rounding to a float leaves
            assert_int_equal((unsigned)nearest % 2, part);
        }
    vv_dataset_finish(&set);
}

// ---- Factors ----

static void factors_fill_their_ranges(void **state) {
    static const float least[] = {0, 0.6F, 0, 0.4F, 0.4F, 0}, most[] = {2, 1, 6.2831855F, 0.6F, 0.6F, 1};
    struct vv_dataset set;
    struct vv_shapes shapes = vv_shapes_default;
    unsigned kinds[VV_SHAPES_KINDS] = {0};
    shapes.channels = 3;
    make(*state, &shapes, &set);
    assert_int_equal(set.train.factor_count, 6);
    for (uint32_t f = 0; f < 6; f++) {
        float low = 1e9F, high = -1e9F;
        double sum = 0;
        for (uint32_t i = 0; i < set.train.count; i++) {
            const float value = factors_of(&set.train, i)[f];
            low = value < low ? value : low;
            high = value > high ? value : high;
            sum += (double)value;
        }
        const float range = most[f] - least[f], middle = (most[f] + least[f]) / 2;
        if (!(low >= least[f] && high <= most[f] && low < least[f] + 0.01F * range &&
              high > most[f] - 0.01F * range))
            fail_msg("%s is within %g and %g", vv_shapes_factor_names[f], (double)low, (double)high);
        // Within five standard deviations of a uniform mean (of three values it is 0.41 of the range).
        assert_true(fabs(sum / set.train.count - (double)middle) < 5 * 0.41 / 100 * (double)range);
    }
    for (uint32_t i = 0; i < set.train.count; i++) {
        assert_int_equal(set.train.labels[i], (int)factors_of(&set.train, i)[VV_FACTOR_SHAPE]);
        kinds[set.train.labels[i]]++;
    }
    for (int k = 0; k < VV_SHAPES_KINDS; k++) assert_in_range(kinds[k], 3333 - 236, 3333 + 236);
    vv_dataset_finish(&set);
}

static size_t differing(const unsigned char *a, const unsigned char *b, size_t count) {
    size_t differ = 0;
    for (size_t i = 0; i < count; i++) differ += a[i] != b[i];
    return differ;
}

static void every_factor_is_seen(void **state) {
    (void)state;
    static const struct vv_shapes shapes = {.height = 28, .width = 28, .channels = 3};
    static const float step[VV_SHAPES_FACTORS] = {1, 0.02F, 0.05F, 0.01F, 0.01F, 0.02F};
    for (int kind = 0; kind < VV_SHAPES_KINDS; kind++) {
        const float first[VV_SHAPES_FACTORS] = {(float)kind, 0.8F, 1, 0.5F, 0.5F, 0.1F};
        static unsigned char a[28 * 28 * 3], b[sizeof a];
        memset(a, 0, sizeof a);
        vv_shapes_draw(&shapes, first, a);
        for (int f = 0; f < VV_SHAPES_FACTORS; f++) {
            float other[VV_SHAPES_FACTORS];
            memcpy(other, first, sizeof other);
            other[f] = f == VV_FACTOR_SHAPE ? (float)((kind + 1) % 3) : first[f] + step[f];
            memset(b, 0, sizeof b);
            vv_shapes_draw(&shapes, other, b);
            if (differing(a, b, sizeof a) < 10) fail_msg("shape %d, factor %d", kind, f);
        }
    }
}

// By its factors: where the middle is, which way is up, what colour it is.
static void factors_mean_what_they_say(void **state) {
    (void)state;
    static unsigned char p[40][60][3];
    static const struct vv_shapes shapes = {.height = 40, .width = 60, .channels = 3};
    const float third = 1.0F / 3;
    const float right[VV_SHAPES_FACTORS] = {2, 1, 0, 0.7F, 0.4F, third};  // a heart
    memset(p, 0, sizeof p);
    vv_shapes_draw(&shapes, right, &p[0][0][0]);
    assert_int_equal(p[16][42][0], 0);  // green, in the middle
    assert_int_equal(p[16][42][1], 255);
    assert_int_equal(p[16][42][2], 0);
    assert_int_equal(p[16 + 14][42][1], 255);      // its tip is below,
    assert_int_equal(p[16 + 14][42 - 5][1], 0);    // and narrow;
    assert_int_equal(p[16 - 13][42][1], 0);        // the notch is above,
    assert_int_equal(p[16 - 11][42 - 7][1], 255);  // between its lobes
    assert_int_equal(p[16 - 11][42 + 7][1], 255);
    // A quarter turn counter-clockwise takes its tip from below to the right.
    const float turned[VV_SHAPES_FACTORS] = {2, 1, 1.57079637F, 0.5F, 0.5F, 0};
    memset(p, 0, sizeof p);
    vv_shapes_draw(&shapes, turned, &p[0][0][0]);
    assert_int_equal(p[20][30 + 14][0], 255);
    assert_int_equal(p[20 - 5][30 + 15][0], 0);
    assert_int_equal(p[20][30 - 14][0], 0);
}

// ---- Pictures ----

static void shapes_stay_inside_and_are_smooth(void **state) {
    static const uint32_t sizes[][3] = {{8, 8, 1},  {8, 8, 3},   {28, 28, 1}, {9, 31, 1},
                                        {31, 9, 3}, {64, 64, 3}, {200, 20, 1}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const uint32_t h = sizes[k][0], w = sizes[k][1], c = sizes[k][2], side = h < w ? h : w;
        const struct vv_shapes shapes = {.images = 300, .height = h, .width = w, .channels = c};
        struct vv_dataset set;
        make(*state, &shapes, &set);
        for (uint32_t i = 0; i < set.train.count; i++) {
            const unsigned char *p = set.train.pixels + i * vv_images_stride(&set.train);
            double area = 0;
            unsigned between = 0;
            for (uint32_t at = 0; at < h * w; at++) {
                unsigned most = 0;
                for (uint32_t n = 0; n < c; n++) most = p[at * c + n] > most ? p[at * c + n] : most;
                area += most / 255.0;
                between += most > 0 && most < 255;
            }
            // Of the circle that holds it a square fills 2 / pi, an ellipse half, a heart 0.71; a circle
            // of 0.24 to 0.4 times the shorter side, all of it in the picture.
            const float *f = factors_of(&set.train, i);
            static const double part[] = {2, 0.5 * 3.14159265, 7.1416 / (1.784 * 1.784)};
            const double radius = (double)f[VV_FACTOR_SCALE] * 0.4 * side;
            const double expected = part[(int)f[VV_FACTOR_SHAPE]] * radius * radius;
            // A sixteenth of a pixel, half the way between two points of the grid, along four sides.
            if (!(fabs(area - expected) < 0.36 * radius))
                fail_msg("%ux%ux%u, picture %u: an area of %g, not %g", h, w, c, i, area, expected);
            assert_true(between >= 3);
        }
        vv_dataset_finish(&set);
    }
}

static void colours_are_saturated(void **state) {
    struct vv_dataset set;
    const struct vv_shapes shapes = {.images = 500, .height = 28, .width = 28, .channels = 3};
    make(*state, &shapes, &set);
    for (uint32_t i = 0; i < set.train.count; i++) {
        const unsigned char *p = set.train.pixels + (size_t)i * 28 * 28 * 3;
        unsigned most[3] = {0}, full = 0, none = 0;
        for (size_t at = 0; at < (size_t)28 * 28 * 3; at++)
            most[at % 3] = p[at] > most[at % 3] ? p[at] : most[at % 3];
        for (int c = 0; c < 3; c++) {
            full += most[c] == 255;
            none += most[c] == 0;
        }
        assert_true(full >= 1 && none >= 1);
    }
    vv_dataset_finish(&set);
}

static void largest_pictures_are_drawn(void **state) {
    struct vv_dataset set;
    const struct vv_shapes shapes = {.images = 2, .height = 1024, .width = 1024, .channels = 3};
    make(*state, &shapes, &set);
    assert_int_equal(set.test.count, 1);
    assert_int_equal(vv_images_stride(&set.train), 1024 * 1024 * 3);
    vv_dataset_finish(&set);
}

// ---- What is refused ----

static void numbers_out_of_range_are_refused(void **state) {
    struct temporary *t = *state;
    static const struct {
        struct vv_shapes shapes;
        const char *said[2];
    } wrong[] = {
        {{0, 1, 28, 28, 1, 0}, {"--images 0", "from 1 to 16777216"}},
        {{16777217, 1, 28, 28, 1, 0}, {"--images 16777217", "from 1 to 16777216"}},
        {{1, 16777217, 28, 28, 1, 0}, {"--test-images 16777217", "from 1 to 16777216"}},
        {{1, 1, 7, 28, 1, 0}, {"--size 7x28", "from 8 to 1024"}},
        {{1, 1, 28, 7, 1, 0}, {"--size 28x7", "from 8 to 1024"}},
        {{1, 1, 1025, 28, 1, 0}, {"--size 1025x28", "from 8 to 1024"}},
        {{1, 1, 28, UINT32_MAX, 1, 0}, {"--size 28x4294967295", "from 8 to 1024"}},
        {{1, 1, 28, 28, 0, 0}, {"--channels 0", "1 (grey) or 3 (colour)"}},
        {{1, 1, 28, 28, 2, 0}, {"--channels 2", "1 (grey) or 3 (colour)"}},
        {{2049, 1, 1024, 1024, 1, 0}, {"--images 2049", "2048 at most"}},
        {{1, 683, 1024, 1024, 3, 0}, {"--test-images 683", "682 at most"}},
        {{16777216, 1, 1024, 1024, 3, 0}, {"--images 16777216", "2 GiB"}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct vv_dataset set = {0};
        assert_false(vv_shapes_make(&t->ctx, &wrong[i].shapes, &set));
        assert_null(set.train.pixels);
        assert_failure(&t->ctx, VV_USAGE, wrong[i].said[0], wrong[i].said[1], (char *)NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(pictures_and_factors_are_these),
        TEST(picture_does_not_depend_on_how_many_there_are),
        TEST(no_two_pictures_of_the_default_set_are_the_same),
        TEST(parts_share_no_rotation),
        TEST(factors_fill_their_ranges),
        TEST(every_factor_is_seen),
        TEST(factors_mean_what_they_say),
        TEST(shapes_stay_inside_and_are_smooth),
        TEST(colours_are_saturated),
        TEST(largest_pictures_are_drawn),
        TEST(numbers_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
