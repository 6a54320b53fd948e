// vkvae train
#include "config.h"
#include "data.h"
#include "follow_options.h"
#include "objective_options.h"
#include "optimisation_options.h"
#include "options.h"
#include "output.h"
#include "profile.h"
#include "progress.h"
#include "stop.h"
#include "text.h"
#include "train_json.h"
#include "train_options.h"
#include "train_text.h"
#include "value.h"
#include "vectors.h"

#include <cJSON.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct train_values {
    vkvae_train_options train;
    struct cli_device_values device;
    struct cli_output_values output;
    bool print_tape;
    const char *profile;
};

#define TRAIN(field) offsetof(struct train_values, train.field)

static const struct cli_option options[] = {
    CLI_DATA_OPTION(TRAIN(data)),
    {.name = "out",
     .kind = CLI_TEXT,
     .offset = TRAIN(out),
     .value = "DIR",
     .unset = "runs/<date>-<time>",
     .fixed_by_run = true,
     .help = "folder to write the run to"},
    {.name = "force",
     .kind = CLI_FLAG,
     .offset = TRAIN(force),
     .fixed_by_run = true,
     .help = "overwrite the run that is in DIR"},
    {.name = "resume",
     .kind = CLI_TEXT,
     .offset = TRAIN(resume),
     .value = "DIR",
     .help = "continue the run in DIR, with its settings"},
    {.name = "epochs",
     .kind = CLI_WHOLE32,
     .offset = TRAIN(epochs),
     .value = "N",
     .whole = {1, 1000000},
     .help = "how often each picture is seen, in all; a resumed run keeps its own number unless this "
             "is given"},
    {.name = "save-every",
     .kind = CLI_TEXT,
     .offset = TRAIN(save_every),
     .value = "STEPS|TIME",
     .unset = "epochs' ends alone; a resumed run keeps its own",
     .help = "also save within an epoch, after so many steps, or so long: 500, 90s, 10m, 2h"},
    CLI_CONFIG_OPTION,
    CLI_READING_OPTIONS(TRAIN(reading), true),
    CLI_DATA_MEMORY_OPTION(TRAIN(data_memory)),
    CLI_SHAPES_OPTIONS(0, TRAIN(shapes), true),
    CLI_MODEL_OPTIONS(struct train_values, train),
    CLI_KL_OPTIONS(struct train_values, train),
    CLI_OPTIMISATION_OPTIONS,
    {.name = "seed",
     .kind = CLI_WHOLE64,
     .offset = TRAIN(seed),
     .value = "N",
     .whole = {0, UINT64_MAX},
     .fixed_by_run = true,
     .help = "of weights, order and noise: the same seed on the same device gives the same bytes"},
    {.name = "precision",
     .kind = CLI_CHOICE,
     .offset = TRAIN(precision),
     .value = "NAME",
     .unset = "fp32",
     .choices = cli_precisions,
     .fixed_by_run = true,
     .help = "fp16-storage keeps values that wait for the gradient as halves, in less memory; all is "
             "computed in fp32"},
    CLI_COMPUTE_OPTIONS(struct train_values),
    CLI_RETRIES_OPTION(TRAIN(retries)),
    {.name = "autotune",
     .kind = CLI_FLAG,
     .offset = TRAIN(autotune),
     .fixed_by_run = true,
     .help = "choose the kernel of each matrix product by time, where 'vkvae autotune' has not yet"},
    CLI_OUTPUT_OPTIONS(
        struct train_values,
        "an object a line on standard output: {\"event\": \"start\"}, then \"epoch\" after "
        "each, then \"profile\", where that is asked for, and \"end\""),
    {.name = "print-tape",
     .kind = CLI_FLAG,
     .offset = offsetof(struct train_values, print_tape),
     .help = "print each node of the training step, and the memory plan, before training"},
    {.name = "profile",
     .kind = CLI_ASIDE,
     .offset = offsetof(struct train_values, profile),
     .value = "FILE",
     .help = "print what a step's time goes to, operation by operation, at the end; FILE takes the same "
             "as a "
             "Chrome trace, for Perfetto"},
    CLI_FOLLOW_OPTIONS(offsetof(struct train_values, train)),
    {0},
};

static void defaults(void *values) {
    struct train_values *v = values;
    vkvae_train_defaults(&v->train);
}

// What the library's calls back need.
struct training {
    struct cli_progress progress;
    struct cli_output_values output;
    const char *named;  // the run's folder, if the user has yet to be told it; else NULL
    uint32_t steps;     // an epoch; 0: not known yet
    bool started;       // all was ready
    bool no_elbo;       // the loss is none
    bool told;          // that a stop was asked for
    bool text;          // is what the run is of
    int told_code;      // VKVAE_FAILED: an event could not be printed
};

static void keep_code(struct training *t, int code) {
    if (code != VKVAE_OK) t->told_code = code;
}

static void on_start(void *user, const vkvae_start *start) {
    struct training *t = user;
    t->steps = start->steps;
    t->text = cli_is_text(start);
    t->started = true;
    t->no_elbo = start->no_likelihood;
    if (t->output.json)
        keep_code(t, cli_json_start(start));
    else if (!t->output.quiet)
        cli_print_start(start);
    if (t->named && !t->output.quiet) (void)fprintf(stderr, "the run goes to %s\n", t->named);
}

static void on_progress(void *user, const vkvae_progress *state) {
    struct training *t = user;
    cli_progress_show(&t->progress, state);
}

static void on_epoch(void *user, const vkvae_epoch *e) {
    struct training *t = user;
    cli_progress_clear(&t->progress);
    if (t->output.json)
        keep_code(t, cli_json_epoch(e));
    else if (!t->output.quiet)
        cli_print_epoch(e, t->no_elbo);
}

static void on_profile(void *user, const vkvae_profile *profile) {
    struct training *t = user;
    cli_progress_clear(&t->progress);
    if (t->output.json)
        keep_code(t, cli_profile_json(profile));
    else
        cli_profile_print(profile);
}

static bool should_stop(void *user) {
    struct training *t = user;
    if (!cli_stop_signal()) return false;
    if (!t->told) {
        cli_progress_clear(&t->progress);
        if (!t->output.quiet)
            (void)fprintf(stderr, "stopping%s (once more to stop at once)\n",
                          t->started ? ": finishing the step and saving" : "");
        t->told = true;
    }
    return true;
}

// Makes runs/20261121-225501; with -2 behind it if that second has a run already. What cannot be made is
// left to the library, which says why. *parent: runs was not there before.
static bool make_run(char *path, size_t size, bool *parent) {
    char stamp[32];
    struct tm local;
    time_t seconds = time(NULL);
    if (!localtime_r(&seconds, &local) || !strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local))
        return false;
    *parent = false;
    (void)snprintf(path, size, "runs/%s", stamp);
    for (int i = 2; i < 1000; i++) {
        *parent |= mkdir("runs", 0777) == 0;
        if (mkdir(path, 0777) == 0) return true;
        if (errno == EEXIST) (void)snprintf(path, size, "runs/%s-%d", stamp, i);
        // Or another's start failed just now, and took an empty runs away with it.
        if (errno != EEXIST && errno != ENOENT) return true;
    }
    return true;
}

// What a command that follows needs to compute where this one did.
static void print_device(const struct cli_arguments *a, FILE *file) {
    const struct train_values *v = a->values;
    if (!cli_given(a, "device")) return;
    (void)fputs(" --device ", file);
    cli_print_word(file, v->device.device);
}

static void print_stop(const struct cli_arguments *a, const struct training *t, const char *run,
                       const vkvae_train_result *result) {
    const struct train_values *v = a->values;
    uint64_t before = (uint64_t)result->epochs * t->steps;
    if (!t->started) {
        (void)fprintf(stderr, "stopped before the first step; %s\n",
                      v->train.resume ? "the run is as it was" : "nothing is written");
        return;
    }
    if (result->steps < before)
        (void)fprintf(stderr, "stopped after %llu step%s", (unsigned long long)result->steps,
                      cli_plural((uint32_t)result->steps));
    else if (result->steps == before)
        (void)fprintf(stderr, "stopped after epoch %u of %u", result->epochs, result->wanted_epochs);
    else
        (void)fprintf(stderr, "stopped at epoch %u, step %llu of %u", result->epochs + 1,
                      (unsigned long long)(result->steps - before), t->steps);
    (void)fputs("; continue with: ", stderr);
    cli_print_word(stderr, a->program);
    (void)fputs(" train --resume ", stderr);
    cli_print_word(stderr, run);
    (void)fprintf(stderr, " --epochs %u", result->wanted_epochs);
    print_device(a, stderr);
    if (v->device.limits) (void)fprintf(stderr, " --limits %s", v->device.limits);
    if (v->train.resume && cli_given(a, "data")) {
        (void)fputs(" --data ", stderr);
        cli_print_word(stderr, v->train.data);
    }
    (void)fputc('\n', stderr);
}

static void print_end(const struct cli_arguments *a, const char *run, bool text,
                      const vkvae_train_result *result) {
    char samples[4096 + 32];
    const char *slash = cli_slash_behind(run), *ending = text ? "txt" : "png";
    (void)snprintf(samples, sizeof samples, "%s%ssamples-%03u.%s", run, slash, result->epochs, ending);
    const bool drawn = access(samples, F_OK) == 0;  // two channels make no PNG
    (void)printf(text ? "samples: " : "pictures: ");
    cli_print_word(stdout, run);
    (void)printf("%s has ", slash);
    if (drawn)
        (void)printf("samples-%03u.%s, reconstruction-%03u.%s and ", result->epochs, ending,
                     result->epochs, ending);
    (void)printf("loss.png\nnext: ");
    cli_print_word(stdout, a->program);
    (void)fputs(" sample ", stdout);
    cli_print_word(stdout, run);
    (void)printf(" -n 64 --seed 7%s", text ? "" : drawn ? " -o grid.png" : " -o samples.npy");
    print_device(a, stdout);
    (void)putchar('\n');
}

// How it went, of a call that succeeded.
static void report(const struct cli_arguments *a, struct training *t, const char *run,
                   const vkvae_train_result *result) {
    if (t->output.json) keep_code(t, cli_json_end(run, result));
    if (t->output.quiet) return;
    if (result->device_bytes) {
        (void)fputs("device memory: ", stderr);
        cli_print_bytes(result->device_bytes);
        (void)fputs(" at most\n", stderr);
    }
    if (result->stopped)
        print_stop(a, t, run, result);
    else if (!t->output.json)
        print_end(a, run, t->text, result);
}

static int train(const struct cli_arguments *a, const char *run, bool named_by_us) {
    struct train_values *v = a->values;
    struct training training = {.output = v->output, .named = named_by_us ? run : NULL};
    vkvae_train_result result = {0};
    vkvae *library = cli_open("train", &training.progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    v->train.on_start = on_start;
    v->train.on_progress = on_progress;
    v->train.on_epoch = on_epoch;
    v->train.on_profile = on_profile;
    v->train.stop = should_stop;
    v->train.user = &training;
    cli_stop_watch();
    int code = (int)vkvae_train(library, &v->train, &result);
    cli_progress_clear(&training.progress);
    if (code == VKVAE_OK)
        report(a, &training, run, &result);
    else
        cli_error("train", "%s", vkvae_error(library));
    if (code == VKVAE_OK) code = result.stopped ? 128 + cli_stop_signal() : training.told_code;
    vkvae_destroy(library);
    return code;
}

// NULL, or an option that a resumed run has settled already.
static const struct cli_option *settled_option(const struct cli_arguments *a) {
    for (const struct cli_option *o = options; o->name; o++)
        if (o->fixed_by_run && cli_given(a, o->name)) return o;
    return NULL;
}

static int refuse_settled(const struct cli_arguments *a, const struct cli_option *option) {
    const char *run = ((const struct train_values *)a->values)->train.resume;
    if (!cli_typed(a, option->name))
        return cli_usage_error("train", "%.200s: \"%s\": fixed by the run in %s; leave it out",
                               a->config, option->name, run);
    return cli_usage_error("train", "--%s is fixed by the run in %s; leave it out", option->name, run);
}

static bool is_one_of(const char *name, const char *const *names) {
    while (*names && strcmp(name, *names) != 0) names++;
    return *names != NULL;
}

static bool is_within(const struct cli_option *option, size_t field, size_t size) {
    return option->kind != CLI_CONFIG && option->offset >= field && option->offset < field + size;
}

// What says which pictures a set has, beside its name.
static bool shapes_data(const struct cli_option *option) {
    return is_within(option, TRAIN(shapes), sizeof(vkvae_shapes)) ||
           is_within(option, TRAIN(reading), sizeof(vkvae_reading));
}

static bool shapes_model(const struct cli_option *option) {
    static const char *const names[] = {"hidden", "channels-list", "upsample", "norm",
                                        "blocks", "activation",    NULL};
    return is_one_of(option->name, names);
}

// What the run of --config found, unless another set or device was asked for on purpose.
static vkvae_record repeated(const struct cli_arguments *a) {
    const vkvae_record none = {0};
    if (!a->config) return none;
    vkvae_record record = {.data_checksum = cli_record_whole(a, "data_checksum"),
                           .version = cli_record_text(a, "version"),
                           .device = cli_record_text(a, "device"),
                           .kernels = cli_record_text(a, "kernels"),
                           .tuning = cli_record_text(a, "tuning")};
    for (const struct cli_option *o = options; o->name; o++)
        if ((shapes_data(o) || strcmp(o->name, "data") == 0) && cli_typed(a, o->name))
            record.data_checksum = 0;
    if (cli_typed(a, "device") || cli_typed(a, "kernels") || cli_typed(a, "autotune"))
        record.tuning = NULL;
    if (cli_typed(a, "device")) record.device = NULL;
    return record;
}

// What the file of --config says of another set or model than the one that was asked for on the command
// line: there it is as if it were not said.
static void forget(const struct cli_arguments *a, bool (*belongs)(const struct cli_option *)) {
    struct train_values *v = a->values, fresh = {.print_tape = false};
    defaults(&fresh);
    for (const struct cli_option *o = options; o->name; o++)
        if (belongs(o) && !cli_typed(a, o->name))
            memcpy((char *)v + o->offset, (const char *)&fresh + o->offset, cli_field_size(o));
}

static bool is_configured_as(const struct cli_arguments *a, const char *key, const char *usual,
                             const char *typed) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(a->file, key));
    return !a->config || !cli_typed(a, key) || strcmp(typed, text ? text : usual) == 0;
}

static void forget_others(const struct cli_arguments *a) {
    const struct train_values *v = a->values;
    if (!is_configured_as(a, "data", "shapes", v->train.data)) forget(a, shapes_data);
    if (!is_configured_as(a, "model", "mlp", v->train.model)) forget(a, shapes_model);
}

// Without --out. Of a start that failed no folder is left: only an empty one can be removed so.
static int train_unnamed(const struct cli_arguments *a) {
    struct train_values *v = a->values;
    char path[64];
    bool parent;
    if (!make_run(path, sizeof path, &parent)) {
        cli_error("train", "the clock gives no date to name the run by; give --out DIR");
        return VKVAE_FAILED;
    }
    v->train.out = path;
    const int code = train(a, path, true);
    if (rmdir(path) == 0 && parent) (void)rmdir("runs");
    return code;
}

// What the run that is continued or repeated had, or what was found to be best for this one.
static void set_vectors(const struct train_values *v) {
    const vkvae_record *r = &v->train.repeated;
    if (v->train.resume)
        cli_set_vectors(vkvae_run_vectors(v->train.resume));
    else if (v->train.autotune)
        cli_set_vectors(cli_kept_vectors(&v->train));
    else if (r->device)
        cli_set_vectors(vkvae_vectors_of(r->device, r->kernels));
}

static int run(const struct cli_arguments *a) {
    struct train_values *v = a->values;
    const struct cli_option *settled = v->train.resume ? settled_option(a) : NULL;
    if (settled) return refuse_settled(a, settled);
    if (v->print_tape && v->output.json)
        return cli_usage_error("train",
                               "--print-tape and --json both write to standard output; leave one out");
    if (v->train.resume && !cli_given(a, "epochs")) v->train.epochs = 0;  // as many as the run wanted
    forget_others(a);
    v->train.device = cli_device_options(a, &v->device);
    v->train.repeated = repeated(a);
    set_vectors(v);
    v->train.print_tape = v->print_tape ? stdout : NULL;
    v->train.profile = v->profile != NULL;
    v->train.trace = v->profile && *v->profile ? v->profile : NULL;
    if (!v->train.out && !v->train.resume) return train_unnamed(a);
    return train(a, v->train.resume ? v->train.resume : v->train.out, false);
}

static const char details[] =
    "DIR then holds config.json, metrics.jsonl and timing.jsonl (a line an epoch),\n"
    "checkpoint.safetensors (the weights, under PyTorch's names), resume.safetensors,\n"
    "and pictures: reconstruction-NNN.png, samples-NNN.png, loss.png.\n"
    "Ctrl-C finishes the step, saves, and says how to continue; a second one stops\n"
    "at once. So does SIGTERM; SIGHUP only saves.\n"
    "The loss is -ELBO, in nats: the reconstruction -log p(x|z), summed over pixels,\n"
    "plus the KL divergence, summed over latents, averaged over pictures. It is that\n"
    "whatever --beta and its kin are: where something else is minimised, each epoch\n"
    "tells that objective, too. With --json what is not finite is null.\n";

const struct cli_command cli_train = {
    .name = "train",
    .summary = "train a variational autoencoder",
    .details = details,
    .examples =
        (const char *const[]){
            "vkvae train --images 1000 --epochs 2 --out runs/first",
            "vkvae train --resume runs/first --epochs 3",
            "vkvae train --config runs/first/config.json --seed 7 --out runs/other",
            "vkvae train --images 500 --hidden 256,64 --epochs 1 --out runs/deep --json",
            "vkvae sample runs/first -n 100 --each photos",
            "vkvae train --data photos --size 16x16 --model conv --batch 30 --epochs 1",
            "vkvae sample runs/first -n 100 -o array.npy",
            "vkvae train --data array.npy --limit 40 --batch 20 --augment flip --epochs 1",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct train_values),
    .defaults = defaults,
    .run = run,
};
