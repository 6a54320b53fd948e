// Launches that several ops share.
#ifndef VV_OPS_LAUNCHES_H
#define VV_OPS_LAUNCHES_H

#include "tape.h"

// Invocations of a workgroup in kernels that work on each element alone.
#define VV_GROUP 64

// What an invocation may go round, all its loops together. llvmpipe (Mesa) counts the rounds of all
// loops of an invocation, nested or not; after 65,535 it leaves each loop in its first round and tells
// nobody. Launches with more to do split it into parts, or are not made.
#define VV_MOST_ROUNDS 32768

// Functions of unary.comp and binary.comp: specialisation constant 1.
enum vv_unary {
    VV_UNARY_AFFINE,
    VV_UNARY_EXP,
    VV_UNARY_SIGMOID,
    VV_UNARY_SOFTPLUS,
    VV_UNARY_RELU,
    VV_UNARY_SQUARE,
    VV_UNARY_LEAKY_RELU,
    VV_UNARY_ELU,
    VV_UNARY_TANH,
    VV_UNARY_SILU,
    VV_UNARY_GELU,
    VV_UNARY_LOG,
    VV_UNARY_RECIP
};
enum vv_binary {
    VV_BINARY_ADD,
    VV_BINARY_MUL,
    VV_BINARY_RELU_GRAD,
    VV_BINARY_FIRST,
    VV_BINARY_LEAKY_RELU_GRAD,
    VV_BINARY_ELU_GRAD,
    VV_BINARY_TANH_GRAD,
    VV_BINARY_SIGMOID_GRAD,
    VV_BINARY_SOFTPLUS_GRAD,
    VV_BINARY_SILU_GRAD,
    VV_BINARY_GELU_GRAD
};

// Invocations of a workgroup that adds up a row. On CPU drivers a barrier among several subgroups costs
// more than a sum: there a group is one, or a few.
static inline uint32_t vv_row_group(uint64_t columns, const struct vv_limits *limits) {
    return limits->is_cpu && columns / 8 <= VV_MOST_ROUNDS ? 8 : VV_GROUP;
}

// Whether a kernel loads x as image texels of four floats: where matrix products load texels, too, that
// is on CPU drivers, which turn each load of a storage buffer into a loop over the lanes.
bool vv_loads_texels(const struct vv_node *x, const struct vv_limits *limits);

// Whether a kernel with a form ..._int64 is to be taken so: see shaders/stored.glsl. GPUs store a vec4
// at once.
static inline bool vv_stores_int64(const struct vv_limits *limits) {
    return limits->is_cpu && limits->int64;
}

// target = function(x), where x and target are operands number x_operand and target_operand.
bool vv_launch_unary(const struct vv_node *x, uint32_t x_operand, const struct vv_node *target,
                     uint32_t target_operand, enum vv_unary function, double scale, double shift,
                     const struct vv_limits *limits, struct vv_launch *launch);

// y = function(a, b) with broadcasting, where a and b are operands number a_operand and b_operand.
bool vv_launch_binary(const struct vv_node *y, uint32_t a_operand, uint32_t b_operand,
                      enum vv_binary function, const struct vv_limits *limits, struct vv_launch *launch);

// Position, in an operand that is broadcast to the shape y, of element `index` of y.
uint64_t vv_broadcast_index(struct vv_shape operand, struct vv_shape y, uint64_t index);

// Latches an error unless `clock` is one (u32 [VV_CLOCK_WORDS]) that can be bound as a uniform: such a
// block has no index to which the executor could add what alignment cuts off.
bool vv_check_clock(struct vv_tape *t, const struct vv_node *y, const struct vv_node *clock);

// Latches an error unless input i of y is f32 of that shape.
bool vv_check_f32(struct vv_tape *t, const struct vv_node *y, uint32_t i, struct vv_shape shape);

#endif
