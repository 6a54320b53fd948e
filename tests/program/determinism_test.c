// The same settings on the same device give the same bytes; another seed gives others.
#include "runner.h"

#include <stdlib.h>
#include <string.h>

static const char *const devices[] = {"reference", NULL};  // NULL: the best Vulkan device

static void train(struct room *r, const char *seed, const char *out) {
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "2", "--seed", seed, "--out", out);
    assert_ok(r);
}

static void sample(struct room *r, const char *run, const char *seed, const char *file) {
    RUN(r, "sample", run, "-n", "20", "--seed", seed, "-o", file);
    assert_ok(r);
}

static void assert_differ(const char *a, const char *b) {
    size_t size, other_size;
    unsigned char *bytes = read_bytes(a, &size), *others = read_bytes(b, &other_size);
    const bool same = size == other_size && memcmp(bytes, others, size) == 0;
    free(bytes);
    free(others);
    if (same) fail_msg("%s and %s are the same", a, b);
}

static void same_seed_gives_the_same_run(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    for (int i = 0; i < 2; i++) {
        r->device = devices[i];
        const char *one = in(r, "one-%d", i), *two = in(r, "two-%d", i), *other = in(r, "other-%d", i);
        train(r, "7", one);
        r->variable[0] = "LP_NUM_THREADS=1";  // lavapipe on one core
        train(r, "7", two);
        r->variable[0] = NULL;
        train(r, "18446744073709551615", other);
        assert_same_run(one, two);
        assert_differ(in(r, "one-%d/checkpoint.safetensors", i),
                      in(r, "other-%d/checkpoint.safetensors", i));
        assert_differ(in(r, "one-%d/metrics.jsonl", i), in(r, "other-%d/metrics.jsonl", i));
        assert_differ(in(r, "one-%d/samples-002.png", i), in(r, "other-%d/samples-002.png", i));
    }
}

// Whether the set lies on the device or streams through it, also when the run is continued otherwise.
static void streamed_set_gives_the_same_run(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    for (int i = 0; i < 2; i++) {
        r->device = devices[i];
        const char *whole = in(r, "whole-%d", i), *streamed = in(r, "streamed-%d", i);
        train(r, "7", whole);
        RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--seed", "7", "--out", streamed,
            "--data-memory", "12000");
        assert_ok(r);
        assert_has(r->err, "stream through");
        RUN(r, "train", "--resume", streamed, "--epochs", "2");
        assert_ok(r);
        assert_same_run(whole, streamed);
        RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "2", "--seed", "7", "--out", streamed,
            "--force", "--data-memory", "12000");
        assert_ok(r);
        assert_same_run(whole, streamed);
    }
}

static void packed_set_gives_the_same_run(void **state) {
    struct room *r = *state;
    struct set gz = small_set;
    gz.gz = gz.labels = true;
    write_set(in(r, "set"), &small_set);
    train(r, "7", in(r, "plain"));
    remove_tree(in(r, "set"));
    write_set(in(r, "set"), &gz);
    train(r, "7", in(r, "gz"));
    assert_same_run(in(r, "plain"), in(r, "gz"));
}

static void same_seed_gives_the_same_samples(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    for (int i = 0; i < 2; i++) {
        r->device = devices[i];
        const char *run = in(r, "run-%d", i), *png = in(r, "a.png"), *npy = in(r, "a.npy");
        train(r, "7", run);
        sample(r, run, "3", png);
        sample(r, run, "3", in(r, "b.png"));
        sample(r, run, "4", in(r, "c.png"));
        assert_same_file(png, in(r, "b.png"));
        assert_differ(png, in(r, "c.png"));
        sample(r, run, "3", npy);
        sample(r, in(r, "run-%d/checkpoint.safetensors", i), "3",
               in(r, "b.npy"));  // the file for the folder
        assert_same_file(npy, in(r, "b.npy"));
    }
}

// Pictures of one pixel, one picture, a batch of one; a test set with one picture more than fits a
// batch.
static void smallest_and_odd_sets_are_trained_on(void **state) {
    struct room *r = *state;
    const struct set sets[] = {
        {.height = 1, .width = 1, .train = 1, .test = 1},
        {.height = 1, .width = 3, .train = 5, .test = 7},
        {.height = 13, .width = 2, .train = 31, .test = 513},
        {.height = 3, .width = 97, .train = 17, .test = 2},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct listing listing;
        write_set(in(r, "set-%zu", i), &sets[i]);
        r->device = i % 2 ? NULL : "reference";
        RUN(r, "train", "--data", in(r, "set-%zu", i), "--hidden", "1", "--latent", "1", "--batch",
            sets[i].train > 4 ? "4" : "1", "--epochs", "1", "--out", in(r, "run-%zu", i));
        assert_ok(r);
        listing = list_folder(in(r, "run-%zu", i), "");
        assert_int_equal(count_of(listing.text, "\n"), 8);
        assert_int_equal(count_of(r->out, "nan"), 0);
    }
}

int main(void) {
    begin(true);
    const struct CMUnitTest tests[] = {
        ROOM(same_seed_gives_the_same_run),         ROOM(streamed_set_gives_the_same_run),
        ROOM(packed_set_gives_the_same_run),        ROOM(same_seed_gives_the_same_samples),
        ROOM(smallest_and_odd_sets_are_trained_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
