#include "ms_ssim.h"

#include <assert.h>

#include "blur.h"
#include "elementwise.h"
#include "nonlinear.h"
#include "reduce.h"
#include "resample.h"
#include "view.h"

enum { MOST_SCALES = 5 };
static const double sigma = 1.5, c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;

uint32_t vv_ms_ssim_scales(uint32_t height, uint32_t width) {
    uint32_t side = height < width ? height : width, scales = 0;
    for (; scales < MOST_SCALES && side >= VV_MS_SSIM_WINDOW; scales++) side = (side + 1) / 2;
    return scales;
}

void vv_ms_ssim_weights(uint32_t scales, double weight[5]) {
    static const double paper[MOST_SCALES] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
    double sum = 0;
    for (uint32_t i = 0; i < scales; i++) sum += paper[i];
    for (uint32_t i = 0; i < scales; i++) weight[i] = paper[i] / sum;
}

// The mean under the window, wherever it fits.   [B,H,W,C] -> [B,H-10,W-10,C]
static vv_ref window_mean(struct vv_tape *t, vv_ref x) {
    return vv_blur(t, vv_blur(t, x, 1, VV_MS_SSIM_WINDOW, sigma), 2, VV_MS_SSIM_WINDOW, sigma);
}

static vv_ref minus(struct vv_tape *t, vv_ref a, vv_ref b) {
    return vv_add(t, a, vv_affine(t, b, -1, 0));
}

// What is compared at each place: [B,H-10,W-10,C]. l: NULL: not wanted.
static vv_ref compare(struct vv_tape *t, vv_ref x, vv_ref y, vv_ref *l) {
    vv_ref mean_x = window_mean(t, x), mean_y = window_mean(t, y);
    vv_ref squares = window_mean(t, vv_add(t, vv_square(t, x), vv_square(t, y)));
    vv_ref product = window_mean(t, vv_mul(t, x, y));
    vv_ref of_means = vv_mul(t, mean_x, mean_y);
    vv_ref of_squares = vv_add(t, vv_square(t, mean_x), vv_square(t, mean_y));
    vv_ref above = vv_affine(t, minus(t, product, of_means), 2, c2);
    vv_ref below = vv_affine(t, minus(t, squares, of_squares), 1, c2);
    if (l)
        *l = vv_mul(t, vv_affine(t, of_means, 2, c1), vv_recip_of(t, vv_affine(t, of_squares, 1, c1)));
    return vv_mul(t, above, vv_recip_of(t, below));
}

// weight log(mean over the picture), of what is at least VV_MS_SSIM_LEAST.   [B,H,W,C] -> [B,1,1,C]
static vv_ref log_of_mean(struct vv_tape *t, vv_ref x, double weight) {
    const struct vv_shape s = x->shape;
    vv_ref sum = vv_sum_to(t, x, vv_shape4(s.dim[0], 1, 1, s.dim[3]));
    const double each = 1.0 / ((double)s.dim[1] * s.dim[2]);
    vv_ref above = vv_relu(t, vv_affine(t, sum, each, -VV_MS_SSIM_LEAST));
    return vv_affine(t, vv_log_of(t, vv_affine(t, above, 1, VV_MS_SSIM_LEAST)), weight, 0);
}

vv_ref vv_ms_ssim(struct vv_tape *t, vv_ref x, vv_ref y) {
    const uint32_t batch = x->shape.dim[0], channels = x->shape.dim[3];
    const uint32_t scales = vv_ms_ssim_scales(x->shape.dim[1], x->shape.dim[2]);
    double weight[MOST_SCALES];
    assert(scales > 0);
    vv_ms_ssim_weights(scales, weight);
    vv_ref sum = NULL;
    for (uint32_t i = 0; i < scales && vv_tape_ok(t); i++) {
        vv_ref l, cs = compare(t, x, y, i + 1 == scales ? &l : NULL);
        vv_ref term = log_of_mean(t, i + 1 == scales ? vv_mul(t, l, cs) : cs, weight[i]);
        sum = sum ? vv_add(t, sum, term) : term;
        if (i + 1 == scales) break;
        x = vv_average_pool(t, x);
        y = vv_average_pool(t, y);
    }
    if (!vv_tape_ok(t)) return &t->dummy;
    vv_ref alike = vv_exp_of(t, sum);  // [B,1,1,C]
    vv_ref total = vv_sum_to(t, alike, vv_shape4(batch, 1, 1, 1));
    return vv_affine(t, vv_view(t, total, 0, vv_shape1(batch)), 1.0 / channels, 0);
}
