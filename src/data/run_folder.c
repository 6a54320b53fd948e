#include "run_folder.h"

#include "file.h"

#include <cJSON.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CONFIG_MOST = 1 << 20 };

// What is there and cannot be read is none of a run, unless it is the disk or the memory that fails.
static bool has_record(struct vv_context *ctx, const char *path, bool *has) {
    unsigned char *bytes = NULL;
    uint64_t size;
    struct vv_context inner;
    *has = false;
    vv_context_init(&inner);
    errno = 0;
    if (!vv_file_read(&inner, path, CONFIG_MOST, &bytes, &size))
        return (inner.status == VV_BAD_DATA && !vv_disk_fails(errno)) ||
               vv_fail(ctx, inner.status, "%s", inner.error);
    errno = 0;
    cJSON *json = cJSON_ParseWithLength((const char *)bytes, size);
    const bool ok = json || errno != ENOMEM;
    *has = cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(json, "record"));
    cJSON_Delete(json);
    free(bytes);
    return ok ||
           vv_fail(ctx, VV_FAILED, "%s: out of memory while it is read; close other programs", path);
}

bool vv_run_folder_look(struct vv_context *ctx, const char *folder, bool *is) {
    struct stat info;
    char *save = vv_path_join(ctx, folder, "resume.safetensors"),
         *config = vv_path_join(ctx, folder, "config.json");
    bool ok = save && config;
    *is = ok && stat(save, &info) == 0;
    if (ok && !*is && vv_disk_fails(errno))
        ok = vv_fail(ctx, VV_BAD_DATA, "%s: cannot be opened (%s); check the path, and who may read it",
                     save, strerror(errno));
    ok = ok && (*is || has_record(ctx, config, is));
    free(save);
    free(config);
    return ok;
}
