// A command line, as words that end in a byte 0, or a file of options, of one of the commands.
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

static void parse_words(const struct cli_command *command, const uint8_t *data, size_t size) {
    char *text = malloc(size + 1), *word[WORDS + 1] = {0};
    int count = 0;
    if (!text) abort();
    if (size) memcpy(text, data, size);
    text[size] = '\0';
    for (size_t at = 0; at < size && count < WORDS; at += strlen(text + at) + 1)
        word[count++] = text + at;
    parse(command, count, word);
    free(text);
}

static void parse_file(const struct cli_command *command, const uint8_t *data, size_t size) {
    static char option[] = "--config";
    char *words[] = {option, (char *)(uintptr_t)fuzz_file(data, size, ""), NULL};
    parse(command, 2, words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    unsigned commands = 0;
    while (cli_commands[commands]) commands++;
    const unsigned chosen = fuzz_choose(&data, &size, 2 * commands);
    (chosen % 2 ? parse_file : parse_words)(cli_commands[chosen / 2], data, size);
    return 0;
}
