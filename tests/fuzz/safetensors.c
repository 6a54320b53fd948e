// A safetensors file, with or without a checksum.
#include "fuzz.h"

#include <stdlib.h>

#include "safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vv_context ctx = fuzz_context();
    struct vv_safetensors file = {0};
    uint8_t *sealed = fuzz_seal(data, size);
    if (vv_safetensors_parse(&ctx, "f", sealed, size, &file)) {
        volatile uint8_t sum = 0;
        for (uint32_t i = 0; i < file.count; i++) {
            const uint64_t bytes = vv_tensor_bytes(&file.tensors[i]);
            const uint8_t *first = file.tensors[i].data;
            if (bytes) sum = (uint8_t)(sum + first[0] + first[bytes - 1]);
        }
        vv_safetensors_finish(&file);
    } else {
        free(sealed);
    }
    return 0;
}
