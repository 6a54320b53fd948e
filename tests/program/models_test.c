// Models of other depth and activation than the textbook's, as a user trains, continues and samples
// them.
#include "runner.h"

#include "activation.h"
#include "safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const devices[] = {"reference", NULL};  // NULL: the best Vulkan device

static void open_checkpoint(const char *path, struct vv_safetensors *file) {
    struct vv_context ctx;
    vv_context_init(&ctx);
    if (!vv_safetensors_read_checked(&ctx, path, 1 << 24, file)) fail_msg("%s", ctx.error);
}

// What the help lists behind --activation, its line breaks taken out: "relu, …, silu or gelu".
static void read_choices(struct room *r, char *text, size_t size) {
    RUN(r, "help", "train");
    assert_ok(r);
    const char *from = strstr(r->out, "each hidden layer: "),
               *to = from ? strstr(from, "(default") : NULL;
    if (!to) fail_msg("%s", r->out);
    size_t used = 0;
    for (const char *c = strchr(from, ':') + 1; c < to && used + 1 < size; c++)
        if (*c != '\n' && (*c != ' ' || (used && text[used - 1] != ' '))) {
            text[used++] = *c;
        } else if (*c == '\n' && used && text[used - 1] != ' ') {
            text[used++] = ' ';
        }
    while (used && text[used - 1] == ' ') used--;
    text[used] = 0;
}

static void the_help_lists_the_activations_that_there_are(void **state) {
    struct room *r = *state;
    char listed[200], known[200] = "";
    read_choices(r, listed, sizeof listed);
    for (uint32_t i = 0; vv_activation_name(i); i++) {
        const char *before = !i ? "" : vv_activation_name(i + 1) ? ", " : " or ";
        const size_t used = strlen(known);
        (void)snprintf(known + used, sizeof known - used, "%s%s", before, vv_activation_name(i));
    }
    assert_string_equal(listed, known);
}

// Two steps of each, and its weights read again.
static void each_activation_trains_and_samples(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    for (uint32_t i = 0; vv_activation_name(i); i++) {
        const char *name = vv_activation_name(i), *run = in(r, "run-%s", name);
        RUN(r, "train", "--data", in(r, "set"), "--hidden", "9,7", "--activation", name, "--latent", "3",
            "--batch", "100", "--epochs", "1", "--out", run);
        assert_ok(r);
        RUN(r, "sample", run, "-n", "4", "-o", in(r, "%s.png", name));
        assert_ok(r);
        struct vv_safetensors file;
        open_checkpoint(in(r, "run-%s/checkpoint.safetensors", name), &file);
        assert_string_equal(vv_safetensors_meta(&file, "activation"), name);
        assert_string_equal(vv_safetensors_meta(&file, "hidden"), "9,7");
        assert_int_equal(file.count, 14);
        assert_non_null(vv_safetensors_find(&file, "fc31.weight"));
        assert_non_null(vv_safetensors_find(&file, "fc6.bias"));
        vv_safetensors_finish(&file);
    }
    RUN(r, "train", "--data", in(r, "set"), "--activation", "softmax", "--out", in(r, "none"));
    ASSERT_REFUSED(r, 2, "--activation", "softmax", "leaky-relu", "gelu");
    assert_false(exists(in(r, "none")));
}

static void deep_runs_are_continued(void **state) {
    struct room *r = *state;
    static const char *const hidden[] = {"16,12", "20,10,30", "8,7,6,5,6,7,8,9"};
    write_set(in(r, "set"), &small_set);
    for (int i = 0; i < 6; i++) {
        r->device = devices[i % 2];
        const char *whole = in(r, "whole-%d", i), *parts = in(r, "parts-%d", i);
        const char *activation = i < 2 ? "tanh" : i < 4 ? "gelu" : "elu";
        for (int k = 0; k < 2; k++) {
            RUN(r, "train", "--data", in(r, "set"), "--hidden", hidden[i / 2], "--activation",
                activation, "--latent", "4", "--batch", "20", "--epochs", k ? "1" : "2", "--out",
                k ? parts : whole);
            assert_ok(r);
        }
        RUN(r, "train", "--resume", parts, "--epochs", "2");
        assert_ok(r);
        assert_same_run(whole, parts);
    }
    RUN(r, "train", "--resume", in(r, "parts-0"), "--epochs", "3", "--activation", "relu");
    ASSERT_REFUSED(r, 2, "--activation");
}

// Version 0.1.0 knew one model and did not write its activation.
static void a_checkpoint_without_an_activation_has_relu(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    for (int i = 0; i < 2; i++) {
        const char *run = in(r, "run-%d", i), *path = in(r, "run-%d/checkpoint.safetensors", i);
        RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--activation",
            i ? "tanh" : "relu", "--out", run);
        assert_ok(r);
        RUN(r, "sample", run, "-n", "9", "-o", in(r, "new-%d.png", i));
        assert_ok(r);
        struct vv_safetensors file;
        struct vv_meta meta[16];
        uint32_t count = 0;
        open_checkpoint(path, &file);
        for (uint32_t k = 0; k < file.meta_count; k++)
            if (strcmp(file.meta[k].key, "activation") != 0) meta[count++] = file.meta[k];
        assert_int_equal(count + 1, file.meta_count);
        struct vv_context ctx;
        vv_context_init(&ctx);
        assert_true(vv_safetensors_write(&ctx, path, NULL, file.tensors, file.count, meta, count));
        vv_safetensors_finish(&file);
        RUN(r, "sample", run, "-n", "9", "-o", in(r, "old-%d.png", i));
        assert_ok(r);
    }
    assert_same_file(in(r, "new-0.png"), in(r, "old-0.png"));
    size_t a_size, b_size;
    unsigned char *a = read_bytes(in(r, "new-1.png"), &a_size),
                  *b = read_bytes(in(r, "old-1.png"), &b_size);
    assert_false(a_size == b_size && memcmp(a, b, a_size) == 0);  // so that the first means something
    free(a);
    free(b);
}

// Odd, not square, a line: trained in one go and in two, and sampled.
static void convolutions_take_any_size(void **state) {
    struct room *r = *state;
    static const struct set sets[] = {
        {.height = 28, .width = 20, .train = 40, .test = 8},
        {.height = 17, .width = 23, .train = 40, .test = 8},
        {.height = 1, .width = 97, .train = 40, .test = 8},
    };
    static const char *const options[][6] = {
        {"--model", "conv", "--channels-list", "4,8", "--upsample", "nearest"},
        {"--model", "resnet", "--channels-list", "4,8", "--dropout", "0.1"},
        {"--model", "conv", "--channels-list", "4,5,6", "--activation", "gelu"},
    };
    for (int i = 0; i < 3; i++) {
        const char *set = in(r, "set-%d", i), *whole = in(r, "whole-%d", i),
                   *parts = in(r, "parts-%d", i), *const *o = options[i];
        write_set(set, &sets[i]);
        r->device = devices[1];
        for (int k = 0; k < 2; k++) {
            RUN(r, "train", "--data", set, o[0], o[1], o[2], o[3], o[4], o[5], "--latent", "3",
                "--batch", "16", "--epochs", k ? "1" : "2", "--out", k ? parts : whole);
            assert_ok(r);
        }
        RUN(r, "train", "--resume", parts, "--epochs", "2");
        assert_ok(r);
        assert_same_run(whole, parts);
        RUN(r, "sample", whole, "-n", "4", "-o", in(r, "%d.png", i));
        assert_ok(r);
    }
    RUN(r, "train", "--config", in(r, "whole-1/config.json"), "--out", in(r, "again"));
    assert_ok(r);
    assert_same_run(in(r, "whole-1"), in(r, "again"));
}

int main(void) {
    begin(true);
    const struct CMUnitTest tests[] = {
        ROOM(the_help_lists_the_activations_that_there_are),
        ROOM(each_activation_trains_and_samples),
        ROOM(deep_runs_are_continued),
        ROOM(a_checkpoint_without_an_activation_has_relu),
        ROOM(convolutions_take_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
