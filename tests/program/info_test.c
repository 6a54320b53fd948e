// What `info` tells is what the files say, also of runs that are interrupted or damaged.
#include "told.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TENSORS = 10, PARAMETERS = 120 * 32 + 32 + 2 * (32 * 4 + 4) + 4 * 32 + 32 + 32 * 120 + 120 };

// ---- A sound run ----

static void assert_settings(const vkvae_run_info *info, const char *path) {
    cJSON *config = read_json(path);
    const cJSON *record = cJSON_GetObjectItemCaseSensitive(config, "record");
    assert_string_equal(info->data, text_of(config, "data"));
    assert_string_equal(info->model, text_of(config, "model"));
    assert_string_equal(info->activation, text_of(config, "activation"));
    assert_string_equal(info->version, text_of(record, "version"));
    assert_string_equal(info->device, text_of(record, "device"));
    assert_string_equal(info->kernels, text_of(record, "kernels"));
    const struct {
        const char *key;
        double value;
        bool found;
    } numbers[] = {
        {"hidden", info->hidden[0], false},     {"latent", info->latent, false},
        {"batch", info->batch, false},          {"lr", info->lr, false},
        {"seed", (double)info->seed, false},    {"epochs", info->wanted_epochs, false},
        {"height", info->height, true},         {"width", info->width, true},
        {"channels", info->channels, true},     {"train_count", info->train_count, true},
        {"test_count", info->test_count, true}, {"data_checksum", info->data_checksum, true},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].value != number_of(numbers[i].found ? record : config, numbers[i].key))
            fail_msg("%s: %g", numbers[i].key, numbers[i].value);
    assert_int_equal(info->hidden[1], 0);
    cJSON_Delete(config);
}

// Of the header of a safetensors file.
static void assert_tensors(const cJSON *tensors, const char *path) {
    size_t size;
    uint64_t length;
    unsigned char *bytes = read_bytes(path, &size);
    memcpy(&length, bytes, sizeof length);
    cJSON *header = cJSON_ParseWithLength((char *)bytes + 8, (size_t)length);
    const cJSON *item = header->child->next;  // after the metadata
    for (int i = 0; i < cJSON_GetArraySize(tensors); i++, item = item->next) {
        const cJSON *tensor = cJSON_GetArrayItem(tensors, i);
        assert_string_equal(text_of(tensor, "name"), item->string);
        assert_true(cJSON_Compare(cJSON_GetObjectItemCaseSensitive(tensor, "shape"),
                                  cJSON_GetObjectItemCaseSensitive(item, "shape"), true));
    }
    assert_null(item);
    cJSON_Delete(header);
    free(bytes);
}

static void info_is_what_the_files_say(void **state) {
    struct room *r = *state;
    uint32_t tensors, best = 1;
    train_small(r, in(r, "run"), "3");
    set_time(in(r, "run"), 1700000000);
    write_bytes(in(r, "run/notes.txt"), "not ours", 8);  // newer, and no file of the run's
    const vkvae_run_info *info = info_of(in(r, "run"), VKVAE_OK, NULL, &tensors);
    assert_string_equal(info->path, in(r, "run"));
    assert_string_equal(info->problem, "");
    assert_false(info->is_checkpoint);
    assert_true(info->resumable);
    assert_int_equal(info->modified, 1700000000);
    assert_int_equal(info->epochs, 3);
    assert_int_equal(tensors, TENSORS);
    assert_int_equal(info->parameters, PARAMETERS);
    assert_settings(info, in(r, "run/config.json"));
    cJSON *line[4];
    for (uint32_t i = 1; i <= 3; i++) {
        line[i] = metrics_line(in(r, "run/metrics.jsonl"), i);
        if (number_of(line[i], "test_loss") < number_of(line[best], "test_loss")) best = i;
    }
    assert_losses(&info->train, line[3], "train");
    assert_losses(&info->test, line[3], "test");
    assert_int_equal(info->best_epoch, best);
    assert_losses(&info->best, line[best], "test");
    for (uint32_t i = 1; i <= 3; i++) cJSON_Delete(line[i]);

    assert_int_equal(RUN(r, "info", in(r, "run"), "--json"), 0);
    assert_string_equal(r->err, "");
    cJSON *json = json_of(r);
    assert_string_equal(text_of(json, "path"), info->path);
    assert_string_equal(text_of(json, "kind"), "run");
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "problem")));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "resumable")));
    assert_true(number_of(json, "parameters") == (double)PARAMETERS);
    assert_true(number_of(json, "best_epoch") == best);
    assert_true(number_of(cJSON_GetObjectItemCaseSensitive(json, "best"), "loss") == info->best.loss);
    assert_tensors(cJSON_GetObjectItemCaseSensitive(json, "tensors"),
                   in(r, "run/checkpoint.safetensors"));
    cJSON_Delete(json);
}

// A run stopped in its first epoch, by a program that gave its pictures from memory.
static bool stop_now(void *user) {
    (void)user;
    return true;
}

static void no_whole_epoch(void **state) {
    struct room *r = *state;
    static unsigned char pixels[40 * 64];
    const vkvae_images images = {pixels, 40, 8, 8, 1};
    vkvae *v = vkvae_create();
    vkvae_train_options options;
    vkvae_train_defaults(&options);
    options.train_images = options.test_images = &images;
    options.batch = 10;
    options.seed = UINT64_MAX;
    options.out = in(r, "run");
    options.device.device = "reference";
    options.stop = stop_now;
    if (vkvae_train(v, &options, NULL) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
    const vkvae_run_info *info = info_of(in(r, "run"), VKVAE_OK, NULL, NULL);
    assert_string_equal(info->problem, "");
    assert_true(info->resumable);
    assert_true(info->seed == UINT64_MAX);
    assert_int_equal(info->epochs + info->best_epoch, 0);
    assert_int_equal(info->wanted_epochs, 10);
    assert_int_equal(RUN(r, "info", in(r, "run")), 0);
    assert_has(r->out, "  epochs     0 of 10\n");
    assert_has(r->out, "seed 18446744073709551615\n");
    assert_has(r->out, "by the program that gave its pictures\n");
    assert_int_equal(count_of(r->out, "losses"), 0);
    assert_int_equal(RUN(r, "info", in(r, "run"), "--json"), 0);
    cJSON *json = json_of(r);
    assert_string_equal(text_of(json, "seed"), "18446744073709551615");
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "test")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "best_epoch")));
    cJSON_Delete(json);
    assert_int_equal(RUN(r, "runs", in(r, "run")), 0);
    assert_has(r->out, "   0/10          -  yes\n");
}

// A number below 2^53, a text from there on: in config.json, info, runs and sample alike.
static void seeds_have_one_form(void **state) {
    static const char *const seeds[][2] = {{"9007199254740991", "9007199254740991"},
                                           {"9007199254740992", "\"9007199254740992\""}};
    struct room *r = *state;
    for (size_t i = 0; i < 2; i++) {
        char line[64];
        const char *run = in(r, "runs/%zu", i);
        (void)snprintf(line, sizeof line, "\"seed\":\t%s,", seeds[i][1]);
        RUN(r, "train", "--images", "40", "--size", "8x8", SMALL, "--epochs", "1", "--seed", seeds[i][0],
            "--out", run);
        assert_ok(r);
        char *config = (char *)read_bytes(in(r, "runs/%zu/config.json", i), NULL);
        assert_has(config, line);
        free(config);
        RUN(r, "info", run, "--json");
        assert_has(r->out, line);
        RUN(r, "runs", run, "--json");
        assert_has(r->out, line);
        RUN(r, "sample", run, "--seed", seeds[i][0], "-o", in(r, "a.png"), "--json");
        assert_has(r->out, line);
    }
}

// ---- Damaged runs ----

// Files are named by a letter: configuration, save, previous save, metrics, weights.
static const char *const files[] = {
    ['c'] = "config.json",   ['s'] = "resume.safetensors",     ['p'] = "resume-previous.safetensors",
    ['m'] = "metrics.jsonl", ['w'] = "checkpoint.safetensors",
};

struct damage {
    const char *removed, *cut, *flipped;  // letters
    char written;                         // a letter, and what is then there
    const char *text, *problem;           // NULL: none
    uint32_t epochs, tensors;
    bool resumable;
};

#define METRICS(epoch, loss)                                                                            \
    "{\"epoch\":" epoch ",\"step\":10,\"train_loss\":3,\"train_recon\":2,\"train_kl\":1,"               \
    "\"test_recon\":" loss ",\"test_kl\":1}\n"

static const struct damage damages[] = {
    {"c", "", "", 0, NULL, "config.json: is missing; restore", 2, TENSORS, true},
    {"", "c", "", 0, NULL, "config.json: the settings in it are no JSON", 2, TENSORS, true},
    {"", "", "", 'c', "\x01garbage", "config.json: the settings in it are no JSON", 2, TENSORS, true},
    {"", "", "", 'c', "{\"latent\":4,\"height\":12}", "no \"record\" of a run", 2, TENSORS, true},
    {"", "", "", 'c', "{\"record\":{}}", "config.json: the setting 'model' is missing", 2, TENSORS,
     true},
    {"m", "", "", 0, NULL, NULL, 2, TENSORS, true},
    {"p", "", "", 0, NULL, NULL, 2, TENSORS, true},
    {"", "s", "", 0, NULL, "resume.safetensors: its checksum", 1, TENSORS, true},
    {"", "", "s", 0, NULL, "(--resume takes the save before it)", 1, TENSORS, true},
    {"s", "", "", 0, NULL, "resume.safetensors: cannot be opened", 1, TENSORS, true},
    {"", "sp", "", 0, NULL, "resume.safetensors: its checksum", 2, TENSORS, false},
    {"p", "", "s", 0, NULL, "resume.safetensors: its checksum", 2, TENSORS, false},
    {"sp", "", "", 0, NULL, "resume.safetensors: is missing; restore", 2, TENSORS, false},
    {"sp", "", "", 'm', METRICS("1", "5") "{\"ep", "metrics.jsonl: line 2", 1, TENSORS, false},
    {"sp", "", "", 'm', METRICS("2", "5"), "metrics.jsonl: line 1 does not tell", 0, TENSORS, false},
    {"spm", "", "", 0, NULL, "resume.safetensors: is not there yet", 0, TENSORS, false},
    {"spmw", "", "", 0, NULL, "resume.safetensors: is not there yet; wait", 0, 0, false},
    {"w", "", "", 0, NULL, "checkpoint.safetensors: is missing", 2, 0, true},
    {"", "", "w", 0, NULL, "checkpoint.safetensors: its checksum", 2, 0, true},
    {"", "w", "", 0, NULL, "checkpoint.safetensors: its checksum", 2, 0, true},
    {"", "", "", 'w', "", "checkpoint.safetensors: has 0 bytes", 2, 0, true},
    {"cspm", "", "", 0, NULL, NULL, 0, TENSORS, false},
    {"c", "spmw", "", 0, NULL, "resume.safetensors: its checksum", 1, 0, false},
};

static void do_damage(const char *folder, const struct damage *d) {
    char path[PATH_SIZE];
    size_t size;
    for (int letter = 'a'; letter <= 'w'; letter++) {
        if (!files[letter]) continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[letter]);
        if (strchr(d->removed, letter)) assert_int_equal(unlink(path), 0);
        if (strchr(d->cut, letter) || strchr(d->flipped, letter)) {
            unsigned char *bytes = read_bytes(path, &size);
            bytes[size * 3 / 4] ^= 1;
            write_bytes(path, bytes, strchr(d->cut, letter) ? size * 2 / 3 : size);
            free(bytes);
        }
        if (letter == d->written) write_bytes(path, d->text, strlen(d->text));
    }
}

// `runs` and `info` tell the same of it.
static void assert_listed(const char *folder, const vkvae_run_info *info) {
    vkvae_run_info *runs;
    uint32_t count;
    vkvae *v = vkvae_create();
    assert_int_equal(vkvae_runs(v, folder, &runs, &count), VKVAE_OK);
    assert_int_equal(count, 1);
    assert_string_equal(runs[0].problem, info->problem);
    assert_int_equal(runs[0].epochs, info->epochs);
    assert_int_equal(runs[0].resumable, info->resumable);
    assert_int_equal(runs[0].parameters, info->parameters);
    vkvae_free(runs);
    vkvae_destroy(v);
}

static void damage_is_told_and_the_rest_too(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "whole"), "2");
    assert_int_equal(mkdir(in(r, "runs"), 0777), 0);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        const struct damage *d = &damages[i];
        uint32_t tensors;
        copy_folder(in(r, "whole"), in(r, "runs/a"));
        do_damage(in(r, "runs/a"), d);
        const vkvae_run_info *info = info_of(in(r, "runs/a"), VKVAE_OK, NULL, &tensors);
        const bool told = d->problem ? strstr(info->problem, d->problem) != NULL : !info->problem[0];
        if (!told || info->epochs != d->epochs || tensors != d->tensors ||
            info->resumable != d->resumable)
            fail_msg("damage %zu: %u epochs, %u tensors, %d: %s", i, info->epochs, tensors,
                     info->resumable, info->problem);
        // Whatever is left of the settings or of the weights tells the model.
        const bool model = i + 1 < sizeof damages / sizeof *damages;
        assert_int_equal(info->parameters, model ? PARAMETERS : 0);
        assert_int_equal(info->latent, model ? 4 : 0);
        assert_listed(in(r, "runs"), info);
        remove_tree(in(r, "runs/a"));
    }
}

// Texts are damaged at each byte: whatever comes of it, the rest is told.
static void damage_text(struct room *r, const char *name, uint32_t epochs) {
    size_t size;
    const char *path = in(r, "run/%s", name);
    unsigned char *bytes = read_bytes(path, &size);
    for (size_t at = 0; at < size; at++) {
        write_bytes(path, bytes, at);
        const vkvae_run_info *info = info_of(in(r, "run"), VKVAE_OK, NULL, NULL);
        if (epochs && info->epochs != epochs) fail_msg("%s cut at %zu: %s", name, at, info->problem);
        if (info->problem[0]) assert_has(info->problem, in(r, "run"));
        bytes[at] ^= (unsigned char)(1u << at % 8);
        write_bytes(path, bytes, size);
        info = info_of(in(r, "run"), VKVAE_OK, NULL, NULL);
        if (epochs && info->epochs != epochs) fail_msg("%s changed at %zu: %s", name, at, info->problem);
        assert_in_range(info->epochs, 0, 2);
        bytes[at] ^= (unsigned char)(1u << at % 8);
    }
    write_bytes(path, bytes, size);
    free(bytes);
}

static void texts_are_damaged_anywhere(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "run"), "2");
    damage_text(r, "config.json", 2);
    assert_int_equal(unlink(in(r, "run/resume.safetensors")), 0);
    assert_int_equal(unlink(in(r, "run/resume-previous.safetensors")), 0);
    damage_text(r, "config.json", 2);
    damage_text(r, "metrics.jsonl", 0);
}

static void nothing_is_left(void **state) {
    struct room *r = *state;
    char error[512];
    train_small(r, in(r, "runs/a"), "1");
    const struct damage all = {"m", "csw", "", 0, NULL, NULL, 0, 0, false};
    do_damage(in(r, "runs/a"), &all);
    (void)info_of(in(r, "runs/a"), VKVAE_BAD_DATA, error, NULL);
    assert_has(error, "config.json: the settings in it are no JSON object; restore it from a copy");
    RUN(r, "info", in(r, "runs/a"));
    ASSERT_REFUSED(r, 4, "runs/a/config.json");
    assert_int_equal(RUN(r, "runs", in(r, "runs")), 0);
    assert_has(r->out, "a    now  -     -           -          -  no\n  ! ");
    assert_int_equal(RUN(r, "runs", in(r, "runs"), "--json"), 0);
    cJSON_Delete(json_of(r));
}

// The history of a run is then in metrics.jsonl alone.
static void best_of_what_is_finite(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "run"), "1");
    assert_int_equal(unlink(in(r, "run/resume.safetensors")), 0);
    const char text[] = METRICS("1", "7") METRICS("2", "5.25") METRICS("3", "6") METRICS("4", "null");
    write_bytes(in(r, "run/metrics.jsonl"), text, sizeof text - 1);
    const vkvae_run_info *info = info_of(in(r, "run"), VKVAE_OK, NULL, NULL);
    assert_int_equal(info->epochs, 4);
    assert_int_equal(info->best_epoch, 2);
    assert_true(info->best.loss == 6.25 && info->best.recon == 5.25 && info->train.loss == 3);
    assert_true(isnan(info->test.loss) && info->test.kl == 1);
    assert_int_equal(RUN(r, "info", in(r, "run"), "--json"), 0);
    cJSON *json = json_of(r);
    const cJSON *test = cJSON_GetObjectItemCaseSensitive(json, "test");
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(test, "loss")));
    cJSON_Delete(json);
    assert_int_equal(RUN(r, "runs", in(r, "run")), 0);
    assert_has(r->out, "4/1    6.25 @2  no\n");
}

static void weights_of_another_model(void **state) {
    struct room *r = *state;
    uint32_t tensors;
    train_small(r, in(r, "a"), "1");
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--hidden", "16", "--epochs", "1", "--out",
        in(r, "b"));
    assert_ok(r);
    size_t size;
    unsigned char *bytes = read_bytes(in(r, "b/checkpoint.safetensors"), &size);
    write_bytes(in(r, "a/checkpoint.safetensors"), bytes, size);
    free(bytes);
    const vkvae_run_info *info = info_of(in(r, "a"), VKVAE_OK, NULL, &tensors);
    assert_has(info->problem, "checkpoint.safetensors: is not of the model in the run's settings");
    assert_int_equal(info->hidden[0], 32);
    assert_int_equal(info->parameters, PARAMETERS);
    info = info_of(in(r, "a/checkpoint.safetensors"), VKVAE_OK, NULL, NULL);
    assert_int_equal(info->hidden[0], 16);
}

// ---- What is no run ----

static void checkpoint_alone(void **state) {
    struct room *r = *state;
    char error[512];
    uint32_t tensors;
    train_small(r, in(r, "run"), "1");
    const char *path = in(r, "run/checkpoint.safetensors");
    const vkvae_run_info *info = info_of(path, VKVAE_OK, NULL, &tensors);
    assert_true(info->is_checkpoint && !info->resumable && info->modified > 1700000000);
    assert_int_equal(tensors, TENSORS);
    assert_int_equal(info->parameters, PARAMETERS);
    assert_int_equal(info->height * 100 + info->width, 1210);
    assert_string_equal(info->data, "");
    assert_int_equal(RUN(r, "info", path, "--json"), 0);
    cJSON *json = json_of(r);
    assert_string_equal(text_of(json, "kind"), "checkpoint");
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "lr")));
    cJSON_Delete(json);
    assert_int_equal(RUN(r, "info", "-q", path), 0);
    assert_has(r->out, "checkpoint   ");
    assert_has(r->out, "fc21.weight  [4,32]               128\n");
    assert_int_equal(count_of(r->out, "sample"), 0);

    const struct damage flip = {"", "", "w", 0, NULL, NULL, 0, 0, false};
    do_damage(in(r, "run"), &flip);
    (void)info_of(path, VKVAE_BAD_DATA, error, &tensors);
    assert_has(error, "checkpoint.safetensors: its checksum");
    (void)info_of(in(r, "run/resume.safetensors"), VKVAE_BAD_DATA, error, NULL);
    assert_has(error, "resume.safetensors: is what a run is continued from, not a checkpoint; name");
    (void)info_of(in(r, "run/config.json"), VKVAE_BAD_DATA, error, NULL);
    assert_has(error, "run/config.json: ");
    (void)info_of(in(r, "set"), VKVAE_BAD_DATA, error, NULL);
    assert_has(error, "set: holds no run; name the folder of one");
    (void)info_of(in(r, "nowhere"), VKVAE_BAD_DATA, error, NULL);
    assert_has(error, "nowhere: cannot be opened (No such file or directory)");
    (void)info_of("", VKVAE_BAD_DATA, error, NULL);
    (void)info_of(NULL, VKVAE_USAGE, error, NULL);
    RUN(r, "info");
    ASSERT_REFUSED(r, 2, "RUN|CHECKPOINT");
}

// ---- What it prints of models and data of each kind ----

// 40 pictures of 8 x 8 with two channels, as NumPy writes them.
static void write_two_channels(const char *path) {
    static unsigned char file[128 + 40 * 128];
    const char *const words = "{'descr': '|u1', 'fortran_order': False, 'shape': (40, 8, 8, 2), }";
    memset(file, ' ', 128);
    memcpy(file, "\x93NUMPY\x01\x00\x76\x00", 10);
    memcpy(file + 10, words, strlen(words));
    file[127] = '\n';
    for (size_t i = 128; i < sizeof file; i++) file[i] = (unsigned char)(i * 37 + i / 128);
    write_bytes(path, file, sizeof file);
}

static void what_a_model_has_is_printed(void **state) {
    struct room *r = *state;
    write_two_channels(in(r, "two.npy"));
    RUN(r, "train", "--data", in(r, "two.npy"), "--layout", "nhwc", "--limit", "30", "--model", "resnet",
        "--channels-list", "4,8", "--blocks", "2", "--dropout", "0.125", "--upsample", "nearest",
        "--norm", "batch", "--augment", "noise=0.1", "--likelihood", "gaussian", "--latent", "2",
        "--batch", "10", "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    RUN(r, "info", in(r, "run"));
    assert_has(r->out, "  read with  --layout nhwc\n             --limit 30\n");
    assert_has(r->out, "  size       8x8, 2 channels\n");
    assert_has(r->out, "             batch normalization, upsampling by nearest\n"
                       "             2 residual blocks a stage\n"
                       "             dropout of 0.125\n");
    assert_has(r->out, "  changed by noise=0.1\n");
    assert_has(r->out, " -n 64 -o samples.npy --device reference\n");  // no PNG has two channels
    RUN(r, "info", in(r, "run/checkpoint.safetensors"));
    assert_has(r->out, "pictures     8x8, 2 channels\n");
    RUN(r, "train", "--images", "40", "--size", "8x8", "--model", "conv", "--channels-list", "4",
        "--upsample", "transpose", "--latent", "2", "--batch", "10", "--epochs", "1", "--out",
        in(r, "plain"));
    assert_ok(r);
    RUN(r, "info", in(r, "plain"));
    assert_has(r->out, "  size       8x8, 1 channel\n");
    assert_int_equal(count_of(r->out, "residual") + count_of(r->out, "dropout"), 0);
}

static void what_text_a_run_is_of_is_printed(void **state) {
    struct room *r = *state;
    char text[1024] = "";
    for (int i = 0; i < 12; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "the cat number %d sat\n", i);
    write_bytes(in(r, "a.txt"), text, strlen(text));
    RUN(r, "train", "--data", in(r, "a.txt"), "--tokens", "words", "--length", "4", SMALL, "--batch",
        "10", "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    RUN(r, "info", in(r, "run"));
    assert_has(r->out, "  read with  --tokens words\n             --length 4\n"
                       "  lines      11 to train on, 1 to test on; checksum ");
    assert_has(r->out, "  size       rows of 4, 17 different tokens\n");
    assert_has(r->out, " bits/dim\n");
    assert_has(r->out, " -n 64 --device reference\n");  // printed, not a file
    RUN(r, "info", in(r, "run/checkpoint.safetensors"));
    assert_has(r->out, "text         rows of 4, 17 different tokens\n");
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(info_is_what_the_files_say),
        ROOM(no_whole_epoch),
        ROOM(damage_is_told_and_the_rest_too),
        ROOM(texts_are_damaged_anywhere),
        ROOM(nothing_is_left),
        ROOM(best_of_what_is_finite),
        ROOM(weights_of_another_model),
        ROOM(checkpoint_alone),
        ROOM(seeds_have_one_form),
        ROOM(what_a_model_has_is_printed),
        ROOM(what_text_a_run_is_of_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
