// What the command line prints of results that no small run has: each wording, and numbers at their
// edges.
#include "autotune_text.h"
#include "data.h"
#include "evaluate_text.h"
#include "output.h"
#include "printed.h"
#include "progress.h"
#include "progress_text.h"
#include "run_text.h"
#include "text.h"
#include "value.h"

#include <inttypes.h>
#include <math.h>

// ---- Numbers ----

static void durations_and_counts_have_their_words(void **state) {
    static const struct {
        double number;
        const char *duration, *count;
    } cases[] = {{0, "0:00", "0"},
                 {0.2, "0:01", "0"},
                 {59.5, "1:00", "60"},
                 {3599, "59:59", "3.6k"},
                 {3600, "1:00:00", "3.6k"},
                 {99960, "27:46:00", "100k"},
                 {999499, "277:38:19", "999k"},
                 {2e6, "555:33:20", "2.0M"},
                 {3.6e8, "?", "360.0M"},
                 {2e15, "?", "?"},
                 {-1, "?", "?"},
                 {NAN, "?", "?"},
                 {INFINITY, "?", "?"}};
    char text[32];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cli_duration(cases[i].number, text, sizeof text);
        assert_string_equal(text, cases[i].duration);
        cli_count(cases[i].number, text, sizeof text);
        assert_string_equal(text, cases[i].count);
    }
}

static void progress_without_a_measure_is_said(void **state) {
    const double strange[] = {NAN, -1, 1e16};
    char text[256];
    (void)state;
    vkvae_progress p = {.epoch = 1, .epochs = 2, .loss = 1e9};
    for (size_t i = 0; i < 3; i++) {
        p.images_per_second = strange[i];
        assert_in_range(cli_progress_line(&p, 200, text, sizeof text), 1, 200);
        assert_non_null(strstr(text, "  ? images/s  loss 1e+09"));
    }
    assert_non_null(strstr(text, "  0%"));  // of an epoch without a step
    cli_progress_plain(&p, text, sizeof text);
    assert_non_null(strstr(text, "epoch 1/2"));
}

// What is written to standard error meanwhile.
static const char *counted(struct cli_progress *p, uint64_t done, uint64_t all) {
    const int errors = dup(STDERR_FILENO);
    begin();
    assert_true(dup2(STDOUT_FILENO, STDERR_FILENO) >= 0);
    cli_progress_count(p, done, all);
    (void)fflush(stderr);
    assert_true(dup2(errors, STDERR_FILENO) >= 0);
    (void)close(errors);
    return end();
}

static void counts_have_lines_or_one_row(void **state) {
    struct cli_progress p;
    (void)state;
    cli_progress_init(&p);
    p.terminal = false;
    assert_string_equal(counted(&p, 1, 4), "");  // it has only begun
    p.last_line -= 11;
    p.began -= 25;  // a minute and a quarter is left, or a bit more on a machine that is busy
    assert_memory_equal(counted(&p, 1, 4), "1/4  25%  left 1:", 17);
    assert_string_equal(printed + 19, "\n");
    assert_string_equal(counted(&p, 2, 4), "");
    p.last_line += 100;  // the clock went back
    assert_string_equal(counted(&p, 0, 4), "0/4  0%  left ?\n");
    p.last_line -= 11;
    assert_string_equal(counted(&p, 0, 0), "0/0  100%  left ?\n");
    p.quiet = true;
    p.last_line -= 11;
    assert_string_equal(counted(&p, 1, 4), "");
    p.quiet = false;
    p.terminal = true;
    assert_memory_equal(counted(&p, 1, 4), "\r1/4  25%  left 1:", 18);
    assert_int_equal(p.shown, 19);
    assert_string_equal(counted(&p, 4, 4), "\r4/4  100%  left 0:00");
    p.shown = 30;  // what stood there is wiped
    assert_string_equal(counted(&p, 4, 4), "\r4/4  100%  left 0:00          ");
    p.shown = 200;  // of a terminal that was wider
    assert_string_equal(counted(&p, 4, 4), "\n\r4/4  100%  left 0:00");
}

// ---- Texts ----

static void only_whole_characters_are_ones(void **state) {
    static const struct {
        const char *text;
        uint32_t character;
    } cases[] = {{"A", 'A'},
                 {"\xC3\xA9", 0xE9},
                 {"\xEF\xBF\xBD", 0xFFFD},
                 {"\xF0\x9F\x99\x82", 0x1F642},
                 {"\xEE\x80\x80", 0xE000},     // behind the surrogates
                 {"\xED\xA0\x80", 0},          // one of them
                 {"\xC0\x80", 0},              // longer than need be
                 {"\xF4\x90\x80\x80", 0},      // beyond the last
                 {"\xF8\x88\x80\x80\x80", 0},  // five bytes
                 {"\x80", 0},                  // none begins so
                 {"\xE2\x82", 0},              // cut
                 {"\xF0\x9F\x99", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t bytes;
        assert_int_equal(cli_character(cases[i].text, &bytes), cases[i].character);
        assert_int_equal(bytes, cases[i].character ? strlen(cases[i].text) : 1);
    }
}

static void what_commands_a_terminal_is_known(void **state) {
    static const uint32_t commands[] = {0,      0x1B,   0x7F,   0x9F,   0x200E,
                                        0x200F, 0x2028, 0x202E, 0x2066, 0x2069},
                          plain[] = {' ', '~', 0xA0, 0x200D, 0x2010, 0x2027, 0x202F, 0x2065, 0x206A};
    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        assert_true(cli_commands_terminal(commands[i]));
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        assert_false(cli_commands_terminal(plain[i]));
}

static void copy_ends_with_a_whole_character(void **state) {
    char to[8];
    (void)state;
    assert_int_equal(cli_clean("ab\x1B"
                               "cd",
                               to, sizeof to),
                     5);
    assert_string_equal(to, "ab?cd");
    assert_int_equal(cli_clean("abcdef\xC3\xA9", to, sizeof to), 6);  // it would need two bytes
    assert_string_equal(to, "abcdef");
}

static void words_are_as_a_shell_reads_them(void **state) {
    static const char *const words[][2] = {
        {"", "''"},     {"runs/a_1", "runs/a_1"},  {"two words", "'two words'"}, {"it's", "'it'\\''s'"},
        {"-d", "./-d"}, {"a\x1B'", "$'a\\033\\''"}};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        begin();
        cli_print_word(stdout, words[i][0]);
        assert_string_equal(end(), words[i][1]);
    }
}

// ---- Values ----

static bool takes(const struct cli_option *option, const char *text, void *values) {
    struct cli_message message = {.text = ""};
    const bool ok = cli_value_set(option, "--x", text, values, &message);
    assert_int_equal(ok, message.text[0] == '\0');
    return ok;
}

static void bytes_have_a_unit_or_none(void **state) {
    static const struct cli_option option = {
        .name = "x", .kind = CLI_BYTES, .whole = {.min = 16, .max = UINT64_MAX}};
    static const char *const wrong[] = {"",
                                        "K",
                                        "1T",
                                        "1KB",
                                        "1.5M",
                                        "-1",
                                        "15",
                                        "99999999999999999999999999",
                                        "18446744073709551616",
                                        "18014398509481984K"};
    uint64_t value;
    (void)state;
    assert_true(takes(&option, "16", &value) && value == 16);
    assert_true(takes(&option, "3K", &value) && value == 3072);
    assert_true(takes(&option, "2M", &value) && value == UINT64_C(2) << 20);
    assert_true(takes(&option, "2G", &value) && value == UINT64_C(2) << 30);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(takes(&option, wrong[i], &value));
}

static void bytes_have_a_most(void **state) {
    static const struct cli_option option = {
        .name = "x", .kind = CLI_BYTES, .whole = {.min = 16, .max = 4096}};
    uint64_t value;
    (void)state;
    assert_true(takes(&option, "4K", &value) && value == 4096);
    assert_false(takes(&option, "4097", &value));
    assert_false(takes(&option, "5K", &value));
}

static void default_of_a_list_is_as_it_is_typed(void **state) {
    static const struct cli_option option = {.name = "x", .kind = CLI_LIST, .items = 4, .unset = "none"};
    static const struct {
        uint32_t numbers[4];
        const char *text;
    } cases[] = {{{0}, "none"}, {{400}, "400"}, {{512, 256}, "512,256"}, {{1, 2, 3, 4}, "1,2,3,4"}};
    char text[64];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cli_value_default(&option, cases[i].numbers, text, sizeof text);
        assert_string_equal(text, cases[i].text);
    }
    cli_value_default(&option, cases[3].numbers, text, 3);  // cut, not written beyond
    assert_string_equal(text, "1,");
}

static void ranges_are_two_numbers_that_rise(void **state) {
    static const struct cli_option option = {.name = "x", .kind = CLI_RANGE};
    static const char *const wrong[] = {
        "",      "1",     ",",    "1,",
        ",1",    "2,1",   "1,1",  "nan,1",
        "0,inf", "0,1,2", "0 ,1", "00000000000000000000000000000000000000000000000000000000000000000,1"};
    double value[2];
    (void)state;
    assert_true(takes(&option, "-1.5,2e3", value) && value[0] == -1.5 && value[1] == 2000);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(takes(&option, wrong[i], value));
}

static void long_lists_of_choices_are_cut(void **state) {
    static char names[40][24];
    static const char *choices[41];
    char text[160];
    (void)state;
    for (int i = 0; i < 40; i++) {
        (void)snprintf(names[i], sizeof names[i], "a-long-name-%02d", i);
        choices[i] = names[i];
    }
    const struct cli_option option = {.name = "x", .kind = CLI_CHOICE, .choices = choices};
    cli_value_expected(&option, text, sizeof text);
    assert_true(strlen(text) < sizeof text);
    assert_non_null(strstr(text, "a-long-name-00, a-long-name-01, "));
}

// ---- Results ----

static void evaluation_says_what_it_is_of(void **state) {
    const double kl[14] = {1, 2};
    vkvae_evaluate_options o = {.use = {.run = "runs/a\x1B"}};
    vkvae_evaluate_result r = evaluation();
    (void)state;
    begin();
    cli_print_evaluation(&o, &r, kl);
    (void)end();
    assert_says("runs/a?: 2 pictures; mean +- standard error\n");
    assert_says("12.500  +- 0.250    nats a picture, -ELBO\n");
    assert_says("  KL                 12.500  +- 0.250\n");
    assert_says("  bits per dim       1.5000\n");
    assert_says("  SSIM                    -  of pictures of at least 11x11\n");
    assert_says("  KL of latents  1.00 2.00 0.00");
    assert_says("0.00\n                 0.00 0.00\n");  // twelve a line

    r.count = 1;
    r.is_bound = false;
    r.loss.error = r.psnr.mean = NAN;
    r.bits_per_dim = 0;
    r.frechet_features = 4;
    r.disentanglement.factors = 5;
    r.likelihood = (vkvae_likelihood){.images = 1, .samples = 7, .nll = r.kl};
    o.nll = true;
    begin();
    cli_print_evaluation(&o, &r, NULL);
    (void)end();
    assert_says("runs/a?: 1 picture; mean");
    assert_says("  loss               12.500              a picture: no bound\n");
    assert_says_not("KL");
    assert_says_not("bits per dim");
    assert_says_not("SSIM");
    assert_says("of 1 picture, 7 draws each");
    assert_says("own encoder, 4 features, 1 samples\n");
    assert_says("FactorVAE");

    o.mean = true;
    o.frechet_features = "runs/b";
    r.likelihood.images = 2;
    r.ssim.mean = 0.5;
    begin();
    cli_print_evaluation(&o, &r, NULL);
    (void)end();
    assert_says("nats a picture, of z = mu: no bound\n");
    assert_says("of 2 pictures, 7 draws each");
    assert_says("encoder of runs/b, 4 features");
    assert_says("  SSIM               0.5000");
}

static vkvae_data_set data;

static void data_says_what_it_is_of(void **state) {
    (void)state;
    data = (vkvae_data_set){.name = "many", .height = 2, .width = 3, .channels = 3, .class_count = 21};
    for (int i = 0; i < 21; i++)
        (void)snprintf(data.classes[i].name, sizeof data.classes[i].name, "k%d", i);
    (void)strcpy(data.normalize, "minmax");
    data.ranges = 4;
    data.skipped = 2;
    begin();
    cli_data_print(&data);
    (void)end();
    assert_says("many: pictures of 2x3, 3 channels\n");
    assert_says("  k19 ");
    assert_says_not("  k20 ");
    assert_says("  and 1 more\n");
    assert_says("become 0 to 1, each of 4 columns by its own range\n");
    assert_says("  left out  2 broken pictures\n");

    data = (vkvae_data_set){.name = "grey", .height = 2, .width = 3, .channels = 1};
    begin();
    cli_data_print(&data);
    (void)end();
    assert_says("grey: pictures of 2x3, grey\n");
    assert_says_not("more\n");
}

// Of more classes than there is room for the first ones.
static void all_classes_are_counted(void **state) {
    (void)state;
    data = (vkvae_data_set){.name = "many", .class_count = VKVAE_MAX_CLASSES + 5};
    begin();
    assert_int_equal(cli_data_print_json("data info", &data, NULL), 0);
    cJSON *json = cJSON_Parse(end());
    assert_int_equal(cJSON_GetObjectItem(json, "class_count")->valueint, VKVAE_MAX_CLASSES + 5);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "classes")), VKVAE_MAX_CLASSES);
    cJSON_Delete(json);
}

static void text_says_what_it_is_made_of(void **state) {
    static const char *const kinds[] = {"bag", "chars", "words"},
                             *const says[] = {": text, each line a bag of 9 words\n",
                                              ": text, each line a row of 9 characters\n",
                                              ": text, each line a row of 9 words\n"};
    (void)state;
    for (int i = 0; i < 3; i++) {
        data = (vkvae_data_set){.name = "text", .width = 9};
        vkvae_vocabulary *v = &data.vocabulary;
        (void)strcpy(v->tokens, kinds[i]);
        v->frequent_count = 2;
        (void)strcpy(v->frequent[0].text, " ");
        (void)strcpy(v->frequent[1].text, "the");
        v->frequent[1].times = 5;
        v->cut = i == 1 ? 3 : 0;
        v->clipped = i == 0 ? 4 : 0;
        begin();
        cli_data_print(&data);
        (void)end();
        assert_says(says[i]);
        assert_says("  frequent    (space) 0, the 5\n");
        assert_says(i == 1 ? "other characters are left out" : "other words are left out");
        assert_true((strstr(printed, "  cut         3 lines\n") != NULL) == (i == 1));
        assert_true((strstr(printed, "  clipped     4 words") != NULL) == (i == 0));
    }
}

static void model_is_told_with_all_its_widths(void **state) {
    vkvae_run_info info = {.model = "mlp", .latent = 9};
    char text[256];
    (void)state;
    for (uint32_t i = 0; i < VKVAE_MAX_HIDDEN; i++) info.hidden[i] = i + 1;
    cli_model_text(&info, false, text, sizeof text);
    assert_string_equal(text, "mlp 1,2,3,4,5,6,7,8, latent 9");
    cli_model_text(&info, true, text, sizeof text);
    assert_string_equal(text, "mlp 1,2,3,4,5,6,7,8 z9");
}

// What a process that ran out of memory left out is not made up.
static void measurements_that_lack_something_are_told_without(void **state) {
    static const char *const lacking[] = {
        "[{}]", "[{\"device\": \"d\"}]", "[{\"products\": [{\"form\": \"nt\", \"m\": 1}]}]",
        "[{\"products\": [{\"candidates\": [{\"kernel\": \"k\"}]}], \"cache\": \"c\"}]"};
    (void)state;
    for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++) {
        cJSON *tried = cJSON_Parse(lacking[i]);
        begin();
        cli_autotune_print(tried, 0, false);
        (void)end();
        cJSON_Delete(tried);
        assert_says(", subgroups of 0\n");
        assert_says(i == 3 ? "kept in c: " : "kept nowhere: ");
        assert_says_not("a step of training");
        assert_says_not("nan");
    }
    assert_says("  k                          0.000      0.00\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_and_counts_have_their_words),
        cmocka_unit_test(progress_without_a_measure_is_said),
        cmocka_unit_test(counts_have_lines_or_one_row),
        cmocka_unit_test(only_whole_characters_are_ones),
        cmocka_unit_test(what_commands_a_terminal_is_known),
        cmocka_unit_test(copy_ends_with_a_whole_character),
        cmocka_unit_test(words_are_as_a_shell_reads_them),
        cmocka_unit_test(bytes_have_a_unit_or_none),
        cmocka_unit_test(bytes_have_a_most),
        cmocka_unit_test(default_of_a_list_is_as_it_is_typed),
        cmocka_unit_test(ranges_are_two_numbers_that_rise),
        cmocka_unit_test(long_lists_of_choices_are_cut),
        cmocka_unit_test(evaluation_says_what_it_is_of),
        cmocka_unit_test(data_says_what_it_is_of),
        cmocka_unit_test(all_classes_are_counted),
        cmocka_unit_test(text_says_what_it_is_made_of),
        cmocka_unit_test(model_is_told_with_all_its_widths),
        cmocka_unit_test(measurements_that_lack_something_are_told_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
