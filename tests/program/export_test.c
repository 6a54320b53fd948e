// vkvae export: what is in each file, and what is said of it.
#include "runner.h"

#include "safetensors.h"
#include "told.h"
#include "zip.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIMIT = 1 << 24, WEIGHTS = 10 };  // fc1, fc21, fc22, fc3, fc4: a weight and a bias each

static void train_run(struct room *r, const char *likelihood) {
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--likelihood", likelihood, "--out",
        in(r, "run"));
    assert_ok(r);
}

#define EXPORT(r, ...) RUN(r, "export", in(r, "run"), __VA_ARGS__)

static void read_tensors(const char *path, struct vv_safetensors *file) {
    struct vv_context ctx;
    vv_context_init(&ctx);
    if (!vv_safetensors_read(&ctx, path, LIMIT, file)) fail_msg("%s", ctx.error);
}

// Those of a file are the checkpoint's, bytes and all.
static void assert_tensors(struct room *r, const char *path, uint32_t count, const char *first) {
    struct vv_safetensors file, run;
    read_tensors(path, &file);
    read_tensors(in(r, "run/checkpoint.safetensors"), &run);
    assert_int_equal(file.count, count);
    assert_string_equal(file.tensors[0].name, first);
    for (uint32_t i = 0; i < file.count; i++) {
        const struct vv_tensor *a = &file.tensors[i], *b = vv_safetensors_find(&run, a->name);
        assert_non_null(b);
        assert_int_equal(a->rank, b->rank);
        assert_memory_equal(a->dim, b->dim, sizeof a->dim);
        assert_memory_equal(a->data, b->data, vv_tensor_bytes(b));
    }
    vv_safetensors_finish(&file);
    vv_safetensors_finish(&run);
}

static void parts_have_their_weights(void **state) {
    struct room *r = *state;
    train_run(r, "bernoulli");
    EXPORT(r, "-o", in(r, "both.safetensors"));
    assert_ok(r);
    EXPORT(r, "--part", "encoder", "-o", in(r, "e.safetensors"));
    assert_ok(r);
    EXPORT(r, "--part", "decoder", "-o", in(r, "d.safetensors"));
    assert_ok(r);
    assert_tensors(r, in(r, "both.safetensors"), WEIGHTS, "fc1.weight");
    assert_tensors(r, in(r, "e.safetensors"), 6, "fc1.weight");
    assert_tensors(r, in(r, "d.safetensors"), 4, "fc3.weight");
}

// What a module of PyTorch would not take is told beside the tensors.
static void scale_of_a_likelihood_is_in_the_metadata(void **state) {
    struct room *r = *state;
    struct vv_safetensors file, run;
    float kept;
    train_run(r, "gaussian");
    EXPORT(r, "-o", in(r, "a.safetensors"));
    assert_ok(r);
    assert_tensors(r, in(r, "a.safetensors"), WEIGHTS, "fc1.weight");
    read_tensors(in(r, "a.safetensors"), &file);
    read_tensors(in(r, "run/checkpoint.safetensors"), &run);
    memcpy(&kept, vv_safetensors_find(&run, "log_sigma")->data, sizeof kept);
    assert_true(strtof(vv_safetensors_meta(&file, "log_sigma"), NULL) == kept);
    assert_string_equal(vv_safetensors_meta(&file, "format"), "pt");
    assert_string_equal(vv_safetensors_meta(&file, "model"), "mlp");
    assert_string_equal(vv_safetensors_meta(&file, "likelihood"), "gaussian");
    assert_string_equal(vv_safetensors_meta(&file, "height"), "12");
    vv_safetensors_finish(&file);
    vv_safetensors_finish(&run);
}

static bool has_member(const struct vv_zip *zip, const char *name) {
    for (uint32_t i = 0; i < zip->count; i++)
        if (strcmp(zip->members[i].name, name) == 0) return true;
    return false;
}

static void npz_has_an_array_for_each_tensor(void **state) {
    struct room *r = *state;
    struct vv_context ctx;
    struct vv_arena arena;
    struct vv_zip zip;
    train_run(r, "gaussian");
    EXPORT(r, "-o", in(r, "a.npz"));
    assert_ok(r);
    assert_has(r->out, "a.npz: ");
    assert_null(strstr(r->out, "torch"));
    vv_context_init(&ctx);
    vv_arena_init(&arena, &ctx);
    assert_true(vv_zip_open(&arena, in(r, "a.npz"), &zip));
    assert_int_equal(zip.count, WEIGHTS + 1);
    assert_true(has_member(&zip, "fc1.weight.npy") && has_member(&zip, "log_sigma.npy"));
    vv_zip_close(&zip);
    vv_arena_finish(&arena);
    EXPORT(r, "--part", "encoder", "-o", in(r, "e.npz"));
    vv_arena_init(&arena, &ctx);
    assert_true(vv_zip_open(&arena, in(r, "e.npz"), &zip));
    assert_int_equal(zip.count, 6);
    vv_zip_close(&zip);
    vv_arena_finish(&arena);
}

static void files_are_named_as_the_page_says(void **state) {
    static const struct {
        const char *options, *files;
    } cases[] = {{"", "model.safetensors"},
                 {"--part encoder", "encoder.safetensors"},
                 {"--format npz --part decoder", "decoder.npz"},
                 {"--format onnx", "encoder.onnx decoder.onnx"},
                 {"--format onnx --part decoder", "decoder.onnx"},
                 {"-o a.onnx", "a-encoder.onnx a-decoder.onnx"},
                 {"-o b.onnx --part encoder", "b.onnx"},
                 {"-o c.d.npz --format npz", "c.d.npz"}};
    struct room *r = *state;
    char line[2048], name[64];
    train_run(r, "bernoulli");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int count = 0;
        (void)snprintf(line, sizeof line, "mkdir '%s/out' && cd '%s/out' && '%s' export ../run %s",
                       r->folder, r->folder, VKVAE_PROGRAM, cases[i].options);
        if (run_shell(r, line) != 0) fail_msg("%s: %s", cases[i].options, r->err);
        for (const char *at = cases[i].files; *at; at += strcspn(at, " "), at += *at == ' ') {
            (void)snprintf(name, sizeof name, "out/%.*s", (int)strcspn(at, " "), at);
            if (!exists(in(r, "%s", name))) fail_msg("%s: no %s", cases[i].options, name);
            assert_has(r->out, name + 4);
            count++;
        }
        assert_int_equal(count_of(list_folder(in(r, "out"), "").text, "\n"), count);
        remove_tree(in(r, "out"));
    }
}

static void same_run_gives_the_same_bytes(void **state) {
    static const char *const endings[] = {"safetensors", "npz", "onnx"};
    struct room *r = *state;
    train_run(r, "bernoulli");
    for (int i = 0; i < 3; i++) {
        EXPORT(r, "--part", "decoder", "-o", in(r, "a.%s", endings[i]));
        assert_ok(r);
        RUN(r, "export", in(r, "run/checkpoint.safetensors"), "--part", "decoder", "-o",
            in(r, "b.%s", endings[i]));
        assert_ok(r);
        assert_same_file(in(r, "a.%s", endings[i]), in(r, "b.%s", endings[i]));
    }
}

static void output_is_python_json_or_nothing(void **state) {
    struct room *r = *state;
    train_run(r, "bernoulli");
    EXPORT(r, "-o", in(r, "a.safetensors"));
    assert_ok(r);
    assert_int_equal(strncmp(r->out, "# ", 2), 0);
    assert_has(r->out, "\nimport json, struct, torch\n");
    assert_has(r->out, "hidden = [32]\n");
    assert_has(r->out, "class Encoder(nn.Module):\n");
    assert_has(r->out, "class Decoder(nn.Module):\n");
    EXPORT(r, "-o", in(r, "a.safetensors"), "--part", "encoder", "--json");
    cJSON *json = json_of(r);
    assert_string_equal(text_of(json, "format"), "safetensors");
    assert_string_equal(text_of(json, "part"), "encoder");
    assert_int_equal((int)number_of(json, "tensors"), 6);
    assert_true(number_of(json, "parameters") == 32 * 120 + 32 + 2 * (4 * 32 + 4));
    const cJSON *file = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "files"), 0);
    size_t size;
    free(read_bytes(text_of(file, "file"), &size));
    assert_true(number_of(file, "bytes") == (double)size);
    assert_has(text_of(json, "snippet"), "encoder = Encoder().eval()\n");
    assert_null(strstr(text_of(json, "snippet"), "Decoder"));
    cJSON_Delete(json);
    EXPORT(r, "-o", in(r, "a.npz"), "--quiet");
    assert_ok(r);
    assert_string_equal(r->out, "");
}

// A file that a quotation mark is in does not end the Python's text.
static void snippet_quotes_the_files_name(void **state) {
    struct room *r = *state;
    train_run(r, "bernoulli");
    EXPORT(r, "-o", in(r, "a\"b\\.safetensors"));
    assert_ok(r);
    assert_has(r->out, "a\\\"b\\\\.safetensors\")\n");
}

static void full_disk_leaves_what_was_there(void **state) {
    static const char *const endings[] = {"safetensors", "npz", "onnx"};
    struct room *r = *state;
    train_run(r, "bernoulli");
    assert_int_equal(mkdir(in(r, "out"), 0777), 0);
    for (int i = 0; i < 3; i++) {
        const char *out = in(r, "out/a.%s", endings[i]);
        write_bytes(out, "old", 3);
        r->file_limit = 4096;
        EXPORT(r, "--part", "decoder", "-o", out);
        r->file_limit = 0;
        ASSERT_REFUSED(r, 1, out);
        size_t size;
        free(read_bytes(out, &size));
        assert_int_equal(size, 3);
    }
    assert_tidy(in(r, "out"));
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(parts_have_their_weights),         ROOM(scale_of_a_likelihood_is_in_the_metadata),
        ROOM(npz_has_an_array_for_each_tensor), ROOM(files_are_named_as_the_page_says),
        ROOM(same_run_gives_the_same_bytes),    ROOM(output_is_python_json_or_nothing),
        ROOM(snippet_quotes_the_files_name),    ROOM(full_disk_leaves_what_was_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
