// Pictures in memory: what every reader of files ends in and what training starts from.
#ifndef VV_DATA_DATASET_H
#define VV_DATA_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "context.h"
#include "vocabulary.h"

#define VV_FACTORS_MAX 8
#define VV_LABELS_MAX  65536  // a label is below that

// `count` pictures of height x width x channels values each, row-major, channels last, without gaps:
// bytes (0 to 255 mean 0 to 1), or floats from 0 to 1.
struct vv_idx_source;
struct vv_images {
    uint32_t count, height, width, channels;
    unsigned char *pixels;  // owned, or in `map`; NULL where the values are floats
    float *values;          // owned, or in `map`; NULL where they are bytes
    void *map;              // a file in memory, read-only, of map_bytes, unmapped at the end; NULL: none
    uint64_t map_bytes;
    uint32_t *labels;  // owned, one per picture; NULL when the set has none
    float *factors;    // owned, known factors of variation [count, factor_count]; NULL: none
    uint32_t factor_count;
    struct vv_idx_source *unread;  // owned: where the pixels are still to be read from; NULL: nothing is
};

// Number i of them all, from 0 to 1.
static inline float vv_images_value(const struct vv_images *images, uint64_t i) {
    return images->values ? images->values[i] : (float)images->pixels[i] / 255.0F;
}

struct vv_shapes;
struct vv_reading;

// How values that a file had outside of [0, 1] were brought there: value = low + (high - low) y. One low
// and one high for all, or one for each of `count` columns.
struct vv_normalization {
    char kind[16];  // "": none was needed; "range", "minmax", "standard"
    uint32_t count;
    float *low, *high;  // owned
};

struct vv_dataset {
    char *name;  // owned: what the user asked for, "mnist" or a path
    char *path;  // owned: the file or folder it was found in; NULL: it was drawn, or given in memory
    struct vv_images train, test;
    struct vv_normalization normalization;
    struct vv_vocabulary vocabulary;  // of text
    char **classes;                   // owned: names of the labels 0, 1, …; NULL: they have none
    uint32_t class_count;
    uint32_t skipped;     // broken pictures that were left out
    uint32_t offered[2];  // pictures of each part before some classes were taken; 0: all were
};

// Whether `source` (NULL: the default) names the set that is drawn: "shapes".
bool vv_dataset_is_drawn(const char *source);

// Opens `source`: "shapes", drawn as `shapes` says; a folder of IDX files (see idx.h; .gz or not; labels
// and factors optional), or the name of a known set (mnist, fashion-mnist), searched as a sub-folder of
// $VKVAE_DATA, of the user's data folder ($XDG_DATA_HOME/vkvae or ~/.local/share/vkvae) and of
// /usr/share/datasets; a folder there of another name is a set too. Something with a '/' in it, or an
// existing folder, is a path, but for "shapes". NULL takes the default: shapes. Errors: VV_BAD_DATA,
// with the file, the offset where one is meant, and the remedy; for an unknown or missing set: which
// files, where to put them, and which sets are there.
bool vv_dataset_open(struct vv_context *ctx, const char *source, const struct vv_shapes *shapes,
                     struct vv_dataset *set);
// The same in two steps: the set's name, path and sizes; then, on any thread, its pixels, labels and
// factors (`shapes` as before).
// `reading`: how files are read; NULL: vv_reading_default. Where all is done in the first step (pictures
// that were decoded before, tables; some classes alone), the second has nothing left to do.
bool vv_dataset_find(struct vv_context *ctx, const char *source, const struct vv_shapes *shapes,
                     const struct vv_reading *reading, struct vv_dataset *set);
bool vv_dataset_read(struct vv_context *ctx, const struct vv_shapes *shapes, struct vv_dataset *set);
void vv_normalization_finish(struct vv_normalization *normalization);  // takes a zeroed one
void vv_dataset_finish(struct vv_dataset *set);  // takes a zeroed or half-built set

// Numbers of one picture; all of them as they lie in memory, bytes or floats; and how many bytes those
// take. Before they are read there are none, and they count as bytes.
uint64_t vv_images_stride(const struct vv_images *images);
void *vv_images_data(const struct vv_images *images);
uint64_t vv_images_bytes(const struct vv_images *images);
// Their size for messages: "28x28", or "28x28x3" where there are several channels.
void vv_images_size(const struct vv_images *images, char text[40]);
void vv_images_finish(struct vv_images *images);

#endif
