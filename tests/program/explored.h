// What the tests of commands that show a trained model share: a run, its pictures, arrays and grids.
#ifndef VV_TESTS_PROGRAM_EXPLORED_H
#define VV_TESTS_PROGRAM_EXPLORED_H

#include "runner.h"

#include "array.h"

enum { LATENT = 4, HEIGHT = 12, WIDTH = 10, PIXELS = HEIGHT * WIDTH, TRAIN = 200, TEST = 60 };

extern const struct set labelled;  // of that size

// "run", of LATENT latents, on "set".
void train_run(struct room *r);

// Of a .npy, or the array of that name of an .npz.
struct vv_array read_array(const char *path, const char *name);

// [count, HEIGHT, WIDTH, 1]
void assert_pictures(const struct vv_array *array, uint32_t count);

// Pictures of an array are those that 'vkvae decode' makes of the codes.
void assert_decoded(struct room *r, const float *pictures, const float *z, uint32_t count,
                    uint32_t latent);

// Cell `at` of a grid at scale 1; picture NULL: a gap.
void assert_cell(const unsigned char *grid, const uint32_t size[3], uint32_t columns, uint32_t at,
                 const float *picture);

#endif
