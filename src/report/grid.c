#include "grid.h"

#include "png.h"
#include "size.h"

#include <stdlib.h>
#include <string.h>

enum { MARGIN = 2, BACKGROUND = 96 };  // a grey that neither black nor white pictures run into

struct layout {
    uint32_t columns, rows, width, height;  // of the whole, in pixels
    uint32_t step_x, step_y;                // from one picture to the next
};

static bool lay_out(struct vv_context *ctx, const char *path, uint32_t count, uint32_t height,
                    uint32_t width, uint32_t channels, uint32_t columns, uint32_t scale,
                    struct layout *layout) {
    const uint64_t most = UINT64_C(1) << 28;  // what a PNG may have, before memory is asked for
    if (count == 0 || height == 0 || width == 0 || columns == 0 || scale == 0)
        return vv_fail(
            ctx, VV_USAGE,
            "%s: a grid of %u pictures of %ux%u in %u columns at scale %u is empty; none may be 0", path,
            count, width, height, columns, scale);
    if (columns > count) columns = count;
    uint32_t rows = (uint32_t)vv_div_up(count, columns);
    uint64_t step_x = (uint64_t)width * scale + MARGIN, step_y = (uint64_t)height * scale + MARGIN;
    uint64_t all_x = most, all_y = most, bytes = most;
    bool fits = step_x <= most && step_y <= most && vv_mul_u64(step_x, columns, &all_x) &&
                vv_mul_u64(step_y, rows, &all_y) && vv_mul_u64(all_x, all_y, &bytes) &&
                vv_mul_u64(bytes, channels, &bytes);
    if (!fits || bytes > most)
        return vv_fail(
            ctx, VV_USAGE,
            "%s: %u pictures of %ux%u at scale %u make a grid of over 256 MiB; take fewer, or a smaller "
            "scale",
            path, count, width, height, scale);
    *layout = (struct layout){.columns = columns,
                              .rows = rows,
                              .width = (uint32_t)all_x - MARGIN,
                              .height = (uint32_t)all_y - MARGIN,
                              .step_x = (uint32_t)step_x,
                              .step_y = (uint32_t)step_y};
    return true;
}

static unsigned char to_byte(float value) {
    if (!(value > 0)) return 0;  // NaN too
    return value >= 1 ? 255 : (unsigned char)(value * 255 + 0.5F);
}

// One picture, its upper left corner at `out`; `stride` bytes from row to row of the grid.
static void draw_picture(unsigned char *out, size_t stride, const float *picture, uint32_t height,
                         uint32_t width, uint32_t channels, uint32_t scale) {
    const size_t line = (size_t)width * scale * channels;
    for (uint32_t y = 0; y < height; y++) {
        unsigned char *row = out + (size_t)y * scale * stride, *at = row;
        for (uint32_t x = 0; x < width; x++, picture += channels)
            for (uint32_t i = 0; i < scale; i++)
                for (uint32_t c = 0; c < channels; c++) *at++ = to_byte(picture[c]);
        for (uint32_t i = 1; i < scale; i++) memcpy(row + i * stride, row, line);
    }
}

bool vv_grid_write(struct vv_context *ctx, const char *path, const float *pictures, uint32_t count,
                   uint32_t height, uint32_t width, uint32_t channels, uint32_t columns,
                   uint32_t scale) {
    struct layout layout = {0};
    if (channels != 1 && channels != 3)
        return vv_fail(
            ctx, VV_USAGE,
            "%s: pictures of %u channels cannot be drawn, only of 1 or 3; write a .npy instead", path,
            channels);
    if (!lay_out(ctx, path, count, height, width, channels, columns, scale, &layout)) return false;
    const size_t stride = (size_t)layout.width * channels, stored = (size_t)height * width * channels;
    unsigned char *pixels = vv_alloc(ctx, layout.height, stride);
    if (!pixels) return false;
    memset(pixels, BACKGROUND, layout.height * stride);
    for (uint32_t i = 0; i < count; i++) {
        size_t x = (size_t)(i % layout.columns) * layout.step_x;
        size_t y = (size_t)(i / layout.columns) * layout.step_y;
        draw_picture(pixels + y * stride + x * channels, stride, pictures + i * stored, height, width,
                     channels, scale);
    }
    bool ok = vv_png_write(ctx, path, pixels, layout.height, layout.width, channels);
    free(pixels);
    return ok;
}
