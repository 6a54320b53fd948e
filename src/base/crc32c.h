// CRC-32C (Castagnoli; RFC 3720, appendix B.4): of TensorBoard's files. zlib's crc32 is another one.
#ifndef VV_BASE_CRC32C_H
#define VV_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t vv_crc32c(const void *bytes, size_t size);

#endif
