// What train prints of a start and of an epoch.
#ifndef VKVAE_CLI_TRAIN_TEXT_H
#define VKVAE_CLI_TRAIN_TEXT_H

#include <vkvae/vkvae.h>

bool cli_is_text(const vkvae_start *start);

// On standard error.
void cli_print_bytes(uint64_t bytes);
void cli_print_start(const vkvae_start *start);

// On standard output. no_elbo: the loss is none, which the line says.
void cli_print_epoch(const vkvae_epoch *epoch, bool no_elbo);

#endif
