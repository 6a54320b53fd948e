// config.json, and what resume.safetensors keeps of it.
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vv_context ctx = fuzz_context();
    struct vv_settings settings;
    struct vv_config_record record;
    if (vv_config_read(&ctx, fuzz_file(data, size, ""), &settings, &record) &&
        vv_settings_check(&ctx, &settings)) {
        char *text = vv_settings_print(&ctx, &settings);
        free(text);
    }
    return 0;
}
