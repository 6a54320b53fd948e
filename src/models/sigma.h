// Where the scale of a likelihood comes from: --sigma.
//
// "0.1": fixed. "learned": one number, "log_sigma", a parameter that the optimiser trains. "optimal"
// (Rybkin, Daniilidis, Levine, Simple and Effective VAE Training with Calibrated Decoders, 2021, section
// 4): each batch that is trained on has the sigma that fits it best, which is known in closed form;
// "log_sigma" follows it, for tests and samples, as running statistics follow a batch's. "pixel": the
// decoder has a second number for each pixel.
#ifndef VV_MODELS_SIGMA_H
#define VV_MODELS_SIGMA_H

#include "layout.h"
#include "likelihood.h"

// Fills size->sigma in with the likelihood's default where it is "", and size->outputs. VV_USAGE: a
// sigma that means nothing with this likelihood.
bool vv_sigma_settle(struct vv_context *ctx, const struct vv_likelihood *likelihood,
                     struct vv_model_size *size);

// Lays out "log_sigma" where there is one, behind all else of the model.
void vv_sigma_lay(struct vv_layout *l);

// What a kept log sigma means, within its bounds (exact_density.h); of a fixed one the number; 0 where
// there is none, or one for each pixel.
double vv_sigma_value(const struct vv_model *model, double kept);

// VV_SCALE_* of abi.h.
uint32_t vv_sigma_scale(const struct vv_model *model);

// log sigma of all pixels, [1]; NULL: the density has none, or one for each pixel. While training with
// an optimal one it is that of this batch, through which no gradient passes: at the best sigma that of
// the density is zero. out: [B,pixels], x: [B,pixels].
vv_ref vv_sigma_append(struct vv_pass *pass, vv_ref out, vv_ref x);
// That which is kept, for what is not trained.
vv_ref vv_sigma_kept(struct vv_pass *pass);

// Share of the way from the kept log sigma to the batch's that a step goes: as of running statistics.
#define VV_SIGMA_MOMENTUM 0.1

#endif
