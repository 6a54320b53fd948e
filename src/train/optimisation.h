// Whether what settings say of the optimiser, of rates and of the rest of training goes together.
#ifndef VV_TRAIN_OPTIMISATION_H
#define VV_TRAIN_OPTIMISATION_H

#include "settings.h"

// VV_USAGE, naming the option.
bool vv_optimisation_check(struct vv_context *ctx, const struct vv_settings *s);

// Fills in what an option left open, once the set is known: the horizon of the schedules, --lr-step and
// --lr-gamma where the schedule has them.
void vv_optimisation_settle(struct vv_settings *s);

// How often --on-nan rollback goes back in one run.
#define VV_MOST_ROLLBACKS 8

#endif
