// A run's config.json repeats it to the byte; and it says no more and no less than there are options.
#include "runner.h"

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *read_config(const char *run) {
    char path[PATH_SIZE + 16];
    (void)snprintf(path, sizeof path, "%s/config.json", run);
    unsigned char *text = read_bytes(path, NULL);
    cJSON *json = cJSON_Parse((const char *)text);
    free(text);
    assert_non_null(json);
    return json;
}

// A run with these words, then one with its config.json alone.
#define ASSERT_REPEATED(r, ...)                                                                         \
    do {                                                                                                \
        RUN(r, "train", __VA_ARGS__, "--out", in(r, "run"));                                            \
        assert_ok(r);                                                                                   \
        repeat(r);                                                                                      \
    } while (0)

static void repeat(struct room *r) {
    RUN(r, "train", "--config", in(r, "run/config.json"), "--out", in(r, "again"));
    assert_ok(r);
    assert_int_equal(count_of(r->err, "warning"), 0);
    assert_same_run(in(r, "run"), in(r, "again"));
    remove_tree(in(r, "run"));
    remove_tree(in(r, "again"));
}

static void run_repeats_on_the_reference(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    ASSERT_REPEATED(r, "--data", in(r, "set"), SMALL, "--epochs", "2");
    ASSERT_REPEATED(r, "--data", in(r, "set"), SMALL, "--epochs", "1", "--hidden", "16,8", "--seed",
                    "18446744073709551615");
    ASSERT_REPEATED(r, "--data", in(r, "set"), SMALL, "--epochs", "1", "--seed", "9007199254740993",
                    "--lr", "0.0012345678901234567", "--activation", "tanh");
    ASSERT_REPEATED(r, "--images", "60", "--test-images", "13", "--size", "9x11", "--channels", "3",
                    "--data-seed", "9007199254740992", SMALL, "--epochs", "1");
    r->device = NULL;  // what the file says is enough
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--device", "reference", "--out",
        in(r, "run"));
    assert_ok(r);
    repeat(r);
}

static void run_repeats_on_the_device(void **state) {
    struct room *r = *state;
    r->device = NULL;
    ASSERT_REPEATED(r, "--images", "100", SMALL, "--epochs", "2");
    ASSERT_REPEATED(r, "--images", "100", SMALL, "--epochs", "1", "--limits", "minimum");
    ASSERT_REPEATED(r, "--images", "100", SMALL, "--epochs", "1", "--kernels", "plain", "--hidden",
                    "16,8");
}

static void resumed_run_repeats_as_a_whole_one(void **state) {
    struct room *r = *state;
    RUN(r, "train", "--images", "60", "--size", "8x8", SMALL, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "3");
    assert_ok(r);
    repeat(r);
}

static void assert_config(struct room *r, const char *device, const char *limits, const char *kernels) {
    cJSON *json = read_config(in(r, "run"));
    const cJSON *record = cJSON_GetObjectItem(json, "record");
    const char *words[] = {cJSON_GetStringValue(cJSON_GetObjectItem(json, "device")),
                           cJSON_GetStringValue(cJSON_GetObjectItem(json, "limits")),
                           cJSON_GetStringValue(cJSON_GetObjectItem(record, "kernels"))};
    const char *expected[] = {device, limits, kernels};
    for (int i = 0; i < 3; i++)
        if (strcmp(words[i] ? words[i] : "none", expected[i] ? expected[i] : "none") != 0)
            fail_msg("%s, not %s", words[i] ? words[i] : "none", expected[i] ? expected[i] : "none");
    cJSON_Delete(json);
}

// How a run was asked for stays with it, until it is asked for otherwise.
static void resuming_keeps_how_the_run_was_asked_for(void **state) {
    struct room *r = *state;
    r->device = NULL;
    RUN(r, "train", "--images", "60", "--size", "8x8", SMALL, "--epochs", "1", "--device", "0",
        "--limits", "minimum", "--out", in(r, "run"));
    assert_ok(r);
    cJSON *json = read_config(in(r, "run"));
    char kernels[64];
    (void)snprintf(
        kernels, sizeof kernels, "%s",
        cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "record"), "kernels")));
    cJSON_Delete(json);
    assert_config(r, "0", "minimum", kernels);
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2");
    assert_ok(r);
    assert_config(r, "0", "minimum", kernels);
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "3", "--device", "reference", "--kernels",
        "auto");
    assert_ok(r);
    assert_config(r, "reference", "minimum", "reference");
    write_bytes(in(r, "run/config.json"), "{", 1);  // nobody needs it to go on
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "4", "--device", "reference");
    assert_ok(r);
    assert_config(r, "reference", NULL, "reference");
}

static void command_line_changes_what_is_repeated(void **state) {
    struct room *r = *state;
    RUN(r, "train", "--images", "60", "--size", "8x8", SMALL, "--epochs", "1", "--out", in(r, "a"));
    assert_ok(r);
    RUN(r, "train", "--config", in(r, "a/config.json"), "--epochs", "2", "--latent", "3", "--out",
        in(r, "b"));
    assert_ok(r);
    cJSON *json = read_config(in(r, "b"));
    assert_int_equal(cJSON_GetObjectItem(json, "epochs")->valueint, 2);
    assert_int_equal(cJSON_GetObjectItem(json, "latent")->valueint, 3);
    assert_int_equal(cJSON_GetObjectItem(json, "images")->valueint, 60);
    cJSON_Delete(json);
}

// What the file says of shapes is not held against another set.
static void another_set_takes_the_place_of_shapes(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--images", "60", "--size", "8x8", "--data-seed", "3", SMALL, "--epochs", "1",
        "--out", in(r, "a"));
    RUN(r, "train", "--config", in(r, "a/config.json"), "--data", in(r, "set"), "--out", in(r, "b"));
    assert_ok(r);
    cJSON *json = read_config(in(r, "b"));
    assert_null(cJSON_GetObjectItem(json, "size"));
    assert_int_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "record"), "height")->valueint, 12);
    assert_int_equal(cJSON_GetObjectItem(json, "hidden")->valueint, 32);
    cJSON_Delete(json);
    RUN(r, "train", "--config", in(r, "a/config.json"), "--data", in(r, "set"), "--images", "9", "--out",
        in(r, "c"));
    assert_int_equal(r->code, 2);
    assert_has(r->err, "--images is for the built-in set shapes");
    RUN(r, "train", "--config", in(r, "a/config.json"), "--data", in(r, "set"), "--size", "9x9", "--out",
        in(r, "c"));
    assert_int_equal(r->code, 2);
    assert_has(r->err, "--size is for the built-in set and folders of pictures");
    // The set of the file, typed once more, is no other set.
    RUN(r, "train", "--config", in(r, "a/config.json"), "--data", "shapes", "--out", in(r, "d"));
    assert_ok(r);
    assert_same_run(in(r, "a"), in(r, "d"));
}

static void write_config(struct room *r, const char *text) {
    write_bytes(in(r, "c.json"), text, strlen(text));
}

static void kernels_of_a_file_are_those_of_its_device(void **state) {
    struct room *r = *state;
    write_config(
        r, "{\"images\": 60, \"size\": \"8x8\", \"batch\": 20, \"epochs\": 1, \"kernels\": \"plain\"}");
    RUN(r, "train", "--config", in(r, "c.json"), "--device", "reference", "--out", in(r, "a"));
    assert_ok(r);
    RUN(r, "train", "--config", in(r, "c.json"), "--out", in(r, "b"));  // VKVAE_DEVICE is another, too
    assert_ok(r);
    write_config(r, "{\"images\": 200, \"kernels\": \"plain\", \"device\": \"reference\"}");
    RUN(r, "train", "--config", in(r, "c.json"), "--out", in(r, "c"));
    ASSERT_REFUSED(r, 2, "--kernels plain", "the reference device has no kernels");
}

static void flags_of_a_file_are_switched_off(void **state) {
    struct room *r = *state;
    write_config(r,
                 "{\"images\": 60, \"size\": \"8x8\", \"batch\": 20, \"epochs\": 1, \"quiet\": true}");
    RUN(r, "train", "--config", in(r, "c.json"), "--out", in(r, "a"));
    assert_ok(r);
    assert_string_equal(r->out, "");
    RUN(r, "train", "--config", in(r, "c.json"), "--quiet=false", "--out", in(r, "b"));
    assert_ok(r);
    assert_has(r->out, "epoch 1/1");
    write_config(r, "{\"force\": false}");  // as if it were not there
    RUN(r, "train", "--config", in(r, "c.json"), "--resume", in(r, "a"));
    assert_ok(r);
}

static void typed_words_push_aside_what_does_not_go_with_them(void **state) {
    struct room *r = *state;
    RUN(r, "train", "--images", "60", "--size", "8x8", SMALL, "--epochs", "1", "--out", in(r, "a"));
    write_config(r, "{\"count\": 3, \"columns\": 3}");
    RUN(r, "sample", in(r, "a"), "--config", in(r, "c.json"), "-o", in(r, "x.npy"));
    assert_ok(r);
    RUN(r, "sample", in(r, "a"), "-o", in(r, "y.npy"), "--columns", "3");
    assert_int_equal(r->code, 2);
}

static void what_is_not_as_recorded_is_told(void **state) {
    struct room *r = *state;
    struct set other = small_set;
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    remove_tree(in(r, "set"));
    other.seed = 2;
    write_set(in(r, "set"), &other);
    RUN(r, "train", "--config", in(r, "run/config.json"), "--out", in(r, "again"));
    assert_ok(r);
    assert_has(r->err, "set does not hold the pictures that the recorded run was trained on");
    RUN(r, "train", "--config", in(r, "run/config.json"), "--data", in(r, "set"), "--out", in(r, "on"));
    assert_ok(r);
    assert_int_equal(count_of(r->err, "warning"), 0);  // on purpose
    cJSON *json = read_config(in(r, "again"));
    cJSON *record = cJSON_GetObjectItem(json, "record");
    assert_true(cJSON_ReplaceItemInObject(record, "version", cJSON_CreateString("0.0.1")));
    assert_true(cJSON_ReplaceItemInObject(record, "device", cJSON_CreateString("a card")));
    char *text = cJSON_Print(json);
    write_bytes(in(r, "c.json"), text, strlen(text));
    cJSON_free(text);
    cJSON_Delete(json);
    RUN(r, "train", "--config", in(r, "c.json"), "--out", in(r, "third"));
    assert_ok(r);
    assert_has(r->err, "warning: the recorded run was trained on a card, not on ");
    assert_has(r->err, "warning: the recorded run is of vkvae 0.0.1, not ");
}

// ---- Keys and options ----

// Whether `help` lists --NAME as an option.
static bool is_option(const char *help, const char *name) {
    char line[128];
    (void)snprintf(line, sizeof line, "\n      --%s ", name);
    return strstr(help, line) != NULL;
}

static void each_key_of_a_config_is_an_option(void **state) {
    struct room *r = *state;
    RUN(r, "train", "--images", "60", "--size", "8x8", SMALL, "--epochs", "1", "--limits", "minimum",
        "--out", in(r, "run"));
    RUN(r, "help", "train");
    cJSON *json = read_config(in(r, "run"));
    const cJSON *item;
    cJSON_ArrayForEach(item, json) {
        if (strcmp(item->string, "record") == 0) continue;
        if (!is_option(r->out, item->string)) fail_msg("%s is no option of train", item->string);
    }
    assert_true(cJSON_IsObject(cJSON_GetObjectItem(json, "record")));
    cJSON_Delete(json);
}

static bool is_in(const char *name, const char *const *names) {
    while (*names && strcmp(*names, name) != 0) names++;
    return *names != NULL;
}

// What help marks by a star shapes the run, and so has to be in the config.json of those runs that were
// told it; --out and --force say where the run is, and what --autotune chose is in the record.
static void each_option_that_shapes_a_run_is_in_its_config(void **state) {
    struct room *r = *state;
    static const char *const elsewhere[] = {"out", "force", "autotune", NULL};
    const char *table = "1,2,3\n2,3,5\n3,5,1\n4,1,2\n5,2,9\n6,9,4\n";
    cJSON *json[5];
    write_bytes(in(r, "t.csv"), table, strlen(table));
    RUN(r, "train", "--images", "60", "--size", "8x8", "--classes", "0,1", SMALL, "--epochs", "1",
        "--dropout", "0.25", "--augment", "flip", "--likelihood", "gaussian", "--sigma", "0.10",
        "--precision", "fp16-storage", "--samples", "2", "--free-bits", "0.1", "--kl-warmup", "3",
        "--out", in(r, "run0"));
    RUN(r, "sample", in(r, "run0"), "-n12", "--each", in(r, "pictures"), "-o", in(r, "a.npy"));
    RUN(r, "train", "--data", in(r, "pictures"), "--size=6x7", "--channels=3", "--fit=contain",
        "--crop=center", "--background=00ff00", "--strict", "--split=0.5", "--limit=4", "--batch=4",
        "--latent=2", "--epochs=1", "--model=resnet", "--channels-list=2,4", "--upsample=nearest",
        "--norm=none", "--blocks=2", "--optimiser=adamw", "--weight-decay=0.1", "--lr-schedule=step",
        "--lr-step=1", "--lr-gamma=0.5", "--lr-floor=1e-5", "--lr-warmup=1", "--schedule-epochs=3",
        "--ema=0.5", "--keep-best", "--beta=2", "--kl-cycle=4", "--out", in(r, "run1"));
    assert_ok(r);
    RUN(r, "train", "--data", in(r, "t.csv"), "--normalize=minmax", "--labels=1", "--batch=4",
        "--epochs=1", "--binarize=dynamic", "--capacity=3", "--capacity-steps=5", "--capacity-gamma=7",
        "--out", in(r, "run2"));
    assert_ok(r);
    RUN(r, "train", "--data", in(r, "a.npy"), "--layout=nhwc", "--range=-1,2", "--batch=4", "--epochs=1",
        "--optimiser=sgd", "--momentum=0.5", "--clip=100", "--accumulate=2", "--on-nan=rollback",
        "--objective=ae", "--out", in(r, "run3"));
    assert_ok(r);
    const char *lines = "a cat sat\na dog ran\na cat ran\na bird sat\n";
    write_bytes(in(r, "t.txt"), lines, strlen(lines));
    RUN(r, "train", "--data", in(r, "t.txt"), "--tokens=words", "--length=3", "--vocabulary=6",
        "--batch=2", "--epochs=1", "--out", in(r, "run4"));
    assert_ok(r);
    for (int i = 0; i < 5; i++) json[i] = read_config(in(r, "run%d", i));
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json[2], "labels")), "1");
    RUN(r, "help", "train");
    int found = 0;
    for (char *line = strstr(r->out, "\n      --"); line;) {
        char name[64];
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(line + 9, " \n"), line + 9);
        char *next = strstr(line + 1, "\n      --"), *star = strstr(line, " *\n");
        const bool shapes = star && (!next || star < next);
        line = next;
        if (!shapes || is_in(name, elsewhere)) continue;
        bool kept = false;
        for (int i = 0; i < 5; i++) kept = kept || cJSON_GetObjectItem(json[i], name);
        if (!kept) fail_msg("no config.json has %s", name);
        found++;
    }
    assert_in_range(found, 20, 80);
    for (int i = 0; i < 5; i++) cJSON_Delete(json[i]);
    for (int i = 1; i < 5; i++) {  // and each file alone repeats its run
        RUN(r, "train", "--config", in(r, "run%d/config.json", i), "--out", in(r, "again%d", i));
        assert_ok(r);
        assert_same_run(in(r, "run%d", i), in(r, "again%d", i));
    }
}

int main(void) {
    begin(true);
    const struct CMUnitTest tests[] = {
        ROOM(run_repeats_on_the_reference),
        ROOM(run_repeats_on_the_device),
        ROOM(resumed_run_repeats_as_a_whole_one),
        ROOM(resuming_keeps_how_the_run_was_asked_for),
        ROOM(command_line_changes_what_is_repeated),
        ROOM(another_set_takes_the_place_of_shapes),
        ROOM(kernels_of_a_file_are_those_of_its_device),
        ROOM(flags_of_a_file_are_switched_off),
        ROOM(typed_words_push_aside_what_does_not_go_with_them),
        ROOM(what_is_not_as_recorded_is_told),
        ROOM(each_key_of_a_config_is_an_option),
        ROOM(each_option_that_shapes_a_run_is_in_its_config),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
