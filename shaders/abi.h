// What host and kernels agree on, compiled by C and by GLSL: each kernel's argument struct once.
//
// Every argument struct begins with `base`: for each binding, the number of elements (floats, words, or
// bytes of a u8 tensor) between the start of the bound range and the operand. The executor fills it in;
// it is not zero where a tensor does not start on the device's offset alignment.
#ifndef VV_ABI_H
#define VV_ABI_H

#ifdef VULKAN
#define VV_STRUCT(name) struct name
#else
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
typedef uint32_t vv_uint;
#define uint            vv_uint
#define VV_STRUCT(name) struct name
#endif

#define VV_MAX_BINDINGS 8

// Streams of the counter-based generator: no two uses of randomness share one.
#define VV_STREAM_INIT   1  // initial weights: step = parameter's number, sample 0
#define VV_STREAM_ORDER  2  // order of an epoch: step = epoch
#define VV_STREAM_TRAIN  3  // z while training: step = training step, sample = place in the epoch
#define VV_STREAM_TEST   4  // z while testing: step = epoch, sample = image
#define VV_STREAM_SAMPLE 5  // z of samples: step 0, sample = picture
#define VV_STREAM_SHOWN  6  // z of shown reconstructions: step 0, sample = picture
#define VV_STREAM_SHAPES 7  // factors of drawn pictures: step 0 to train on, 1 to test, sample = picture

#define VV_STREAM_TOKENS 13  // tokens of samples: step 0, sample = row, dimension = place in it

#define VV_STREAM_DROPOUT       8  // + 256 layer: which elements are kept; step, sample as while training
#define VV_STREAM_AUGMENT       9   // how a picture is changed; step, sample as while training
#define VV_STREAM_AUGMENT_NOISE 10  // what is added to its pixels
#define VV_STREAM_BINARIZE      11  // a set's pixels: step 0 to train on, 1 to test, sample = picture
#define VV_STREAM_BINARIZE_STEP 12  // of a batch: step, sample as while training
// z of pictures that a trained model is used on: step = draw, sample = picture
#define VV_STREAM_ENCODE     14
#define VV_STREAM_SCORE      15
#define VV_STREAM_EVALUATE   16
#define VV_STREAM_IMPORTANCE 17  // step = picture, sample = draw
#define VV_STREAM_NEAR       18  // of pictures near given ones
#define VV_STREAM_VOTES      19  // of metrics that draw: what is picked, step = vote

// Kinds of densities (exact_density.h), and the errors that the best sigma is made of.
#define VV_DENSITY_CONTINUOUS_BERNOULLI 0u
#define VV_DENSITY_GAUSSIAN             1u
#define VV_DENSITY_LAPLACE              2u
#define VV_DENSITY_LOGCOSH              3u
#define VV_DENSITY_DISCRETIZED_LOGISTIC 4u
#define VV_DENSITY_SQUARE               5u
#define VV_DENSITY_DISTANCE             6u
// Where log sigma comes from.
#define VV_SCALE_NONE   0u  // the density has none
#define VV_SCALE_GIVEN  1u  // one number, taken as it is
#define VV_SCALE_SHARED 2u  // one number, bounded
#define VV_SCALE_PIXEL  3u  // the decoder's second number of each pixel, bounded

// One row of the epoch's table: what a step needs to know. Computed by the host in double, then rounded.
struct vv_step_row {
    uint first;        // place of the step's first sample in the epoch's order
    uint step;         // number of this step since the beginning of the run, for the noise
    float adam_scale;  // lr / (1 - beta1^t)
    float adam_root;   // 1 / sqrt(1 - beta2^t)
    float kl_weight;   // of the KL divergence in the objective
    float capacity;    // nats that the KL divergence is held at, where it is
    float rate;        // learning rate
    float decay;       // rate times weight decay: share of each parameter that is taken off
    float ema_rest;    // 1 - the decay of the weights' moving average
    float share;       // of this batch among those whose gradients are added up for one step
    uint flags;        // VV_STEP_*
    uint reserved;
};
#define VV_STEP_BEGINS 1u  // gradients are added up anew
#define VV_STEP_HOLDS  2u  // no weight is changed yet: more batches follow before that
// Whether a clock says that weights, and what is learnt beside them, stay as they are.
#define VV_STANDS(now) ((now).bad_step != VV_NO_BAD_STEP || ((now).flags & VV_STEP_HOLDS) != 0u)

// The clock of a tape: which row comes next, the present row, and the latch for NaN and Inf. Bound as a
// uniform by ops that only read it.
struct vv_clock {
    uint next;      // row that `advance` will take
    uint current;   // row in force
    uint bad_step;  // first step with a non-finite loss or gradient, VV_NO_BAD_STEP while there is none
    uint reserved;
    // The row in force.
    uint first, step;
    float adam_scale, adam_root, kl_weight, capacity, rate, decay, ema_rest, share;
    uint flags, reserved_row;
};
#define VV_CLOCK_WORDS 16
#define VV_ROW_WORDS   12
#define VV_NO_BAD_STEP 0xffffffffu

// Elementwise kernels: n results; the operands' dimensions for broadcasting, outermost first,
// right-aligned.
struct vv_args_binary {
    uint base[VV_MAX_BINDINGS];
    uint n;
    uint dim[4];       // of the result
    uint stride_a[4];  // 0 where a is broadcast
    uint stride_b[4];
};

struct vv_args_unary {
    uint base[VV_MAX_BINDINGS];
    uint n;
    float scale, shift;  // affine only
};

// Floats and words of two halves each.
struct vv_args_half {
    uint base[VV_MAX_BINDINGS];
    uint n;      // words, or fours of them
    uint count;  // floats
};

// y[outer][inner] = sum over r of x[outer][r][inner]; expand is its transpose.
struct vv_args_reduce {
    uint base[VV_MAX_BINDINGS];
    uint outer, reduce, inner;
};

// Slice: y[outer][i][inner] = x[outer][start + i][inner], i < narrow; pad: its transpose, zeros
// elsewhere.
struct vv_args_slice {
    uint base[VV_MAX_BINDINGS];
    uint outer, wide, narrow, inner, start;
};

// C[m,n] = op(A) op(B), optionally + bias[n], then an activation.
struct vv_args_matmul {
    uint base[VV_MAX_BINDINGS];
    uint m, n, k;
    float lower;  // the activation is max(x, lower): 0 for ReLU, -Inf for none
    uint part;    // k of one part where k is split, else k: tile and sum only
};

// A convolution: x [batch,height,width,channels], y [batch,out_height,out_width,out_channels],
// w [out_channels,kernel_h,kernel_w,channels], whichever of them is the result.
struct vv_args_conv {
    uint base[VV_MAX_BINDINGS];
    uint batch, height, width, channels;
    uint out_height, out_width, out_channels;
    uint kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    uint part;                    // of the weight gradient: rows of y that one part adds up
    uint tap_step_h, tap_step_w;  // of the input gradient: from one tap that reads a pixel to the next
};

struct vv_args_noise {
    uint base[VV_MAX_BINDINGS];
    uint rows, columns;
    uint seed_low, seed_high;
    uint stream;
};

struct vv_args_guard {
    uint base[VV_MAX_BINDINGS];
    uint n;
    uint limit;  // bits of the least magnitude that is refused
};

struct vv_args_dropout {
    uint base[VV_MAX_BINDINGS];
    uint rows, columns;
    uint seed_low, seed_high;
    uint stream;
    uint least;   // a word below it drops its element
    float scale;  // of what is kept
};

// Pictures of height x width x channels, one a row.
struct vv_args_augment {
    uint base[VV_MAX_BINDINGS];
    uint rows, height, width, channels;
    uint seed_low, seed_high;
    uint flips;  // bit 0: mirrored left to right, bit 1: upside down, each with chance 1/2
    uint shift;
    float brightness, contrast, noise;
};

// Rows of a set, gathered by an order; bytes are scaled to [0, 1].
struct vv_args_gather {
    uint base[VV_MAX_BINDINGS];
    uint rows, columns;
    uint count;    // rows in the set: an index is clamped to it
    uint entries;  // in the order
};

struct vv_args_record {
    uint base[VV_MAX_BINDINGS];
    uint n;
    uint rows;  // of the log
};

struct vv_args_rows {
    uint base[VV_MAX_BINDINGS];
    uint rows, columns;
    float scale;  // of a loss whose gradient is computed, too
};

struct vv_args_kl_weigh {
    uint base[VV_MAX_BINDINGS];
    uint latent;
    uint rows;           // of the log
    float mean, images;  // 1 / images of the batch, and these
    float free;          // nats that each latent has free
};

// Distributions over `classes` kinds: `per_row` of them in each of `rows` rows.
struct vv_args_categorical {
    uint base[VV_MAX_BINDINGS];
    uint rows, per_row, classes;
    uint values;  // floats before the values, where these come after something else
    float scale;  // of a loss whose gradient is computed, too
};

struct vv_args_adam {
    uint base[VV_MAX_BINDINGS];
    uint n;
    float beta1, beta2, epsilon;
    float rest1, rest2;  // 1 - beta1, 1 - beta2
};

// Optimisers with one moment or none.
struct vv_args_descent {
    uint base[VV_MAX_BINDINGS];
    uint n;
    float momentum;
    float epsilon;
};

// Clipping by the norm; `parts` partial sums.
struct vv_args_clip {
    uint base[VV_MAX_BINDINGS];
    uint n;
    uint parts;
    float most;
};

// Sums down the columns of x [outer,rows,columns], and what is computed of them. A workgroup takes one
// tile of `width` columns in one block of `block_rows` rows; its invocations lie `width` side by side,
// in `step` rows at a time.
struct vv_args_columns {
    uint base[VV_MAX_BINDINGS];
    uint outer, rows, columns;  // columns, width: in units of what an invocation takes at once
    uint groups;
    uint tiles, width, step;
    uint reciprocal;  // 2^16 / width, rounded up
    uint blocks, block_rows;
    float epsilon;
    uint own;     // the moments are x's own
    uint offset;  // floats of scratch before each channel's moments, where these are not the result
};

// A weighted mean of `taps` neighbours along one axis, from `from` places to `to`, or its transpose.
#define VV_BLUR_MOST 11
struct vv_args_blur {
    uint base[VV_MAX_BINDINGS];
    uint n;  // results, or fours of them; `inner`, too
    uint from, to, inner;
    float weight[VV_BLUR_MOST];
};

struct vv_args_lerp {
    uint base[VV_MAX_BINDINGS];
    uint n;
    float weight;
};

#ifndef VULKAN
#undef uint
static_assert(sizeof(struct vv_step_row) == 4 * VV_ROW_WORDS, "a row is VV_ROW_WORDS words");
static_assert(sizeof(struct vv_clock) == 4 * VV_CLOCK_WORDS, "a clock is VV_CLOCK_WORDS words");
static_assert(offsetof(struct vv_clock, first) == 16, "the row in force follows four words");
static_assert(sizeof(struct vv_args_binary) <= 128, "push constants hold at least 128 bytes");
static_assert(offsetof(struct vv_args_binary, n) == 4 * VV_MAX_BINDINGS, "base comes first");
static_assert(sizeof(struct vv_args_matmul) == 4 * VV_MAX_BINDINGS + 20, "no padding");
static_assert(sizeof(struct vv_args_conv) == 4 * VV_MAX_BINDINGS + 72, "no padding");
static_assert(sizeof(struct vv_args_noise) == 4 * VV_MAX_BINDINGS + 20, "no padding");
static_assert(sizeof(struct vv_args_dropout) == 4 * VV_MAX_BINDINGS + 28, "no padding");
static_assert(sizeof(struct vv_args_augment) == 4 * VV_MAX_BINDINGS + 44, "no padding");
static_assert(sizeof(struct vv_args_categorical) == 4 * VV_MAX_BINDINGS + 20, "no padding");
static_assert(sizeof(struct vv_args_columns) == 4 * VV_MAX_BINDINGS + 52, "no padding");
static_assert(sizeof(struct vv_args_blur) == 4 * VV_MAX_BINDINGS + 60, "no padding");
static_assert(sizeof(struct vv_args_slice) == 4 * VV_MAX_BINDINGS + 20, "no padding");
#endif

#endif
