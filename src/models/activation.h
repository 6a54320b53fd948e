// Activations by name: what stands between the layers of a model.
#ifndef VV_MODELS_ACTIVATION_H
#define VV_MODELS_ACTIVATION_H

#include "tape.h"

// Their names, as the command line and the checkpoints have them; NULL behind the last. The first is the
// textbook's.
const char *vv_activation_name(uint32_t i);

// The one of them that is equal to `name`, as long as the program lives; NULL: none.
const char *vv_activation_find(const char *name);

// "relu, leaky-relu, …", for messages.
void vv_activation_list(char *text, size_t size);

// y = activation(x w' + b): x [B,inputs], w [outputs,inputs], b [outputs] -> [B,outputs]. `name` is
// one of them.
vv_ref vv_activated_linear(struct vv_tape *t, vv_ref x, vv_ref w, vv_ref b, const char *name);

// The activation alone, of any shape.
vv_ref vv_activated(struct vv_tape *t, vv_ref x, const char *name);

#endif
