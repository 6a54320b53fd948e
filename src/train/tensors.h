// A model's weights as named tensors in PyTorch's order, and the model's size as metadata.
#ifndef VV_TRAIN_TENSORS_H
#define VV_TRAIN_TENSORS_H

#include "model.h"
#include "safetensors.h"

// Bytes of a file: more than any model that fits a device of today.
#define VV_SAVE_LIMIT ((uint64_t)1 << 36)

// VV_BAD_DATA unless the metadata of a file say this format.
bool vv_format_check(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                     const char *format);

struct vv_tensor vv_tensor_of(const char *name, enum vv_dtype dtype, struct vv_shape shape,
                              const void *data);

// What a checkpoint holds.
struct vv_named {
    struct vv_tensor *list;
    uint32_t count;
    float *values;
    char (*names)[96];
    int64_t batches;
};

// The flat tensors of a model, `running` NULL where it has none; batches: that they were updated with.
bool vv_named_make(struct vv_context *ctx, const struct vv_model *model, const float *params,
                   const float *running, uint64_t batches, struct vv_named *named);
void vv_named_finish(struct vv_named *named);  // takes a zeroed or half-built one

// The flat tensors from a file; VV_BAD_DATA when it is not of this model. Both are the caller's to free.
bool vv_named_read(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                   const struct vv_model *model, float **params, float **running);

// What a file tells of the batches that the model's statistics were updated with; 0: nothing.
uint64_t vv_named_batches(const struct vv_safetensors *file, const struct vv_model *model);

// A flat tensor in a checkpoint's order, and back: gaps are zeros.
void vv_flat_save(const struct vv_model *model, const float *flat, float *saved);
void vv_flat_load(const struct vv_model *model, const float *saved, float *flat);

#endif
