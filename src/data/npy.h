// NumPy's .npy (numpy.lib.format): what comes before the numbers.
#ifndef VV_DATA_NPY_H
#define VV_DATA_NPY_H

#include "source.h"

struct vv_npy {
    char kind;      // of numbers: 'b' truth, 'u' whole from 0, 'i' whole, 'f' float; 0: something else
    uint32_t size;  // bytes of each
    bool big_endian, fortran;  // fortran: the first index changes first
    uint32_t rank, dims[4];    // none is 0
    uint64_t count;            // of all numbers
    char type[64];             // as the file has it: "<f4"
};

// Reads the header: versions 1.0 and 2.0, rank 1 to 4. The numbers that it promises are those that are
// there, to the byte. only_floats: any other than '<f4' in C order is refused, and the remedy tells so.
// VV_BAD_DATA.
bool vv_npy_open(struct vv_source *source, bool only_floats, struct vv_npy *npy);

// Its shape for messages: "60000x28x28".
enum { VV_NPY_SHAPE = 48 };
void vv_npy_print_shape(const struct vv_npy *npy, char text[VV_NPY_SHAPE]);

#endif
