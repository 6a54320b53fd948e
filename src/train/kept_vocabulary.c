#include "kept_vocabulary.h"

#include <string.h>

#include "likelihood.h"
#include "size.h"
#include "tensors.h"

const char vv_vocabulary_key[] = "data.tokens";
static const char tensor_name[] = "data.vocabulary";

uint32_t vv_vocabulary_save(const struct vv_vocabulary *v, struct vv_tensor *list, uint32_t count) {
    if (!v->kind) return count;
    list[count] = vv_tensor_of(tensor_name, VV_DTYPE_U8, vv_shape1((uint32_t)v->size), v->text);
    return count + VV_VOCABULARY_TENSORS;
}

static enum vv_tokens kind_of(const char *name) {
    enum vv_tokens kind = VV_TOKENS_NONE;
    for (int i = VV_TOKENS_BAG; name && vv_tokens_names[i]; i++)
        if (strcmp(name, vv_tokens_names[i]) == 0) kind = (enum vv_tokens)i;
    return kind;
}

bool vv_vocabulary_read(struct vv_context *ctx, const char *path, const struct vv_safetensors *file,
                        const struct vv_model_size *size, struct vv_vocabulary *v) {
    *v = (struct vv_vocabulary){0};
    const enum vv_likelihood_of of = vv_likelihood_find(size->likelihood)->of;
    if (of == VV_OF_PICTURES) return true;
    const enum vv_tokens kind = kind_of(vv_safetensors_meta(file, vv_vocabulary_key));
    const struct vv_tensor *tensor = vv_safetensors_find(file, tensor_name);
    bool sound = kind && (kind == VV_TOKENS_BAG) == (of == VV_OF_BAGS) && tensor &&
                 tensor->dtype == VV_DTYPE_U8 && tensor->rank == 1;
    if (sound) {
        char *text = vv_alloc(ctx, tensor->dim[0], 1);
        if (!text) return false;
        memcpy(text, tensor->data, tensor->dim[0]);
        sound = vv_vocabulary_take(ctx, kind, size->tokens, text, tensor->dim[0], v);
    }
    return sound || vv_fail(ctx, VV_BAD_DATA,
                            "%s: the tensor %s is missing or not its model's vocabulary of %u tokens; "
                            "restore it from a copy, or start again",
                            path, tensor_name, size->tokens);
}
