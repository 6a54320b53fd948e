// The program from outside: help and every kind of usage error. VKVAE names the program; else
// it is the one that was built (VKVAE_PROGRAM).
#include "program.h"
#include "usage_errors.h"

#include <ctype.h>

static struct program program;

// What each command takes, as README.md and the issue say it; help must agree in both directions.
// Of the commands that use a trained model on pictures.
#define USE                                                                                             \
    "--data --part --size --channels --fit --crop --background --strict --layout --normalize --range "  \
    "--tokens --length --vocabulary --labels --test-data --test-labels --split --limit --classes "      \
    "--threads "                                                                                        \
    "--images --test-images --data-seed "

static const struct {
    const char *command, *options;
} interfaces[] = {
    {"train",
     "--data --out --force --resume --epochs --save-every --config "
     "--size --channels --fit --crop --background --strict --layout --normalize --range --tokens "
     "--length --vocabulary --labels "
     "--test-data --test-labels --split --limit --classes --threads --data-memory --images "
     "--test-images "
     "--data-seed --model --hidden "
     "--channels-list --upsample --norm --blocks --activation --dropout --likelihood --sigma --binarize "
     "--latent --batch "
     "--augment --lr "
     "--objective --samples --beta --kl-warmup --kl-cycle --free-bits --capacity --capacity-steps "
     "--capacity-gamma "
     "--optimiser --momentum --weight-decay --lr-schedule --lr-warmup --lr-step --lr-gamma --lr-floor "
     "--schedule-epochs --clip --ema --accumulate --patience --keep-best --on-nan "
     "--seed --precision --device --kernels --limits --validate --device-timeout --retries --autotune "
     "--json --quiet --print-tape "
     "--profile --report --tensorboard "
     "--help "},
    {"sample",
     "--count --seed --temperature --from --out --draw --each --columns --scale --stats --config --json "
     "--quiet --device --kernels --limits --validate --device-timeout --help "},
    {"encode", "--out --sample --seed " USE
               "--json --quiet --device --kernels --limits --validate --device-timeout --help "},
    {"evaluate", "--mean --export-noise --nll --nll-images --nll-samples --frechet --frechet-features "
                 "--disentanglement --votes --seed " USE
                 "--json --quiet --device --kernels --limits --validate --device-timeout --help "},
    {"export", "--format --part --out --json --quiet --help "},
    {"import",
     "--data --out --force --epochs --config "
     "--size --channels --fit --crop --background --strict --layout --normalize --range --tokens "
     "--length --vocabulary --labels "
     "--test-data --test-labels --split --limit --classes --threads --images --test-images "
     "--data-seed --model --hidden "
     "--channels-list --upsample --norm --blocks --activation --dropout --likelihood --sigma --binarize "
     "--latent --batch "
     "--augment --lr "
     "--objective --samples --beta --kl-warmup --kl-cycle --free-bits --capacity --capacity-steps "
     "--capacity-gamma "
     "--optimiser --momentum --weight-decay --lr-schedule --lr-warmup --lr-step --lr-gamma --lr-floor "
     "--schedule-epochs --clip --ema --accumulate --patience --keep-best --on-nan "
     "--seed --precision --device --kernels --limits --validate --device-timeout --json --quiet "
     "--help "},
    {"score",
     "--by --draws --seed --quantile --threshold-images --threshold --normal-class --out --heat --worst "
     "--roc " USE "--json --quiet --device --kernels --limits --validate --device-timeout --help "},
    {"project", "--out --csv " USE
                "--json --quiet --device --kernels --limits --validate --device-timeout --help "},
    {"decode",
     "--array --out --draw --each --columns --scale --json --quiet --device --kernels --limits "
     "--validate --device-timeout --help "},
    {"reconstruct", "--count --mean --seed --out --scale --columns " USE
                    "--json --quiet --device --kernels --limits --validate --device-timeout --help "},
    {"interpolate", "--from --to --steps --how --out --scale " USE
                    "--json --quiet --device --kernels --limits --validate --device-timeout --help "},
    {"traverse", "--rows --steps --from --quantiles --out --scale " USE
                 "--json --quiet --device --kernels --limits --validate --device-timeout --help "},
    {"manifold", "--out --scale --steps --json --quiet --device --kernels --limits --validate "
                 "--device-timeout --help "},
    {"augment", "--count --temperature --seed --out " USE
                "--json --quiet --device --kernels --limits --validate --device-timeout --help "},
    {"runs", "--json --quiet --help "},
    {"info", "--json --quiet --help "},
    {"report", "--out --epochs --explore --json --quiet --device --kernels --limits --validate "
               "--device-timeout --help "},
    {"compare", "--out --json --quiet --help "},
    {"data shapes",
     "--out --force --images --test-images --data-seed --size --channels --json --quiet --help "},
    {"data info",
     "--out --count "
     "--size --channels --fit --crop --background --strict --layout --normalize --range --tokens "
     "--length --vocabulary --labels "
     "--test-data --test-labels --split --limit --classes --threads --images --test-images --data-seed "
     "--json --quiet --help "},
    {"devices", "--device --json --quiet --help "},
    {"autotune",
     "--data --force "
     "--size --channels --fit --crop --background --strict --layout --normalize --range --tokens "
     "--length --vocabulary --labels "
     "--test-data --test-labels --split --limit --classes --threads --data-memory --images "
     "--test-images "
     "--data-seed --model --hidden "
     "--channels-list --upsample --norm --blocks --activation --dropout --likelihood --sigma --binarize "
     "--latent --batch "
     "--augment "
     "--objective --samples "
     "--device --limits --validate --device-timeout --json --quiet --help "},
    {"help", "--format --help "},
};
enum { INTERFACES = sizeof interfaces / sizeof *interfaces };

// Says what is in `text` where an option is listed: writes its name with the dashes. False at the end.
static bool next_option(const char **text, char name[64]) {
    while (**text) {
        const char *line = *text;
        *text += strcspn(line, "\n");
        if (**text) ++*text;
        // "      --data ..." or "  -n, --count ...": not the example lines, not wrapped text.
        if (strncmp(line, "      --", 8) != 0 &&
            !(strncmp(line, "  -", 3) == 0 && strncmp(line + 4, ", --", 4) == 0))
            continue;
        const char *start = line + 6;
        (void)snprintf(name, 64, "%.*s", (int)strcspn(start, " \n["), start);
        return true;
    }
    return false;
}

static void help_lists_exactly_the_options_there_are(void **state) {
    char call[64], name[64], spaced[66];
    for (size_t i = 0; i < INTERFACES; i++) {
        (void)snprintf(call, sizeof call, "help %s", interfaces[i].command);
        run_program(&program, *state, call);
        assert_int_equal(program.code, 0);
        assert_string_equal(program.err, "");
        size_t listed = 0;
        const char *rest = program.out;
        while (next_option(&rest, name)) {
            (void)snprintf(spaced, sizeof spaced, "%s ", name);
            assert_has(interfaces[i].options, spaced);
            listed += strlen(spaced);
        }
        assert_int_equal(listed, strlen(interfaces[i].options));  // none missing, none twice
    }
}

// An empty value is wrong for every option there is, each in its own way, and tells whether the parser
// knows it.
static void each_option_in_help_is_known_to_the_parser(void **state) {
    char call[128], name[64], help[TEXT_ROOM], start[128];
    for (size_t i = 0; i < INTERFACES; i++) {
        (void)snprintf(call, sizeof call, "help %s", interfaces[i].command);
        run_program(&program, *state, call);
        memcpy(help, program.out, sizeof help);
        const char *rest = help;
        while (next_option(&rest, name)) {
            (void)snprintf(call, sizeof call, "%s %s=", interfaces[i].command, name);
            (void)snprintf(start, sizeof start, "vkvae %s: %s ", interfaces[i].command, name);
            run_program(&program, *state, call);
            assert_int_equal(program.code, 2);
            assert_memory_equal(program.err, start, strlen(start));
        }
    }
}

// Joined by = or not at all: the next word is not taken.
static void profile_takes_a_file_or_none(void **state) {
    static const char *const wrong[][2] = {
        {"train --profile trace.json", "unexpected 'trace.json'"},
        {"train --profile=", "--profile is empty; give it a value"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        run_program(&program, *state, wrong[i][0]);
        assert_int_equal(program.code, 2);
        assert_has(program.err, wrong[i][1]);
    }
}

static void help_has_lines_that_fit(void **state) {
    static const char *const calls[] = {"help", "help train", "help sample", "help devices",
                                        "help help"};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        run_program(&program, *state, calls[i]);
        for (const char *line = program.out; *line; line += strcspn(line, "\n") + 1) {
            size_t length = strcspn(line, "\n");
            if (length > 80) fail_msg("%s: too long: %.*s", calls[i], (int)length, line);
        }
        assert_has_not(program.out, " \n");
    }
}

static void help_is_the_same_however_asked(void **state) {
    static const char *const ways[][3] = {
        {"help train", "train --help", "--help train"},
        {"help sample", "sample -h", "sample run --seed 3 --help --nonsense"},
        {"help devices", "devices --help", "help -- devices"},
        {"help", "--help", "-h"},
    };
    static char first[TEXT_ROOM];
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (size_t k = 0; k < 3; k++) {
            run_program(&program, *state, ways[i][k]);
            assert_int_equal(program.code, 0);
            assert_string_equal(program.err, "");
            if (k == 0) memcpy(first, program.out, sizeof first);
            assert_string_equal(program.out, first);
        }
}

static void overview_tells_commands_codes_and_variables(void **state) {
    static const char *const parts[] = {"\n  train ",
                                        "\n  sample ",
                                        "\n  devices ",
                                        "\n  help ",
                                        "--version",
                                        "\n  0 ",
                                        "\n  1 ",
                                        "\n  2 ",
                                        "\n  3 ",
                                        "\n  4 ",
                                        "\n  129, 130, 141, 143 ",
                                        "VKVAE_DEVICE",
                                        "VKVAE_DATA",
                                        "VKVAE_CACHE",
                                        "NO_COLOR",
                                        "vkvae sample runs/first -n 64 --seed 7 -o grid.png"};
    run_program(&program, *state, "help");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) assert_has(program.out, parts[i]);
}

static void help_shows_the_textbook_defaults(void **state) {
    static const char *const parts[] = {"(default 400)", "(default 20)",     "(default 128)",
                                        "(default 10)",  "(default 42)",     "(default 0.001)",
                                        "(default mlp)", "(default shapes)", "(default relu for mlp, "};
    run_program(&program, *state, "help train --format markdown");  // which does not break lines
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) assert_has(program.out, parts[i]);
    run_program(&program, *state, "help sample --format markdown");
    assert_has(program.out, "(default 64)");
    assert_has(program.out, "(default samples.png; text is printed)");
}

static void no_command_is_a_usage_error_with_an_overview(void **state) {
    run_program(&program, *state, "");
    assert_int_equal(program.code, 2);
    assert_string_equal(program.out, "");
    assert_has(program.err, "Usage: vkvae COMMAND");
    assert_has(program.err, "'vkvae help'");
}

static void version_is_one_line(void **state) {
    run_program(&program, *state, "--version");
    assert_int_equal(program.code, 0);
    assert_string_equal(program.err, "");
    assert_int_equal(count_lines(program.out), 1);
    assert_memory_equal(program.out, "vkvae ", 6);
    assert_true(isdigit((unsigned char)program.out[6]));
}

static void usage_errors_are_one_line_with_exit_code_2(void **state) {
    for (size_t i = 0; i < sizeof usage_errors / sizeof *usage_errors; i++) {
        run_program(&program, *state, usage_errors[i].arguments);
        if (program.code != 2) fail_msg("%s: exit code %d", usage_errors[i].arguments, program.code);
        assert_string_equal(program.out, "");
        assert_int_equal(count_lines(program.err), 1);
        assert_has(program.err, usage_errors[i].message);
        assert_has(program.err, "(see vkvae help");
    }
}

// Where there are any: they are not made up here.
static void commands_of_two_words_are_found_and_suggested(void **state) {
    static const struct {
        const char *arguments, *message;
    } wrong[] = {{"data", "vkvae: data needs a second word: shapes or info (see vkvae help)"},
                 {"data inof", "vkvae: no command 'data inof'; did you mean data info?"},
                 {"dat info", "vkvae: no command 'dat info'; did you mean data info?"},
                 {"daat", "vkvae: no command 'daat'; did you mean data?"},
                 {"help data shaps", "no command 'data shaps'; did you mean data shapes?"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        run_program(&program, *state, wrong[i].arguments);
        assert_int_equal(program.code, 2);
        assert_has(program.err, wrong[i].message);
        assert_int_equal(count_lines(program.err), 1);
    }
    static const char *const groups[] = {"help data", "data --help", "data -h"};
    for (size_t i = 0; i < 3; i++) {
        run_program(&program, *state, groups[i]);
        assert_int_equal(program.code, 0);
        assert_has(program.out, "vkvae data shapes ");
        assert_has(program.out, "vkvae data info ");
    }
    run_program(&program, *state, "help data info");
    assert_has(program.out, "\nUsage: vkvae data info ");
}

static void control_characters_and_endless_values_leave_one_line(void **state) {
    char call[900] = "train --batch 1\n\033[31m";
    run_program(&program, *state, call);
    assert_int_equal(count_lines(program.err), 1);
    assert_has(program.err, "--batch 1??[31m: expected");
    (void)memset(call + strlen("train --batch "), '9', 800);
    run_program(&program, *state, call);
    assert_int_equal(program.code, 2);
    assert_has(program.err, "999...: expected a whole number");
    assert_in_range(strlen(program.err), 1, 200);
    (void)memset(call + strlen("train --"), 'x', 800);
    run_program(&program, *state, call);
    assert_int_equal(program.code, 2);
    assert_has(program.err, "unknown option --xxx");
    assert_in_range(strlen(program.err), 1, 200);
}

static void full_disk_behind_standard_output_is_noticed(void **state) {
    static const char *const calls[] = {"--version", "help", "help train"};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        run_program_into(&program, *state, calls[i], open("/dev/full", O_WRONLY));
        assert_int_equal(program.code, 1);
        assert_has(program.err, "vkvae: cannot write to standard output (");
        assert_int_equal(count_lines(program.err), 1);
    }
}

static void closed_pipe_is_exit_code_1_without_a_word(void **state) {
    run_program_into(&program, *state, "help train", dead_pipe());
    assert_int_equal(program.code, 1);
    assert_string_equal(program.err, "");
}

static void usage_error_stays_one_whatever_standard_output_is(void **state) {
    run_program_into(&program, *state, "train --batch 0", open("/dev/full", O_WRONLY));
    assert_int_equal(program.code, 2);
    assert_int_equal(count_lines(program.err), 1);
}

int main(void) {
    program.path = program_path("VKVAE", VKVAE_PROGRAM);
    const struct CMUnitTest tests[] = {
        TEST(help_lists_exactly_the_options_there_are),
        TEST(each_option_in_help_is_known_to_the_parser),
        TEST(profile_takes_a_file_or_none),
        TEST(help_has_lines_that_fit),
        TEST(help_is_the_same_however_asked),
        TEST(overview_tells_commands_codes_and_variables),
        TEST(help_shows_the_textbook_defaults),
        TEST(no_command_is_a_usage_error_with_an_overview),
        TEST(version_is_one_line),
        TEST(usage_errors_are_one_line_with_exit_code_2),
        TEST(commands_of_two_words_are_found_and_suggested),
        TEST(control_characters_and_endless_values_leave_one_line),
        TEST(full_disk_behind_standard_output_is_noticed),
        TEST(closed_pipe_is_exit_code_1_without_a_word),
        TEST(usage_error_stays_one_whatever_standard_output_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
