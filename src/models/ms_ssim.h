// How alike pictures look: Wang, Simoncelli, Bovik, Multi-scale structural similarity for image quality
// assessment (2003). No density: it says nothing of how likely a picture is.
#ifndef VV_MODELS_MS_SSIM_H
#define VV_MODELS_MS_SSIM_H

#include "tape.h"

#define VV_MS_SSIM_WINDOW 11  // of the Gaussian, sigma 1.5: the least side that a picture may have
// A term below this counts as this: powers of what is near 0 have no bounded slope.
#define VV_MS_SSIM_LEAST 1e-3

// Scales that a picture has, each half the size of the one before: those, of five, whose shorter side
// the window fits. 0: none.
uint32_t vv_ms_ssim_scales(uint32_t height, uint32_t width);
// The weight of each, the paper's first ones made to sum to 1.
void vv_ms_ssim_weights(uint32_t scales, double weight[5]);

// x, y [B,H,W,C], values in [0,1] -> [B], the mean over channels of
//   l_S^w_S prod over scales j of cs_j^w_j,
// which is 1 for equal pictures. With means, variances and the covariance under the window, wherever it
// fits, cs = (2 cov + C2) / (var_x + var_y + C2) and l = (2 mean_x mean_y + C1) / (mean_x^2 + mean_y^2 +
// C1) with C1 = 0.01^2, C2 = 0.03^2; cs_j is the mean of cs over the picture, and at the last scale l_S
// cs_S that of l cs, as in the authors' own program. Halved by the mean over 2 x 2 pixels.
vv_ref vv_ms_ssim(struct vv_tape *t, vv_ref x, vv_ref y);

#endif
