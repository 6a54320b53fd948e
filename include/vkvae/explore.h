// What a trained model shows of itself: reconstructions, decoded codes, walks through its latents, new
// pictures near given ones. Included by vkvae.h, whose conventions hold here.
#ifndef VKVAE_EXPLORE_H
#define VKVAE_EXPLORE_H

#include "use.h"

#ifdef __cplusplus
extern "C" {
#endif

// Where pictures go.
typedef struct vkvae_pictures {
    // .png: a grid, as each call arranges it; .npy: float32 [count, height, width, channels], in [0, 1]
    // or, where the run's data were brought there (vkvae_reading), in their units. NULL: no file.
    const char *out;
    uint32_t scale;  // pixels of the .png for each pixel; 0: as large as fits a screen. To 64
    // Not NULL: receives the numbers of the .npy, in [0, 1], to be freed with vkvae_free.
    float **pixels;
} vkvae_pictures;

typedef struct vkvae_pictures_result {
    uint32_t count;  // of the array
    uint32_t height, width, channels, latent;
} vkvae_pictures_result;

// ---- Reconstructions ----

typedef struct vkvae_reconstruct_options {
    vkvae_use use;
    uint32_t count;    // 16; the first pictures that `use` means, or all where there are fewer. To 65536
    bool mean;         // decode mu, as always of an autoencoder; false: z = mu + exp(logvar / 2) eps, as
                       // vkvae_encode draws it
    uint64_t seed;     // 0; of eps
    uint32_t columns;  // of the grid, whose rows are pictures and below them what became of them; 0: 8
    vkvae_pictures pictures;  // of the array: all pictures, then all reconstructions
} vkvae_reconstruct_options;

typedef vkvae_pictures_result vkvae_reconstruct_result;

void vkvae_reconstruct_defaults(vkvae_reconstruct_options *options);

// Pictures, as the model sees them, beside the means of p(x|z) that it makes of their codes. Not of
// text. result->count is of the reconstructions alone; it may be NULL.
vkvae_status vkvae_reconstruct(vkvae *v, const vkvae_reconstruct_options *options,
                               vkvae_reconstruct_result *result);

// ---- Codes ----

typedef struct vkvae_decode_options {
    const char *run;    // a run's folder, or a checkpoint file
    const char *codes;  // .npy or .npz, as `from` of vkvae_sample_options
    // As in vkvae_sample_options.
    const char *array, *out, *picture, *each;
    bool draw;
    uint32_t columns, scale;
    float **pixels;
    char **text;
    vkvae_device_options device;
} vkvae_decode_options;

typedef vkvae_sample_result vkvae_decode_result;

void vkvae_decode_defaults(vkvae_decode_options *options);

// What vkvae_sample does with `from`. result may be NULL.
vkvae_status vkvae_decode(vkvae *v, const vkvae_decode_options *options, vkvae_decode_result *result);

// ---- Walks ----

typedef struct vkvae_interpolate_options {
    vkvae_use use;
    uint32_t from, to;  // 0 and 1: pictures among those that `use` means, counted from 0
    uint32_t steps;     // 10: decoded codes, both ends included; 2 to 1000
    // "linear" (NULL too); "spherical": along the arc between the directions of both codes, which stays
    // at the distance from 0 where the prior is
    const char *how;
    // The grid is one row, with the picture itself before and behind it.
    vkvae_pictures pictures;
    float **z;  // not NULL: receives the codes, [steps, latent], to be freed with vkvae_free
} vkvae_interpolate_options;

typedef vkvae_pictures_result vkvae_interpolate_result;

void vkvae_interpolate_defaults(vkvae_interpolate_options *options);

// From the code mu of one picture to that of another. result may be NULL.
vkvae_status vkvae_interpolate(vkvae *v, const vkvae_interpolate_options *options,
                               vkvae_interpolate_result *result);

typedef struct vkvae_traverse_options {
    vkvae_use use;
    bool around;          // around the code mu of a picture; false: around the prior's mean, 0
    uint32_t from;        // that picture, among those that `use` means, counted from 0
    uint32_t steps;       // 11: pictures of a row; 2 to 1000
    double quantiles[2];  // 0.05, 0.95; of the prior, that a latent goes between. Between 0 and 1
    uint32_t rows;  // 0: a row for each latent; else for so many at most, the most informative ones
    vkvae_pictures pictures;
    // Not NULL: receive, for each row, its latent and the mean of KL_j over the pictures that `use`
    // means, in nats; and the codes, [rows steps, latent]. To be freed with vkvae_free.
    uint32_t **order;
    double **kl;
    float **z;
} vkvae_traverse_options;

typedef struct vkvae_traverse_result {
    uint32_t rows, steps, height, width, channels, latent;
    uint32_t count;   // pictures that KL_j is the mean over
    double kl_total;  // of all latents
} vkvae_traverse_result;

void vkvae_traverse_defaults(vkvae_traverse_options *options);

// A row for each latent, which alone changes there: the one with the greatest mean KL_j comes first.
// result may be NULL.
vkvae_status vkvae_traverse(vkvae *v, const vkvae_traverse_options *options,
                            vkvae_traverse_result *result);

typedef struct vkvae_manifold_options {
    vkvae_use use;   // its run, device and progress; no picture is read
    uint32_t steps;  // 20: rows, and columns; 1 to 1000
    vkvae_pictures pictures;
    float **z;  // not NULL: receives the codes, [steps steps, 2], to be freed with vkvae_free
} vkvae_manifold_options;

typedef vkvae_pictures_result vkvae_manifold_result;

void vkvae_manifold_defaults(vkvae_manifold_options *options);

// What a model of two latents makes of the whole plane (Kingma and Welling 2013, figure 4): row i and
// column k have the quantiles (k + 1/2) / steps of the prior as latent 0, and (i + 1/2) / steps as
// latent 1. VKVAE_USAGE of other models. result may be NULL.
vkvae_status vkvae_manifold(vkvae *v, const vkvae_manifold_options *options,
                            vkvae_manifold_result *result);

// ---- New examples ----

typedef struct vkvae_augment_options {
    vkvae_use use;
    uint32_t count;      // 10000; 1 to 1048576
    double temperature;  // 1; z = mu + temperature exp(logvar / 2) eps. 0: reconstructions of mu. To 100
    uint64_t seed;       // 0; of eps: the same seed gives the same bytes
    // .npz: images, float32 as a .npy of vkvae_pictures, and where there are labels those, uint32
    // [count]; else a folder, which must be empty or not there yet: a PNG for each, 00000.png and so on,
    // and where there are labels in sub-folders of their names (or numbers). NULL: no file.
    const char *out;
    // Not NULL: receive what the .npz would have, in [0, 1], to be freed with vkvae_free. labels: NULL
    // where there are none.
    float **pixels;
    uint32_t **labels;
} vkvae_augment_options;

typedef struct vkvae_augment_result {
    uint32_t count, height, width, channels, latent;
    uint32_t sources;  // pictures that they are near to
    bool labels;
} vkvae_augment_result;

void vkvae_augment_defaults(vkvae_augment_options *options);

// Decoded draws from the posteriors of given pictures: number k is draw k / n of picture k mod n, of n,
// and has its label. Not of text. result may be NULL.
vkvae_status vkvae_augment(vkvae *v, const vkvae_augment_options *options, vkvae_augment_result *result);

#ifdef __cplusplus
}
#endif

#endif
