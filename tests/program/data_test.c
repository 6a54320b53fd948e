// vkvae data: the set that is drawn, in a folder and out of it; what a set holds.
#include "runner.h"

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const files[] = {"train-images-idx3-ubyte",  "train-labels-idx1-ubyte",
                                    "train-factors-idx2-float", "t10k-images-idx3-ubyte",
                                    "t10k-labels-idx1-ubyte",   "t10k-factors-idx2-float"};

static cJSON *json_of(const char *text) {
    cJSON *json = cJSON_Parse(text);
    if (!json) fail_msg("no JSON: %s", text);
    return json;
}

static double number(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    if (!cJSON_IsNumber(item)) fail_msg("'%s' is no number", key);
    return item->valuedouble;
}

// data_checksum of what was printed, or of a run's config.json.
static double checksum_said(const struct room *r) {
    cJSON *json = json_of(r->out);
    const double sum = number(json, "data_checksum");
    cJSON_Delete(json);
    return sum;
}

static double checksum_kept(const char *config) {
    unsigned char *text = read_bytes(config, NULL);
    cJSON *json = json_of((const char *)text);
    const double sum = number(cJSON_GetObjectItem(json, "record"), "data_checksum");
    cJSON_Delete(json);
    free(text);
    return sum;
}

// ---- Drawing into a folder ----

static void drawn_folder_is_the_set_itself(void **state) {
    struct room *r = *state;
    for (int coloured = 0; coloured < 2; coloured++) {
        const char *channels = coloured ? "3" : "1", *folder = in(r, "set%d", coloured);
        RUN(r, "data", "shapes", "-n", "60", "--test-images", "20", "--size", "9x12", "--channels",
            channels, "--data-seed", "7", "-o", folder);
        assert_ok(r);
        assert_has(r->out, "60 pictures to train on and 20 to test on");
        assert_has(r->out, " train --data ");
        assert_tidy(folder);
        RUN(r, "data", "info", folder, "--json");
        assert_ok(r);
        const double written = checksum_said(r);
        RUN(r, "data", "info", "--images", "60", "--test-images", "20", "--size", "9x12", "--channels",
            channels, "--data-seed", "7", "--json");
        assert_ok(r);
        assert_true(checksum_said(r) == written);
        RUN(r, "train", SMALL, "--epochs", "1", "--images", "60", "--test-images", "20", "--size",
            "9x12", "--channels", channels, "--data-seed", "7", "--out", in(r, "drawn%d", coloured));
        assert_ok(r);
        RUN(r, "train", SMALL, "--epochs", "1", "--data", folder, "--out", in(r, "read%d", coloured));
        assert_ok(r);
        assert_true(checksum_kept(in(r, "drawn%d/config.json", coloured)) == written);
        assert_true(checksum_kept(in(r, "read%d/config.json", coloured)) == written);
        assert_same_file(in(r, "drawn%d/checkpoint.safetensors", coloured),
                         in(r, "read%d/checkpoint.safetensors", coloured));
    }
}

static void run_on_the_drawn_set_is_continued(void **state) {
    struct room *r = *state;
    static const char *const sets[] = {"--images=50", "--test-images=20", "--size=9x12",
                                       "--data-seed=7"};
    RUN(r, "train", SMALL, "--epochs", "2", sets[0], sets[1], sets[2], sets[3], "--out", in(r, "whole"));
    assert_ok(r);
    RUN(r, "train", SMALL, "--epochs", "1", sets[0], sets[1], sets[2], sets[3], "--out", in(r, "parts"));
    assert_ok(r);
    RUN(r, "train", "--resume", in(r, "parts"), "--epochs", "2");
    assert_ok(r);
    assert_same_file(in(r, "whole/checkpoint.safetensors"), in(r, "parts/checkpoint.safetensors"));
}

static void folder_that_is_not_empty_is_refused_unless_forced(void **state) {
    struct room *r = *state;
    const char *set = in(r, "set");
    RUN(r, "data", "shapes", "-n", "20", "--size", "8x8", "--channels", "3", "-o", set);
    assert_ok(r);
    write_bytes(in(r, "set/notes"), "mine", 4);
    write_bytes(in(r, "set/.train-images-idx3-ubyte.17-0.tmp"), "half", 4);
    struct listing before = list_folder(set, "");
    RUN(r, "data", "shapes", "-n", "10", "--size", "8x8", "-o", set);
    ASSERT_REFUSED(r, 2, set, "is not empty", "--force");
    assert_string_equal(before.text, list_folder(set, "").text);
    RUN(r, "data", "shapes", "-n", "10", "--size", "8x8", "-o", set, "--force");
    assert_ok(r);
    assert_true(exists(in(r, "set/notes")));
    assert_false(exists(in(r, "set/train-images-idx4-ubyte")));  // it would be a second set
    assert_tidy(set);
    RUN(r, "data", "info", set, "--json");
    assert_ok(r);
    assert_has(r->out, "\"channels\":\t1,");
    RUN(r, "data", "shapes", "-n", "10", "-o", in(r, "set/notes"));
    ASSERT_REFUSED(r, 2, in(r, "set/notes"), "is not a folder", "--out");
    RUN(r, "data", "shapes", "-n", "10", "-o", in(r, "set/notes/deeper"));
    ASSERT_REFUSED(r, 1, "cannot be created");
    assert_int_equal(mkdir(in(r, "empty"), 0777), 0);
    RUN(r, "data", "shapes", "-n", "10", "-o", in(r, "empty"), "--quiet");
    assert_ok(r);
    assert_string_equal(r->out, "");
}

// Whatever is missing then, what is there cannot be taken for a set.
static void full_disk_leaves_no_half_of_a_set(void **state) {
    struct room *r = *state;
    static const uint64_t limits[] = {1000, 20000, 100000, 150000};
    // Labels are 2008 and 3008 bytes, factors 40,012 and 60,012, images 128,016 and 192,016.
    static const char *const counts[] = {"--images=2000", "--test-images=3000"};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const char *set = in(r, "set%zu", i);
        r->file_limit = limits[i];
        RUN(r, "data", "shapes", counts[0], counts[1], "--size", "8x8", "-o", set);
        r->file_limit = 0;
        ASSERT_REFUSED(r, 1, set, "writing at offset", "File too large");
        assert_tidy(set);
        RUN(r, "data", "info", set);
        ASSERT_REFUSED(r, 4, set, limits[i] < 128016 ? "holds no set" : "is not there");
        RUN(r, "data", "shapes", counts[0], counts[1], "--size", "8x8", "-o", set, "--force");
        assert_ok(r);
        for (size_t k = 0; k < sizeof files / sizeof *files; k++)
            assert_true(exists(in(r, "set%zu/%s", i, files[k])));
    }
}

static void folder_may_be_called_shapes(void **state) {
    struct room *r = *state;
    char line[3 * PATH_SIZE];
    (void)snprintf(line, sizeof line, "cd '%s' && '%s' data shapes -n 9 --size 8x8 -o shapes --json",
                   r->folder, VKVAE_PROGRAM);
    assert_int_equal(run_shell(r, line), 0);
    cJSON *json = json_of(r->out);
    assert_true(number(cJSON_GetObjectItem(json, "train"), "count") == 9);
    cJSON_Delete(json);
    (void)snprintf(line, sizeof line,
                   "cd '%s' && '%s' data shapes -n 9 --size 8x8 -o shapes --force && '%s' data info "
                   "./shapes",
                   r->folder, VKVAE_PROGRAM, VKVAE_PROGRAM);
    assert_int_equal(run_shell(r, line), 0);
    assert_has(r->out, "train --data ./shapes\n");
    assert_has(r->out, "./shapes: pictures of 8x8, grey");
}

// ---- What a set holds ----

static void info_is_an_object_with_these_keys(void **state) {
    struct room *r = *state;
    static const char *const keys[] = {
        "name",          "path",    "height",       "width",       "channels", "floats",
        "normalize",     "skipped", "classes",      "class_count", "train",    "test",
        "data_checksum", "factors", "factor_names", "picture",     "vocabulary"};
    static const char *const parts[] = {"count", "labels", "least", "greatest", "mean", "variance"};
    RUN(r, "data", "info", "--images", "100", "--channels", "3", "--json", "-o", in(r, "p.png"));
    assert_ok(r);
    cJSON *json = json_of(r->out);
    assert_int_equal(cJSON_GetArraySize(json), sizeof keys / sizeof *keys);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_true(cJSON_HasObjectItem(json, keys[i]));
    const cJSON *train = cJSON_GetObjectItem(json, "train"), *test = cJSON_GetObjectItem(json, "test");
    assert_int_equal(cJSON_GetArraySize(train), sizeof parts / sizeof *parts);
    assert_true(number(train, "count") == 100 && number(test, "count") == 20);
    assert_true(number(train, "labels") == 3 && number(train, "least") == 0);
    assert_true(number(train, "greatest") == 255);
    assert_true(number(json, "height") == 28 && number(json, "factors") == 6);
    const cJSON *names = cJSON_GetObjectItem(json, "factor_names");
    assert_string_equal(cJSON_GetArrayItem(names, 5)->valuestring, "hue");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "classes")), 3);
    const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "classes"), 0);
    assert_string_equal(cJSON_GetObjectItem(first, "name")->valuestring, "0");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "normalize")));
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(json, "floats")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "path")));
    assert_string_equal(cJSON_GetObjectItem(json, "picture")->valuestring, in(r, "p.png"));
    cJSON_Delete(json);
}

// Pictures of small_set are 10 but for a third, a row or a column, of 230.
static void info_counts_what_is_there(void **state) {
    struct room *r = *state;
    struct set labelled = small_set;
    labelled.labels = true;
    write_set(in(r, "set"), &labelled);
    RUN(r, "data", "info", in(r, "set"), "--json");
    assert_ok(r);
    cJSON *json = json_of(r->out);
    const cJSON *test = cJSON_GetObjectItem(json, "test");
    assert_true(number(test, "count") == 60 && number(test, "labels") == 10);
    assert_true(number(test, "least") == 10 && number(test, "greatest") == 230);
    unsigned char *file = read_bytes(in(r, "set/t10k-images-idx3-ubyte"), NULL);
    double sum = 0, squares = 0;
    const int pixels = 60 * 12 * 10;
    for (int i = 0; i < pixels; i++) {
        sum += file[16 + i] / 255.0 / pixels;
        squares += file[16 + i] / 255.0 * (file[16 + i] / 255.0) / pixels;
    }
    free(file);
    const double mean = number(test, "mean") - sum,
                 variance = number(test, "variance") - (squares - sum * sum);
    assert_true(mean * mean < 1e-20 && variance * variance < 1e-20);
    assert_true(number(json, "factors") == 0);
    assert_string_equal(cJSON_GetObjectItem(json, "path")->valuestring, in(r, "set"));
    cJSON_Delete(json);
    RUN(r, "data", "info", in(r, "set"));
    assert_ok(r);
    assert_has(r->out, "pictures of 12x10, grey");
    assert_has(r->out, "factors   none");
}

static void info_writes_only_the_picture_asked_for(void **state) {
    struct room *r = *state;
    RUN(r, "data", "shapes", "-n", "30", "--size", "8x10", "--channels", "3", "-o", in(r, "set"));
    assert_ok(r);
    struct listing before = list_folder(in(r, "set"), "");
    RUN(r, "data", "info", in(r, "set"));
    assert_ok(r);
    assert_has(r->out, "factor 1, factor 2, factor 3, factor 4, factor 5, factor 6");
    assert_has(r->out, " -o pictures.png\n");
    RUN(r, "data", "info", in(r, "set"), "--quiet");
    assert_ok(r);
    assert_null(strstr(r->out, "pictures.png"));
    // 30 pictures in 6 columns and 5 rows, of 10 x 8 at a scale of 13, 2 apart.
    RUN(r, "data", "info", in(r, "set"), "-n", "64", "-o", in(r, "grid.png"));
    assert_ok(r);
    unsigned char *png = read_bytes(in(r, "grid.png"), NULL);
    assert_int_equal(png[18] << 8 | png[19], 6 * (13 * 10 + 2) - 2);
    assert_int_equal(png[22] << 8 | png[23], 5 * (13 * 8 + 2) - 2);
    free(png);
    assert_string_equal(before.text, list_folder(in(r, "set"), "").text);
}

// ---- Files of other kinds ----

static void assert_trained(struct room *r, const char *data, const char *const options[3]) {
    const char *run = in(r, "run of %s", strrchr(data, '/') + 1);
    RUN(r, "data", "info", data, options[0], options[1], options[2]);
    assert_ok(r);
    RUN(r, "train", "--data", data, options[0], options[1], options[2], "--hidden=8", "--latent=2",
        "--batch=4", "--epochs=1", "--out", run);
    assert_ok(r);
    RUN(r, "train", "--resume", run, "--epochs=2");
    assert_ok(r);
    RUN(r, "info", run);
    assert_ok(r);
    assert_has(r->out, "read with");
    RUN(r, "sample", run, "-n2", "-o", in(r, "s.npy"));
    assert_ok(r);
}

static void table_and_pictures_are_trained_on_and_continued(void **state) {
    struct room *r = *state;
    const char *table = "a,b,c\n1,2,0\n3,5,1\n2,9,0\n4,1,1\n5,5,0\n6,2,1\n7,3,0\n8,8,1\n";
    write_bytes(in(r, "t.csv"), table, strlen(table));
    assert_trained(r, in(r, "t.csv"),
                   (const char *const[]){"--normalize=minmax", "--labels=c", "--split=0.5"});
    RUN(r, "train", "--images=40", "--size=8x8", "--hidden=8", "--batch=20", "--epochs=1", "--out",
        in(r, "first"));
    RUN(r, "sample", in(r, "first"), "-n10", "--each", in(r, "pictures"));
    assert_ok(r);
    assert_trained(r, in(r, "pictures"),
                   (const char *const[]){"--size=7x5", "--channels=3", "--split=0.8"});
}

// Columns from 100 to 107 and from -9 to -2: what is drawn lies there, and not from 0 to 1.
static void samples_are_in_the_units_of_the_data(void **state) {
    struct room *r = *state;
    static const char *const ways[] = {"--normalize=minmax", "--normalize=standard", "--range=-20,120"};
    static const float low[3][2] = {{100, -9}, {92, -17}, {-20, -20}},
                       high[3][2] = {{107, -2}, {115, 6}, {120, 120}};
    enum { DRAWN = 40, HEADER = 128 };
    float drawn[DRAWN][2];
    const char *table = "100,-9\n101,-8\n102,-7\n103,-6\n104,-5\n105,-4\n106,-3\n107,-2\n";
    write_bytes(in(r, "t.csv"), table, strlen(table));
    for (int i = 0; i < 3; i++) {
        size_t size = 0;
        RUN(r, "train", "--data", in(r, "t.csv"), ways[i], "--hidden=8", "--latent=2", "--batch=4",
            "--epochs=1", "--out", in(r, "run%d", i));
        assert_ok(r);
        RUN(r, "sample", in(r, "run%d", i), "-n40", "-o", in(r, "s.npy"));
        assert_ok(r);
        unsigned char *file = read_bytes(in(r, "s.npy"), &size);
        assert_int_equal(size, HEADER + sizeof drawn);
        memcpy(drawn, file + HEADER, sizeof drawn);  // little-endian, as what runs this is
        free(file);
        float least[2] = {drawn[0][0], drawn[0][1]}, greatest[2] = {least[0], least[1]};
        for (int k = 0; k < DRAWN; k++)
            for (int c = 0; c < 2; c++) {
                assert_true(drawn[k][c] >= low[i][c] && drawn[k][c] <= high[i][c]);
                if (drawn[k][c] < least[c]) least[c] = drawn[k][c];
                if (drawn[k][c] > greatest[c]) greatest[c] = drawn[k][c];
            }
        for (int c = 0; c < 2; c++) assert_true(greatest[c] - least[c] > 0.01F);
    }
}

// ---- What is refused ----

static void options_that_mean_nothing_are_refused(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    static const char *const options[] = {"--images=9",   "--test-images=9",    "--size=9x9",
                                          "--channels=3", "--data-seed=9",      "--fit=stretch",
                                          "--strict",     "--normalize=minmax", "--split=0.5"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%.*s ", (int)strcspn(options[i], "="), options[i]);
        RUN(r, "data", "info", in(r, "set"), options[i]);
        ASSERT_REFUSED(r, 2, name, in(r, "set"), "leave it out");
        RUN(r, "train", "--data", in(r, "set"), options[i], "--out", in(r, "run"));
        ASSERT_REFUSED(r, 2, name, in(r, "set"), "leave it out");
    }
    RUN(r, "data", "info", "-n", "3");
    ASSERT_REFUSED(r, 2, "--count", "--out");
    RUN(r, "data", "info", "-o", "x.jpg");
    ASSERT_REFUSED(r, 2, "x.jpg", ".png");
    RUN(r, "data", "info", "no-such-set");
    ASSERT_REFUSED(r, 4, "no-such-set", "shapes (built in)");
    RUN(r, "data", "info", "--images", "3", "-o", in(r, "nowhere/p.png"));
    ASSERT_REFUSED(r, 1, in(r, "nowhere/p.png"));
    RUN(r, "data", "shapes", "-n", "9");
    ASSERT_REFUSED(r, 2, "--out is missing");
    RUN(r, "data", "shapes", "--channels", "2", "-o", in(r, "out"));
    ASSERT_REFUSED(r, 2, "--channels 2", "1 (grey) or 3 (colour)");
    RUN(r, "data", "shapes", "-n", "3000", "--size", "1024x1024", "-o", in(r, "out"));
    ASSERT_REFUSED(r, 2, "--images 3000", "2 GiB", "2048 at most");
    RUN(r, "train", "--images", "100", "--out", in(r, "out"));
    ASSERT_REFUSED(r, 2, "--batch 128", "100 images");
    assert_false(exists(in(r, "out")));
    assert_false(exists(in(r, "run")));
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(drawn_folder_is_the_set_itself),
        ROOM(run_on_the_drawn_set_is_continued),
        ROOM(folder_that_is_not_empty_is_refused_unless_forced),
        ROOM(full_disk_leaves_no_half_of_a_set),
        ROOM(folder_may_be_called_shapes),
        ROOM(info_is_an_object_with_these_keys),
        ROOM(info_counts_what_is_there),
        ROOM(info_writes_only_the_picture_asked_for),
        ROOM(table_and_pictures_are_trained_on_and_continued),
        ROOM(samples_are_in_the_units_of_the_data),
        ROOM(options_that_mean_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
