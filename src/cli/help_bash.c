// Completion for bash. --name=value arrives there as three words. File names are left to readline, which
// knows how to quote them.
#include "find.h"
#include "help_parts.h"
#include "options.h"

#include <string.h>

static const char head[] = "# bash completion for vkvae. Made by: vkvae help --format bash\n"
                           "\n"
                           "_vkvae_words() {\n"
                           "    COMPREPLY=($(compgen -W \"$1\" -- \"$cur\"))\n"
                           "    compopt +o default 2>/dev/null\n"
                           "}\n"
                           "_vkvae_nothing() { compopt +o default 2>/dev/null; }\n"
                           "_vkvae_files() { compopt -o default 2>/dev/null; }\n"
                           "_vkvae_folders() {\n"
                           "    [[ $1 ]] && COMPREPLY=($(compgen -W \"$1\" -- \"$cur\"))\n"
                           "    compopt +o default -o filenames -o plusdirs 2>/dev/null\n"
                           "}\n"
                           "\n"
                           "_vkvae() {\n"
                           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} "
                           "command=${COMP_WORDS[1]} joined=\n"
                           "    COMPREPLY=()\n"
                           "    if [[ $cur == = ]]; then\n"
                           "        cur= joined=1\n"
                           "    elif [[ $prev == = ]]; then\n"
                           "        prev=${COMP_WORDS[COMP_CWORD - 2]} joined=1\n"
                           "    fi\n";

// The first words of all commands, each once.
static void print_first_words(FILE *file) {
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        if (!strchr((*c)->name, ' ') || cli_begins_group(c))
            (void)fprintf(file, "%.*s ", (int)cli_first_word(*c), (*c)->name);
}

static void print_groups(FILE *file) {
    for (const struct cli_command *const *g = cli_commands; *g; g++) {
        if (!cli_begins_group(g)) continue;
        const size_t length = cli_first_word(*g);
        (void)fprintf(file,
                      "    if [[ $command == %.*s ]]; then\n        if ((COMP_CWORD == 2)); then\n"
                      "            _vkvae_words '",
                      (int)length, (*g)->name);
        cli_print_second_words(file, *g);
        (void)fputs(
            "'\n            return\n        fi\n        command+=\" ${COMP_WORDS[2]}\"\n    fi\n", file);
    }
}

static void print_wanted(FILE *file, enum cli_wanted wanted, const char *const *choices) {
    switch (wanted) {
    case CLI_WANT_NOTHING:
        (void)fputs("_vkvae_nothing", file);
        break;
    case CLI_WANT_FILES:
        (void)fputs("_vkvae_files", file);
        break;
    case CLI_WANT_WORDS:
    case CLI_WANT_FOLDERS:
        (void)fprintf(file, "_vkvae_%s '", wanted == CLI_WANT_WORDS ? "words" : "folders");
        if (choices) cli_print_words(file, choices);
        (void)fputc('\'', file);
        break;
    case CLI_WANT_COMMANDS:
        (void)fputs("_vkvae_words '", file);
        print_first_words(file);
        (void)fputc('\'', file);
        break;
    }
    (void)fputs(" ;;\n", file);
}

// help data shapes
static void print_second_words(FILE *file, const struct cli_command *c) {
    if (!c->operand_of_two_words) return;
    for (const struct cli_command *const *g = cli_commands; *g; g++) {
        if (!cli_begins_group(g)) continue;
        (void)fprintf(file, "    '%s %.*s') _vkvae_words '", c->name, (int)cli_first_word(*g),
                      (*g)->name);
        cli_print_second_words(file, *g);
        (void)fputs("' ;;\n", file);
    }
}

static void print_values(FILE *file, const struct cli_command *c) {
    for (const struct cli_option *o = c->options; o->name; o++) {
        if (!cli_takes_value(o)) continue;
        (void)fprintf(file, "    '%s --%s'", c->name, o->name);
        if (o->letter) (void)fprintf(file, " | '%s -%c'", c->name, o->letter);
        (void)fputs(") ", file);
        print_wanted(file, cli_wanted_by(o), o->choices);
    }
    print_second_words(file, c);
}

// An option, or the operand where the word does not begin with a dash.
static void print_rest(FILE *file, const struct cli_command *c) {
    if (c->operand) {
        (void)fprintf(file, "    '%s '[!-]*) ", c->name);
        print_wanted(file, cli_wanted_as(c->operand), c->operand_choices);
        (void)fprintf(file, "    '%s ') ", c->name);
        print_wanted(file, cli_wanted_as(c->operand), c->operand_choices);
    }
    (void)fprintf(file, "    '%s '*) _vkvae_words '", c->name);
    for (const struct cli_option *o = NULL; (o = cli_next_option(c, o)) != NULL;)
        (void)fprintf(file, "%s--%s", o == c->options ? "" : " ", o->name);
    (void)fputs("' ;;\n", file);
}

// A value that has to be joined by =.
static void print_joined(FILE *file, const struct cli_command *c) {
    for (const struct cli_option *o = c->options; o->name; o++)
        if (o->kind == CLI_ASIDE)
            (void)fprintf(file,
                          "    if [[ $joined && \"$command $prev\" == '%s --%s' ]]; then\n"
                          "        _vkvae_files\n        return\n    fi\n",
                          c->name, o->name);
}

static bool print_whole(FILE *file) {
    (void)fputs(head, file);
    (void)fputs("    if ((COMP_CWORD == 1)); then\n        _vkvae_words '", file);
    print_first_words(file);
    (void)fputs("--help --version'\n        return\n    fi\n", file);
    print_groups(file);
    for (const struct cli_command *const *c = cli_commands; *c; c++) print_joined(file, *c);
    (void)fputs("    case \"$command $prev\" in\n", file);
    for (const struct cli_command *const *c = cli_commands; *c; c++) print_values(file, *c);
    (void)fputs("    *)\n        case \"$command $cur\" in\n", file);
    for (const struct cli_command *const *c = cli_commands; *c; c++) print_rest(file, *c);
    (void)fputs("    *) _vkvae_nothing ;;\n        esac\n        ;;\n    esac\n}\n\n"
                "complete -o default -F _vkvae vkvae\n",
                file);
    return true;
}

const struct cli_format cli_bash = {.name = "bash", .whole = print_whole};
