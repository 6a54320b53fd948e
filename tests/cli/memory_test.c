// What the command line makes of results when memory runs out on its way: whole JSON or none, and a line
// that says so.
#include "command.h"
#include "data.h"
#include "evaluate_text.h"
#include "options.h"
#include "printed.h"
#include "profile.h"
#include "run_text.h"

#include <stdlib.h>

static vkvae_data_set data;

static unsigned calls, due;
static int left;

static void *failing(size_t size) {
    if (++calls == due) return NULL;
    left++;
    return malloc(size);
}

static void given_back(void *memory) {
    left -= memory != NULL;
    free(memory);
}

static cJSON *evaluation_json(void) {
    const double kl[14] = {1};
    const vkvae_evaluate_options o = {.use = {.run = "a"}, .noise_out = "n"};
    vkvae_evaluate_result r = evaluation();
    r.frechet_features = 4;
    r.disentanglement.factors = 5;
    r.likelihood = (vkvae_likelihood){.images = 1, .samples = 7, .nll = r.kl};
    return cli_evaluation_json(&o, &r, kl);
}

static cJSON *run_json(void) {
    static vkvae_run_info info = {.epochs = 3, .wanted_epochs = 4, .latent = 2};
    return cli_run_json(&info);
}

static void json_is_whole_or_none(void **state) {
    cJSON *(*const make[])(void) = {evaluation_json, run_json};
    cJSON_Hooks hooks = {failing, given_back};
    (void)state;
    cJSON_InitHooks(&hooks);
    for (size_t i = 0; i < sizeof make / sizeof *make; i++) {
        cJSON *json = NULL;
        for (due = 1; !json; due++) {
            calls = 0;
            left = 0;
            json = make[i]();
            if (!json) assert_int_equal(left, 0);
            assert_true(!json || calls < due);  // not one that lacks something
        }
        assert_true(due > 20);
        cJSON_Delete(json);
        assert_int_equal(left, 0);
    }
    cJSON_InitHooks(NULL);
}

static int data_printed(void) {
    return cli_data_print_json("data info", &data, "a.png");
}

static int profile_printed(void) {
    static const vkvae_profile_row rows[] = {{.op = "sum", .calls = 1},
                                             {.op = "product", .of_peak = 0.5}};
    static const vkvae_profile profile = {
        .rows = rows, .count = 2, .clock = true, .steps = 1, .peak_how = "measured"};
    return cli_profile_json(&profile);
}

static void what_is_printed_is_whole_or_an_error(void **state) {
    int (*const print[])(void) = {data_printed, profile_printed};
    cJSON_Hooks hooks = {failing, given_back};
    (void)state;
    data = (vkvae_data_set){.name = "text", .width = 9, .class_count = 2, .normalize = "minmax"};
    (void)strcpy(data.vocabulary.tokens, "bag");
    data.vocabulary.frequent_count = 2;
    const int kept_errors = dup(STDERR_FILENO);
    cJSON_InitHooks(&hooks);
    for (size_t i = 0; i < sizeof print / sizeof *print; i++) {
        int code = 1;
        for (due = 1; code != 0; due++) {
            calls = 0;
            left = 0;
            begin();
            assert_true(dup2(STDOUT_FILENO, STDERR_FILENO) >= 0);
            code = print[i]();
            assert_true(dup2(kept_errors, STDERR_FILENO) >= 0);
            (void)end();
            assert_int_equal(left, 0);
            assert_true(code == 0 ? printed[0] == '{' && calls < due
                                  : strstr(printed, "out of memory") != NULL);
        }
        assert_true(due > 20);
    }
    cJSON_InitHooks(NULL);
    (void)close(kept_errors);
}

static void measuring_begins_with_memory_alone(void **state) {
    cJSON_Hooks hooks = {failing, given_back};
    void *values = calloc(1, cli_autotune.values_size);
    const struct cli_arguments arguments = {.command = &cli_autotune, .values = values};
    (void)state;
    assert_non_null(values);
    const int kept_errors = dup(STDERR_FILENO);
    cJSON_InitHooks(&hooks);
    for (due = 1; due <= 3; due++) {  // the object, its list, and that one's name
        calls = 0;
        left = 0;
        begin();
        assert_true(dup2(STDOUT_FILENO, STDERR_FILENO) >= 0);
        const int code = cli_autotune.run(&arguments);
        assert_true(dup2(kept_errors, STDERR_FILENO) >= 0);
        (void)end();
        assert_int_equal(code, VKVAE_FAILED);
        assert_int_equal(left, 0);
        assert_string_equal(printed, "vkvae autotune: out of memory; close other programs\n");
    }
    cJSON_InitHooks(NULL);
    (void)close(kept_errors);
    free(values);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_whole_or_none),
        cmocka_unit_test(what_is_printed_is_whole_or_an_error),
        cmocka_unit_test(measuring_begins_with_memory_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
