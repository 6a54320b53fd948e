// What commands share that write pictures: options, checks, and what is told.
#ifndef VKVAE_CLI_PICTURES_H
#define VKVAE_CLI_PICTURES_H

#include "command.h"
#include "json.h"

extern const char *const cli_picture_endings[];

// The vkvae_pictures at `at`.
#define CLI_PICTURES_OPTIONS(at, out_help)                                                              \
    {.name = "out",                                                                                     \
     .letter = 'o',                                                                                     \
     .kind = CLI_FILE,                                                                                  \
     .offset = (at) + offsetof(vkvae_pictures, out),                                                    \
     .value = "FILE",                                                                                   \
     .group = "Pictures",                                                                               \
     .choices = cli_picture_endings,                                                                    \
     .help = (out_help)},                                                                               \
    {                                                                                                   \
        .name = "scale", .kind = CLI_WHOLE32, .offset = (at) + offsetof(vkvae_pictures, scale),         \
        .value = "N", .unset = "as large as fits a screen", .whole = {1, 64},                           \
        .help = "pixels of the .png for each pixel of a picture, both ways"                             \
    }

// What is of a grid was given, and `out` is none: a usage error; else VKVAE_OK. options: names, NULL
// ends them.
int cli_check_grid(const struct cli_arguments *a, const char *out, const char *const *options);

// "FILE: " on standard output.
void cli_print_file(const char *out);

// count, height, width, channels, latent.
bool cli_json_pictures(cJSON *json, const vkvae_pictures_result *result);

#endif
