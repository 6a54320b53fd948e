#include "pictures.h"

#include "options.h"
#include "output.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

const char *const cli_picture_endings[] = {".png", ".npy", NULL};

int cli_check_grid(const struct cli_arguments *a, const char *out, const char *const *options) {
    if (cli_ends_with(out, ".png")) return VKVAE_OK;
    for (; *options; options++)
        if (cli_given(a, *options))
            return cli_usage_error(a->command->name,
                                   "--%s is for a grid, and %s is none; leave it out, or write a .png",
                                   *options, out);
    return VKVAE_OK;
}

void cli_print_file(const char *out) {
    cli_print_clean(stdout, out);
    (void)fputs(": ", stdout);
}

bool cli_json_pictures(cJSON *json, const vkvae_pictures_result *r) {
    return cJSON_AddNumberToObject(json, "count", r->count) &&
           cJSON_AddNumberToObject(json, "height", r->height) &&
           cJSON_AddNumberToObject(json, "width", r->width) &&
           cJSON_AddNumberToObject(json, "channels", r->channels) &&
           cJSON_AddNumberToObject(json, "latent", r->latent);
}
