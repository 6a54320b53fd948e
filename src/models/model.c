#include "model.h"

#include <math.h>
#include <string.h>

#include "activation.h"
#include "exact.h"
#include "mlp.h"
#include "view.h"

// Every model there is.
static const struct {
    const char *kind;
    void (*make)(struct vv_model_size size, struct vv_model *model);
} kinds[] = {{"mlp", vv_mlp_make}};

bool vv_model_make(struct vv_context *ctx, const char *kind, struct vv_model_size size,
                   struct vv_model *model) {
    size_t i = 0;
    while (i < sizeof kinds / sizeof *kinds && strcmp(kind, kinds[i].kind) != 0) i++;
    if (i == sizeof kinds / sizeof *kinds)
        return vv_fail(ctx, VV_USAGE, "no model is called '%s'; there is: mlp", kind);
    const char *activation = vv_activation_find(size.activation);
    if (!activation) {
        char list[160];
        vv_activation_list(list, sizeof list);
        return vv_fail(ctx, VV_USAGE, "no activation is called '%.40s'; there are: %s", size.activation,
                       list);
    }
    size.activation = activation;  // lives as long as the program
    kinds[i].make(size, model);
    if (model->length > UINT32_MAX)
        return vv_fail(ctx, VV_USAGE,
                       "a model of %llu parameters is too large: at most %u; take a smaller --hidden",
                       (unsigned long long)model->length, UINT32_MAX);
    return true;
}

void vv_model_bind(struct vv_tape *t, const struct vv_model *model, struct vv_state *params, vv_ref *w) {
    vv_ref flat = vv_use(t, params);
    for (uint32_t i = 0; i < model->block_count; i++) {
        w[i] = vv_view(t, flat, model->block[i].offset, model->block[i].shape);
        for (uint32_t p = 0; p < model->parameter_count; p++)
            if (model->parameter[p].offset == model->block[i].offset)
                (void)vv_name(t, w[i], "%s", model->parameter[p].name);
    }
}

void vv_model_initialise(const struct vv_model *model, uint64_t seed, float *flat) {
    memset(flat, 0, model->length * sizeof *flat);
    for (uint32_t p = 0; p < model->parameter_count; p++) {
        const struct vv_parameter *q = &model->parameter[p];
        const float bound = (float)(1.0 / sqrt((double)q->fan_in));
        const uint64_t n = vv_shape_count(q->shape);
        for (uint64_t i = 0; i < n; i += 4) {
            vv_words r = vv_random4((uint32_t)(i / 4), 0, p, VV_STREAM_INIT, (uint32_t)seed,
                                    (uint32_t)(seed >> 32));
            const uint32_t words[4] = {r.x, r.y, r.z, r.w};
            for (uint64_t j = 0; j < 4 && i + j < n; j++)
                flat[q->offset + i + j] = bound * (2.0f * vv_uniform(words[j]) - 1.0f);
        }
    }
}
