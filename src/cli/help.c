#include "help.h"

#include "options.h"
#include "output.h"
#include "suggest.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, HELP_COLUMN = 26 };

// Whether the words, one or two, are a command's name.
static bool is_named(const struct cli_command *command, const char *first, const char *second) {
    const char *name = command->name, *space = strchr(name, ' ');
    if (!space) return strcmp(name, first) == 0;
    return second && strlen(first) == (size_t)(space - name) &&
           memcmp(name, first, strlen(first)) == 0 && strcmp(space + 1, second) == 0;
}

const struct cli_command *cli_find_command(const char *first, const char *second) {
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        if (is_named(*c, first, second)) return *c;
    return NULL;
}

int cli_no_such_command(const char *name) {
    struct cli_suggestion best = {0};
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        cli_suggest(&best, name, strlen(name), (*c)->name);
    return cli_usage_error(NULL, "no command '%.60s'%s%s%s", name, best.name ? "; did you mean " : "",
                           best.name ? best.name : "", best.name ? "?" : "");
}

// Prints words from `column` on; lines after the first are indented to `indent`.
static void print_wrapped(FILE *file, size_t column, size_t indent, const char *text) {
    bool line_start = true;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (!line_start && column + 1 + length > WIDTH) {
            (void)fprintf(file, "\n%*s", (int)indent, "");
            column = indent;
            line_start = true;
        }
        (void)fprintf(file, "%s%.*s", line_start ? "" : " ", (int)length, text);
        column += length + !line_start;
        line_start = false;
        text += length;
        text += strspn(text, " ");
    }
    (void)fputc('\n', file);
}

// The two columns of every list.
static void print_entry(FILE *file, const char *left, const char *right) {
    size_t used = (size_t)fprintf(file, "  %s", left);
    if (used + 2 > HELP_COLUMN) {
        (void)fputc('\n', file);
        used = 0;
    }
    (void)fprintf(file, "%*s", (int)(HELP_COLUMN - used), "");
    print_wrapped(file, HELP_COLUMN, HELP_COLUMN, right);
}

static void print_option(FILE *file, const struct cli_option *option, const void *values) {
    char left[128], expected[200] = "", set[128] = "", right[1024];
    const char *before = option->letter ? ", " : "    ";  // in line with "-n, "
    char letter[3] = {option->letter ? '-' : 0, option->letter, 0};
    (void)snprintf(left, sizeof left, "%s%s--%s%s%s", letter, before, option->name,
                   option->value ? " " : "", option->value ? option->value : "");
    if (option->kind != CLI_HELP) cli_value_default(option, values, set, sizeof set);
    if (option->kind == CLI_CHOICE && option->choices[1])
        cli_value_expected(option, expected, sizeof expected);
    const char *variable = *set ? option->environment : NULL;
    (void)snprintf(right, sizeof right, "%s%s%s%s%s%s%s%s%s%s", option->help, *expected ? ": " : "",
                   expected, *set ? " (default " : "", variable ? "$" : "", variable ? variable : "",
                   variable ? ", else " : "", set, *set ? ")" : "", option->fixed_by_run ? " *" : "");
    print_entry(file, left, right);
}

static void print_options(FILE *file, const struct cli_command *command, const void *values) {
    const char *group = "Options";
    bool starred = false;
    for (const struct cli_option *o = command->options; o->name; o++) {
        if (o->group || o == command->options)
            (void)fprintf(file, "\n%s:\n", o->group ? o->group : group);
        print_option(file, o, values);
        starred |= o->fixed_by_run;
    }
    if (!command->options->name) (void)fprintf(file, "\n%s:\n", group);
    print_option(file, &cli_help_option, values);
    if (starred) (void)fputs("\n* settled by the run: not to be given with --resume.\n", file);
}

void cli_print_help(FILE *file, const struct cli_command *c, const void *values) {
    bool optional = c->operand && !c->operand_required;
    (void)fprintf(file, "vkvae %s: %s\n\nUsage: vkvae %s%s%s%s%s\n", c->name, c->summary, c->name,
                  optional     ? " ["
                  : c->operand ? " "
                               : "",
                  c->operand ? c->operand : "", optional ? "]" : "",
                  c->options->name ? " [options]" : "");
    if (c->operand) {
        (void)fputc('\n', file);
        print_entry(file, c->operand, c->operand_help);
    }
    print_options(file, c, values);
    if (c->details) (void)fprintf(file, "\n%s", c->details);
    (void)fputs("\nExamples:\n", file);
    for (const char *const *example = c->examples; *example; example++)
        (void)fprintf(file, "  %s\n", *example);
}

static const char *const codes[][2] = {
    {"0", "done"},
    {"1", "something went wrong while working: disk full, device lost, no memory"},
    {"2", "the command line makes no sense ('vkvae' alone included)"},
    {"3", "no usable Vulkan device, or not the one asked for"},
    {"4", "a data set, run or file is missing or does not hold what it should"},
    {"130, 143", "training stopped by SIGINT (Ctrl-C) or SIGTERM; the run is saved and can be resumed"},
};

static const char *const variables[][2] = {
    {"VKVAE_DEVICE", "the device to use where --device is not given"},
    {"VKVAE_DATA", "a folder with data sets, each in a folder of its name; looked into first"},
};

static const char *const first_steps[] = {
    "vkvae devices",
    "vkvae train --data fashion-mnist --epochs 3 --out runs/fashion",
    "vkvae sample runs/fashion -n 64 --seed 7 -o grid.png",
};

static void print_commands(FILE *file) {
    (void)fprintf(file, "vkvae %s: variational autoencoders on any Vulkan GPU\n\n", vkvae_version());
    (void)fputs("Usage: vkvae COMMAND [options]\n       vkvae --version\n\nCommands:\n", file);
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        print_entry(file, (*c)->name, (*c)->summary);
}

void cli_print_overview(FILE *file, bool brief) {
    print_commands(file);
    if (brief) {
        (void)fputs("\n'vkvae help' tells more.\n", file);
        return;
    }
    (void)fputs("\nFirst steps:\n", file);
    for (size_t i = 0; i < sizeof first_steps / sizeof *first_steps; i++)
        (void)fprintf(file, "  %s\n", first_steps[i]);
    (void)fputs("\nEnvironment:\n", file);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        print_entry(file, variables[i][0], variables[i][1]);
    (void)fputs("\nExit codes:\n", file);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        print_entry(file, codes[i][0], codes[i][1]);
    (void)fputs("\n'vkvae help COMMAND' shows a command's options.\n", file);
}

static int print_help_of(const struct cli_command *command) {
    void *values = calloc(1, command->values_size + 1);  // not 0: its NULL would mean no memory
    if (!values) {
        cli_error("help", "out of memory");
        return VKVAE_FAILED;
    }
    if (command->defaults) command->defaults(values);
    cli_print_help(stdout, command, values);
    free(values);
    return VKVAE_OK;
}

static int run(const struct cli_arguments *arguments) {
    const char *name = arguments->operand;
    if (!name) {
        cli_print_overview(stdout, false);
        return VKVAE_OK;
    }
    const struct cli_command *command = cli_find_command(name, NULL);
    return command ? print_help_of(command) : cli_no_such_command(name);
}

static const struct cli_option no_options[] = {{0}};

const struct cli_command cli_help = {
    .name = "help",
    .summary = "show this overview, or the options of a command",
    .operand = "COMMAND",
    .operand_help = "the command to explain; without one: the overview, with exit codes and variables",
    .options = no_options,
    .examples =
        (const char *const[]){
            "vkvae help train",
            "vkvae train --help",
            NULL,
        },
    .run = run,
};
