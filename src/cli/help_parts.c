#include "help_parts.h"

#include "find.h"
#include "options.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

const struct cli_fact cli_exit_codes[] = {
    {"0", "done"},
    {"1", "something went wrong while working: disk full, device lost, no memory"},
    {"2", "the command line makes no sense ('vkvae' alone included)"},
    {"3", "no usable Vulkan device, or not the one asked for"},
    {"4", "a data set, run or file is missing or does not hold what it should"},
    {"129, 130, 141, 143",
     "training stopped by SIGHUP, SIGINT (Ctrl-C), SIGPIPE or SIGTERM; the run is saved and can be "
     "resumed"},
    {0},
};

const struct cli_fact cli_variables[] = {
    {"VKVAE_DEVICE", "the device to use where neither --device nor a configuration names one"},
    {"VKVAE_DATA", "a folder with data sets, each in a folder of its name; looked into first"},
    {"VKVAE_CACHE", "the folder that keeps compiled kernels and decoded pictures for the next start"},
    {"NO_COLOR", "not empty: no colour, which only terminals get anyway"},
    {0},
};

const char *const cli_first_steps[] = {
    "vkvae devices",
    "vkvae train --images 1000 --epochs 2 --out runs/first",
    "vkvae sample runs/first -n 64 --seed 7 -o grid.png",
    NULL,
};

const char cli_about_config[] =
    "train and sample take options from the JSON object in --config FILE, whose keys\n"
    "are the command's options without the dashes: a number for a number, true or\n"
    "false for an option without a value, [512, 256] for a list, else a text; whole\n"
    "numbers from 2^53 on as texts. The command line goes before the file, the file\n"
    "before VKVAE_DEVICE, and that before the defaults. Paths in it start where the\n"
    "program does. A run's config.json is such a file: 'vkvae train --config\n"
    "runs/first/config.json' makes the same files again. Its key \"record\", which\n"
    "tells what the run found, is not an option.\n";

const char cli_settled_note[] = "settled by the run: not to be given with --resume.";

const struct cli_option *cli_next_option(const struct cli_command *command,
                                         const struct cli_option *option) {
    if (option == &cli_help_option) return NULL;
    const struct cli_option *next = option ? option + 1 : command->options;
    return next->name ? next : &cli_help_option;
}

bool cli_with_defaults(FILE *file, const struct cli_command *command,
                       void (*print)(FILE *file, const struct cli_command *command,
                                     const void *values)) {
    void *values = calloc(1, command->values_size + 1);  // not 0: its NULL would mean no memory
    if (!values) return false;
    if (command->defaults) command->defaults(values);
    print(file, command, values);
    free(values);
    return true;
}

void cli_describe(const struct cli_option *option, const void *values, char *text, size_t size) {
    char expected[200] = "", set[128] = "";
    if (option->kind != CLI_HELP) cli_value_default(option, values, set, sizeof set);
    if (option->kind == CLI_CHOICE && option->choices[1])
        cli_value_expected(option, expected, sizeof expected);
    const char *variable = *set ? option->environment : NULL;
    (void)snprintf(text, size, "%s%s%s%s%s%s%s%s%s", option->help, *expected ? ": " : "", expected,
                   *set ? " (default " : "", variable ? "$" : "", variable ? variable : "",
                   variable ? ", else " : "", set, *set ? ")" : "");
}

bool cli_has_settled(const struct cli_command *command) {
    for (const struct cli_option *o = command->options; o->name; o++)
        if (o->fixed_by_run) return true;
    return false;
}

void cli_value_shown(const struct cli_option *option, char *text, size_t size) {
    const bool aside = option->kind == CLI_ASIDE;
    (void)snprintf(text, size, "%s%s%s",
                   aside           ? "[="
                   : option->value ? " "
                                   : "",
                   option->value ? option->value : "", aside ? "]" : "");
}

void cli_usage_of(const struct cli_command *c, char *text, size_t size) {
    const char *before = !c->operand ? "" : c->operand_required ? " " : " [";
    (void)snprintf(text, size, "%s%s%s%s%s%s%s [options]", c->name, before, c->operand ? c->operand : "",
                   c->many_operands ? "..." : "", c->operand && !c->operand_required ? "]" : "",
                   c->second ? " " : "", c->second ? c->second : "");
}

enum cli_wanted cli_wanted_as(const char *value) {
    static const struct {
        const char *part;
        enum cli_wanted wanted;
    } parts[] = {{"COMMAND", CLI_WANT_COMMANDS}, {"DIR", CLI_WANT_FOLDERS}, {"FOLDER", CLI_WANT_FOLDERS},
                 {"PATH|", CLI_WANT_FOLDERS},    {"PATH", CLI_WANT_FILES},  {"FILE", CLI_WANT_FILES},
                 {"RUN", CLI_WANT_FILES}};
    for (size_t i = 0; value && i < sizeof parts / sizeof *parts; i++)
        if (strstr(value, parts[i].part)) return parts[i].wanted;
    return CLI_WANT_NOTHING;
}

enum cli_wanted cli_wanted_by(const struct cli_option *option) {
    if (option->kind == CLI_CHOICE) return CLI_WANT_WORDS;
    if (option->kind == CLI_FILE || option->kind == CLI_CONFIG || option->kind == CLI_ASIDE)
        return CLI_WANT_FILES;
    return option->kind == CLI_TEXT ? cli_wanted_as(option->value) : CLI_WANT_NOTHING;
}

void cli_print_escaped(FILE *file, const char *text, const char *special, const char *const *by) {
    for (; *text; text++) {
        const char *found = strchr(special, *text);
        if (found)
            (void)fputs(by[found - special], file);
        else
            (void)fputc(*text, file);
    }
}

void cli_print_second_words(FILE *file, const struct cli_command *command) {
    const size_t length = cli_first_word(command);
    bool first = true;
    for (const struct cli_command *const *c = cli_commands; *c; c++) {
        if (strncmp((*c)->name, command->name, length + 1) != 0) continue;
        (void)fprintf(file, "%s%s", first ? "" : " ", (*c)->name + length + 1);
        first = false;
    }
}

void cli_print_words(FILE *file, const char *const *words) {
    for (const char *const *word = words; *word; word++)
        (void)fprintf(file, "%s%s", word == words ? "" : " ", *word);
}
