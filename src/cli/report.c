// vkvae report
#include "json.h"
#include "options.h"
#include "output.h"
#include "text.h"
#include "use_options.h"

#include <stdlib.h>
#include <string.h>

// Of what --explore makes: so many rows, and points of the map, which all go into the page.
enum { ROWS = 16, POINTS = 5000 };

struct report_values {
    vkvae_report_options report;
    bool explore;
    struct cli_output_values output;
    struct cli_device_values device;
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
    {.name = "explore",
     .kind = CLI_FLAG,
     .offset = offsetof(struct report_values, explore),
     .help = "first make the run's traversal.png, map.png and map.csv anew, which takes its data and a "
             "device"},
    CLI_OUTPUT_OPTIONS(struct report_values, "an object {\"run\", \"out\"}"),
    CLI_COMPUTE_OPTIONS(struct report_values),
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

// RUN/NAME, which the caller frees; NULL, after saying so, without memory.
static char *path_in(const char *run, const char *name) {
    const size_t room = strlen(run) + strlen(name) + 2;
    char *path = malloc(room);
    if (path)
        (void)snprintf(path, room, "%s%s%s", run, cli_slash_behind(run), name);
    else
        cli_out_of_memory("report");
    return path;
}

// What each latent changes, and a map of the codes, into the run's folder.
static vkvae_status look(vkvae *library, const vkvae_use *use, const char *const paths[3]) {
    vkvae_traverse_options traverse;
    vkvae_project_options project;
    vkvae_traverse_defaults(&traverse);
    vkvae_project_defaults(&project);
    traverse.use = project.use = *use;
    traverse.rows = ROWS;
    traverse.pictures.out = paths[0];
    project.use.reading.limit = POINTS;
    project.out = paths[1];
    project.csv = paths[2];
    const vkvae_status status = vkvae_traverse(library, &traverse, NULL);
    return status == VKVAE_OK ? vkvae_project(library, &project, NULL) : status;
}

static int explore(vkvae *library, const vkvae_use *use) {
    static const char *const names[] = {"traversal.png", "map.png", "map.csv"};
    char *paths[3];
    int code = VKVAE_FAILED;
    for (int i = 0; i < 3; i++) paths[i] = path_in(use->run, names[i]);
    if (paths[0] && paths[1] && paths[2]) {
        code = (int)look(library, use, (const char *const *)paths);
        cli_progress_clear(use->user);
        if (code != VKVAE_OK) cli_error("report", "%s", vkvae_error(library));
    }
    for (int i = 0; i < 3; i++) free(paths[i]);
    return code;
}

static int report(vkvae *library, struct report_values *v, const vkvae_use *use) {
    int code = v->explore ? explore(library, use) : VKVAE_OK;
    if (code != VKVAE_OK) return code;
    char *page = v->report.out ? NULL : path_in(use->run, "report.html");
    if (page) v->report.out = page;
    code = v->report.out ? write_page(library, v) : VKVAE_FAILED;
    free(page);
    return code;
}

static int run(const struct cli_arguments *a) {
    struct report_values *v = a->values;
    struct cli_progress progress;
    vkvae_use use;
    vkvae_use_defaults(&use);
    vkvae *library = cli_use_open(a, &use, &v->device, &v->output, &progress);
    if (!library) return VKVAE_FAILED;
    v->report.run = a->operand;
    const int code = report(library, v, &use);
    vkvae_destroy(library);
    return code;
}

static const char details[] =
    "A page of one file, for any browser, which loads nothing from elsewhere: curves to\n"
    "zoom into, reconstructions, samples and the KL of each latent by epoch, with a\n"
    "slider, and the settings; traversal.png, map.png and map.csv where they lie in the\n"
    "run's folder, as 'vkvae traverse', 'vkvae project' and --explore write them; without\n"
    "that no device is needed. 'train --report' writes it after each epoch.\n";

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
            "vkvae report runs/first --explore",
            "vkvae report runs/first -o first.html --epochs 10",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct report_values),
    .defaults = defaults,
    .run = run,
};
