// How like each other two pictures are.
#ifndef VV_APPLY_SIMILARITY_H
#define VV_APPLY_SIMILARITY_H

#include <stdint.h>

// Peak signal-to-noise ratio of values of which the greatest is 1: -10 log10 of the mean square, in dB;
// at most 100, which equal pictures have.
double vv_psnr(const float *x, const float *y, uint64_t count);

#define VV_SSIM_WINDOW 11  // the least side that a picture may have

struct vv_ssim_size {
    uint32_t height, width, channels;
};

// Structural similarity: Wang, Bovik, Sheikh, Simoncelli, Image quality assessment: from error
// visibility to structural similarity (2004), equation 13, C1 = 0.01^2, C2 = 0.03^2; means, variances
// and the covariance under a Gaussian window of 11 x 11, sigma 1.5, wherever it fits; the mean over
// these places and over channels. x, y: [height,width,channels], values of which the greatest is 1.
// room: vv_ssim_room(size) doubles.
double vv_ssim(const struct vv_ssim_size *size, const float *x, const float *y, double *room);
uint64_t vv_ssim_room(const struct vv_ssim_size *size);

#endif
