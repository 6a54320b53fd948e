#include "npy_header.h"

#include "size.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { NPY_ALIGN = 64, NPY_PREFIX = 10 };

// Magic, version, little-endian length, a Python dictionary padded with spaces to a multiple of 64 bytes
// and ended by a newline.
size_t vv_npy_header(unsigned char header[VV_NPY_ROOM], const char *type, const uint32_t *dims,
                     uint32_t rank) {
    char text[VV_NPY_ROOM];
    size_t used = (size_t)snprintf(text, sizeof text,
                                   "{'descr': '%.3s', 'fortran_order': False, 'shape': (", type);
    for (uint32_t i = 0; i < rank; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u", i ? ", " : "", dims[i]);
    // A Python tuple of one is written (3,).
    used += (size_t)snprintf(text + used, sizeof text - used, "%s), }", rank == 1 ? "," : "");
    assert(NPY_PREFIX + used < VV_NPY_ROOM);
    const size_t length = (size_t)vv_align_up(NPY_PREFIX + used + 1, NPY_ALIGN);
    memset(header, ' ', length);
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (unsigned char)((length - NPY_PREFIX) & 255);
    header[9] = (unsigned char)((length - NPY_PREFIX) >> 8);
    memcpy(header + NPY_PREFIX, text, used);
    header[length - 1] = '\n';
    return length;
}
