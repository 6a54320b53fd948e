// One option's value: from text into its field, with its checks, and back as text.
#ifndef VKVAE_CLI_VALUE_H
#define VKVAE_CLI_VALUE_H

#include "options.h"

// Sets the field of `option`. `name` is what the user wrote (--batch, -n, a variable, a key) and starts
// the message. A flag is set whatever `text` is, and only a
// CLI_ASIDE may have none (NULL). Texts are kept by pointer.
bool cli_value_set(const struct cli_option *option, const char *name, const char *text, void *values,
                   struct cli_message *message);

// The value that help shows as the default; "" where there is none to show.
void cli_value_default(const struct cli_option *option, const void *values, char *text, size_t size);

// "a, b or c" of choices that end with NULL.
void cli_list_choices(const char *const *choices, char *text, size_t size);

// What may be given, for messages and help: "a whole number from 1 to 65536"; "" for a text.
void cli_value_expected(const struct cli_option *option, char *text, size_t size);

// Bytes of the field that takes it; 0: there is none.
size_t cli_field_size(const struct cli_option *option);

#endif
