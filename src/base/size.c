#include "size.h"

#include <stdlib.h>

void *vv_alloc(struct vv_context *ctx, uint64_t count, uint64_t size) {
    uint64_t bytes = 0;
    void *memory = NULL;
    if (vv_mul_u64(count, size, &bytes) && bytes <= SIZE_MAX)
        memory = calloc(1, bytes ? (size_t)bytes : 1);
    if (!memory)
        (void)vv_fail(ctx, VV_FAILED,
                      "out of memory: %llu x %llu bytes are not to be had; close other programs, or "
                      "take less at once",
                      (unsigned long long)count, (unsigned long long)size);
    return memory;
}
