#include "explored.h"

#include "codes.h"

#include <stdlib.h>

enum { MARGIN = 2, GAP = 96 };

const struct set labelled = {
    .height = HEIGHT, .width = WIDTH, .train = TRAIN, .test = TEST, .seed = 1, .labels = true};

void train_run(struct room *r) {
    write_set(in(r, "set"), &labelled);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
}

struct vv_array read_array(const char *path, const char *name) {
    struct vv_context ctx;
    struct vv_array array = {0};
    vv_context_init(&ctx);
    if (!vv_codes_read(&ctx, path, name, &array)) fail_msg("%s", ctx.error);
    return array;
}

static void write_codes(const char *path, const float *z, uint32_t count, uint32_t latent) {
    struct vv_context ctx;
    vv_context_init(&ctx);
    if (!vv_npy_write(&ctx, path, z, (const uint32_t[]){count, latent}, 2)) fail_msg("%s", ctx.error);
}

void assert_pictures(const struct vv_array *array, uint32_t count) {
    const uint32_t dims[] = {count, HEIGHT, WIDTH, 1};
    assert_int_equal(array->rank, 4);
    assert_memory_equal(array->dims, dims, sizeof dims);
}

void assert_decoded(struct room *r, const float *pictures, const float *z, uint32_t count,
                    uint32_t latent) {
    write_codes(in(r, "z.npy"), z, count, latent);
    RUN(r, "decode", in(r, "run"), in(r, "z.npy"), "-o", in(r, "decoded.npy"));
    assert_ok(r);
    struct vv_array decoded = read_array(in(r, "decoded.npy"), NULL);
    assert_pictures(&decoded, count);
    assert_memory_equal(pictures, decoded.values, sizeof(float) * count * PIXELS);
    free(decoded.values);
}

void assert_cell(const unsigned char *grid, const uint32_t size[3], uint32_t columns, uint32_t at,
                 const float *picture) {
    const uint32_t top = at / columns * (HEIGHT + MARGIN), left = at % columns * (WIDTH + MARGIN);
    assert_in_range(top + HEIGHT, HEIGHT, size[0]);
    assert_in_range(left + WIDTH, WIDTH, size[1]);
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            const int byte = picture ? (int)(picture[y * WIDTH + x] * 255 + 0.5F) : GAP;
            assert_int_equal(grid[(top + y) * size[1] + left + x], byte);
        }
}
