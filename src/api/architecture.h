// What shapes the model of a new run: as asked for, and where nothing is said as each kind of model has
// it.
#ifndef VV_API_ARCHITECTURE_H
#define VV_API_ARCHITECTURE_H

#include <vkvae/vkvae.h>

#include "settings.h"

// VV_USAGE, naming the option, where something is said that the kind of model does not have.
bool vv_architecture_settle(struct vv_context *ctx, const vkvae_train_options *options,
                            struct vv_settings *settings);

// What depends on the pictures' size, once that is known.
void vv_architecture_fill(struct vv_settings *settings);

#endif
