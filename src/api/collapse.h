// Posterior collapse, told once.
#ifndef VV_API_COLLAPSE_H
#define VV_API_COLLAPSE_H

#include "metrics.h"
#include "settings.h"

// Warns, with the remedies, where in the last epoch of the history most latents are dead, and in none
// before: not in the first two, nor while the weight of the KL divergence is still to rise.
void vv_collapse_warn(struct vv_context *ctx, const struct vv_settings *s,
                      const struct vv_metrics *metrics);

#endif
