#include "memory.h"

#include <string.h>
#include <sys/stat.h>

#define REFERENCE "reference"

static const char *device = REFERENCE;  // NULL: the best Vulkan device

static vkvae_train_options training(void) {
    vkvae_train_options o;
    vkvae_train_defaults(&o);
    o.data = "set";
    o.hidden[0] = 4;
    o.latent = 2;
    o.batch = 20;
    o.epochs = 1;
    o.device.device = device;
    return o;
}

static vkvae_use use(void) {
    vkvae_use u;
    vkvae_use_defaults(&u);
    u.run = "run";
    u.device.device = device;
    return u;
}

// ---- Training ----

static vkvae_status train(vkvae *v) {
    vkvae_train_options o = training();
    o.out = "out/run";
    o.keep_best = true;
    return vkvae_train(v, &o, NULL);
}

static vkvae_status train_and_tell(vkvae *v) {
    vkvae_train_options o = training();
    o.out = "out/run";
    o.report = true;
    o.tensorboard = "out/events";
    return vkvae_train(v, &o, NULL);
}

static vkvae_status train_profiled(vkvae *v) {
    vkvae_train_options o = training();
    o.out = "out/run";
    o.profile = true;
    o.trace = "out/trace.json";
    return vkvae_train(v, &o, NULL);
}

static vkvae_status train_convolutions(vkvae *v) {
    vkvae_train_options o = training();
    o.model = "conv";
    o.hidden[0] = 0;
    o.channels[0] = 2;
    o.norm = "batch";
    o.optimiser = "adamw";
    o.on_nan = "rollback";
    o.ema = 0.9;
    o.augment = "flip";
    o.out = "out/run";
    return vkvae_train(v, &o, NULL);
}

static vkvae_status train_pictures(vkvae *v) {
    vkvae_train_options o = training();
    o.data = "pictures";
    o.batch = 2;
    o.reading.threads = 1;
    o.out = "out/run";
    return vkvae_train(v, &o, NULL);
}

static vkvae_status train_text(vkvae *v) {
    vkvae_train_options o = training();
    o.data = "words.txt";
    o.batch = 2;
    o.reading.tokens = "words";
    o.reading.length = 4;
    o.out = "out/run";
    return vkvae_train(v, &o, NULL);
}

static vkvae_status train_memory(vkvae *v) {
    static const unsigned char pixels[20 * 8 * 8] = {1, 2, 3};
    const vkvae_images images = {pixels, 20, 8, 8, 1};
    vkvae_train_options o = training();
    o.data = NULL;
    o.train_images = o.test_images = &images;
    return vkvae_train(v, &o, NULL);
}

static void note_epoch(void *user, const vkvae_start *start) {
    *(uint32_t *)user = start->epoch;
}

// From the last save, not the one before it, which is nothing to fall back to for want of memory.
static vkvae_status resume(vkvae *v) {
    vkvae_train_options o = training();
    uint32_t epoch = 2;
    o.data = NULL;
    o.hidden[0] = 0;
    o.resume = "out/copy";
    o.epochs = 3;
    o.on_start = note_epoch;
    o.user = &epoch;
    const vkvae_status status = vkvae_train(v, &o, NULL);
    return epoch == 2 ? status : VKVAE_FAILED;  // which says nothing
}

static vkvae_status import(vkvae *v) {
    vkvae_import_options o;
    vkvae_import_defaults(&o);
    o.file = "weights.safetensors";
    o.train.out = "out/imported";
    o.train.reading.height = o.train.reading.width = 8;
    o.train.device.device = device;
    return vkvae_import(v, &o, NULL);
}

// ---- Using ----

static vkvae_status sample_to(vkvae *v, const char *run, const char *from, const char *out,
                              const char *each, char **text) {
    vkvae_sample_options o;
    vkvae_sample_defaults(&o);
    o.run = run;
    o.count = 3;
    o.from = from;
    o.out = out;
    o.each = each;
    o.text = text;
    o.device.device = device;
    return vkvae_sample(v, &o, NULL);
}

static vkvae_status sample(vkvae *v) {
    return sample_to(v, "run", NULL, "out/samples.png", "out/each", NULL);
}

static vkvae_status sample_codes(vkvae *v) {
    return sample_to(v, "run", "codes.npz", "out/samples.npy", NULL, NULL);
}

static vkvae_status sample_text(vkvae *v) {
    char *text = NULL;
    const vkvae_status status = sample_to(v, "text", NULL, "out/samples.txt", NULL, &text);
    vkvae_free(text);
    return status;
}

static vkvae_status decode(vkvae *v) {
    vkvae_decode_options o;
    float *pixels = NULL;
    vkvae_decode_defaults(&o);
    o.run = "run";
    o.codes = "codes.npz";
    o.out = "out/decoded.npy";
    o.pixels = &pixels;
    o.device.device = device;
    const vkvae_status status = vkvae_decode(v, &o, NULL);
    vkvae_free(pixels);
    return status;
}

static vkvae_status encode_to(vkvae *v, const char *out) {
    vkvae_encode_options o;
    float *mu = NULL;
    vkvae_encode_defaults(&o);
    o.use = use();
    o.out = out;
    o.sample = true;
    o.mu = &mu;
    const vkvae_status status = vkvae_encode(v, &o, NULL);
    vkvae_free(mu);
    return status;
}

static vkvae_status encode(vkvae *v) {
    return encode_to(v, "out/codes.npz");
}

static vkvae_status encode_table(vkvae *v) {
    return encode_to(v, "out/codes.csv");
}

static vkvae_status reconstruct(vkvae *v) {
    vkvae_reconstruct_options o;
    vkvae_reconstruct_defaults(&o);
    o.use = use();
    o.pictures.out = "out/again.png";
    return vkvae_reconstruct(v, &o, NULL);
}

static vkvae_status interpolate(vkvae *v) {
    vkvae_interpolate_options o;
    vkvae_interpolate_defaults(&o);
    o.use = use();
    o.pictures.out = "out/walk.png";
    return vkvae_interpolate(v, &o, NULL);
}

static vkvae_status traverse(vkvae *v) {
    vkvae_traverse_options o;
    uint32_t *order = NULL;
    vkvae_traverse_defaults(&o);
    o.use = use();
    o.order = &order;
    o.pictures.out = "out/traversal.png";
    const vkvae_status status = vkvae_traverse(v, &o, NULL);
    vkvae_free(order);
    return status;
}

static vkvae_status manifold(vkvae *v) {
    vkvae_manifold_options o;
    vkvae_manifold_defaults(&o);
    o.use = use();
    o.steps = 3;
    o.pictures.out = "out/manifold.png";
    return vkvae_manifold(v, &o, NULL);
}

static vkvae_status augment(vkvae *v) {
    vkvae_augment_options o;
    vkvae_augment_defaults(&o);
    o.use = use();
    o.count = 4;
    o.out = "out/augmented";
    return vkvae_augment(v, &o, NULL);
}

static vkvae_status project(vkvae *v) {
    vkvae_project_options o;
    vkvae_project_defaults(&o);
    o.use = use();
    o.out = "out/map.png";
    o.csv = "out/map.csv";
    return vkvae_project(v, &o, NULL);
}

static vkvae_status score(vkvae *v) {
    vkvae_score_options o;
    double *scores = NULL;
    vkvae_score_defaults(&o);
    o.use = use();
    o.out = "out/scores.csv";
    o.heat = "out/heat.png";
    o.roc = "out/roc.png";
    o.normal = "0";
    o.scores = &scores;
    const vkvae_status status = vkvae_score(v, &o, NULL);
    vkvae_free(scores);
    return status;
}

static vkvae_status evaluate(vkvae *v) {
    vkvae_evaluate_options o;
    vkvae_evaluate_defaults(&o);
    o.use = use();
    o.nll = o.frechet = true;
    o.nll_images = o.nll_samples = 3;
    o.noise_out = "out/noise.npy";
    return vkvae_evaluate(v, &o, NULL);
}

static vkvae_status export_as(vkvae *v, const char *out) {
    vkvae_export_options o;
    char *snippet = NULL;
    vkvae_export_defaults(&o);
    o.run = "run";
    o.out = out;
    o.snippet = &snippet;
    const vkvae_status status = vkvae_export(v, &o, NULL);
    vkvae_free(snippet);
    return status;
}

static vkvae_status export_onnx(vkvae *v) {
    return export_as(v, "out/run.onnx");
}

static vkvae_status export_npz(vkvae *v) {
    return export_as(v, "out/run.npz");
}

static vkvae_status export_weights(vkvae *v) {
    return export_as(v, "out/run.safetensors");
}

static vkvae_status report(vkvae *v) {
    vkvae_report_options o;
    vkvae_report_defaults(&o);
    o.run = "run";
    o.out = "out/report.html";
    return vkvae_report(v, &o);
}

static vkvae_status compare(vkvae *v) {
    const char *const runs[] = {"run", "text"};
    vkvae_compare_options o;
    vkvae_comparison *comparison = NULL;
    vkvae_compare_defaults(&o);
    o.runs = runs;
    o.count = 2;
    o.out = "out/compare.png";
    const vkvae_status status = vkvae_compare(v, &o, &comparison);
    vkvae_free(comparison);
    return status;
}

static vkvae_status info(vkvae *v) {
    vkvae_run_info run;
    vkvae_tensor *tensors = NULL;
    uint32_t count;
    const vkvae_status status = vkvae_info(v, "run", &run, &tensors, &count);
    vkvae_free(tensors);
    return status;
}

static vkvae_status runs(vkvae *v) {
    vkvae_run_info *list = NULL;
    uint32_t count;
    const vkvae_status status = vkvae_runs(v, ".", &list, &count);
    vkvae_free(list);
    return status;
}

static vkvae_status devices(vkvae *v) {
    vkvae_device *list = NULL;
    uint32_t count, chosen;
    char why[256];
    const vkvae_status status = vkvae_devices(v, NULL, &list, &count, &chosen, why);
    vkvae_free(list);
    return status;
}

static vkvae_status autotune(vkvae *v) {
    vkvae_autotune_options o;
    vkvae_autotune_defaults(&o);
    o.train = training();
    o.force = true;
    return vkvae_autotune(v, &o, NULL);
}

// VKVAE_FAILED without a word, which is told, where a width is not as it was left.
static vkvae_status vectors(vkvae *v) {
    const vkvae_train_options o = training();
    (void)mkdir("cache", 0777);
    vkvae_status status = vkvae_keep_vectors(v, &o, "key", 512);
    if (status != VKVAE_OK) return status;
    uint32_t kept = vkvae_kept_vectors(&o);
    if (!kept) kept = vkvae_kept_vectors(&o);  // without memory to look for it there is none
    if (kept != 512) return VKVAE_FAILED;
    status = vkvae_keep_vectors(v, &o, "key", 0);
    return status == VKVAE_OK && vkvae_kept_vectors(&o) ? VKVAE_FAILED : status;
}

// Of what was measured with another driver.
static vkvae_status check_vectors(vkvae *v) {
    const vkvae_train_options o = training();
    (void)mkdir("cache", 0777);
    vkvae_status status = vkvae_keep_vectors(v, &o, "another", 512);
    if (status == VKVAE_OK) status = vkvae_check_vectors(v, &o);
    return status == VKVAE_OK && vkvae_kept_vectors(&o) ? VKVAE_FAILED : status;
}

// The reference device has no vectors.
static vkvae_status run_vectors(vkvae *v) {
    (void)v;
    return vkvae_run_vectors("run") ? VKVAE_FAILED : VKVAE_OK;
}

const struct call calls[] = {
    {"train", train, false},
    {"train with a report", train_and_tell, true},
    {"train with a profile", train_profiled, COSTLY},
    {"train convolutions", train_convolutions, false},
    {"train on pictures", train_pictures, false},
    {"train on text", train_text, false},
    {"train on memory", train_memory, false},
    {"train, resumed", resume, false},
    {"import", import, false},
    {"sample", sample, false},
    {"sample of codes", sample_codes, false},
    {"sample of text", sample_text, false},
    {"decode", decode, false},
    {"encode", encode, false},
    {"encode as a table", encode_table, false},
    {"reconstruct", reconstruct, false},
    {"interpolate", interpolate, false},
    {"traverse", traverse, false},
    {"manifold", manifold, false},
    {"augment", augment, false},
    {"project", project, false},
    {"score", score, false},
    {"evaluate", evaluate, false},
    {"export as ONNX", export_onnx, false},
    {"export as NPZ", export_npz, false},
    {"export as safetensors", export_weights, false},
    {"report", report, false},
    {"compare", compare, false},
    {"info", info, false},
    {"runs", runs, false},
    {"widths of vectors", vectors, false},
    {"width of a run's vectors", run_vectors, false},
};
const unsigned call_count = sizeof calls / sizeof *calls;

// ---- On the device ----

static vkvae_status there(vkvae *v, vkvae_status (*make)(vkvae *v)) {
    device = NULL;
    const vkvae_status status = make(v);
    device = REFERENCE;
    return status;
}

#define THERE(name)                                                                                     \
    static vkvae_status name##_there(vkvae *v) {                                                        \
        return there(v, name);                                                                          \
    }
THERE(train)
THERE(sample)
THERE(encode)
THERE(evaluate)
THERE(autotune)
THERE(check_vectors)

const struct call device_calls[] = {
    {"devices", devices, false},
    {"train on the device", train_there, false},
    {"sample on the device", sample_there, true},
    {"encode on the device", encode_there, true},
    {"evaluate on the device", evaluate_there, true},
    {"autotune", autotune_there, true},
    {"width of vectors of another driver", check_vectors_there, false},
};
const unsigned device_call_count = sizeof device_calls / sizeof *device_calls;

// ---- What they need ----

// images and labels of an .npz
static bool make_arrays(vkvae *v) {
    vkvae_augment_options o;
    vkvae_augment_defaults(&o);
    o.use = use();
    o.count = 20;
    o.out = "arrays.npz";
    return vkvae_augment(v, &o, NULL) == VKVAE_OK;
}

bool make_fixture(vkvae *v) {
    const vkvae_shapes shapes = {.images = 40, .height = 8, .width = 8, .channels = 1};
    vkvae_train_options of_set = training(), of_words = training();
    of_set.out = "run";
    of_set.epochs = 2;
    of_words.data = "words.txt";
    of_words.reading.tokens = "words";
    of_words.reading.length = 4;
    of_words.batch = 2;
    of_words.out = "text";
    return make_files() && vkvae_data_write(v, &shapes, "set", false) == VKVAE_OK &&
           vkvae_train(v, &of_set, NULL) == VKVAE_OK && vkvae_train(v, &of_words, NULL) == VKVAE_OK &&
           sample_to(v, "run", NULL, "samples.npy", "pictures", NULL) == VKVAE_OK &&
           sample_to(v, "run", NULL, NULL, "sorted/a", NULL) == VKVAE_OK &&
           sample_to(v, "run", NULL, NULL, "sorted/b", NULL) == VKVAE_OK &&
           encode_to(v, "codes.npz") == VKVAE_OK && encode_to(v, "codes.csv") == VKVAE_OK &&
           export_as(v, "weights.safetensors") == VKVAE_OK && make_arrays(v);
}
