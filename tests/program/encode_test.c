// vkvae encode: which pictures become codes, in which order, and what is written of them.
#include "runner.h"

#include "abi.h"
#include "array.h"
#include "noise.h"
#include "npy.h"
#include "zip.h"

#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATENT = 4, TRAIN = 200, TEST = 60, ALL = TRAIN + TEST };  // ALL: more than one batch

static const struct set labelled = {
    .height = 12, .width = 10, .train = TRAIN, .test = TEST, .seed = 1, .labels = true};

static void train_run(struct room *r) {
    write_set(in(r, "set"), &labelled);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
}

#define ENCODE(r, ...) RUN(r, "encode", in(r, "run"), __VA_ARGS__)

// What the library hands over.
struct codes {
    float *mu, *logvar, *z;
    uint32_t *labels;
    vkvae_encode_result result;
};

static vkvae_encode_options options_of(struct room *r) {
    vkvae_encode_options options;
    vkvae_encode_defaults(&options);
    options.use.run = in(r, "run");
    options.use.device.device = "reference";
    return options;
}

static struct codes encode(vkvae_encode_options options) {
    struct codes c = {.mu = NULL};
    vkvae *v = vkvae_create();
    options.mu = &c.mu;
    options.logvar = &c.logvar;
    options.z = &c.z;
    options.labels = &c.labels;
    if (vkvae_encode(v, &options, &c.result) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    assert_int_equal(c.result.latent, LATENT);
    vkvae_destroy(v);
    return c;
}

static void codes_finish(struct codes *c) {
    vkvae_free(c->mu);
    vkvae_free(c->logvar);
    vkvae_free(c->z);
    vkvae_free(c->labels);
}

// Codes first .. of one are those from `other_first` on of another.
static void assert_same_codes(const struct codes *one, uint32_t first, const struct codes *other,
                              uint32_t other_first, uint32_t count) {
    const size_t at = (size_t)first * LATENT, to = (size_t)other_first * LATENT,
                 bytes = (size_t)count * LATENT * sizeof(float);
    assert_true(first + count <= one->result.count && other_first + count <= other->result.count);
    assert_memory_equal(one->mu + at, other->mu + to, bytes);
    assert_memory_equal(one->logvar + at, other->logvar + to, bytes);
}

// ---- Which pictures ----

static void parts_follow_each_other(void **state) {
    struct room *r = *state;
    vkvae_encode_options options = options_of(*state);
    train_run(r);
    struct codes test = encode(options);
    options.use.part = "train";
    struct codes train = encode(options);
    options.use.part = "all";
    struct codes all = encode(options);
    options.use.reading.limit = TRAIN + 5;
    struct codes some = encode(options);
    options.use.reading.limit = 7;
    struct codes few = encode(options);
    assert_int_equal(test.result.count, TEST);
    assert_int_equal(train.result.count, TRAIN);
    assert_int_equal(all.result.count, ALL);
    assert_int_equal(some.result.count, TRAIN + 5);
    assert_int_equal(few.result.count, 7);
    assert_same_codes(&all, 0, &train, 0, TRAIN);
    assert_same_codes(&all, TRAIN, &test, 0, TEST);
    assert_same_codes(&some, 0, &all, 0, TRAIN + 5);
    assert_same_codes(&few, 0, &all, 0, 7);
    assert_true(all.result.labels);
    for (uint32_t i = 0; i < ALL; i++) {
        const uint32_t label = (i < TRAIN ? i : i - TRAIN) % 10;
        assert_int_equal(all.labels[i], label);
    }
    assert_null(all.z);
    for (struct codes *const *c = (struct codes *[]){&test, &train, &all, &some, &few, NULL}; *c; c++)
        codes_finish(*c);
}

static void named_set_has_its_own_parts(void **state) {
    struct room *r = *state;
    vkvae_encode_options options = options_of(*state);
    train_run(r);
    struct codes own = encode(options);
    options.use.data = in(r, "set");
    struct codes named = encode(options);
    options.use.data = "shapes";
    options.use.shapes.images = 30;
    struct codes drawn = encode(options);
    options.use.part = "all";
    struct codes both = encode(options);
    assert_int_equal(named.result.count, TEST);
    assert_same_codes(&own, 0, &named, 0, TEST);
    assert_int_equal(drawn.result.count, 6);  // a fifth, of the model's size
    assert_int_equal(both.result.count, 36);
    assert_same_codes(&both, 30, &drawn, 0, 6);
    codes_finish(&own);
    codes_finish(&named);
    codes_finish(&drawn);
    codes_finish(&both);
}

// A folder has no part to test on: all of it is meant. Pixels that are three times as large become one
// again.
static void pictures_are_brought_to_the_models_size(void **state) {
    struct room *r = *state;
    vkvae_encode_options options = options_of(*state);
    train_run(r);
    RUN(r, "sample", in(r, "run"), "-n5", "--each", in(r, "small"));
    assert_ok(r);
    RUN(r, "sample", in(r, "run"), "-n5", "--scale", "3", "--each", in(r, "large"));
    assert_ok(r);
    options.use.data = in(r, "small");
    struct codes small = encode(options);
    options.use.data = in(r, "large");
    struct codes large = encode(options);
    assert_int_equal(small.result.count, 5);
    assert_int_equal(large.result.count, 5);
    assert_same_codes(&small, 0, &large, 0, 5);
    assert_false(small.result.labels);
    assert_null(small.labels);
    codes_finish(&small);
    codes_finish(&large);
}

// Numbers of an array become 0 and 1 as those of the run's own set did, and what lies beyond is cut off.
static void arrays_are_in_the_units_of_the_runs(void **state) {
    struct room *r = *state;
    enum { ROWS = 40, WIDE = 6 };
    static float table[ROWS * WIDE];
    struct vv_context ctx;
    vkvae_encode_options options = options_of(*state);
    vv_context_init(&ctx);
    for (uint32_t i = 0; i < ROWS * WIDE; i++) table[i] = 10 * vv_noise_at(3, VV_STREAM_SAMPLE, 0, i, 0);
    assert_true(vv_npy_write(&ctx, in(r, "all.npy"), table, (const uint32_t[]){ROWS, WIDE}, 2));
    assert_true(vv_npy_write(&ctx, in(r, "some.npy"), table, (const uint32_t[]){9, WIDE}, 2));
    RUN(r, "train", "--data", in(r, "all.npy"), "--normalize", "minmax", SMALL, "--epochs", "1", "--out",
        in(r, "run"));
    assert_ok(r);
    options.use.data = in(r, "all.npy");
    struct codes all = encode(options);
    options.use.data = in(r, "some.npy");
    struct codes some = encode(options);
    assert_int_equal(all.result.count, ROWS);
    assert_int_equal(some.result.count, 9);
    assert_same_codes(&all, 0, &some, 0, 9);
    codes_finish(&all);
    codes_finish(&some);
}

static void checkpoint_alone_is_enough(void **state) {
    struct room *r = *state;
    vkvae_encode_options options = options_of(*state);
    train_run(r);
    struct codes run = encode(options);
    RUN(r, "encode", in(r, "run/checkpoint.safetensors"), "-o", in(r, "a.npz"));
    ASSERT_REFUSED(r, 2, in(r, "run/checkpoint.safetensors"), "which knows no set", "--data");
    assert_false(exists(in(r, "a.npz")));
    options.use.run = in(r, "run/checkpoint.safetensors");
    options.use.data = in(r, "set");
    struct codes alone = encode(options);
    assert_same_codes(&run, 0, &alone, 0, TEST);
    codes_finish(&run);
    codes_finish(&alone);
}

// A run of a Bernoulli likelihood of pictures that are 0 or 1 sees its test pictures so.
static void binarized_pictures_are_those_of_the_test(void **state) {
    struct room *r = *state;
    vkvae_encode_options options = options_of(*state);
    write_set(in(r, "set"), &labelled);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--binarize", "static", "--epochs", "1", "--out",
        in(r, "run"));
    assert_ok(r);
    struct codes test = encode(options), again = encode(options);
    options.use.part = "all";
    struct codes all = encode(options);
    assert_same_codes(&test, 0, &again, 0, TEST);
    assert_same_codes(&test, 0, &all, TRAIN, TEST);
    codes_finish(&test);
    codes_finish(&again);
    codes_finish(&all);
}

// ---- z ----

static void z_is_drawn_from_the_posterior(void **state) {
    struct room *r = *state;
    vkvae_encode_options options = options_of(*state);
    train_run(r);
    options.sample = true;
    options.seed = UINT64_MAX - 5;
    options.use.part = "all";
    struct codes c = encode(options), again = encode(options);
    options.seed = 1;
    struct codes other = encode(options);
    for (uint32_t i = 0; i < ALL * LATENT; i++) {
        const double eps =
            (double)vv_noise_at(UINT64_MAX - 5, VV_STREAM_ENCODE, 0, i / LATENT, i % LATENT);
        const double z = (double)c.mu[i] + exp((double)c.logvar[i] / 2) * eps;
        assert_true(fabs(z - (double)c.z[i]) <= 1e-5 * (1 + fabs(z)));
    }
    assert_memory_equal(c.z, again.z, sizeof(float) * ALL * LATENT);
    assert_memory_not_equal(c.z, other.z, sizeof(float) * ALL * LATENT);
    assert_same_codes(&c, 0, &other, 0, ALL);
    codes_finish(&c);
    codes_finish(&again);
    codes_finish(&other);
}

// ---- Files ----

// The array of an .npz under a name, without its header.
static void *array_in(const char *path, const char *name, const char *type, struct vv_npy *npy) {
    struct vv_context ctx;
    struct vv_arena arena;
    struct vv_zip zip;
    struct vv_source source;
    void *values = NULL;
    *npy = (struct vv_npy){.count = 1};
    vv_context_init(&ctx);
    vv_arena_init(&arena, &ctx);
    if (!vv_zip_open(&arena, path, &zip)) fail_msg("%s", ctx.error);
    for (uint32_t i = 0; i < zip.count && !values; i++) {
        if (strcmp(zip.members[i].name, name) != 0) continue;
        if (!vv_zip_open_member(&arena, &zip, &zip.members[i], &source) ||
            !vv_npy_open(&source, false, npy))
            fail_msg("%s", ctx.error);
        assert_string_equal(npy->type, type);
        values = calloc(npy->count + 1, 4);
        assert_non_null(values);
        assert_true(vv_source_read(&source, values, npy->count * 4) && vv_source_end(&source));
        vv_source_close(&source);
    }
    vv_zip_close(&zip);
    vv_arena_finish(&arena);
    return values;
}

static void assert_array(const char *path, const char *name, const char *type, const void *values,
                         uint32_t columns) {
    struct vv_npy npy = {.rank = 0};
    void *there = array_in(path, name, type, &npy);
    assert_non_null(there);
    assert_int_equal(npy.rank, columns ? 2 : 1);
    assert_int_equal(npy.dims[0], ALL);
    if (columns) assert_int_equal(npy.dims[1], columns);
    assert_memory_equal(there, values, npy.count * 4);
    free(there);
}

static void arrays_of_a_file_read_back(void **state) {
    struct room *r = *state;
    vkvae_encode_options options = options_of(*state);
    train_run(r);
    options.sample = true;
    options.seed = 7;
    options.use.part = "all";
    struct codes c = encode(options);
    const char *file = in(r, "a.npz");
    ENCODE(r, "--part", "all", "--sample", "--seed", "7", "-o", file);
    assert_ok(r);
    assert_has(r->out, "a.npz: codes of 260 pictures, 4 numbers each, with their labels\n");
    assert_array(file, "mu.npy", "<f4", c.mu, LATENT);
    assert_array(file, "logvar.npy", "<f4", c.logvar, LATENT);
    assert_array(file, "z.npy", "<f4", c.z, LATENT);
    assert_array(file, "labels.npy", "<u4", c.labels, 0);
    ENCODE(r, "--part", "all", "-o", file);
    assert_ok(r);
    assert_null(array_in(file, "z.npy", "<f4", &(struct vv_npy){.rank = 0}));
    codes_finish(&c);
}

static void assert_npy(const char *path, const float *values) {
    struct vv_context ctx;
    struct vv_array array;
    vv_context_init(&ctx);
    if (!vv_npy_read(&ctx, path, &array)) fail_msg("%s", ctx.error);
    assert_int_equal(array.rank, 2);
    assert_int_equal(array.count, ALL * LATENT);
    assert_memory_equal(array.values, values, sizeof(float) * ALL * LATENT);
    free(array.values);
}

static void one_array_is_mu_or_z(void **state) {
    struct room *r = *state;
    vkvae_encode_options options = options_of(*state);
    train_run(r);
    options.sample = true;
    options.use.part = "all";
    struct codes c = encode(options);
    ENCODE(r, "--part", "all", "-o", in(r, "mu.npy"));
    assert_ok(r);
    assert_has(r->out, "mu.npy: codes of 260 pictures, 4 numbers each\n");
    ENCODE(r, "--part", "all", "--sample", "-o", in(r, "z.npy"));
    assert_ok(r);
    assert_npy(in(r, "mu.npy"), c.mu);
    assert_npy(in(r, "z.npy"), c.z);
    codes_finish(&c);
}

// Each number of a line, in order.
static const char *assert_numbers(const char *at, const float *values) {
    for (int k = 0; k < LATENT; k++) {
        char *end;
        assert_int_equal(*at, ',');
        const float value = strtof(at + 1, &end);
        assert_memory_equal(&value, values + k, sizeof value);
        at = end;
    }
    return at;
}

static void table_has_the_same_floats(void **state) {
    struct room *r = *state;
    char begin[32];
    vkvae_encode_options options = options_of(*state);
    train_run(r);
    options.sample = true;
    options.use.part = "all";
    struct codes c = encode(options);
    ENCODE(r, "--part", "all", "--sample", "-o", in(r, "a.csv"));
    assert_ok(r);
    char *text = (char *)read_bytes(in(r, "a.csv"), NULL);
    const char *at = text, *head = "index,label,mu0,mu1,mu2,mu3,logvar0,logvar1,logvar2,logvar3,"
                                   "z0,z1,z2,z3\n";
    assert_memory_equal(at, head, strlen(head));
    at += strlen(head);
    for (uint32_t i = 0; i < ALL; i++) {
        (void)snprintf(begin, sizeof begin, "%u,%u", i, c.labels[i]);
        assert_memory_equal(at, begin, strlen(begin));
        at = assert_numbers(at + strlen(begin), c.mu + (size_t)i * LATENT);
        at = assert_numbers(at, c.logvar + (size_t)i * LATENT);
        at = assert_numbers(at, c.z + (size_t)i * LATENT);
        assert_int_equal(*at++, '\n');
    }
    assert_int_equal(*at, 0);
    free(text);
    codes_finish(&c);
}

// ---- On a device, and what is told ----

static void devices_encode_alike(void **state) {
    struct room *r = *state;
    train_run(r);
    vkvae_encode_options options = options_of(r);
    options.use.part = "all";
    struct codes reference = encode(options);
    options.use.device.device = NULL;
    struct codes device = encode(options), again = encode(options);
    options.use.device.minimum_limits = true;
    struct codes least = encode(options);
    assert_same_codes(&device, 0, &again, 0, ALL);
    for (uint32_t i = 0; i < ALL * LATENT; i++) {
        assert_true(fabs((double)reference.mu[i] - (double)device.mu[i]) < 1e-4);
        assert_true(fabs((double)reference.logvar[i] - (double)device.logvar[i]) < 1e-4);
        assert_true(fabs((double)reference.mu[i] - (double)least.mu[i]) < 1e-4);
    }
    for (struct codes *const *c = (struct codes *[]){&reference, &device, &again, &least, NULL}; *c; c++)
        codes_finish(*c);
}

static void object_tells_what_was_encoded(void **state) {
    struct room *r = *state;
    train_run(r);
    ENCODE(r, "--limit", "9", "-o", in(r, "a.npy"), "--json", "-q");
    assert_ok(r);
    assert_string_equal(r->err, "");
    cJSON *json = cJSON_Parse(r->out);
    assert_int_equal(cJSON_GetArraySize(json), 6);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "run")), in(r, "run"));
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "out")), in(r, "a.npy"));
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(json, "count")) == 9);
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(json, "latent")) == LATENT);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "labels")));
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(json, "seconds")) > 0);
    cJSON_Delete(json);
    ENCODE(r, "-q", "-o", in(r, "a.npy"));
    assert_ok(r);
    assert_string_equal(r->out, "");
    assert_string_equal(r->err, "");
}

static void nothing_is_written_where_it_fails(void **state) {
    struct room *r = *state;
    train_run(r);
    const struct {
        const char *words[3], *said[2];
        int code;
    } cases[] = {
        {{"--seed", "3"}, {"--seed is of z", "--sample"}, 2},
        {{"--size", "12x10"}, {"--size", "leave it out"}, 2},
        {{"--split=0.5"}, {"--split", "leave it out"}, 2},
        {{"--images", "3"}, {"--images", "shapes"}, 2},
        {{"--data", in(r, "none")}, {in(r, "none"), ""}, 4},
        {{"--data=shapes", "--size", "16x16"}, {"16x16", "12x10"}, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ENCODE(r, "-o", in(r, "a.npz"), cases[i].words[0], cases[i].words[1], cases[i].words[2]);
        ASSERT_REFUSED(r, cases[i].code, cases[i].said[0], cases[i].said[1]);
        assert_string_equal(r->out, "");
        assert_false(exists(in(r, "a.npz")));
    }
    ENCODE(r, "-o", in(r, "none/a.npz"));
    ASSERT_REFUSED(r, 1, in(r, "none/a.npz"), "");
}

int main(void) {
    begin(true);
    const struct CMUnitTest tests[] = {
        ROOM(parts_follow_each_other),
        ROOM(named_set_has_its_own_parts),
        ROOM(pictures_are_brought_to_the_models_size),
        ROOM(arrays_are_in_the_units_of_the_runs),
        ROOM(checkpoint_alone_is_enough),
        ROOM(binarized_pictures_are_those_of_the_test),
        ROOM(z_is_drawn_from_the_posterior),
        ROOM(arrays_of_a_file_read_back),
        ROOM(one_array_is_mu_or_z),
        ROOM(table_has_the_same_floats),
        ROOM(devices_encode_alike),
        ROOM(object_tells_what_was_encoded),
        ROOM(nothing_is_written_where_it_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
