// vkvae.h without anything behind it, for what the real library cannot be made to do on demand: fail,
// have three devices, train slowly, ignore a stop. Steered by variables: FAKE_STEPS an epoch,
// FAKE_STEP_MS each, FAKE_FAIL=status, FAKE_DEVICES, FAKE_DEAF (never asks whether to stop), FAKE_SHOW
// (logs what it was given), FAKE_NAN (a loss), FAKE_TUNE (what measuring finds), FAKE_DONE (epochs that
// a resumed run has).
#include "fake_library.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUN_EPOCHS = 6 };  // that a resumed run wanted

struct vkvae {
    char error[128];
    vkvae_log_fn log;
    void *log_user;
};

unsigned fake_number(const char *variable, unsigned otherwise) {
    const char *text = getenv(variable);
    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

void fake_say(vkvae *v, bool warning, const char *line) {
    if (v->log) v->log(v->log_user, warning, line);
}

static const char *or_none(const char *text) {
    return text ? text : "(null)";
}

const char *vkvae_version(void) {
    return "9.8.7-fake";
}

vkvae *vkvae_create(void) {
    return getenv("FAKE_NO_MEMORY") ? NULL : calloc(1, sizeof(struct vkvae));
}

void vkvae_destroy(vkvae *v) {
    free(v);
}

const char *vkvae_error(const vkvae *v) {
    return v->error;
}

void vkvae_set_log(vkvae *v, vkvae_log_fn log, void *user) {
    v->log = log;
    v->log_user = user;
}

vkvae_status fake_fail(vkvae *v, vkvae_status status) {
    (void)snprintf(v->error, sizeof v->error, "fake failure %d\nin two lines", (int)status);
    return status;
}

static void fill_device(vkvae_device *d, uint32_t index) {
    static const char *const types[] = {"cpu", "discrete", "integrated"};
    static const char *const names[] = {"Slow Software", "Big Card", "Little Card"};
    *d = (vkvae_device){
        .index = index, .memory_bytes = (uint64_t)(index + 1) << 30, .usable = index != 2};
    if (index > 2) d->memory_bytes = UINT64_MAX;
    (void)snprintf(d->uuid, sizeof d->uuid, "00000000-0000-0000-0000-00000000000%x", index + 10);
    (void)snprintf(d->name, sizeof d->name, "%s", names[index % 3]);
    (void)snprintf(d->type, sizeof d->type, "%s", types[index % 3]);
    (void)snprintf(d->driver, sizeof d->driver, "fake \"driver\" 1.0");
    (void)snprintf(d->api_version, sizeof d->api_version, "1.%d.0", index == 2 ? 0 : 3);
    if (!d->usable) (void)snprintf(d->reason, sizeof d->reason, "its driver speaks Vulkan 1.0");
    d->subgroup_size = 8;
    d->max_invocations = 1024;
    d->max_shared_bytes = index > 2 ? 48 : 32768;
    d->max_texel_elements = 65536;
    d->max_storage_range = UINT64_C(1) << 27;
}

// By default the second; of what is wanted, "0" and "1" are known.
static uint32_t choose(const char *wanted, uint32_t count, char why[256]) {
    (void)snprintf(why, 256, "%s", wanted ? "is not to the fake's taste" : "the fake's choice");
    if (!wanted) return count > 1;
    bool known = strcmp(wanted, "0") == 0 || strcmp(wanted, "1") == 0;
    if (known) (void)snprintf(why, 256, "asked for");
    return known ? (uint32_t)(wanted[0] - '0') : UINT32_MAX;
}

vkvae_status vkvae_devices(vkvae *v, const char *wanted, vkvae_device **devices, uint32_t *count,
                           uint32_t *chosen, char why[256]) {
    *devices = NULL;
    *count = fake_number("FAKE_DEVICES", 3);
    *chosen = UINT32_MAX;
    if (getenv("FAKE_FAIL")) {
        *count = 0;
        return fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1));
    }
    if (*count == 0)
        return wanted && strcmp(wanted, "reference") == 0 ? VKVAE_OK : fake_fail(v, VKVAE_NO_DEVICE);
    *devices = calloc(*count, sizeof **devices);
    if (!*devices) return fake_fail(v, VKVAE_FAILED);
    for (uint32_t i = 0; i < *count; i++) fill_device(&(*devices)[i], i);
    *chosen = choose(wanted, *count, why);
    return VKVAE_OK;
}

void vkvae_train_defaults(vkvae_train_options *o) {
    *o = (vkvae_train_options){.model = "mlp",
                               .shapes = {10001, 0, 29, 29, 1, 1},
                               .hidden = {401},
                               .latent = 21,
                               .batch = 129,
                               .epochs = 11,
                               .lr = 0.002,
                               .seed = 43};
}

void fake_show_train(vkvae *v, const vkvae_train_options *o) {
    char line[1024];
    (void)snprintf(
        line, sizeof line,
        "data=%s model=%s hidden=%u,%u latent=%u batch=%u epochs=%u lr=%g seed=%llu out=%s force=%d "
        "resume=%s device=%s kernels=%s minimum=%d validate=%d tape=%d",
        or_none(o->data), o->model, o->hidden[0], o->hidden[1], o->latent, o->batch, o->epochs, o->lr,
        (unsigned long long)o->seed, or_none(o->out), o->force, or_none(o->resume),
        or_none(o->device.device), or_none(o->device.kernels), o->device.minimum_limits,
        o->device.validate, o->print_tape != NULL);
    fake_say(v, false, line);
    const vkvae_shapes *s = &o->shapes;
    (void)snprintf(line, sizeof line,
                   "images=%u test=%u size=%ux%u channels=%u data-seed=%llu activation=%s "
                   "repeats=%u,%s,%s",
                   s->images, s->test_images, o->reading.height, o->reading.width, o->reading.channels,
                   (unsigned long long)s->seed, or_none(o->activation), o->repeated.data_checksum,
                   or_none(o->repeated.version), or_none(o->repeated.device));
    fake_say(v, false, line);
    const vkvae_reading *r = &o->reading;
    (void)snprintf(line, sizeof line,
                   "fit=%s crop=%s background=%s strict=%d layout=%s normalize=%s range=%g,%g labels=%s "
                   "test=%s,%s split=%g limit=%u threads=%u memory=%llu augment=%s save=%s",
                   or_none(r->fit), or_none(r->crop), or_none(r->background), r->strict,
                   or_none(r->layout), or_none(r->normalize), r->range[0], r->range[1],
                   or_none(r->labels), or_none(r->test), or_none(r->test_labels), r->split, r->limit,
                   r->threads, (unsigned long long)o->data_memory, or_none(o->augment),
                   or_none(o->save_every));
    fake_say(v, false, line);
    (void)snprintf(line, sizeof line, "stages=%u,%u upsample=%s norm=%s blocks=%u dropout=%g",
                   o->channels[0], o->channels[1], or_none(o->upsample), or_none(o->norm), o->blocks,
                   o->dropout);
    fake_say(v, false, line);
    (void)snprintf(line, sizeof line,
                   "objective=%s samples=%u beta=%g warmup=%u cycle=%u free=%g capacity=%g,%u,%g",
                   or_none(o->objective), o->samples, o->beta, o->kl_warmup, o->kl_cycle, o->free_bits,
                   o->capacity, o->capacity_steps, o->capacity_gamma);
    fake_say(v, false, line);
    const char *bits = getenv("LP_NATIVE_VECTOR_WIDTH");
    (void)snprintf(line, sizeof line, "tuning=%s vectors=%s", or_none(o->repeated.tuning),
                   or_none(bits));
    fake_say(v, false, line);
    if (o->retries || o->device.timeout > 0) {
        (void)snprintf(line, sizeof line, "retries=%u timeout=%g", o->retries, o->device.timeout);
        fake_say(v, false, line);
    }
    if (!o->profile) return;
    (void)snprintf(line, sizeof line, "profile to %s", or_none(o->trace));
    fake_say(v, false, line);
}

static void tell_profile(const vkvae_train_options *o) {
    const vkvae_profile_row rows[] = {
        {.op = "product", .calls = 12, .seconds = 0.3, .share = 0.75, .gflops = 50, .of_peak = 0.25},
        {.op = "sum", .calls = 4, .seconds = 0.1, .share = 0.25, .gbytes = 7.5},
    };
    const vkvae_profile profile = {.rows = rows,
                                   .count = 2,
                                   .clock = true,
                                   .steps = 4,
                                   .other_steps = 12,
                                   .step_seconds = 0.11,
                                   .other_step_seconds = 0.1,
                                   .device_seconds = 0.4,
                                   .submit_seconds = 0.004,
                                   .wait_seconds = 0.4,
                                   .host_seconds = 0.036,
                                   .peak_gflops = 200,
                                   .peak_gbytes = 30,
                                   .peak_how = "guessed",
                                   .trace = o->trace};
    if (o->profile) o->on_profile(o->user, &profile);
}

static void sleep_ms(unsigned ms) {
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&t, &t) != 0) {
    }
}

// False: stopped.
static bool train_epoch(vkvae *v, const vkvae_train_options *o, uint32_t epoch,
                        vkvae_train_result *result) {
    const uint32_t epochs = result->wanted_epochs;
    uint32_t steps = fake_number("FAKE_STEPS", 4);
    for (uint32_t step = 1; step <= steps; step++) {
        sleep_ms(fake_number("FAKE_STEP_MS", 0));
        result->steps++;
        vkvae_progress p = {epoch, epochs, step, steps, 112.3, 12034, 42};
        o->on_progress(o->user, &p);
        if (step == 2 && getenv("FAKE_SHOW")) fake_say(v, false, "a line on the way");
        if (step < steps && !getenv("FAKE_DEAF") && o->stop(o->user)) return false;
    }
    vkvae_epoch e = {.epoch = epoch,
                     .epochs = epochs,
                     .step = result->steps,
                     .train = {114.48, 89.66, 24.82, 0},
                     .test = {111.95, 87.5, 24.45, 0},
                     .train_seconds = 6.1,
                     .test_seconds = 0.4,
                     .images_per_second = 9836};
    static const float kl[3] = {20, 4.25f, 0};
    if (getenv("FAKE_WEIGHED")) {
        e.weighed = true;
        e.train_objective = 102.07;
        e.test_objective = 99.73;
        e.kl_weight = 0.5;
        e.kl_capacity = 0.25;
    }
    if (getenv("FAKE_LATENTS")) {
        e.latent = 3;
        e.active_units = (uint32_t)fake_number("FAKE_LATENTS", 3);
        e.kl_per_latent = kl;
    }
    if (getenv("FAKE_NAN")) e.test.loss = NAN;
    if (getenv("FAKE_SIGMA")) {
        e.sigma = 0.5;
        e.train.bits = 1.25;
        e.test.bits = 1.5;
    }
    o->on_epoch(o->user, &e);
    result->epochs = epoch;
    return getenv("FAKE_DEAF") || epoch == epochs || !o->stop(o->user);
}

vkvae_status vkvae_train(vkvae *v, const vkvae_train_options *o, vkvae_train_result *result) {
    *result = (vkvae_train_result){.wanted_epochs = o->resume && !o->epochs ? RUN_EPOCHS : o->epochs};
    if (getenv("FAKE_SHOW")) fake_show_train(v, o);
    fake_say(v, true, "this is a fake");
    if (o->print_tape) (void)fprintf(o->print_tape, "the fake tape\n");
    if (getenv("FAKE_FAIL")) return fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1));
    const vkvae_start start = {.folder = o->resume ? o->resume : o->out,
                               .data = "fakes",
                               .device = "Big Card",
                               .kernels = "fake/8",
                               .tuning = "",
                               .height = 9,
                               .width = 7,
                               .channels = 3,
                               .train_count = 90,
                               .test_count = 10,
                               .classes = 4,
                               .skipped = 2,
                               .normalize = "minmax",
                               .model = "conv",
                               .activation = "silu",
                               .widths = "8,16",
                               .likelihood = "bernoulli",
                               .binarize = "none",
                               .sigma = "",
                               .precision = "fp32",
                               .latent = 5,
                               .parameters = 1234,
                               .arena_bytes = 210 << 20,
                               .arena_unshared_bytes = 640 << 20,
                               .state_bytes = 3 << 19,
                               .epochs = result->wanted_epochs,
                               .steps = fake_number("FAKE_STEPS", 4)};
    o->on_start(o->user, &start);
    result->epochs = fake_number("FAKE_DONE", 0);
    for (uint32_t epoch = result->epochs + 1; epoch <= result->wanted_epochs && !result->stopped;
         epoch++)
        result->stopped = !train_epoch(v, o, epoch, result);
    if (result->stopped) (void)o->stop(o->user);  // as the library asks again on its way out
    tell_profile(o);
    result->device_bytes = fake_number("FAKE_BYTES", 0);
    return VKVAE_OK;
}

void vkvae_sample_defaults(vkvae_sample_options *o) {
    *o = (vkvae_sample_options){.count = 65, .seed = 3, .temperature = 1.5};
}

vkvae_status vkvae_sample(vkvae *v, const vkvae_sample_options *o, vkvae_sample_result *result) {
    if (result) *result = (vkvae_sample_result){.count = o->count, .out = o->out ? o->out : o->picture};
    char line[1024];
    (void)snprintf(
        line, sizeof line,
        "draw=%d temperature=%g from=%s each=%s run=%s count=%u seed=%llu out=%s columns=%u scale=%u "
        "device=%s validate=%d",
        o->draw, o->temperature, or_none(o->from), or_none(o->each), o->run, o->count,
        (unsigned long long)o->seed, or_none(o->out ? o->out : o->picture), o->columns, o->scale,
        or_none(o->device.device), o->device.validate);
    if (getenv("FAKE_SHOW")) fake_say(v, false, line);
    return getenv("FAKE_FAIL") ? fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1)) : VKVAE_OK;
}

void vkvae_export_defaults(vkvae_export_options *o) {
    *o = (vkvae_export_options){.run = NULL};
}

vkvae_status vkvae_export(vkvae *v, const vkvae_export_options *o, vkvae_export_result *result) {
    char line[1024];
    (void)snprintf(line, sizeof line, "run=%s format=%s part=%s out=%s snippet=%d", o->run,
                   or_none(o->format), or_none(o->part), or_none(o->out), o->snippet != NULL);
    if (getenv("FAKE_SHOW")) fake_say(v, false, line);
    if (result) *result = (vkvae_export_result){.file_count = 1, .files = {"fake"}, .bytes = {3}};
    return getenv("FAKE_FAIL") ? fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1)) : VKVAE_OK;
}

void vkvae_import_defaults(vkvae_import_options *o) {
    *o = (vkvae_import_options){.file = NULL};
    vkvae_train_defaults(&o->train);
    o->train.model = NULL;
    o->train.latent = 0;
}

vkvae_status vkvae_import(vkvae *v, const vkvae_import_options *o, vkvae_import_result *result) {
    const vkvae_train_options *t = &o->train;
    char line[1024];
    (void)snprintf(line, sizeof line,
                   "file=%s out=%s force=%d data=%s model=%s size=%ux%u latent=%u lr=%g", o->file,
                   or_none(t->out), t->force, or_none(t->data), or_none(t->model), t->reading.height,
                   t->reading.width, t->latent, t->lr);
    if (getenv("FAKE_SHOW")) fake_say(v, false, line);
    if (result)
        *result = (vkvae_import_result){
            .model = "mlp", .trainable = t->data != NULL, .converted = fake_number("FAKE_COUNT", 0)};
    return getenv("FAKE_FAIL") ? fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1)) : VKVAE_OK;
}

void vkvae_data_defaults(vkvae_data_options *o) {
    *o = (vkvae_data_options){
        .shapes = {.images = 101, .height = 9, .width = 10, .channels = 1, .seed = 5}, .pictures = 65};
}

static void show_shapes(vkvae *v, const char *before, const vkvae_shapes *s) {
    char line[1024];
    (void)snprintf(line, sizeof line, "%s images=%u test=%u size=%ux%u channels=%u seed=%llu", before,
                   s->images, s->test_images, s->height, s->width, s->channels,
                   (unsigned long long)s->seed);
    if (getenv("FAKE_SHOW")) fake_say(v, false, line);
}

vkvae_status vkvae_data_info(vkvae *v, const vkvae_data_options *o, vkvae_data_set *set) {
    char line[512];
    (void)snprintf(line, sizeof line, "data=%s out=%s pictures=%u", or_none(o->data), or_none(o->out),
                   o->pictures);
    vkvae_shapes shapes = o->shapes;
    if (o->reading.height) {
        shapes.height = o->reading.height;
        shapes.width = o->reading.width;
    }
    if (o->reading.channels) shapes.channels = o->reading.channels;
    show_shapes(v, line, &shapes);
    *set = (vkvae_data_set){.name = "fake", .height = 9, .width = 10, .channels = 1, .factors = 1};
    return getenv("FAKE_FAIL") ? fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1)) : VKVAE_OK;
}

vkvae_status vkvae_data_write(vkvae *v, const vkvae_shapes *s, const char *folder, bool force) {
    char line[512];
    (void)snprintf(line, sizeof line, "folder=%s force=%d", folder, force);
    show_shapes(v, line, s);
    return getenv("FAKE_FAIL") ? fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1)) : VKVAE_OK;
}

void vkvae_remove_unfinished(void) {}

void vkvae_free(void *memory) {
    free(memory);
}

// One run, of one tensor, unless FAKE_RUNS says another number; of the second and the third one it is
// not known how long they were to be trained.
static void fill_run(vkvae_run_info *info) {
    *info = (vkvae_run_info){.path = "runs/fake",
                             .model = "mlp",
                             .hidden = {401},
                             .latent = 21,
                             .epochs = 3,
                             .wanted_epochs = RUN_EPOCHS,
                             .resumable = true};
}

vkvae_status vkvae_runs(vkvae *v, const char *folder, vkvae_run_info **runs, uint32_t *count) {
    if (getenv("FAKE_SHOW")) fake_say(v, false, or_none(folder));
    if (getenv("FAKE_FAIL")) return fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1));
    *count = fake_number("FAKE_RUNS", 1);
    *runs = calloc(*count + 1, sizeof **runs);
    if (!*runs) return fake_fail(v, VKVAE_FAILED);
    for (uint32_t i = 0; i < *count; i++) fill_run(&(*runs)[i]);
    if (*count > 1) {
        vkvae_run_info *info = &(*runs)[1];
        (void)strcpy(info->path, "runs/other/");
        (void)strcpy(info->data, "sets/grey/");
        info->epochs = info->wanted_epochs = 0;
    }
    if (*count > 2) {
        (*runs)[2].epochs = 7;
        (*runs)[2].wanted_epochs = 0;
    }
    return VKVAE_OK;
}

vkvae_status vkvae_info(vkvae *v, const char *path, vkvae_run_info *info, vkvae_tensor **tensors,
                        uint32_t *tensor_count) {
    if (getenv("FAKE_SHOW")) fake_say(v, false, path);
    if (getenv("FAKE_FAIL")) return fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1));
    fill_run(info);
    *tensors = calloc(1, sizeof **tensors);
    if (!*tensors) return fake_fail(v, VKVAE_FAILED);
    **tensors = (vkvae_tensor){.name = "fc1.weight", .rank = 2, .dim = {401, 784}};
    *tensor_count = 1;
    return VKVAE_OK;
}

void vkvae_compare_defaults(vkvae_compare_options *o) {
    *o = (vkvae_compare_options){0};
}

// All in one block, as the library has it.
struct fake_comparison {
    vkvae_comparison all;
    vkvae_compared runs[8];
    const char *setting[1], *value[8];
};

vkvae_status vkvae_compare(vkvae *v, const vkvae_compare_options *o, vkvae_comparison **comparison) {
    struct fake_comparison *c = calloc(1, sizeof *c);
    *comparison = NULL;
    for (uint32_t i = 0; i < o->count; i++)
        if (getenv("FAKE_SHOW")) fake_say(v, false, o->runs[i]);
    if (!c || getenv("FAKE_FAIL")) {
        free(c);
        return fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1));
    }
    c->setting[0] = "latent";
    c->all = (vkvae_comparison){c->runs, o->count < 8 ? o->count : 8, c->setting, 1, true};
    for (uint32_t i = 0; i < c->all.run_count; i++) {
        vkvae_compared *r = &c->runs[i];
        (void)snprintf(r->name, sizeof r->name, "%s", o->runs[i]);
        r->values = &c->value[i];
        c->value[i] = i ? NULL : "20";
        r->wanted_epochs = RUN_EPOCHS;
        r->epochs = i ? 0 : 3;
        r->best_epoch = i ? 0 : 2;
        r->best.loss = 100;
        r->test = (vkvae_losses){101, 90, 11, 0};
    }
    *comparison = &c->all;
    return VKVAE_OK;
}

void vkvae_report_defaults(vkvae_report_options *o) {
    *o = (vkvae_report_options){.epochs = 51};
}

vkvae_status vkvae_report(vkvae *v, const vkvae_report_options *o) {
    char line[512];
    (void)snprintf(line, sizeof line, "run=%s out=%s epochs=%u", o->run, or_none(o->out), o->epochs);
    if (getenv("FAKE_SHOW")) fake_say(v, false, line);
    return getenv("FAKE_FAIL") ? fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1)) : VKVAE_OK;
}
