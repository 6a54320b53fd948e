#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>

static const char variable[] = "LP_NATIVE_VECTOR_WIDTH";

bool cli_vectors_are_set(void) {
    return getenv(variable) != NULL;
}

void cli_set_vectors(uint32_t bits) {
    char text[16];
    (void)snprintf(text, sizeof text, "%u", bits);
    if (bits) (void)setenv(variable, text, 0);
}
