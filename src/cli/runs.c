// vkvae runs
#include "json.h"
#include "output.h"
#include "progress.h"
#include "run_text.h"
#include "text.h"

#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct runs_values {
    struct cli_output_values output;
};

static const struct cli_option options[] = {
    CLI_OUTPUT_OPTIONS(
        struct runs_values,
        "an object {\"folder\": text, \"runs\": [...]}; each run as 'info --json' shows it, "
        "without its tensors"),
    {0},
};

enum { RUN, AGE, DATA, MODEL, EPOCHS, BEST, RESUME, COLUMNS, CELL = 512, GAP = 2, SCREEN = 80 };

static const struct {
    const char *title;
    bool right;
} columns[COLUMNS] = {
    [RUN] = {"run", false},       [AGE] = {"age", true},       [DATA] = {"data", false},
    [MODEL] = {"model", false},   [EPOCHS] = {"epochs", true}, [BEST] = {"best test", true},
    [RESUME] = {"resume", false},
};

struct row {
    char cell[COLUMNS][CELL];
    size_t width[COLUMNS];  // on the terminal
};

static void set_cell(struct row *row, int column, const char *text) {
    row->width[column] = cli_clean(text, row->cell[column], CELL);
}

// What stands behind the last slash, unless nothing does.
static const char *last_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static void print_age(int64_t modified, char *text, size_t size) {
    const int64_t minutes = ((int64_t)time(NULL) - modified) / 60, hours = minutes / 60;
    if (!modified)
        (void)snprintf(text, size, "-");
    else if (minutes < 1)
        (void)snprintf(text, size, "now");
    else if (minutes < 100)
        (void)snprintf(text, size, "%d min", (int)minutes);
    else if (hours < 48)
        (void)snprintf(text, size, "%d h", (int)hours);
    else
        (void)snprintf(text, size, "%lld d", (long long)hours / 24);
}

static void make_row(const vkvae_run_info *info, const char *folder, bool brief, struct row *row) {
    char text[CELL];
    set_cell(row, RUN, strcmp(info->path, folder) == 0 ? folder : last_name(info->path));
    print_age(info->modified, text, sizeof text);
    set_cell(row, AGE, text);
    set_cell(row, DATA, info->data[0] ? last_name(info->data) : "-");
    cli_model_text(info, brief, text, sizeof text);
    set_cell(row, MODEL, text);
    (void)snprintf(text, sizeof text, info->wanted_epochs ? "%u/%u" : "%u", info->epochs,
                   info->wanted_epochs);
    set_cell(row, EPOCHS, info->wanted_epochs || info->epochs ? text : "-");
    (void)snprintf(text, sizeof text, "%.2f @%u", info->best.loss, info->best_epoch);
    set_cell(row, BEST, info->best_epoch ? text : "-");
    set_cell(row, RESUME, info->resumable ? "yes" : "no");
}

static void measure(const struct row *rows, uint32_t count, size_t width[COLUMNS]) {
    for (int c = 0; c < COLUMNS; c++) {
        width[c] = strlen(columns[c].title);
        for (uint32_t i = 0; i < count; i++)
            if (rows[i].width[c] > width[c]) width[c] = rows[i].width[c];
    }
}

static size_t sum(const size_t width[COLUMNS]) {
    size_t all = GAP * (COLUMNS - 1);
    for (int c = 0; c < COLUMNS; c++) all += width[c];
    return all;
}

static void print_spaces(size_t count) {
    while (count--) (void)putchar(' ');
}

static void print_cell(int c, const char *text, size_t taken, size_t width) {
    const size_t fill = width - taken;
    if (columns[c].right) print_spaces(fill);
    (void)fputs(text, stdout);
    if (c == COLUMNS - 1) {
        (void)putchar('\n');
        return;
    }
    print_spaces((columns[c].right ? 0 : fill) + GAP);
}

static void print_problem(const vkvae_run_info *info) {
    char text[sizeof info->problem];
    (void)cli_clean(info->problem, text, sizeof text);
    if (*text) (void)printf("  ! %s\n", text);
}

static int print_table(const vkvae_run_info *runs, uint32_t count, const char *folder) {
    size_t width[COLUMNS];
    struct row *rows = calloc(count, sizeof *rows);
    if (!rows) {
        cli_out_of_memory("runs");
        return VKVAE_FAILED;
    }
    for (int brief = 0; brief < 2; brief++) {
        for (uint32_t i = 0; i < count; i++) make_row(&runs[i], folder, brief, &rows[i]);
        measure(rows, count, width);
        if (sum(width) <= SCREEN) break;
    }
    for (int c = 0; c < COLUMNS; c++)
        print_cell(c, columns[c].title, strlen(columns[c].title), width[c]);
    for (uint32_t i = 0; i < count; i++) {
        for (int c = 0; c < COLUMNS; c++) print_cell(c, rows[i].cell[c], rows[i].width[c], width[c]);
        print_problem(&runs[i]);
    }
    free(rows);
    return VKVAE_OK;
}

static cJSON *make_json(const vkvae_run_info *runs, uint32_t count, const char *folder) {
    cJSON *json = cJSON_CreateObject(), *list = NULL;
    bool ok = json && cli_json_text(json, "folder", folder) &&
              (list = cJSON_AddArrayToObject(json, "runs")) != NULL;
    for (uint32_t i = 0; ok && i < count; i++) ok = cJSON_AddItemToArray(list, cli_run_json(&runs[i]));
    if (ok) return json;
    cJSON_Delete(json);
    return NULL;
}

static void print_none(const struct cli_arguments *a, const char *folder) {
    char text[CELL];
    (void)cli_clean(folder, text, sizeof text);
    (void)fprintf(stderr, "no runs in %s%s yet; ", text, cli_slash_behind(text));
    cli_print_word(stderr, a->program);
    (void)fputs(" train makes one\n", stderr);
}

static int list(vkvae *library, const struct cli_arguments *a) {
    const struct runs_values *v = a->values;
    const char *folder = a->operand ? a->operand : "runs";
    vkvae_run_info *runs = NULL;
    uint32_t count = 0;
    int code = (int)vkvae_runs(library, a->operand, &runs, &count);
    if (code != VKVAE_OK)
        cli_error("runs", "%s", vkvae_error(library));
    else if (v->output.json)
        code = cli_print_json("runs", make_json(runs, count, folder));
    else if (count)
        code = print_table(runs, count, folder);
    else if (!v->output.quiet)
        print_none(a, folder);
    vkvae_free(runs);
    return code;
}

static int run(const struct cli_arguments *a) {
    const struct runs_values *v = a->values;
    struct cli_progress progress;
    vkvae *library = cli_open("runs", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    int code = list(library, a);
    vkvae_destroy(library);
    return code;
}

static const char details[] =
    "The newest run is first; its age is that of its newest file.\n"
    "Epochs: done of those wanted.\n"
    "Best test: the lowest loss on the test pictures, in nats per picture, and the\n"
    "epoch that had it. Resume: whether train --resume would take the run. Where room\n"
    "is short, latent 20 is z20. A line with ! says what is damaged or missing.\n";

const struct cli_command cli_runs = {
    .name = "runs",
    .summary = "list the runs in a folder, newest first",
    .details = details,
    .operand = "DIR",
    .operand_help = "a folder with runs in it, or a run; without it: runs",
    .examples =
        (const char *const[]){
            "vkvae runs",
            "vkvae runs runs/first",
            "vkvae runs --json",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct runs_values),
    .run = run,
};
