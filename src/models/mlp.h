// The textbook's model (Kingma & Welling 2013, appendix C): one hidden layer each way.
#ifndef VV_MODELS_MLP_H
#define VV_MODELS_MLP_H

#include "model.h"

// pixels - hidden (ReLU) - [mu, logvar] and latent - hidden (ReLU) - pixels (logits); fc1, fc21 (mu),
// fc22 (logvar), fc3, fc4. fc21 and fc22 are one block, so that both heads are one product.
void vv_mlp_make(struct vv_model_size size, struct vv_model *model);

#endif
