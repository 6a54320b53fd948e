// What scripts/generate.sh wrote is what the program prints, and is sound: manual pages, completions,
// docs/commands.md. A shell or formatter that is not here is skipped, and said so.
#include "program.h"

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

static void each_option_is_in_every_format(void **state) {
    static char help[TEXT_ROOM], texts[4][TEXT_ROOM];
    static const char *const files[] = {"commands.md", "completions/vkvae.bash", "completions/_vkvae",
                                        "completions/vkvae.fish"};
    for (int i = 0; i < 4; i++) read_text(docs_of(files[i]), texts[i]);
    list_commands(state);
    for (int i = 0; i < commands.count; i++) {
        char call[128], line[256];
        (void)snprintf(call, sizeof call, "help %s", commands.name[i]);
        run_program(&program, *state, call);
        memcpy(help, program.out, sizeof help);
        (void)snprintf(line, sizeof line, "\n## vkvae %s\n", commands.name[i]);
        assert_has(texts[0], line);
        for (const char *at = help; (at = strstr(at, "--")) != NULL; at += 2) {
            if (at < help + 7 || at[-7] != '\n') continue;  // not where an option is listed
            const int length = (int)strcspn(at, " \n");
            (void)snprintf(line, sizeof line, "`%.*s", length, at);
            assert_has(texts[0], line);
            (void)snprintf(line, sizeof line, "%.*s", length, at);
            assert_has(texts[1], line);
            assert_has(texts[2], line);
            (void)snprintf(line, sizeof line, "'__vkvae_after %s'", commands.name[i]);
            assert_has(texts[3], line);
            (void)snprintf(line, sizeof line, " -l %.*s ", length - 2, at + 2);
            assert_has(texts[3], line);
        }
    }
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
        {"vkvae tra", "train"},
        {"vkvae --v", "--version"},
        {"vkvae train --act", "--activation"},
        {"vkvae train --activation ta", "tanh"},
        {"vkvae train --activation = leaky", "leaky-relu"},
        {"vkvae train --kernels plain", "plain"},
        {"vkvae train --da", "--data --data-seed"},
        {"vkvae train --batch ''", ""},
        {"vkvae sample run --col", "--columns"},
        {"vkvae sample --out ''", ""},  // left to the shell
        {"vkvae help dev", "devices"},
        {"vkvae help --format z", "zsh"},
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

static void zsh_reads_its_completion(void **state) {
    need(state, "zsh");
    assert_shell(state, "zsh -n \"$docs/completions/_vkvae\"", "");
}

static void fish_completes(void **state) {
    static const char *const calls[][2] = {
        {"vkvae tra", "train\ttrain a variational autoencoder\n"},
        {"vkvae train --activa", "--activation\tfunction behind each hidden layer\n"},
        {"vkvae train --activation ta", "tanh\tfunction behind each hidden layer\n"},
        {"vkvae train --batch ", ""},
        {"vkvae help dev", "devices\n"},
    };
    need(state, "fish");
    assert_shell(state, "fish --no-execute \"$docs/completions/vkvae.fish\"", "");
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        char line[512];
        (void)snprintf(line, sizeof line,
                       "HOME=/nonexistent fish --no-config -c \"source '$docs/completions/vkvae.fish'; "
                       "complete -C '%s'\"",
                       calls[i][0]);
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
        TEST(bash_completes),
        TEST(zsh_reads_its_completion),
        TEST(fish_completes),
        TEST(manual_pages_are_sound),
        TEST(manual_pages_are_sound_to_mandoc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
