// Completion for zsh: a function for each command around _arguments.
#include "find.h"
#include "help_parts.h"
#include "options.h"

#include <string.h>

// In single quotes, and inside [...] or before a colon of a specification.
static void print_text(FILE *file, const char *text) {
    static const char special[] = "'[]:\\";
    static const char *const by[] = {"'\\''", "\\[", "\\]", "\\:", "\\\\"};
    cli_print_escaped(file, text, special, by);
}

// _vkvae_data_shapes
static void print_function_name(FILE *file, const char *name) {
    static const char *const by[] = {"_"};
    (void)fputs("_vkvae_", file);
    cli_print_escaped(file, name, " ", by);
}

static void print_wanted(FILE *file, enum cli_wanted wanted, const char *const *choices) {
    switch (wanted) {
    case CLI_WANT_NOTHING:
        break;
    case CLI_WANT_FILES:
        (void)fputs("_files", file);
        break;
    case CLI_WANT_WORDS:
        (void)fputc('(', file);
        cli_print_words(file, choices);
        (void)fputc(')', file);
        break;
    case CLI_WANT_FOLDERS:
        if (choices) {
            (void)fputs("{_alternative \"names\\:name\\:(", file);
            cli_print_words(file, choices);
            (void)fputs(")\" \"folders\\:folder\\:_files -/\"}", file);
        } else {
            (void)fputs("_files -/", file);
        }
        break;
    case CLI_WANT_COMMANDS:
        (void)fputs("_vkvae_commands", file);
        break;
    }
}

static void print_option(FILE *file, const struct cli_option *o) {
    const bool value = cli_may_take_value(o), aside = o->kind == CLI_ASIDE;
    (void)fputs("        ", file);
    if (o->letter)
        (void)fprintf(file, "'(-%c --%s)'{-%c%s,--%s%s}'[", o->letter, o->name, o->letter,
                      value ? "+" : "", o->name, value ? "=" : "");
    else
        (void)fprintf(file, "'--%s%s[", o->name, aside ? "=-" : value ? "=" : "");
    print_text(file, o->help);
    (void)fputc(']', file);
    if (value) {
        (void)fputs(aside ? "::" : ":", file);
        print_text(file, o->value);
        (void)fputc(':', file);
        const bool offered = o->kind == CLI_TEXT || o->kind == CLI_CHOICE;
        print_wanted(file, cli_wanted_by(o), offered ? o->choices : NULL);
    }
    (void)fputc('\'', file);
}

static void print_command(FILE *file, const struct cli_command *c) {
    print_function_name(file, c->name);
    (void)fputs("() {\n    _arguments -s", file);
    for (const struct cli_option *o = NULL; (o = cli_next_option(c, o)) != NULL;) {
        (void)fputs(" \\\n", file);
        print_option(file, o);
    }
    if (c->operand) {
        (void)fprintf(file, " \\\n        '%c:%s:", c->many_operands ? '*' : '1', c->operand);
        print_wanted(file, cli_wanted_as(c->operand), c->operand_choices);
        (void)fputs(c->operand_of_two_words ? "' '2:WORD:_vkvae_second_words'" : "'", file);
    }
    if (c->second) {
        (void)fprintf(file, " \\\n        '2:%s:", c->second);
        print_wanted(file, cli_wanted_as(c->second), NULL);
        (void)fputc('\'', file);
    }
    (void)fputs("\n}\n\n", file);
}

static void print_name(FILE *file, const char *name, size_t length, const char *summary) {
    (void)fprintf(file, "        '%.*s:", (int)length, name);
    print_text(file, summary);
    (void)fputs("'\n", file);
}

// The function that completes and dispatches on the first word of `commands`; within a group on the
// second one.
static void print_dispatch(FILE *file, const struct cli_command *const *group) {
    const size_t skip = group ? cli_first_word(*group) + 1 : 0;
    (void)fputs("() {\n    local curcontext=$curcontext state line\n    typeset -A opt_args\n"
                "    _arguments -C",
                file);
    if (!group)
        (void)fputs(" '(- *)'{-h,--help}'[show an overview]' '(- *)--version[show the version]'", file);
    (void)fputs(" \\\n        '1:command:", file);
    print_function_name(file, group ? "in_" : "commands");
    if (group) (void)fprintf(file, "%.*s", (int)skip - 1, (*group)->name);
    (void)fputs("' '*::argument:->arguments'\n    [[ $state == arguments ]] || return\n"
                "    case $words[1] in\n",
                file);
    for (const struct cli_command *const *c = group ? group : cli_commands; *c; c++) {
        if (group && strncmp((*c)->name, (*group)->name, skip) != 0) continue;
        if (!group && strchr((*c)->name, ' ') && !cli_begins_group(c)) continue;
        const size_t length = group ? strlen((*c)->name + skip) : cli_first_word(*c);
        (void)fprintf(file, "    %.*s) ", (int)length, (*c)->name + skip);
        if (!group && strchr((*c)->name, ' '))
            (void)fprintf(file, "_vkvae_group_%.*s", (int)length, (*c)->name);
        else
            print_function_name(file, (*c)->name);
        (void)fputs(" ;;\n", file);
    }
    (void)fputs("    esac\n}\n\n", file);
}

static void print_list(FILE *file, const struct cli_command *const *group) {
    const size_t skip = group ? cli_first_word(*group) + 1 : 0;
    (void)fputs("() {\n    local -a commands=(\n", file);
    for (const struct cli_command *const *c = group ? group : cli_commands; *c; c++) {
        if (group && strncmp((*c)->name, (*group)->name, skip) != 0) continue;
        if (!group && strchr((*c)->name, ' ') && !cli_begins_group(c)) continue;
        const size_t length = group ? strlen((*c)->name + skip) : cli_first_word(*c);
        print_name(file, (*c)->name + skip, length, group ? (*c)->summary : cli_first_word_summary(*c));
    }
    (void)fputs("    )\n    _describe -t commands command commands\n}\n\n", file);
}

// help data shapes
static void print_second_words(FILE *file) {
    (void)fputs("_vkvae_second_words() {\n    case $line[1] in\n", file);
    for (const struct cli_command *const *g = cli_commands; *g; g++)
        if (cli_begins_group(g))
            (void)fprintf(file, "    %.*s) _vkvae_in_%.*s ;;\n", (int)cli_first_word(*g), (*g)->name,
                          (int)cli_first_word(*g), (*g)->name);
    (void)fputs("    esac\n}\n\n", file);
}

static bool print_whole(FILE *file) {
    (void)fputs("#compdef vkvae\n# Made by: vkvae help --format zsh\n\n_vkvae_commands", file);
    print_list(file, NULL);
    print_second_words(file);
    for (const struct cli_command *const *c = cli_commands; *c; c++) {
        print_command(file, *c);
        if (!cli_begins_group(c)) continue;
        (void)fprintf(file, "_vkvae_in_%.*s", (int)cli_first_word(*c), (*c)->name);
        print_list(file, c);
        (void)fprintf(file, "_vkvae_group_%.*s", (int)cli_first_word(*c), (*c)->name);
        print_dispatch(file, c);
    }
    (void)fputs("_vkvae", file);
    print_dispatch(file, NULL);
    (void)fputs("_vkvae \"$@\"\n", file);
    return true;
}

const struct cli_format cli_zsh = {.name = "zsh", .whole = print_whole};
