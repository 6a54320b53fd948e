// What --json prints. Texts may hold any bytes: for what is no UTF-8 stands U+FFFD, so that all of it is
// JSON. Functions that add return false without memory.
#ifndef VKVAE_CLI_JSON_H
#define VKVAE_CLI_JSON_H

#include <cJSON.h>
#include <stdbool.h>
#include <stdint.h>

// An item of its own; text NULL: null. NULL without memory.
cJSON *cli_json_item(const char *text);

// Adds the item, or deletes it. item NULL: memory is out.
bool cli_json_add(cJSON *object, const char *key, cJSON *item);

// NULL or "" is null.
bool cli_json_text(cJSON *object, const char *key, const char *text);

// From 2^53 on as text, as in config.json: a JSON number is a double.
bool cli_json_whole(cJSON *object, const char *key, uint64_t value);

// Prints and deletes it; returns the exit code. json NULL: memory is out.
int cli_print_json(const char *command, cJSON *json);
// The same on one line, seen at once.
int cli_print_json_line(const char *command, cJSON *json);

#endif
