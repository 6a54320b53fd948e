// What `runs` and `info` say of a run, as text and as JSON.
#ifndef VKVAE_CLI_RUN_TEXT_H
#define VKVAE_CLI_RUN_TEXT_H

#include <cJSON.h>
#include <stddef.h>
#include <vkvae/vkvae.h>

// "mlp 512,256, latent 20"; brief: "mlp 512,256 z20"; "-" when it is not known.
void cli_model_text(const vkvae_run_info *info, bool brief, char *text, size_t size);

// Under `key`; null where they are not known. False without memory.
bool cli_add_losses(cJSON *object, const char *key, bool known, const vkvae_losses *losses);

// As an object, null where the run does not say; NULL without memory.
cJSON *cli_run_json(const vkvae_run_info *info);

#endif
