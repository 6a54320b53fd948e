// The textbook's model (Kingma & Welling 2013, appendix C), with any number of hidden layers.
#ifndef VV_MODELS_MLP_H
#define VV_MODELS_MLP_H

#include "layout.h"

// pixels - hidden layers - [mu, logvar] and latent - the hidden layers in reverse - pixels (logits), an
// activation behind each hidden layer.
//
// Layers are called fc1, fc2, … in the order in which data pass them; the encoder's last has two heads,
// mu and logvar, with 1 and 2 behind its number. One hidden layer: fc1, fc21, fc22, fc3, fc4, the
// textbook's names. Two: fc1, fc2, fc31, fc32, fc4, fc5, fc6. The heads are one block, so that both are
// one product.
void vv_mlp_make(struct vv_layout *l);

#endif
