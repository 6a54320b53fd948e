#include "size.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

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

void vv_discard(void *bytes, uint64_t n) {
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = (uintptr_t)bytes;
    const uintptr_t first = (at + page - 1) & ~(page - 1), end = (at + (uintptr_t)n) & ~(page - 1);
#ifdef MADV_DONTNEED
    if (end > first) (void)madvise((char *)bytes + (first - at), end - first, MADV_DONTNEED);
#else
    (void)first, (void)end;
#endif
}

void vv_give_back(void) {
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}
