#include "activation.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "matmul.h"
#include "nonlinear.h"

// Every activation there is; NULL: it is fused into the linear layer.
static const struct activation {
    const char *name;
    vv_ref (*append)(struct vv_tape *t, vv_ref x);
} activations[] = {
    {"relu", NULL},
    {"leaky-relu", vv_leaky_relu_of},
    {"elu", vv_elu_of},
    {"tanh", vv_tanh_of},
    {"sigmoid", vv_sigmoid_of},
    {"softplus", vv_softplus_of},
    {"silu", vv_silu_of},
    {"gelu", vv_gelu_of},
};
static const uint32_t count = sizeof activations / sizeof *activations;

static const struct activation *find(const char *name) {
    uint32_t i = 0;
    while (i < count && strcmp(activations[i].name, name) != 0) i++;
    return i < count ? &activations[i] : NULL;
}

const char *vv_activation_name(uint32_t i) {
    return i < count ? activations[i].name : NULL;
}

const char *vv_activation_find(const char *name) {
    const struct activation *found = find(name);
    return found ? found->name : NULL;
}

void vv_activation_list(char *text, size_t size) {
    size_t used = 0;
    for (uint32_t i = 0; i < count && used < size; i++) {
        const int length =
            snprintf(text + used, size - used, "%s%s", used ? ", " : "", activations[i].name);
        used += length > 0 ? (size_t)length : 0;
    }
}

vv_ref vv_activated_linear(struct vv_tape *t, vv_ref x, vv_ref w, vv_ref b, const char *name) {
    const struct activation *a = find(name);
    assert(a);  // checked when the model was made
    if (!a->append) return vv_linear(t, x, w, b, VV_RELU);
    return a->append(t, vv_linear(t, x, w, b, VV_IDENTITY));
}

vv_ref vv_activated(struct vv_tape *t, vv_ref x, const char *name) {
    const struct activation *a = find(name);
    assert(a);
    return a->append ? a->append(t, x) : vv_relu(t, x);
}
