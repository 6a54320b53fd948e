// Manual pages, in the man(7) macros that groff and mandoc both know. No date: the same source gives
// the same bytes.
#include "find.h"
#include "help_parts.h"

#include <ctype.h>
#include <string.h>

// A line that starts with a dot or a quote would be a request.
static void print_text(FILE *file, const char *text) {
    static const char special[] = "\\-'\"^~`";
    static const char *const by[] = {"\\e", "\\-", "\\(aq", "\\(dq", "\\(ha", "\\(ti", "\\(ga"};
    if (*text == '.') (void)fputs("\\&", file);
    cli_print_escaped(file, text, special, by);
}

// vkvae-data-shapes
static void print_page_name(FILE *file, const struct cli_command *command, bool capitals) {
    char name[64];
    (void)snprintf(name, sizeof name, "vkvae%s%s", command ? "-" : "", command ? command->name : "");
    for (char *c = name; *c; c++) {
        if (*c == ' ') *c = '-';
        if (capitals) *c = (char)toupper((unsigned char)*c);
    }
    print_text(file, name);
}

static void print_head(FILE *file, const struct cli_command *command, const char *summary) {
    (void)fprintf(file, ".\\\" Made by: vkvae help%s%s \\-\\-format man\n.TH ", command ? " " : "",
                  command ? command->name : "");
    print_page_name(file, command, true);
    (void)fprintf(file, " 1 \"\" \"vkvae %s\" \"User Commands\"\n.SH NAME\n", vkvae_version());
    print_page_name(file, command, false);
    (void)fputs(" \\- ", file);
    print_text(file, summary);
    (void)fputs("\n.SH SYNOPSIS\n", file);
}

// A tag and what it means.
static void print_entry(FILE *file, const char *tag, const char *text) {
    (void)fputs(".TP\n.B ", file);
    print_text(file, tag);
    (void)fputc('\n', file);
    print_text(file, text);
    (void)fputc('\n', file);
}

static void print_option(FILE *file, const struct cli_option *o, const void *values) {
    char text[1024];
    (void)fputs(".TP\n", file);
    if (o->letter) (void)fprintf(file, "\\fB\\-%c\\fR, ", o->letter);
    (void)fputs("\\fB\\-\\-", file);
    print_text(file, o->name);
    (void)fputs("\\fR", file);
    if (o->value) {
        const bool aside = o->kind == CLI_ASIDE;
        (void)fputs(aside ? "[=\\fI" : " \\fI", file);
        print_text(file, o->value);
        (void)fputs(aside ? "\\fR]" : "\\fR", file);
    }
    (void)fputc('\n', file);
    cli_describe(o, values, text, sizeof text);
    print_text(file, text);
    (void)fputs(o->fixed_by_run ? " *\n" : "\n", file);
}

static void print_paragraphs(FILE *file, const char *text) {
    while (*text) {
        char line[256];
        const size_t length = strcspn(text, "\n");
        (void)snprintf(line, sizeof line, "%.*s", (int)length, text);
        if (length)
            print_text(file, line);
        else
            (void)fputs(".PP", file);
        (void)fputc('\n', file);
        text += length + (text[length] != 0);
    }
}

static void print_examples(FILE *file, const char *const *examples) {
    (void)fputs(".EX\n", file);
    for (; *examples; examples++) {
        print_text(file, *examples);
        (void)fputc('\n', file);
    }
    (void)fputs(".EE\n", file);
}

static void print_command(FILE *file, const struct cli_command *c, const void *values) {
    char usage[256];
    print_head(file, c, c->summary);
    cli_usage_of(c, usage, sizeof usage);
    (void)fputs("\\fBvkvae\\fR ", file);
    print_text(file, usage);
    (void)fputs("\n.SH OPTIONS\n", file);
    if (c->operand) print_entry(file, c->operand, c->operand_help);
    if (c->second) print_entry(file, c->second, c->second_help);
    for (const struct cli_option *o = NULL; (o = cli_next_option(c, o)) != NULL;) {
        if (o->group) (void)fprintf(file, ".SS %s\n", o->group);
        print_option(file, o, values);
    }
    if (cli_has_settled(c)) {
        (void)fputs(".PP\n* ", file);
        print_text(file, cli_settled_note);
        (void)fputc('\n', file);
    }
    if (c->details) {
        (void)fputs(".SH DESCRIPTION\n", file);
        print_paragraphs(file, c->details);
    }
    (void)fputs(".SH EXAMPLES\n", file);
    print_examples(file, c->examples);
    (void)fputs(".SH SEE ALSO\n.BR vkvae (1)\n", file);
}

static bool print_whole(FILE *file) {
    print_head(file, NULL, "variational autoencoders on any Vulkan GPU");
    (void)fputs("\\fBvkvae\\fR COMMAND [options]\n.br\n\\fBvkvae\\fR \\-\\-version\n.SH COMMANDS\n",
                file);
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        print_entry(file, (*c)->name, (*c)->summary);
    (void)fputs(".SH CONFIGURATION\n", file);
    print_paragraphs(file, cli_about_config);
    (void)fputs(".SH ENVIRONMENT\n", file);
    for (const struct cli_fact *f = cli_variables; f->name; f++) print_entry(file, f->name, f->text);
    (void)fputs(".SH EXIT STATUS\n", file);
    for (const struct cli_fact *f = cli_exit_codes; f->name; f++) print_entry(file, f->name, f->text);
    (void)fputs(".SH EXAMPLES\n", file);
    print_examples(file, cli_first_steps);
    (void)fputs(".SH SEE ALSO\n", file);
    for (const struct cli_command *const *c = cli_commands; *c; c++) {
        (void)fputs(".BR ", file);
        print_page_name(file, *c, false);
        (void)fputs(c[1] ? " (1),\n" : " (1)\n", file);
    }
    return true;
}

const struct cli_format cli_man = {.name = "man", .whole = print_whole, .command = print_command};
