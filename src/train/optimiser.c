#include "optimiser.h"

#include <string.h>

#include "training.h"

static void append_adam(struct vv_tape *t, const struct vv_settings *s,
                        const struct vv_optimiser_operands *o) {
    (void)s;
    (void)vv_adam(t, o->params, o->grads, o->m, o->v, o->clock, VV_ADAM_BETA1, VV_ADAM_BETA2,
                  VV_ADAM_EPSILON);
}

static void append_adamw(struct vv_tape *t, const struct vv_settings *s,
                         const struct vv_optimiser_operands *o) {
    (void)s;
    (void)vv_adamw(t, o->params, o->grads, o->m, o->v, o->clock, VV_ADAM_BETA1, VV_ADAM_BETA2,
                   VV_ADAM_EPSILON);
}

static void append_sgd(struct vv_tape *t, const struct vv_settings *s,
                       const struct vv_optimiser_operands *o) {
    (void)s;
    (void)vv_sgd(t, o->params, o->grads, o->clock);
}

static void append_momentum(struct vv_tape *t, const struct vv_settings *s,
                            const struct vv_optimiser_operands *o) {
    (void)vv_momentum(t, o->params, o->grads, o->m, o->clock, s->momentum);
}

static void append_adagrad(struct vv_tape *t, const struct vv_settings *s,
                           const struct vv_optimiser_operands *o) {
    (void)s;
    (void)vv_adagrad(t, o->params, o->grads, o->v, o->clock, VV_ADAGRAD_EPSILON);
}

static const struct vv_optimiser optimisers[] = {
    {"adam", "adam.m", "adam.v", true, VV_ADAM_EPSILON, VV_GRADIENT_LIMIT, append_adam},
    {"adamw", "adam.m", "adam.v", true, VV_ADAM_EPSILON, VV_GRADIENT_LIMIT, append_adamw},
    {"sgd", "sgd.m", NULL, false, 0, VV_GRADIENT_LIMIT, append_momentum},
    {"adagrad", NULL, "adagrad.v", false, VV_ADAGRAD_EPSILON, VV_ADAGRAD_LIMIT, append_adagrad},
};
static const struct vv_optimiser plain_sgd = {"sgd",     NULL, NULL, false, 0, VV_GRADIENT_LIMIT,
                                              append_sgd};

const struct vv_optimiser *vv_optimiser_of(const struct vv_settings *s) {
    if (!s->optimiser[0]) return &optimisers[0];
    if (strcmp(s->optimiser, plain_sgd.name) == 0 && s->momentum == 0) return &plain_sgd;
    for (size_t i = 0; i < sizeof optimisers / sizeof *optimisers; i++)
        if (strcmp(s->optimiser, optimisers[i].name) == 0) return &optimisers[i];
    return NULL;
}
