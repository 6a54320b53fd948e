// Which kernel computes a matrix product, where several can: chosen by a fixed table (ops/matmul), or
// by what was measured on this device (a tuning).
#ifndef VV_TAPE_TUNING_H
#define VV_TAPE_TUNING_H

#include <stdbool.h>
#include <stdint.h>

// Families of matrix-product kernels, see ops/matmul_launch.c.
enum vv_matmul_family {
    VV_MATMUL_PLAIN,            // no subgroup operation; any device
    VV_MATMUL_SUBGROUP_BUFFER,  // subgroup shuffles, storage-buffer loads
    VV_MATMUL_SUBGROUP_TEXEL,   // subgroup shuffles, texel-buffer loads where the view fits
    VV_MATMUL_TILE,             // shared memory and registers: GPUs
};

const char *vv_matmul_name(enum vv_matmul_family family);
bool vv_matmul_parse(const char *name, enum vv_matmul_family *family);  // false: no such name

// C[m,n] = op(A) op(B); the forms as in shaders/matmul.glsl: 0 NN, 1 NT, 2 TN.
struct vv_product {
    uint32_t form, m, n, k;
};

// One way to compute a product. Numbers that a family does not use are 0.
struct vv_variant {
    enum vv_matmul_family family;
    uint32_t rows, columns;  // of C that a workgroup computes
    uint32_t depth;          // k that it takes at a time
    uint32_t split;  // parts of k that are summed up apart, then added in their order; 0 and 1: one
};

struct vv_tuned {
    struct vv_product product;
    struct vv_variant variant;
};

// The variants of some products; for any other the fixed table holds. A variant that a node cannot use
// (alignment, limits) is passed over for the fixed table's.
struct vv_tuning {
    uint32_t count;
    struct vv_tuned *entries;
};

// "tile 64x64x16 /4", "subgroup-texel 32", "plain": the family, what of rows x columns x depth it uses,
// the split above 1; and back (false: no such variant).
#define VV_VARIANT_TEXT 64
const char *vv_variant_print(const struct vv_variant *variant, char text[VV_VARIANT_TEXT]);
bool vv_variant_parse(const char *text, struct vv_variant *variant);

// NULL where the product is not in it; takes NULL.
const struct vv_variant *vv_tuning_find(const struct vv_tuning *tuning,
                                        const struct vv_product *product);

#endif
