// vkvae sample: what is drawn or read, what is written of it, what is told of it.
#include "runner.h"

#include "abi.h"
#include "array.h"
#include "noise.h"
#include "picture.h"

#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LATENT = 4, HEIGHT = 12, WIDTH = 10, PIXELS = HEIGHT * WIDTH };
enum { COUNT = 300 };  // more than are decoded at a time, and no multiple of it

static void train_run(struct room *r) {
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
}

#define SAMPLE(r, ...) RUN(r, "sample", in(r, "run"), __VA_ARGS__)

static struct vv_array read_array(const char *path) {
    struct vv_context ctx;
    struct vv_array array = {0};
    vv_context_init(&ctx);
    if (!vv_npy_read(&ctx, path, &array)) fail_msg("%s", ctx.error);
    return array;
}

static void write_array(const char *path, const float *values, const uint32_t *dims, uint32_t rank) {
    struct vv_context ctx;
    vv_context_init(&ctx);
    if (!vv_npy_write(&ctx, path, values, dims, rank)) fail_msg("%s", ctx.error);
}

static void fill_noise(float z[COUNT * LATENT], uint64_t seed, float scale) {
    for (uint32_t i = 0; i < COUNT; i++)
        for (uint32_t k = 0; k < LATENT; k++)
            z[i * LATENT + k] = scale * vv_noise_at(seed, VV_STREAM_SAMPLE, 0, i, k);
}

static void write_noise(const char *path, uint32_t rows, uint64_t seed, float scale) {
    static float z[COUNT * LATENT];
    fill_noise(z, seed, scale);
    write_array(path, z, (const uint32_t[]){rows, LATENT}, 2);
}

// What is in the room but the program's output.
static struct listing files_in(struct room *r) {
    return list_folder(r->folder, "stdout stderr set run full");
}

// ---- Temperature ----

// A run's own samples are made by the same tape, of the run's seed.
static void ordinary_draw_is_the_runs_own(void **state) {
    struct room *r = *state;
    train_run(r);
    SAMPLE(r, "-n64", "--seed", "42", "--columns", "8", "--scale", "8", "-o", in(r, "a.png"));
    assert_ok(r);
    assert_same_file(in(r, "a.png"), in(r, "run/samples-001.png"));
    SAMPLE(r, "-n64", "--seed", "42", "--columns", "8", "--scale", "8", "--temperature", "1", "-o",
           in(r, "b.png"));
    assert_ok(r);
    assert_same_file(in(r, "b.png"), in(r, "run/samples-001.png"));
}

static vkvae_sample_result sample_at(struct room *r, double temperature, float **pixels) {
    vkvae *v = vkvae_create();
    vkvae_sample_options options;
    vkvae_sample_result result;
    vkvae_sample_defaults(&options);
    options.run = in(r, "run");
    options.device.device = "reference";
    options.count = COUNT;
    options.temperature = temperature;
    options.pixels = pixels;
    if (vkvae_sample(v, &options, &result) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
    return result;
}

static void temperature_is_the_deviation_of_z(void **state) {
    struct room *r = *state;
    float *zero, *one, *two;
    train_run(r);
    const vkvae_sample_result at0 = sample_at(r, 0, &zero), at1 = sample_at(r, 1, &one),
                              at2 = sample_at(r, 2, &two);
    assert_true(at0.z_mean == 0 && at0.z_variance == 0);
    for (int i = 1; i < COUNT; i++)
        assert_memory_equal(zero, zero + (size_t)i * PIXELS, PIXELS * sizeof *zero);
    // Of 1,200 draws: four deviations of either estimate.
    assert_true(fabs(at1.z_mean) < 4 / sqrt(COUNT * LATENT));
    assert_true(fabs(at1.z_variance - 1) < 4 * sqrt(2.0 / (COUNT * LATENT)));
    assert_true(at2.z_mean == 2 * at1.z_mean && at2.z_variance == 4 * at1.z_variance);
    assert_true(at0.pixel_variance < at1.pixel_variance && at1.pixel_variance < at2.pixel_variance);
    assert_memory_not_equal(one, two, sizeof(float) * COUNT * PIXELS);
    vkvae_free(zero);
    vkvae_free(one);
    vkvae_free(two);
}

// ---- From a file ----

static void check_from(struct room *r) {
    const char *z = in(r, "z.npy"), *drawn = in(r, "drawn.npy"), *decoded = in(r, "decoded.npy");
    write_noise(z, COUNT, 5, 1);
    SAMPLE(r, "-n300", "--seed", "5", "-o", drawn);
    if (r->code == 3) skip();
    assert_ok(r);
    SAMPLE(r, "--from", z, "-o", decoded);
    assert_ok(r);
    assert_same_file(drawn, decoded);
    write_noise(z, COUNT, 5, 0.25F);
    SAMPLE(r, "-n300", "--seed", "5", "--temperature", "0.25", "-o", drawn);
    assert_ok(r);
    SAMPLE(r, "--from", z, "-o", decoded);
    assert_ok(r);
    assert_same_file(drawn, decoded);
}

static void z_of_a_draw_decode_to_the_draw(void **state) {
    train_run(*state);
    check_from(*state);
}

static void they_do_on_a_device(void **state) {
    struct room *r = *state;
    train_run(r);
    r->device = NULL;
    check_from(r);
    SAMPLE(r, "--from", in(r, "z.npy"), "-o", in(r, "decoded.npy"), "--validate");
    if (r->code != 0 && strstr(r->err, "vulkan-validationlayers")) skip();
    assert_ok(r);
    assert_same_file(in(r, "drawn.npy"), in(r, "decoded.npy"));
}

static void one_z_needs_no_rows(void **state) {
    struct room *r = *state;
    static float z[COUNT * LATENT];
    train_run(r);
    fill_noise(z, 5, 1);
    write_array(in(r, "z.npy"), z, (const uint32_t[]){LATENT}, 1);
    write_array(in(r, "row.npy"), z, (const uint32_t[]){1, LATENT}, 2);
    SAMPLE(r, "--from", in(r, "z.npy"), "-o", in(r, "one.npy"));
    assert_ok(r);
    assert_has(r->out, "one.npy: 1 sample\n");
    SAMPLE(r, "--from", in(r, "row.npy"), "-o", in(r, "other.npy"));
    assert_ok(r);
    SAMPLE(r, "-n1", "--seed", "5", "-o", in(r, "drawn.npy"));
    assert_ok(r);
    assert_same_file(in(r, "one.npy"), in(r, "drawn.npy"));
    assert_same_file(in(r, "other.npy"), in(r, "drawn.npy"));
}

// ---- Each picture in a file ----

// Picture `i` of `folder`, each of its pixels as a square of `scale`, is that of the array.
static void check_picture(struct room *r, const char *folder, uint32_t i, uint32_t scale,
                          const struct vv_array *array) {
    uint32_t size[3];
    unsigned char *pixels = read_png(in(r, "%s/%05u.png", folder, i), size);
    assert_int_equal(size[0], HEIGHT * scale);
    assert_int_equal(size[1], WIDTH * scale);
    assert_int_equal(size[2], 1);
    for (uint32_t y = 0; y < size[0]; y++)
        for (uint32_t x = 0; x < size[1]; x++) {
            const float value = array->values[i * PIXELS + y / scale * WIDTH + x / scale];
            assert_int_equal(pixels[y * size[1] + x], (int)(value * 255 + 0.5F));
        }
    free(pixels);
}

// Cell `i` of a grid at scale 1 with margins of 2.
static void check_cell(struct room *r, const unsigned char *grid, const uint32_t grid_size[3],
                       uint32_t columns, uint32_t i) {
    uint32_t size[3];
    unsigned char *pixels = read_png(in(r, "new/folder/%05u.png", i), size);
    const uint32_t top = i / columns * (HEIGHT + 2), left = i % columns * (WIDTH + 2);
    for (uint32_t y = 0; y < HEIGHT; y++)
        assert_memory_equal(grid + (size_t)(top + y) * grid_size[1] + left, pixels + (size_t)y * WIDTH,
                            WIDTH);
    free(pixels);
}

static void each_picture_has_a_file(void **state) {
    struct room *r = *state;
    uint32_t size[3];
    train_run(r);
    SAMPLE(r, "-n7", "--each", in(r, "new/folder"), "-o", in(r, "a.npy"));
    assert_ok(r);
    assert_has(r->out, "a.npy: 7 samples\n");
    assert_has(r->out, "new/folder: 7 pictures, 00000.png to 00006.png\n");
    assert_int_equal(count_of(list_folder(in(r, "new/folder"), "").text, "\n"), 7);
    assert_int_equal(mkdir(in(r, "empty"), 0777), 0);
    SAMPLE(r, "-n7", "--each", in(r, "empty"), "-o", in(r, "a.png"), "--scale", "3", "--columns", "2");
    assert_ok(r);
    SAMPLE(r, "-n7", "--scale", "1", "--columns", "3", "-o", in(r, "b.png"));
    assert_ok(r);
    struct vv_array array = read_array(in(r, "a.npy"));
    unsigned char *grid = read_png(in(r, "b.png"), size);
    for (uint32_t i = 0; i < 7; i++) {
        check_picture(r, "new/folder", i, 1, &array);
        check_picture(r, "empty", i, 3, &array);
        check_cell(r, grid, size, 3, i);
    }
    free(array.values);
    free(grid);
}

static void grid_is_written_unasked_only_without_each(void **state) {
    struct room *r = *state;
    char line[2 * PATH_SIZE];
    train_run(r);
    (void)snprintf(line, sizeof line, "cd '%s' && '%s' sample run -n 3 --each pictures", r->folder,
                   VKVAE_PROGRAM);
    run_shell(r, line);
    assert_ok(r);
    assert_false(exists(in(r, "samples.png")));
    assert_true(exists(in(r, "pictures/00002.png")));
    (void)snprintf(line, sizeof line, "cd '%s' && '%s' sample run -n 3", r->folder, VKVAE_PROGRAM);
    run_shell(r, line);
    assert_ok(r);
    assert_string_equal(r->out, "samples.png: 3 samples\n");
    assert_true(exists(in(r, "samples.png")));
}

static void pictures_on_a_full_disk(void **state) {
    struct room *r = *state;
    train_run(r);
    r->file_limit = 1000;
    SAMPLE(r, "--each", in(r, "pictures"), "--scale", "64", "-n3");
    r->file_limit = 0;
    ASSERT_REFUSED(r, 1, in(r, "pictures/00000.png"), "writing at offset 1000 failed");
    assert_string_equal(list_folder(in(r, "pictures"), "").text, "");
    SAMPLE(r, "--each", in(r, "pictures"), "--scale", "64", "-n3");
    assert_ok(r);
}

// ---- What is told ----

static double number_in(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    if (!cJSON_IsNumber(item)) fail_msg("no number '%s'", key);
    return item->valuedouble;
}

// The value of a key that may be null (NULL).
static const char *text_in(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    if (!cJSON_IsString(item) && !cJSON_IsNull(item)) fail_msg("neither text nor null: '%s'", key);
    return item->valuestring;
}

static cJSON *parse_output(const struct room *r) {
    const char *end = NULL;
    assert_ok(r);
    cJSON *json = cJSON_ParseWithOpts(r->out, &end, false);
    if (!json || strcmp(end, "\n") != 0) fail_msg("not one object and a newline: %s", r->out);
    assert_int_equal(cJSON_GetArraySize(json), 16);
    assert_true(number_in(json, "height") == (double)HEIGHT &&
                number_in(json, "width") == (double)WIDTH);
    assert_true(number_in(json, "channels") == 1 && number_in(json, "latent") == (double)LATENT);
    return json;
}

static void check_moments(const cJSON *json, const char *what, const float *numbers, size_t count) {
    char key[32];
    double mean = 0, variance = 0;
    for (size_t i = 0; i < count; i++) mean += numbers[i] / (double)count;
    for (size_t i = 0; i < count; i++) variance += pow(numbers[i] - mean, 2) / (double)count;
    (void)snprintf(key, sizeof key, "%s_mean", what);
    assert_true(fabs(number_in(json, key) - mean) < 1e-12);
    (void)snprintf(key, sizeof key, "%s_variance", what);
    assert_true(fabs(number_in(json, key) - variance) < 1e-12);
}

static void object_tells_of_a_draw(void **state) {
    struct room *r = *state;
    static float z[COUNT * LATENT];
    train_run(r);
    fill_noise(z, UINT64_MAX, 0.5F);
    SAMPLE(r, "-n300", "--seed", "18446744073709551615", "--temperature", "0.5", "-o", in(r, "a.npy"),
           "--json", "--stats", "-q");
    cJSON *json = parse_output(r);
    struct vv_array array = read_array(in(r, "a.npy"));
    assert_string_equal(r->err, "");
    assert_string_equal(text_in(json, "run"), in(r, "run"));
    assert_string_equal(text_in(json, "out"), in(r, "a.npy"));
    assert_null(text_in(json, "each"));
    assert_null(text_in(json, "from"));
    assert_string_equal(text_in(json, "seed"), "18446744073709551615");
    assert_true(number_in(json, "temperature") == 0.5);
    assert_true(number_in(json, "count") == (double)COUNT);
    check_moments(json, "z", z, COUNT * LATENT);
    check_moments(json, "pixel", array.values, array.count);
    free(array.values);
    cJSON_Delete(json);
}

static void object_tells_of_a_file(void **state) {
    struct room *r = *state;
    static float z[COUNT * LATENT];
    train_run(r);
    fill_noise(z, 3, 2);
    write_noise(in(r, "z.npy"), 5, 3, 2);
    SAMPLE(r, "--from", in(r, "z.npy"), "--each", in(r, "pictures"), "--json");
    cJSON *json = parse_output(r);
    assert_string_equal(text_in(json, "from"), in(r, "z.npy"));
    assert_null(text_in(json, "seed"));
    assert_null(text_in(json, "temperature"));
    assert_null(text_in(json, "out"));
    assert_string_equal(text_in(json, "each"), in(r, "pictures"));
    assert_true(number_in(json, "count") == 5);
    check_moments(json, "z", z, (size_t)5 * LATENT);
    cJSON_Delete(json);
}

static void stats_are_two_lines(void **state) {
    struct room *r = *state;
    double told[4];
    int end = 0;
    train_run(r);
    SAMPLE(r, "--json", "-o", in(r, "a.npy"));
    cJSON *json = parse_output(r);
    SAMPLE(r, "--stats", "--quiet", "-o", in(r, "a.npy"));
    assert_ok(r);
    assert_string_equal(r->err, "");
    assert_int_equal(sscanf(r->out, "z: mean %lf, variance %lf\npixels: mean %lf, variance %lf\n%n",
                            &told[0], &told[1], &told[2], &told[3], &end),
                     4);
    assert_int_equal(r->out[end], 0);
    static const char *const keys[] = {"z_mean", "z_variance", "pixel_mean", "pixel_variance"};
    for (int i = 0; i < 4; i++) {
        const double exact = number_in(json, keys[i]);
        assert_true(fabs(told[i] - exact) <= 1e-5 * fabs(exact));
    }
    cJSON_Delete(json);
    SAMPLE(r, "-q", "-o", in(r, "a.npy"));
    assert_ok(r);
    assert_string_equal(r->out, "");
    assert_string_equal(r->err, "");
}

// ---- Refusals ----

static void what_makes_no_sense_is_refused(void **state) {
    struct room *r = *state;
    train_run(r);
    write_noise(in(r, "z.npy"), 5, 1, 1);
    write_bytes(in(r, "full.png"), "", 0);
    assert_int_equal(mkdir(in(r, "full"), 0777), 0);
    write_bytes(in(r, "full/a"), "", 0);
    const struct {
        const char *words[3], *said[3];
    } cases[] = {
        {{"--temperature=-1"}, {"--temperature -1", "a number from 0 to 100"}},
        {{"--temperature=100.5"}, {"--temperature 100.5", "a number from 0 to 100"}},
        {{"--temperature=nan"}, {"--temperature nan", "a number from 0 to 100"}},
        {{"--from", in(r, "z.npy"), "-n3"}, {"--count", "--from", "leave one of them out"}},
        {{"--from", in(r, "z.npy"), "--seed=0"}, {"--seed", "--from", "leave one of them out"}},
        {{"--from", in(r, "z.npy"), "--temperature=1"}, {"--temperature", "--from", "leave one"}},
        {{"--from", "z.txt"}, {"--from z.txt", "ends in .npy"}},
        {{"--each", in(r, "full")}, {in(r, "full"), "is not empty", "--each"}},
        {{"--each", in(r, "full.png")}, {in(r, "full.png"), "is not a folder", "--each"}},
        {{"--each", in(r, "new"), "--columns=3"}, {"--columns", in(r, "new"), "leave it out"}},
        {{"--each", in(r, "new"), "--each="}, {"--each is empty"}},
    };
    struct listing before = files_in(r), full = list_folder(in(r, "full"), "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        RUN(r, "sample", in(r, "run"), cases[i].words[0], cases[i].words[1], cases[i].words[2]);
        ASSERT_REFUSED(r, 2, cases[i].said[0], cases[i].said[1], cases[i].said[2]);
        assert_string_equal(r->out, "");
        assert_string_equal(before.text, files_in(r).text);
    }
    SAMPLE(r, "--each", in(r, "new"), "-o", in(r, "a.npy"), "--columns", "3");
    ASSERT_REFUSED(r, 2, "--columns", in(r, "a.npy"), "leave it out");
    assert_string_equal(before.text, files_in(r).text);
    assert_string_equal(full.text, list_folder(in(r, "full"), "").text);
}

static void z_that_do_not_fit_are_refused(void **state) {
    struct room *r = *state;
    static float z[65537 * LATENT];
    train_run(r);
    z[9] = NAN;
    z[27] = -INFINITY;
    const struct {
        const char *name;
        uint32_t rank, dims[4];
        const float *values;
        const char *said[2];
    } cases[] = {
        {"wide.npy", 2, {3, LATENT + 1}, z, {"its shape is [3, 5]", "save it as [n, 4]"}},
        {"short.npy", 1, {LATENT - 1}, z, {"its shape is [3]", "z of 4 numbers"}},
        {"deep.npy", 3, {1, 1, LATENT}, z, {"its shape is [1, 1, 4]", "save it as [n, 4]"}},
        {"nan.npy", 2, {5, LATENT}, z, {"number 1 of row 2 is nan", "finite"}},
        {"inf.npy", 2, {5, LATENT}, z + 20, {"number 3 of row 1 is -inf", "finite"}},
        {"many.npy", 2, {65537, LATENT}, z, {"holds 65537 z", "take them in parts"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = in(r, "%s", cases[i].name);
        write_array(path, cases[i].values, cases[i].dims, cases[i].rank);
        SAMPLE(r, "--from", path, "--each", in(r, "new"));
        ASSERT_REFUSED(r, 4, path, cases[i].said[0], cases[i].said[1]);
        assert_false(exists(in(r, "new")));
    }
    write_bytes(in(r, "text.npy"), "0.1 0.2 0.3 0.4\n", 16);
    SAMPLE(r, "--from", in(r, "text.npy"), "--each", in(r, "new"));
    ASSERT_REFUSED(r, 4, in(r, "text.npy"), "offset 0", "numpy.save(file, z.astype(");
    SAMPLE(r, "--from", in(r, "none.npy"), "--each", in(r, "new"));
    ASSERT_REFUSED(r, 4, in(r, "none.npy"), "check the path");
    assert_false(exists(in(r, "new")));
}

// Finite, but the first layer's sums are not, and the second's are inf - inf.
static void z_too_large_to_decode_are_refused(void **state) {
    struct room *r = *state;
    enum { ROWS = 100, WIDE = 64 };
    static float z[ROWS * WIDE];
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--latent", "64", "--epochs", "1", "--out",
        in(r, "run"));
    assert_ok(r);
    for (uint32_t i = 0; i < ROWS * WIDE; i++)
        z[i] = copysignf(3e38F, vv_noise_at(1, VV_STREAM_SAMPLE, 0, i, 0));
    write_array(in(r, "z.npy"), z, (const uint32_t[]){ROWS, WIDE}, 2);
    SAMPLE(r, "--from", in(r, "z.npy"), "--each", in(r, "new"));
    ASSERT_REFUSED(r, 4, in(r, "z.npy"), "decode to NaN", "smaller");
    assert_false(exists(in(r, "new")));
}

static void library_names_the_option(void **state) {
    struct room *r = *state;
    vkvae *v = vkvae_create();
    vkvae_sample_options options;
    vkvae_sample_result result = {.count = 1};
    train_run(r);
    vkvae_sample_defaults(&options);
    assert_true(options.temperature == 1);
    options.run = in(r, "run");
    options.device.device = "reference";
    static const double wrong[] = {-0.5, 100.5, NAN, INFINITY};
    for (int i = 0; i < 4; i++) {
        options.temperature = wrong[i];
        assert_int_equal(vkvae_sample(v, &options, &result), VKVAE_USAGE);
        assert_has(vkvae_error(v), "--temperature");
        assert_int_equal(result.count, 0);
    }
    options.temperature = 1;
    options.each = in(r, "set");
    assert_int_equal(vkvae_sample(v, &options, &result), VKVAE_USAGE);
    assert_has(vkvae_error(v), "--each");
    // What z is drawn by does not matter where none is drawn.
    options.each = NULL;
    options.count = 0;
    options.temperature = NAN;
    options.from = in(r, "z.npy");
    write_noise(in(r, "z.npy"), 5, 1, 1);
    if (vkvae_sample(v, &options, &result) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    assert_int_equal(result.count, 5);
    assert_int_equal(result.height, HEIGHT);
    assert_int_equal(result.width, WIDTH);
    assert_int_equal(result.channels, 1);
    assert_int_equal(result.latent, LATENT);
    vkvae_destroy(v);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(ordinary_draw_is_the_runs_own),
        ROOM(temperature_is_the_deviation_of_z),
        ROOM(z_of_a_draw_decode_to_the_draw),
        ROOM(they_do_on_a_device),
        ROOM(one_z_needs_no_rows),
        ROOM(each_picture_has_a_file),
        ROOM(grid_is_written_unasked_only_without_each),
        ROOM(pictures_on_a_full_disk),
        ROOM(object_tells_of_a_draw),
        ROOM(object_tells_of_a_file),
        ROOM(stats_are_two_lines),
        ROOM(what_makes_no_sense_is_refused),
        ROOM(z_that_do_not_fit_are_refused),
        ROOM(z_too_large_to_decode_are_refused),
        ROOM(library_names_the_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
