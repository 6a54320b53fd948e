// How a set's values were brought into [0, 1], kept with the model: the metadata's data.normalize, and
// the tensors data.low and data.high, [1] or one for each column.
#ifndef VV_TRAIN_NORMALIZATION_H
#define VV_TRAIN_NORMALIZATION_H

#include "dataset.h"
#include "model.h"
#include "safetensors.h"

enum { VV_NORMALIZATION_TENSORS = 2 };
extern const char vv_normalization_key[];  // of the metadata, whose value is the kind

// Puts the tensors behind `count` others, for which `list` has room; returns how many there are then.
uint32_t vv_normalization_save(const struct vv_normalization *normalization, struct vv_tensor *list,
                               uint32_t count);

// VV_BAD_DATA where a file's are not of a model's pictures. The caller finishes it.
bool vv_normalization_read(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                           const struct vv_model_size *size, struct vv_normalization *normalization);

#endif
