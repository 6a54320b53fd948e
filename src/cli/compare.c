// vkvae compare
#include "json.h"
#include "output.h"
#include "progress.h"
#include "run_text.h"
#include "table.h"

#include "command.h"

struct compare_values {
    vkvae_compare_options compare;
    struct cli_output_values output;
};

static const char *const pictures[] = {".png", NULL};

static const struct cli_option options[] = {
    {.name = "out",
     .letter = 'o',
     .kind = CLI_FILE,
     .offset = offsetof(struct compare_values, compare.out),
     .value = "FILE.png",
     .choices = pictures,
     .help = "draw the loss curves of the first six runs of the table that have any, on the test "
             "pictures and, lighter, on those that are trained on"},
    CLI_OUTPUT_OPTIONS(
        struct compare_values,
        "an object {\"settings\": [names that differ], \"comparable\", \"out\", \"runs\": "
        "[...]} in the table's order, each run with its \"settings\""),
    {0},
};

static void defaults(void *values) {
    struct compare_values *v = values;
    vkvae_compare_defaults(&v->compare);
}

// ---- For people ----

enum { EPOCHS, BEST, TEST, RECON, KL, RATE, FIGURES, CELL = 64 };

static const char *const titles[FIGURES] = {"epochs", "best test", "test", "recon", "KL", "images/s"};

static void print_figure(const vkvae_compared *run, int figure, char text[CELL]) {
    const double last[] = {[TEST] = run->test.loss, [RECON] = run->test.recon, [KL] = run->test.kl};
    (void)snprintf(text, CELL, "-");
    if (figure == EPOCHS)
        (void)snprintf(text, CELL, "%u/%u", run->epochs, run->wanted_epochs);
    else if (figure == BEST && run->best_epoch)
        (void)snprintf(text, CELL, "%.2f @%u", run->best.loss, run->best_epoch);
    else if (figure == RATE && run->images_per_second > 0)
        (void)snprintf(text, CELL, "%.0f", run->images_per_second);
    else if (figure > BEST && figure < RATE && run->epochs)
        (void)snprintf(text, CELL, "%.2f", last[figure]);
}

static bool fill_row(const vkvae_comparison *c, uint32_t number, struct cli_table *t) {
    const vkvae_compared *run = &c->runs[number];
    bool ok = cli_table_set(t, number + 1, 0, run->name);
    for (uint32_t k = 0; ok && k < c->setting_count; k++)
        ok = cli_table_set(t, number + 1, 1 + k, run->values[k] ? run->values[k] : "-");
    for (int f = 0; ok && f < FIGURES; f++) {
        char text[CELL];
        print_figure(run, f, text);
        ok = cli_table_set(t, number + 1, 1 + c->setting_count + (uint32_t)f, text);
    }
    return ok;
}

static bool fill(const vkvae_comparison *c, struct cli_table *t) {
    bool ok = cli_table_set(t, 0, 0, "run");
    for (uint32_t k = 0; ok && k < c->setting_count; k++)
        ok = cli_table_set(t, 0, 1 + k, c->settings[k]);
    for (int f = 0; ok && f < FIGURES; f++) {
        const uint32_t column = 1 + c->setting_count + (uint32_t)f;
        t->right[column] = true;
        ok = cli_table_set(t, 0, column, titles[f]);
    }
    for (uint32_t i = 0; ok && i < c->run_count; i++) ok = fill_row(c, i, t);
    return ok;
}

static int print(const vkvae_comparison *c) {
    struct cli_table table;
    if (!cli_table_init(&table, c->run_count + 1, c->setting_count + 1 + FIGURES)) {
        cli_out_of_memory("compare");
        return VKVAE_FAILED;
    }
    const bool ok = fill(c, &table);
    if (ok)
        cli_table_print(&table);
    else
        cli_out_of_memory("compare");
    cli_table_finish(&table);
    return ok ? VKVAE_OK : VKVAE_FAILED;
}

// ---- JSON ----

static bool add_run(cJSON *list, const vkvae_comparison *c, const vkvae_compared *run) {
    cJSON *o = cJSON_CreateObject(), *settings = NULL;
    bool ok = cJSON_AddItemToArray(list, o) && cli_json_text(o, "name", run->name) &&
              cli_json_text(o, "path", run->path) && cJSON_AddNumberToObject(o, "epochs", run->epochs) &&
              cJSON_AddNumberToObject(o, "wanted_epochs", run->wanted_epochs) &&
              (run->best_epoch ? cJSON_AddNumberToObject(o, "best_epoch", run->best_epoch)
                               : cJSON_AddNullToObject(o, "best_epoch")) &&
              cli_add_losses(o, "best", run->best_epoch, &run->best) &&
              cli_add_losses(o, "test", run->epochs, &run->test) &&
              cli_add_losses(o, "train", run->epochs, &run->train) &&
              (run->images_per_second > 0
                   ? cJSON_AddNumberToObject(o, "images_per_second", run->images_per_second)
                   : cJSON_AddNullToObject(o, "images_per_second")) &&
              cJSON_AddBoolToObject(o, "drawn", run->drawn) &&
              (settings = cJSON_AddObjectToObject(o, "settings")) != NULL;
    for (uint32_t k = 0; ok && k < c->setting_count; k++)
        ok = cli_json_text(settings, c->settings[k], run->values[k]);
    return ok;
}

static cJSON *make_json(const vkvae_comparison *c, const char *out) {
    cJSON *json = cJSON_CreateObject(), *list = NULL;
    bool ok = json && (list = cJSON_AddArrayToObject(json, "settings")) != NULL;
    for (uint32_t k = 0; ok && k < c->setting_count; k++)
        ok = cJSON_AddItemToArray(list, cli_json_item(c->settings[k]));
    ok = ok && cJSON_AddBoolToObject(json, "comparable", c->comparable) &&
         cli_json_text(json, "out", out) && (list = cJSON_AddArrayToObject(json, "runs")) != NULL;
    for (uint32_t i = 0; ok && i < c->run_count; i++) ok = add_run(list, c, &c->runs[i]);
    if (ok) return json;
    cJSON_Delete(json);
    return NULL;
}

static int run(const struct cli_arguments *a) {
    struct compare_values *v = a->values;
    struct cli_progress progress;
    vkvae_comparison *comparison;
    vkvae *library = cli_open("compare", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    v->compare.runs = a->operands;
    v->compare.count = a->operand_count;
    int code = (int)vkvae_compare(library, &v->compare, &comparison);
    if (code != VKVAE_OK)
        cli_error("compare", "%s", vkvae_error(library));
    else if (v->output.json)
        code = cli_print_json("compare", make_json(comparison, v->compare.out));
    else
        code = print(comparison);
    vkvae_free(comparison);
    vkvae_destroy(library);
    return code;
}

static const char details[] =
    "A row a run, the lowest test loss first, with the settings in which the runs\n"
    "differ; - where a run does not say, so that it is as by default. Best test: the\n"
    "lowest loss on the test pictures, in nats per picture, and the epoch that had\n"
    "it; test, recon and KL: of the last epoch; images/s: of those trained on, the\n"
    "median of the epochs. Reads the files alone: no device is needed. A warning says\n"
    "where losses cannot be compared, such as those of different data.\n";

const struct cli_command cli_compare = {
    .name = "compare",
    .summary = "a table and a picture of several runs' losses",
    .details = details,
    .operand = "RUN",
    .operand_help = "the folders of the runs",
    .operand_required = true,
    .many_operands = true,
    .examples =
        (const char *const[]){
            "vkvae compare runs/first runs/other",
            "vkvae compare runs/first runs/other runs/deep -o compare.png",
            "vkvae compare runs/first runs/other --json",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct compare_values),
    .defaults = defaults,
    .run = run,
};
