// The safetensors format: 8 bytes of length (little-endian), a JSON header, then the tensors' bytes.
// Files that this program writes carry a checksum over every byte in the header's metadata.
#ifndef VV_DATA_SAFETENSORS_H
#define VV_DATA_SAFETENSORS_H

#include <stdint.h>

#include "context.h"

#define VV_TENSOR_RANK 4

enum vv_dtype {
    VV_DTYPE_F32,
    VV_DTYPE_F64,
    VV_DTYPE_U64,
    VV_DTYPE_I64,
    VV_DTYPE_U32,
    VV_DTYPE_U8,
    VV_DTYPE_F16,
    VV_DTYPE_BF16  // the upper half of an F32
};

struct vv_tensor {
    const char *name;
    enum vv_dtype dtype;
    uint32_t rank, dim[VV_TENSOR_RANK];  // rank 0: a scalar
    const void *data;                    // little-endian, row-major
};

struct vv_meta {
    const char *key, *value;
};

// Writing: the header names tensors in the order given; their data go out with the widest elements
// first, so that each is aligned to its own (the format allows no gaps). `meta` plus "checksum":
// "crc32:" and eight hex digits go to __metadata__; reading gives the checksum back as `checked`, not as
// meta. The same arguments give the same bytes. Atomic; with `previous` not NULL the present file at
// `path` is kept under that name.
bool vv_safetensors_write(struct vv_context *ctx, const char *path, const char *previous,
                          const struct vv_tensor *tensors, uint32_t count, const struct vv_meta *meta,
                          uint32_t meta_count);

// A file in memory. Tensors' data and all names point into it.
struct vv_safetensors {
    unsigned char *bytes;  // owned, with everything else, by this struct
    struct vv_tensor *tensors;
    uint32_t count;
    struct vv_meta *meta;
    uint32_t meta_count;
    void *header;  // the parsed JSON, which holds the names
    bool checked;  // it had a checksum, which was right
};

// Reads and checks a whole file of at most `limit` bytes: header within the file and at most 16 MiB,
// JSON well formed, dtypes known, ranges in bounds, without overlap or gap, agreeing with shapes, no
// name twice, and the checksum where there is one. Errors: VV_BAD_DATA with path, what is wrong and the
// remedy.
bool vv_safetensors_read(struct vv_context *ctx, const char *path, uint64_t limit,
                         struct vv_safetensors *file);
// As vv_safetensors_read, and a file without a checksum is refused too: only our own files are trusted.
bool vv_safetensors_read_checked(struct vv_context *ctx, const char *path, uint64_t limit,
                                 struct vv_safetensors *file);
// From bytes that the caller keeps ownership of until success (then `file` owns them); for tests and
// fuzzers.
bool vv_safetensors_parse(struct vv_context *ctx, const char *path, unsigned char *bytes, uint64_t size,
                          struct vv_safetensors *file);
void vv_safetensors_finish(struct vv_safetensors *file);  // takes a zeroed one

// NULL when there is none.
const struct vv_tensor *vv_safetensors_find(const struct vv_safetensors *file, const char *name);
const char *vv_safetensors_meta(const struct vv_safetensors *file, const char *key);
uint64_t vv_tensor_bytes(const struct vv_tensor *tensor);

#endif
