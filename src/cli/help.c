// vkvae help
#include "help.h"

#include "find.h"
#include "help_parts.h"
#include "options.h"
#include "output.h"

#include <string.h>

struct help_values {
    const char *format;
};

static const struct cli_format *const formats[] = {&cli_text, &cli_man, &cli_markdown,
                                                   &cli_bash, &cli_zsh, &cli_fish};
static const char *const format_names[] = {"text", "man", "markdown", "bash", "zsh", "fish", NULL};

static const struct cli_option options[] = {
    {.name = "format",
     .kind = CLI_CHOICE,
     .offset = offsetof(struct help_values, format),
     .value = "FORMAT",
     .choices = format_names,
     .help = "what to write: help for a terminal, manual pages, a document, or a shell's completions"},
    {0},
};

static void defaults(void *values) {
    struct help_values *v = values;
    v->format = "text";
}

static int finish(bool ok) {
    if (ok) return VKVAE_OK;
    cli_out_of_memory("help");
    return VKVAE_FAILED;
}

static void print_group(const struct cli_group *group) {
    const size_t length = strlen(group->name);
    (void)printf("vkvae %s: %s\n\n", group->name, group->summary);
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        if (cli_first_word(*c) == length && memcmp((*c)->name, group->name, length) == 0)
            (void)printf("vkvae %-20s %s\n", (*c)->name, (*c)->summary);
    (void)printf("\n'vkvae help %s WORD' shows a command's options.\n", group->name);
}

static int help_on(const char *first, const char *second, const struct cli_format *format) {
    const struct cli_command *command = cli_find_command(first, second);
    const struct cli_group *group = cli_find_group(first);
    const bool is_one_word = command && !strchr(command->name, ' ');
    if (format == &cli_text && !second && group) {
        print_group(group);
        return VKVAE_OK;
    }
    if (!command) return cli_no_such_command(first, second);
    if (second && is_one_word)
        return cli_usage_error("help", "unexpected '%.60s': one %s is enough", second, cli_help.operand);
    if (!format->command)
        return cli_usage_error("help", "--format %s is for all commands together; leave %s out",
                               format->name, command->name);
    return finish(cli_with_defaults(stdout, command, format->command));
}

int cli_help_on(const char *first, const char *second) {
    return help_on(first, second, &cli_text);
}

int cli_help_of(const struct cli_command *command) {
    return finish(cli_with_defaults(stdout, command, cli_text.command));
}

static int run(const struct cli_arguments *a) {
    const struct help_values *v = a->values;
    const struct cli_format *format = &cli_text;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i]->name, v->format) == 0) format = formats[i];
    if (a->operand) return help_on(a->operand, a->operand_count > 1 ? a->operands[1] : NULL, format);
    return finish(format->whole(stdout));
}

const struct cli_command cli_help = {
    .name = "help",
    .summary = "show this overview, or the options of a command",
    .operand = "COMMAND",
    .operand_help = "the command to explain; without one: the overview, with exit codes and variables",
    .operand_of_two_words = true,
    .examples =
        (const char *const[]){
            "vkvae help train",
            "vkvae train --help",
            "vkvae help --format bash > vkvae.bash",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct help_values),
    .defaults = defaults,
    .run = run,
};
