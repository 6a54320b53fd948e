// What train --json prints: an object a line, with "event" for its kind. The functions return the exit
// code: memory may be out.
#ifndef VKVAE_CLI_TRAIN_JSON_H
#define VKVAE_CLI_TRAIN_JSON_H

#include <vkvae/vkvae.h>

int cli_json_start(const vkvae_start *start);
int cli_json_epoch(const vkvae_epoch *epoch);
int cli_json_end(const char *run, const vkvae_train_result *result);

#endif
