#include "heat.h"

#include "grid.h"
#include "size.h"

#include <math.h>
#include <stdlib.h>

enum { STEPS = 4, SCREEN = 1200 };

// Brightness grows all the way, so that neither grey paper nor colour-blind eyes change the order.
static const float ramp[STEPS + 1][3] = {{0.00F, 0.00F, 0.00F},
                                         {0.33F, 0.07F, 0.45F},
                                         {0.75F, 0.22F, 0.30F},
                                         {0.97F, 0.57F, 0.10F},
                                         {1.00F, 1.00F, 0.80F}};

static void paint(float error, float rgb[3]) {
    const float at = (error > 1 ? 1 : error > 0 ? error : 0) * STEPS;
    int low = (int)at;
    if (low >= STEPS) low = STEPS - 1;
    for (int c = 0; c < 3; c++)
        rgb[c] = ramp[low][c] + (at - (float)low) * (ramp[low + 1][c] - ramp[low][c]);
}

// As RGB.
static void copy(const float *from, uint64_t pixels, uint32_t channels, float *to) {
    for (uint64_t i = 0; i < pixels; i++)
        for (uint32_t c = 0; c < 3; c++) to[3 * i + c] = from[channels * i + c % channels];
}

static void map(const float *a, const float *b, uint64_t pixels, uint32_t channels, float *to) {
    for (uint64_t i = 0; i < pixels; i++) {
        float sum = 0;
        for (uint32_t c = 0; c < channels; c++) sum += fabsf(a[channels * i + c] - b[channels * i + c]);
        paint(sum / (float)channels, to + 3 * i);
    }
}

bool vv_heat_write(struct vv_context *ctx, const char *path, const float *pictures,
                   const float *reconstructions, uint32_t count, uint32_t height, uint32_t width,
                   uint32_t channels) {
    const uint64_t pixels = (uint64_t)count * height * width;
    const uint32_t scale = SCREEN / (count * (width + 2));
    float *all = vv_alloc(ctx, 3 * pixels, 3 * sizeof *all);
    if (!all) return false;
    copy(pictures, pixels, channels, all);
    copy(reconstructions, pixels, channels, all + 3 * pixels);
    map(pictures, reconstructions, pixels, channels, all + 6 * pixels);
    const bool ok = vv_grid_write(ctx, path, all, 3 * count, height, width, 3, count,
                                  scale < 1   ? 1
                                  : scale > 8 ? 8
                                              : scale);
    free(all);
    return ok;
}
