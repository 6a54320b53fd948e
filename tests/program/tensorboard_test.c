// `train --tensorboard`: every record read back, against what the run's own files say.
#include "../event_reader.h"
#include "told.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>

enum { FILES = 4 };

// The event files of a folder in the order of their names.
struct board {
    uint32_t count;
    char name[FILES][256];
    struct span file[FILES];
};

static int by_name(const void *a, const void *b) {
    return strcmp(a, b);
}

static struct board read_board(const char *folder) {
    struct board b = {.count = 0};
    DIR *open = opendir(folder);
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
        if (!strstr(entry->d_name, "tfevents")) continue;
        assert_true(b.count < FILES);
        (void)snprintf(b.name[b.count++], sizeof b.name[0], "%s", entry->d_name);
    }
    (void)closedir(open);
    qsort(b.name, b.count, sizeof b.name[0], by_name);
    for (uint32_t i = 0; i < b.count; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", folder, b.name[i]);
        b.file[i].at = read_bytes(path, &b.file[i].size);
    }
    return b;
}

static void free_board(struct board *b) {
    for (uint32_t i = 0; i < b->count; i++) free((void *)(uintptr_t)b->file[i].at);
}

static void assert_scalar(struct span event, const char *tag, const cJSON *line, const char *key) {
    const double want = number_of(line, key), got = (double)scalar_of(event, tag);
    if (!(fabs(want - got) <= 1e-6 * fabs(want))) fail_msg("%s: %.9g is not %.9g", tag, got, want);
}

static void assert_picture(struct room *r, struct span event, const char *tag, const char *path) {
    struct wire png;
    size_t size;
    unsigned char *file = read_bytes(path, &size);
    const struct span picture = part_of_value(event, tag, 4);
    (void)r;
    assert_true(find_field(picture, 4, &png));
    assert_int_equal(png.bytes.size, size);
    assert_memory_equal(png.bytes.at, file, size);
    assert_int_equal(whole_of(picture, 2), (uint32_t)file[18] << 8 | file[19]);
    free(file);
}

// An event of an epoch says what the epoch's line of metrics.jsonl says.
static void assert_epoch(struct room *r, struct span event, const char *run, uint32_t epoch) {
    static const char *const keys[][2] = {{"loss/train", "train_loss"},    {"loss/test", "test_loss"},
                                          {"recon/train", "train_recon"},  {"recon/test", "test_recon"},
                                          {"kl/train", "train_kl"},        {"kl/test", "test_kl"},
                                          {"active_units", "active_units"}};
    cJSON *line = metrics_line(in(r, "%s/metrics.jsonl", run), epoch);
    assert_int_equal(event_step(event), (uint64_t)number_of(line, "step"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_scalar(event, keys[i][0], line, keys[i][1]);
    assert_true(scalar_of(event, "learning_rate") == 1e-2f);
    assert_true(scalar_of(event, "images_per_second") > 0);
    assert_picture(r, event, "pictures/reconstruction", in(r, "%s/reconstruction-%03u.png", run, epoch));
    assert_picture(r, event, "pictures/samples", in(r, "%s/samples-%03u.png", run, epoch));
    const struct span kl = part_of_value(event, "latents/kl", 5);
    assert_true(double_of(kl, 3) == 4);
    assert_true(fabs(double_of(kl, 4) - number_of(line, "test_kl")) < 1e-4);  // their sum is the KL
    assert_true(double_of(part_of_value(event, "latents/mu", 5), 3) == 4);
    cJSON_Delete(line);
}

// The head of a file, and how many events of epochs follow; they are of `first` and later ones.
static void assert_file(struct room *r, struct span file, uint64_t start, const char *run,
                        uint32_t first, uint32_t epochs) {
    struct span event;
    struct wire field;
    size_t offset = 0;
    assert_true(next_record(file, &offset, &event) && find_field(event, 3, &field));
    assert_true(next_record(file, &offset, &event) && find_field(event, 7, &field));
    assert_int_equal(event_step(event), start);
    for (uint32_t i = 0; i < epochs; i++) {
        assert_true(next_record(file, &offset, &event));
        assert_epoch(r, event, run, first + i);
    }
    assert_false(next_record(file, &offset, &event));
}

static void begin_or_skip(struct room *r) {
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", in(r, "first"),
        "--tensorboard", in(r, "first-board"));
    if (r->code == 2 && strstr(r->err, "built without libprotobuf-c")) skip();
    assert_ok(r);
}

static void events_say_what_the_metrics_say(void **state) {
    struct room *r = *state;
    begin_or_skip(r);
    train_small(r, in(r, "without"), "3");
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "3", "--out", in(r, "run"),
        "--tensorboard", in(r, "board/run"));
    assert_ok(r);
    struct board b = read_board(in(r, "board/run"));
    assert_int_equal(b.count, 1);
    assert_file(r, b.file[0], 0, "run", 1, 3);
    free_board(&b);
    assert_same_run(in(r, "run"), in(r, "without"));
}

// What the save does not know is void, and done again.
static void resume_goes_on_in_a_new_file(void **state) {
    struct room *r = *state;
    begin_or_skip(r);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "2", "--out", in(r, "run"),
        "--tensorboard", in(r, "board"));
    assert_ok(r);
    // As if the program had been killed before the save of the second epoch.
    assert_int_equal(rename(in(r, "run/resume-previous.safetensors"), in(r, "run/resume.safetensors")),
                     0);
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "3", "--tensorboard", in(r, "board"));
    assert_ok(r);
    struct board b = read_board(in(r, "board"));
    assert_int_equal(b.count, 2);
    assert_file(r, b.file[0], 0, "run", 1, 2);
    assert_file(r, b.file[1], 11, "run", 2, 2);  // an epoch has ten steps
    free_board(&b);
}

static void a_run_need_not_be_of_pictures_nor_have_a_folder(void **state) {
    struct room *r = *state;
    begin_or_skip(r);
    write_bytes(in(r, "words.txt"), "one two\ntwo three\nthree four\nfour five\nfive six\nsix one\n",
                53);
    RUN(r, "train", "--data", in(r, "words.txt"), "--tokens", "bag", "--hidden", "4", "--latent", "2",
        "--batch", "2", "--epochs", "1", "--objective", "ae", "--out", in(r, "text"), "--tensorboard",
        in(r, "board"));
    assert_ok(r);
    struct board b = read_board(in(r, "board"));
    struct span event, value;
    size_t offset = 0;
    for (int i = 0; i < 3; i++) assert_true(next_record(b.file[0], &offset, &event));
    assert_true(scalar_of(event, "kl/test") == 0);
    assert_false(find_value(event, "pictures/samples", &value));
    assert_false(find_value(event, "latents/mu", &value));
    assert_false(find_value(event, "active_units", &value));
    free_board(&b);
}

static void weighed_objectives_are_told(void **state) {
    struct room *r = *state;
    begin_or_skip(r);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--beta", "3", "--lr-schedule",
        "cosine", "--schedule-epochs", "2", "--out", in(r, "run"), "--tensorboard", in(r, "board"));
    assert_ok(r);
    cJSON *line = metrics_line(in(r, "run/metrics.jsonl"), 1);
    struct board b = read_board(in(r, "board"));
    struct span event;
    size_t offset = 0;
    for (int i = 0; i < 3; i++) assert_true(next_record(b.file[0], &offset, &event));
    assert_scalar(event, "objective/test", line, "test_objective");
    assert_scalar(event, "objective/train", line, "train_objective");
    assert_scalar(event, "kl_weight", line, "kl_weight");
    // The tenth of twenty steps: lr (1 + cos(pi 9/20)) / 2.
    assert_true(fabs((double)scalar_of(event, "learning_rate") - 0.01 * (1 + 0.15643446504) / 2) < 1e-5);
    cJSON_Delete(line);
    free_board(&b);
}

static void a_file_in_the_place_of_the_folder_leaves_no_run(void **state) {
    struct room *r = *state;
    begin_or_skip(r);
    write_bytes(in(r, "board"), "x", 1);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", in(r, "run"),
        "--tensorboard", in(r, "board"));
    ASSERT_REFUSED(r, 1, "board: the folder cannot be created (File exists)");
    assert_false(exists(in(r, "run")));
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(events_say_what_the_metrics_say),
        ROOM(resume_goes_on_in_a_new_file),
        ROOM(a_file_in_the_place_of_the_folder_leaves_no_run),
        ROOM(a_run_need_not_be_of_pictures_nor_have_a_folder),
        ROOM(weighed_objectives_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
