#include "weights.h"

#include <stdlib.h>

#include "file.h"

static void tell_remedy(struct vv_context *ctx, const char *run) {
    struct vv_context quiet;
    vv_context_init(&quiet);
    char *save = vv_path_join(&quiet, run, "resume.safetensors");
    if (save && vv_path_exists(save) && ctx->status == VV_BAD_DATA && !ctx->unread)
        vv_fail_also(ctx, "; vkvae train --resume %.200s makes it anew", run);
    free(save);
}

char *vv_weights_read(struct vv_context *ctx, const char *run, struct vv_checkpoint *checkpoint,
                      bool *ok) {
    const bool folder = vv_path_is_folder(run);
    char *path = vv_path_join(ctx, folder ? run : "", folder ? "checkpoint.safetensors" : run);
    *ok = path && vv_checkpoint_read(ctx, path, checkpoint);
    if (path && !*ok && folder) tell_remedy(ctx, run);
    return path;
}
