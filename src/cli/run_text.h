// What `runs` and `info` say of a run: texts from outside made fit for a terminal, JSON.
#ifndef VKVAE_CLI_RUN_TEXT_H
#define VKVAE_CLI_RUN_TEXT_H

#include <cJSON.h>
#include <stddef.h>
#include <vkvae/vkvae.h>

// Copies as much of `text` as fits, with '?' for what is no UTF-8 or could command a terminal. Returns
// the columns that the copy takes there.
size_t cli_clean(const char *text, char *to, size_t size);

// "mlp 512,256, latent 20"; brief: "mlp 512,256 z20"; "-" when it is not known.
void cli_model_text(const vkvae_run_info *info, bool brief, char *text, size_t size);

// As an object, null where the run does not say; NULL without memory.
cJSON *cli_run_json(const vkvae_run_info *info);

// A text that may hold any bytes; NULL or "" is null.
bool cli_json_text(cJSON *object, const char *key, const char *text);

// Prints and deletes it; returns the exit code. json NULL: memory is out.
int cli_print_json(const char *command, cJSON *json);

#endif
