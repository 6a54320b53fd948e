#include "autotune_text.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

const char *cli_tuned_text(const cJSON *json, const char *key) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return text ? text : "";
}

double cli_tuned_number(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static void print_candidate(const cJSON *product, const cJSON *c) {
    const char *kernel = cli_tuned_text(c, "kernel");
    const double ms = cli_tuned_number(c, "ms"), flop = 2 * cli_tuned_number(product, "m") *
                                                        cli_tuned_number(product, "n") *
                                                        cli_tuned_number(product, "k");
    (void)printf("%c %-22s ", strcmp(kernel, cli_tuned_text(product, "chosen")) == 0 ? '*' : ' ',
                 kernel);
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(c, "wrong")))
        (void)printf("    wrong");
    else
        (void)printf("%9.3f %9.2f", ms, ms > 0 ? 1e-6 * flop / ms : 0);
    (void)puts(strcmp(kernel, cli_tuned_text(product, "fixed")) == 0 ? "  fixed" : "");
}

static void print_product(const cJSON *product) {
    const cJSON *c;
    char name[64];
    (void)snprintf(name, sizeof name, "%s %.0fx%.0fx%.0f", cli_tuned_text(product, "form"),
                   cli_tuned_number(product, "m"), cli_tuned_number(product, "n"),
                   cli_tuned_number(product, "k"));
    const char *label = name;
    cJSON_ArrayForEach(c, cJSON_GetObjectItemCaseSensitive(product, "candidates")) {
        (void)printf("%-22s ", label);
        print_candidate(product, c);
        label = "";
    }
}

static void print_tried(const cJSON *one) {
    const cJSON *product;
    char device[512];
    (void)cli_clean(cli_tuned_text(one, "device"), device, sizeof device);
    (void)printf("%s, subgroups of %.0f\n", device, cli_tuned_number(one, "lanes"));
    (void)printf("%-22s   %-22s %9s %9s\n", "product m x n x k", "kernel", "ms", "GFLOP/s");
    cJSON_ArrayForEach(product, cJSON_GetObjectItemCaseSensitive(one, "products"))
        print_product(product);
    (void)putchar('\n');
}

static void print_step(const cJSON *one, bool chosen) {
    const double step = cli_tuned_number(one, "step_seconds"), bits = cli_tuned_number(one, "bits");
    if (step <= 0) return;
    (void)printf("a step of training  %9.3f ms", 1e3 * step);
    if (bits > 0) (void)printf(" with vectors of %.0f bits%s", bits, chosen ? ", which is taken" : "");
    (void)putchar('\n');
}

void cli_autotune_print(const cJSON *tried, int chosen, bool quiet) {
    int i = 0;
    char cache[4096];
    for (const cJSON *one = tried->child; one; one = one->next) print_tried(one);
    for (const cJSON *one = tried->child; one; one = one->next) print_step(one, i++ == chosen);
    (void)cli_clean(cli_tuned_text(cJSON_GetArrayItem(tried, chosen), "cache"), cache, sizeof cache);
    if (quiet) return;
    if (*cache)
        (void)printf("kept in %s: 'vkvae train --autotune' takes it from there\n", cache);
    else
        (void)puts("kept nowhere: VKVAE_CACHE names no folder that can be written");
}
