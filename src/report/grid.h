// Pictures side by side in one PNG.
#ifndef VV_REPORT_GRID_H
#define VV_REPORT_GRID_H

#include "context.h"

#include <stdint.h>

// A pixel of this brightness cannot be told from the margin: a picture of such pixels is a gap.
#define VV_GRID_GAP (96 / 255.0F)

// Writes `count` pictures (height x width x channels f32 each, channels last, 0 = black, 1 = white,
// clamped, NaN drawn as black) as a PNG with `columns` pictures in a row, each pixel `scale` pixels wide
// and high, a grey margin of 2 pixels between pictures. Fewer pictures than columns make a narrower
// grid; cells left over in the last row are grey. Atomic. channels: 1 or 3. VV_USAGE: another number of
// channels, a zero, or more than 2^28 bytes of pixels.
bool vv_grid_write(struct vv_context *ctx, const char *path, const float *pictures, uint32_t count,
                   uint32_t height, uint32_t width, uint32_t channels, uint32_t columns, uint32_t scale);

#endif
