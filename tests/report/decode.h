// A PNG reader for tests, of what the writer makes: 8 bits, grey or RGB, not interlaced. Checksums are
// checked.
#ifndef VV_TESTS_REPORT_DECODE_H
#define VV_TESTS_REPORT_DECODE_H

#include "../temporary.h"
#include "file.h"

#include <zlib.h>

struct picture {
    uint32_t width, height, channels;
    unsigned char *pixels;
};

static inline uint32_t big_endian(const unsigned char *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline int paeth(int a, int b, int c) {
    int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

// PNG specification, section 9: filters.
static inline void unfilter(const unsigned char *filtered, struct picture *picture) {
    const size_t step = picture->channels, stride = step * picture->width;
    for (size_t y = 0; y < picture->height; y++) {
        unsigned char kind = *filtered++, *row = picture->pixels + y * stride;
        assert_in_range(kind, 0, 4);
        for (size_t x = 0; x < stride; x++) {
            int left = x >= step ? row[x - step] : 0, up = y ? *(row - stride + x) : 0;
            int corner = x >= step && y ? *(row - stride + x - step) : 0;
            const int guesses[5] = {0, left, up, (left + up) / 2, paeth(left, up, corner)};
            row[x] = (unsigned char)(*filtered++ + guesses[kind]);
        }
    }
}

// Chunks one by one; the IDAT bytes gather at the front of `bytes`. Returns how many there are.
static inline size_t read_chunks(unsigned char *bytes, size_t size, struct picture *picture) {
    size_t data = 0, at = 8;
    bool ended = false;
    assert_true(size > 8);
    assert_memory_equal(bytes, "\x89PNG\r\n\x1a\n", 8);
    while (!ended) {
        assert_true(at + 12 <= size);
        size_t length = big_endian(bytes + at);
        unsigned char *body = bytes + at + 8;
        assert_true(at + 12 + length <= size);
        assert_int_equal(big_endian(body + length), crc32(0, bytes + at + 4, (uInt)length + 4));
        at += 12 + length;
        if (memcmp(body - 4, "IHDR", 4) == 0) {
            picture->width = big_endian(body);
            picture->height = big_endian(body + 4);
            assert_int_equal(body[8], 8);
            assert_true(body[9] == 0 || body[9] == 2);
            picture->channels = body[9] == 2 ? 3 : 1;
            assert_int_equal(body[12], 0);
        } else if (memcmp(body - 4, "IDAT", 4) == 0) {
            memmove(bytes + data, body, length);
            data += length;
        } else {
            assert_memory_equal(body - 4, "IEND", 4);
            ended = true;
        }
    }
    assert_int_equal(at, size);
    return data;
}

// The caller frees picture->pixels.
static inline void decode(struct temporary *t, const char *path, struct picture *picture) {
    unsigned char *bytes = NULL;
    uint64_t size = 0;
    if (!vv_file_read(&t->ctx, path, 1 << 28, &bytes, &size)) fail_msg("%s", t->ctx.error);
    size_t data = read_chunks(bytes, (size_t)size, picture);
    size_t stride = (size_t)picture->width * picture->channels;
    uLongf unpacked = (uLongf)((stride + 1) * picture->height), wanted = unpacked;
    unsigned char *filtered = malloc(unpacked);
    picture->pixels = malloc(stride * picture->height);
    assert_non_null(filtered);
    assert_non_null(picture->pixels);
    assert_int_equal(uncompress(filtered, &unpacked, bytes, (uLong)data), Z_OK);
    assert_int_equal(unpacked, wanted);
    unfilter(filtered, picture);
    free(filtered);
    free(bytes);
}

static inline const unsigned char *pixel_at(const struct picture *picture, uint32_t x, uint32_t y) {
    assert_true(x < picture->width && y < picture->height);
    return picture->pixels + ((size_t)y * picture->width + x) * picture->channels;
}

#endif
