// JPEG by libjpeg-turbo. The library reports errors by a jump, and what it could repair as warnings: a
// picture that needed any repair counts as broken.
#include "exif.h"
#include "picture.h"

#ifdef VV_HAVE_JPEG
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// After stdio.h, which it does not include.
#include <jpeglib.h>
// After jpeglib.h.
#include <jerror.h>

#include "size.h"

// A progressive picture has some 10 scans. Each costs a pass over all pixels, and takes few bytes.
enum { SCANS_MAX = 100 };
#define SCANNED_MAX (UINT64_C(1) << 32)  // pixels times scans

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf failed;
    struct vv_picture_file *from;
    struct vv_picture *picture;
    unsigned char *row;
};

_Noreturn static void stop(j_common_ptr jpeg) {
    struct reader *r = jpeg->client_data;
    char reason[JMSG_LENGTH_MAX];
    r->errors.format_message(jpeg, reason);
    if (r->errors.msg_code == JERR_NO_BACKING_STORE)  // max_memory_to_use, in the library's words
        (void)snprintf(reason, sizeof reason, "it takes more than 1 GiB to decode");
    const bool memory = r->errors.msg_code == JERR_OUT_OF_MEMORY;
    (void)vv_picture_broken(r->from, memory ? VV_FAILED : VV_BAD_DATA, "JPEG", reason);
    longjmp(r->failed, 1);
}

_Noreturn static void stop_with(struct reader *r, const char *reason) {
    (void)vv_picture_broken(r->from, VV_BAD_DATA, "JPEG", reason);
    longjmp(r->failed, 1);
}

static void on_message(j_common_ptr jpeg, int level) {
    switch (jpeg->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:  // these leave the pixels as they are
    case JWRN_TOO_MUCH_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
        return;
    default:
        if (level < 0) stop(jpeg);
    }
}

static void say_nothing(j_common_ptr jpeg) {
    (void)jpeg;
}

static void on_progress(j_common_ptr jpeg) {
    struct reader *r = jpeg->client_data;
    const uint64_t pixels = (uint64_t)r->jpeg.image_width * r->jpeg.image_height;
    const int scans = r->jpeg.input_scan_number;
    if (scans > SCANS_MAX || (scans > 1 && (uint64_t)scans * pixels > SCANNED_MAX))
        stop_with(r, "more scans than any picture needs");
}

static void begin(struct reader *r) {
    jpeg_create_decompress(&r->jpeg);
    r->jpeg.client_data = r;
    r->jpeg.mem->max_memory_to_use = (long)VV_PICTURE_BYTES_MAX;  // it refuses what needs more
    r->progress.progress_monitor = on_progress;
    r->jpeg.progress = &r->progress;
    jpeg_stdio_src(&r->jpeg, r->from->file);
    (void)jpeg_read_header(&r->jpeg, TRUE);
    const int components = r->jpeg.num_components;
    if (components != 1 && components != 3 && components != 4)
        stop_with(r, "its number of colour components is none of 1, 3 and 4");
}

// Inks to light. Adobe's programs, which say so in a marker, store how much light each ink lets through.
static void light_of(unsigned char *row, uint32_t width, bool inverted) {
    for (uint32_t x = 0; x < width; x++) {
        const unsigned char *ink = row + (size_t)x * 4;
        uint32_t part[4];
        for (int i = 0; i < 4; i++) part[i] = inverted ? ink[i] : 255U - ink[i];
        for (int i = 0; i < 3; i++)
            row[(size_t)x * 3 + (size_t)i] = (unsigned char)((part[i] * part[3] + 127) / 255);
    }
}

static void read_rows(struct reader *r) {
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    const bool ink = jpeg->num_components == 4;
    jpeg->out_color_space = ink ? JCS_CMYK : jpeg->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    (void)jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        const uint32_t y = jpeg->output_scanline;
        JSAMPROW row = r->row;
        (void)jpeg_read_scanlines(jpeg, &row, 1);
        if (ink) light_of(r->row, jpeg->output_width, jpeg->saw_Adobe_marker);
        vv_picture_put(r->picture, y, jpeg->output_width, r->row,
                       ink ? 3 : (uint32_t)jpeg->num_components);
    }
    (void)jpeg_finish_decompress(jpeg);
}

static void start(struct reader *r, struct vv_picture_file *from, struct vv_picture *picture) {
    memset(r, 0, sizeof *r);
    r->from = from;
    r->picture = picture;
    r->jpeg.err = jpeg_std_error(&r->errors);
    r->jpeg.client_data = r;  // it is kept when the rest is cleared
    r->errors.error_exit = stop;
    r->errors.emit_message = on_message;
    r->errors.output_message = say_nothing;
}

// Whether `work` came to its end.
static bool finishes(struct reader *r, void (*work)(struct reader *r)) {
    if (setjmp(r->failed) != 0) return false;
    work(r);
    return true;
}

static void read_head(struct reader *r) {
    begin(r);
    r->picture->height = r->jpeg.image_height;
    r->picture->width = r->jpeg.image_width;
    r->picture->channels = r->jpeg.num_components == 1 ? 1 : 3;
    // Coefficients of 16 bits.
    r->picture->beside = jpeg_has_multiple_scans(&r->jpeg) ? 2 * (uint32_t)r->jpeg.num_components : 0;
}

static bool jpeg_measure(struct vv_picture_file *from, struct vv_picture *picture) {
    struct reader r;
    start(&r, from, picture);
    const bool ok = finishes(&r, read_head);
    jpeg_destroy_decompress(&r.jpeg);
    return ok;
}

static void read_all(struct reader *r) {
    uint32_t height, width;
    begin(r);
    vv_picture_stored(r->picture, &height, &width);
    if (r->jpeg.image_width != width || r->jpeg.image_height != height)
        stop_with(r, "it changes while it is read");
    read_rows(r);
}

static bool jpeg_decode(struct vv_picture_file *from, struct vv_picture *picture) {
    uint32_t height, width;
    struct reader r;
    start(&r, from, picture);
    vv_picture_stored(picture, &height, &width);
    r.row = vv_alloc(from->ctx, width, 4);
    const bool ok = r.row && finishes(&r, read_all);
    jpeg_destroy_decompress(&r.jpeg);
    free(r.row);
    return ok;
}
#else
#define jpeg_measure NULL
#define jpeg_decode  NULL
#endif

const struct vv_picture_format vv_picture_jpeg = {
    .name = "JPEG",
    .library = "libjpeg-turbo",
    .package = "libjpeg-dev",
    .signature = {0xff, 0xd8, 0xff},
    .signature_size = 3,
    .orientation = vv_exif_of_jpeg,
    .measure = jpeg_measure,
    .decode = jpeg_decode,
};
