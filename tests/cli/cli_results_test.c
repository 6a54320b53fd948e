// What is said of results that no small run has, in front of a library that gives them (fake_use.c,
// fake_tune.c).
#include "fake.h"

#include <cJSON.h>

static struct program program;

static void assert_prints(void **state, const char *arguments, const char *out) {
    run_program(&program, *state, arguments);
    if (program.code != 0) fail_msg("%s: exit code %d: %s", arguments, program.code, program.err);
    assert_string_equal(program.out, out);
    assert_string_equal(program.err, "");
}

// A command, and what it says of one and of three of all that it counts.
static const struct {
    const char *arguments, *of_one, *of_three;
} counted[] = {
    {"encode r -o c.npz", "c.npz: codes of 1 picture, 1 numbers each\n",
     "c.npz: codes of 3 pictures, 3 numbers each, with their labels\n"},
    {"encode r -o c.npy", "c.npy: codes of 1 picture, 1 numbers each\n",
     "c.npy: codes of 3 pictures, 3 numbers each\n"},
    {"reconstruct r -o r.png", "r.png: 1 picture and what became of it\n",
     "r.png: 3 pictures and what became of them\n"},
    {"manifold r -o m.png",
     "m.png: 1 picture, latent 0 from left to right, latent 1 from top to bottom\n",
     "m.png: 3 pictures, latent 0 from left to right, latent 1 from top to bottom\n"},
    {"augment r -o a.npz", "a.npz: 1 new picture near 1\n",
     "a.npz: 3 new pictures near 3, with their labels\n"},
    {"project r -o m.png", "m.png: 1 picture of 1 class; 1 latent number, as it is\n",
     "m.png: 3 pictures of 3 classes; the first two components of 3 have 0.0 % + 0.0 % of the "
     "variance\n"},
    {"score r -o s.csv --normal-class 0", "s.csv: 1 picture by elbo, 0 above the threshold 0\n",
     "s.csv: 3 pictures by elbo, 0 above the threshold 0\n"
     "anomalies: 2 of 3, AUROC 0.0000, average precision 0.0000\n"
     "at the threshold: TPR 0.0000, FPR 0.0000, precision 0.0000, F1 0.0000\n"},
    {"decode r c.npy -o d.png", "d.png: 1 code decoded\n", "d.png: 3 codes decoded\n"},
    {"decode r c.npy --each d", "d: 1 picture, 00000.png to 00000.png\n",
     "d: 3 pictures, 00000.png to 00002.png\n"},
    {"decode r c.npy --each d -o d.png", "d.png: 1 code decoded\nd: 1 picture, 00000.png to 00000.png\n",
     "d.png: 3 codes decoded\nd: 3 pictures, 00000.png to 00002.png\n"},
    {"traverse r -o t.png",
     "t.png: 1 row of 7 pictures; of 1 picture, in nats:\nlatent 0    KL 0.0000\n",
     "t.png: 3 rows of 7 pictures; of 3 pictures, in nats:\nlatent 0    KL 0.0000\n"
     "latent 0    KL 0.0000\nlatent 0    KL 0.0000\n"},
};
enum { COUNTED = sizeof counted / sizeof *counted };

static void one_is_told_in_the_singular(void **state) {
    set("FAKE_COUNT=1", (char *)NULL);
    for (size_t i = 0; i < COUNTED; i++) assert_prints(state, counted[i].arguments, counted[i].of_one);
    set("FAKE_COUNT=3", (char *)NULL);
    for (size_t i = 0; i < COUNTED; i++) assert_prints(state, counted[i].arguments, counted[i].of_three);
    set("FAKE_COUNT=2", (char *)NULL);
    assert_prints(state, "project r -o m.png",
                  "m.png: 2 pictures of 2 classes; 2 latent numbers, as they are\n");
}

static void quiet_results_are_files_alone(void **state) {
    set("FAKE_COUNT=3", (char *)NULL);
    for (size_t i = 0; i < COUNTED; i++) {
        char call[128];
        (void)snprintf(call, sizeof call, "%s --quiet", counted[i].arguments);
        assert_prints(state, call, "");
    }
    assert_prints(state, "interpolate r --quiet", "");
    assert_prints(state, "report r --quiet", "");
}

// Of the object that a command prints, as text.
static const char *json_of(void **state, const char *arguments, const char *key) {
    static char text[64];
    run_program(&program, *state, arguments);
    assert_int_equal(program.code, 0);
    cJSON *json = cJSON_Parse(program.out);
    char *item = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(json, key));
    (void)snprintf(text, sizeof text, "%s", item ? item : "missing");
    cJSON_free(item);
    cJSON_Delete(json);
    return text;
}

static void json_is_null_where_nothing_was_drawn_or_given(void **state) {
    set("FAKE_COUNT=3", (char *)NULL);
    assert_string_equal(json_of(state, "sample r --json", "seed"), "3");
    assert_string_equal(json_of(state, "sample r --json", "temperature"), "1.5");
    assert_string_equal(json_of(state, "sample r --json", "from"), "null");
    assert_string_equal(json_of(state, "sample r --from z.npy --json", "seed"), "null");
    assert_string_equal(json_of(state, "sample r --from z.npy --json", "temperature"), "null");
    assert_string_equal(json_of(state, "sample r --from z.npy --json", "from"), "\"z.npy\"");
    assert_string_equal(json_of(state, "reconstruct r --seed 5 --json", "seed"), "5");
    assert_string_equal(json_of(state, "reconstruct r --mean --json", "seed"), "null");
    assert_string_equal(json_of(state, "traverse r --json", "from"), "null");
    assert_string_equal(json_of(state, "traverse r --from 7 --json", "from"), "7");
    assert_string_equal(json_of(state, "traverse r --json", "quantiles"), "[0,0]");
    assert_string_equal(json_of(state, "score r --json", "worst"), "[0,0,0]");
    assert_string_equal(json_of(state, "score r --json", "anomalies"), "2");
    set("FAKE_COUNT=1", (char *)NULL);
    assert_string_equal(json_of(state, "score r --json", "anomalies"), "null");
}

static void pictures_of_anomalies_are_told(void **state) {
    set("FAKE_COUNT=3", (char *)NULL);
    run_program(&program, *state, "score r --normal-class 0 --heat h.png --roc c.png");
    assert_has(program.out, "h.png: the highest scores, pictures 0, 0, 0\n");
    assert_has(program.out, "c.png: the ROC curve\n");
}

static void decoded_text_is_printed_unless_a_file_has_it(void **state) {
    set("FAKE_COUNT=2", "FAKE_TEXT=a line\nanother\n", (char *)NULL);
    assert_prints(state, "decode r c.npy", "a line\nanother\n");
    assert_prints(state, "decode r c.npy -o d.txt", "d.txt: 2 codes decoded\n");
}

static void table_of_runs_has_a_dash_for_what_is_not_known(void **state) {
    set("FAKE_RUNS=3", (char *)NULL);
    assert_prints(state, "runs",
                  "run          age  data        model               epochs  best test  resume\n"
                  "fake           -  -           mlp 401, latent 21     3/6          -  yes\n"
                  "runs/other/    -  sets/grey/  mlp 401, latent 21       -          -  yes\n"
                  "fake           -  -           mlp 401, latent 21       7          -  yes\n");
}

static void no_runs_are_told_of_the_folder(void **state) {
    static const char *const calls[] = {"runs x", "runs x/"};
    set("FAKE_RUNS=0", (char *)NULL);
    for (size_t i = 0; i < 2; i++) {
        run_program(&program, *state, calls[i]);
        assert_int_equal(program.code, 0);
        assert_has(program.err, "no runs in x/ yet; ");
    }
    assert_prints(state, "runs x --quiet", "");
}

static void sizes_of_devices_have_their_units(void **state) {
    set("FAKE_DEVICES=4", (char *)NULL);
    run_program(&program, *state, "devices");
    assert_has(program.out, "memory    1 GiB\n");
    assert_has(program.out, " with 32 KiB shared,\n               buffers of 128 MiB,");
    assert_has(program.out, "memory    16777216 TiB\n");
    assert_has(program.out, " with 48 bytes shared,\n");
    run_program(&program, *state, "devices --json");
    assert_has(program.out, "\"usable\":\tfalse,\n\t\t\t\"reason\":\t\"its driver speaks Vulkan 1.0\",");
}

// What a terminal shows in a cell takes the same room whatever the locale says.
static void columns_are_counted_in_every_locale(void **state) {
    static const char *const locales[] = {"LC_ALL=C", "LC_ALL=C.UTF-8", "LC_ALL=xy_XY.none"};
    for (size_t i = 0; i < 3; i++) {
        set(locales[i], (char *)NULL);
        run_program(&program, *state, "compare a \xE6\x97\xA5\xE6\x9C\xAC \xC3\xBC \xCD\xB8");
        assert_has(program.out, "\na     20 ");
        assert_has(program.out, "\n\xE6\x97\xA5\xE6\x9C\xAC  - ");  // four columns
        assert_has(program.out, "\n\xC3\xBC     - ");
        assert_has(program.out, "\n\xCD\xB8     - ");  // a character that is not assigned
    }
    (void)unsetenv("LC_ALL");
}

static void program_without_a_name_calls_itself_by_its_own(void **state) {
    program.name = "";
    run_program(&program, *state, "train --out x --epochs 1");
    program.name = NULL;
    assert_has(program.out, "\nnext: vkvae sample x -n 64");
}

static void import_tells_what_became_floats(void **state) {
    set("FAKE_COUNT=2", (char *)NULL);
    run_program(&program, *state, "import x/.npz");
    assert_int_equal(program.code, 0);
    assert_has(program.out, "runs/.npz: mlp ");
    assert_has(program.out, "; 2 tensors became 32-bit floats\nnext: ");
}

// ---- Widths of vectors ----

// What measuring finds, the exit code, what is said of the choice (NULL: nothing), and what is kept.
static const struct {
    const char *found;
    int code;
    const char *out, *err, *kept;
} widths[] = {
    {"FAKE_TUNE=256", 0, "10.000 ms with vectors of 512 bits, which is taken\nkept in fake cache: ",
     NULL, "\n512 bits are kept under 'fake key'\n"},
    {"FAKE_TUNE=512", 0, "10.000 ms with vectors of 256 bits, which is taken\nkept in fake cache: ",
     NULL, "\n256 bits are kept under 'fake key'\n"},
    {"FAKE_TUNE=card", 0, "a step of training     20.000 ms\nkept in fake cache: ", NULL, NULL},
    {"FAKE_TUNE=nowhere", 0,
     "which is taken\nkept nowhere: VKVAE_CACHE names no folder that can be "
     "written\n",
     NULL, NULL},
    {"FAKE_TUNE=fails", 0, "20.000 ms with vectors of 256 bits, which is taken\n",
     "vkvae autotune: fake failure 1?in two lines\n", "\n0 bits are kept under 'fake key'\n"},
    {"FAKE_TUNE=slow", 0,
     "20.000 ms with vectors of 256 bits, which is taken\n"
     "a step of training     19.900 ms with vectors of 512 bits\nkept in",
     NULL, "\n0 bits are kept under 'fake key'\n"},
    {"FAKE_TUNE=unmeasured", 0, "20.000 ms with vectors of 256 bits, which is taken\nkept in", NULL,
     "\n0 bits are kept under 'fake key'\n"},
    {"FAKE_TUNE=mad", 0, "20.000 ms with vectors of 256 bits, which is taken\n",
     "warning: with vectors of 512 bits training comes to another loss (100, not 0): ",
     "\n0 bits are kept under 'fake key'\n"},
    {"FAKE_TUNE=unkept", 4, "", "vkvae autotune: fake failure 4?in two lines\n", "\n512 bits are kept"},
};

static void width_that_is_faster_and_right_is_kept(void **state) {
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        set("FAKE_SHOW=1", widths[i].found, (char *)NULL);
        run_program(&program, *state, "autotune");
        if (program.code != widths[i].code) fail_msg("%s: %d", widths[i].found, program.code);
        assert_has(program.out, widths[i].out);
        if (widths[i].err)
            assert_has(program.err, widths[i].err);
        else
            assert_has_not(program.err, "vkvae autotune: ");
        assert_int_equal(strstr(program.err, "comes to another loss") != NULL,
                         strcmp(widths[i].found, "FAKE_TUNE=mad") == 0);
        if (widths[i].kept)
            assert_has(program.err, widths[i].kept);
        else
            assert_has_not(program.err, "are kept");
    }
    assert_string_equal(program.out, "");
}

// A driver that crashes with them is found out by a process of its own.
static void kept_width_is_that_of_the_run_unless_the_driver_crashes(void **state) {
    set("FAKE_SHOW=1", "FAKE_VECTORS=512", (char *)NULL);
    run_program(&program, *state, "train --out x");
    assert_has(program.err, " vectors=(null)\n");
    run_program(&program, *state, "train --out x --autotune");
    assert_has(program.err, " vectors=512\n");
    set("FAKE_TUNE=crash", (char *)NULL);
    run_program(&program, *state, "train --out x --autotune");
    assert_int_equal(program.code, 0);
    assert_has(program.err, " vectors=(null)\n");
    set("FAKE_NO_MEMORY=1", (char *)NULL);
    run_program(&program, *state, "train --out x --autotune");
    assert_int_equal(program.code, 1);
    assert_string_equal(program.err, "vkvae train: out of memory; close other programs\n");
}

int main(void) {
    (void)reset_environment(NULL);
    program.path = fake_path();
    const struct CMUnitTest tests[] = {
        FAKE_TEST(one_is_told_in_the_singular),
        FAKE_TEST(quiet_results_are_files_alone),
        FAKE_TEST(json_is_null_where_nothing_was_drawn_or_given),
        FAKE_TEST(pictures_of_anomalies_are_told),
        FAKE_TEST(decoded_text_is_printed_unless_a_file_has_it),
        FAKE_TEST(table_of_runs_has_a_dash_for_what_is_not_known),
        FAKE_TEST(no_runs_are_told_of_the_folder),
        FAKE_TEST(sizes_of_devices_have_their_units),
        FAKE_TEST(columns_are_counted_in_every_locale),
        FAKE_TEST(program_without_a_name_calls_itself_by_its_own),
        FAKE_TEST(import_tells_what_became_floats),
        FAKE_TEST(width_that_is_faster_and_right_is_kept),
        FAKE_TEST(kept_width_is_that_of_the_run_unless_the_driver_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
