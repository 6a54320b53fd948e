// vkvae devices
#include "colour.h"
#include "json.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "text.h"

#include <string.h>

struct devices_values {
    const char *device;
    struct cli_output_values output;
};

// What the library chose, and the reason as it is shown.
struct choice {
    uint32_t index;  // in the list; UINT32_MAX: none
    bool reference;  // not a Vulkan device: the scalar code on the host
    bool wanted;     // by the user, in words
    char why[1024];
};

static const struct cli_option options[] = {
    CLI_DEVICE_OPTION(offsetof(struct devices_values, device)),
    CLI_OUTPUT_OPTIONS(struct devices_values,
                       "an object {\"devices\": [...], \"chosen\": index or null, \"why\": text}"),
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
    (void)printf("%s%s %u  %s%s\n", chosen ? cli_colour(stdout, CLI_BOLD) : "", chosen ? "*" : " ",
                 d->index, d->name, chosen ? cli_colour(stdout, CLI_PLAIN) : "");
    if (!d->usable) (void)printf("     unusable  %s\n", d->reason);
    (void)printf("     type      %s, Vulkan %s\n     driver    %s", d->type, d->api_version, d->driver);
    if (d->drivers > 1) (void)printf(" (listed %u times, by as many drivers)", d->drivers);
    (void)printf("\n     UUID      %s\n", d->uuid);
    print_bytes("     memory    ", d->memory_bytes, "\n");
    (void)printf("     limits    subgroups of %u, workgroups of %u", d->subgroup_size,
                 d->max_invocations);
    print_bytes(" with ", d->max_shared_bytes, " shared,\n");
    print_bytes("               buffers of ", d->max_storage_range, "");
    (void)printf(", texel buffers of %u elements\n\n", d->max_texel_elements);
}

static void print_list(const vkvae_device *devices, uint32_t count, const struct choice *choice) {
    char why[sizeof choice->why];  // it repeats what the user gave
    (void)cli_clean(choice->why, why, sizeof why);
    for (uint32_t i = 0; i < count; i++) print_device(&devices[i], i == choice->index);
    if (choice->index < count) {
        const vkvae_device *d = &devices[choice->index];
        (void)printf("chosen: %u, %s: %s\n", d->index, d->name, why);
        if (!choice->wanted && strcmp(d->type, "cpu") == 0)
            (void)printf("It computes on the CPU; to use a GPU, install its Vulkan driver.\n");
    } else {
        (void)printf("chosen: %s: %s\n",
                     choice->reference ? "reference, scalar code on the host" : "none", why);
    }
}

static cJSON *json_device(const vkvae_device *d) {
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"drivers", d->drivers},
        {"memory_bytes", (double)d->memory_bytes},
        {"subgroup_size", d->subgroup_size},
        {"max_invocations", d->max_invocations},
        {"max_shared_bytes", d->max_shared_bytes},
        {"max_texel_elements", d->max_texel_elements},
        {"max_storage_range", (double)d->max_storage_range},
    };
    cJSON *json = cJSON_CreateObject();
    bool ok = json && cJSON_AddNumberToObject(json, "index", d->index) &&
              cli_json_text(json, "uuid", d->uuid) && cli_json_text(json, "name", d->name) &&
              cli_json_text(json, "type", d->type) && cli_json_text(json, "driver", d->driver) &&
              cli_json_text(json, "api_version", d->api_version) &&
              cJSON_AddBoolToObject(json, "usable", d->usable) &&
              (d->usable || cli_json_text(json, "reason", d->reason));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ok = ok && cJSON_AddNumberToObject(json, numbers[i].key, numbers[i].value);
    if (ok) return json;
    cJSON_Delete(json);
    return NULL;
}

static bool fill_json(cJSON *json, const vkvae_device *devices, uint32_t count,
                      const struct choice *choice) {
    cJSON *list = cJSON_AddArrayToObject(json, "devices");
    bool ok = list != NULL, chosen = choice->index < count;
    for (uint32_t i = 0; ok && i < count; i++) ok = cJSON_AddItemToArray(list, json_device(&devices[i]));
    return ok &&
           (chosen ? cJSON_AddNumberToObject(json, "chosen", devices[choice->index].index)
                   : cJSON_AddNullToObject(json, "chosen")) &&
           cli_json_text(json, "why", choice->why);
}

static cJSON *make_json(const vkvae_device *devices, uint32_t count, const struct choice *choice) {
    cJSON *json = cJSON_CreateObject();
    if (json && fill_json(json, devices, count, choice)) return json;
    cJSON_Delete(json);
    return NULL;
}

// Where none is chosen, the reason is told like any error, below whatever list there is.
static int show(const struct devices_values *v, const vkvae_device *devices, uint32_t count,
                const struct choice *choice) {
    bool some = choice->index < count || choice->reference;
    int code = VKVAE_OK;
    if (v->output.json)
        code = cli_print_json("devices", make_json(devices, count, choice));
    else if (count || some)
        print_list(devices, count, choice);
    if (code != VKVAE_OK || some) return code;
    cli_error("devices", "%s", choice->why);
    return VKVAE_NO_DEVICE;
}

// The library's clause has what was wanted for its subject where that cannot be had; else what was
// wanted says enough.
static void explain(const struct cli_arguments *a, const char *clause, struct choice *choice) {
    const struct devices_values *v = a->values;
    const char *origin = cli_given(a, "device") ? "--device " : "VKVAE_DEVICE=";
    bool found = choice->index != UINT32_MAX || choice->reference;
    const char *joint = found ? ", " : " ";
    bool enough = found && (choice->reference || strcmp(clause, "asked for") == 0);
    if (v->device)
        (void)snprintf(choice->why, sizeof choice->why, "%s%.100s%s%s", origin, v->device,
                       enough ? "" : joint, enough ? "" : clause);
    else
        (void)snprintf(choice->why, sizeof choice->why, "%s", clause);
}

static int list(vkvae *library, const struct cli_arguments *a) {
    const struct devices_values *v = a->values;
    struct choice choice = {.reference = v->device && strcmp(v->device, "reference") == 0,
                            .wanted = v->device != NULL};
    vkvae_device *devices = NULL;
    uint32_t count = 0;
    char clause[256] = "";
    vkvae_status status = vkvae_devices(library, v->device, &devices, &count, &choice.index, clause);
    if (status == VKVAE_NO_DEVICE) {  // an empty list all the same, for programs that read it
        (void)snprintf(choice.why, sizeof choice.why, "%s", vkvae_error(library));
    } else if (status == VKVAE_OK) {
        explain(a, clause, &choice);
    } else {
        cli_error("devices", "%s", vkvae_error(library));
        return (int)status;
    }
    int code = show(v, devices, count, &choice);
    vkvae_free(devices);
    return code;
}

static int run(const struct cli_arguments *a) {
    const struct devices_values *v = a->values;
    struct cli_progress progress;
    vkvae *library = cli_open("devices", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    int code = list(library, a);
    vkvae_destroy(library);
    return code;
}

static const char details[] =
    "A star marks the device that train and sample would take: of the usable ones a\n"
    "discrete one goes before an integrated, a virtual and a software one (cpu); a\n"
    "device under two drivers is listed once. Each is opened for a moment: what no\n"
    "driver opens is not usable.\n";

const struct cli_command cli_devices = {
    .name = "devices",
    .summary = "list the Vulkan devices, and which one would be used and why",
    .details = details,
    .examples =
        (const char *const[]){
            "vkvae devices",
            "vkvae devices --json",
            "vkvae devices --device 0",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct devices_values),
    .run = run,
};
