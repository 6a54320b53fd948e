// What `evaluate` says, as text and as JSON.
#ifndef VKVAE_CLI_EVALUATE_TEXT_H
#define VKVAE_CLI_EVALUATE_TEXT_H

#include <cJSON.h>
#include <vkvae/vkvae.h>

// kl: of each latent; NULL: there is none.
void cli_print_evaluation(const vkvae_evaluate_options *o, const vkvae_evaluate_result *r,
                          const double *kl);
// NULL without memory.
cJSON *cli_evaluation_json(const vkvae_evaluate_options *o, const vkvae_evaluate_result *r,
                           const double *kl);

#endif
