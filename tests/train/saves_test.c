// Checkpoints and saves of runs of every kind, each part of them changed in turn, with a checksum that
// is right: refused by a line that names the file, or read whole; never more.
#include "../temporary.h"
#include "checkpoint.h"
#include "resume.h"
#include "safetensors.h"

#include <math.h>
#include <vkvae/vkvae.h>

enum { PARTS = 64 };

// A file in memory, to be written anew with a change.
struct parts {
    struct vv_safetensors file;
    struct vv_tensor tensors[PARTS];
    struct vv_meta metas[PARTS];
    uint32_t count, meta_count;
};

struct counts {
    unsigned refused, read;
};

static bool read_checkpoint(struct vv_context *ctx, const char *path) {
    struct vv_checkpoint checkpoint;
    const bool ok = vv_checkpoint_read(ctx, path, &checkpoint);
    vv_checkpoint_finish(&checkpoint);
    return ok;
}

static bool read_resume(struct vv_context *ctx, const char *path) {
    struct vv_resume resume;
    const bool ok = vv_resume_read(ctx, path, &resume);
    vv_resume_finish(&resume);
    return ok;
}

typedef bool (*read_fn)(struct vv_context *ctx, const char *path);

static void open_parts(struct temporary *t, const char *path, struct parts *p) {
    if (!vv_safetensors_read_checked(&t->ctx, path, 1 << 24, &p->file)) fail_msg("%s", t->ctx.error);
    p->count = p->file.count;
    p->meta_count = p->file.meta_count;
    assert_in_range(p->count, 1, PARTS - 1);
    assert_in_range(p->meta_count, 1, PARTS - 1);
    memcpy(p->tensors, p->file.tensors, p->count * sizeof *p->tensors);
    memcpy(p->metas, p->file.meta, p->meta_count * sizeof *p->metas);
}

// Whether it is read with the change that was made.
static bool is_read(struct temporary *t, const struct parts *p, read_fn read, struct counts *counts) {
    const char *path = path_of(t, "changed.safetensors");
    if (!vv_safetensors_write(&t->ctx, path, NULL, p->tensors, p->count, p->metas, p->meta_count))
        fail_msg("%s", t->ctx.error);
    const bool ok = read(&t->ctx, path);
    if (ok) assert_int_equal(t->ctx.status, VV_OK);
    if (!ok) assert_failure(&t->ctx, VV_BAD_DATA, path, (char *)NULL);
    counts->read += ok;
    counts->refused += !ok;
    return ok;
}

// What PyTorch's files may be without, and saves from before; vv_resume_check looks at statistics, which
// not every model has.
static bool may_lack(const char *name) {
    return strstr(name, ".num_batches_tracked") || strcmp(name, "kl_per_latent") == 0 ||
           strcmp(name, "running") == 0;
}

static void change_tensors(struct temporary *t, struct parts *p, read_fn read, struct counts *counts) {
    static unsigned char not_numbers[1 << 16];
    static const enum vv_dtype types[] = {VV_DTYPE_F32, VV_DTYPE_F64, VV_DTYPE_U8, VV_DTYPE_I64};
    memset(not_numbers, 0xff, sizeof not_numbers);
    for (uint32_t i = 0; i < p->count; i++) {
        const struct vv_tensor whole = p->tensors[i];
        struct vv_tensor *changed = &p->tensors[i];
        const uint64_t bytes = vv_tensor_bytes(&whole);
        // Missing.
        *changed = p->tensors[--p->count];
        if (is_read(t, p, read, counts) && !may_lack(whole.name))
            fail_msg("read without its %s", whole.name);
        p->count++;
        *changed = whole;
        // Of another rank, or length; empty; a scalar.
        if (whole.rank && whole.rank < VV_TENSOR_RANK) {
            changed->dim[changed->rank++] = 1;
            (void)is_read(t, p, read, counts);
            *changed = whole;
        }
        for (uint32_t k = 0; k < whole.rank; k++)
            for (int how = 0; how < 3; how++) {
                changed->dim[k] = how == 0 ? 0 : how == 1 ? 1 : whole.dim[k] - 1;
                if (changed->dim[k] != whole.dim[k]) (void)is_read(t, p, read, counts);
                *changed = whole;
            }
        changed->rank = 0;
        if (whole.rank) (void)is_read(t, p, read, counts);
        *changed = whole;
        // Of another type, as far as its bytes reach.
        for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
            changed->dtype = types[k];
            if (vv_tensor_bytes(changed) <= bytes && types[k] != whole.dtype)
                (void)is_read(t, p, read, counts);
            *changed = whole;
        }
        // Bytes that are no number.
        assert_true(bytes <= sizeof not_numbers);
        changed->data = not_numbers;
        (void)is_read(t, p, read, counts);
        *changed = whole;
    }
}

static void change_metadata(struct temporary *t, struct parts *p, read_fn read, struct counts *counts) {
    static const char *const values[] = {
        "",   "0", "-1",  "1",        "7x", "nan", "99999999999999999999", "1,2,3,4,5,6,7,8,9",
        "{}", "[", "mlp", "reference"};
    for (uint32_t i = 0; i < p->meta_count; i++) {
        const struct vv_meta whole = p->metas[i];
        for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
            p->metas[i].value = values[k];
            (void)is_read(t, p, read, counts);
        }
        p->metas[i] = p->metas[--p->meta_count];
        (void)is_read(t, p, read, counts);
        p->meta_count++;
        p->metas[i] = whole;
    }
}

static void change_all(struct temporary *t, const char *name, read_fn read) {
    struct parts p;
    struct counts counts = {0}, none = {0};
    open_parts(t, path_of(t, name), &p);
    assert_true(is_read(t, &p, read, &none));
    change_tensors(t, &p, read, &counts);
    change_metadata(t, &p, read, &counts);
    assert_true(is_read(t, &p, read, &none));
    vv_safetensors_finish(&p.file);
    // What is read all the same is what another run may hold.
    if (counts.refused < counts.read)
        fail_msg("%s: %u read, %u refused", name, counts.read, counts.refused);
}

// ---- Runs ----

// Asked between steps, among others: three of the five of an epoch are saved.
static bool stop_in_the_midst(void *user) {
    unsigned *asked = user;
    return ++*asked > 3;
}

static void start_to_count(void *user, const vkvae_start *start) {
    unsigned *asked = user;
    (void)start;
    *asked = 0;
}

static void train(struct temporary *t, vkvae_train_options *o) {
    vkvae *v = vkvae_create();
    assert_non_null(v);
    o->device.device = "reference";
    o->out = path_of(t, "run");
    o->epochs = 2;
    o->batch = 4;
    o->latent = 2;
    if (vkvae_train(v, o, NULL) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
    change_all(t, "run/checkpoint.safetensors", read_checkpoint);
    change_all(t, "run/resume.safetensors", read_resume);
}

static void plain_run(void **state) {
    vkvae_train_options o;
    vkvae_train_defaults(&o);
    o.shapes = (vkvae_shapes){.images = 12, .height = 8, .width = 8, .channels = 1};
    o.hidden[0] = 4;
    o.hidden[1] = 3;
    o.likelihood = "gaussian";
    o.sigma = "learned";
    train(*state, &o);
}

static void run_of_text(void **state) {
    struct temporary *t = *state;
    char path[PATH_ROOM];
    vkvae_train_options o;
    vkvae_train_defaults(&o);
    (void)snprintf(path, sizeof path, "%s", path_of(t, "words.txt"));
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 12; i++) (void)fprintf(file, "one two %s\n", i % 3 ? "three" : "four");
    assert_int_equal(fclose(file), 0);
    o.data = path;
    o.reading.tokens = "words";
    o.reading.length = 4;
    o.hidden[0] = 4;
    train(t, &o);
}

static void run_of_a_table(void **state) {
    struct temporary *t = *state;
    char path[PATH_ROOM];
    vkvae_train_options o;
    vkvae_train_defaults(&o);
    (void)snprintf(path, sizeof path, "%s", path_of(t, "table.csv"));
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 12; i++) (void)fprintf(file, "%d,%d,%d\n", i, 3 * i + 1, 7);
    assert_int_equal(fclose(file), 0);
    o.data = path;
    o.reading.normalize = "minmax";
    o.hidden[0] = 4;
    train(t, &o);
}

// With all that a save can hold: statistics, an average, what a rollback goes back to; in an epoch.
static void run_in_the_midst(void **state) {
    unsigned asked = 0;
    vkvae_train_options o;
    vkvae_train_defaults(&o);
    o.shapes = (vkvae_shapes){.images = 24, .height = 8, .width = 8, .channels = 1};
    o.model = "resnet";
    o.channels[0] = 2;
    o.hidden[0] = 0;
    o.norm = "batch";
    o.dropout = 0.1;
    o.ema = 0.9;
    o.on_nan = "rollback";
    o.save_every = "1";
    o.on_start = start_to_count;
    o.stop = stop_in_the_midst;
    o.user = &asked;
    train(*state, &o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(plain_run),
        TEST(run_of_text),
        TEST(run_of_a_table),
        TEST(run_in_the_midst),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
