// What the fake library finds when it measures. FAKE_TUNE has words: "512" (the width that the driver
// has by itself), "card" (no lavapipe), "nowhere" (there is no cache), "unkept" (nor is it written), and
// of the other width "fails", "slow" and "unmeasured"; "mad" is the loss of the first one.
#include "fake_library.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

void vkvae_autotune_defaults(vkvae_autotune_options *o) {
    *o = (vkvae_autotune_options){.force = false};
    vkvae_train_defaults(&o->train);
}

// Whether FAKE_TUNE has the word.
static bool tunes(const char *word) {
    const char *words = getenv("FAKE_TUNE");
    return words && strstr(words, word);
}

// Two kernels for one product; the second is right and chosen. A step takes less time in vectors of the
// width that is not the driver's own.
vkvae_status vkvae_autotune(vkvae *v, const vkvae_autotune_options *o, vkvae_autotune_result *result) {
    const char *bits = getenv("LP_NATIVE_VECTOR_WIDTH");
    const vkvae_candidate candidates[] = {{"fixed 1", true, 0, INFINITY},
                                          {"other 2", false, 2e-3, 1e-7}};
    const vkvae_product product = {"nt", 3, 4, 5, true, 2, 1, candidates};
    *result = (vkvae_autotune_result){
        .key = "fake key",
        .lanes = fake_number("LP_NATIVE_VECTOR_WIDTH", tunes("512") ? 512 : 256) / 32,
        .measured = 1,
        .wrong = 1,
        .seconds = 0.5,
        .step_seconds = bits ? 0.01 : 0.02,
        .step_loss = bits && getenv("FAKE_NAN") ? NAN : 100};
    (void)snprintf(result->device, sizeof result->device, tunes("card") ? "Big Card" : "fake llvmpipe");
    (void)snprintf(result->cache, sizeof result->cache, tunes("nowhere") ? "" : "fake cache");
    if (bits && tunes("slow")) result->step_seconds = 0.0199;
    if (bits && tunes("unmeasured")) result->step_seconds = 0;
    if (!bits && tunes("mad")) result->step_loss = NAN;
    (void)snprintf(result->kernels, sizeof result->kernels, "fake/%u", result->lanes);
    if (getenv("FAKE_SHOW")) fake_show_train(v, &o->train);
    if (getenv("FAKE_FAIL")) return fake_fail(v, (vkvae_status)fake_number("FAKE_FAIL", 1));
    if (bits && tunes("fails")) return fake_fail(v, VKVAE_FAILED);
    o->on_product(o->user, &product);
    return VKVAE_OK;
}

uint32_t vkvae_kept_vectors(const vkvae_train_options *options) {
    (void)options;
    return fake_number("FAKE_VECTORS", 0);
}

vkvae_status vkvae_check_vectors(vkvae *v, const vkvae_train_options *options) {
    (void)v, (void)options;
    if (tunes("crash")) (void)raise(SIGKILL);
    return VKVAE_OK;
}

vkvae_status vkvae_keep_vectors(vkvae *v, const vkvae_train_options *options, const char *key,
                                uint32_t bits) {
    char line[128];
    (void)options;
    (void)snprintf(line, sizeof line, "%u bits are kept under '%s'", bits, key);
    if (getenv("FAKE_SHOW")) fake_say(v, false, line);
    return tunes("unkept") ? fake_fail(v, VKVAE_BAD_DATA) : VKVAE_OK;
}

uint32_t vkvae_run_vectors(const char *run) {
    return run ? fake_number("FAKE_VECTORS", 0) : 0;
}

uint32_t vkvae_vectors_of(const char *device, const char *kernels) {
    if (!device || !strstr(device, "llvmpipe")) return 0;
    return kernels && strstr(kernels, "/16") ? 512 : 256;
}
