// All commands on one page (docs/commands.md).
#include "help_parts.h"

static void print_text(FILE *file, const char *text) {
    static const char special[] = "<*|\\";
    static const char *const by[] = {"\\<", "\\*", "\\|", "\\\\"};
    cli_print_escaped(file, text, special, by);
}

// Inside `code`, where only the bar of a table needs care.
static void print_code(FILE *file, const char *text) {
    static const char *const by[] = {"\\|"};
    cli_print_escaped(file, text, "|", by);
}

static void print_option(FILE *file, const struct cli_option *o, const void *values) {
    char text[1024], value[64];
    (void)fputs("| ", file);
    if (o->letter) (void)fprintf(file, "`-%c`, ", o->letter);
    (void)fprintf(file, "`--%s", o->name);
    cli_value_shown(o, value, sizeof value);
    print_code(file, value);
    (void)fputs("` | ", file);
    cli_describe(o, values, text, sizeof text);
    print_text(file, text);
    (void)fputs(o->fixed_by_run ? " \\* |\n" : " |\n", file);
}

static void print_shell(FILE *file, const char *const *lines) {
    (void)fputs("```sh\n", file);
    for (; *lines; lines++) (void)fprintf(file, "%s\n", *lines);
    (void)fputs("```\n", file);
}

static void print_command(FILE *file, const struct cli_command *c, const void *values) {
    char usage[256];
    cli_usage_of(c, usage, sizeof usage);
    (void)fprintf(file, "## vkvae %s\n\n", c->name);
    print_text(file, c->summary);
    (void)fprintf(file, ".\n\n    vkvae %s\n\n", usage);
    if (c->operand) {
        (void)fprintf(file, "`%s`: ", c->operand);
        print_text(file, c->operand_help);
        (void)fputs(".\n\n", file);
    }
    if (c->second) {
        (void)fprintf(file, "`%s`: ", c->second);
        print_text(file, c->second_help);
        (void)fputs(".\n\n", file);
    }
    (void)fputs("| option | what it says |\n| --- | --- |\n", file);
    for (const struct cli_option *o = NULL; (o = cli_next_option(c, o)) != NULL;) {
        if (o->group) (void)fprintf(file, "| **%s** | |\n", o->group);
        print_option(file, o, values);
    }
    if (cli_has_settled(c)) (void)fprintf(file, "\n\\* %s\n", cli_settled_note);
    if (c->details) {
        (void)fputc('\n', file);
        print_text(file, c->details);
    }
    (void)fputc('\n', file);
    print_shell(file, c->examples);
}

static void print_facts(FILE *file, const char *heading, const char *column,
                        const struct cli_fact *facts) {
    (void)fprintf(file, "\n## %s\n\n| %s | what it means |\n| --- | --- |\n", heading, column);
    for (; facts->name; facts++) {
        (void)fprintf(file, "| `%s` | ", facts->name);
        print_text(file, facts->text);
        (void)fputs(" |\n", file);
    }
}

static bool print_whole(FILE *file) {
    (void)fputs("<!-- Made by scripts/generate.sh, with 'vkvae help --format markdown'. -->\n\n"
                "# Commands\n\n",
                file);
    print_shell(file, cli_first_steps);
    (void)fputc('\n', file);
    for (const struct cli_command *const *c = cli_commands; *c; c++) {
        if (!cli_with_defaults(file, *c, print_command)) return false;
        (void)fputc('\n', file);
    }
    (void)fputs("## Configuration\n\n", file);
    print_text(file, cli_about_config);
    print_facts(file, "Environment", "variable", cli_variables);
    print_facts(file, "Exit codes", "code", cli_exit_codes);
    return true;
}

const struct cli_format cli_markdown = {
    .name = "markdown", .whole = print_whole, .command = print_command};
