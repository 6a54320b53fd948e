// vkvae report
#include "json.h"
#include "output.h"
#include "progress.h"

#include "command.h"

#include <stdlib.h>
#include <string.h>

struct report_values {
    vkvae_report_options report;
    struct cli_output_values output;
};

static const char *const pages[] = {".html", NULL};

static const struct cli_option options[] = {
    {.name = "out",
     .letter = 'o',
     .kind = CLI_FILE,
     .offset = offsetof(struct report_values, report.out),
     .value = "FILE.html",
     .choices = pages,
     .unset = "RUN/report.html",
     .help = "the page to write"},
    {.name = "epochs",
     .kind = CLI_WHOLE32,
     .offset = offsetof(struct report_values, report.epochs),
     .value = "N",
     .whole = {1, VKVAE_MAX_REPORTED},
     .help = "put the pictures of so many epochs into it at most, from the first to the last"},
    CLI_OUTPUT_OPTIONS(struct report_values, "an object {\"run\", \"out\"}"),
    {0},
};

static void defaults(void *values) {
    struct report_values *v = values;
    vkvae_report_defaults(&v->report);
}

static cJSON *make_json(const vkvae_report_options *o) {
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", o->run) && cli_json_text(json, "out", o->out)) return json;
    cJSON_Delete(json);
    return NULL;
}

static int write_page(vkvae *library, const struct report_values *v) {
    const int code = (int)vkvae_report(library, &v->report);
    if (code != VKVAE_OK) {
        cli_error("report", "%s", vkvae_error(library));
        return code;
    }
    if (v->output.json) return cli_print_json("report", make_json(&v->report));
    if (!v->output.quiet) {
        cli_print_word(stdout, v->report.out);
        (void)putchar('\n');
    }
    return code;
}

// RUN/report.html, which the caller frees; NULL without memory.
static char *page_of(const char *run) {
    static const char name[] = "report.html";
    const size_t length = strlen(run), room = length + sizeof name + 1;
    char *path = malloc(room);
    if (path) (void)snprintf(path, room, "%s%s%s", run, run[length - 1] == '/' ? "" : "/", name);
    return path;
}

static int run(const struct cli_arguments *a) {
    struct report_values *v = a->values;
    struct cli_progress progress;
    vkvae *library = cli_open("report", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    int code = VKVAE_FAILED;
    char *page = v->report.out ? NULL : page_of(a->operand);
    v->report.run = a->operand;
    if (page) v->report.out = page;
    if (v->report.out)
        code = write_page(library, v);
    else
        cli_out_of_memory("report");
    free(page);
    vkvae_destroy(library);
    return code;
}

static const char details[] =
    "A page of one file, for any browser, which loads nothing from elsewhere: curves to\n"
    "zoom into, reconstructions, samples and the KL of each latent by epoch, with a\n"
    "slider, and the settings; traversal.png, map.png and map.csv where they lie in the\n"
    "run's folder, as 'vkvae traverse' and 'vkvae project' write them. No device is\n"
    "needed. 'train --report' writes it after each epoch.\n";

const struct cli_command cli_report = {
    .name = "report",
    .summary = "a page that tells of a run, in one file",
    .details = details,
    .operand = "RUN",
    .operand_help = "the folder of a run",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae report runs/first",
            "vkvae traverse runs/first -o runs/first/traversal.png",
            "vkvae project runs/first -o runs/first/map.png --csv runs/first/map.csv",
            "vkvae report runs/first -o first.html --epochs 10",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct report_values),
    .defaults = defaults,
    .run = run,
};
