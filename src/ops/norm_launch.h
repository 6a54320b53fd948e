// How normalisations run on a device, and the numbers in their attributes.
#ifndef VV_OPS_NORM_LAUNCH_H
#define VV_OPS_NORM_LAUNCH_H

#include "launches.h"

// attr.u of all of them: x is [outer,rows,columns], its columns are in `groups`.
enum {
    VV_NORM_OUTER,
    VV_NORM_ROWS,
    VV_NORM_COLUMNS,
    VV_NORM_GROUPS,
    VV_NORM_FUNCTION,                   // enum vv_norm_activation
    VV_NORM_WANTED = VV_NORM_FUNCTION,  // of moments: groups that were asked for
    VV_NORM_OWN,                        // the moments are those of x: the gradient passes through them
};

bool vv_moments_launch(const struct vv_node *y, const struct vv_limits *limits,
                       struct vv_launch *launch);
bool vv_norm_launch(const struct vv_node *y, const struct vv_limits *limits, struct vv_launch *launch);
bool vv_norm_sums_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch);
bool vv_norm_grad_launch(const struct vv_node *y, const struct vv_limits *limits,
                         struct vv_launch *launch);

#endif
