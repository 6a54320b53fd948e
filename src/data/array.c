#include "array.h"

#include "file.h"
#include "npy_header.h"
#include "size.h"

#include <assert.h>
#include <string.h>

// '<f4' is little-endian whatever this machine is.
static bool write_floats(struct vv_writer *writer, const float *values, uint64_t count) {
    unsigned char bytes[16384];
    for (uint64_t done = 0; done < count;) {
        size_t used = 0;
        for (; done < count && used < sizeof bytes; done++) {
            uint32_t bits;
            memcpy(&bits, values + done, sizeof bits);
            for (unsigned shift = 0; shift < 32; shift += 8)
                bytes[used++] = (unsigned char)(bits >> shift);
        }
        if (!vv_writer_write(writer, bytes, used)) return false;
    }
    return true;
}

bool vv_npy_write(struct vv_context *ctx, const char *path, const float *values, const uint32_t *dims,
                  uint32_t rank) {
    assert(rank >= 1 && rank <= 4);
    uint64_t count = 1;
    for (uint32_t i = 0; i < rank; i++)
        if (!vv_mul_u64(count, dims[i], &count))
            return vv_fail(ctx, VV_USAGE,
                           "%s: not written: the array's shape overflows 64 bits; split it", path);
    struct vv_writer writer;
    if (!vv_writer_open(ctx, path, &writer)) return false;
    unsigned char header[VV_NPY_ROOM];
    size_t length = vv_npy_header(header, "<f4", dims, rank);
    if (vv_writer_write(&writer, header, length)) (void)write_floats(&writer, values, count);
    return vv_writer_commit(&writer);
}
