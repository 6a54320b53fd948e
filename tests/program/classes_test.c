// train --classes: what a run on some classes keeps, and how it goes on.
#include "runner.h"

#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

static const struct set labelled = {
    .height = 12, .width = 10, .train = 200, .test = 60, .seed = 1, .labels = true};

static cJSON *read_config(struct room *r, const char *run) {
    unsigned char *text = read_bytes(in(r, "%s/config.json", run), NULL);
    cJSON *json = cJSON_Parse((const char *)text);
    assert_non_null(json);
    free(text);
    return json;
}

static double number(const cJSON *json, const char *key) {
    return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, key));
}

// Labels are the pictures' numbers modulo 10.
static void a_run_keeps_its_classes(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &labelled);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "2", "--classes", "3,7", "--out",
        in(r, "two"));
    assert_ok(r);
    cJSON *config = read_config(r, "two");
    const cJSON *record = cJSON_GetObjectItemCaseSensitive(config, "record");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(config, "classes")),
                        "3,7");
    assert_true(number(record, "train_count") == 40 && number(record, "test_count") == 12);
    cJSON_Delete(config);
    RUN(r, "info", in(r, "two"), "--json");
    assert_ok(r);
    assert_has(r->out, "\"classes\":\t\"3,7\"");
    // One epoch, continued from its own settings, is the same run; so is one that its file asks for.
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--classes", "3,7", "--out",
        in(r, "one"));
    assert_ok(r);
    RUN(r, "train", "--resume", in(r, "one"), "--epochs", "2");
    assert_ok(r);
    assert_same_file(in(r, "one/checkpoint.safetensors"), in(r, "two/checkpoint.safetensors"));
    RUN(r, "train", "--config", in(r, "two/config.json"), "--out", in(r, "again"));
    assert_ok(r);
    assert_same_run(in(r, "again"), in(r, "two"));
}

// The pictures to draw are more than those that are trained on.
static void a_drawn_set_keeps_its_size(void **state) {
    struct room *r = *state;
    RUN(r, "train", "--images", "100", "--test-images", "50", "--size", "8x8", SMALL, "--epochs", "2",
        "--classes", "1", "--out", in(r, "two"));
    assert_ok(r);
    cJSON *config = read_config(r, "two");
    assert_true(number(config, "images") == 100 && number(config, "test-images") == 50);
    const double count = number(cJSON_GetObjectItemCaseSensitive(config, "record"), "train_count");
    assert_true(count > 20 && count < 50);
    cJSON_Delete(config);
    RUN(r, "train", "--images", "100", "--test-images", "50", "--size", "8x8", SMALL, "--epochs", "1",
        "--classes", "1", "--out", in(r, "one"));
    assert_ok(r);
    RUN(r, "train", "--resume", in(r, "one"), "--epochs", "2");
    assert_ok(r);
    assert_same_file(in(r, "one/checkpoint.safetensors"), in(r, "two/checkpoint.safetensors"));
    // Its codes are of these pictures; another class of the set can be looked at.
    RUN(r, "encode", in(r, "two"), "--part", "train", "-o", in(r, "codes.csv"), "--json");
    assert_ok(r);
    cJSON *json = cJSON_Parse(r->out);
    assert_true(number(json, "count") == count);
    cJSON_Delete(json);
    RUN(r, "encode", in(r, "two"), "--part", "train", "--classes", "0,2", "-o", in(r, "others.csv"),
        "--json");
    assert_ok(r);
    json = cJSON_Parse(r->out);
    assert_true(number(json, "count") == 100 - count);
    cJSON_Delete(json);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(a_run_keeps_its_classes),
        ROOM(a_drawn_set_keeps_its_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
