#include "similarity.h"

#include <assert.h>
#include <math.h>

static const double sigma = 1.5, c1 = 0.01 * 0.01, c2 = 0.03 * 0.03, most_psnr = 100;

double vv_psnr(const float *x, const float *y, uint64_t count) {
    double sum = 0;
    for (uint64_t i = 0; i < count; i++) {
        const double d = (double)x[i] - (double)y[i];
        sum += d * d;
    }
    const double psnr = -10 * log10(sum / (double)count);
    return psnr > most_psnr ? most_psnr : psnr;
}

// What is averaged under the window: x, y, x^2 + y^2, x y.
enum { X, Y, SQUARES, PRODUCT, FIELDS };

// Columns of all rows are averaged first: [height, width - 10, fields].
uint64_t vv_ssim_room(const struct vv_ssim_size *s) {
    return (uint64_t)s->height * (s->width - VV_SSIM_WINDOW + 1) * FIELDS;
}

static void make_window(double window[VV_SSIM_WINDOW]) {
    double sum = 0;
    for (int i = 0; i < VV_SSIM_WINDOW; i++) {
        const double d = i - (VV_SSIM_WINDOW - 1) / 2.0;
        window[i] = exp(-d * d / (2 * sigma * sigma));
        sum += window[i];
    }
    for (int i = 0; i < VV_SSIM_WINDOW; i++) window[i] /= sum;
}

// x, y: a row of one channel.
static void average_row(const float *x, const float *y, uint32_t places, uint32_t channels,
                        const double window[VV_SSIM_WINDOW], double *out) {
    for (uint32_t at = 0; at < places; at++, out += FIELDS) {
        double sum[FIELDS] = {0};
        for (uint32_t i = 0; i < VV_SSIM_WINDOW; i++) {
            const uint64_t from = ((uint64_t)at + i) * channels;
            const double a = (double)x[from], b = (double)y[from], w = window[i];
            sum[X] += w * a;
            sum[Y] += w * b;
            sum[SQUARES] += w * (a * a + b * b);
            sum[PRODUCT] += w * a * b;
        }
        for (int f = 0; f < FIELDS; f++) out[f] = sum[f];
    }
}

// rows: of one place, the first under the window; the next ones `stride` behind each other.
static double compare(const double *rows, uint64_t stride, const double window[VV_SSIM_WINDOW]) {
    double sum[FIELDS] = {0};
    for (uint32_t i = 0; i < VV_SSIM_WINDOW; i++)
        for (int f = 0; f < FIELDS; f++) sum[f] += window[i] * rows[i * stride + (uint64_t)f];
    const double product = sum[X] * sum[Y], squares = sum[X] * sum[X] + sum[Y] * sum[Y];
    return (2 * product + c1) * (2 * (sum[PRODUCT] - product) + c2) /
           ((squares + c1) * (sum[SQUARES] - squares + c2));
}

double vv_ssim(const struct vv_ssim_size *s, const float *x, const float *y, double *room) {
    assert(s->height >= VV_SSIM_WINDOW && s->width >= VV_SSIM_WINDOW);
    const uint32_t high = s->height - VV_SSIM_WINDOW + 1, wide = s->width - VV_SSIM_WINDOW + 1;
    const uint64_t row = (uint64_t)s->width * s->channels, stride = (uint64_t)wide * FIELDS;
    double window[VV_SSIM_WINDOW], sum = 0;
    make_window(window);
    for (uint32_t c = 0; c < s->channels; c++) {
        for (uint32_t i = 0; i < s->height; i++)
            average_row(x + i * row + c, y + i * row + c, wide, s->channels, window, room + i * stride);
        for (uint32_t i = 0; i < high; i++)
            for (uint32_t j = 0; j < wide; j++)
                sum += compare(room + i * stride + (uint64_t)j * FIELDS, stride, window);
    }
    return sum / ((double)high * wide * s->channels);
}
