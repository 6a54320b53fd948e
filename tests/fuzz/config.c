// config.json, and what resume.safetensors keeps of it.
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vv_context ctx = fuzz_context();
    struct vv_settings settings;
    struct vv_config_record record;
    if (!vv_config_read(&ctx, fuzz_file(data, size, ""), &settings, &record)) return 0;
    const struct vv_config config = {.description = record.description, .version = record.version};
    free(vv_config_print(&ctx, &settings, &config));
    if (vv_settings_check(&ctx, &settings)) free(vv_settings_print(&ctx, &settings));
    return 0;
}
