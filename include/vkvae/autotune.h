// How kernels are chosen, by measuring them. Included by vkvae.h, whose conventions hold here.
#ifndef VKVAE_AUTOTUNE_H
#define VKVAE_AUTOTUNE_H

#include "vkvae.h"

#ifdef __cplusplus
extern "C" {
#endif

// A way to compute a product.
typedef struct vkvae_candidate {
    const char *kernel;  // "subgroup-texel 32"
    bool wrong;          // its result is not the reference's on this driver: it is never used
    double seconds;      // of one product; 0 where it is wrong
    double error;        // the largest, relative to the largest value of the result, or to 1
} vkvae_candidate;

// C[m,n] = op(A) op(B) with a sum over k. Valid during the call that it is given to.
typedef struct vkvae_product {
    const char *form;  // "nn", "nt", "tn": which operands are stored transposed
    uint32_t m, n, k;
    bool measured;  // just now, and not read from the cache
    uint32_t candidate_count, chosen;
    const vkvae_candidate *candidates;  // the first is what is taken without measuring
} vkvae_product;

typedef struct vkvae_autotune_options {
    vkvae_train_options train;  // whose products; nothing is trained or written
    bool force;                 // measure also what the cache knows
    void (*on_product)(void *user, const vkvae_product *product);  // may be NULL
    void *user;
} vkvae_autotune_options;

typedef struct vkvae_autotune_result {
    char device[256], kernels[64];  // as config.json has them
    char key[640];     // device, driver and program that this holds for, as vkvae_keep_vectors wants it
    char cache[4096];  // the file that keeps it; "": none
    uint32_t lanes;    // of a subgroup
    uint32_t products, measured;
    uint32_t wrong;       // candidates, each counted for each product
    double seconds;       // that measuring took
    double step_seconds;  // of a training step with what was chosen; 0: the set has too few steps
    double step_loss;  // of the first of these steps, in nats per picture: the same, but for rounding,
                       // wherever kernels are right
} vkvae_autotune_result;

void vkvae_autotune_defaults(vkvae_autotune_options *options);

// Times the kernels that can compute each matrix product of a run, each checked against the scalar
// reference first, and keeps the fastest in the cache's folder (see vkvae_device_options): a later
// vkvae_train with `autotune` takes them from there. result may be NULL.
vkvae_status vkvae_autotune(vkvae *v, const vkvae_autotune_options *options,
                            vkvae_autotune_result *result);

// For programs that set lavapipe's LP_NATIVE_VECTOR_WIDTH before anything of Vulkan is called; the
// library never does. The width in bits that vkvae_keep_vectors kept for such a run; 0: none, or no
// memory to look for it.
uint32_t vkvae_kept_vectors(const vkvae_train_options *options);
// Forgets it where it was measured with another driver or program. It opens the device: to be called in
// a process of its own, since the width must be known before the driver is loaded.
vkvae_status vkvae_check_vectors(vkvae *v, const vkvae_train_options *options);
// Keeps it (0 forgets it). `key` is that of a vkvae_autotune_result: under another driver or program the
// width is forgotten, once a run has seen that.
vkvae_status vkvae_keep_vectors(vkvae *v, const vkvae_train_options *options, const char *key,
                                uint32_t bits);
// The width that a run was computed with, by its folder: of a run on another driver than lavapipe, and
// where its config.json does not tell or cannot be read, 0.
uint32_t vkvae_run_vectors(const char *run);
// The same of what its config.json has under "record": "device" and "kernels". Either may be NULL.
uint32_t vkvae_vectors_of(const char *device, const char *kernels);

#ifdef __cplusplus
}
#endif

#endif
