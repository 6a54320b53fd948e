#include "nonlinear.h"

#include "exact_activation.h"
#include "pointwise.h"

// y = f(x): shaders/unary.comp; dx = dy f'(x): shaders/binary.comp.   x, y, dx, dy: any shape, f32.

#define GRADIENT_REFERENCE(name, expression)                                                            \
    static void name(const struct vv_node *node, const struct vv_operands *io) {                        \
        const vv_real *in = io->in[0], *adjoint = io->in[1];                                            \
        vv_real *out = io->out;                                                                         \
        uint64_t n = vv_count(node);                                                                    \
        for (uint64_t i = 0; i < n; i++) {                                                              \
            vv_real v = in[i], dy = adjoint[i];                                                         \
            out[i] = (expression);                                                                      \
        }                                                                                               \
    }

// A function and its gradient, both in the enums' NAME. `value` is an expression in x; `gradient` one in
// dy and v, and v is `kept`: y, or y->in[0] for x.
#define NONLINEAR(symbol, NAME, value, gradient, kept)                                                  \
    UNARY_REFERENCE(symbol##_reference, value)                                                          \
    UNARY_LAUNCH(symbol##_launch, VV_UNARY_##NAME)                                                      \
    static void symbol##_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {     \
        (void)wanted;                                                                                   \
        dx[0] = vv_##symbol##_grad(t, kept, dy);                                                        \
    }                                                                                                   \
    UNARY_OP(symbol, #symbol);                                                                          \
    GRADIENT_REFERENCE(symbol##_grad_reference, gradient)                                               \
    static bool symbol##_grad_launch(const struct vv_node *y, const struct vv_limits *limits,           \
                                     struct vv_launch *launch) {                                        \
        return vv_launch_binary(y, 0, 1, VV_BINARY_##NAME##_GRAD, limits, launch);                      \
    }                                                                                                   \
    const struct vv_op vv_op_##symbol##_grad = {.name = #symbol "_grad",                                \
                                                .arity = 2,                                             \
                                                .shape = vv_equal_shapes,                               \
                                                .reference = symbol##_grad_reference,                   \
                                                .launch = symbol##_grad_launch};                        \
    vv_ref vv_##symbol##_grad(struct vv_tape *t, vv_ref v, vv_ref dy) {                                 \
        return vv_append(t, &vv_op_##symbol##_grad, (const vv_ref[]){v, dy}, NULL);                     \
    }

NONLINEAR(relu, RELU, (x < 0 ? 0 : x), (v > 0 ? dy : 0), y)
NONLINEAR(leaky_relu, LEAKY_RELU, vv_leaky_relu(x), vv_leaky_relu_slope(v) * dy, y)
NONLINEAR(elu, ELU, vv_elu(x), vv_elu_slope(v) * dy, y)
NONLINEAR(tanh, TANH, vv_tanh(x), vv_tanh_slope(v) * dy, y)
NONLINEAR(sigmoid, SIGMOID, vv_sigmoid(x), vv_sigmoid_slope(v) * dy, y)
NONLINEAR(softplus, SOFTPLUS, vv_softplus(x), vv_sigmoid(v) * dy, y->in[0])
NONLINEAR(silu, SILU, vv_silu(x), vv_silu_slope(v) * dy, y->in[0])
NONLINEAR(gelu, GELU, vv_gelu(x), vv_gelu_slope(v) * dy, y->in[0])

vv_ref vv_relu(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_relu, &x, NULL);
}
vv_ref vv_leaky_relu_of(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_leaky_relu, &x, NULL);
}
vv_ref vv_elu_of(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_elu, &x, NULL);
}
vv_ref vv_tanh_of(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_tanh, &x, NULL);
}
vv_ref vv_sigmoid_of(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_sigmoid, &x, NULL);
}
vv_ref vv_softplus_of(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_softplus, &x, NULL);
}
vv_ref vv_silu_of(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_silu, &x, NULL);
}
vv_ref vv_gelu_of(struct vv_tape *t, vv_ref x) {
    return vv_append(t, &vv_op_gelu, &x, NULL);
}
