// What the fake library says to the commands that use a trained model: no, unless FAKE_COUNT has a
// number of pictures. Then all that can be counted is that many.
#include "fake_library.h"

#include <stdlib.h>
#include <string.h>

void vkvae_use_defaults(vkvae_use *use) {
    *use = (vkvae_use){.reading = {.split = 0.9}};
}

// `n` is what FAKE_COUNT says, `o` the options.
#define USE(name, ...)                                                                                  \
    void vkvae_##name##_defaults(vkvae_##name##_options *options) {                                     \
        memset(options, 0, sizeof *options);                                                            \
    }                                                                                                   \
    vkvae_status vkvae_##name(vkvae *v, const vkvae_##name##_options *o,                                \
                              vkvae_##name##_result *result) {                                          \
        const uint32_t n = fake_number("FAKE_COUNT", 0);                                                \
        if (n == 0) return fake_fail(v, VKVAE_FAILED);                                                  \
        o->use.on_progress(o->use.user, n, UINT64_C(2) * n);                                            \
        if (result) *result = (vkvae_##name##_result){__VA_ARGS__};                                     \
        return VKVAE_OK;                                                                                \
    }

USE(encode, .count = n, .latent = n, .labels = n > 1)
USE(evaluate, .count = n, .latent = n)
USE(score, .count = n, .by = "elbo", .worst_count = n, .anomalies = n - 1)
USE(project, .count = n, .latent = n, .classes = n, .principal = n > 2)
USE(reconstruct, .count = n)
USE(interpolate, .count = n)
USE(manifold, .count = n)
USE(augment, .count = n, .sources = n, .labels = n > 1)

void vkvae_decode_defaults(vkvae_decode_options *options) {
    memset(options, 0, sizeof *options);
}

vkvae_status vkvae_decode(vkvae *v, const vkvae_decode_options *o, vkvae_decode_result *result) {
    const uint32_t n = fake_number("FAKE_COUNT", 0);
    if (n == 0) return fake_fail(v, VKVAE_FAILED);
    const char *text = getenv("FAKE_TEXT");  // of a model of text
    *o->text = text ? strdup(text) : NULL;
    *result = (vkvae_decode_result){.count = n, .out = o->out || text ? o->out : o->picture};
    return VKVAE_OK;
}

void vkvae_traverse_defaults(vkvae_traverse_options *options) {
    memset(options, 0, sizeof *options);
}

vkvae_status vkvae_traverse(vkvae *v, const vkvae_traverse_options *o, vkvae_traverse_result *result) {
    const uint32_t n = fake_number("FAKE_COUNT", 0);
    if (n == 0) return fake_fail(v, VKVAE_FAILED);
    *o->order = calloc(n, sizeof **o->order);
    *o->kl = calloc(n, sizeof **o->kl);
    if (!*o->order || !*o->kl) return fake_fail(v, VKVAE_FAILED);
    *result = (vkvae_traverse_result){.rows = n, .steps = 7, .count = n};
    return VKVAE_OK;
}
