// A profile of a training run: checked before, told after.
#ifndef VV_API_PROFILER_H
#define VV_API_PROFILER_H

#include <vkvae/vkvae.h>

#include "peak.h"
#include "profile.h"

// Whether the trace can be written where it should be.
bool vv_profile_check(struct vv_context *ctx, const vkvae_train_options *options);
// The machine's peaks, or zeros, which is said.
struct vv_peak vv_profile_peak(struct vv_exec *exec);
// Writes the trace, and calls on_profile, also where that cannot be written.
bool vv_profile_tell(struct vv_profile *profile, const struct vv_peak *peak,
                     const vkvae_train_options *options);

#endif
