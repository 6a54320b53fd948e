// A state dict of PyTorch, of any model, as a checkpoint.
#include "fuzz.h"

#include <stdlib.h>

#include "state_dict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vv_context ctx = fuzz_context();
    struct vv_state_dict d = {0};
    struct vv_checkpoint checkpoint = {0};
    uint8_t *sealed = fuzz_seal(data, size);
    const char *path = fuzz_file(sealed, size, "");
    if (vv_state_dict_read(&ctx, path, &d)) {
        d.size.activation = d.size.activation ? d.size.activation : "relu";
        if (!d.size.height) {
            d.size.height = d.size.channels = 1;
            d.size.width = d.size.pixels ? d.size.pixels : 1;
        }
        if (vv_model_make(&ctx, d.kind, d.size, &checkpoint.model) &&
            vv_state_dict_check(&ctx, &d, &checkpoint.model))
            (void)vv_state_dict_load(&ctx, &d, &checkpoint);
    }
    vv_checkpoint_finish(&checkpoint);
    vv_state_dict_finish(&d);
    free(sealed);
    return 0;
}
