// vkvae devices
#include "device_choice.h"
#include "options.h"
#include "output.h"
#include "progress.h"

#include <cJSON.h>
#include <stdlib.h>

struct devices_values {
    const char *device;
    bool json;
};

static const struct cli_option options[] = {
    CLI_DEVICE_OPTION(offsetof(struct devices_values, device)),
    {.name = "json",
     .kind = CLI_FLAG,
     .offset = offsetof(struct devices_values, json),
     .group = "Output",
     .help = "an object {\"devices\": [...], \"chosen\": index or null, \"why\": text}"},
    {0},
};

static void print_bytes(const char *before, uint64_t bytes, const char *after) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double n = (double)bytes;
    size_t unit = 0;
    while (n >= 1024 && unit + 1 < sizeof units / sizeof *units) n /= 1024, unit++;
    (void)printf(n >= 100 || unit == 0 ? "%s%.0f %s%s" : "%s%.3g %s%s", before, n, units[unit], after);
}

static void print_device(const vkvae_device *d, bool chosen) {
    (void)printf("%s %u  %s\n", chosen ? "*" : " ", d->index, d->name);
    if (!d->usable) (void)printf("     unusable  %s\n", d->reason);
    (void)printf("     type      %s, Vulkan %s\n     driver    %s\n     UUID      %s\n", d->type,
                 d->api_version, d->driver, d->uuid);
    print_bytes("     memory    ", d->memory_bytes, "\n");
    (void)printf("     limits    subgroups of %u, workgroups of %u", d->subgroup_size, d->max_invocations);
    print_bytes(" with ", d->max_shared_bytes, " shared,\n");
    print_bytes("               buffers of ", d->max_storage_range, "");
    (void)printf(", texel buffers of %u elements\n\n", d->max_texel_elements);
}

static void print_list(const vkvae_device *devices, uint32_t count, const struct cli_choice *choice) {
    for (uint32_t i = 0; i < count; i++) print_device(&devices[i], i == choice->index);
    if (choice->index < count)
        (void)printf("chosen: %u, %s (%s)\n", devices[choice->index].index, devices[choice->index].name,
                     choice->why);
    else if (choice->reference)
        (void)printf("chosen: reference, scalar code on the host (%s)\n", choice->why);
    else
        (void)printf("chosen: none (%s)\n", choice->why);
}

static cJSON *json_device(const vkvae_device *d) {
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"memory_bytes", (double)d->memory_bytes},
        {"subgroup_size", d->subgroup_size},
        {"max_invocations", d->max_invocations},
        {"max_shared_bytes", d->max_shared_bytes},
        {"max_texel_elements", d->max_texel_elements},
        {"max_storage_range", (double)d->max_storage_range},
    };
    cJSON *json = cJSON_CreateObject();
    bool ok = json && cJSON_AddNumberToObject(json, "index", d->index) &&
              cJSON_AddStringToObject(json, "uuid", d->uuid) &&
              cJSON_AddStringToObject(json, "name", d->name) &&
              cJSON_AddStringToObject(json, "type", d->type) &&
              cJSON_AddStringToObject(json, "driver", d->driver) &&
              cJSON_AddStringToObject(json, "api_version", d->api_version) &&
              cJSON_AddBoolToObject(json, "usable", d->usable) &&
              (d->usable || cJSON_AddStringToObject(json, "reason", d->reason));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ok = ok && cJSON_AddNumberToObject(json, numbers[i].key, numbers[i].value);
    if (ok) return json;
    cJSON_Delete(json);
    return NULL;
}

static bool fill_json(cJSON *json, const vkvae_device *devices, uint32_t count,
                      const struct cli_choice *choice) {
    cJSON *list = cJSON_AddArrayToObject(json, "devices");
    for (uint32_t i = 0; i < count && list; i++) {
        cJSON *device = json_device(&devices[i]);
        if (!cJSON_AddItemToArray(list, device)) {
            cJSON_Delete(device);
            return false;
        }
    }
    bool chosen = choice->index < count;
    return list &&
           (chosen ? cJSON_AddNumberToObject(json, "chosen", devices[choice->index].index)
                   : cJSON_AddNullToObject(json, "chosen")) &&
           cJSON_AddStringToObject(json, "why", choice->why);
}

static int print_json(const vkvae_device *devices, uint32_t count, const struct cli_choice *choice) {
    cJSON *json = cJSON_CreateObject();
    char *text = json && fill_json(json, devices, count, choice) ? cJSON_Print(json) : NULL;
    cJSON_Delete(json);
    if (!text) {
        cli_error("devices", "out of memory");
        return VKVAE_FAILED;
    }
    (void)printf("%s\n", text);
    cJSON_free(text);
    return VKVAE_OK;
}

// A device that would not be found is told like the library's own errors, below whatever list there is.
static int show(const struct devices_values *v, const vkvae_device *devices, uint32_t count,
                const struct cli_choice *choice) {
    int code = VKVAE_OK;
    if (v->json)
        code = print_json(devices, count, choice);
    else if (count)
        print_list(devices, count, choice);
    if (code != VKVAE_OK || choice->index < count || choice->reference) return code;
    cli_error("devices", "%s", choice->why);
    return VKVAE_NO_DEVICE;
}

static int run(const struct cli_arguments *a) {
    const struct devices_values *v = a->values;
    struct cli_progress progress;
    struct cli_choice choice = {.index = UINT32_MAX};
    vkvae_device *devices = NULL;
    uint32_t count = 0;
    vkvae *library = cli_open("devices", &progress);
    if (!library) return VKVAE_FAILED;
    char why[128] = "";
    vkvae_status status = vkvae_devices(library, &devices, &count, &choice.index, why);
    int code = (int)status;
    if (status == VKVAE_OK) {
        (void)snprintf(choice.why, sizeof choice.why, "%s", why);
        if (v->device) cli_choose_device(devices, count, v->device, cli_given(a, "device"), &choice);
        code = show(v, devices, count, &choice);
    } else if (status == VKVAE_NO_DEVICE) {
        // A list all the same, an empty one, for programs that read it.
        (void)snprintf(choice.why, sizeof choice.why, "%s", vkvae_error(library));
        if (v->device) cli_choose_device(NULL, 0, v->device, cli_given(a, "device"), &choice);
        code = show(v, NULL, 0, &choice);
    } else {
        cli_error("devices", "%s", vkvae_error(library));
    }
    vkvae_free(devices);
    vkvae_destroy(library);
    return code;
}
