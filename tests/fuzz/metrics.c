// metrics.jsonl, and timing.jsonl.
#include "fuzz.h"

#include "metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vv_context ctx = fuzz_context();
    struct vv_metrics metrics = {0};
    double rate;
    const char *path = fuzz_file(data, size, "");
    (void)vv_metrics_read(&ctx, path, &metrics);
    (void)vv_metrics_best(&metrics);
    vv_metrics_finish(&metrics);
    vv_clear(&ctx);
    (void)vv_timing_median(&ctx, path, &rate);
    return 0;
}
