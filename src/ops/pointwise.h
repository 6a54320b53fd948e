// What the files of ops on each element alone share.
#ifndef VV_OPS_POINTWISE_H
#define VV_OPS_POINTWISE_H

#include "launches.h"

// Shapes: that of the one input; that of two inputs of one shape. All f32.
bool vv_same_shape(struct vv_tape *t, vv_ref y);
bool vv_equal_shapes(struct vv_tape *t, vv_ref y);

// y = expression in x.
#define UNARY_REFERENCE(name, expression)                                                               \
    static void name(const struct vv_node *y, const struct vv_operands *io) {                           \
        const vv_real *in = io->in[0];                                                                  \
        vv_real *out = io->out;                                                                         \
        uint64_t n = vv_count(y);                                                                       \
        for (uint64_t i = 0; i < n; i++) {                                                              \
            vv_real x = in[i];                                                                          \
            out[i] = (expression);                                                                      \
        }                                                                                               \
    }

// One of enum vv_unary; scale and shift are the node's numbers.
#define UNARY_LAUNCH(name, function)                                                                    \
    static bool name(const struct vv_node *y, const struct vv_limits *limits,                           \
                     struct vv_launch *launch) {                                                        \
        return vv_launch_unary(y->in[0], 0, y, VV_OPERAND_OUT, function, y->attr.f[0], y->attr.f[1],    \
                               limits, launch);                                                         \
    }

#define UNARY_OP(symbol, text)                                                                          \
    const struct vv_op vv_op_##symbol = {.name = text,                                                  \
                                         .arity = 1,                                                    \
                                         .shape = vv_same_shape,                                        \
                                         .vjp = symbol##_vjp,                                           \
                                         .reference = symbol##_reference,                               \
                                         .launch = symbol##_launch}

#endif
