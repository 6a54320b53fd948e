#include "comparing.h"
#include "file.h"
#include "handle.h"
#include "reporting.h"

void vkvae_report_defaults(vkvae_report_options *options) {
    *options = (vkvae_report_options){.epochs = VV_REPORT_EPOCHS};
}

vkvae_status vkvae_report(vkvae *v, const vkvae_report_options *options) {
    struct vv_context *ctx = &v->ctx;
    vv_clear(ctx);
    bool ok =
        options->run || vv_fail(ctx, VV_USAGE, "no run given: name a run's folder or a checkpoint file");
    if (ok && (options->epochs < 1 || options->epochs > VKVAE_MAX_REPORTED))
        ok = vv_fail(ctx, VV_USAGE, "%s %u: expected a whole number from %u to %u", "--epochs",
                     options->epochs, 1U, (unsigned)VKVAE_MAX_REPORTED);
    ok = ok && vv_report_check(ctx, "report") &&
         vv_report_write(ctx, options->run, options->out, options->epochs, NULL);
    return vv_result(ctx, ok);
}
