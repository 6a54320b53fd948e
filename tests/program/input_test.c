// Bad data and bad options: one line, the right exit code, and nothing written.
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { H = 12, W = 10, N = 200, M = 60 };

static void train_on_set(struct room *r) {
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", in(r, "run"));
}

static void assert_nothing_written(struct room *r) {
    assert_false(exists(in(r, "run")));
}

// ---- Files of a set ----

static void put_images(const char *path, uint32_t magic, uint32_t count, uint32_t height, uint32_t width,
                       size_t bytes) {
    write_idx(path, magic, (const uint32_t[]){count, height, width}, 3, NULL, bytes);
}

// What is done to a file, and what is said of it.
static const struct {
    const char *file;
    uint32_t magic, count, height, width;
    size_t bytes;
    const char *said[2];
} wrong_images[] = {
    {"train", 0x803, N, H, W, 0, {"missing", "offset 16"}},
    {"train", 0x803, N, H, W, N *H *W - 1, {"1 bytes missing", "download"}},
    {"train", 0x803, N, H, W, N *H *W + 1, {"more bytes follow", "right file"}},
    {"t10k", 0x803, M, H, W, M *H *W - 7, {"7 bytes missing", "download"}},
    {"t10k", 0x803, M, H, W, 2 * M *H *W, {"more bytes follow", "right file"}},
    {"train", 0x805, N, H, W, N *H *W, {"0x00000805", "right file"}},
    {"train", 0x804, N, H, W, N *H *W, {"size 3 at offset 16 is 0", "right file"}},
    {"train", 0xd02, N, H, W, N *H *W, {"factors where images belong", "0x00000d02"}},
    {"train", 0, N, H, W, N *H *W, {"0x00000000", "right file"}},
    {"train", 0x801, N, H, W, N *H *W, {"labels", "0x00000801"}},
    {"train", 0x803, 0, H, W, 0, {"is 0", "right file"}},
    {"train", 0x803, N, 0, W, 0, {"is 0", "right file"}},
    {"train", 0x803, N + 1, H, W, N *H *W, {"120 bytes missing", "download"}},
    {"train", 0x803, N - 1, H, W, N *H *W, {"more bytes follow", "right file"}},
    {"train", 0x803, UINT32_MAX, UINT32_MAX, UINT32_MAX, N *H *W, {"4294967295", ""}},
    {"train", 0x803, UINT32_MAX, 1, 1, N *H *W, {"4294967295", ""}},
    {"train", 0x803, 1, 65536, 65536, 9, {"65536", ""}},
    {"t10k", 0x803, M, W, H, M *H *W, {"12x10", "10x12"}},
    {"t10k", 0x803, M, H, W + 1, M *H *(W + 1), {"12x10", "12x11"}},
};

static void wrong_images_are_refused(void **state) {
    struct room *r = *state;
    for (size_t i = 0; i < sizeof wrong_images / sizeof *wrong_images; i++) {
        for (int gz = 0; gz < 2; gz++) {
            struct set set = small_set;
            set.gz = gz;
            write_set(in(r, "set"), &set);
            const char *path =
                in(r, "set/%s-images-idx3-ubyte%s", wrong_images[i].file, gz ? ".gz" : "");
            put_images(path, wrong_images[i].magic, wrong_images[i].count, wrong_images[i].height,
                       wrong_images[i].width, wrong_images[i].bytes);
            train_on_set(r);
            ASSERT_REFUSED(r, 4, path, wrong_images[i].said[0], wrong_images[i].said[1]);
            remove_tree(in(r, "set"));
        }
    }
    assert_nothing_written(r);
}

static void file_cut_anywhere_is_refused(void **state) {
    struct room *r = *state;
    for (int gz = 0; gz < 2; gz++) {
        struct set set = small_set;
        set.gz = gz;
        write_set(in(r, "set"), &set);
        const char *path = in(r, "set/t10k-images-idx3-ubyte%s", gz ? ".gz" : "");
        size_t size;
        unsigned char *bytes = read_bytes(path, &size);
        for (size_t cut = 0; cut < size; cut += cut < 24 || cut + 12 > size ? 1 : size / 15) {
            write_bytes(path, bytes, cut);
            train_on_set(r);
            ASSERT_REFUSED(r, 4, path);
        }
        free(bytes);
        remove_tree(in(r, "set"));
    }
    assert_nothing_written(r);
}

static void damaged_gz_is_refused(void **state) {
    struct room *r = *state;
    struct set set = small_set;
    size_t size;
    set.gz = true;
    write_set(in(r, "set"), &set);
    const char *path = in(r, "set/train-images-idx3-ubyte.gz");
    unsigned char *bytes = read_bytes(path, &size);
    for (size_t at = size - 8; at < size; at += 3) {  // its checksum and length
        bytes[at] ^= 0x10;
        write_bytes(path, bytes, size);
        train_on_set(r);
        ASSERT_REFUSED(r, 4, path, "damaged");
        bytes[at] ^= 0x10;
    }
    write_bytes(path, bytes, size);
    free(bytes);
    train_on_set(r);
    assert_ok(r);
}

static void labels_that_disagree_are_refused(void **state) {
    struct room *r = *state;
    struct set set = small_set;
    const uint32_t few = N - 1, right = N;
    set.labels = true;
    write_set(in(r, "set"), &set);
    const char *path = in(r, "set/train-labels-idx1-ubyte");
    write_idx(path, 0x801, &few, 1, NULL, few);
    train_on_set(r);
    ASSERT_REFUSED(r, 4, path, "199", "200");
    write_idx(path, 0x801, &right, 1, NULL, few);
    train_on_set(r);
    ASSERT_REFUSED(r, 4, path, "1 bytes missing");
    put_images(path, 0x803, N, H, W, N * H * W);
    train_on_set(r);
    ASSERT_REFUSED(r, 4, path, "images where labels belong");
    assert_nothing_written(r);
    assert_int_equal(unlink(path), 0);
    train_on_set(r);  // labels are optional
    assert_ok(r);
}

static void folder_without_a_set_is_refused(void **state) {
    struct room *r = *state;
    assert_int_equal(mkdir(in(r, "set"), 0777), 0);
    train_on_set(r);
    ASSERT_REFUSED(r, 4, in(r, "set"), "train-images-idx3-ubyte", "t10k-images-idx3-ubyte");
    put_images(in(r, "set/train-images-idx3-ubyte"), 0x803, N, H, W, N * H * W);
    train_on_set(r);
    ASSERT_REFUSED(r, 4, in(r, "set"), "t10k-images-idx3-ubyte[.gz] is not there");
    assert_int_equal(mkdir(in(r, "set/t10k-images-idx3-ubyte"), 0777), 0);
    train_on_set(r);
    ASSERT_REFUSED(r, 4, in(r, "set/t10k-images-idx3-ubyte"), "is a folder");
    RUN(r, "train", "--data", in(r, "set/train-images-idx3-ubyte"), "--out", in(r, "run"));
    ASSERT_REFUSED(r, 4, in(r, "set/train-images-idx3-ubyte"), "is no set");
    RUN(r, "train", "--data", in(r, "nowhere"), "--out", in(r, "run"));
    ASSERT_REFUSED(r, 4, in(r, "nowhere"), "not there");
    RUN(r, "train", "--data", "no-such-set", "--out", in(r, "run"));
    ASSERT_REFUSED(r, 4, "no-such-set", "known sets: shapes (built in), mnist",
                   "train-images-idx3-ubyte", "folder's path");
    assert_nothing_written(r);
}

static void set_is_found_by_its_name(void **state) {
    struct room *r = *state;
    char variable[PATH_SIZE + 16];
    write_set(in(r, "set"), &small_set);
    (void)snprintf(variable, sizeof variable, "VKVAE_DATA=%s", r->folder);
    r->variable[0] = variable;
    RUN(r, "train", "--data", "set", SMALL, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    RUN(r, "train", "--data", "sett", SMALL, "--epochs", "1", "--out", in(r, "run2"));
    ASSERT_REFUSED(r, 4, "'sett'", r->folder, "found there: ");
}

// A name of more than 255 bytes, not all of them letters: a resumed run finds its set again by itself.
static void long_and_strange_names_are_kept(void **state) {
    struct room *r = *state;
    char part[141], *last = part + 140;
    memset(part, 'd', sizeof part);
    *last = 0;
    memcpy(part, "\"a\\ \t\xc3\xa4'%s{}", 12);
    const char *outer = in(r, "%s", part), *inner = in(r, "%s/%.100s", part, part);
    assert_int_equal(mkdir(outer, 0777), 0);
    write_set(inner, &small_set);
    assert_true(strlen(inner) > 255);
    RUN(r, "train", "--data", inner, SMALL, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2");
    assert_ok(r);
    assert_has(r->out, "epoch 2/2");
}

// ---- Options ----

static const struct {
    const char *option, *value;
} wrong_values[] = {
    {"--hidden", "0"},    {"--hidden", "65537"},
    {"--hidden", "-1"},   {"--hidden", "4294967297"},
    {"--latent", "0"},    {"--latent", "4097"},
    {"--batch", "0"},     {"--batch", "65537"},
    {"--batch", "1e2"},   {"--epochs", "0"},
    {"--epochs", "-3"},   {"--epochs", "1000001"},
    {"--lr", "0"},        {"--lr", "-0.001"},
    {"--lr", "101"},      {"--lr", "nan"},
    {"--lr", "inf"},      {"--lr", "1e-400"},
    {"--lr", "1e999"},    {"--seed", "-1"},
    {"--lr", "1e-31"},    {"--seed", "1.5"},
    {"--hidden", "32,"},  {"--hidden", "1,2,3,4,5,6,7,8,9"},
    {"--hidden", "0,32"}, {"--activation", "rleu"},
    {"--lr", "0x1p-3"},   {"--seed", "18446744073709551616"},
    {"--model", "convx"}, {"--kernels", "bogus"},
    {"--limits", "max"},  {"--batch", "99999999999999999999"},
};

static void wrong_values_are_refused(void **state) {
    struct room *r = *state;
    char joined[64];
    write_set(in(r, "set"), &small_set);
    for (size_t i = 0; i < sizeof wrong_values / sizeof *wrong_values; i++) {
        (void)snprintf(joined, sizeof joined, "%s=%s", wrong_values[i].option, wrong_values[i].value);
        RUN(r, "train", "--data", in(r, "set"), joined, "--out", in(r, "run"));
        ASSERT_REFUSED(r, 2, wrong_values[i].option, wrong_values[i].value, "expected");
    }
    RUN(r, "train", "--data", in(r, "set"), "--batch", "201", "--out", in(r, "run"));
    ASSERT_REFUSED(r, 2, "--batch 201", "200 images", "--batch 200");
    assert_nothing_written(r);
    RUN(r, "train", "--data", in(r, "set"), "--hidden", "4", "--batch", "200", "--epochs", "1", "--out",
        in(r, "run"));
    assert_ok(r);
}

static void wrong_samples_are_refused(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    train_on_set(r);
    assert_ok(r);
    static const char *const wrong[] = {"-n0",       "-n-4",       "-n65537", "--columns=0",
                                        "--scale=0", "--scale=65", "-o=a.jpg"};
    struct listing before = list_folder(in(r, "run"), "");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        RUN(r, "sample", in(r, "run"), wrong[i]);
        ASSERT_REFUSED(r, 2, "expected");
    }
    const char *grid = in(r, "grid.png");
    RUN(r, "sample", in(r, "run"), "-n", "65536", "--columns", "1", "--scale", "64", "-o", grid);
    ASSERT_REFUSED(r, 2, grid, "scale");
    RUN(r, "sample", in(r, "run"), "-o", in(r, "nowhere/grid.png"));
    ASSERT_REFUSED(r, 1, in(r, "nowhere/grid.png"), "folder exists");
    RUN(r, "sample", in(r, "set"), "-o", grid);
    ASSERT_REFUSED(r, 4, in(r, "set/checkpoint.safetensors"), "check the path");
    RUN(r, "sample", in(r, "nothing"), "-o", grid);
    ASSERT_REFUSED(r, 4, in(r, "nothing"), "check the path");
    RUN(r, "sample", in(r, "run/metrics.jsonl"), "-o", grid);
    ASSERT_REFUSED(r, 4, in(r, "run/metrics.jsonl"));
    RUN(r, "sample", in(r, "run/resume.safetensors"), "-o", grid);
    ASSERT_REFUSED(r, 4, in(r, "run/resume.safetensors"), "vkvae-checkpoint-1");
    assert_false(exists(grid));
    assert_string_equal(before.text, list_folder(in(r, "run"), "").text);
}

// What was good until then is saved: it can be sampled, and continuing it meets the same step.
static void divergence_is_told(void **state) {
    struct room *r = *state;
    char step[64];
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--optimiser", "sgd", "--lr", "100", "--epochs", "3",
        "--out", in(r, "run"));
    ASSERT_REFUSED(r, 1, "not a finite number at step ", " of epoch ", "--lr");
    assert_tidy(in(r, "run"));
    (void)snprintf(step, sizeof step, "%.40s", strstr(r->err, "at step "));
    *strchr(step, ';') = 0;  // "at step 2 of epoch 1"
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "3");
    ASSERT_REFUSED(r, 1, step);
    RUN(r, "sample", in(r, "run"), "-n", "4", "-o", in(r, "grid.png"));
    assert_ok(r);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(wrong_images_are_refused),        ROOM(file_cut_anywhere_is_refused),
        ROOM(damaged_gz_is_refused),           ROOM(labels_that_disagree_are_refused),
        ROOM(folder_without_a_set_is_refused), ROOM(set_is_found_by_its_name),
        ROOM(long_and_strange_names_are_kept), ROOM(wrong_values_are_refused),
        ROOM(wrong_samples_are_refused),       ROOM(divergence_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
