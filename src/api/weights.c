#include "weights.h"

#include <stdlib.h>

#include "file.h"
#include "run.h"

void vv_weights_tell_remedy(struct vv_context *ctx, const char *folder) {
    struct vv_context quiet;
    struct vv_resume save = {0};
    bool damaged = false;
    if (ctx->status != VV_BAD_DATA || ctx->unread) return;
    vv_context_init(&quiet);
    if (vv_run_read(&quiet, folder, &save, &damaged))
        vv_fail_also(ctx, "; vkvae train --resume %.200s makes it anew", folder);
    vv_resume_finish(&save);
}

char *vv_weights_read(struct vv_context *ctx, const char *run, struct vv_checkpoint *checkpoint,
                      bool *ok) {
    const bool folder = vv_path_is_folder(run);
    char *path = vv_path_join(ctx, folder ? run : "", folder ? "checkpoint.safetensors" : run);
    *ok = path && vv_checkpoint_read(ctx, path, checkpoint);
    if (path && !*ok && folder && !vv_path_is_folder(path)) vv_weights_tell_remedy(ctx, run);
    return path;
}
