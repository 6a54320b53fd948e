// Dropout and augmentation: the device's bits are the host's, and what a draw depends on.
#include "../temporary.h"

#include <math.h>

#include "abi.h"
#include "driver.h"
#include "exec.h"
#include "random.h"

static const uint64_t seed = UINT64_C(0x123456789abcdef);

enum { ROWS = 12, HEIGHT = 17, WIDTH = 23, CHANNELS = 3, COLUMNS = HEIGHT * WIDTH * CHANNELS };

// An op over x [rows, columns], by itself.
struct subject {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_state *x, *clock;
    struct vv_tape tape;
    vv_ref y;
    float *values;
};

static const struct vv_augment everything = {true, true, 3, 0.2f, 0.4f, 0.1f};

static const double binarizes = -1;  // in place of a share that is dropped

static void begin(struct subject *s, uint32_t rows, const struct vv_augment *augment, double dropped) {
    *s = (struct subject){.y = NULL};
    vv_context_init(&s->ctx);
    vv_store_init(&s->store, &s->ctx);
    s->x = vv_store_add(&s->store, "x", VV_F32, vv_shape2(rows, COLUMNS));
    s->clock = vv_store_add(&s->store, "clock", VV_U32, vv_shape1(VV_CLOCK_WORDS));
    vv_tape_init(&s->tape, &s->store, "random");
    vv_ref x = vv_use(&s->tape, s->x), clock = vv_use(&s->tape, s->clock);
    if (dropped == binarizes)
        s->y = vv_binarized(&s->tape, x, clock, seed);
    else
        s->y = augment ? vv_augmented(&s->tape, x, clock, HEIGHT, WIDTH, CHANNELS, augment, seed)
                       : vv_dropout(&s->tape, x, clock, dropped, seed, 2);
    s->y->keep = true;
    if (!vv_tape_ok(&s->tape)) fail_msg("%s", s->ctx.error);
    s->values = calloc((size_t)rows * COLUMNS, sizeof *s->values);
    assert_non_null(s->values);
    for (uint32_t i = 0; i < rows * COLUMNS; i++) s->values[i] = (float)(i * 37 % 256) / 255;
}

static void end(struct subject *s) {
    free(s->values);
    vv_tape_finish(&s->tape);
    vv_store_finish(&s->store);
}

static float *on_host(const struct subject *s, uint32_t first, uint32_t step) {
    float *out = calloc(vv_count(s->y), sizeof *out);
    struct vv_clock clock = {.first = first, .step = step, .bad_step = VV_NO_BAD_STEP};
    assert_non_null(out);
    s->y->op->reference(s->y, &(struct vv_operands){.in = {s->values, &clock}, .out = out});
    return out;
}

static void compare(struct subject *s, bool minimum) {
    struct vv_exec *exec = vv_vulkan_create(
        &s->store, &(struct vv_vulkan_options){.validate = true, .minimum_limits = minimum});
    struct vv_program *p = exec ? vv_exec_compile(exec, &s->tape) : NULL;
    if (!p) fail_msg("%s", s->ctx.error);
    const uint64_t bytes = vv_count(s->y) * sizeof(float);
    for (uint32_t step = 7; step < 10; step++) {
        const struct vv_clock clock = {.first = 40, .step = step, .bad_step = VV_NO_BAD_STEP};
        float *expected = on_host(s, clock.first, step), *got = malloc(bytes);
        assert_true(vv_exec_write(exec, s->x, 0, s->values, bytes) &&
                    vv_exec_write(exec, s->clock, 0, &clock, sizeof clock) &&
                    vv_exec_submit(exec, p, 1) && vv_exec_read_node(exec, p, s->y, got));
        assert_memory_equal(got, expected, bytes);
        free(expected);
        free(got);
    }
    vv_program_destroy(exec, p);
    vv_exec_destroy(exec);
    assert_string_equal(s->ctx.error, "");
}

static void the_bits_are_those_of_the_host(void **state) {
    (void)state;
    struct subject s;
    for (int kind = 0; kind < 3; kind++) {
        begin(&s, 300, kind == 1 ? &everything : NULL, kind == 2 ? binarizes : 0.3);
        compare(&s, kind == 0);
        end(&s);
    }
}

// Rows of a larger batch are those of smaller ones, one after the other.
static void how_an_epoch_is_split_changes_nothing(void **state) {
    (void)state;
    struct subject whole, part;
    for (int kind = 0; kind < 3; kind++) {
        const double dropped = kind == 2 ? binarizes : 0.3;
        begin(&whole, ROWS, kind == 1 ? &everything : NULL, dropped);
        begin(&part, ROWS / 3, kind == 1 ? &everything : NULL, dropped);
        float *all = on_host(&whole, 5, 9), *other = on_host(&whole, 5, 10);
        for (uint32_t i = 0; i < 3; i++) {
            memcpy(part.values, whole.values + (size_t)i * ROWS / 3 * COLUMNS,
                   sizeof(float) * ROWS / 3 * COLUMNS);
            float *third = on_host(&part, 5 + i * ROWS / 3, 9);
            assert_memory_equal(third, all + (size_t)i * ROWS / 3 * COLUMNS,
                                sizeof(float) * ROWS / 3 * COLUMNS);
            free(third);
        }
        assert_memory_not_equal(all, other, sizeof(float) * ROWS * COLUMNS);
        free(all);
        free(other);
        end(&whole);
        end(&part);
    }
}

// 0 and 1 are certain; in between the value is the chance.
static void pixels_are_drawn_by_their_value(void **state) {
    (void)state;
    struct subject s;
    begin(&s, 256, NULL, binarizes);
    static const float values[] = {0, 1, 0.25f, 0.7f};
    uint32_t white[4] = {0};
    const uint32_t count = 256 * COLUMNS;
    for (uint32_t i = 0; i < count; i++) s.values[i] = values[i / 7 % 4];
    float *y = on_host(&s, 3, 1);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(y[i] == 0 || y[i] == 1);
        white[i / 7 % 4] += y[i] > 0;
    }
    const double quarter = count / 4.0;
    assert_int_equal(white[0], 0);
    assert_true(fabs(white[1] - quarter) < 10);
    assert_true(fabs(white[2] / quarter - 0.25) < 0.005 && fabs(white[3] / quarter - 0.7) < 0.005);
    free(y);
    end(&s);
}

static void dropout_keeps_its_share_and_the_mean(void **state) {
    (void)state;
    struct subject s;
    begin(&s, 64, NULL, 0.25);
    for (uint32_t i = 0; i < 64 * COLUMNS; i++) s.values[i] = 3;
    float *y = on_host(&s, 0, 1);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < 64 * COLUMNS; i++) {
        assert_true(y[i] == 0 || y[i] == 4);
        kept += y[i] != 0;
    }
    const double share = (double)kept / (64 * COLUMNS), deviation = sqrt(0.1875 / (64 * COLUMNS));
    assert_true(fabs(share - 0.75) < 4 * deviation);
    free(y);
    end(&s);
}

// Which of the four flips and (2 shift + 1)^2 shifts of x gives y; -1: none does.
static int find_change(const float *x, const float *y, int shift, int *down, int *right) {
    for (int flips = 0; flips < 4; flips++)
        for (*down = -shift; *down <= shift; ++*down)
            for (*right = -shift; *right <= shift; ++*right) {
                bool same = true;
                for (int i = 0; i < HEIGHT && same; i++)
                    for (int j = 0; j < WIDTH && same; j++) {
                        int p = i - *down, q = j - *right;
                        p = p < 0 ? 0 : p >= HEIGHT ? HEIGHT - 1 : p;
                        q = q < 0 ? 0 : q >= WIDTH ? WIDTH - 1 : q;
                        if (flips & 2) p = HEIGHT - 1 - p;
                        if (flips & 1) q = WIDTH - 1 - q;
                        same = memcmp(y + (i * WIDTH + j) * CHANNELS, x + (p * WIDTH + q) * CHANNELS,
                                      CHANNELS * sizeof *x) == 0;
                    }
                if (same) return flips;
            }
    return -1;
}

// Each picture is one of those that can be, and each flip and each shift comes.
static void pictures_are_flipped_and_shifted_as_a_whole(void **state) {
    (void)state;
    const struct vv_augment places = {.flip = true, .vertical_flip = true, .shift = 1};
    struct subject s;
    begin(&s, 200, &places, 0);
    float *y = on_host(&s, 0, 1);
    uint32_t flips[4] = {0}, downs[3] = {0}, rights[3] = {0};
    for (uint32_t r = 0; r < 200; r++) {
        int down, right;
        const int found =
            find_change(s.values + (size_t)r * COLUMNS, y + (size_t)r * COLUMNS, 1, &down, &right);
        assert_in_range(found, 0, 3);
        flips[found]++;
        downs[down + 1]++;
        rights[right + 1]++;
    }
    for (int i = 0; i < 4; i++) assert_in_range(flips[i], 25, 80);
    for (int i = 0; i < 3; i++) assert_true(downs[i] > 40 && rights[i] > 40);
    free(y);
    end(&s);
}

// A picture's pixels all change alike: y = (x - 1/2) scale + 1/2 + shift, within [0, 1].
static void brightness_and_contrast_are_the_picture_s(void **state) {
    (void)state;
    const struct vv_augment values = {.brightness = 0.2f, .contrast = 0.4f};
    struct subject s;
    begin(&s, ROWS, &values, 0);
    float *y = on_host(&s, 0, 1), least = 9, most = 0;
    for (uint32_t r = 0; r < ROWS; r++) {
        float *x = s.values + (size_t)r * COLUMNS, *out = y + (size_t)r * COLUMNS;
        uint32_t grey = 0, other = 0;  // near 0.5 nothing is clamped
        while (fabsf(x[grey] - 0.5f) > 0.01f) grey++;
        while (fabsf(x[other] - 0.4f) > 0.01f) other++;
        const float scale = (out[grey] - out[other]) / (x[grey] - x[other]);
        const float shift = out[grey] - 0.5f - (x[grey] - 0.5f) * scale;
        assert_true(scale >= 0.599f && scale <= 1.401f && shift >= -0.201f && shift <= 0.201f);
        least = scale < least ? scale : least;
        most = scale > most ? scale : most;
        for (uint32_t i = 0; i < COLUMNS; i++) {
            float expected = (x[i] - 0.5f) * scale + 0.5f + shift;
            expected = expected < 0 ? 0 : expected > 1 ? 1 : expected;
            assert_true(fabsf(out[i] - expected) < 1e-5f && out[i] >= 0 && out[i] <= 1);
        }
    }
    assert_true(most - least > 0.2f);
    free(y);
    end(&s);
}

static void pictures_of_another_size_are_refused(void **state) {
    (void)state;
    struct subject s;
    begin(&s, 1, &everything, 0);
    (void)vv_augmented(&s.tape, vv_use(&s.tape, s.x), vv_use(&s.tape, s.clock), HEIGHT, WIDTH, 1,
                       &everything, seed);
    assert_false(vv_tape_ok(&s.tape));
    assert_failure(&s.ctx, VV_USAGE, "17 x 23 x 1", "[1,1173]", (char *)NULL);
    end(&s);
}

int main(void) {
    const struct CMUnitTest host[] = {
        cmocka_unit_test(how_an_epoch_is_split_changes_nothing),
        cmocka_unit_test(pixels_are_drawn_by_their_value),
        cmocka_unit_test(dropout_keeps_its_share_and_the_mean),
        cmocka_unit_test(pictures_are_flipped_and_shifted_as_a_whole),
        cmocka_unit_test(brightness_and_contrast_are_the_picture_s),
        cmocka_unit_test(pictures_of_another_size_are_refused),
    };
    const struct CMUnitTest device[] = {cmocka_unit_test(the_bits_are_those_of_the_host)};
    int failures = cmocka_run_group_tests(host, NULL, NULL);
    if (failures) return failures;
    need_device();
    need_validation();
    return cmocka_run_group_tests(device, NULL, NULL);
}
