// A GPU, as far as it can be pretended: the device that is here says that it is a discrete one
// (tests/layer), so that kernels for GPUs are chosen, and whole runs are made with them.
#include "told.h"

#include "layered.h"

#include <math.h>

// Layers wide and batches small enough that some products have k split.
#define TRAIN_GPU                                                                                       \
    "train", "--data", "shapes", "--images", "240", "--size", "16x16", "--hidden", "72", "--latent",    \
        "4", "--batch", "20", "--epochs", "2"

static double loss_of(struct room *r, const char *run, const char *key) {
    cJSON *line = metrics_line(in(r, "%s/metrics.jsonl", run), 2);
    const double loss = number_of(line, key);
    cJSON_Delete(line);
    return loss;
}

static void gpu_takes_tiles_and_learns_what_the_reference_does(void **state) {
    static const char *const keys[] = {"train_loss", "test_loss", "test_recon", "test_kl"};
    struct room *r = with(state, "discrete");
    RUN(r, TRAIN_GPU, "--out", in(r, "run"));
    assert_ok(r);
    assert_has(r->err, "kernels: tile/");
    r->device = "reference";
    RUN(r, TRAIN_GPU, "--out", in(r, "reference"));
    assert_ok(r);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const double is = loss_of(r, "run", keys[i]);
        const double should = loss_of(r, "reference", keys[i]);
        if (!(fabs(is - should) <= 1e-3 * fabs(should)))
            fail_msg("%s: %.9g with tiles, %.9g on the reference", keys[i], is, should);
    }
}

static void gpu_repeats_a_run_to_the_byte(void **state) {
    struct room *r = with(state, "discrete");
    RUN(r, TRAIN_GPU, "--out", in(r, "a"));
    assert_ok(r);
    RUN(r, TRAIN_GPU, "--out", in(r, "b"), "--device", "0", "--kernels", "tile");
    assert_ok(r);
    assert_same_file(in(r, "a/checkpoint.safetensors"), in(r, "b/checkpoint.safetensors"));
    RUN(r, "train", "--resume", in(r, "a"), "--epochs", "3");
    assert_ok(r);
    assert_has(r->err, "kernels: tile/");
}

// The least that Vulkan promises to a GPU; and nothing that the validation layer objects to.
static void gpu_of_least_limits_is_valid(void **state) {
    struct room *r = with(state, "discrete");
    RUN(r, TRAIN_GPU, "--out", in(r, "run"), "--limits", "minimum");
    assert_ok(r);
    RUN(r, TRAIN_GPU, "--out", in(r, "valid"), "--validate");
    if (strstr(r->err, "vulkan-validationlayers")) skip_since("the validation layer is not here");
    assert_ok(r);
    assert_has(r->err, "kernels: tile/");
}

int main(void) {
    begin(true);
    use_layer();
    const struct CMUnitTest tests[] = {
        ROOM(gpu_takes_tiles_and_learns_what_the_reference_does),
        ROOM(gpu_repeats_a_run_to_the_byte),
        ROOM(gpu_of_least_limits_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
