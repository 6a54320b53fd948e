// What --optimiser names: the moments that it keeps, and its step.
#ifndef VV_TRAIN_OPTIMISER_H
#define VV_TRAIN_OPTIMISER_H

#include "settings.h"
#include "tape.h"

#define VV_ADAM_BETA1      0.9
#define VV_ADAM_BETA2      0.999
#define VV_ADAM_EPSILON    1e-8
#define VV_ADAGRAD_EPSILON 1e-10

struct vv_optimiser_operands {
    vv_ref params, grads, m, v, clock;  // m, v: NULL where it has none
};

struct vv_optimiser {
    const char *name;
    const char *m, *v;  // its moments, as a save names them; NULL: none
    bool has_betas;     // and Adam's epsilon
    double epsilon;     // 0: none
    double limit;       // of the gradient's elements: larger ones would leave infinities behind
    void (*append)(struct vv_tape *t, const struct vv_settings *s,
                   const struct vv_optimiser_operands *o);
};

// The one that the settings name; "" means Adam. NULL: there is none of that name.
const struct vv_optimiser *vv_optimiser_of(const struct vv_settings *s);

#endif
