// vkvae reconstruct, decode and augment: what each decodes, and how it is laid out; and all commands of
// explore.h on devices.
#include "explored.h"

#include "abi.h"
#include "handle.h"
#include "message.h"
#include "noise.h"
#include "picture.h"
#include "used.h"

#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// ---- Reconstructions ----

// The test pictures of the set, and below the means of p(x|z) of their codes.
static void reconstructions_are_decoded_codes(void **state) {
    struct room *r = *state;
    static unsigned char bytes[TEST * PIXELS];
    train_run(r);
    RUN(r, "encode", in(r, "run"), "--sample", "--seed", "5", "-o", in(r, "codes.npz"));
    assert_ok(r);
    RUN(r, "reconstruct", in(r, "run"), "-n", "100", "--mean", "-o", in(r, "mean.npy"));
    assert_ok(r);
    assert_has(r->out, "mean.npy: 60 pictures and what became of them\n");
    RUN(r, "reconstruct", in(r, "run"), "-n", "60", "--seed", "5", "-o", in(r, "drawn.npy"));
    assert_ok(r);
    struct vv_array mean = read_array(in(r, "mean.npy"), NULL),
                    drawn = read_array(in(r, "drawn.npy"), NULL),
                    mu = read_array(in(r, "codes.npz"), "mu"), z = read_array(in(r, "codes.npz"), NULL);
    assert_pictures(&mean, 2 * TEST);
    assert_pictures(&drawn, 2 * TEST);
    fill_pictures(bytes, TEST, HEIGHT, WIDTH, 1001);
    for (uint32_t i = 0; i < TEST * PIXELS; i++) {
        assert_true(fabs((double)mean.values[i] - bytes[i] / 255.0) < 1e-7);
        assert_true(mean.values[i] == drawn.values[i]);
    }
    assert_decoded(r, mean.values + (size_t)TEST * PIXELS, mu.values, TEST, LATENT);
    assert_decoded(r, drawn.values + (size_t)TEST * PIXELS, z.values, TEST, LATENT);
    assert_memory_not_equal(mu.values, z.values, sizeof(float) * TEST * LATENT);
    for (float *const *v = (float *[]){mean.values, drawn.values, mu.values, z.values, NULL}; *v; v++)
        free(*v);
}

// Ten in rows of four: the last two rows have two pictures and two gaps.
static void grid_has_each_picture_above_what_became_of_it(void **state) {
    struct room *r = *state;
    uint32_t size[3];
    train_run(r);
    RUN(r, "reconstruct", in(r, "run"), "-n10", "--columns", "4", "--scale", "1", "-o", in(r, "a.png"));
    assert_ok(r);
    RUN(r, "reconstruct", in(r, "run"), "-n10", "-o", in(r, "a.npy"));
    assert_ok(r);
    unsigned char *grid = read_png(in(r, "a.png"), size);
    struct vv_array array = read_array(in(r, "a.npy"), NULL);
    assert_int_equal(size[0], 6 * (HEIGHT + 2) - 2);
    assert_int_equal(size[1], 4 * (WIDTH + 2) - 2);
    for (uint32_t i = 0; i < 12; i++) {
        const uint32_t cell = i / 4 * 8 + i % 4;
        assert_cell(grid, size, 4, cell, i < 10 ? array.values + (size_t)i * PIXELS : NULL);
        assert_cell(grid, size, 4, cell + 4, i < 10 ? array.values + (size_t)(10 + i) * PIXELS : NULL);
    }
    free(grid);
    free(array.values);
}

// ---- Codes ----

static void decode_is_sampling_from_a_file(void **state) {
    struct room *r = *state;
    train_run(r);
    RUN(r, "encode", in(r, "run"), "--sample", "-o", in(r, "codes.npz"));
    assert_ok(r);
    RUN(r, "encode", in(r, "run"), "--sample", "-o", in(r, "z.npy"));
    assert_ok(r);
    RUN(r, "encode", in(r, "run"), "-o", in(r, "mu.npz"));
    assert_ok(r);
    RUN(r, "sample", in(r, "run"), "--from", in(r, "z.npy"), "-o", in(r, "z.png"), "--columns", "7");
    assert_ok(r);
    RUN(r, "decode", in(r, "run"), in(r, "codes.npz"), "-o", in(r, "a.png"), "--columns", "7");
    assert_ok(r);
    assert_has(r->out, "a.png: 60 codes decoded\n");
    assert_same_file(in(r, "a.png"), in(r, "z.png"));
    RUN(r, "decode", in(r, "run"), in(r, "codes.npz"), "--array", "mu", "-o", in(r, "a.npy"));
    assert_ok(r);
    RUN(r, "decode", in(r, "run"), in(r, "mu.npz"), "-o", in(r, "b.npy"));
    assert_ok(r);
    assert_same_file(in(r, "a.npy"), in(r, "b.npy"));
    RUN(r, "decode", in(r, "run"), in(r, "codes.npz"), "--each", in(r, "new"), "-q");
    assert_ok(r);
    assert_string_equal(r->out, "");
    assert_int_equal(count_of(list_folder(in(r, "new"), "").text, ".png"), TEST);
}

static void text_is_decoded_to_lines(void **state) {
    struct room *r = *state;
    char lines[1024];
    size_t used = 0;
    for (int i = 0; i < 40; i++)
        used += (size_t)snprintf(lines + used, sizeof lines - used, "%s\n",
                                 i % 2 ? "some words here" : "others there");
    write_bytes(in(r, "a.txt"), lines, used);
    RUN(r, "train", "--data", in(r, "a.txt"), "--hidden", "8", "--latent", "2", "--batch", "10",
        "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    RUN(r, "encode", in(r, "run"), "-o", in(r, "codes.npz"));
    assert_ok(r);
    RUN(r, "decode", in(r, "run"), in(r, "codes.npz"));
    assert_ok(r);
    assert_int_equal(count_of(r->out, "\n"), 4);
    assert_has(r->out, "there");
}

// ---- New examples ----

struct examples {
    float *pixels;
    uint32_t *labels;
    vkvae_augment_result result;
};

static vkvae_augment_options augment_options(struct room *r) {
    vkvae_augment_options o;
    vkvae_augment_defaults(&o);
    o.use.run = in(r, "run");
    o.use.device.device = "reference";
    return o;
}

static struct examples augment(vkvae_augment_options o) {
    struct examples e = {.pixels = NULL};
    vkvae *v = vkvae_create();
    o.pixels = &e.pixels;
    o.labels = &e.labels;
    if (vkvae_augment(v, &o, &e.result) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
    return e;
}

static void examples_finish(struct examples *e) {
    vkvae_free(e->pixels);
    vkvae_free(e->labels);
}

// Without noise each round is the reconstruction of the means again.
static void cold_examples_are_reconstructions(void **state) {
    struct room *r = *state;
    vkvae_augment_options o = augment_options(r);
    train_run(r);
    o.count = 2 * TEST + 7;
    o.temperature = 0;
    struct examples e = augment(o);
    RUN(r, "reconstruct", in(r, "run"), "-n", "60", "--mean", "-o", in(r, "a.npy"));
    assert_ok(r);
    struct vv_array both = read_array(in(r, "a.npy"), NULL);
    assert_int_equal(e.result.sources, TEST);
    assert_true(e.result.labels);
    for (uint32_t i = 0; i < o.count; i++) {
        assert_memory_equal(e.pixels + (size_t)i * PIXELS,
                            both.values + (size_t)(TEST + i % TEST) * PIXELS, sizeof(float) * PIXELS);
        assert_int_equal(e.labels[i], i % TEST % 10);
    }
    examples_finish(&e);
    free(both.values);
}

// z = mu + T exp(logvar / 2) eps, eps that of the picture and the round; more than one batch.
static void examples_are_drawn_from_the_posteriors(void **state) {
    struct room *r = *state;
    enum { COUNT = 300 };
    static float z[COUNT * LATENT];
    train_run(r);
    RUN(r, "encode", in(r, "run"), "-o", in(r, "codes.npz"));
    assert_ok(r);
    RUN(r, "augment", in(r, "run"), "-n", "300", "--seed", "9", "--temperature", "0.5", "-o",
        in(r, "a.npz"));
    assert_ok(r);
    assert_has(r->out, "a.npz: 300 new pictures near 60, with their labels\n");
    struct vv_array mu = read_array(in(r, "codes.npz"), "mu"),
                    logvar = read_array(in(r, "codes.npz"), "logvar"),
                    images = read_array(in(r, "a.npz"), "images");
    for (uint32_t i = 0; i < COUNT * LATENT; i++) {
        const uint32_t number = i / LATENT, k = i % LATENT, at = number % TEST * LATENT + k;
        const double eps = (double)vv_noise_at(9, VV_STREAM_NEAR, number / TEST, number % TEST, k);
        z[i] = (float)((double)mu.values[at] + 0.5 * exp((double)logvar.values[at] / 2) * eps);
    }
    assert_pictures(&images, COUNT);
    assert_decoded(r, images.values, z, COUNT, LATENT);
    for (float *const *v = (float *[]){mu.values, logvar.values, images.values, NULL}; *v; v++) free(*v);
}

static void same_seed_gives_the_same_bytes(void **state) {
    struct room *r = *state;
    train_run(r);
    RUN(r, "augment", in(r, "run"), "-n", "70", "--seed", "3", "-o", in(r, "a.npz"));
    assert_ok(r);
    RUN(r, "augment", in(r, "run"), "-n", "70", "--seed", "3", "-o", in(r, "b.npz"));
    assert_ok(r);
    assert_same_file(in(r, "a.npz"), in(r, "b.npz"));
    vkvae_augment_options o = augment_options(r);
    o.count = 70;
    o.seed = 3;
    struct examples e = augment(o);
    o.seed = 4;
    struct examples other = augment(o);
    assert_memory_not_equal(e.pixels, other.pixels, sizeof(float) * 70 * PIXELS);
    // Fewer are the first of more.
    o.seed = 3;
    o.count = 65;
    struct examples fewer = augment(o);
    assert_memory_equal(e.pixels, fewer.pixels, sizeof(float) * 65 * PIXELS);
    examples_finish(&e);
    examples_finish(&other);
    examples_finish(&fewer);
}

static void assert_example(struct room *r, const char *name, const float *picture) {
    uint32_t size[3];
    unsigned char *bytes = read_png(in(r, "%s", name), size);
    assert_int_equal(size[0], HEIGHT);
    assert_int_equal(size[1], WIDTH);
    for (uint32_t i = 0; i < PIXELS; i++) assert_int_equal(bytes[i], (int)(picture[i] * 255 + 0.5F));
    free(bytes);
}

// Labels without names are numbers; one picture is in one folder.
static void folder_has_a_folder_for_each_class(void **state) {
    struct room *r = *state;
    char name[64];
    train_run(r);
    vkvae_augment_options o = augment_options(r);
    o.count = 65;
    o.out = in(r, "new/near");
    struct examples e = augment(o);
    for (uint32_t i = 0; i < 65; i++) {
        (void)snprintf(name, sizeof name, "new/near/%u/%05u.png", e.labels[i], i);
        if (i % 16 == 0) assert_example(r, name, e.pixels + (size_t)i * PIXELS);
    }
    for (uint32_t i = 0, files = 0; i < 10; i++) {
        files += (uint32_t)count_of(list_folder(in(r, "new/near/%u", i), "").text, ".png");
        if (i == 9) assert_int_equal(files, 65);
    }
    examples_finish(&e);
}

// Sub-folders of pictures have names, which the new ones have again; what has none lies side by side.
static void names_of_classes_are_kept(void **state) {
    struct room *r = *state;
    train_run(r);
    RUN(r, "sample", in(r, "run"), "-n3", "--each", in(r, "flat"));
    assert_ok(r);
    RUN(r, "augment", in(r, "run"), "--data", in(r, "flat"), "-n4", "-o", in(r, "plain"), "--json");
    assert_ok(r);
    cJSON *json = cJSON_Parse(r->out);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(json, "labels")));
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(json, "sources")) == 3);
    cJSON_Delete(json);
    assert_int_equal(count_of(list_folder(in(r, "plain"), "").text, ".png"), 4);
    RUN(r, "sample", in(r, "run"), "-n3", "--each", in(r, "pictures/cats"));
    assert_ok(r);
    RUN(r, "sample", in(r, "run"), "-n2", "--seed", "8", "--each", in(r, "pictures/dogs"));
    assert_ok(r);
    RUN(r, "augment", in(r, "run"), "--data", in(r, "pictures"), "-n10", "-o", in(r, "near"));
    assert_ok(r);
    assert_has(r->out, "near: 10 new pictures near 5, with their labels\n");
    assert_int_equal(count_of(list_folder(in(r, "near/cats"), "").text, ".png"), 6);
    assert_int_equal(count_of(list_folder(in(r, "near/dogs"), "").text, ".png"), 4);
    // And so it can be trained on.
    RUN(r, "data", "info", in(r, "near"), "--json");
    assert_ok(r);
    assert_has(r->out, "dogs");
}

// ---- On devices ----

// Each command once more, into `name`.npy or .npz.
static void run_all(struct room *r, const char *folder, const char *option, const char *value) {
    char path[64];
    const struct {
        const char *name, *words[4];
    } calls[] = {{"reconstruct", {"--seed", "3", "-n", "20"}},
                 {"interpolate", {"--from", "4", "--to", "9"}},
                 {"traverse", {"--from", "4", "--steps", "3"}},
                 {"augment", {"-n", "70", "--seed", "6"}},
                 {"manifold", {"--steps", "4", "--scale", "1"}}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const bool plane = i == 4;
        (void)snprintf(path, sizeof path, "%s/%s.%s", folder, calls[i].name,
                       plane    ? "png"
                       : i == 3 ? "npz"
                                : "npy");
        RUN(r, calls[i].name, in(r, plane ? "flat" : "run"), "-o", in(r, "%s", path), calls[i].words[0],
            calls[i].words[1], calls[i].words[2], calls[i].words[3], option, value);
        if (r->code == 3) skip();
        assert_ok(r);
    }
}

static void devices_agree(void **state) {
    struct room *r = *state;
    static const char *const arrays[] = {"reconstruct.npy", "interpolate.npy", "traverse.npy",
                                         "augment.npz"};
    train_run(r);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--latent", "2", "--epochs", "1", "--out",
        in(r, "flat"));
    assert_ok(r);
    for (const char *const *f = (const char *const[]){"host", "one", "two", "least", NULL}; *f; f++)
        assert_int_equal(mkdir(in(r, "%s", *f), 0777), 0);
    run_all(r, "host", "--quiet", NULL);
    r->device = NULL;
    run_all(r, "one", "--quiet", NULL);
    run_all(r, "two", "--quiet", NULL);
    run_all(r, "least", "--limits", "minimum");
    assert_string_equal(list_folder(in(r, "one"), "").text, list_folder(in(r, "two"), "").text);
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        const char *name = i == 3 ? "images" : NULL;
        struct vv_array host = read_array(in(r, "host/%s", arrays[i]), name),
                        one = read_array(in(r, "one/%s", arrays[i]), name),
                        least = read_array(in(r, "least/%s", arrays[i]), name);
        for (uint64_t k = 0; k < host.count; k++) {
            assert_true(fabs((double)host.values[k] - (double)one.values[k]) < 1e-4);
            assert_true(fabs((double)host.values[k] - (double)least.values[k]) < 1e-4);
        }
        free(host.values);
        free(one.values);
        free(least.values);
    }
}

// ---- What the library is asked for ----

static void what_the_program_checks_the_library_refuses(void **state) {
    struct room *r = *state;
    vkvae *v = vkvae_create();
    const struct vv_context *ctx = &v->ctx;
    train_run(r);
    vkvae_reconstruct_options reconstruct;
    vkvae_reconstruct_defaults(&reconstruct);
    reconstruct.use.run = in(r, "run");
    reconstruct.count = 0;
    assert_int_equal(vkvae_reconstruct(v, &reconstruct, NULL), VKVAE_USAGE);
    assert_has(vkvae_error(v), "-n 0: expected a whole number from 1 to 65536");
    reconstruct.count = 1;
    reconstruct.pictures.out = "a.gif";
    assert_int_equal(vkvae_reconstruct(v, &reconstruct, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<file>: the output ends neither in .png nor in .npy; name it so", VV_USAGE,
                   "a.gif: the output ends neither in .png nor in .npy; name it so", ctx);
    reconstruct.use.part = "half";
    assert_int_equal(vkvae_reconstruct(v, &reconstruct, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--part <part>: expected train, test or all", VV_USAGE,
                   "--part half: expected train, test or all", ctx);
    vkvae_encode_options encode;
    vkvae_encode_defaults(&encode);
    encode.use.run = in(r, "run");
    encode.out = "a.txt";
    assert_int_equal(vkvae_encode(v, &encode, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<file>: the output ends in none of .npz, .npy and .csv; name it so", VV_USAGE,
                   "a.txt: the output ends in none of .npz, .npy and .csv; name it so", ctx);
    vkvae_interpolate_options interpolate;
    vkvae_interpolate_defaults(&interpolate);
    interpolate.use.run = in(r, "run");
    interpolate.how = "round";
    assert_int_equal(vkvae_interpolate(v, &interpolate, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--how <how>: expected linear or spherical", VV_USAGE,
                   "--how round: expected linear or spherical", ctx);
    interpolate.how = NULL;
    interpolate.steps = 1001;
    assert_int_equal(vkvae_interpolate(v, &interpolate, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--steps <steps>: expected a whole number from <least> to <most>", VV_USAGE,
                   "--steps 1001: expected a whole number from 2 to 1000", ctx);
    vkvae_decode_options decode;
    vkvae_decode_defaults(&decode);
    decode.run = in(r, "run");
    assert_int_equal(vkvae_decode(v, &decode, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("no codes given: name a .npy or .npz of them", VV_USAGE,
                   "no codes given: name a .npy or .npz of them", ctx);
    vkvae_augment_options augmented = augment_options(r);
    augmented.temperature = NAN;
    assert_int_equal(vkvae_augment(v, &augmented, NULL), VKVAE_USAGE);
    assert_has(vkvae_error(v), "--temperature nan: expected a number from 0 to 100");
    vkvae_destroy(v);
}

// No set that is read lacks the part that is looked at; one that is made here does.
static void part_without_pictures_is_named(void **state) {
    (void)state;
    char name[] = "set";
    const vkvae_use use = {.run = "run"};
    struct vv_context ctx;
    vv_context_init(&ctx);
    struct vv_used used = {.ctx = &ctx, .use = &use, .set = {.name = name, .train = {.count = 3}}};
    assert_true(vv_used_choose(&used, NULL));
    assert_int_equal(used.count, 3);
    assert_false(vv_used_choose(&used, "test"));
    ASSERT_MESSAGE("<set>: has no picture in its part '<part>'; name another with --part", VV_BAD_DATA,
                   "set: has no picture in its part 'test'; name another with --part", &ctx);
}

int main(void) {
    begin(true);
    const struct CMUnitTest tests[] = {
        ROOM(reconstructions_are_decoded_codes),
        ROOM(grid_has_each_picture_above_what_became_of_it),
        ROOM(decode_is_sampling_from_a_file),
        ROOM(text_is_decoded_to_lines),
        ROOM(cold_examples_are_reconstructions),
        ROOM(examples_are_drawn_from_the_posteriors),
        ROOM(same_seed_gives_the_same_bytes),
        ROOM(folder_has_a_folder_for_each_class),
        ROOM(names_of_classes_are_kept),
        ROOM(devices_agree),
        ROOM(what_the_program_checks_the_library_refuses),
        cmocka_unit_test(part_without_pictures_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
