// vkvae info
#include "json.h"
#include "output.h"
#include "progress.h"
#include "run_text.h"
#include "text.h"

#include "command.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

struct info_values {
    struct cli_output_values output;
};

struct tensors {
    vkvae_tensor *list;
    uint32_t count;
};

static const struct cli_option options[] = {
    CLI_OUTPUT_OPTIONS(
        struct info_values,
        "one object: settings, losses, resumable, \"tensors\": [{\"name\", \"shape\"}]; null "
        "where the file does not say"),
    {0},
};

static cJSON *json_tensor(const vkvae_tensor *t) {
    cJSON *json = cJSON_CreateObject();
    cJSON *shape = NULL;
    bool ok = json && cli_json_text(json, "name", t->name) &&
              (shape = cJSON_AddArrayToObject(json, "shape")) != NULL;
    for (uint32_t i = 0; ok && i < t->rank; i++)
        ok = cJSON_AddItemToArray(shape, cJSON_CreateNumber(t->dim[i]));
    if (ok) return json;
    cJSON_Delete(json);
    return NULL;
}

static cJSON *make_json(const vkvae_run_info *info, const struct tensors *tensors) {
    cJSON *json = cli_run_json(info);
    cJSON *list = json ? cJSON_AddArrayToObject(json, "tensors") : NULL;
    bool ok = list;
    for (uint32_t i = 0; ok && i < tensors->count; i++)
        ok = cJSON_AddItemToArray(list, json_tensor(&tensors->list[i]));
    if (ok) return json;
    cJSON_Delete(json);
    return NULL;
}

// ---- For people ----

enum { INDENT = 13 };

// A line: a label, and what the run says, which may hold anything.
static void say(const char *label, const char *format, ...) CLI_PRINTF(2, 3);
static void say(const char *label, const char *format, ...) {
    char text[2 * sizeof((vkvae_run_info *)NULL)->path], clean[sizeof text];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    (void)cli_clean(text, clean, sizeof clean);
    (void)printf("%-*s%s\n", INDENT, label, clean);
}

static void print_written(const vkvae_run_info *info) {
    char date[32];
    struct tm local;
    const time_t seconds = (time_t)info->modified;
    if (!seconds || !localtime_r(&seconds, &local) ||
        !strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &local))
        return;
    say("  written", "%s%s%s", date, info->version[0] ? " by vkvae " : "", info->version);
}

static void print_run(const vkvae_run_info *info) {
    say(info->is_checkpoint ? "checkpoint" : "run", "%s", info->path);
    if (info->problem[0]) say("  problem", "%s", info->problem);
    print_written(info);
    if (info->wanted_epochs)
        say("  epochs", "%u of %u", info->epochs, info->wanted_epochs);
    else if (info->epochs)
        say("  epochs", "%u", info->epochs);
}

// The options that were given, as they are typed.
static void print_options(const char *label, const char *json) {
    cJSON *list = json[0] ? cJSON_Parse(json) : NULL;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        char *value = cJSON_IsString(item) || cJSON_IsTrue(item) ? NULL : cJSON_PrintUnformatted(item);
        say(label, "--%s %s", item->string,
            value                  ? value
            : cJSON_IsString(item) ? item->valuestring
                                   : "");
        cJSON_free(value);
        label = "";
    }
    cJSON_Delete(list);
}

static void print_data(const vkvae_run_info *info) {
    if (info->data[0]) say("data", "%s", info->data);
    print_options("  read with", info->reading);
    if (info->train_count)
        say(info->token_count ? "  lines" : "  pictures", "%u to train on, %u to test on; checksum %u",
            info->train_count, info->test_count, info->data_checksum);
    if (info->token_count)
        say(info->data[0] ? "  size" : "text", "rows of %u, %u different tokens", info->width,
            info->token_count);
    else if (info->height)
        say(info->data[0] ? "  size" : "pictures", "%ux%u, %u channel%s", info->height, info->width,
            info->channels, cli_plural(info->channels));
}

static int width_of(const struct tensors *tensors) {
    size_t width = 12;
    for (uint32_t i = 0; i < tensors->count; i++) {
        const size_t length = strlen(tensors->list[i].name);
        if (length > width) width = length;
    }
    return (int)width;
}

static void print_tensor(const vkvae_tensor *t, int width) {
    char shape[64] = "[";
    uint64_t numbers = 1;
    size_t used = 1;
    for (uint32_t i = 0; i < t->rank; i++) {
        const char *after = i + 1 < t->rank ? "," : "";
        used += (size_t)snprintf(shape + used, sizeof shape - used, "%" PRIu32 "%s", t->dim[i], after);
        numbers *= t->dim[i];
    }
    (void)snprintf(shape + used, sizeof shape - used, "]");
    say("", "%-*s %-13s %10" PRIu64, width, t->name, shape, numbers);
}

static void print_model(const vkvae_run_info *info, const struct tensors *tensors) {
    char model[256];
    if (!info->latent) return;
    cli_model_text(info, false, model, sizeof model);
    say("model", "%s, %s", model, info->activation);
    if (info->upsample[0])
        say("", "%s normalization, upsampling by %s", info->norm[0] ? info->norm : "its own",
            info->upsample);
    if (info->blocks > 1) say("", "%u residual blocks a stage", info->blocks);
    if (info->dropout > 0) say("", "dropout of %.10g", info->dropout);
    const int width = width_of(tensors);
    for (uint32_t i = 0; i < tensors->count; i++) print_tensor(&tensors->list[i], width);
    if (info->parameters) say("", "%-*s %-13s %10" PRIu64, width, "parameters", "", info->parameters);
}

static void print_losses(const char *what, uint32_t epoch, const vkvae_losses *l) {
    char label[48];
    (void)snprintf(label, sizeof label, "%s, epoch %u", what, epoch);
    char bits[40] = "";
    if (l->bits > 0) (void)snprintf(bits, sizeof bits, "  %.3f bits/dim", l->bits);
    say("", "%-24s %10.2f %10.2f %10.2f%s", label, l->loss, l->recon, l->kl, bits);
}

// A line for each product whose kernel was measured.
static void print_tuning(const char *tuning) {
    const char *label = "  autotuned";
    for (size_t length; *tuning; tuning += length + (tuning[length] ? 2 : 0), label = "") {
        length = strcspn(tuning, ";");
        say(label, "%.*s", (int)length, tuning);
        if (tuning[length] && tuning[length + 1] != ' ') return;
    }
}

static void print_training(const vkvae_run_info *info) {
    if (info->batch)
        say("training", "batch %u, learning rate %.10g, seed %" PRIu64, info->batch, info->lr,
            info->seed);
    if (info->augment[0]) say("  changed by", "%s", info->augment);
    print_options("  with", info->training);
    if (info->epochs) {
        say("losses", "%-24s %10s %10s %10s",
            info->no_likelihood ? "per picture (no ELBO)" : "nats per picture", "loss", "recon", "KL");
        print_losses("train", info->epochs, &info->train);
        print_losses("test", info->epochs, &info->test);
    }
    if (info->best_epoch) print_losses("best test", info->best_epoch, &info->best);
    if (info->device[0]) say("device", "%s", info->device);
    if (info->kernels[0]) say(info->device[0] ? "  kernels" : "kernels", "%s", info->kernels);
    print_tuning(info->tuning);
}

static void begin_command(const struct cli_arguments *a, const char *label, const char *words,
                          const char *path) {
    (void)printf("%-*s", INDENT, label);
    cli_print_word(stdout, a->program);
    (void)printf(" %s ", words);
    cli_print_word(stdout, path);
}

// Of a run on the reference: only that has its kernels.
static void end_command(const vkvae_run_info *info) {
    (void)puts(strcmp(info->kernels, "reference") == 0 ? " --device reference" : "");
}

static void print_continue(const struct cli_arguments *a, const vkvae_run_info *info) {
    begin_command(a, "continue", "train --resume", info->path);
    if (info->epochs >= info->wanted_epochs)
        (void)printf(" --epochs %" PRIu64, 2 * (uint64_t)info->epochs);
    end_command(info);
}

static void print_next(const struct cli_arguments *a, const vkvae_run_info *info, bool weights) {
    if (!info->is_checkpoint && !info->resumable)
        say("continue", "not possible");
    else if (info->resumable && strcmp(info->data, "memory") == 0)
        say("continue", "by the program that gave its pictures");
    else if (info->resumable)
        print_continue(a, info);
    if (!weights) return;
    begin_command(a, "sample", "sample", info->path);
    // A PNG holds one or three channels here; text is printed.
    (void)fputs(" -n 64", stdout);
    if (!info->token_count)
        (void)printf(" -o %s", info->channels == 1 || info->channels == 3 ? "grid.png" : "samples.npy");
    end_command(info);
}

static void print(const struct cli_arguments *a, const vkvae_run_info *info,
                  const struct tensors *tensors) {
    const struct info_values *v = a->values;
    print_run(info);
    print_data(info);
    print_model(info, tensors);
    print_training(info);
    if (!v->output.quiet) print_next(a, info, tensors->count > 0);
}

static int run(const struct cli_arguments *a) {
    const struct info_values *v = a->values;
    struct cli_progress progress;
    struct tensors tensors = {0};
    vkvae_run_info info;
    vkvae *library = cli_open("info", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    int code = (int)vkvae_info(library, a->operand, &info, &tensors.list, &tensors.count);
    if (code != VKVAE_OK)
        cli_error("info", "%s", vkvae_error(library));
    else if (v->output.json)
        code = cli_print_json("info", make_json(&info, &tensors));
    else
        print(a, &info, &tensors);
    vkvae_free(tensors.list);
    vkvae_destroy(library);
    return code;
}

static const char details[] =
    "Reads the files alone: no device is needed. Of a run that is damaged in part it\n"
    "tells what the rest says, and which file is the matter.\n";

const struct cli_command cli_info = {
    .name = "info",
    .summary = "settings, tensors and losses of a run or a checkpoint",
    .details = details,
    .operand = "RUN|CHECKPOINT",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae info runs/first",
            "vkvae info runs/first/checkpoint.safetensors",
            "vkvae info runs/first --json",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct info_values),
    .run = run,
};
