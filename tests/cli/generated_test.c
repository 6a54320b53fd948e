// What scripts/generate.sh wrote is what the program prints, and is sound: manual pages, completions,
// docs/commands.md. A shell or formatter that is not here is skipped, and said so.
#define _XOPEN_SOURCE 700  // posix_openpt
#include "typed.h"

static struct program program;
static char file_text[TEXT_ROOM];

enum { MOST_COMMANDS = 32 };
static struct {
    char name[MOST_COMMANDS][64];
    int count;
} commands;

static const char *docs_of(const char *name) {
    static char path[PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s/%s", VKVAE_DOCS, name);
    return path;
}

// The names that the overview lists.
static void list_commands(void **state) {
    run_program(&program, *state, "help");
    commands.count = 0;
    const char *line = strstr(program.out, "\nCommands:\n");
    assert_non_null(line);
    for (line += strlen("\nCommands:\n"); *line == ' '; line += strcspn(line, "\n") + 1) {
        if (line[2] == ' ') continue;  // the rest of a summary
        const char *end = strstr(line + 2, "  ");
        assert_non_null(end);
        assert_in_range(commands.count, 0, MOST_COMMANDS - 1);
        (void)snprintf(commands.name[commands.count++], 64, "%.*s", (int)(end - line - 2), line + 2);
    }
    assert_in_range(commands.count, 4, MOST_COMMANDS);
}

static void assert_as_printed(void **state, const char *call, const char *name) {
    run_program(&program, *state, call);
    assert_int_equal(program.code, 0);
    assert_string_equal(program.err, "");
    if (access(docs_of(name), R_OK) != 0) fail_msg("docs/%s is missing: scripts/generate.sh", name);
    read_text(docs_of(name), file_text);
    if (strcmp(file_text, program.out) != 0)
        fail_msg("docs/%s is not what 'vkvae %s' prints: scripts/generate.sh", name, call);
}

static void page_of(const char *command, char name[96]) {
    (void)snprintf(name, 96, "man/vkvae-%s.1", command);
    for (char *c = name; *c; c++)
        if (*c == ' ') *c = '-';
}

static void files_are_what_the_program_prints(void **state) {
    assert_as_printed(state, "help --format markdown", "commands.md");
    assert_as_printed(state, "help --format bash", "completions/vkvae.bash");
    assert_as_printed(state, "help --format zsh", "completions/_vkvae");
    assert_as_printed(state, "help --format fish", "completions/vkvae.fish");
    assert_as_printed(state, "help --format man", "man/vkvae.1");
}

static void each_command_has_its_manual_page_and_no_page_is_left_over(void **state) {
    list_commands(state);
    for (int i = 0; i < commands.count; i++) {
        char call[128], name[96];
        (void)snprintf(call, sizeof call, "help %s --format man", commands.name[i]);
        page_of(commands.name[i], name);
        assert_as_printed(state, call, name);
    }
    assert_int_equal(entries_in(docs_of("man")), commands.count + 1);
    assert_int_equal(entries_in(docs_of("completions")), 3);
}

// What stands from `start` to `end`, both of which have to be there.
static const char *part_of(const char *text, const char *start, const char *end) {
    static char part[TEXT_ROOM];
    const char *from = strstr(text, start);
    if (!from) fail_msg("'%s' is not there", start);
    from += strlen(start);
    const char *to = strstr(from, end);
    if (!to) fail_msg("'%s' is not there behind '%s'", end, start);
    (void)snprintf(part, sizeof part, "%.*s", (int)(to - from), from);
    return part;
}

static void escape_dashes(const char *text, char *to) {
    for (; *text; *to++ = *text++)
        if (*text == '-') *to++ = '\\';
    *to = 0;
}

static int count(const char *text, const char *part) {
    int found = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part)) found++;
    return found;
}

// Whether an option, "--data-seed", is in a format's part on the command, "data shapes".
static bool is_in_markdown(const char *text, const char *command, const char *option) {
    char start[160], wanted[160];
    (void)snprintf(start, sizeof start, "\n## vkvae %s\n", command);
    (void)snprintf(wanted, sizeof wanted, "`%s", option);
    const char *found = strstr(part_of(text, start, "\n## "), wanted);
    while (found && !strchr(" `[", found[strlen(wanted)])) found = strstr(found + 1, wanted);
    return found != NULL;
}

static bool is_in_bash(const char *text, const char *command, const char *option) {
    static char words[TEXT_ROOM];
    char start[160], wanted[160];
    (void)snprintf(start, sizeof start, "\n    '%s '*) _vkvae_words '", command);
    (void)snprintf(wanted, sizeof wanted, " %s ", option);
    (void)snprintf(words, sizeof words, " %.*s ", TEXT_ROOM - 3, part_of(text, start, "' ;;\n"));
    return strstr(words, wanted) != NULL;
}

static bool is_in_zsh(const char *text, const char *command, const char *option) {
    char start[160];
    (void)snprintf(start, sizeof start, "\n_vkvae_%s() {\n", command);
    for (char *c = start; *c; c++)
        if (*c == ' ' && c[1] != '{') *c = '_';
    const char *found = strstr(part_of(text, start, "\n}\n"), option);
    while (found && !strchr("=[}", found[strlen(option)])) found = strstr(found + 1, option);
    return found != NULL;
}

static bool is_in_fish(const char *text, const char *command, const char *option) {
    char start[160], wanted[160];
    (void)snprintf(start, sizeof start, "\ncomplete -c vkvae -n '__vkvae_after %s'", command);
    (void)snprintf(wanted, sizeof wanted, " -l %s ", option + 2);
    for (const char *at = text; (at = strstr(at, start)) != NULL;) {
        at += strlen(start);
        if (strncmp(at, " -s ", 4) == 0) at += 5;  // and a letter
        if (strncmp(at, wanted, strlen(wanted)) == 0) return true;
    }
    return false;
}

static bool is_in_manual(const char *text, const char *option) {
    char escaped[160], wanted[176];
    escape_dashes(option, escaped);
    (void)snprintf(wanted, sizeof wanted, "\\fB%s\\fR", escaped);
    return strstr(part_of(text, "\n.SH OPTIONS\n", "\n.SH EXAMPLES\n"), wanted) != NULL;
}

static void assert_option(const char *command, const char *option) {
    static char texts[4][TEXT_ROOM];
    static const char *const files[] = {"commands.md", "completions/vkvae.bash", "completions/_vkvae",
                                        "completions/vkvae.fish"};
    char page[96];
    for (int i = 0; i < 4 && !*texts[i]; i++) read_text(docs_of(files[i]), texts[i]);
    page_of(command, page);
    read_text(docs_of(page), file_text);
    const bool in[] = {is_in_markdown(texts[0], command, option), is_in_bash(texts[1], command, option),
                       is_in_zsh(texts[2], command, option), is_in_fish(texts[3], command, option),
                       is_in_manual(file_text, option)};
    for (int i = 0; i < 5; i++)
        if (!in[i]) fail_msg("%s: no %s of %s", i < 4 ? files[i] : page, option, command);
}

static void each_option_is_in_every_format(void **state) {
    static char help[TEXT_ROOM];
    int options = 0;
    list_commands(state);
    for (int i = 0; i < commands.count; i++) {
        char call[128], option[64];
        (void)snprintf(call, sizeof call, "help %s", commands.name[i]);
        run_program(&program, *state, call);
        memcpy(help, program.out, sizeof help);
        for (const char *at = help; (at = strstr(at, "--")) != NULL; at += 2) {
            if (at < help + 7 || at[-7] != '\n') continue;  // not where an option is listed
            (void)snprintf(option, sizeof option, "%.*s", (int)strcspn(at, " \n["), at);
            assert_option(commands.name[i], option);
            options++;
        }
    }
    assert_in_range(options, 70, 1000);
}

static void options_that_a_run_settles_are_marked_in_every_format(void **state) {
    char start[128], name[96];
    int marks = 0;
    list_commands(state);
    read_text(docs_of("commands.md"), file_text);
    for (int i = 0; i < commands.count; i++) {
        static char page[TEXT_ROOM];
        (void)snprintf(start, sizeof start, "help %s", commands.name[i]);
        run_program(&program, *state, start);
        const int told = count(program.out, " *\n");
        page_of(commands.name[i], name);
        read_text(docs_of(name), page);
        assert_int_equal(count(page, " *\n"), told);
        (void)snprintf(start, sizeof start, "\n## vkvae %s\n", commands.name[i]);
        assert_int_equal(count(part_of(file_text, start, "\n## "), " \\* |\n"), told);
        marks += told;
    }
    assert_in_range(marks, 10, 200);
}

// Runs a line of shell with $docs as the folder; its output goes to `text`.
static int shell(void **state, const char *line, char text[TEXT_ROOM]) {
    char command[2 * PATH_ROOM + 4096];
    char out[PATH_ROOM];
    (void)snprintf(out, sizeof out, "%s", path_of(*state, "shell"));
    (void)snprintf(command, sizeof command, "docs='%s'; { %s\n} >'%s' 2>&1", VKVAE_DOCS, line, out);
    const int status = system(command);  // NOLINT: a line of our own
    read_text(out, text);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
}

static bool is_here(void **state, const char *name) {
    char line[128], text[TEXT_ROOM];
    (void)snprintf(line, sizeof line, "command -v %s", name);
    return shell(state, line, text) == 0;
}

static void need(void **state, const char *name) {
    if (is_here(state, name)) return;
    print_message("SKIPPED: no %s here\n", name);
    skip();
}

static void assert_shell(void **state, const char *line, const char *expected) {
    static char text[TEXT_ROOM];
    if (shell(state, line, text) != 0) fail_msg("%s: %s", line, text);
    if (expected && strcmp(text, expected) != 0)
        fail_msg("%s: '%s' instead of '%s'", line, text, expected);
}

static void bash_completes(void **state) {
    static const char *const calls[][2] = {
        {"vkvae trai", "train"},
        {"vkvae --v", "--version"},
        {"vkvae train --act", "--activation"},
        {"vkvae train --activation ta", "tanh"},
        {"vkvae train --activation = leaky", "leaky-relu"},
        {"vkvae train --kernels plain", "plain"},
        {"vkvae train --da", "--data --data-memory --data-seed"},
        {"vkvae train --batch ''", ""},
        {"vkvae sample run --col", "--columns"},
        {"vkvae sample --out ''", ""},  // left to the shell
        {"vkvae help dev", "devices"},
        {"vkvae help --format z", "zsh"},
        {"vkvae help data ''", "shapes info"},
        {"vkvae data ''", "shapes info"},
        {"vkvae data info fa", "fashion-mnist"},
        {"vkvae nonsense --x", ""},
    };
    need(state, "bash");
    assert_shell(state, "bash -n \"$docs/completions/vkvae.bash\"", "");
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        char line[1024], expected[128];
        (void)snprintf(line, sizeof line,
                       "bash -c '. \"$0/completions/vkvae.bash\"; COMP_WORDS=(\"$@\"); "
                       "COMP_CWORD=$(($# - 1)); _vkvae; echo \"${COMPREPLY[*]}\"' \"$docs\" %s",
                       calls[i][0]);
        (void)snprintf(expected, sizeof expected, "%s\n", calls[i][1]);
        assert_shell(state, line, expected);
    }
}

// A folder of the test's with a folder and a file in it.
static const char *make_place(void **state) {
    static char place[PATH_ROOM];
    (void)snprintf(place, sizeof place, "%s", path_of(*state, "place"));
    assert_int_equal(mkdir(place, 0777), 0);
    assert_int_equal(mkdir(path_of(*state, "place/afolder"), 0777), 0);
    FILE *file = fopen(path_of(*state, "place/file.npy"), "w");
    assert_non_null(file);
    (void)fclose(file);
    return place;
}

// Keys, and what comes of them.
struct completion {
    const char *keys, *shown;
};

static void bash_completes_on_a_terminal(void **state) {
    static const struct completion all[] = {
        {"vkvae trai\t", "vkvae train "},     {"vkvae train --out \t", "afolder/"},
        {"vkvae train --out=\t", "afolder/"}, {"vkvae sample run --each \t", "afolder/"},
        {"vkvae runs \t", "afolder/"},        {"vkvae data info \t\t", "fashion-mnist"},
        {"vkvae data info a\t", "afolder/"},  {"vkvae sample --from fi\t", "file.npy "},
        {"vkvae info fi\t", "file.npy "},     {"vkvae help data \t\t", "info    shapes"},
    };
    char line[PATH_ROOM + 64];
    static struct typed t;
    need(state, "bash");
    typed_start(
        &t, make_place(state),
        (char *[]){(char[]){"bash"}, (char[]){"--norc"}, (char[]){"--noprofile"}, (char[]){"-i"}, NULL});
    (void)snprintf(line, sizeof line, "PS1=; . '%s/completions/vkvae.bash'", VKVAE_DOCS);
    type_line(&t, line);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_completes(&t, all[i].keys, all[i].shown);
    typed_end(&t);
}

static void zsh_completes_on_a_terminal(void **state) {
    static const struct completion all[] = {
        {"vkvae \t", "-- draw a data set, or tell what one holds"},
        {"vkvae --\t", "--version  -- show the version"},
        {"vkvae data \t", "shapes  -- draw the built-in set into a folder"},
        {"vkvae help \t", "-- train a variational"},
        {"vkvae help data \t", "shapes  -- draw the built-in set into a folder"},
        {"vkvae train --activation \t", "softplus"},
        {"vkvae train --data \t", "fashion-mnist"},
        {"vkvae train --data a\t", "afolder/"},
        {"vkvae train --out \t", "afolder/"},
        {"vkvae sample --from fi\t", "file.npy"},
        {"vkvae sample \t", "file.npy"},
        {"vkvae data info \t", "fashion-mnist"},
        {"vkvae data info a\t", "afolder/"},
    };
    char line[2 * PATH_ROOM];
    static struct typed t;
    need(state, "zsh");
    assert_shell(state, "zsh -n \"$docs/completions/_vkvae\"", "");
    list_commands(state);
    typed_start(&t, make_place(state),
                (char *[]){(char[]){"zsh"}, (char[]){"-f"}, (char[]){"-i"}, NULL});
    (void)snprintf(line, sizeof line,
                   "PS1= LISTMAX=1000; fpath=('%s/completions' $fpath); autoload -U compinit; "
                   "compinit -u -D",
                   VKVAE_DOCS);
    type_line(&t, line);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_completes(&t, all[i].keys, all[i].shown);
    for (int i = 0; i < commands.count; i++) {  // each goes to the function that knows its options
        (void)snprintf(line, sizeof line, "vkvae %s --\t", commands.name[i]);
        assert_completes(&t, line, "-- show this help");
    }
    typed_end(&t);
}

static void fish_completes(void **state) {
    static const char *const calls[][2] = {
        {"vkvae trai", "train\ttrain a variational autoencoder\n"},
        {"vkvae train --activa", "--activation\tfunction behind each hidden layer\n"},
        {"vkvae train --activation ta", "tanh\tfunction behind each hidden layer\n"},
        {"vkvae train --batch ", ""},
        {"vkvae help dev", "devices\n"},
        {"vkvae da", "data\tdraw a data set, or tell what one holds\n"},
        {"vkvae data ", "info\ttell what a set holds, with a picture of its first images\n"
                        "shapes\tdraw the built-in set into a folder, as IDX files\n"},
        {"vkvae help data ", "info\nshapes\n"},
        {"vkvae train --out ", "afolder/\tDirectory\n"},
        {"vkvae runs ", "afolder/\tDirectory\n"},
        {"vkvae data info a", "afolder/\tDirectory\n"},
        {"vkvae data info fa", "fashion-mnist\n"},
        {"vkvae sample --from fi", "file.npy\n"},
    };
    need(state, "fish");
    const char *place = make_place(state);
    assert_shell(state, "fish --no-execute \"$docs/completions/vkvae.fish\"", "");
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        char line[3 * PATH_ROOM];
        (void)snprintf(line, sizeof line,
                       "cd '%s' && HOME=/nonexistent LC_ALL=C fish --no-config -c \"source "
                       "'$docs/completions/vkvae.fish'; "
                       "complete -C '%s'\"",
                       place, calls[i][0]);
        assert_shell(state, line, calls[i][1]);
    }
}

static void manual_pages_are_sound(void **state) {
    need(state, "groff");
    assert_shell(state, "for f in \"$docs\"/man/*.1; do groff -ww -man -Tutf8 $f >/dev/null; done", "");
}

static void manual_pages_are_sound_to_mandoc(void **state) {
    need(state, "mandoc");
    // They have no date, so that the same source makes the same bytes.
    assert_shell(state,
                 "for f in \"$docs\"/man/*.1; do mandoc -Tlint -Wwarning $f; done | "
                 "grep -v 'missing date' || true",
                 "");
}

int main(void) {
    program.path = program_path("VKVAE", VKVAE_PROGRAM);
    const struct CMUnitTest tests[] = {
        TEST(files_are_what_the_program_prints),
        TEST(each_command_has_its_manual_page_and_no_page_is_left_over),
        TEST(each_option_is_in_every_format),
        TEST(options_that_a_run_settles_are_marked_in_every_format),
        TEST(bash_completes),
        TEST(bash_completes_on_a_terminal),
        TEST(zsh_completes_on_a_terminal),
        TEST(fish_completes),
        TEST(manual_pages_are_sound),
        TEST(manual_pages_are_sound_to_mandoc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
