// Runs of the program on devices as tests/layer makes them.
#ifndef VV_TESTS_PROGRAM_LAYERED_H
#define VV_TESTS_PROGRAM_LAYERED_H

#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRAIN "train", "--data", "shapes", "--images", "120", "--size", "8x8", SMALL

// What is run from now on is run over the layer.
static inline void use_layer(void) {
    (void)setenv("VK_ADD_LAYER_PATH", VKVAE_LAYER_FOLDER, 1);
    (void)setenv("VK_INSTANCE_LAYERS", "VK_LAYER_VKVAE_test", 1);
}

// The room's devices are those of the machine, changed by `words` of the layer.
static inline struct room *with(void **state, const char *words) {
    static char variable[128];
    struct room *r = *state;
    (void)snprintf(variable, sizeof variable, "VKVAE_TEST_LAYER=%s", words);
    r->device = NULL;
    r->variable[0] = variable;
    return r;
}

static inline void assert_lacks(const char *text, const char *part) {
    if (strstr(text, part)) fail_msg("'%s' is in: %s", part, text);
}

static inline void skip_since(const char *why) {
    print_message("SKIPPED: %s\n", why);
    skip();
}

#endif
