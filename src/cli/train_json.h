// What train --json prints: an object a line, with "event" for its kind.
#ifndef VKVAE_CLI_TRAIN_JSON_H
#define VKVAE_CLI_TRAIN_JSON_H

#include <vkvae/vkvae.h>

void cli_json_start(const vkvae_start *start);
void cli_json_epoch(const vkvae_epoch *epoch);
void cli_json_end(const char *run, const vkvae_train_result *result);

#endif
