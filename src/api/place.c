#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "utf8.h"

static bool keep(const char *path, const char *given, char *kept, size_t size) {
    (void)snprintf(kept, size, "%s", strlen(path) < size ? path : given);
    return vv_is_utf8(kept);
}

// The path as it was given, from the root on.
static bool keep_given(struct vv_context *ctx, const char *path, char *kept, size_t size) {
    char room[VV_PATH_ROOM];
    const char *here = path[0] == '/' ? NULL : realpath(".", room);
    char *given = vv_path_join(ctx, here ? here : "", path);
    const bool ok = given && keep(given, path, kept, size);
    free(given);
    return ok;
}

bool vv_place_keep(struct vv_context *ctx, const char *path, char *kept, size_t size) {
    char room[VV_PATH_ROOM];  // not of the heap: without memory it would be another path that is kept
    const char *real = realpath(path, room) ? room : path;
    const bool ok = keep(real, path, kept, size) || keep_given(ctx, path, kept, size) ||
                    ctx->status != VV_OK ||
                    vv_fail(ctx, VV_BAD_DATA,
                            "%s: a path that is not UTF-8 cannot be kept with the run; rename the "
                            "folder, or give a link to it that is named otherwise",
                            real);
    return ok && ctx->status == VV_OK;
}
