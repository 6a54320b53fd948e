#include "data.h"

#include "json.h"
#include "reading_options.h"
#include "text.h"

#include <stdio.h>

const char *const cli_sets[] = {"shapes", "mnist", "fashion-mnist", NULL};
const char *const cli_fits[] = {"cover", "contain", "stretch", NULL};
const char *const cli_crops[] = {"none", "center", NULL};
const char *const cli_layouts[] = {"auto", "nd", "nhw", "nhwc", "nchw", NULL};
const char *const cli_normalizations[] = {"none", "minmax", "standard", NULL};

static void print_part(const char *name, const vkvae_data_part *p) {
    char labels[16] = "none";
    if (p->labels) (void)snprintf(labels, sizeof labels, "%u", p->labels);
    (void)printf("  %-5s  %8u  %6s  %5.4g  %8.4g  %6.4f  %8.4f\n", name, p->count, labels, p->least,
                 p->greatest, p->mean, p->variance);
}

static void print_factors(const vkvae_data_set *set) {
    if (set->factors == 0) (void)fputs("none", stdout);
    for (uint32_t i = 0; i < set->factors; i++) {
        if (i) (void)fputs(", ", stdout);
        if (set->factor_names[i])
            cli_print_clean(stdout, set->factor_names[i]);
        else
            (void)printf("factor %u", i + 1);
    }
}

void cli_data_print(const vkvae_data_set *set) {
    cli_print_clean(stdout, set->name);
    (void)printf(": pictures of %ux%u, %s", set->height, set->width, set->channels == 1 ? "grey" : "");
    if (set->channels != 1) (void)printf("%u channels", set->channels);
    (void)printf("\n\n         pictures  labels  least  greatest    mean  variance\n");
    print_part("train", &set->train);
    print_part("test", &set->test);
    (void)printf("\n  factors   ");
    print_factors(set);
    (void)printf("\n  checksum  %u\n  path      ", set->checksum);
    cli_print_clean(stdout, set->path[0] ? set->path : "none: drawn by the program");
    (void)putchar('\n');
}

static bool add_part(cJSON *json, const char *name, const vkvae_data_part *p) {
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"count", p->count},       {"labels", p->labels}, {"least", p->least},
                   {"greatest", p->greatest}, {"mean", p->mean},     {"variance", p->variance}};
    cJSON *part = cJSON_AddObjectToObject(json, name);
    bool ok = part != NULL;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ok = ok && cJSON_AddNumberToObject(part, numbers[i].key, numbers[i].value);
    return ok;
}

// null where the set does not say.
static bool add_factor_names(cJSON *json, const vkvae_data_set *set) {
    cJSON *names = cJSON_AddArrayToObject(json, "factor_names");
    bool ok = names != NULL;
    for (uint32_t i = 0; ok && i < set->factors; i++) {
        cJSON *name = cli_json_item(set->factor_names[i]);
        ok = cJSON_AddItemToArray(names, name);
        if (!ok) cJSON_Delete(name);
    }
    return ok;
}

static bool fill_json(cJSON *json, const vkvae_data_set *set, const char *picture) {
    return cli_json_text(json, "name", set->name) && cli_json_text(json, "path", set->path) &&
           cJSON_AddNumberToObject(json, "height", set->height) &&
           cJSON_AddNumberToObject(json, "width", set->width) &&
           cJSON_AddNumberToObject(json, "channels", set->channels) &&
           add_part(json, "train", &set->train) && add_part(json, "test", &set->test) &&
           cJSON_AddNumberToObject(json, "data_checksum", set->checksum) &&
           cJSON_AddNumberToObject(json, "factors", set->factors) && add_factor_names(json, set) &&
           cli_json_text(json, "picture", picture);
}

int cli_data_print_json(const char *command, const vkvae_data_set *set, const char *picture) {
    cJSON *json = cJSON_CreateObject();
    const bool ok = json && fill_json(json, set, picture);
    if (!ok) cJSON_Delete(json);
    return cli_print_json(command, ok ? json : NULL);
}
