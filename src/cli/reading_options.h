// Options that say how files become a set of pictures, for the commands that read one.
#ifndef VKVAE_CLI_READING_OPTIONS_H
#define VKVAE_CLI_READING_OPTIONS_H

#include "command.h"

extern const char *const cli_fits[],
    *const cli_crops[], *const cli_layouts[], *const cli_normalizations[], *const cli_tokenings[];

// `at`: where the vkvae_reading is; `settled`: whether a run that is resumed fixes it.
#define CLI_READING_OPTIONS(at, settled)                                                                \
    {.name = "size",                                                                                    \
     .kind = CLI_SIZE,                                                                                  \
     .offset = (at) + offsetof(vkvae_reading, height),                                                  \
     .value = "HxW",                                                                                    \
     .group = "Reading the data",                                                                       \
     .unset = "the pictures' own, which must then be one; 28x28 for shapes",                            \
     .whole = {1, 65536},                                                                               \
     .fixed_by_run = (settled),                                                                         \
     .help = "height and width of pictures from a folder, and of shapes"},                              \
        {.name = "channels",                                                                            \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = (at) + offsetof(vkvae_reading, channels),                                            \
         .value = "N",                                                                                  \
         .unset = "the pictures' own; 1 for shapes",                                                    \
         .whole = {1, 3},                                                                               \
         .fixed_by_run = (settled),                                                                     \
         .help = "of pictures from a folder, and of shapes: 1 grey, 3 colour"},                         \
        {.name = "fit",                                                                                 \
         .kind = CLI_CHOICE,                                                                            \
         .offset = (at) + offsetof(vkvae_reading, fit),                                                 \
         .value = "HOW",                                                                                \
         .unset = "cover",                                                                              \
         .choices = cli_fits,                                                                           \
         .fixed_by_run = (settled),                                                                     \
         .help = "how a picture of another shape is brought to --size: cover cuts off what hangs "      \
                 "over, contain fills with --background, stretch distorts"},                            \
        {.name = "crop",                                                                                \
         .kind = CLI_CHOICE,                                                                            \
         .offset = (at) + offsetof(vkvae_reading, crop),                                                \
         .value = "HOW",                                                                                \
         .unset = "none",                                                                               \
         .choices = cli_crops,                                                                          \
         .fixed_by_run = (settled),                                                                     \
         .help = "center: take the largest square in the middle of each picture first"},                \
        {.name = "background",                                                                          \
         .kind = CLI_TEXT,                                                                              \
         .offset = (at) + offsetof(vkvae_reading, background),                                          \
         .value = "RRGGBB",                                                                             \
         .unset = "ffffff",                                                                             \
         .fixed_by_run = (settled),                                                                     \
         .help = "colour below what is transparent, hexadecimal"},                                      \
        {.name = "strict",                                                                              \
         .kind = CLI_FLAG,                                                                              \
         .offset = (at) + offsetof(vkvae_reading, strict),                                              \
         .fixed_by_run = (settled),                                                                     \
         .help = "stop at a broken picture, which otherwise is named and left out"},                    \
        {.name = "layout",                                                                              \
         .kind = CLI_CHOICE,                                                                            \
         .offset = (at) + offsetof(vkvae_reading, layout),                                              \
         .value = "ORDER",                                                                              \
         .unset = "auto",                                                                               \
         .choices = cli_layouts,                                                                        \
         .fixed_by_run = (settled),                                                                     \
         .help = "what the dimensions of an array mean; auto guesses, and tells what it took"},         \
        {.name = "normalize",                                                                           \
         .kind = CLI_CHOICE,                                                                            \
         .offset = (at) + offsetof(vkvae_reading, normalize),                                           \
         .value = "HOW",                                                                                \
         .unset = "none",                                                                               \
         .choices = cli_normalizations,                                                                 \
         .fixed_by_run = (settled),                                                                     \
         .help = "bring numbers to 0 to 1, column by column where they are a table: minmax, or "        \
                 "standard (mean and deviation); samples have the file's units again"},                 \
        {.name = "range",                                                                               \
         .kind = CLI_RANGE,                                                                             \
         .offset = (at) + offsetof(vkvae_reading, range),                                               \
         .value = "LO,HI",                                                                              \
         .unset = "0,1",                                                                                \
         .fixed_by_run = (settled),                                                                     \
         .help = "numbers of an array that become 0 and 1"},                                            \
        {.name = "tokens",                                                                              \
         .kind = CLI_CHOICE,                                                                            \
         .offset = (at) + offsetof(vkvae_reading, tokens),                                              \
         .value = "WHAT",                                                                               \
         .unset = "bag for text",                                                                       \
         .choices = cli_tokenings,                                                                      \
         .fixed_by_run = (settled),                                                                     \
         .help = "what each line of a .txt is: bag: how often it has each word; chars, words: a row "   \
                 "of --length characters, or words"},                                                   \
        {.name = "length",                                                                              \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = (at) + offsetof(vkvae_reading, length),                                              \
         .value = "N",                                                                                  \
         .unset = "none",                                                                               \
         .whole = {1, 4096},                                                                            \
         .fixed_by_run = (settled),                                                                     \
         .help = "of a row of --tokens: what is longer is cut"},                                        \
        {.name = "vocabulary",                                                                          \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = (at) + offsetof(vkvae_reading, vocabulary),                                          \
         .value = "N",                                                                                  \
         .unset = "2000; 256 for --tokens words, and no more",                                          \
         .whole = {3, 65536},                                                                           \
         .fixed_by_run = (settled),                                                                     \
         .help = "words that are kept of a text, the most frequent ones"},                              \
        {.name = "labels",                                                                              \
         .kind = CLI_TEXT,                                                                              \
         .offset = (at) + offsetof(vkvae_reading, labels),                                              \
         .value = "FILE|NAME",                                                                          \
         .unset = "none",                                                                               \
         .help = "a label for each row: a .npy or .csv; of an .npz the name of an array in it, of a "   \
                 "table that of a column, or its number"},                                              \
        {.name = "test-data",                                                                           \
         .kind = CLI_TEXT,                                                                              \
         .offset = (at) + offsetof(vkvae_reading, test),                                                \
         .value = "PATH",                                                                               \
         .unset = "the set's own test part, or what --split leaves",                                    \
         .help = "what to test on, of the same kind"},                                                  \
        {.name = "test-labels",                                                                         \
         .kind = CLI_TEXT,                                                                              \
         .offset = (at) + offsetof(vkvae_reading, test_labels),                                         \
         .value = "FILE|NAME",                                                                          \
         .unset = "none",                                                                               \
         .help = "as --labels, for --test-data"},                                                       \
        {.name = "split",                                                                               \
         .kind = CLI_REAL,                                                                              \
         .offset = (at) + offsetof(vkvae_reading, split),                                               \
         .value = "SHARE",                                                                              \
         .real = {1e-6, 0.999999},                                                                      \
         .fixed_by_run = (settled),                                                                     \
         .help = "share to train on of a set that has no test part"},                                   \
        {.name = "limit",                                                                               \
         .kind = CLI_WHOLE32,                                                                           \
         .offset = (at) + offsetof(vkvae_reading, limit),                                               \
         .value = "N",                                                                                  \
         .unset = "all",                                                                                \
         .whole = {1, UINT32_MAX},                                                                      \
         .fixed_by_run = (settled),                                                                     \
         .help = "take no more than so many to train on, and so many to test on"},                      \
        {.name = "classes",                                                                             \
         .kind = CLI_TEXT,                                                                              \
         .offset = (at) + offsetof(vkvae_reading, classes),                                             \
         .value = "CLASS,...",                                                                          \
         .unset = "all",                                                                                \
         .fixed_by_run = (settled),                                                                     \
         .help = "take only pictures of these classes of what --limit leaves: their labels, or their "  \
                 "names"},                                                                              \
    {                                                                                                   \
        .name = "threads", .kind = CLI_WHOLE32, .offset = (at) + offsetof(vkvae_reading, threads),      \
        .value = "N", .unset = "one a core", .whole = {1, 1024}, .help = "that decode pictures"         \
    }

#endif
