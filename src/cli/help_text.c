// The help as a terminal shows it.
#include "colour.h"
#include "help.h"
#include "help_parts.h"
#include "output.h"

#include <string.h>

enum { WIDTH = 80, HELP_COLUMN = 26 };

static void print_heading(FILE *file, const char *text) {
    (void)fprintf(file, "\n%s%s:%s\n", cli_colour(file, CLI_BOLD), text, cli_colour(file, CLI_PLAIN));
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
    char left[128], text[1024], right[1040], value[64];
    const char *before = option->letter ? ", " : "    ";  // in line with "-n, "
    const char letter[3] = {option->letter ? '-' : 0, option->letter, 0};
    cli_value_shown(option, value, sizeof value);
    (void)snprintf(left, sizeof left, "%s%s--%s%s", letter, before, option->name, value);
    cli_describe(option, values, text, sizeof text);
    (void)snprintf(right, sizeof right, "%s%s", text, option->fixed_by_run ? " *" : "");
    print_entry(file, left, right);
}

static void print_command(FILE *file, const struct cli_command *c, const void *values) {
    char usage[256];
    cli_usage_of(c, usage, sizeof usage);
    (void)fprintf(file, "%svkvae %s:%s %s\n", cli_colour(file, CLI_BOLD), c->name,
                  cli_colour(file, CLI_PLAIN), c->summary);
    (void)fprintf(file, "\nUsage: vkvae %s\n", usage);
    if (c->operand) {
        (void)fputc('\n', file);
        print_entry(file, c->operand, c->operand_help);
    }
    if (c->second) print_entry(file, c->second, c->second_help);
    for (const struct cli_option *o = NULL; (o = cli_next_option(c, o)) != NULL;) {
        if (o->group || o == c->options) print_heading(file, o->group ? o->group : "Options");
        print_option(file, o, values);
        cli_flush();  // while the reason is known, should it fail
    }
    if (cli_has_settled(c)) (void)fprintf(file, "\n* %s\n", cli_settled_note);
    if (c->details) (void)fprintf(file, "\n%s", c->details);
    print_heading(file, "Examples");
    for (const char *const *example = c->examples; *example; example++)
        (void)fprintf(file, "  %s\n", *example);
}

static void print_facts(FILE *file, const char *heading, const struct cli_fact *facts) {
    print_heading(file, heading);
    for (; facts->name; facts++) print_entry(file, facts->name, facts->text);
}

void cli_print_overview(FILE *file, bool brief) {
    (void)fprintf(file, "vkvae %s: variational autoencoders on any Vulkan GPU\n\n", vkvae_version());
    (void)fputs("Usage: vkvae COMMAND [options]\n       vkvae --version\n", file);
    print_heading(file, "Commands");
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        print_entry(file, (*c)->name, (*c)->summary);
    if (brief) {
        (void)fputs("\n'vkvae help' tells more.\n", file);
        return;
    }
    print_heading(file, "First steps");
    for (const char *const *step = cli_first_steps; *step; step++) (void)fprintf(file, "  %s\n", *step);
    print_heading(file, "Configuration");
    (void)fputs(cli_about_config, file);
    print_facts(file, "Environment", cli_variables);
    print_facts(file, "Exit codes", cli_exit_codes);
    (void)fputs("\n'vkvae help COMMAND' shows a command's options.\n", file);
}

static bool print_whole(FILE *file) {
    cli_print_overview(file, false);
    return true;
}

const struct cli_format cli_text = {.name = "text", .whole = print_whole, .command = print_command};
