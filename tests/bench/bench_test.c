// The benchmark program: that each subcommand runs and prints JSON with rows that are right, that a
// wrong result fails it, and that it says how it is used. No time is looked at.
#include "../program/runner.h"

#include <cJSON.h>
#include <math.h>

enum { LINE = 1024 };

static int bench(struct room *r, const char *words) {
    char line[4 * LINE];
    (void)snprintf(line, sizeof line, "%s %s", VKVAE_BENCH, words);
    return run_shell(r, line);
}

static double number_of(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item)) fail_msg("no number %s in %s", key, cJSON_Print(object));
    return item->valuedouble;
}

// What a subcommand prints; to be deleted. Every row of it is right.
static cJSON *rows_of(struct room *r, const char *words, int least) {
    if (bench(r, words) != 0) fail_msg("%s: %d, %s%s", words, r->code, r->err, r->out);
    cJSON *json = cJSON_Parse(r->out);
    if (!json) fail_msg("%s: no JSON: %s", words, r->out);
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(json, "rows"), *row;
    assert_true(cJSON_GetArraySize(rows) >= least);
    cJSON_ArrayForEach(row, rows) {
        assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(row, "name")));
        assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "ok")));
    }
    return json;
}

static void assert_spread(const cJSON *row, const char *prefix) {
    char key[3][64];
    static const char *const parts[] = {"min", "median", "max"};
    for (int i = 0; i < 3; i++) (void)snprintf(key[i], sizeof key[i], "%s%s", prefix, parts[i]);
    assert_true(number_of(row, key[0]) > 0);
    assert_true(number_of(row, key[0]) <= number_of(row, key[1]));
    assert_true(number_of(row, key[1]) <= number_of(row, key[2]));
}

// More than the one of each that is chosen.
static void every_variant_of_a_product_is_measured(struct room *r, int chosen) {
    cJSON *all = rows_of(r, "gemm --quick --json --all", 11);
    assert_true(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(all, "rows")) > chosen);
    cJSON_Delete(all);
}

static void ops_and_products_are_checked_and_timed(void **state) {
    static const struct {
        const char *words, *rate;
        int least;
    } of[] = {{"gemm --quick --json", "gflops", 11},
              {"conv --quick --json", "gflops", 6},
              {"ops --quick --json", "gbps", 30},
              {"rng --quick --json", "per_second", 3}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        cJSON *json = rows_of(*state, of[i].words, of[i].least);
        const cJSON *row;
        cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(json, "rows")) {
            assert_spread(row, "seconds_");
            assert_true(number_of(row, of[i].rate) > 0);
        }
        if (i < 3) assert_true(number_of(json, "peak_gflops") > 0 && number_of(json, "peak_gbps") > 0);
        const int rows = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "rows"));
        cJSON_Delete(json);
        if (i == 0) every_variant_of_a_product_is_measured(*state, rows);
    }
}

static void trainings_run_in_processes_of_their_own(void **state) {
    cJSON *json = rows_of(*state, "train --quick --json --data shapes", 8);
    assert_spread(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "rows"), 0), "");
    cJSON_Delete(json);
    json = rows_of(*state, "startup --quick --json --data shapes", 2);
    assert_spread(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "rows"), 1), "seconds_");
    cJSON_Delete(json);
    json = rows_of(*state, "stream --quick --json --data shapes", 8);
    assert_spread(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "rows"), 6), "");
    cJSON_Delete(json);
}

static double first_loss(struct room *r, const char *data) {
    char words[LINE];
    (void)snprintf(words, sizeof words, "job --first-step --data %s", data);
    if (bench(r, words) != 0) fail_msg("%s: %s", words, r->err);
    cJSON *json = cJSON_Parse(r->out);
    const double loss = number_of(json, "loss");
    cJSON_Delete(json);
    return loss;
}

// The same step of the same weights on other pictures has another loss.
static void the_first_step_sees_its_pictures(void **state) {
    struct room *r = *state;
    const struct set set = {.height = 28, .width = 28, .train = 300, .test = 20, .seed = 3};
    write_set(in(r, "set"), &set);
    const double drawn = first_loss(r, "shapes"), read = first_loss(r, in(r, "set"));
    assert_true(drawn > 0 && read > 0);
    assert_true(fabs(drawn - read) > 1e-3);
}

static void scaling_is_measured_and_drawn(void **state) {
    struct room *r = *state;
    char words[LINE];
    (void)snprintf(words, sizeof words, "scaling --quick --json --plot %s", in(r, "plot.png"));
    cJSON *json = rows_of(r, words, 8);
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(json, "rows")) {
        assert_spread(row, "seconds_");
        assert_true(number_of(row, "device_bytes") > 0);
    }
    cJSON_Delete(json);
    assert_true(exists(in(r, "plot.png")) && exists(in(r, "plot-memory.png")));
}

static void a_wrong_result_is_told_and_fails(void **state) {
    struct room *r = *state;
    static const char *const of[] = {"gemm --quick --fault 12", "conv --quick --fault 12",
                                     "ops --quick --fault 12", "rng --quick --fault 12",
                                     "gemm --quick --fault nan"};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        assert_int_equal(bench(r, of[i]), 1);
        assert_has(r->out, "WRONG");
    }
}

static void usage_is_told(void **state) {
    struct room *r = *state;
    assert_int_equal(bench(r, "--help"), 0);
    assert_has(r->out, "examples:");
    static const char *const commands[] = {"gemm",  "conv",    "ops",     "rng",
                                           "train", "startup", "scaling", "stream"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char words[LINE];
        assert_has(r->out, commands[i]);
        (void)snprintf(words, sizeof words, "%s --help", commands[i]);
        assert_int_equal(bench(r, words), 0);
        (void)snprintf(words, sizeof words, "%s --nonsense", commands[i]);
        assert_int_equal(bench(r, words), 2);
        assert_has(r->err, "--nonsense");
        bench(r, "--help");
    }
    assert_int_equal(bench(r, ""), 2);
    assert_int_equal(bench(r, "sing"), 2);
    assert_int_equal(bench(r, "train --epochs 1.5"), 2);
    assert_int_equal(bench(r, "gemm --quick --device nobody"), 1);
    assert_has(r->err, "nobody");
}

int main(void) {
    begin(true);
    const struct CMUnitTest tests[] = {
        ROOM(usage_is_told),
        ROOM(ops_and_products_are_checked_and_timed),
        ROOM(trainings_run_in_processes_of_their_own),
        ROOM(the_first_step_sees_its_pictures),
        ROOM(scaling_is_measured_and_drawn),
        ROOM(a_wrong_result_is_told_and_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
