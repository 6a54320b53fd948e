// Python that loads exported weights into a PyTorch module which computes what the model does.
#ifndef VV_APPLY_SNIPPET_H
#define VV_APPLY_SNIPPET_H

#include "model.h"
#include "wording.h"

// For the safetensors file called `name`. log_sigma: as it is kept, where the model has one. The modules
// Encoder: x [N,C,H,W] -> mu, logvar, and Decoder: z -> the mean of p(x|z), [N,C,H,W].
struct vv_snippet {
    const struct vv_model *model;
    const char *name;
    bool encoder, decoder;
    double log_sigma;
};
bool vv_snippet_print(const struct vv_snippet *snippet, struct vv_lines *lines);

#endif
