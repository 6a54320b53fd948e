#include "data.h"

#include "json.h"
#include "reading_options.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const cli_sets[] = {"shapes", "mnist", "fashion-mnist", NULL};
const char *const cli_fits[] = {"cover", "contain", "stretch", NULL};
const char *const cli_crops[] = {"none", "center", NULL};
const char *const cli_layouts[] = {"auto", "nd", "nhw", "nhwc", "nchw", NULL};
const char *const cli_tokenings[] = {"none", "bag", "chars", "words", NULL};
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

enum { SHOWN_CLASSES = 20 };

static void print_classes(const vkvae_data_set *set) {
    const uint32_t most = set->class_count < SHOWN_CLASSES ? set->class_count : SHOWN_CLASSES;
    if (most) (void)printf("\n  %-20s  %8s  %8s\n", "class", "train", "test");
    for (uint32_t i = 0; i < most; i++) {
        char name[sizeof set->classes[i].name];
        (void)cli_clean(set->classes[i].name, name, sizeof name);
        (void)printf("  %-20s  %8u  %8u\n", name, set->classes[i].train, set->classes[i].test);
    }
    if (set->class_count > most) (void)printf("  and %u more\n", set->class_count - most);
}

static void print_normalization(const vkvae_data_set *set) {
    if (!set->normalize[0]) return;
    (void)printf("  values    %s: %.6g to %.6g become 0 to 1", set->normalize, set->low, set->high);
    if (set->ranges > 1) (void)printf(", each of %u columns by its own range", set->ranges);
    (void)putchar('\n');
}

static void print_vocabulary(const vkvae_vocabulary *v) {
    const char *what = strcmp(v->tokens, "chars") == 0 ? "characters" : "words";
    if (!v->tokens[0]) return;
    (void)printf("\n  vocabulary  %u tokens; %u other %s are left out, %" PRIu64
                 " times in these lines\n",
                 v->count, v->others, what, v->beyond);
    if (v->cut) (void)printf("  cut         %u lines\n", v->cut);
    if (v->clipped) (void)printf("  clipped     %" PRIu64 " words, beyond 255 in a line\n", v->clipped);
    (void)fputs("  frequent   ", stdout);
    for (uint32_t i = 0; i < v->frequent_count; i++) {
        (void)fputc(' ', stdout);
        cli_print_clean(stdout, strcmp(v->frequent[i].text, " ") == 0 ? "(space)" : v->frequent[i].text);
        (void)printf(" %" PRIu64 "%s", v->frequent[i].times, i + 1 < v->frequent_count ? "," : "\n");
    }
}

static void print_kind(const vkvae_data_set *set) {
    const char *tokens = set->vocabulary.tokens;
    if (!tokens[0]) {
        (void)printf(": pictures of %ux%u, %s", set->height, set->width,
                     set->channels == 1 ? "grey" : "");
        if (set->channels != 1) (void)printf("%u channels", set->channels);
    } else if (strcmp(tokens, "bag") == 0) {
        (void)printf(": text, each line a bag of %u words", set->width);
    } else {
        (void)printf(": text, each line a row of %u %s", set->width,
                     strcmp(tokens, "chars") == 0 ? "characters" : "words");
    }
}

void cli_data_print(const vkvae_data_set *set) {
    cli_print_clean(stdout, set->name);
    print_kind(set);
    (void)printf("\n\n         %8s  labels  least  greatest    mean  variance\n",
                 set->vocabulary.tokens[0] ? "lines" : "pictures");
    print_part("train", &set->train);
    print_part("test", &set->test);
    print_classes(set);
    (void)printf("\n  factors   ");
    print_factors(set);
    (void)putchar('\n');
    print_normalization(set);
    print_vocabulary(&set->vocabulary);
    if (set->skipped) (void)printf("  left out  %u broken pictures\n", set->skipped);
    (void)printf("  checksum  %u\n  path      ", set->checksum);
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
    for (uint32_t i = 0; ok && i < set->factors; i++)
        ok = cJSON_AddItemToArray(names, cli_json_item(set->factor_names[i]));
    return ok;
}

static bool add_classes(cJSON *json, const vkvae_data_set *set) {
    cJSON *list = cJSON_AddArrayToObject(json, "classes");
    bool ok = list && cJSON_AddNumberToObject(json, "class_count", set->class_count);
    for (uint32_t i = 0; ok && i < set->class_count && i < VKVAE_MAX_CLASSES; i++) {
        cJSON *item = cJSON_CreateObject();
        ok = cJSON_AddItemToArray(list, item) && cli_json_text(item, "name", set->classes[i].name) &&
             cJSON_AddNumberToObject(item, "train", set->classes[i].train) &&
             cJSON_AddNumberToObject(item, "test", set->classes[i].test);
    }
    return ok;
}

// null where values are as they were.
static bool add_normalization(cJSON *json, const vkvae_data_set *set) {
    if (!set->normalize[0]) return cJSON_AddNullToObject(json, "normalize");
    cJSON *object = cJSON_AddObjectToObject(json, "normalize");
    return object && cJSON_AddStringToObject(object, "kind", set->normalize) &&
           cJSON_AddNumberToObject(object, "ranges", set->ranges) &&
           cJSON_AddNumberToObject(object, "low", set->low) &&
           cJSON_AddNumberToObject(object, "high", set->high);
}

static bool add_frequent(cJSON *json, const vkvae_vocabulary *v) {
    cJSON *list = cJSON_AddArrayToObject(json, "frequent");
    bool ok = list != NULL;
    for (uint32_t i = 0; ok && i < v->frequent_count; i++) {
        cJSON *item = cJSON_CreateObject();
        ok = cJSON_AddItemToArray(list, item) && cli_json_text(item, "text", v->frequent[i].text) &&
             cJSON_AddNumberToObject(item, "times", (double)v->frequent[i].times);
    }
    return ok;
}

// null where the set is no text.
static bool add_vocabulary(cJSON *json, const vkvae_vocabulary *v) {
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"count", v->count},           {"others", v->others},           {"all", (double)v->all},
        {"beyond", (double)v->beyond}, {"clipped", (double)v->clipped}, {"cut", v->cut}};
    if (!v->tokens[0]) return cJSON_AddNullToObject(json, "vocabulary");
    cJSON *object = cJSON_AddObjectToObject(json, "vocabulary");
    bool ok = object && cJSON_AddStringToObject(object, "tokens", v->tokens);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ok = ok && cJSON_AddNumberToObject(object, numbers[i].key, numbers[i].value);
    return ok && add_frequent(object, v);
}

static bool fill_json(cJSON *json, const vkvae_data_set *set, const char *picture) {
    return cli_json_text(json, "name", set->name) && cli_json_text(json, "path", set->path) &&
           cJSON_AddNumberToObject(json, "height", set->height) &&
           cJSON_AddNumberToObject(json, "width", set->width) &&
           cJSON_AddNumberToObject(json, "channels", set->channels) &&
           cJSON_AddBoolToObject(json, "floats", set->floats) && add_normalization(json, set) &&
           cJSON_AddNumberToObject(json, "skipped", set->skipped) && add_classes(json, set) &&
           add_part(json, "train", &set->train) && add_part(json, "test", &set->test) &&
           cJSON_AddNumberToObject(json, "data_checksum", set->checksum) &&
           cJSON_AddNumberToObject(json, "factors", set->factors) && add_factor_names(json, set) &&
           add_vocabulary(json, &set->vocabulary) && cli_json_text(json, "picture", picture);
}

int cli_data_print_json(const char *command, const vkvae_data_set *set, const char *picture) {
    cJSON *json = cJSON_CreateObject();
    const bool ok = json && fill_json(json, set, picture);
    if (!ok) cJSON_Delete(json);
    return cli_print_json(command, ok ? json : NULL);
}
