// What train prints of an epoch.
#ifndef VKVAE_CLI_TRAIN_TEXT_H
#define VKVAE_CLI_TRAIN_TEXT_H

#include <vkvae/vkvae.h>

// On standard output. no_elbo: the loss is none, which the line says.
void cli_print_epoch(const vkvae_epoch *epoch, bool no_elbo);

#endif
