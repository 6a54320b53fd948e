// --profile: the run stays the same, the table adds up, the trace is one that Perfetto reads; on any
// device, also on one whose timestamps are few bits or none.
#include "layered.h"

#include <cJSON.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>

// 48 full batches and a smaller one.
static const struct set set = {.height = 12, .width = 10, .train = 965, .test = 60, .seed = 5};
#define JOB "train", "--data", in(r, "set"), SMALL, "--epochs", "2"
enum { STEPS = 2 * 49 };

static const char *profile_to(const struct room *r, const char *name) {
    static char option[PATH_SIZE];
    (void)snprintf(option, sizeof option, "--profile=%s/%s", r->folder, name);
    return option;
}

static double number(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item)) fail_msg("no number %s", key);
    return item->valuedouble;
}

static const char *text(const cJSON *object, const char *key) {
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    if (!value) fail_msg("no text %s", key);
    return value;
}

// The line of --json that is the profile. To be deleted.
static cJSON *profile_of(const struct room *r) {
    const char *line = strstr(r->out, "{\"event\":\"profile\"");
    if (!line) fail_msg("no profile in: %s", r->out);
    cJSON *profile = cJSON_ParseWithOpts(line, NULL, false);
    assert_non_null(profile);
    return profile;
}

static void assert_rows(const cJSON *profile, double steps) {
    const cJSON *row, *rows = cJSON_GetObjectItemCaseSensitive(profile, "rows");
    double share = 0, seconds = 0, last = INFINITY;
    assert_true(cJSON_GetArraySize(rows) > 10);
    cJSON_ArrayForEach(row, rows) {
        const double calls = number(row, "calls"), mine = number(row, "seconds");
        assert_true(fmod(calls, steps) == 0 && calls > 0);  // each step has all nodes of the op
        if (strcmp(text(row, "op"), "adam") == 0) assert_true(calls == steps);
        if (strcmp(text(row, "op"), "linear") == 0) assert_true(calls == 4 * steps);
        const bool product =
            strcmp(text(row, "op"), "linear") == 0 || strcmp(text(row, "op"), "matmul") == 0;
        assert_true((number(row, "gflops") > 0) == (product && mine > 0));
        assert_true(mine >= 0 && mine <= last);  // in order
        last = mine;
        seconds += mine;
        share += number(row, "share");
    }
    assert_true(fabs(share - 1) < 1e-9);
    assert_true(fabs(seconds - number(profile, "device_seconds")) < 1e-9);
}

// Of two epochs of JOB, without the first step of each of the two tapes.
static void assert_profile(const struct room *r, bool clock) {
    cJSON *profile = profile_of(r);
    const double steps = number(profile, "steps"), others = number(profile, "other_steps");
    assert_true(steps == 8 * 3 && others == STEPS - 2 - 8 * 3);
    assert_true(number(profile, "step_seconds") > 0 && number(profile, "other_step_seconds") > 0);
    assert_true(number(profile, "peak_gflops") > 0 && number(profile, "peak_gbytes") > 0);
    assert_true(number(profile, "submit_seconds") >= 0 && number(profile, "wait_seconds") > 0);
    assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(profile, "clock")), clock);
    if (clock) {
        assert_rows(profile, steps);
        // No node runs longer than its step.
        assert_true(number(profile, "device_seconds") < 1.1 * steps * number(profile, "step_seconds"));
    } else {
        assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(profile, "rows")), 0);
    }
    cJSON_Delete(profile);
}

// Each track's events follow one another. Returns how many the device's has.
static int assert_trace(const char *path) {
    char *bytes = (char *)read_bytes(path, NULL);
    cJSON *trace = cJSON_Parse(bytes);
    assert_non_null(trace);
    const cJSON *event, *events = cJSON_GetObjectItemCaseSensitive(trace, "traceEvents");
    double until[3] = {0, 0, 0};
    int count[3] = {0, 0, 0};
    assert_true(cJSON_IsArray(events));
    cJSON_ArrayForEach(event, events) {
        const double at = number(event, "ts"), length = number(event, "dur");
        const double track = number(event, "tid");
        const bool meta = strcmp(text(event, "ph"), "M") == 0;
        assert_true(number(event, "pid") == 1 && (track == 1 || track == 2));
        assert_true(*text(event, "name"));
        assert_true(meta || strcmp(text(event, "ph"), "X") == 0);
        assert_true(at >= until[(int)track] - 0.01 && length >= 0);
        until[(int)track] = at + length;
        count[(int)track] += !meta;
        if (meta || track == 2) continue;
        const cJSON *args = cJSON_GetObjectItemCaseSensitive(event, "args");
        assert_true(*text(args, "node") && text(args, "shape")[0] == '[');
    }
    cJSON_Delete(trace);
    free(bytes);
    return count[1];
}

// Runs of nodes that the table counts.
static int calls_of(const struct room *r) {
    cJSON *profile = profile_of(r);
    const cJSON *row, *rows = cJSON_GetObjectItemCaseSensitive(profile, "rows");
    double calls = 0;
    cJSON_ArrayForEach(row, rows) calls += number(row, "calls");
    cJSON_Delete(profile);
    assert_true(calls > 0);
    return (int)calls;
}

static void profiled_runs_are_the_same(void **state) {
    struct room *r = *state;
    static const char *const devices[] = {"reference", NULL};
    write_set(in(r, "set"), &set);
    for (int i = 0; i < 2; i++) {
        r->device = devices[i];
        RUN(r, JOB, "--out", in(r, "plain-%d", i));
        assert_ok(r);
        RUN(r, JOB, "--out", in(r, "profiled-%d", i), "--json",
            profile_to(r, i ? "trace-1.json" : "trace-0.json"));
        assert_ok(r);
        assert_same_run(in(r, "plain-%d", i), in(r, "profiled-%d", i));
        assert_profile(r, true);
        assert_int_equal(assert_trace(in(r, "trace-%d.json", i)), calls_of(r));
    }
}

static void validation_says_nothing(void **state) {
    struct room *r = *state;
    r->device = NULL;
    write_set(in(r, "set"), &set);
    RUN(r, JOB, "--out", in(r, "run"), "--json", "--profile", "--validate");
    if (strstr(r->err, "vulkan-validationlayers")) skip_since("the validation layer is not here");
    assert_ok(r);
    assert_profile(r, true);
    RUN(r, JOB, "--out", in(r, "least"), "--json", "--profile", "--validate", "--limits", "minimum");
    assert_ok(r);
    assert_profile(r, true);
}

// 36 bits of nanoseconds are 69 seconds; the layer lets them begin anew in the first steps.
static void timestamps_may_have_few_bits(void **state) {
    static const char *const words[] = {"ticks@36", "ticks@48", "ticks@63"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct room *r = with(state, words[i]);
        if (i == 0) write_set(in(r, "set"), &set);
        RUN(r, JOB, "--out", in(r, "run-%zu", i), "--json", profile_to(r, "trace.json"));
        assert_ok(r);
        assert_profile(r, true);
        (void)assert_trace(in(r, "trace.json"));
    }
}

static void devices_without_timestamps_have_host_times(void **state) {
    struct room *r = with(state, "ticks");
    write_set(in(r, "set"), &set);
    RUN(r, JOB, "--out", in(r, "run"), "--json", profile_to(r, "trace.json"));
    assert_int_equal(r->code, 0);
    assert_has(r->err, " has no timestamps: the profile has the host's times alone");
    assert_profile(r, false);
    assert_int_equal(assert_trace(in(r, "trace.json")), 0);
    RUN(r, JOB, "--out", in(r, "other"), "--profile");
    assert_has(r->out, "host, of a watched step: submit ");
    assert_lacks(r->out, "of peak");
}

static void interrupted_runs_have_a_profile(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &set);
    r->device = NULL;
    START(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "100000", "--out", in(r, "run"),
          profile_to(r, "trace.json"));
    await_out(r, "1/100000");
    assert_int_equal(kill(r->pid, SIGINT), 0);
    assert_int_equal(program_finish(r), 130);
    assert_has(r->out, "profile: ");
    assert_has(r->out, "\nadam ");
    assert_true(assert_trace(in(r, "trace.json")) > 0);
    assert_tidy(in(r, "run"));
    char *config = (char *)read_bytes(in(r, "run/config.json"), NULL);
    assert_lacks(config, "profile");
    free(config);
}

static void unwritable_traces_are_refused_before_training(void **state) {
    struct room *r = *state;
    const char *option = profile_to(r, "nowhere/trace.json");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"), option);
    ASSERT_REFUSED(r, 1, "nowhere/trace.json");
    assert_false(exists(in(r, "run")));
}

static void short_runs_say_that_nothing_was_watched(void **state) {
    struct room *r = *state;
    RUN(r, "train", "--data", "shapes", "--images", "20", "--size", "8x8", SMALL, "--epochs", "1",
        "--out", in(r, "run"), "--profile");
    assert_ok(r);
    assert_has(r->out, "profile: 0 of 0 steps watched: there were too few, so train for more\n");
}

int main(void) {
    begin(true);
    use_layer();
    const struct CMUnitTest tests[] = {
        ROOM(profiled_runs_are_the_same),
        ROOM(validation_says_nothing),
        ROOM(timestamps_may_have_few_bits),
        ROOM(devices_without_timestamps_have_host_times),
        ROOM(interrupted_runs_have_a_profile),
        ROOM(unwritable_traces_are_refused_before_training),
        ROOM(short_runs_say_that_nothing_was_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
