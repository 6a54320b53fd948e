// PNG and JPEG files made in memory, right and wrong ones.
#ifndef VV_TESTS_DATA_MADE_PICTURES_H
#define VV_TESTS_DATA_MADE_PICTURES_H

#include "../temporary.h"

#include <zlib.h>
// After stdio.h.
#include <jpeglib.h>

enum { MADE_ROOM = 1 << 16 };

struct made {
    size_t size;
    unsigned char bytes[MADE_ROOM];
};

static inline const char *put_bytes(struct temporary *t, const char *name, const void *bytes,
                                    size_t size) {
    FILE *file = fopen(path_of(t, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return t->path;
}

static inline const char *put_made(struct temporary *t, const char *name, const struct made *m) {
    return put_bytes(t, name, m->bytes, m->size);
}

// ---- PNG ----

static inline void add_bytes(struct made *m, const void *bytes, size_t size) {
    assert_in_range(m->size + size, 0, MADE_ROOM);
    if (size) memcpy(m->bytes + m->size, bytes, size);
    m->size += size;
}

static inline void add_number(struct made *m, uint32_t value) {
    const unsigned char big[] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
                                 (unsigned char)(value >> 8), (unsigned char)value};
    add_bytes(m, big, 4);
}

static inline void png_chunk(struct made *m, const char *type, const void *data, size_t size) {
    add_number(m, (uint32_t)size);
    const size_t from = m->size;
    add_bytes(m, type, 4);
    add_bytes(m, data, size);
    add_number(m, (uint32_t)crc32_z(0, m->bytes + from, m->size - from));
}

// colour: 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA.
static inline void png_begin(struct made *m, uint32_t height, uint32_t width, int depth, int colour,
                             int interlaced) {
    struct made head = {0};
    const unsigned char rest[] = {(unsigned char)depth, (unsigned char)colour, 0, 0,
                                  (unsigned char)interlaced};
    m->size = 0;
    add_bytes(m, "\x89PNG\r\n\x1a\n", 8);
    add_number(&head, width);
    add_number(&head, height);
    add_bytes(&head, rest, 5);
    png_chunk(m, "IHDR", head.bytes, head.size);
}

// rows: each with its filter in front.
static inline void png_end(struct made *m, const void *rows, size_t size) {
    static unsigned char packed[MADE_ROOM];
    uLongf used = sizeof packed;
    assert_int_equal(compress2(packed, &used, rows, size, 9), Z_OK);
    png_chunk(m, "IDAT", packed, used);
    png_chunk(m, "IEND", NULL, 0);
}

static inline void png_make(struct made *m, uint32_t height, uint32_t width, int depth, int colour,
                            const void *rows, size_t size) {
    png_begin(m, height, width, depth, colour, 0);
    png_end(m, rows, size);
}

// All of one grey.
static inline void png_grey(struct made *m, uint32_t height, uint32_t width, int value) {
    static unsigned char rows[MADE_ROOM];
    assert_in_range(height * (width + 1), 1, sizeof rows);
    memset(rows, value, height * (width + 1));
    for (uint32_t y = 0; y < height; y++) rows[y * (width + 1)] = 0;
    png_make(m, height, width, 8, 0, rows, height * (width + 1));
}

// ---- EXIF ----

// Twenty-six bytes with one entry.
static inline size_t exif_make(unsigned char exif[26], int orientation, bool big) {
    static const unsigned char motorola[26] = {'M', 'M', 0,    42, 0, 0, 0, 8, 0,
                                               1,   1,   0x12, 0,  3, 0, 0, 0, 1};
    static const unsigned char intel[26] = {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1};
    memcpy(exif, big ? motorola : intel, 26);
    exif[big ? 19 : 18] = (unsigned char)orientation;
    return 26;
}

// ---- JPEG ----

struct jpeg_how {
    uint32_t height, width;
    J_COLOR_SPACE pixels, stored;
    bool progressive;
    int orientation;  // 0: no EXIF
    bool many_scans;  // 190 of them: one for each coefficient
    bool bare;        // without Adobe's marker
};

// All DC, then each of the others by itself, which is allowed and nobody does.
static inline int jpeg_scans(jpeg_scan_info scans[190]) {
    int count = 0;
    scans[count++] = (jpeg_scan_info){.comps_in_scan = 3, .component_index = {0, 1, 2}};
    for (int c = 0; c < 3; c++)
        for (int k = 1; k < 64; k++)
            scans[count++] =
                (jpeg_scan_info){.comps_in_scan = 1, .component_index = {c}, .Ss = k, .Se = k};
    return count;
}

// pixels: of as many samples as the space `pixels` has.
static inline void jpeg_make(struct made *m, const struct jpeg_how *how, unsigned char *pixels) {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_height = how->height;
    jpeg.image_width = how->width;
    jpeg.in_color_space = how->pixels;
    jpeg.input_components = how->pixels == JCS_GRAYSCALE ? 1
                            : how->pixels == JCS_RGB     ? 3
                            : how->pixels == JCS_UNKNOWN ? 2
                                                         : 4;
    jpeg_set_defaults(&jpeg);
    jpeg_set_colorspace(&jpeg, how->stored);
    if (how->bare) jpeg.write_Adobe_marker = FALSE;
    jpeg_set_quality(&jpeg, 100, TRUE);
    jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
    jpeg_scan_info scans[190];
    if (how->progressive) jpeg_simple_progression(&jpeg);
    if (how->many_scans) {
        jpeg.num_scans = jpeg_scans(scans);
        jpeg.scan_info = scans;
    }
    jpeg_start_compress(&jpeg, TRUE);
    if (how->orientation) {
        unsigned char marker[6 + 26] = "Exif\0";
        (void)exif_make(marker + 6, how->orientation, true);
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, marker, sizeof marker);
    }
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = pixels + (size_t)jpeg.next_scanline * how->width * (size_t)jpeg.input_components;
        (void)jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    m->size = 0;
    add_bytes(m, bytes, size);
    free(bytes);
}

#endif
