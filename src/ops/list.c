#include "list.h"

#include "bernoulli.h"
#include "blur.h"
#include "categorical.h"
#include "conv.h"
#include "density.h"
#include "elementwise.h"
#include "gaussian.h"
#include "half.h"
#include "kl.h"
#include "matmul.h"
#include "noise.h"
#include "nonlinear.h"
#include "norm.h"
#include "random.h"
#include "reduce.h"
#include "resample.h"
#include "slice.h"
#include "training.h"
#include "view.h"

const struct vv_op *const vv_ops[] = {
    &vv_op_view,
    &vv_op_stop,
    &vv_op_copy,
    &vv_op_fill,
    &vv_op_affine,
    &vv_op_exp,
    &vv_op_log,
    &vv_op_recip,
    &vv_op_square,
    &vv_op_add,
    &vv_op_mul,
    &vv_op_relu,
    &vv_op_leaky_relu,
    &vv_op_elu,
    &vv_op_tanh,
    &vv_op_sigmoid,
    &vv_op_softplus,
    &vv_op_silu,
    &vv_op_gelu,
    &vv_op_relu_grad,
    &vv_op_leaky_relu_grad,
    &vv_op_elu_grad,
    &vv_op_tanh_grad,
    &vv_op_sigmoid_grad,
    &vv_op_softplus_grad,
    &vv_op_silu_grad,
    &vv_op_gelu_grad,
    &vv_op_sum,
    &vv_op_expand,
    &vv_op_slice,
    &vv_op_pad,
    &vv_op_upsample_nearest,
    &vv_op_upsample_nearest_grad,
    &vv_op_average_pool,
    &vv_op_average_pool_grad,
    &vv_op_blur,
    &vv_op_blur_grad,
    &vv_op_halve,
    &vv_op_unhalve,
    &vv_op_matmul,
    &vv_op_linear,
    &vv_op_conv2d,
    &vv_op_conv2d_bias,
    &vv_op_conv2d_transposed,
    &vv_op_conv2d_transposed_bias,
    &vv_op_conv2d_weight_grad,
    &vv_op_noise,
    &vv_op_dropout,
    &vv_op_augmented,
    &vv_op_binarized,
    &vv_op_reparameterise,
    &vv_op_gaussian_kl,
    &vv_op_reparameterise_grad,
    &vv_op_gaussian_kl_grad,
    &vv_op_gaussian_terms,
    &vv_op_kl_weigh,
    &vv_op_kl_term,
    &vv_op_bernoulli,
    &vv_op_bernoulli_both,
    &vv_op_bernoulli_grad,
    &vv_op_categorical,
    &vv_op_categorical_both,
    &vv_op_softmax,
    &vv_op_softmax_mean,
    &vv_op_one_hot,
    &vv_op_density,
    &vv_op_density_both,
    &vv_op_density_mean,
    &vv_op_moments,
    &vv_op_norm,
    &vv_op_norm_sums,
    &vv_op_norm_grad,
    &vv_op_lerp,
    &vv_op_advance,
    &vv_op_gather,
    &vv_op_guard,
    &vv_op_record,
    &vv_op_accumulate,
    &vv_op_clip,
    &vv_op_adam,
    &vv_op_sgd,
    &vv_op_momentum,
    &vv_op_adagrad,
};
const uint32_t vv_op_count = sizeof vv_ops / sizeof *vv_ops;
