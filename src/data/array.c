#include "array.h"

#include "file.h"
#include "size.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { NPY_ALIGN = 64, NPY_PREFIX = 10, NPY_ROOM = 192 };

// The header of format 1.0 (numpy.lib.format): magic, version, little-endian length, a Python dictionary
// padded with spaces to a multiple of 64 bytes and ended by a newline. Returns its length.
static size_t npy_header(unsigned char header[NPY_ROOM], const uint32_t *dims, uint32_t rank) {
    char text[NPY_ROOM];
    size_t used =
        (size_t)snprintf(text, sizeof text, "{'descr': '<f4', 'fortran_order': False, 'shape': (");
    for (uint32_t i = 0; i < rank; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u", i ? ", " : "", dims[i]);
    // A Python tuple of one is written (3,).
    used += (size_t)snprintf(text + used, sizeof text - used, "%s), }", rank == 1 ? "," : "");
    assert(NPY_PREFIX + used < 2 * NPY_ALIGN);
    size_t length = (size_t)vv_align_up(NPY_PREFIX + used + 1, NPY_ALIGN);
    memset(header, ' ', length);
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (unsigned char)((length - NPY_PREFIX) & 255);
    header[9] = (unsigned char)((length - NPY_PREFIX) >> 8);
    memcpy(header + NPY_PREFIX, text, used);
    header[length - 1] = '\n';
    return length;
}

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
    unsigned char header[NPY_ROOM];
    size_t length = npy_header(header, dims, rank);
    if (vv_writer_write(&writer, header, length)) (void)write_floats(&writer, values, count);
    return vv_writer_commit(&writer);
}
