// Pictures into codes and back, in batches, for calls of use.h and explore.h.
#ifndef VV_API_CODING_H
#define VV_API_CODING_H

#include "examiner.h"
#include "gallery.h"
#include "sampler.h"
#include "used.h"

// At a time.
#define VV_CODING_ROWS 256

// Things of a call that are done, and that are to do, over all of its parts.
struct vv_work {
    uint64_t done, all;
};

// What `want` says of the first `count` pictures that are looked at; found: arrays for all of them. eps
// as in examiner.h.
bool vv_used_examine(struct vv_used *used, uint32_t count, unsigned want, const struct vv_eps *eps,
                     const struct vv_findings *found, struct vv_work *work);

// z [count,latent] -> pixels [count,numbers of one]. VV_BAD_DATA where one of them is no number.
bool vv_used_decode(struct vv_used *used, const float *z, uint32_t count, float *pixels,
                    struct vv_work *work);
// The same with a sampler that is ready, for calls that decode a part at a time.
bool vv_used_decode_by(struct vv_used *used, struct vv_sampler *sampler, const float *z, uint32_t count,
                       float *pixels, struct vv_work *work);

// VV_BAD_DATA where one of what the model made is no number.
bool vv_used_check_numbers(const struct vv_used *used, const float *pixels, uint64_t count);

// Pictures that the caller writes as `pictures` says, in the grid's order.
struct vv_gallery vv_used_gallery(const struct vv_used *used, const vkvae_pictures *pictures,
                                  const float *pixels, uint32_t count, uint32_t columns);

vkvae_pictures_result vv_used_pictures_result(const struct vv_used *used, uint32_t count);

// VV_USAGE where `out` is the file of the set that is named, whose bytes would be lost. NULL is fine.
bool vv_used_check_out(const struct vv_used *used, const char *out);

// Warns of a run whose z do not follow the prior that the call is about.
void vv_used_warn_of_autoencoder(const struct vv_used *used);

// VV_USAGE where they are not `least` to 1000.
bool vv_check_steps(struct vv_context *ctx, uint32_t steps, uint32_t least);
// VV_USAGE where `index` is none of the pictures that are looked at.
bool vv_used_check_index(const struct vv_used *used, const char *option, uint32_t index);
// Pictures index[0 .. count - 1], x [count,pixels], and their codes: mu and logvar of `found`.
bool vv_used_encode_these(struct vv_used *used, const uint32_t *index, uint32_t count, float *x,
                          const struct vv_findings *found);

// Hands an array to the caller, who wants it or not.
void vv_hand_floats(float **wanted, float **array);

#endif
