// Checkpoints and saves that are cut, changed in a bit, or of another model are refused, and stay as
// they are.
#include "runner.h"

#include "safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A run of two epochs, without the save before the last. Returns its folder.
static const char *make_run(struct room *r) {
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "2", "--out", in(r, "run"));
    assert_ok(r);
    assert_int_equal(unlink(in(r, "run/resume-previous.safetensors")), 0);
    return in(r, "run");
}

// ---- Through the library, which is fast enough for thousands of damages ----

typedef vkvae_status (*read_fn)(struct room *r, vkvae *v);

static vkvae_status read_checkpoint(struct room *r, vkvae *v) {
    vkvae_sample_options options;
    vkvae_sample_defaults(&options);
    options.run = in(r, "run");
    options.count = 1;
    options.device.device = "reference";
    return vkvae_sample(v, &options, NULL);
}

static vkvae_status read_resume(struct room *r, vkvae *v) {
    vkvae_train_options options;
    vkvae_train_defaults(&options);
    options.resume = in(r, "run");
    options.epochs = 2;  // done already: nothing is trained
    options.device.device = "reference";
    return vkvae_train(v, &options, NULL);
}

static void assert_damage_seen(struct room *r, vkvae *v, read_fn read, const char *path,
                               const char *what, size_t where) {
    vkvae_status status = read(r, v);
    const char *error = vkvae_error(v);
    if (status != VKVAE_BAD_DATA || !strstr(error, path) || strchr(error, '\n'))
        fail_msg("%s %zu: status %d: %s", what, where, (int)status, error);
}

// At each byte of the header, and now and then behind it.
static size_t next_place(size_t at) {
    return at + (at < 1500 ? 1 : 97);
}

static void damage(struct room *r, const char *path, read_fn read) {
    size_t size;
    vkvae *v = vkvae_create();
    unsigned char *bytes = read_bytes(path, &size), *worse = malloc(size + 1);
    assert_true(v && worse && size > 2000);
    if (read(r, v) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    struct listing before = list_folder(in(r, "run"), "");
    for (size_t cut = 0; cut < size; cut = cut + 98 < size ? next_place(cut) : cut + 1) {
        write_bytes(path, bytes, cut);
        assert_damage_seen(r, v, read, path, "cut at", cut);
    }
    memcpy(worse, bytes, size);
    worse[size] = 0;
    write_bytes(path, worse, size + 1);
    assert_damage_seen(r, v, read, path, "longer by one than", size);
    for (size_t at = 0; at < size; at = next_place(at)) {
        worse[at] ^= (unsigned char)(1u << at % 8);
        write_bytes(path, worse, size);
        assert_damage_seen(r, v, read, path, "flipped at", at);
        worse[at] = bytes[at];
    }
    write_bytes(path, bytes, size);
    if (read(r, v) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    assert_string_equal(before.text, list_folder(in(r, "run"), "").text);
    free(bytes);
    free(worse);
    vkvae_destroy(v);
}

static void damaged_checkpoint_is_refused(void **state) {
    struct room *r = *state;
    (void)make_run(r);
    damage(r, in(r, "run/checkpoint.safetensors"), read_checkpoint);
}

static void damaged_save_is_refused(void **state) {
    struct room *r = *state;
    (void)make_run(r);
    damage(r, in(r, "run/resume.safetensors"), read_resume);
}

// ---- Whole files, with a right checksum, that do not fit ----

enum { TENSORS = 16, METAS = 16 };

struct edit {
    const char *tensor;  // NULL: only the metadata is changed
    uint32_t rank, dim[2];
    enum vv_dtype dtype;
    const char *key, *value;  // of the metadata; NULL value: the entry is left out
    int code;
    const char *said;
};

// Writes the file anew with the change; a tensor of rank 9 is left out.
static void apply(const char *path, const struct edit *edit) {
    struct vv_context ctx;
    struct vv_safetensors file;
    struct vv_tensor tensors[TENSORS];
    struct vv_meta metas[METAS];
    uint32_t count = 0, meta_count = 0;
    vv_context_init(&ctx);
    if (!vv_safetensors_read_checked(&ctx, path, 1 << 24, &file)) fail_msg("%s", ctx.error);
    for (uint32_t i = 0; i < file.count; i++) {
        const bool changed = edit->tensor && strcmp(edit->tensor, file.tensors[i].name) == 0;
        if (changed && edit->rank == 9) continue;
        tensors[count] = file.tensors[i];
        if (changed) {
            tensors[count].rank = edit->rank;
            tensors[count].dtype = edit->dtype;
            memcpy(tensors[count].dim, edit->dim, sizeof edit->dim);
        }
        count++;
    }
    for (uint32_t i = 0; i < file.meta_count; i++) {
        const bool changed = edit->key && strcmp(edit->key, file.meta[i].key) == 0;
        if (changed && !edit->value) continue;
        metas[meta_count++] = changed ? (struct vv_meta){edit->key, edit->value} : file.meta[i];
    }
    if (!vv_safetensors_write(&ctx, path, NULL, tensors, count, metas, meta_count))
        fail_msg("%s", ctx.error);
    vv_safetensors_finish(&file);
}

#define F32 VV_DTYPE_F32
static const struct edit checkpoint_edits[] = {
    {"fc1.weight", 2, {31, 120}, F32, NULL, NULL, 4, "'fc1.weight'"},
    {"fc1.weight", 2, {120, 32}, F32, NULL, NULL, 4, "F32 [32,120]"},
    {"fc1.weight", 1, {3840, 0}, F32, NULL, NULL, 4, "another model"},
    {"fc1.weight", 2, {16, 120}, VV_DTYPE_F64, NULL, NULL, 4, "another model"},
    {"fc22.bias", 9, {0}, F32, NULL, NULL, 4, "'fc22.bias'"},
    {NULL, 0, {0}, F32, "hidden", "33", 4, "another model"},
    {NULL, 0, {0}, F32, "hidden", "0", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", "-1", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", "32x", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", "32,", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", ",", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", "", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", "0,5", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", "32,,5", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", "32, 5", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", "32,65537", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", "32,32,32,32,32,32,32,32,32", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", "32,32,32,32,32,32,32,32,", 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", NULL, 4, "'hidden'"},
    {NULL, 0, {0}, F32, "hidden", "32,32", 4, "another model"},
    {NULL, 0, {0}, F32, "activation", "rleu", 4, "leaky-relu"},
    {NULL, 0, {0}, F32, "activation", "", 4, "leaky-relu"},
    {NULL, 0, {0}, F32, "latent", "4097", 4, "'latent'"},
    {NULL, 0, {0}, F32, "latent", NULL, 4, "missing"},
    {NULL, 0, {0}, F32, "latent", "18446744073709551620", 4, "'latent'"},  // 4 modulo 2^64
    {NULL, 0, {0}, F32, "height", "65536", 4, "another model"},
    {NULL, 0, {0}, F32, "channels", "5", 4, "'channels'"},
    {NULL, 0, {0}, F32, "format", "vkvae-resume-1", 4, "vkvae-checkpoint-1"},
    {NULL, 0, {0}, F32, "format", "vkvae-checkpoint-2", 4, "vkvae-checkpoint-1"},
    {NULL, 0, {0}, F32, "model", "conv", 4, "'encoder.0.0.weight'"},
    {NULL, 0, {0}, F32, "model", NULL, 4, "model"},
};

// Of a run with hidden layers of 16 and 12.
static const struct edit deep_edits[] = {
    {"fc31.weight", 9, {0}, F32, NULL, NULL, 4, "'fc31.weight'"},
    {"fc2.bias", 9, {0}, F32, NULL, NULL, 4, "'fc2.bias'"},
    {"fc6.weight", 2, {16, 120}, F32, NULL, NULL, 4, "F32 [120,16]"},
    {NULL, 0, {0}, F32, "hidden", "16", 4, "another model"},
    {NULL, 0, {0}, F32, "hidden", "12,16", 4, "another model"},
    {NULL, 0, {0}, F32, "hidden", "16,12,12", 4, "another model"},
};

static const struct edit resume_edits[] = {
    {"params", 1, {100, 0}, F32, NULL, NULL, 4, "'adam.m'"},
    {"params", 9, {0}, F32, NULL, NULL, 4, "params"},
    {"adam.v", 2, {2, 50}, F32, NULL, NULL, 4, "'adam.v'"},
    {"progress", 1, {1, 0}, VV_DTYPE_U64, NULL, NULL, 4, "'progress'"},
    {"partial", 1, {4, 0}, F32, NULL, NULL, 4, "'partial'"},
    {"metrics", 2, {1, 6}, VV_DTYPE_F64, NULL, NULL, 4, "metrics"},
    {"metrics", 9, {0}, F32, NULL, NULL, 4, "metrics"},
    {NULL, 0, {0}, F32, "format", "vkvae-checkpoint-1", 4, "vkvae-resume-1"},
    {NULL, 0, {0}, F32, "settings", "{}", 4, "'model'"},
    {NULL, 0, {0}, F32, "settings", "", 4, "settings"},
    {NULL, 0, {0}, F32, "settings", NULL, 4, "settings"},
    {NULL, 0, {0}, F32, "settings", "[1,2", 4, "settings"},
};

static void refuse_checkpoints(struct room *r, const struct edit *edits, size_t count) {
    const char *path = in(r, "run/checkpoint.safetensors"), *grid = in(r, "grid.png");
    size_t size;
    unsigned char *bytes = read_bytes(path, &size);
    for (size_t i = 0; i < count; i++) {
        apply(path, &edits[i]);
        RUN(r, "sample", in(r, "run"), "-o", grid);
        ASSERT_REFUSED(r, edits[i].code, path, edits[i].said);
        write_bytes(path, bytes, size);
    }
    free(bytes);
    assert_false(exists(grid));
    RUN(r, "sample", in(r, "run"), "-o", grid);
    assert_ok(r);
}

static void strange_checkpoints_are_refused(void **state) {
    (void)make_run(*state);
    refuse_checkpoints(*state, checkpoint_edits, sizeof checkpoint_edits / sizeof *checkpoint_edits);
}

static void strange_deep_checkpoints_are_refused(void **state) {
    struct room *r = *state;
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), "--hidden", "16,12", "--activation", "tanh", "--latent", "4",
        "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    refuse_checkpoints(r, deep_edits, sizeof deep_edits / sizeof *deep_edits);
}

static void strange_saves_are_refused(void **state) {
    struct room *r = *state;
    (void)make_run(r);
    const char *path = in(r, "run/resume.safetensors");
    size_t size;
    unsigned char *bytes = read_bytes(path, &size);
    for (size_t i = 0; i < sizeof resume_edits / sizeof *resume_edits; i++) {
        apply(path, &resume_edits[i]);
        struct listing before = list_folder(in(r, "run"), "");
        RUN(r, "train", "--resume", in(r, "run"), "--epochs", "3");
        ASSERT_REFUSED(r, resume_edits[i].code, path, resume_edits[i].said);
        assert_string_equal(before.text, list_folder(in(r, "run"), "").text);
        write_bytes(path, bytes, size);
    }
    free(bytes);
}

// The settings in a save that is otherwise sound.
static void strange_settings_are_refused(void **state) {
    struct room *r = *state;
    (void)make_run(r);
    static const char *const changes[][2] = {
        {"\"hidden\":32", "\"hidden\":31"},
        {"\"hidden\":32", "\"hidden\":1e9"},
        {"\"hidden\":32", "\"hidden\":\"32\""},
        {"\"hidden\":32", "\"hidden\":[32,32]"},
        {"\"hidden\":32", "\"hidden\":[32,0]"},
        {"\"activation\":\"relu\"", "\"activation\":\"rleu\""},
        {"\"activation\":\"relu\"", "\"activation\":\"a name of sixteen characters or more\""},
        {"\"activation\":\"relu\"", "\"activation\":7"},
        {"\"batch\":20", "\"batch\":0.5"},
        {"\"batch\":20", "\"batch\":201"},
        {"\"lr\":0.01", "\"lr\":-1"},
        {"\"seed\":42", "\"seed\":-1"},
        {"\"model\":\"mlp\"", "\"model\":\"conv\""},
        {"\"height\":12", "\"height\":13"},
        {"\"kernels\":\"reference\"", "\"kernels\":\"x\""},
        {"\"train_count\":200", "\"train_count\":20"},
    };
    const char *path = in(r, "run/resume.safetensors");
    size_t size;
    unsigned char *bytes = read_bytes(path, &size);
    struct vv_context ctx;
    struct vv_safetensors file;
    vv_context_init(&ctx);
    if (!vv_safetensors_read_checked(&ctx, path, 1 << 24, &file)) fail_msg("%s", ctx.error);
    const char *settings = vv_safetensors_meta(&file, "settings");
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char text[2048];
        const char *at = strstr(settings, changes[i][0]);
        if (!at) fail_msg("%s is not in %s", changes[i][0], settings);
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - settings), settings, changes[i][1],
                       at + strlen(changes[i][0]));
        const struct edit edit = {.key = "settings", .value = text};
        apply(path, &edit);
        RUN(r, "train", "--resume", in(r, "run"), "--epochs", "3");
        if (r->code == 0) fail_msg("%s was taken", changes[i][1]);
        ASSERT_REFUSED(r, r->code);
        write_bytes(path, bytes, size);
    }
    vv_safetensors_finish(&file);
    free(bytes);
}

// What another program wrote: sound, but without our checksum.
static void file_without_checksum_is_refused(void **state) {
    struct room *r = *state;
    static const char header[] =
        "{\"fc1.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}   ";
    unsigned char bytes[8 + sizeof header + 4] = {sizeof header - 1};
    memcpy(bytes + 8, header, sizeof header - 1);
    write_bytes(in(r, "theirs.safetensors"), bytes, 8 + sizeof header - 1 + 4);
    RUN(r, "sample", in(r, "theirs.safetensors"), "-o", in(r, "grid.png"));
    ASSERT_REFUSED(r, 4, in(r, "theirs.safetensors"), "no checksum");
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(damaged_checkpoint_is_refused),
        ROOM(damaged_save_is_refused),
        ROOM(strange_deep_checkpoints_are_refused),
        ROOM(strange_checkpoints_are_refused),
        ROOM(strange_saves_are_refused),
        ROOM(strange_settings_are_refused),
        ROOM(file_without_checksum_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
