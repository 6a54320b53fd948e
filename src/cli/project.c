// vkvae project
#include "json.h"
#include "options.h"
#include "output.h"
#include "text.h"
#include "use_options.h"

#include <stdio.h>

struct project_values {
    vkvae_project_options project;
    struct cli_output_values output;
    struct cli_device_values device;
};

#define PROJECT(field) offsetof(struct project_values, project.field)

static const char *const picture_endings[] = {".png", NULL}, *const table_endings[] = {".csv", NULL};

static const struct cli_option options[] = {
    {.name = "out",
     .letter = 'o',
     .kind = CLI_FILE,
     .offset = PROJECT(out),
     .value = "FILE",
     .group = "Map",
     .choices = picture_endings,
     .help = ".png: a point for each picture, coloured by its label"},
    {.name = "csv",
     .kind = CLI_FILE,
     .offset = PROJECT(csv),
     .value = "FILE",
     .unset = "none",
     .choices = table_endings,
     .help = ".csv: a line for each picture: index, label, x, y"},
    CLI_USE_OPTIONS(PROJECT(use)),
    CLI_OUTPUT_OPTIONS(
        struct project_values,
        "an object: run, count, latent, classes, principal, explained, out, csv, seconds"),
    CLI_COMPUTE_OPTIONS(struct project_values),
    {0},
};

static void defaults(void *values) {
    struct project_values *v = values;
    vkvae_project_defaults(&v->project);
    v->project.out = "map.png";
}

static bool add_explained(cJSON *json, const vkvae_project_result *r) {
    return cli_json_add(json, "explained", cJSON_CreateDoubleArray(r->explained, 2));
}

static cJSON *make_json(const vkvae_project_options *o, const vkvae_project_result *r) {
    cJSON *json = cJSON_CreateObject();
    if (json && cli_json_text(json, "run", o->use.run) &&
        cJSON_AddNumberToObject(json, "count", r->count) &&
        cJSON_AddNumberToObject(json, "latent", r->latent) &&
        cJSON_AddNumberToObject(json, "classes", r->classes) &&
        cJSON_AddBoolToObject(json, "principal", r->principal) && add_explained(json, r) &&
        cli_json_text(json, "out", o->out) && cli_json_text(json, "csv", o->csv) &&
        cJSON_AddNumberToObject(json, "seconds", r->seconds))
        return json;
    cJSON_Delete(json);
    return NULL;
}

static void print_text(const vkvae_project_options *o, const vkvae_project_result *r) {
    const double x = 100 * r->explained[0], y = 100 * r->explained[1];
    cli_print_clean(stdout, o->out);
    (void)printf(": %u picture%s", r->count, cli_plural(r->count));
    if (r->classes) (void)printf(" of %u class%s", r->classes, r->classes == 1 ? "" : "es");
    if (r->principal)
        (void)printf("; the first two components of %u have %.1f %% + %.1f %% of the variance\n",
                     r->latent, x, y);
    else
        (void)printf("; %u latent number%s, as %s\n", r->latent, cli_plural(r->latent),
                     r->latent == 1 ? "it is" : "they are");
    if (!o->csv) return;
    cli_print_clean(stdout, o->csv);
    (void)printf(": the coordinates\n");
}

static int run(const struct cli_arguments *a) {
    struct project_values *v = a->values;
    struct cli_progress progress;
    vkvae_project_result result;
    vkvae *library = cli_use_open(a, &v->project.use, &v->device, &v->output, &progress);
    if (!library) return VKVAE_FAILED;
    const vkvae_status status = vkvae_project(library, &v->project, &result);
    const int code = cli_use_close("project", library, status, &progress);
    if (code != VKVAE_OK) return code;
    if (v->output.json) return cli_print_json("project", make_json(&v->project, &result));
    if (!v->output.quiet) print_text(&v->project, &result);
    return VKVAE_OK;
}

static const char details[] =
    "Points are the means of q(z|x): as they are where there are two latent numbers, else\n"
    "along their two first principal components.\n";

const struct cli_command cli_project = {
    .name = "project",
    .summary = "draw a map of the data: its codes in two dimensions",
    .details = details,
    .operand = "RUN",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae project runs/first -o map.png",
            "vkvae project runs/first --part all --csv map.csv",
            "vkvae project runs/first --data shapes --images 300 --part train -o other.png",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct project_values),
    .defaults = defaults,
    .run = run,
};
