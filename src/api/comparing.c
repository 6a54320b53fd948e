#include "comparing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "describe.h"
#include "file.h"
#include "kl_schedule.h"
#include "size.h"
#include "weights.h"

// ---- Reading ----

// The folder's name, of "runs/a/" too; the whole path where that has none.
static void set_name(const char *path, char name[256]) {
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/') begin--;
    char text[4096];
    (void)snprintf(text, sizeof text, "%.*s", (int)(end - begin), path + begin);
    const bool named = *text && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
    vv_describe_text(name, 256, named ? text : path);
}

static bool read_settings(struct vv_context *ctx, const char *path, struct vv_compared *run) {
    struct vv_config_record record;
    run->settings = vv_alloc(ctx, 1, sizeof *run->settings);
    if (!run->settings || !vv_config_read(ctx, path, run->settings, &record)) return false;
    const struct vv_config config = {.device = record.device[0] ? record.device : NULL,
                                     .minimum_limits = record.minimum_limits,
                                     .description = record.description,
                                     .version = record.version};
    char *text = vv_config_print(ctx, run->settings, &config);
    run->options = text ? cJSON_Parse(text) : NULL;
    free(text);
    cJSON_DeleteItemFromObjectCaseSensitive(run->options, "record");
    cJSON_DeleteItemFromObjectCaseSensitive(run->options, "epochs");  // these have a column
    return run->options ||
           vv_fail(ctx, VV_FAILED, "out of memory for the settings; close other programs");
}

static bool read_folder(struct vv_context *ctx, struct vv_compared *run) {
    char *config = vv_path_join(ctx, run->path, "config.json"),
         *metrics = vv_path_join(ctx, run->path, "metrics.jsonl"),
         *timing = vv_path_join(ctx, run->path, "timing.jsonl");
    bool ok = config && metrics && timing;
    if (ok && !vv_path_exists(config))
        ok = vv_fail(ctx, VV_BAD_DATA,
                     "%s: holds no config.json of a run; name a run's folder "
                     "('vkvae runs' lists runs)",
                     run->path);
    // A run that has just begun has no epoch to tell of.
    ok = ok && read_settings(ctx, config, run);
    if (ok && vv_path_exists(metrics) && !vv_metrics_read(ctx, metrics, &run->metrics)) {
        vv_weights_tell_remedy(ctx, run->path);
        ok = false;
    }
    ok = ok && vv_timing_median(ctx, timing, &run->rate);
    free(config);
    free(metrics);
    free(timing);
    return ok;
}

bool vv_compared_read(struct vv_context *ctx, const char *path, struct vv_compared *run) {
    run->path = path;
    set_name(path, run->name);
    if (vv_path_exists(path) && !vv_path_is_folder(path))
        return vv_fail(ctx, VV_USAGE, "%s: is a file, which has no curves; name the folder of its run",
                       path);
    return read_folder(ctx, run);
}

void vv_compared_finish(struct vv_compared *run) {
    vv_metrics_finish(&run->metrics);
    cJSON_Delete(run->options);
    free(run->settings);
    *run = (struct vv_compared){0};
}

// ---- What their losses tell of ----

static const char *likelihood_of(const struct vv_settings *s) {
    return *s->likelihood ? s->likelihood : "bernoulli";
}

// The first difference that parts the losses of two runs; "": there is none.
static void tell_difference(const struct vv_settings *a, const struct vv_settings *b, char *text,
                            size_t size) {
    static const char *const when[] = {"none", "static", "dynamic", "unknown"};
    const enum vv_binarize_when x = vv_settings_binarize(a), y = vv_settings_binarize(b);
    text[0] = '\0';
    if (a->data_checksum != b->data_checksum || a->test_count != b->test_count ||
        vv_settings_pixels(a) != vv_settings_pixels(b))
        (void)snprintf(text, size, "they are of different data");
    else if (strcmp(likelihood_of(a), likelihood_of(b)) != 0)
        (void)snprintf(text, size, "their likelihoods are %s and %s", likelihood_of(a),
                       likelihood_of(b));
    else if (x != y)
        (void)snprintf(text, size, "their pixels are made 0 or 1 differently (%s and %s)", when[x],
                       when[y]);
    else if (vv_is_autoencoder(a) != vv_is_autoencoder(b))
        (void)snprintf(text, size, "one is an autoencoder, whose loss bounds nothing");
}

bool vv_compared_alike(struct vv_context *ctx, const struct vv_compared *runs, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        char why[160];
        tell_difference(runs[0].settings, runs[i].settings, why, sizeof why);
        if (!*why) continue;
        vv_say(ctx, VV_LOG_WARNING,
               "the losses of %.200s and %.200s cannot be compared: %s; the order of the table says "
               "nothing of them",
               runs[0].name, runs[i].name, why);
        return false;
    }
    return true;
}
