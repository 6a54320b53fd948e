#include "context.h"

#include <stdio.h>
#include <string.h>

void vv_context_init(struct vv_context *ctx) {
    *ctx = (struct vv_context){.status = VV_OK};
}

// In brackets: the header makes a macro of the name, too.
bool(vv_fail)(struct vv_context *ctx, enum vv_status status, const char *format, ...) {
    if (ctx->status != VV_OK) return false;
    ctx->status = status;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(ctx->error, sizeof ctx->error, format, args);
    va_end(args);
    return false;
}

void vv_fail_also(struct vv_context *ctx, const char *format, ...) {
    const size_t used = strlen(ctx->error);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(ctx->error + used, sizeof ctx->error - used, format, args);
    va_end(args);
}

bool vv_stopped(struct vv_context *ctx) {
    if (ctx->status == VV_OK && ctx->stop && ctx->stop(ctx->stop_user)) ctx->status = VV_STOPPED;
    return ctx->status != VV_OK;
}

void vv_clear(struct vv_context *ctx) {
    ctx->status = VV_OK;
    ctx->lost = ctx->unread = false;
    ctx->error[0] = '\0';
}

void vv_say(struct vv_context *ctx, enum vv_log_level level, const char *format, ...) {
    if (!ctx->log) return;
    char line[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    ctx->log(ctx->log_user, level, line);
}
