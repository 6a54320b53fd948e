// Matrix products.
#ifndef VV_OPS_MATMUL_H
#define VV_OPS_MATMUL_H

#include "tape.h"

enum vv_activation { VV_IDENTITY, VV_RELU };

// c[m,n] = op(a) op(b), f32, rank 2, any m, n, k >= 1.
vv_ref vv_matmul_nn(struct vv_tape *t, vv_ref a, vv_ref b);  // a [m,k], b [k,n]
vv_ref vv_matmul_nt(struct vv_tape *t, vv_ref a, vv_ref b);  // a [m,k], b [n,k]
vv_ref vv_matmul_tn(struct vv_tape *t, vv_ref a, vv_ref b);  // a [k,m], b [k,n]

// y[m,n] = activation(x[m,k] w[n,k]^T + b[n]): fused; its composition is add and relu over matmul_nt.
// Its gradient: dp = dy masked by y (relu), dx = dp w, dw = dp^T x, db = column sums of dp.
vv_ref vv_linear(struct vv_tape *t, vv_ref x, vv_ref w, vv_ref b, enum vv_activation activation);

// Whether y is a product, and which.
bool vv_matmul_product(const struct vv_node *y, struct vv_product *p);

// The variants that can compute the product on a device of these limits, the fixed table's choice first;
// returns how many. A node whose operands are not aligned may have to pass one over. Software drivers
// are spared `tile` where it is not their family.
#define VV_MAX_VARIANTS 32
uint32_t vv_matmul_variants(const struct vv_product *p, const struct vv_limits *limits,
                            struct vv_variant list[VV_MAX_VARIANTS]);

extern const struct vv_op vv_op_matmul, vv_op_linear;

#endif
