// Nonlinear functions for between the layers, and their fused gradients. All f32, any shape. Equations
// and their sources: shaders/exact_activation.h.
#ifndef VV_OPS_NONLINEAR_H
#define VV_OPS_NONLINEAR_H

#include "tape.h"

vv_ref vv_relu(struct vv_tape *t, vv_ref x);
vv_ref vv_leaky_relu_of(struct vv_tape *t, vv_ref x);  // 0.01 x for x < 0
vv_ref vv_elu_of(struct vv_tape *t, vv_ref x);         // e^x - 1 for x < 0
vv_ref vv_tanh_of(struct vv_tape *t, vv_ref x);
vv_ref vv_sigmoid_of(struct vv_tape *t, vv_ref x);
vv_ref vv_softplus_of(struct vv_tape *t, vv_ref x);  // log(1 + e^x)
vv_ref vv_silu_of(struct vv_tape *t, vv_ref x);      // x sigmoid(x)
vv_ref vv_gelu_of(struct vv_tape *t, vv_ref x);      // x Phi(x), the erf form

// dx = dy f'(x); v is y = f(x) or x, of the shape of dy.
vv_ref vv_relu_grad(struct vv_tape *t, vv_ref v, vv_ref dy);        // v: y
vv_ref vv_leaky_relu_grad(struct vv_tape *t, vv_ref v, vv_ref dy);  // v: y
vv_ref vv_elu_grad(struct vv_tape *t, vv_ref v, vv_ref dy);         // v: y
vv_ref vv_tanh_grad(struct vv_tape *t, vv_ref v, vv_ref dy);        // v: y
vv_ref vv_sigmoid_grad(struct vv_tape *t, vv_ref v, vv_ref dy);     // v: y
vv_ref vv_softplus_grad(struct vv_tape *t, vv_ref v, vv_ref dy);    // v: x
vv_ref vv_silu_grad(struct vv_tape *t, vv_ref v, vv_ref dy);        // v: x
vv_ref vv_gelu_grad(struct vv_tape *t, vv_ref v, vv_ref dy);        // v: x

extern const struct vv_op vv_op_relu, vv_op_leaky_relu, vv_op_elu, vv_op_tanh, vv_op_sigmoid,
    vv_op_softplus, vv_op_silu, vv_op_gelu;
extern const struct vv_op vv_op_relu_grad, vv_op_leaky_relu_grad, vv_op_elu_grad, vv_op_tanh_grad,
    vv_op_sigmoid_grad, vv_op_softplus_grad, vv_op_silu_grad, vv_op_gelu_grad;

#endif
