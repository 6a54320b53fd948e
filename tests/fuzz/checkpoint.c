// checkpoint.safetensors, and resume.safetensors.
#include "fuzz.h"

#include <stdlib.h>

#include "checkpoint.h"
#include "resume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vv_context ctx = fuzz_context();
    struct vv_checkpoint checkpoint = {0};
    struct vv_resume resume = {0};
    uint8_t *sealed = fuzz_seal(data, size);
    const char *path = fuzz_file(sealed, size, "");
    (void)vv_checkpoint_read(&ctx, path, &checkpoint);
    vv_checkpoint_finish(&checkpoint);
    vv_clear(&ctx);
    (void)vv_resume_read(&ctx, path, &resume);
    vv_resume_finish(&resume);
    free(sealed);
    return 0;
}
