#include "safetensors_format.h"
#include "size.h"

#include <assert.h>
#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

bool vv_st_bytes(const struct vv_tensor *tensor, uint64_t *bytes) {
    *bytes = vv_st_dtypes[tensor->dtype].size;
    for (uint32_t i = 0; i < tensor->rank; i++)
        if (!vv_mul_u64(*bytes, tensor->dim[i], bytes)) return false;
    return true;
}

uint64_t vv_tensor_bytes(const struct vv_tensor *tensor) {
    uint64_t bytes = 0;
    bool fits = vv_st_bytes(tensor, &bytes);
    assert(fits);
    return fits ? bytes : UINT64_MAX;
}

static int compare_strings(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *same(const char **strings, uint32_t count) {
    qsort((void *)strings, count, sizeof *strings, compare_strings);
    for (uint32_t i = 1; i < count; i++)
        if (strcmp(strings[i - 1], strings[i]) == 0) return strings[i];
    return NULL;
}

const char *vv_st_same_name(const struct vv_tensor *tensors, const char **scratch, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) scratch[i] = tensors[i].name;
    return same(scratch, count);
}

const char *vv_st_same_key(const struct vv_meta *meta, const char **scratch, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) scratch[i] = meta[i].key;
    return same(scratch, count);
}

void vv_safetensors_finish(struct vv_safetensors *file) {
    cJSON_Delete(file->header);
    free(file->tensors);
    free(file->meta);
    free(file->bytes);
    *file = (struct vv_safetensors){0};
}

const struct vv_tensor *vv_safetensors_find(const struct vv_safetensors *file, const char *name) {
    for (uint32_t i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0) return &file->tensors[i];
    return NULL;
}

const char *vv_safetensors_meta(const struct vv_safetensors *file, const char *key) {
    for (uint32_t i = 0; i < file->meta_count; i++)
        if (strcmp(file->meta[i].key, key) == 0) return file->meta[i].value;
    return NULL;
}
