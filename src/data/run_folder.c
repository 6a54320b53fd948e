#include "run_folder.h"

#include "file.h"

#include <cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONFIG_MOST = 1 << 20 };

static bool has_record(struct vv_context *quiet, const char *path) {
    unsigned char *bytes = NULL;
    uint64_t size;
    if (!vv_path_exists(path) || !vv_file_read(quiet, path, CONFIG_MOST, &bytes, &size)) return false;
    cJSON *json = cJSON_ParseWithLength((const char *)bytes, size);
    const bool has = cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(json, "record"));
    cJSON_Delete(json);
    free(bytes);
    return has;
}

bool vv_is_run_folder(const char *folder) {
    struct vv_context quiet;
    vv_context_init(&quiet);
    char *save = vv_path_join(&quiet, folder, "resume.safetensors"),
         *config = vv_path_join(&quiet, folder, "config.json");
    const bool is = save && config && (vv_path_exists(save) || has_record(&quiet, config));
    free(save);
    free(config);
    return is;
}
