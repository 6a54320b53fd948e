// A command line: words that end in a byte 0; and a file of options.
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "options.h"

enum { WORDS = 64 };

static void parse(const struct cli_command *command, int argc, char **argv) {
    struct cli_message message;
    void *values = calloc(1, command->values_size + 1);
    if (!values) abort();
    const char *operands[WORDS + 1];
    struct cli_arguments arguments = {
        .program = "vkvae", .command = command, .values = values, .operands = operands};
    if (command->defaults) command->defaults(values);
    (void)cli_parse(&arguments, argc, argv, &message);
    cli_arguments_finish(&arguments);
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char option[] = "--config";
    char *text = malloc(size + 1), *word[WORDS + 1] = {0};
    char *file[] = {option, (char *)(uintptr_t)fuzz_file(data, size, ""), NULL};
    int count = 0;
    if (!text) abort();
    if (size) memcpy(text, data, size);
    text[size] = '\0';
    for (size_t at = 0; at < size && count < WORDS; at += strlen(text + at) + 1)
        word[count++] = text + at;
    for (size_t i = 0; cli_commands[i]; i++) {
        parse(cli_commands[i], count, word);
        parse(cli_commands[i], 2, file);
    }
    free(text);
    return 0;
}
