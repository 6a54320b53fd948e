#include "vectors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char variable[] = "LP_NATIVE_VECTOR_WIDTH";

bool cli_vectors_are_set(void) {
    return getenv(variable) != NULL;
}

void cli_set_vectors(uint32_t bits) {
    char text[16];
    (void)snprintf(text, sizeof text, "%u", bits);
    if (bits) (void)setenv(variable, text, 0);
}

static void check(const vkvae_train_options *options) {
    vkvae *library = vkvae_create();
    // What fails here is told when the run comes to it; a width that is not known to be right is not
    // taken.
    _exit(library && vkvae_check_vectors(library, options) == VKVAE_OK ? 0 : 1);
}

int cli_await(pid_t child) {
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return status;
}

uint32_t cli_kept_vectors(const vkvae_train_options *options) {
    if (cli_vectors_are_set() || vkvae_kept_vectors(options) == 0) return 0;
    const pid_t child = fork();
    if (child == 0) check(options);
    return child > 0 && cli_await(child) == 0 ? vkvae_kept_vectors(options) : 0;
}
