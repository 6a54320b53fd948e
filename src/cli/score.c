// vkvae score
#include "json.h"
#include "options.h"
#include "output.h"
#include "text.h"
#include "use_options.h"

#include <stdio.h>

struct score_values {
    vkvae_score_options score;
    struct cli_output_values output;
    struct cli_device_values device;
};

#define SCORE(field) offsetof(struct score_values, score.field)

static const char *const table_endings[] = {".csv", NULL}, *const picture_endings[] = {".png", NULL},
                         *const ranks[] = {"recon", "elbo", "probability", NULL};

static const struct cli_option options[] = {
    {.name = "by",
     .kind = CLI_CHOICE,
     .offset = SCORE(by),
     .value = "SCORE",
     .group = "Scores",
     .unset = "elbo; recon of an autoencoder, which has no other",
     .choices = ranks,
     .help = "what ranks: recon: -log p(x|z) at z = mu; elbo: minus the lower bound of log p(x); "
             "probability: minus the mean of log p(x|z) over the draws"},
    {.name = "draws",
     .kind = CLI_WHOLE32,
     .offset = SCORE(draws),
     .value = "N",
     .whole = {1, 10000},
     .help = "of z for each picture"},
    {.name = "seed",
     .kind = CLI_WHOLE64,
     .offset = SCORE(seed),
     .value = "N",
     .whole = {0, UINT64_MAX},
     .help = "of these draws: the same seed on the same device gives the same bytes"},
    {.name = "quantile",
     .kind = CLI_REAL,
     .offset = SCORE(quantile),
     .value = "Q",
     .real = {0, 1},
     .help = "of the scores of what the run was trained on: what lies above is an anomaly"},
    {.name = "threshold-images",
     .kind = CLI_WHOLE32,
     .offset = SCORE(threshold_images),
     .value = "N",
     .whole = {1, UINT32_MAX},
     .help = "look at no more of these"},
    {.name = "threshold",
     .kind = CLI_REAL,
     .offset = SCORE(threshold),
     .value = "X",
     .unset = "the quantile",
     .real = {-1e300, 1e300},
     .help = "what lies above is an anomaly; nothing that the run was trained on is looked at then"},
    {.name = "normal-class",
     .kind = CLI_TEXT,
     .offset = SCORE(normal),
     .value = "CLASS,...",
     .unset = "not known",
     .help = "labels or names of the classes that are no anomalies: tell how well scores part them from "
             "the others"},
    {.name = "out",
     .letter = 'o',
     .kind = CLI_FILE,
     .offset = SCORE(out),
     .value = "FILE",
     .group = "Files",
     .choices = table_endings,
     .help = ".csv: a line for each picture: index, label, recon, kl, elbo, probability, score, "
             "anomalous"},
    {.name = "heat",
     .kind = CLI_FILE,
     .offset = SCORE(heat),
     .value = "FILE",
     .unset = "none",
     .choices = picture_endings,
     .help = ".png: pictures with the highest scores, their reconstructions, and where they differ"},
    {.name = "worst",
     .kind = CLI_WHOLE32,
     .offset = SCORE(worst),
     .value = "N",
     .whole = {1, VKVAE_MAX_WORST},
     .help = "so many of them"},
    {.name = "roc",
     .kind = CLI_FILE,
     .offset = SCORE(roc),
     .value = "FILE",
     .unset = "none",
     .choices = picture_endings,
     .help = ".png: the ROC curve, with --normal-class"},
    CLI_USE_OPTIONS(SCORE(use)),
    CLI_OUTPUT_OPTIONS(struct score_values,
                       "an object: run, by, count, labels, threshold, threshold_images, anomalous, out, "
                       "heat, worst, roc, anomalies, auroc, average_precision, tpr, fpr, precision, f1, "
                       "seconds"),
    CLI_COMPUTE_OPTIONS(struct score_values),
    {0},
};

static void defaults(void *values) {
    struct score_values *v = values;
    vkvae_score_defaults(&v->score);
    v->score.out = "scores.csv";
}

// Null where it is not known which pictures are anomalies.
static bool add_verdict(cJSON *json, const vkvae_score_result *r) {
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"anomalies", r->anomalies},
                   {"auroc", r->auroc},
                   {"average_precision", r->average_precision},
                   {"tpr", r->tpr},
                   {"fpr", r->fpr},
                   {"precision", r->precision},
                   {"f1", r->f1}};
    bool ok = true;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ok = ok && (r->anomalies ? cJSON_AddNumberToObject(json, numbers[i].key, numbers[i].value)
                                 : cJSON_AddNullToObject(json, numbers[i].key));
    return ok;
}

static bool add_worst(cJSON *json, const vkvae_score_result *r) {
    cJSON *list = cJSON_AddArrayToObject(json, "worst");
    bool ok = list != NULL;
    for (uint32_t i = 0; ok && i < r->worst_count; i++)
        ok = cJSON_AddItemToArray(list, cJSON_CreateNumber(r->worst[i]));
    return ok;
}

static cJSON *make_json(const vkvae_score_options *o, const vkvae_score_result *r) {
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", o->use.run) && cli_json_text(json, "by", r->by) &&
        cJSON_AddNumberToObject(json, "count", r->count) &&
        cJSON_AddBoolToObject(json, "labels", r->labels) &&
        cJSON_AddNumberToObject(json, "threshold", r->threshold) &&
        cJSON_AddNumberToObject(json, "threshold_images", r->threshold_images) &&
        cJSON_AddNumberToObject(json, "anomalous", r->anomalous) && cli_json_text(json, "out", o->out) &&
        cli_json_text(json, "heat", o->heat) && add_worst(json, r) &&
        cli_json_text(json, "roc", o->roc) && add_verdict(json, r) &&
        cJSON_AddNumberToObject(json, "seconds", r->seconds))
        return json;
    cJSON_Delete(json);
    return NULL;
}

static void print_worst(const vkvae_score_options *o, const vkvae_score_result *r) {
    if (!o->heat) return;
    cli_print_clean(stdout, o->heat);
    (void)printf(": the highest scores, pictures");
    for (uint32_t i = 0; i < r->worst_count; i++) (void)printf("%s %u", i ? "," : "", r->worst[i]);
    (void)putchar('\n');
}

static void print_verdict(const vkvae_score_options *o, const vkvae_score_result *r) {
    if (!r->anomalies) return;
    (void)printf("anomalies: %u of %u, AUROC %.4f, average precision %.4f\n", r->anomalies, r->count,
                 r->auroc, r->average_precision);
    (void)printf("at the threshold: TPR %.4f, FPR %.4f, precision %.4f, F1 %.4f\n", r->tpr, r->fpr,
                 r->precision, r->f1);
    if (!o->roc) return;
    cli_print_clean(stdout, o->roc);
    (void)printf(": the ROC curve\n");
}

static void print_text(const vkvae_score_options *o, const vkvae_score_result *r) {
    cli_print_clean(stdout, o->out);
    (void)printf(": %u picture%s by %s, %u above the threshold %.6g", r->count, cli_plural(r->count),
                 r->by, r->anomalous, r->threshold);
    if (r->threshold_images)
        (void)printf(" (the %g quantile of %u trained on)", o->quantile, r->threshold_images);
    (void)putchar('\n');
    print_worst(o, r);
    print_verdict(o, r);
}

// What means nothing beside what else was given: a usage error; else VKVAE_OK.
static int check(const struct cli_arguments *a) {
    static const char *const measured[] = {"quantile", "threshold-images"};
    const struct score_values *v = a->values;
    if (cli_given(a, "worst") && !v->score.heat)
        return cli_usage_error("score",
                               "--worst is for the picture of errors; name its file with --heat");
    for (int i = 0; i < 2; i++)
        if (cli_given(a, measured[i]) && cli_given(a, "threshold"))
            return cli_usage_error("score",
                                   "--%s is for a threshold that is measured, and --threshold gives it; "
                                   "leave one of them out",
                                   measured[i]);
    return VKVAE_OK;
}

static int run(const struct cli_arguments *a) {
    struct score_values *v = a->values;
    struct cli_progress progress;
    vkvae_score_result result;
    const int wrong = check(a);
    if (wrong != VKVAE_OK) return wrong;
    v->score.has_threshold = cli_given(a, "threshold");
    vkvae *library = cli_use_open(a, &v->score.use, &v->device, &v->output, &progress);
    if (!library) return VKVAE_FAILED;
    const vkvae_status status = vkvae_score(library, &v->score, &result);
    const int code = cli_use_close("score", library, status, &progress);
    if (code != VKVAE_OK) return code;
    if (v->output.json) return cli_print_json("score", make_json(&v->score, &result));
    if (!v->output.quiet) print_text(&v->score, &result);
    return VKVAE_OK;
}

static const char details[] =
    "A score is the higher the more of an anomaly a picture is, in nats. Of the run's own\n"
    "set all classes are looked at, also where it was trained on some (--classes); the\n"
    "threshold is of those that it was trained on.\n";

const struct cli_command cli_score = {
    .name = "score",
    .summary = "find anomalies: how unlikely the model finds each picture",
    .details = details,
    .operand = "RUN",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae score runs/first -o scores.csv",
            "vkvae score runs/first --by probability --draws 20 --worst 12 --heat heat.png",
            "vkvae score runs/first --normal-class 0,1 --roc roc.png --quantile 0.95",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct score_values),
    .defaults = defaults,
    .run = run,
};
