// Completion for fish: a line for each option of each command.
#include "find.h"
#include "help_parts.h"
#include "options.h"

#include <string.h>

static const char head[] =
    "# fish completion for vkvae. Made by: vkvae help --format fish\n"
    "\n"
    "# Whether the command line begins with these words, and then whether the next one is typed.\n"
    "function __vkvae_after\n"
    "    set -l words (commandline -opc)\n"
    "    set -l last (math 1 + (count $argv))\n"
    "    test (count $words) -ge $last; and test \"$words[2..$last]\" = \"$argv\"\n"
    "end\n"
    "function __vkvae_at\n"
    "    test (count (commandline -opc)) -eq (math 1 + (count $argv)); or return\n"
    "    test (count $argv) -eq 0; or __vkvae_after $argv\n"
    "end\n"
    "\n"
    "complete -c vkvae -f\n"
    "complete -c vkvae -n __vkvae_at -s h -l help -d 'show an overview'\n"
    "complete -c vkvae -n __vkvae_at -l version -d 'show the version'\n";

static void print_text(FILE *file, const char *text) {
    static const char *const by[] = {"\\'", "\\\\"};
    (void)fputc('\'', file);
    cli_print_escaped(file, text, "'\\", by);
    (void)fputc('\'', file);
}

static void print_first_words(FILE *file) {
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        if (!strchr((*c)->name, ' ') || cli_begins_group(c))
            (void)fprintf(file, "%s%.*s", c == cli_commands ? "" : " ", (int)cli_first_word(*c),
                          (*c)->name);
}

// And words beside, unless choices are NULL.
static void print_folders(FILE *file, const char *const *choices) {
    (void)fputs(" -a '", file);
    if (choices) cli_print_words(file, choices);
    (void)fprintf(file, "%s(__fish_complete_directories (commandline -ct))'", choices ? " " : "");
}

static void print_wanted(FILE *file, enum cli_wanted wanted, const char *const *choices) {
    switch (wanted) {
    case CLI_WANT_NOTHING:
        (void)fputs(" -x", file);
        break;
    case CLI_WANT_FILES:
        (void)fputs(" -r -F", file);
        break;
    case CLI_WANT_WORDS:
        (void)fputs(" -x -a '", file);
        cli_print_words(file, choices);
        (void)fputc('\'', file);
        break;
    case CLI_WANT_FOLDERS:
        (void)fputs(" -x", file);
        print_folders(file, choices);
        break;
    case CLI_WANT_COMMANDS:
        (void)fputs(" -a '", file);
        print_first_words(file);
        (void)fputc('\'', file);
        break;
    }
}

static void print_option(FILE *file, const struct cli_command *c, const struct cli_option *o) {
    (void)fprintf(file, "complete -c vkvae -n '__vkvae_after %s'", c->name);
    if (o->letter) (void)fprintf(file, " -s %c", o->letter);
    (void)fprintf(file, " -l %s", o->name);
    if (cli_takes_value(o)) {
        const bool offered = o->kind == CLI_TEXT || o->kind == CLI_CHOICE;
        print_wanted(file, cli_wanted_by(o), offered ? o->choices : NULL);
    }
    if (o->kind == CLI_ASIDE) (void)fputs(" -F", file);  // behind a = alone
    (void)fputs(" -d ", file);
    print_text(file, o->help);
    (void)fputc('\n', file);
}

// "train" after vkvae; "shapes" after vkvae data, and data, once, after vkvae.
static void print_name(FILE *file, const struct cli_command *const *c) {
    const size_t length = cli_first_word(*c);
    const char *name = (*c)->name;
    const bool two = name[length] != 0;
    if (!two || cli_begins_group(c)) {
        (void)fprintf(file, "complete -c vkvae -n __vkvae_at -a %.*s -d ", (int)length, name);
        print_text(file, cli_first_word_summary(*c));
        (void)fputc('\n', file);
    }
    if (!two) return;
    (void)fprintf(file, "complete -c vkvae -n '__vkvae_at %.*s' -a %s -d ", (int)length, name,
                  name + length + 1);
    print_text(file, (*c)->summary);
    (void)fputc('\n', file);
}

// help data shapes
static void print_commands_as_operand(FILE *file, const struct cli_command *c) {
    (void)fprintf(file, "complete -c vkvae -n '__vkvae_after %s", c->name);
    for (const struct cli_command *const *g = cli_commands; *g; g++)
        if (cli_begins_group(g))
            (void)fprintf(file, "; and not __vkvae_after %s %.*s", c->name, (int)cli_first_word(*g),
                          (*g)->name);
    (void)fputc('\'', file);
    print_wanted(file, CLI_WANT_COMMANDS, NULL);
    for (const struct cli_command *const *g = cli_commands; *g; g++) {
        if (!cli_begins_group(g)) continue;
        (void)fprintf(file, "\ncomplete -c vkvae -n '__vkvae_at %s %.*s' -a '", c->name,
                      (int)cli_first_word(*g), (*g)->name);
        cli_print_second_words(file, *g);
        (void)fputc('\'', file);
    }
    (void)fputc('\n', file);
}

static void print_operand(FILE *file, const struct cli_command *c) {
    const enum cli_wanted operand = cli_wanted_as(c->operand);
    if (operand == CLI_WANT_COMMANDS) {
        print_commands_as_operand(file, c);
    } else if (operand != CLI_WANT_NOTHING) {
        (void)fprintf(file, "complete -c vkvae -n '__vkvae_after %s'", c->name);
        if (operand == CLI_WANT_FILES)
            (void)fputs(" -F", file);
        else
            print_folders(file, c->operand_choices);
        (void)fputc('\n', file);
    }
}

static bool print_whole(FILE *file) {
    (void)fputs(head, file);
    for (const struct cli_command *const *c = cli_commands; *c; c++) {
        (void)fputc('\n', file);
        print_name(file, c);
        for (const struct cli_option *o = NULL; (o = cli_next_option(*c, o)) != NULL;)
            print_option(file, *c, o);
        print_operand(file, *c);
    }
    return true;
}

const struct cli_format cli_fish = {.name = "fish", .whole = print_whole};
