// What reading and writing safetensors share. https://github.com/huggingface/safetensors, "Format".
#ifndef VV_DATA_SAFETENSORS_FORMAT_H
#define VV_DATA_SAFETENSORS_FORMAT_H

#include "safetensors.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Tensors lie in these files as they do in memory: a little-endian machine is needed."
#endif

// A file: VV_ST_PREFIX bytes with the header's length, the header, the data.
enum { VV_ST_PREFIX = 8, VV_ST_HEADER_MAX = 16 << 20 };
// Values in the header's JSON, of which a tensor has ten or fewer. Each takes some 100 bytes when it is
// read, and as few as two in the file.
enum { VV_ST_VALUES_MAX = 1 << 18 };

#define VV_ST_META     "__metadata__"
#define VV_ST_CHECKSUM "checksum"
// CRC-32 of the whole file, in which its own digits count as these.
#define VV_ST_SUM_PREFIX "crc32:"
#define VV_ST_SUM_ZERO   "00000000"
#define VV_ST_SUM_FORMAT "%08lX"

enum { VV_ST_SUM_DIGITS = sizeof VV_ST_SUM_ZERO - 1 };

static const struct {
    const char *name;
    uint32_t size;
} vv_st_dtypes[] = {
    [VV_DTYPE_F32] = {"F32", 4}, [VV_DTYPE_F64] = {"F64", 8},   [VV_DTYPE_U64] = {"U64", 8},
    [VV_DTYPE_I64] = {"I64", 8}, [VV_DTYPE_U32] = {"U32", 4},   [VV_DTYPE_U8] = {"U8", 1},
    [VV_DTYPE_F16] = {"F16", 2}, [VV_DTYPE_BF16] = {"BF16", 2},
};

enum { VV_ST_DTYPES = sizeof vv_st_dtypes / sizeof vv_st_dtypes[0] };

// As vv_tensor_bytes; false when that overflows.
bool vv_st_bytes(const struct vv_tensor *tensor, uint64_t *bytes);

// The name of two tensors, the key of two pairs, or NULL. `scratch` has room for `count` pointers.
const char *vv_st_same_name(const struct vv_tensor *tensors, const char **scratch, uint32_t count);
const char *vv_st_same_key(const struct vv_meta *meta, const char **scratch, uint32_t count);

#endif
