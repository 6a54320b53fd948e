// What only a program that uses the library meets: the command line cannot ask for it.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <cJSON.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "config.h"
#include "file.h"
#include "handle.h"
#include "message.h"
#include "tree.h"

static int make(void **state) {
    *state = vkvae_create();
    return *state ? 0 : -1;
}

static int unmake(void **state) {
    vkvae_destroy(*state);
    return 0;
}

static const struct vv_context *context(void **state) {
    return &((struct vkvae *)*state)->ctx;
}

// Options that nothing is wrong with.
static vkvae_train_options defaults(void) {
    vkvae_train_options o;
    vkvae_train_defaults(&o);
    o.device.device = "reference";
    o.shapes.images = 20;
    o.shapes.height = o.shapes.width = 8;
    o.batch = 10;
    return o;
}

static void vectors_of_no_width(void **state) {
    const vkvae_train_options o = defaults();
    assert_int_equal(setenv("VKVAE_CACHE", "/tmp", 1), 0);
    assert_int_equal(vkvae_keep_vectors(*state, &o, "key", 100), VKVAE_USAGE);
    ASSERT_MESSAGE(
        "<number> bits are no width of vectors; give 128, 256 or 512, with the key of a measurement",
        VV_USAGE,
        "100 bits are no width of vectors; give 128, 256 or 512, with the key of a measurement",
        context(state));
    assert_int_equal(setenv("VKVAE_CACHE", "", 1), 0);
    assert_int_equal(vkvae_kept_vectors(&o), 0);
    assert_int_equal(vkvae_vectors_of("llvmpipe (LLVM 15)", "subgroup-texel/16"), 512);
    assert_int_equal(vkvae_vectors_of("llvmpipe (LLVM 15)", "plain/1"), 0);
    assert_int_equal(vkvae_vectors_of("llvmpipe (LLVM 15)", "plain"), 0);
    assert_int_equal(vkvae_vectors_of("a card", "subgroup-texel/16"), 0);
    assert_int_equal(vkvae_vectors_of(NULL, NULL), 0);
    assert_int_equal(vkvae_run_vectors("/nonexistent"), 0);
}

static void vectors_that_cannot_be_forgotten(void **state) {
    const vkvae_train_options o = defaults();
    char folder[] = "/tmp/vkvae-vectors-XXXXXX", pattern[64], text[256];
    glob_t kept;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("VKVAE_CACHE", folder, 1), 0);
    assert_int_equal(vkvae_keep_vectors(*state, &o, "key", 0), VKVAE_OK);  // nothing is kept yet
    assert_int_equal(vkvae_keep_vectors(*state, &o, "key", 512), VKVAE_OK);
    assert_int_equal(vkvae_kept_vectors(&o), 512);
    (void)snprintf(pattern, sizeof pattern, "%s/vectors-*", folder);
    assert_int_equal(glob(pattern, 0, NULL, &kept), 0);
    assert_int_equal(vkvae_keep_vectors(*state, &o, "key", 0), VKVAE_OK);
    assert_int_equal(vkvae_kept_vectors(&o), 0);
    assert_int_equal(mkdir(kept.gl_pathv[0], 0777), 0);
    assert_int_equal(vkvae_keep_vectors(*state, &o, "key", 0), VKVAE_FAILED);
    (void)snprintf(text, sizeof text,
                   "%s: the width of vectors kept there cannot be forgotten (Is a directory); remove "
                   "it, or name another folder with VKVAE_CACHE",
                   kept.gl_pathv[0]);
    ASSERT_MESSAGE("<file>: the width of vectors kept there cannot be forgotten (<reason>); remove it, "
                   "or name another folder with VKVAE_CACHE",
                   VV_FAILED, text, context(state));
    assert_int_equal(setenv("VKVAE_CACHE", "", 1), 0);
    globfree(&kept);
    remove_tree(folder);
}

static void a_run_without_a_folder(void **state) {
    vkvae_train_options o = defaults();
    o.report = true;
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--report: the run is written nowhere; name its folder with --out", VV_USAGE,
                   "--report: the run is written nowhere; name its folder with --out", context(state));
    o.report = false;
    o.save_every = "10m";
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--save-every: the run is written nowhere; name its folder with --out", VV_USAGE,
                   "--save-every: the run is written nowhere; name its folder with --out",
                   context(state));
    const vkvae_report_options of = {.run = "run", .epochs = 0}, none = {.epochs = 1};
    assert_int_equal(vkvae_report(*state, &of), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected a whole number from <least> to <most>", VV_USAGE,
                   "--epochs 0: expected a whole number from 1 to 10000", context(state));
    assert_int_equal(vkvae_report(*state, &none), VKVAE_USAGE);
}

static void scores_by_what_is_no_score(void **state) {
    vkvae *run = vkvae_create();
    vkvae_train_options train = defaults();
    vkvae_score_options o;
    char folder[] = "/tmp/vkvae-score-XXXXXX", *path = NULL;
    assert_non_null(mkdtemp(folder));
    path = vv_path_join(&((struct vkvae *)*state)->ctx, folder, "run");
    train.out = path;
    train.epochs = 1;
    assert_int_equal(vkvae_train(run, &train, NULL), VKVAE_OK);
    vkvae_destroy(run);
    vkvae_score_defaults(&o);
    o.use.run = path;
    o.by = "name";
    assert_int_equal(vkvae_score(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--by <name>: expected recon, elbo or probability", VV_USAGE,
                   "--by name: expected recon, elbo or probability", context(state));
    o.by = NULL;
    o.has_threshold = true;
    o.threshold = INFINITY;
    assert_int_equal(vkvae_score(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--threshold <number>: expected a finite number", VV_USAGE,
                   "--threshold inf: expected a finite number", context(state));
    remove_tree(folder);
    free(path);
}

static void images_from_memory(void **state) {
    static const unsigned char pixels[64];
    const vkvae_images small = {pixels, 1, 8, 8, 1}, flat = {pixels, 1, 4, 8, 2},
                       none = {pixels, 0, 8, 8, 1}, empty = {NULL, 1, 8, 8, 1};
    vkvae_train_options o = defaults();
    o.train_images = &small;
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<member> are given alone; give train_images and test_images together", VV_USAGE,
                   "train_images are given alone; give train_images and test_images together",
                   context(state));
    o.train_images = NULL;
    o.test_images = &small;
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<member> are given alone; give train_images and test_images together", VV_USAGE,
                   "test_images are given alone; give train_images and test_images together",
                   context(state));
    o.train_images = &none;
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<member>: <count> pictures of <height>x<width> with <count> channels<and no pixels> "
                   "make no set; give one or more, each side 1 to 65536, with 1 to 4 channels",
                   VV_USAGE,
                   "train_images: 0 pictures of 8x8 with 1 channels make no set; give one or more, each "
                   "side 1 to 65536, with 1 to 4 channels",
                   context(state));
    o.train_images = &small;
    o.test_images = &empty;
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE(
        "<member>: <count> pictures of <height>x<width> with <count> channels<and no pixels> "
        "make no set; give one or more, each side 1 to 65536, with 1 to 4 channels",
        VV_USAGE,
        "test_images: 1 pictures of 8x8 with 1 channels and no pixels make no set; give one or "
        "more, each side 1 to 65536, with 1 to 4 channels",
        context(state));
    o.test_images = &flat;
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE(
        "train_images are of <height>x<width> with <count> channels, and test_images of "
        "<height>x<width> with <count>; give both of one size",
        VV_USAGE,
        "train_images are of 8x8 with 1 channels, and test_images of 4x8 with 2; give both of "
        "one size",
        context(state));
}

static void numbers_out_of_range(void **state) {
    vkvae_train_options o = defaults();
    o.latent = 0;
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected a whole number from <least> to <most>", VV_USAGE,
                   "--latent 0: expected a whole number from 1 to 4096", context(state));
    o = defaults();
    o.hidden[1] = 65537;
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected a whole number from <least> to <most>", VV_USAGE,
                   "--hidden 65537: expected a whole number from 1 to 65536", context(state));
    o = defaults();
    o.lr = -1;
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected a number from <least> to <most>", VV_USAGE,
                   "--lr -1: expected a number from 1e-30 to 100", context(state));
}

static void readings_out_of_range(void **state) {
    vkvae_train_options o = defaults(), fresh;
    vkvae_train_defaults(&fresh);
    o.data = "./set";
    o.shapes = fresh.shapes;
    o.reading.height = 8;  // alone
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected a whole number from <least> to <most>", VV_USAGE,
                   "--size 0: expected a whole number from 1 to 65536", context(state));
    o.reading.height = 0;
    o.reading.threads = 1025;
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected a whole number from <least> to <most>", VV_USAGE,
                   "--threads 1025: expected a whole number from 1 to 1024", context(state));
    o.reading.threads = 0;
    o.reading.layout = "hwn";
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected one of <names>", VV_USAGE,
                   "--layout hwn: expected one of auto, nd, nhw, nhwc, nchw", context(state));
    o = defaults();
    o.model = "conv";
    o.norm = "layer";
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected one of <names>", VV_USAGE,
                   "--norm layer: expected one of batch, group, none", context(state));
}

static void names_of_nothing(void **state) {
    vkvae_train_options o = defaults();
    o.optimiser = "lion";
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected one of <names>", VV_USAGE,
                   "--optimiser lion: expected one of adam, adamw, sgd, adagrad", context(state));
    o = defaults();
    o.lr_schedule = "linear";
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected one of <names>", VV_USAGE,
                   "--lr-schedule linear: expected one of constant, cosine, step, exponential",
                   context(state));
    o = defaults();
    o.on_nan = "go on";
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected one of <names>", VV_USAGE,
                   "--on-nan go on: expected one of stop, rollback", context(state));
}

static void two_folders(void **state) {
    vkvae_train_options o = defaults();
    o.out = "new";
    o.resume = "run";
    assert_int_equal(vkvae_train(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--out <folder>: the run in <folder> that --resume goes on with is written where it "
                   "is; leave --out out",
                   VV_USAGE,
                   "--out new: the run in run that --resume goes on with is written where it is; leave "
                   "--out out",
                   context(state));
}

static void no_run(void **state) {
    vkvae_run_info info;
    vkvae_sample_options o;
    assert_int_equal(vkvae_info(*state, NULL, &info, NULL, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("no run given: name a run's folder or a checkpoint file", VV_USAGE,
                   "no run given: name a run's folder or a checkpoint file", context(state));
    vkvae_sample_defaults(&o);
    assert_int_equal(vkvae_sample(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("no run given: name a run's folder or a checkpoint file", VV_USAGE,
                   "no run given: name a run's folder or a checkpoint file", context(state));
}

static void samples_out_of_range(void **state) {
    vkvae_sample_options o;
    vkvae_sample_defaults(&o);
    o.run = "run";
    o.count = 65537;
    assert_int_equal(vkvae_sample(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("-n <count>: expected a whole number from 1 to <most>", VV_USAGE,
                   "-n 65537: expected a whole number from 1 to 65536", context(state));
    vkvae_sample_defaults(&o);
    o.run = "run";
    o.temperature = 100.5;
    assert_int_equal(vkvae_sample(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--temperature <temperature>: expected a number from 0 to 100", VV_USAGE,
                   "--temperature 100.5: expected a number from 0 to 100", context(state));
    vkvae_sample_defaults(&o);
    o.run = "run";
    o.out = "a.jpg";
    assert_int_equal(vkvae_sample(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<file>: the output ends in none of .png, .npy and .txt; name it so", VV_USAGE,
                   "a.jpg: the output ends in none of .png, .npy and .txt; name it so", context(state));
}

static void *no_memory(size_t size) {
    (void)size;
    return NULL;
}

static void memory(void **state) {
    struct vv_context *ctx = &((struct vkvae *)*state)->ctx;
    const struct vv_settings settings = {.hidden = {4}};
    const struct vv_config config = {.description = "a card", .version = "0"};
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = no_memory, .free_fn = free});
    char *text = vv_settings_print(ctx, &settings);
    cJSON_InitHooks(NULL);
    assert_null(text);
    ASSERT_MESSAGE("out of memory for the settings; close other programs", VV_FAILED,
                   "out of memory for the settings; close other programs", ctx);
    vv_clear(ctx);
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = no_memory, .free_fn = free});
    text = vv_config_print(ctx, &settings, &config);
    cJSON_InitHooks(NULL);
    assert_null(text);
    ASSERT_MESSAGE("out of memory for the settings; close other programs", VV_FAILED,
                   "out of memory for the settings; close other programs", ctx);
}

static void no_reason(void **state) {
    struct vv_context *ctx = &((struct vkvae *)*state)->ctx;
    assert_int_equal(vv_result(ctx, false), VKVAE_FAILED);
    ASSERT_MESSAGE("failed without a reason; please report this", VV_FAILED,
                   "failed without a reason; please report this", ctx);
}

static void exports_of_no_name(void **state) {
    vkvae_export_options o;
    vkvae_export_defaults(&o);
    o.run = "none";
    o.out = "a.txt";
    assert_int_equal(vkvae_export(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE(
        "<file>: the output ends in none of .safetensors, .npz and .onnx; name it so", VV_USAGE,
        "a.txt: the output ends in none of .safetensors, .npz and .onnx; name it so", context(state));
    o.out = NULL;
    o.format = "text";
    assert_int_equal(vkvae_export(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected one of <names>", VV_USAGE,
                   "--format text: expected one of safetensors, npz, onnx", context(state));
    o.format = NULL;
    o.part = "half";
    assert_int_equal(vkvae_export(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("<option> <value>: expected one of <names>", VV_USAGE,
                   "--part half: expected one of encoder, decoder, both", context(state));
    vkvae_export_defaults(&o);
    assert_int_equal(vkvae_export(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("no run given: name a run's folder or a checkpoint file", VV_USAGE,
                   "no run given: name a run's folder or a checkpoint file", context(state));
}

static void imports_of_nothing(void **state) {
    vkvae_import_options o;
    vkvae_import_defaults(&o);
    assert_int_equal(vkvae_import(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("no file given: name a state dict, saved as safetensors", VV_USAGE,
                   "no file given: name a state dict, saved as safetensors", context(state));
    o.file = "none";
    assert_int_equal(vkvae_import(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("no folder given: name one with --out", VV_USAGE,
                   "no folder given: name one with --out", context(state));
    o.train.out = "none";
    o.train.resume = "run";
    assert_int_equal(vkvae_import(*state, &o, NULL), VKVAE_USAGE);
    ASSERT_MESSAGE("--resume <folder>: what is imported begins a run; leave it out", VV_USAGE,
                   "--resume run: what is imported begins a run; leave it out", context(state));
}

int main(void) {
#define MADE(name) cmocka_unit_test_setup_teardown(name, make, unmake)
    const struct CMUnitTest tests[] = {
        MADE(vectors_of_no_width),
        MADE(vectors_that_cannot_be_forgotten),
        MADE(a_run_without_a_folder),
        MADE(images_from_memory),
        MADE(numbers_out_of_range),
        MADE(readings_out_of_range),
        MADE(names_of_nothing),
        MADE(two_folders),
        MADE(no_run),
        MADE(samples_out_of_range),
        MADE(scores_by_what_is_no_score),
        MADE(memory),
        MADE(exports_of_no_name),
        MADE(imports_of_nothing),
        MADE(no_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
