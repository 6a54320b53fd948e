#include "exif.h"
#include "made_pictures.h"
#include "message.h"
#include "picture.h"

static const unsigned char white[3] = {255, 255, 255};

// Reads what was made; the caller finishes it.
static struct vv_picture read_made(struct temporary *t, const struct made *m, uint32_t channels) {
    struct vv_picture p;
    (void)put_made(t, "a", m);
    if (!vv_picture_read(&t->ctx, t->path, channels, white, &p)) fail_msg("%s", t->ctx.error);
    return p;
}

static void assert_pixels(struct temporary *t, const struct made *m, uint32_t channels,
                          const void *expected, size_t size) {
    struct vv_picture p = read_made(t, m, channels);
    assert_int_equal((size_t)p.height * p.width * channels, size);
    assert_memory_equal(p.pixels, expected, size);
    vv_picture_finish(&p);
}

static void assert_broken(struct temporary *t, const void *bytes, size_t size, const char *says) {
    struct vv_picture p;
    (void)put_bytes(t, "a", bytes, size);
    const bool ok = vv_picture_read(&t->ctx, t->path, 3, white, &p);
    if (ok) fail_msg("%zu bytes are enough", size);
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, says, (char *)NULL);
}

// Between its measuring and its decoding another file takes its place.
static void assert_changed(struct temporary *t, const struct vv_picture_format *format,
                           const struct made *m, uint32_t height, uint32_t width) {
    static unsigned char pixels[1 << 16];
    struct vv_picture_file from = {.ctx = &t->ctx, .bytes = m->size};
    struct vv_picture p = {
        .height = height, .width = width, .channels = 1, .pixels = pixels, .orientation = 1};
    from.path = put_made(t, "a", m);
    from.file = fopen(from.path, "rb");
    assert_non_null(from.file);
    assert_false(format->decode(&from, &p));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "it changes while it is read", (char *)NULL);
    (void)fclose(from.file);
}

static void what_is_no_file_is_not_broken(void **state) {
    struct temporary *t = *state;
    struct vv_picture p;
    assert_false(vv_picture_measure(&t->ctx, path_of(t, "none.png"), &p));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "cannot be opened", (char *)NULL);
    assert_false(vv_picture_read(&t->ctx, t->folder, 1, white, &p));
    assert_int_equal(t->ctx.status, VV_BAD_DATA);
    vv_clear(&t->ctx);
    char loop[PATH_ROOM];
    (void)snprintf(loop, sizeof loop, "%s", path_of(t, "loop.png"));
    assert_int_equal(symlink(loop, loop), 0);
    assert_false(vv_picture_measure(&t->ctx, loop, &p));  // said as a matter of the disk
    assert_failure(&t->ctx, VV_FAILED, loop, "cannot be read from its disk", (char *)NULL);
}

// ---- PNG ----

static void png_of_each_kind(void **state) {
    static const struct {
        int depth, colour;
        unsigned char rows[24];
        size_t size;
        unsigned char expected[12];
    } cases[] = {
        {1, 0, {0, 0x80, 0, 0x40}, 4, {255, 255, 255, 0, 0, 0, 0, 0, 0, 255, 255, 255}},
        {2, 0, {0, 0x60, 0, 0xc0}, 4, {85, 85, 85, 170, 170, 170, 255, 255, 255, 0, 0, 0}},
        {4, 0, {0, 0x1f, 0, 0x80}, 4, {17, 17, 17, 255, 255, 255, 136, 136, 136, 0, 0, 0}},
        {8, 0, {0, 7, 9, 0, 8, 0}, 6, {7, 7, 7, 9, 9, 9, 8, 8, 8, 0, 0, 0}},
        {16, 0, {0, 7, 255, 9, 0, 0, 8, 0, 0, 1}, 10, {7, 7, 7, 9, 9, 9, 8, 8, 8, 0, 0, 0}},
        {8,
         2,
         {0, 1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10, 11, 12},
         14,
         {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
        {8, 3, {0, 0, 1, 0, 2, 0}, 6, {10, 20, 30, 40, 50, 60, 70, 80, 90, 10, 20, 30}},
        {8,
         4,
         {0, 100, 255, 100, 0, 0, 100, 51, 0, 255},
         10,
         {100, 100, 100, 255, 255, 255, 224, 224, 224, 0, 0, 0}},
        {8,
         6,
         {0, 1, 2, 3, 255, 4, 5, 6, 0, 0, 10, 20, 30, 51, 9, 9, 9, 255},
         18,
         {1, 2, 3, 255, 255, 255, 206, 208, 210, 9, 9, 9}},
    };
    static const unsigned char palette[] = {10, 20, 30, 40, 50, 60, 70, 80, 90};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made m;
        struct vv_picture p;
        png_begin(&m, 2, 2, cases[i].depth, cases[i].colour, 0);
        if (cases[i].colour == 3) png_chunk(&m, "PLTE", palette, sizeof palette);
        png_end(&m, cases[i].rows, cases[i].size);
        assert_pixels(*state, &m, 3, cases[i].expected, 12);
        assert_true(vv_picture_measure(&((struct temporary *)*state)->ctx,
                                       ((struct temporary *)*state)->path, &p));
        assert_int_equal(p.height, 2);
        assert_int_equal(p.channels, cases[i].colour == 0 || cases[i].colour == 4 ? 1 : 3);
    }
}

// 1 x 1, and 3 x 3 in the seven passes of Adam7: here 1, 4, 5, 6, 7 have pixels.
static void png_interlaced_and_smallest(void **state) {
    static const unsigned char one[] = {0, 77}, passes[] = {0, 1, 0, 2, 0, 3, 4, 0, 5, 0, 6, 0, 7, 8, 9};
    static const unsigned char expected[] = {1, 5, 2, 7, 8, 9, 3, 6, 4};
    struct made m;
    png_make(&m, 1, 1, 8, 0, one, sizeof one);
    assert_pixels(*state, &m, 1, one + 1, 1);
    png_begin(&m, 3, 3, 8, 0, 1);
    png_end(&m, passes, sizeof passes);
    assert_pixels(*state, &m, 1, expected, sizeof expected);
}

static uint32_t beside(struct temporary *t, const struct made *m) {
    struct vv_picture p;
    if (!vv_picture_measure(&t->ctx, put_made(t, "a", m), &p)) fail_msg("%s", t->ctx.error);
    return p.beside;
}

// Memory for all pixels at once beside the result, known before any is taken.
static void some_need_all_pixels_at_once(void **state) {
    static const unsigned char rows[25];
    static unsigned char pixels[16 * 16 * 4];
    struct made m;
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        png_begin(&m, 3, 3, 8, 0, interlaced);
        png_end(&m, rows, sizeof rows);
        assert_int_equal(beside(*state, &m), 4 * interlaced);
    }
    for (int progressive = 0; progressive < 2; progressive++) {
        struct jpeg_how how = {16, 16, JCS_RGB, JCS_YCbCr, .progressive = progressive};
        jpeg_make(&m, &how, pixels);
        assert_int_equal(beside(*state, &m), 6 * progressive);
        how = (struct jpeg_how){16, 16, JCS_CMYK, JCS_CMYK, .progressive = progressive};
        jpeg_make(&m, &how, pixels);
        assert_int_equal(beside(*state, &m), 8 * progressive);
    }
}

static void png_colour_becomes_grey(void **state) {
    static const unsigned char rows[] = {0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30};
    static const unsigned char expected[] = {76, 150, 29, 18};
    struct made m;
    png_make(&m, 1, 4, 8, 2, rows, sizeof rows);
    assert_pixels(*state, &m, 1, expected, sizeof expected);
}

static void png_that_asks_for_too_much(void **state) {
    struct temporary *t = *state;
    struct made m;
    char text[2 * PATH_ROOM];
    struct vv_picture p;
    static const unsigned char few[100];
    // The 154 bytes that ask for 2 GB; 100,000 x 100,000; and as much as is read, but for what is there.
    png_make(&m, 23170, 23170, 8, 6, few, sizeof few);
    assert_broken(t, m.bytes, m.size, "23170 x 23170 pixels");
    png_make(&m, 100000, 100000, 1, 0, few, sizeof few);
    assert_broken(t, m.bytes, m.size, "100000 x 100000 pixels, more than the 268435456 (1 GiB decoded)");
    png_make(&m, 16384, 16384, 8, 6, few, sizeof few);
    assert_broken(t, m.bytes, m.size, "the file is too short for its pixels");
    png_make(&m, 16384, 16384, 8, 6, few, sizeof few);
    (void)put_made(t, "a", &m);
    assert_false(vv_picture_measure(&t->ctx, t->path, &p));  // its size is no reason to doubt others
    vv_clear(&t->ctx);
    png_make(&m, 0, 5, 8, 6, few, sizeof few);
    assert_broken(t, m.bytes, m.size, "cannot be decoded as PNG");
    (void)snprintf(text, sizeof text,
                   "%s: does not begin as a PNG or JPEG does; convert it, or remove it",
                   path_of(t, "a"));
    (void)put_bytes(t, "a", "", 0);
    assert_false(vv_picture_read(&t->ctx, t->path, 3, white, &p));
    ASSERT_MESSAGE("<file>: does not begin as a PNG or JPEG does; convert it, or remove it", VV_BAD_DATA,
                   text, &t->ctx);
}

// ---- JPEG ----

static void fill_rgb(unsigned char *pixels, uint32_t count, const unsigned char colour[3]) {
    for (uint32_t i = 0; i < count; i++) memcpy(pixels + i * 3, colour, 3);
}

static void assert_near(const struct vv_picture *p, const unsigned char colour[3]) {
    for (uint32_t i = 0; i < p->height * p->width * p->channels; i++)
        assert_in_range(p->pixels[i] + 3, colour[i % p->channels], colour[i % p->channels] + 6U);
}

static void jpeg_of_each_kind(void **state) {
    static const unsigned char colour[3] = {200, 100, 50}, grey[3] = {124, 124, 124};
    static const struct {
        J_COLOR_SPACE pixels, stored;
    } cases[] = {{JCS_RGB, JCS_YCbCr},
                 {JCS_RGB, JCS_RGB},
                 {JCS_GRAYSCALE, JCS_GRAYSCALE},
                 {JCS_CMYK, JCS_CMYK},
                 {JCS_CMYK, JCS_YCCK}};
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        unsigned char pixels[13 * 17 * 4];
        const struct jpeg_how how = {13, 17, cases[i / 2].pixels, cases[i / 2].stored,
                                     .progressive = i % 2};
        struct made m;
        memset(pixels, 124, sizeof pixels);
        if (how.pixels == JCS_RGB) fill_rgb(pixels, 13 * 17, colour);
        // As Adobe stores inks, inverted; libjpeg writes its marker.
        for (uint32_t k = 0; how.pixels == JCS_CMYK && k < 13 * 17; k++) {
            memcpy(pixels + k * 4, colour, 3);
            pixels[k * 4 + 3] = 255;
        }
        jpeg_make(&m, &how, pixels);
        struct vv_picture p = read_made(*state, &m, 3);
        assert_int_equal(p.height, 13);
        assert_int_equal(p.width, 17);
        assert_near(&p, how.pixels == JCS_GRAYSCALE ? grey : colour);
        vv_picture_finish(&p);
        p = read_made(*state, &m, 1);
        assert_near(&p, grey);
        vv_picture_finish(&p);
    }
}

// Without Adobe's marker inks are as they are: none is white. And two components are no colour.
static void inks_without_a_marker_and_two_components(void **state) {
    unsigned char pixels[8 * 8 * 4];
    static const unsigned char light[3] = {255, 155, 55};
    struct made m;
    for (size_t i = 0; i < sizeof pixels; i += 4) memcpy(pixels + i, "\x00\x64\xc8\x00", 4);
    const struct jpeg_how plain = {8, 8, JCS_CMYK, JCS_CMYK, .bare = true};
    jpeg_make(&m, &plain, pixels);
    struct vv_picture p = read_made(*state, &m, 3);
    assert_near(&p, light);
    vv_picture_finish(&p);
    const struct jpeg_how two = {8, 8, JCS_UNKNOWN, JCS_UNKNOWN, .bare = true};
    jpeg_make(&m, &two, pixels);
    assert_broken(*state, m.bytes, m.size, "none of 1, 3 and 4");
}

static void make_plain_jpeg(struct made *m, bool progressive) {
    unsigned char pixels[64 * 64 * 3];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (unsigned char)(i * 7 + i / 31);
    const struct jpeg_how how = {64, 64, JCS_RGB, JCS_YCbCr, .progressive = progressive};
    jpeg_make(m, &how, pixels);
}

static size_t find_marker(const struct made *m, unsigned char marker) {
    for (size_t i = 2; i + 4 < m->size; i += 2 + (size_t)m->bytes[i + 2] * 256 + m->bytes[i + 3])
        if (m->bytes[i + 1] == marker) return i;
    fail_msg("no marker %x", marker);
    return 0;
}

static void other_files_in_their_place_are_noticed(void **state) {
    struct made m;
    png_grey(&m, 4, 6, 9);
    assert_changed(*state, &vv_picture_png, &m, 6, 4);
    assert_changed(*state, &vv_picture_png, &m, 4, 7);
    make_plain_jpeg(&m, false);
    assert_changed(*state, &vv_picture_jpeg, &m, 64, 63);
    assert_changed(*state, &vv_picture_jpeg, &m, 63, 64);
}

static void cut_files_are_broken(void **state) {
    struct made m;
    static const unsigned char rows[5 * 6];
    for (int progressive = 0; progressive < 2; progressive++) {
        make_plain_jpeg(&m, progressive);
        for (size_t size = 3; size + 1 < m.size; size += 1 + size / 8)
            assert_broken(*state, m.bytes, size, "cannot be decoded as JPEG");
        assert_broken(*state, m.bytes, m.size - 2, "cannot be decoded as JPEG");
    }
    png_make(&m, 5, 5, 8, 0, rows, sizeof rows);
    for (size_t size = 8; size < m.size - 4; size++)  // all but the checksum of its empty end
        assert_broken(*state, m.bytes, size, "cannot be decoded as PNG");
}

static void jpeg_bombs_are_refused(void **state) {
    struct temporary *t = *state;
    unsigned char pixels[64 * 64 * 3];
    struct made m;
    memset(pixels, 9, sizeof pixels);
    const struct jpeg_how how = {64, 64, JCS_RGB, JCS_YCbCr, .many_scans = true};
    jpeg_make(&m, &how, pixels);
    assert_broken(t, m.bytes, m.size, "(more scans than any picture needs)");
    // 16,000 x 16,000 in three colours: 1.5 GB of coefficients.
    make_plain_jpeg(&m, true);
    const size_t sof = find_marker(&m, 0xc2);
    m.bytes[sof + 5] = m.bytes[sof + 7] = 16000 >> 8;
    m.bytes[sof + 6] = m.bytes[sof + 8] = 16000 & 255;
    assert_broken(t, m.bytes, m.size, "(it takes more than 1 GiB to decode)");
    m.bytes[sof + 5] = m.bytes[sof + 6] = m.bytes[sof + 7] = m.bytes[sof + 8] = 0xfe;
    assert_broken(t, m.bytes, m.size, "65278 x 65278 pixels");
}

// ---- The right way up ----

static void all_orientations_come_upright(void **state) {
    struct temporary *t = *state;
    // As it should be, 2 rows of 3: a b c / d e f; and as it is stored for each orientation.
    static const struct {
        uint32_t height, width;
        const char *stored;
    } cases[9] = {{0, 0, NULL},     {2, 3, "abcdef"}, {2, 3, "cbafed"},
                  {2, 3, "fedcba"}, {2, 3, "defabc"}, {3, 2, "adbecf"},
                  {3, 2, "cfbead"}, {3, 2, "fcebda"}, {3, 2, "daebfc"}};
    for (int i = 1; i <= 8; i++) {
        for (int big = 0; big < 2; big++) {
            struct made m;
            unsigned char exif[26], rows[16], *at = rows;
            for (uint32_t y = 0; y < cases[i].height; y++) {
                *at++ = 0;
                memcpy(at, cases[i].stored + y * cases[i].width, cases[i].width);
                at += cases[i].width;
            }
            png_begin(&m, cases[i].height, cases[i].width, 8, 0, 0);
            png_chunk(&m, "eXIf", exif, exif_make(exif, i, big));
            png_end(&m, rows, (size_t)(at - rows));
            assert_pixels(t, &m, 1, "abcdef", 6);
        }
    }
}

static void jpeg_is_turned_too(void **state) {
    unsigned char pixels[16 * 8];
    struct made m;
    memset(pixels, 0, sizeof pixels);
    memset(pixels, 255, 64);  // stored: a bright upper half, 16 high, 8 wide
    const struct jpeg_how how = {16, 8, JCS_GRAYSCALE, JCS_GRAYSCALE, .orientation = 6};
    jpeg_make(&m, &how, pixels);
    struct vv_picture p = read_made(*state, &m, 1);  // bright on the right
    assert_int_equal(p.height, 8);
    assert_int_equal(p.width, 16);
    assert_in_range(p.pixels[0], 0, 3);
    assert_in_range(p.pixels[15], 252, 255);
    vv_picture_finish(&p);
}

// What libjpeg passes over before a marker does not hide the note behind it.
static void bytes_before_a_marker_do_not_hide_the_orientation(void **state) {
    static const struct {
        const char *bytes;
        size_t size;
    } before[] = {{"\xff", 1}, {"\xff\xff\xff", 3}, {"ab", 2}, {"a\xff\0\xff", 4}};
    unsigned char pixels[16 * 8];
    memset(pixels, 128, sizeof pixels);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        const struct jpeg_how how = {16, 8, JCS_GRAYSCALE, JCS_GRAYSCALE, .orientation = 6};
        struct made plain, m = {.size = 0};
        size_t at = 0;
        jpeg_make(&plain, &how, pixels);
        while (memcmp(plain.bytes + at, "\xff\xe1", 2) != 0) at++;
        add_bytes(&m, plain.bytes, at);
        add_bytes(&m, before[i].bytes, before[i].size);
        add_bytes(&m, plain.bytes + at, plain.size - at);
        struct vv_picture p = read_made(*state, &m, 1);
        assert_int_equal(p.height, 8);
        assert_int_equal(p.width, 16);
        vv_picture_finish(&p);
    }
}

// Orientation 6 behind so many parts that hold nothing.
static uint32_t orientation_behind(uint32_t parts, bool jpeg) {
    static const unsigned char jpeg_part[] = {0xff, 0xe0, 0, 2},
                               png_part[12] = {0, 0, 0, 0, 't', 'E', 'X', 't'};
    unsigned char exif[26];
    const size_t size = exif_make(exif, 6, true);
    FILE *file = tmpfile();
    assert_non_null(file);
    (void)fwrite("\xff\xd8PNG...", 1, jpeg ? 2 : 8, file);
    for (uint32_t i = 0; i < parts; i++)
        (void)fwrite(jpeg ? jpeg_part : png_part, 1, jpeg ? sizeof jpeg_part : sizeof png_part, file);
    const unsigned char jpeg_head[] = {0xff, 0xe1, 0, (unsigned char)(size + 8), 'E', 'x', 'i',
                                       'f',  0,    0},
                        png_head[] = {0, 0, 0, (unsigned char)size, 'e', 'X', 'I', 'f'};
    (void)fwrite(jpeg ? jpeg_head : png_head, 1, jpeg ? sizeof jpeg_head : sizeof png_head, file);
    (void)fwrite(exif, 1, size, file);
    rewind(file);
    const uint32_t found = jpeg ? vv_exif_of_jpeg(file) : vv_exif_of_png(file);
    (void)fclose(file);
    return found;
}

static void exif_is_not_sought_for_ever(void **state) {
    (void)state;
    for (int jpeg = 0; jpeg < 2; jpeg++) {
        assert_int_equal(orientation_behind(0, jpeg), 6);
        assert_int_equal(orientation_behind(1000, jpeg), 6);
        assert_int_equal(orientation_behind(65536, jpeg), 1);
    }
}

static void damaged_exif_means_upright(void **state) {
    unsigned char exif[26], other[26];
    (void)state;
    assert_int_equal(exif_make(exif, 6, true), 26);
    assert_int_equal(vv_exif_orientation(exif, 26), 6);
    for (size_t size = 0; size < 22; size++) assert_int_equal(vv_exif_orientation(exif, size), 1);
    // Every byte in every way: nothing outside is read (AddressSanitizer), and 1 to 8 comes out.
    for (int big = 0; big < 2; big++)
        for (size_t i = 0; i < 26; i++)
            for (int value = 0; value < 256; value++) {
                unsigned char *heap = malloc(26);
                assert_non_null(heap);
                (void)exif_make(other, 6, big);
                memcpy(heap, other, 26);
                heap[i] = (unsigned char)value;
                assert_in_range(vv_exif_orientation(heap, 26), 1, 8);
                free(heap);
            }
}

// ---- Damage ----

// Mutated files decode or are refused, and nothing else happens.
static void mutated_files_do_no_harm(void **state) {
    struct temporary *t = *state;
    struct made m, changed;
    uint32_t random = 1, taken = 0;
    unsigned char rows[17 * 33];
    for (size_t i = 0; i < sizeof rows; i++) rows[i] = (unsigned char)(i % 33 ? i * 11 : i % 5);
    for (int i = 0; i < 600; i++) {
        struct vv_picture p;
        if (i % 200 == 0 && i < 400) make_plain_jpeg(&m, i > 0);
        if (i == 400) png_make(&m, 17, 32, 8, 0, rows, sizeof rows);
        changed = m;
        for (int k = 0; k < 1 + i % 4; k++) {
            random = random * 1664525U + 1013904223U;
            changed.bytes[(random >> 8) % (i % 2          ? m.size
                                           : 700 < m.size ? 700
                                                          : m.size)] ^=
                (unsigned char)(1U << (random & 7));
        }
        (void)put_made(t, "a", &changed);
        if (vv_picture_read(&t->ctx, t->path, 1 + 2 * (random & 1), white, &p)) {
            assert_non_null(p.pixels);
            taken++;
            vv_picture_finish(&p);
        } else {
            assert_int_equal(t->ctx.status, VV_BAD_DATA);
            vv_clear(&t->ctx);
        }
    }
    assert_in_range(taken, 20, 580);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(png_of_each_kind),
        TEST(png_interlaced_and_smallest),
        TEST(some_need_all_pixels_at_once),
        TEST(png_colour_becomes_grey),
        TEST(png_that_asks_for_too_much),
        TEST(jpeg_of_each_kind),
        TEST(what_is_no_file_is_not_broken),
        TEST(inks_without_a_marker_and_two_components),
        TEST(other_files_in_their_place_are_noticed),
        TEST(cut_files_are_broken),
        TEST(jpeg_bombs_are_refused),
        TEST(all_orientations_come_upright),
        TEST(jpeg_is_turned_too),
        TEST(bytes_before_a_marker_do_not_hide_the_orientation),
        TEST(exif_is_not_sought_for_ever),
        TEST(damaged_exif_means_upright),
        TEST(mutated_files_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
