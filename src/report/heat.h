// Pictures, what a model makes of them, and where the two differ.
#ifndef VV_REPORT_HEAT_H
#define VV_REPORT_HEAT_H

#include "context.h"

#include <stdint.h>

// A PNG of three rows: `count` pictures, their reconstructions (either height x width x channels floats
// each, 0 = black, 1 = white), and maps of |difference|, over the channels the mean: from black, 0,
// through violet, red and orange to a light yellow, 1, ever brighter. Atomic. channels: 1 or 3. VV_USAGE
// where vv_grid_write says so.
bool vv_heat_write(struct vv_context *ctx, const char *path, const float *pictures,
                   const float *reconstructions, uint32_t count, uint32_t height, uint32_t width,
                   uint32_t channels);

#endif
