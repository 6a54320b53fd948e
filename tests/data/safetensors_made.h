// A safetensors file made by hand.
#ifndef VV_TESTS_DATA_SAFETENSORS_MADE_H
#define VV_TESTS_DATA_SAFETENSORS_MADE_H

#include <stdlib.h>
#include <string.h>

#include "safetensors.h"

enum { PREFIX = 8 };

// A file made by hand: length, `json`, then `data_size` zeros. In memory of just that size.
static inline unsigned char *made(const char *json, uint64_t data_size, uint64_t *size) {
    uint64_t length = strlen(json);
    *size = PREFIX + length + data_size;
    unsigned char *bytes = calloc(1, (size_t)*size);
    assert_non_null(bytes);
    memcpy(bytes, &length, PREFIX);
    memcpy(bytes + PREFIX, json, (size_t)length);
    return bytes;
}

static inline bool is_zeroed(const struct vv_safetensors *file) {
    static const struct vv_safetensors zero;
    return file->bytes == zero.bytes && !file->tensors && !file->meta && !file->header &&
           !file->checked && file->count == 0 && file->meta_count == 0;
}

#endif
