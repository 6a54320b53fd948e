// The program: finds the command, reads its options by its table, runs it.
#include "find.h"
#include "help.h"
#include "options.h"
#include "output.h"
#include "stop.h"
#include "suggest.h"

#include <stdlib.h>
#include <string.h>

static int parse_and_run(struct cli_arguments *arguments, int argc, char **argv) {
    const struct cli_command *command = arguments->command;
    struct cli_message message;
    if (!cli_parse(arguments, argc, argv, &message)) {
        if (!message.bad_file) return cli_usage_error(command->name, "%s", message.text);
        cli_error(command->name, "%s", message.text);
        return VKVAE_BAD_DATA;
    }
    return arguments->help ? cli_help_of(command) : command->run(arguments);
}

static int run_command(const struct cli_command *command, const char *program, int argc, char **argv) {
    int code = VKVAE_FAILED;
    // Not 0 bytes: the NULL of those would mean no memory. Of operands there are no more than words.
    void *values = calloc(1, command->values_size + 1);
    const size_t words = argc > 0 ? (size_t)argc : 0;
    const char **operands = calloc(words + 1, sizeof *operands);
    struct cli_arguments arguments = {
        .program = program, .command = command, .values = values, .operands = operands};
    if (values && operands) {
        if (command->defaults) command->defaults(values);
        code = parse_and_run(&arguments, argc, argv);
        cli_arguments_finish(&arguments);
    } else {
        cli_out_of_memory(command->name);
    }
    free(operands);
    free(values);
    return code;
}

static int unknown_option(const char *word) {
    struct cli_suggestion best = {0};
    const char *name = word + strspn(word, "-");
    cli_suggest(&best, name, strlen(name), "version");
    cli_suggest(&best, name, strlen(name), "help");
    if (!best.name) return cli_usage_error(NULL, "unknown option %.60s; a command comes first", word);
    struct cli_message message = {.bad_file = false};
    (void)cli_refuse(&message, "unknown option %.60s", word);
    (void)cli_did_you_mean(&message, "--", best.name, "");
    return cli_usage_error(NULL, "%s", message.text);
}

static bool asks_help(const char *word) {
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int dispatch(int argc, char **argv) {
    const char *program = argc > 0 && argv[0][0] ? argv[0] : "vkvae";
    if (argc < 2) {
        cli_print_overview(stderr, true);
        return VKVAE_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0) {
        if (argc > 2) return cli_usage_error(NULL, "--version stands alone; leave '%.60s' out", argv[2]);
        (void)printf("vkvae %s\n", vkvae_version());
        return VKVAE_OK;
    }
    const char *second = argc > 2 && argv[2][0] != '-' ? argv[2] : NULL;
    const struct cli_command *command = asks_help(word) ? &cli_help : cli_find_command(word, second);
    if (!command && argc > 2 && asks_help(argv[2]) && cli_find_group(word))
        return cli_help_on(word, NULL);
    if (!command) return word[0] == '-' ? unknown_option(word) : cli_no_such_command(word, second);
    const int words = strchr(command->name, ' ') ? 2 : 1;
    return run_command(command, program, argc - 1 - words, argv + 1 + words);
}

int main(int argc, char **argv) {
    cli_output_init();
    cli_stop_clean();
    return cli_output_finish(dispatch(argc, argv));
}
