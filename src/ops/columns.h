// Walks down the columns of tensors seen as [outer,rows,columns], for sums and what is made of them:
// shaders/columns.glsl, shaders/columns_end.glsl.
#ifndef VV_OPS_COLUMNS_H
#define VV_OPS_COLUMNS_H

#include "launches.h"

// How the large tensors of an op are walked: one column an invocation, four, or four as image texels.
struct vv_columns_form {
    uint32_t unit;  // columns an invocation
    enum vv_binding_kind kind;
};

// The best that y and those of its inputs allow which are walked (`large`, `count` numbers of inputs).
struct vv_columns_form vv_columns_form(const struct vv_node *y, uint32_t columns, const uint32_t *large,
                                       uint32_t count, const struct vv_limits *limits);

// Tiles and blocks; columns in units. most: workgroups that leave partial sums, since few invocations
// add these up; 0: there are none, and an invocation takes four rows.
struct vv_args_columns vv_columns_part(uint32_t outer, uint32_t rows, uint32_t columns, uint32_t most);
uint32_t vv_columns_most(const struct vv_limits *limits);

// Floats of one partial sum of each invocation.
uint64_t vv_columns_partial(const struct vv_args_columns *args, uint32_t unit);

// A dispatch that walks columns with one of a kernel's forms: plain, wide, texel, texel_int64 (or NULL).
// `function` is specialisation constant 1; bindings follow, then vv_columns_fold for the groups.
struct vv_dispatch *vv_columns_walk(struct vv_launch *launch, const char *const kernels[4],
                                    const struct vv_columns_form *form,
                                    const struct vv_args_columns *args, uint32_t function,
                                    const struct vv_limits *limits);
bool vv_columns_fold(struct vv_dispatch *d, const struct vv_args_columns *args,
                     const struct vv_limits *limits);

// A dispatch of one invocation for each of `count` channels or groups. *ok: as it was, and they fit.
struct vv_dispatch *vv_columns_small(struct vv_launch *launch, const char *kernel,
                                     const struct vv_args_columns *args, uint64_t count,
                                     const struct vv_limits *limits, bool *ok);

#endif
