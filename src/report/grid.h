// Pictures side by side in one PNG.
#ifndef VV_REPORT_GRID_H
#define VV_REPORT_GRID_H

#include <stdint.h>

#include "context.h"

// Writes `count` pictures (height x width x channels f32 each, channels last, 0 = black, 1 = white, clamped,
// NaN drawn as black) as a PNG with `columns` pictures in a row, each pixel `scale` pixels wide and high,
// a margin of 2 pixels between pictures. Atomic. channels: 1 or 3.
bool vv_grid_write(struct vv_context *ctx, const char *path, const float *pictures, uint32_t count,
                   uint32_t height, uint32_t width, uint32_t channels, uint32_t columns, uint32_t scale);

#endif
