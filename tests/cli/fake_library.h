// vkvae.h without anything behind it.
#ifndef VV_TESTS_CLI_FAKE_LIBRARY_H
#define VV_TESTS_CLI_FAKE_LIBRARY_H

#include <stdio.h>
#include <vkvae/vkvae.h>

// What a variable says.
unsigned fake_number(const char *variable, unsigned otherwise);

void fake_say(vkvae *v, bool warning, const char *line);

// Keeps a message; returns the status.
vkvae_status fake_fail(vkvae *v, vkvae_status status);

// Says what there is to train.
void fake_show_train(vkvae *v, const vkvae_train_options *options);

#endif
