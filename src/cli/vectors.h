// The width of lavapipe's vectors, which that driver reads from the environment when it is loaded.
#ifndef VKVAE_CLI_VECTORS_H
#define VKVAE_CLI_VECTORS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <vkvae/vkvae.h>

// Whether the user has set it: then it stays as it is.
bool cli_vectors_are_set(void);
// Before anything of Vulkan is called; 0: as the driver has it. Never against the user.
void cli_set_vectors(uint32_t bits);
// The status with which the process ended; -1: that cannot be known.
int cli_await(pid_t child);
// What was kept for such a run, and holds for the driver of today: that is looked up in a process of its
// own, which loads it. 0: nothing, or the user has set the width.
uint32_t cli_kept_vectors(const vkvae_train_options *options);

#endif
