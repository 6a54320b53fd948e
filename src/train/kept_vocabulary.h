// The vocabulary of a set of text, kept with the model: the metadata's data.tokens ("bag", "chars",
// "words") and token_count, and the tensor data.vocabulary, U8: each token's UTF-8 with a byte 0 behind.
#ifndef VV_TRAIN_KEPT_VOCABULARY_H
#define VV_TRAIN_KEPT_VOCABULARY_H

#include "model.h"
#include "safetensors.h"
#include "vocabulary.h"

enum { VV_VOCABULARY_TENSORS = 1 };
extern const char vv_vocabulary_key[];  // of the metadata, whose value is the kind

// Puts the tensor behind `count` others, for which `list` has room; returns how many there are then.
uint32_t vv_vocabulary_save(const struct vv_vocabulary *vocabulary, struct vv_tensor *list,
                            uint32_t count);

// VV_BAD_DATA where a file's is not that of its model. The caller finishes it.
bool vv_vocabulary_read(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                        const struct vv_model_size *size, struct vv_vocabulary *vocabulary);

#endif
