// What the fake library says to the commands that use a trained model: no.
#include <stdio.h>
#include <string.h>
#include <vkvae/vkvae.h>

vkvae_status fake_refuse(vkvae *v);

void vkvae_use_defaults(vkvae_use *use) {
    *use = (vkvae_use){.reading = {.split = 0.9}};
}

#define REFUSE(name)                                                                                    \
    void vkvae_##name##_defaults(vkvae_##name##_options *options) {                                     \
        memset(options, 0, sizeof *options);                                                            \
    }                                                                                                   \
    vkvae_status vkvae_##name(vkvae *v, const vkvae_##name##_options *options,                          \
                              vkvae_##name##_result *result) {                                          \
        (void)options;                                                                                  \
        (void)result;                                                                                   \
        return fake_refuse(v);                                                                          \
    }

REFUSE(encode)
REFUSE(evaluate)
REFUSE(score)
REFUSE(project)
REFUSE(reconstruct)
REFUSE(decode)
REFUSE(interpolate)
REFUSE(traverse)
REFUSE(manifold)
REFUSE(augment)
