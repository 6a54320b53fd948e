#include "comparing.h"
#include "file.h"
#include "handle.h"
#include "reporting.h"
#include "used.h"

void vkvae_report_defaults(vkvae_report_options *options) {
    *options = (vkvae_report_options){.epochs = VV_REPORT_EPOCHS};
}

vkvae_status vkvae_report(vkvae *v, const vkvae_report_options *options) {
    struct vv_context *ctx = &v->ctx;
    vv_clear(ctx);
    bool ok =
        options->run || vv_fail(ctx, VV_USAGE, "no run given: name a run's folder or a checkpoint file");
    ok = ok && vv_check_whole(ctx, "--epochs", options->epochs, 1, VKVAE_MAX_REPORTED) &&
         vv_report_check(ctx, "report") &&
         vv_report_write(ctx, options->run, options->out, options->epochs, NULL);
    return vv_result(ctx, ok);
}
