// vkvae import: weights become a run that samples as they do, and trains on.
#include "runner.h"

#include "model.h"
#include "safetensors.h"
#include "tensors.h"
#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void train_run(struct room *r) {
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--activation", "tanh", "--out",
        in(r, "run"));
    assert_ok(r);
    RUN(r, "export", in(r, "run"), "-o", in(r, "w.safetensors"));
    assert_ok(r);
}

static void assert_same_samples(struct room *r, const char *a, const char *b) {
    RUN(r, "sample", a, "-n", "9", "-o", in(r, "a.npy"));
    assert_ok(r);
    RUN(r, "sample", b, "-n", "9", "-o", in(r, "b.npy"));
    assert_ok(r);
    assert_same_file(in(r, "a.npy"), in(r, "b.npy"));
}

static void exported_run_comes_back(void **state) {
    struct room *r = *state;
    train_run(r);
    RUN(r, "import", in(r, "w.safetensors"), "--out", in(r, "again"));
    assert_ok(r);
    assert_has(r->out, "again: mlp 32, latent 4, tanh, bernoulli, of 12x10x1: 8256 parameters\nnext: ");
    assert_same_file(in(r, "run/checkpoint.safetensors"), in(r, "again/checkpoint.safetensors"));
    assert_int_equal(count_of(list_folder(in(r, "again"), "").text, "\n"), 1);
    assert_same_samples(r, in(r, "run"), in(r, "again"));
}

// What the file does not tell is said: without metadata the activation, and the pictures' size.
static void bare_state_dict_needs_options(void **state) {
    struct room *r = *state;
    struct vv_context ctx;
    struct vv_safetensors file;
    train_run(r);
    vv_context_init(&ctx);
    assert_true(vv_safetensors_read(&ctx, in(r, "w.safetensors"), 1 << 24, &file));
    assert_true(
        vv_safetensors_write(&ctx, in(r, "bare.safetensors"), NULL, file.tensors, file.count, NULL, 0));
    vv_safetensors_finish(&file);
    RUN(r, "import", in(r, "bare.safetensors"), "--out", in(r, "again"));
    ASSERT_REFUSED(r, 2, "--size");
    RUN(r, "import", in(r, "bare.safetensors"), "--size", "12x10", "--out", in(r, "again"));
    assert_int_equal(r->code, 0);
    assert_has(r->err, "relu is taken");
    RUN(r, "import", in(r, "bare.safetensors"), "--size", "12x10", "--activation", "tanh", "--out",
        in(r, "again"), "--force");
    assert_ok(r);
    assert_same_file(in(r, "run/checkpoint.safetensors"), in(r, "again/checkpoint.safetensors"));
}

// The initial weights of a run, imported, are trained as that run is: byte for byte.
static void imported_run_trains_as_one_that_began_so(void **state) {
    struct room *r = *state;
    struct vv_context ctx;
    struct vv_model model;
    struct vv_named named;
    static const struct vv_meta meta = {"activation", "relu"};
    const struct vv_model_size size = {.height = 12,
                                       .width = 10,
                                       .channels = 1,
                                       .pixels = 120,
                                       .latent = 4,
                                       .layers = 1,
                                       .hidden = {32}};
    vv_context_init(&ctx);
    assert_true(vv_model_make(&ctx, "mlp", size, &model));
    float *params = calloc(model.length, sizeof *params);
    assert_non_null(params);
    vv_model_initialise(&model, 42, params);
    assert_true(vv_named_make(&ctx, &model, params, NULL, 0, &named));
    assert_true(
        vv_safetensors_write(&ctx, in(r, "w.safetensors"), NULL, named.list, named.count, &meta, 1));
    vv_named_finish(&named);
    vv_model_finish(&model);
    free(params);
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "2", "--out", in(r, "whole"));
    assert_ok(r);
    RUN(r, "import", in(r, "w.safetensors"), "--data", in(r, "set"), "--batch", "20", "--lr", "1e-2",
        "--epochs", "2", "--out", in(r, "run"));
    assert_ok(r);
    assert_has(r->out, " train --resume ");
    RUN(r, "train", "--resume", in(r, "run"));
    assert_ok(r);
    assert_same_run(in(r, "whole"), in(r, "run"));
}

static void conv_goes_on_with_its_statistics_and_average(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), "--model", "conv", "--channels-list", "4", "--latent", "2",
        "--batch", "50", "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    RUN(r, "export", in(r, "run"), "-o", in(r, "w.safetensors"));
    RUN(r, "import", in(r, "w.safetensors"), "--data", in(r, "set"), "--batch", "50", "--ema", "0.9",
        "--out", in(r, "again"));
    assert_ok(r);
    assert_same_samples(r, in(r, "run"), in(r, "again"));  // of the average
    RUN(r, "train", "--resume", in(r, "again"), "--epochs", "1");
    assert_ok(r);
    cJSON *first = metrics_line(in(r, "run/metrics.jsonl"), 1),
          *next = metrics_line(in(r, "again/metrics.jsonl"), 1);
    assert_true(number_of(next, "train_loss") < number_of(first, "train_loss"));
    cJSON_Delete(first);
    cJSON_Delete(next);
}

static void config_of_a_run_tells_all(void **state) {
    struct room *r = *state;
    train_run(r);
    RUN(r, "import", in(r, "w.safetensors"), "--config", in(r, "run/config.json"), "--out",
        in(r, "again"), "--json");
    assert_int_equal(r->code, 0);
    cJSON *json = json_of(r);
    assert_string_equal(text_of(json, "model"), "mlp");
    assert_string_equal(text_of(json, "widths"), "32");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "trainable")));
    cJSON_Delete(json);
    RUN(r, "train", "--resume", in(r, "again"), "--epochs", "1");
    assert_ok(r);
}

// A run that is overwritten leaves nothing behind that the imported one could be taken for.
static void forced_import_takes_the_place_of_a_run(void **state) {
    struct room *r = *state;
    train_run(r);
    RUN(r, "import", in(r, "w.safetensors"), "--out", in(r, "run"));
    ASSERT_REFUSED(r, 2, "is not empty");
    assert_true(exists(in(r, "run/resume.safetensors")));
    RUN(r, "import", in(r, "w.safetensors"), "--out", in(r, "run"), "--force", "--quiet");
    assert_ok(r);
    assert_string_equal(r->out, "");
    assert_int_equal(count_of(list_folder(in(r, "run"), "").text, "\n"), 1);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(exported_run_comes_back),
        ROOM(bare_state_dict_needs_options),
        ROOM(imported_run_trains_as_one_that_began_so),
        ROOM(conv_goes_on_with_its_statistics_and_average),
        ROOM(config_of_a_run_tells_all),
        ROOM(forced_import_takes_the_place_of_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
