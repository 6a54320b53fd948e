#include "../temporary.h"
#include "idx.h"
#include "sanitized.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <zlib.h>

// Three images of 2 x 4 pixels, whose values are their places.
enum { COUNT = 3, HEIGHT = 2, WIDTH = 4, PIXELS = COUNT * HEIGHT * WIDTH, HEADER = 16 };

static const unsigned char images_header[HEADER] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 4};
static const unsigned char labels_file[] = {0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9};

static void good_file(unsigned char bytes[HEADER + PIXELS]) {
    memcpy(bytes, images_header, HEADER);
    for (int i = 0; i < PIXELS; i++) bytes[HEADER + i] = (unsigned char)i;
}

static const char *put(struct temporary *t, const char *name, const void *bytes, size_t size) {
    FILE *file = fopen(path_of(t, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return t->path;
}

// The bytes as one .gz in memory.
static size_t gzip(const void *bytes, size_t size, unsigned char *out, size_t room) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    unsigned char input[4096];
    assert_in_range(size, 0, sizeof input);
    memcpy(input, bytes, size);
    stream.next_in = input;
    stream.avail_in = (unsigned)size;
    stream.next_out = out;
    stream.avail_out = (unsigned)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t used = room - stream.avail_out;
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return used;
}

static void assert_good_images(const struct vv_images *images) {
    assert_int_equal(images->count, COUNT);
    assert_int_equal(images->height, HEIGHT);
    assert_int_equal(images->width, WIDTH);
    assert_int_equal(images->channels, 1);
    assert_null(images->labels);
    for (int i = 0; i < PIXELS; i++) assert_int_equal(images->pixels[i], i);
}

static void reads_images_plain_and_gz(void **state) {
    struct temporary *t = *state;
    unsigned char file[HEADER + PIXELS], packed[256];
    good_file(file);
    size_t packed_size = gzip(file, sizeof file, packed, sizeof packed);
    for (int gz = 0; gz < 2; gz++) {
        struct vv_images images;
        const char *path = gz ? put(t, "a.gz", packed, packed_size) : put(t, "a", file, sizeof file);
        memset(&images, 0, sizeof images);
        assert_true(vv_idx_read_images(&t->ctx, path, &images));
        assert_good_images(&images);
        vv_images_finish(&images);
    }
}

// More than one chunk of the reader, and not a multiple of it.
static void reads_a_file_of_several_chunks(void **state) {
    struct temporary *t = *state;
    const size_t size = 3 * 1024 * 1024 + 3 * 1024;
    unsigned char *file = malloc(HEADER + size);
    const unsigned char header[HEADER] = {0, 0, 8, 3, 0, 0, 0x0c, 3, 0, 0, 0, 32, 0, 0, 0, 32};
    struct vv_images images;
    assert_non_null(file);
    memset(&images, 0, sizeof images);
    memcpy(file, header, HEADER);
    for (size_t i = 0; i < size; i++) file[HEADER + i] = (unsigned char)(i * 2654435761U >> 13);
    const char *path = put(t, "a", file, HEADER + size);
    assert_true(vv_idx_read_images(&t->ctx, path, &images));
    assert_int_equal(images.count, 0xc03);
    assert_memory_equal(images.pixels, file + HEADER, size);
    vv_images_finish(&images);
    (void)put(t, "a", file, HEADER + size - 12);
    assert_false(vv_idx_read_images(&t->ctx, t->path, &images));
    assert_failure(&t->ctx, VV_BAD_DATA, "12 bytes missing at offset 3148804", "3075 images of 32x32",
                   (char *)NULL);
    free(file);
}

static void rejects_every_truncation(void **state) {
    struct temporary *t = *state;
    unsigned char file[HEADER + PIXELS], packed[256];
    struct vv_images images;
    memset(&images, 0, sizeof images);
    good_file(file);
    size_t packed_size = gzip(file, sizeof file, packed, sizeof packed);
    for (size_t size = 0; size < sizeof file; size++) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "%zu bytes missing at offset %zu",
                       (size < HEADER ? HEADER : sizeof file) - size, size);
        assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, size), &images));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, expected, "download it again", (char *)NULL);
        assert_null(images.pixels);
    }
    for (size_t size = 0; size < packed_size; size++) {
        assert_false(vv_idx_read_images(&t->ctx, put(t, "a.gz", packed, size), &images));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, (char *)NULL);
        assert_null(images.pixels);
    }
}

static void tells_a_cut_gz_from_a_short_file(void **state) {
    struct temporary *t = *state;
    unsigned char file[HEADER + PIXELS], packed[256];
    struct vv_images images;
    good_file(file);
    size_t packed_size = gzip(file, sizeof file, packed, sizeof packed);
    assert_false(vv_idx_read_images(&t->ctx, put(t, "a.gz", packed, packed_size - 1), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, "cut off", "40 unpacked bytes", "3 images of 2x4",
                   (char *)NULL);
    assert_false(vv_idx_read_images(&t->ctx, put(t, "a.gz", packed, packed_size - 14), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, "cut off", "3 images of 2x4", (char *)NULL);
    packed_size = gzip(file, sizeof file - 5, packed, sizeof packed);
    assert_false(vv_idx_read_images(&t->ctx, put(t, "a.gz", packed, packed_size), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, "5 bytes missing at offset 35", (char *)NULL);
}

static void damaged_gz_never_gives_other_pixels(void **state) {
    struct temporary *t = *state;
    unsigned char file[HEADER + PIXELS], packed[256];
    good_file(file);
    size_t packed_size = gzip(file, sizeof file, packed, sizeof packed);
    unsigned rejected = 0;
    for (size_t bit = 0; bit < 8 * packed_size; bit++) {
        struct vv_images images;
        memset(&images, 0, sizeof images);
        packed[bit / 8] ^= (unsigned char)(1U << bit % 8);
        const char *path = put(t, "a.gz", packed, packed_size);
        if (vv_idx_read_images(&t->ctx, path, &images)) {
            assert_good_images(&images);  // a time or a name in the .gz header
            vv_images_finish(&images);
        } else {
            assert_failure(&t->ctx, VV_BAD_DATA, t->path, (char *)NULL);
            rejected++;
        }
        packed[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    assert_true(rejected > 8 * (packed_size - 10));  // everything after the .gz header, at least
}

static void rejects_bytes_after_the_last_image(void **state) {
    struct temporary *t = *state;
    unsigned char file[HEADER + PIXELS + 1], packed[256];
    struct vv_images images;
    good_file(file);
    file[HEADER + PIXELS] = 1;
    assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, sizeof file), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "more bytes follow at offset 40", (char *)NULL);
    size_t packed_size = gzip(file, sizeof file, packed, sizeof packed);
    assert_false(vv_idx_read_images(&t->ctx, put(t, "a.gz", packed, packed_size), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "more bytes follow at offset 40", (char *)NULL);
}

// ---- Channels ----

enum { CHANNELS = 3, COLOURED_HEADER = 20, VALUES = PIXELS * CHANNELS };

static void coloured_file(unsigned char bytes[COLOURED_HEADER + VALUES]) {
    memcpy(bytes, images_header, HEADER);
    bytes[3] = 4;
    memcpy(bytes + HEADER, (const unsigned char[]){0, 0, 0, CHANNELS}, 4);
    for (int i = 0; i < VALUES; i++) bytes[COLOURED_HEADER + i] = (unsigned char)i;
}

static void reads_images_with_channels(void **state) {
    struct temporary *t = *state;
    unsigned char file[COLOURED_HEADER + VALUES], packed[512];
    coloured_file(file);
    size_t packed_size = gzip(file, sizeof file, packed, sizeof packed);
    for (int gz = 0; gz < 2; gz++) {
        struct vv_images images;
        const char *path = gz ? put(t, "a.gz", packed, packed_size) : put(t, "a", file, sizeof file);
        memset(&images, 0, sizeof images);
        assert_true(vv_idx_read_images(&t->ctx, path, &images));
        assert_int_equal(images.count, COUNT);
        assert_int_equal(images.height, HEIGHT);
        assert_int_equal(images.width, WIDTH);
        assert_int_equal(images.channels, CHANNELS);
        assert_memory_equal(images.pixels, file + COLOURED_HEADER, VALUES);
        vv_images_finish(&images);
    }
}

static void rejects_damaged_images_with_channels(void **state) {
    struct temporary *t = *state;
    unsigned char file[COLOURED_HEADER + VALUES + 1] = {0};
    struct vv_images images;
    memset(&images, 0, sizeof images);
    coloured_file(file);
    for (size_t size = 4; size < COLOURED_HEADER + VALUES; size++) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "%zu bytes missing at offset %zu",
                       (size < COLOURED_HEADER ? COLOURED_HEADER : COLOURED_HEADER + VALUES) - size,
                       size);
        assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, size), &images));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, expected, (char *)NULL);
        assert_null(images.pixels);
    }
    assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, sizeof file), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, "more bytes follow at offset 92", "3 images of 2x4x3",
                   (char *)NULL);
    file[19] = 0;
    assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, sizeof file), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "size 3 at offset 16 is 0", (char *)NULL);
    file[19] = 5;
    assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, sizeof file), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "5 channels at offset 16", (char *)NULL);
    file[16] = 0xff;
    assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, sizeof file), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "channels at offset 16", (char *)NULL);
    // 2^31 values would be read; one more pixel is too many.
    memcpy(file + 4, (const unsigned char[]){0, 0, 0x80, 1, 0, 0, 0x40, 0, 0, 0, 0, 1, 0, 0, 0, 4}, 16);
    assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, sizeof file), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "32769 images of 16384x1x4", "2 GiB", (char *)NULL);
    assert_null(images.pixels);
}

// ---- Factors ----

// Three pictures, two factors each: 0, 1, -2, 0.5, 2^-126, 3e38.
static const unsigned char factors_file[] = {0,    0, 13, 2, 0,    0,    0, 3, 0,    0,    0,    2,
                                             0,    0, 0,  0, 0x3f, 0x80, 0, 0, 0xc0, 0,    0,    0,
                                             0x3f, 0, 0,  0, 0,    0x80, 0, 0, 0x7f, 0x61, 0xb1, 0xe6};

static void reads_factors(void **state) {
    struct temporary *t = *state;
    unsigned char packed[256];
    size_t packed_size = gzip(factors_file, sizeof factors_file, packed, sizeof packed);
    const float expected[] = {0, 1, -2, 0.5F, 1.17549435e-38F, 3e38F};
    for (int gz = 0; gz < 2; gz++) {
        struct vv_images images;
        memset(&images, 0, sizeof images);
        images.count = 3;
        const char *path =
            gz ? put(t, "f.gz", packed, packed_size) : put(t, "f", factors_file, sizeof factors_file);
        assert_true(vv_idx_read_factors(&t->ctx, path, "i", &images));
        assert_int_equal(images.factor_count, 2);
        assert_memory_equal(images.factors, expected, sizeof expected);
        vv_images_finish(&images);
    }
}

static void rejects_damaged_factors(void **state) {
    struct temporary *t = *state;
    unsigned char file[sizeof factors_file + 1] = {0};
    struct vv_images images;
    memset(&images, 0, sizeof images);
    images.count = 3;
    for (size_t size = 0; size < sizeof factors_file; size++) {
        assert_false(vv_idx_read_factors(&t->ctx, put(t, "f", factors_file, size), "i", &images));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, "missing at offset", (char *)NULL);
        assert_null(images.factors);
    }
    memcpy(file, factors_file, sizeof factors_file);
    assert_false(vv_idx_read_factors(&t->ctx, put(t, "f", file, sizeof file), "i", &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "more bytes follow at offset 36", "2 factors",
                   (char *)NULL);
    static const unsigned char wrong[][4] = {
        {0x7f, 0x80}, {0xff, 0x80}, {0x7f, 0xc0}, {0xff, 0xff, 1, 1}};
    for (int i = 0; i < 4; i++) {
        memcpy(file + 24, wrong[i], 4);
        assert_false(vv_idx_read_factors(&t->ctx, put(t, "f", file, sizeof factors_file), "i", &images));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, "factor 1 of picture 1, at offset 24", "finite",
                       (char *)NULL);
        assert_null(images.factors);
    }
    file[11] = 9;
    assert_false(vv_idx_read_factors(&t->ctx, put(t, "f", file, sizeof file), "i", &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "9 factors at offset 8", (char *)NULL);
    images.count = 4;
    assert_false(vv_idx_read_factors(&t->ctx, put(t, "f", file, sizeof file), "the-images", &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "3 rows of factors", "the-images", "4 images",
                   (char *)NULL);
    assert_false(
        vv_idx_read_factors(&t->ctx, put(t, "f", labels_file, sizeof labels_file), "i", &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "labels where factors belong", "0x00000801",
                   (char *)NULL);
    assert_false(
        vv_idx_read_labels(&t->ctx, put(t, "f", factors_file, sizeof factors_file), "i", &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "factors where labels belong", (char *)NULL);
}

static void rejects_bad_magic(void **state) {
    struct temporary *t = *state;
    struct vv_images images;
    for (int i = 0; i < 4; i++) {
        unsigned char file[HEADER + PIXELS];
        good_file(file);
        file[i] ^= 0x10;
        assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, sizeof file), &images));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, "offset 0", "0x00000803", (char *)NULL);
    }
    unsigned char file[HEADER + PIXELS];
    good_file(file);
    file[3] = 1;
    assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, sizeof file), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "labels where images belong", (char *)NULL);
}

static void rejects_sizes_of_zero(void **state) {
    struct temporary *t = *state;
    struct vv_images images;
    static const char *const offsets[] = {"offset 4", "offset 8", "offset 12"};
    for (int i = 0; i < 3; i++) {
        unsigned char file[HEADER + PIXELS];
        good_file(file);
        file[7 + 4 * i] = 0;
        assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, sizeof file), &images));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, offsets[i], (char *)NULL);
    }
}

static void rejects_sizes_beyond_its_limits(void **state) {
    struct temporary *t = *state;
    struct vv_images images;
    static const unsigned char headers[][12] = {
        {0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1},     // 65,537 high
        {0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1},     // 65,537 wide
        {0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0},     // 2^32 bytes
        {0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1},  // 2^31 + 1 bytes
        {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        unsigned char file[HEADER + PIXELS];
        good_file(file);
        memcpy(file + 4, headers[i], 12);
        assert_false(vv_idx_read_images(&t->ctx, put(t, "a", file, sizeof file), &images));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, "offset 4", "2 GiB", (char *)NULL);
    }
}

// With 256 MiB of address space to spare, taking the promised 2 GiB would be out of memory instead.
static int read_lying_header(struct temporary *t) {
    struct vv_images images;
    struct rlimit limit = {UINT64_C(256) << 20, UINT64_C(256) << 20};
    if (setrlimit(RLIMIT_AS, &limit) != 0) return 77;
    bool ok = vv_idx_read_images(&t->ctx, t->path, &images);
    bool told = strstr(t->ctx.error, "2147483624 bytes missing at offset 40") != NULL;
    return !ok && told && t->ctx.status == VV_BAD_DATA ? 0 : 1;
}

static void lying_header_takes_no_memory(void **state) {
    struct temporary *t = *state;
    unsigned char file[HEADER + PIXELS];
    if (SANITIZED) skip();  // it reserves terabytes of addresses for itself
    good_file(file);
    memcpy(file + 4, (const unsigned char[]){0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1}, 12);
    (void)put(t, "a", file, sizeof file);
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(read_lying_header(t));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

// Sizes are believed, and memory is taken for them, before the pixels are read: so not these.
static void sizes_are_what_the_file_may_hold(void **state) {
    struct temporary *t = *state;
    struct vv_images images;
    unsigned char file[HEADER + PIXELS], packed[256];
    good_file(file);
    assert_true(vv_idx_open_images(&t->ctx, put(t, "a", file, sizeof file), &images));
    assert_null(images.pixels);
    assert_true(vv_idx_read_pixels(&t->ctx, &images));
    assert_good_images(&images);
    vv_images_finish(&images);
    memcpy(file + 4, (const unsigned char[]){0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1}, 12);
    assert_false(vv_idx_open_images(&t->ctx, put(t, "a", file, sizeof file), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "2147483624 bytes missing at offset 40", (char *)NULL);
    const size_t size = gzip(file, sizeof file, packed, sizeof packed);
    assert_false(vv_idx_open_images(&t->ctx, put(t, "a.gz", packed, size), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "2147483624 bytes missing at offset 40", (char *)NULL);
}

static void rejects_what_is_not_a_file(void **state) {
    struct temporary *t = *state;
    struct vv_images images;
    assert_false(vv_idx_read_images(&t->ctx, path_of(t, "none"), &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "No such file", (char *)NULL);
    assert_false(vv_idx_read_images(&t->ctx, t->folder, &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->folder, "a folder", (char *)NULL);
    assert_int_equal(mkfifo(path_of(t, "fifo"), 0600), 0);
    assert_false(vv_idx_read_images(&t->ctx, t->path, &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "a device, a pipe or a socket", (char *)NULL);
}

static void reads_labels(void **state) {
    struct temporary *t = *state;
    struct vv_images images;
    memset(&images, 0, sizeof images);
    images.count = COUNT;
    assert_true(vv_idx_read_labels(&t->ctx, put(t, "l", labels_file, sizeof labels_file), "i", &images));
    for (uint32_t i = 0; i < COUNT; i++) assert_int_equal(images.labels[i], labels_file[8 + i]);
    vv_images_finish(&images);
}

static void rejects_every_truncation_of_labels(void **state) {
    struct temporary *t = *state;
    struct vv_images images;
    memset(&images, 0, sizeof images);
    images.count = COUNT;
    for (size_t size = 0; size < sizeof labels_file; size++) {
        assert_false(vv_idx_read_labels(&t->ctx, put(t, "l", labels_file, size), "i", &images));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, "missing at offset", (char *)NULL);
        assert_null(images.labels);
    }
}

static void rejects_labels_of_another_set(void **state) {
    struct temporary *t = *state;
    struct vv_images images;
    memset(&images, 0, sizeof images);
    images.count = COUNT + 1;
    const char *path = put(t, "l", labels_file, sizeof labels_file);
    assert_false(vv_idx_read_labels(&t->ctx, path, "the-images.gz", &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "3 labels", "the-images.gz", "4 images", (char *)NULL);
    assert_null(images.labels);
    unsigned char file[HEADER + PIXELS];
    good_file(file);
    assert_false(vv_idx_read_labels(&t->ctx, put(t, "l", file, sizeof file), "i", &images));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "images where labels belong", (char *)NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reads_images_plain_and_gz),
        TEST(reads_a_file_of_several_chunks),
        TEST(rejects_every_truncation),
        TEST(tells_a_cut_gz_from_a_short_file),
        TEST(damaged_gz_never_gives_other_pixels),
        TEST(rejects_bytes_after_the_last_image),
        TEST(reads_images_with_channels),
        TEST(rejects_damaged_images_with_channels),
        TEST(reads_factors),
        TEST(rejects_damaged_factors),
        TEST(rejects_bad_magic),
        TEST(rejects_sizes_of_zero),
        TEST(rejects_sizes_beyond_its_limits),
        TEST(lying_header_takes_no_memory),
        TEST(sizes_are_what_the_file_may_hold),
        TEST(rejects_what_is_not_a_file),
        TEST(reads_labels),
        TEST(rejects_every_truncation_of_labels),
        TEST(rejects_labels_of_another_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
