// The page that tells of a run.
#ifndef VV_API_REPORTING_H
#define VV_API_REPORTING_H

#include <vkvae/vkvae.h>

#include "context.h"

// Whether pages can be written at all; VV_USAGE. `what` was asked for: "--report".
bool vv_report_check(struct vv_context *ctx, const char *what);

// Writes it, from what is in the run's folder. out NULL: report.html there. profile: NULL where there is
// none. `epochs` at most have their pictures in it.
bool vv_report_write(struct vv_context *ctx, const char *folder, const char *out, uint32_t epochs,
                     const vkvae_profile *profile);

#define VV_REPORT_NAME   "report.html"
#define VV_REPORT_EPOCHS 50

#endif
