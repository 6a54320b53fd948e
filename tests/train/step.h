// A small trainer over pictures that the test draws: for tests of whole steps.
#ifndef VV_TESTS_TRAIN_STEP_H
#define VV_TESTS_TRAIN_STEP_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>

#include "trainer.h"

// 100 train and 37 test pictures of 9 x 7, batch 16: the last batch has 4; hidden 33, latent 5.
static inline struct vv_settings small_settings(void) {
    struct vv_settings s = {.model = "mlp",
                            .data = "small",
                            .height = 9,
                            .width = 7,
                            .channels = 1,
                            .train_count = 100,
                            .test_count = 37,
                            .hidden = {33},
                            .activation = "relu",
                            .latent = 5,
                            .batch = 16,
                            .epochs = 1,
                            .lr = 1e-3,
                            .seed = 42,
                            .kernels = "any"};
    vv_settings_usual(&s);
    return s;
}

// A bright bar somewhere on a dark, noisy ground.
static inline struct vv_images small_images(uint32_t count, uint32_t seed) {
    struct vv_images images = {.count = count, .height = 9, .width = 7, .channels = 1};
    images.pixels = malloc((size_t)count * 63);
    assert_non_null(images.pixels);
    for (uint32_t i = 0; i < count * 63; i++) {
        seed = seed * 1664525u + 1013904223u;
        const uint32_t picture = i / 63, column = i % 7;
        images.pixels[i] = (unsigned char)(column == picture % 7 ? 200 + (seed >> 27) : seed >> 28);
    }
    return images;
}

static inline void open_trainer(struct vv_trainer *trainer, struct vv_exec *exec,
                                struct vv_settings settings) {
    struct vv_dataset set = {.train = small_images(settings.train_count, 1),
                             .test = small_images(settings.test_count, 2)};
    if (!vv_trainer_init(trainer, exec, &settings, &set, NULL) || !vv_trainer_load(trainer, &set, 0))
        fail_msg("%s", exec->ctx->error);
    vv_dataset_finish(&set);
}

static inline void open_small_trainer(struct vv_trainer *trainer, struct vv_exec *exec) {
    open_trainer(trainer, exec, small_settings());
}

// Goes on until `steps` steps of the epoch are done.
static inline void run_steps(struct vv_trainer *trainer, uint32_t steps) {
    const struct vv_hooks hooks = {.until = steps};
    struct vv_losses losses;
    if (vv_trainer_epoch(trainer, &hooks, &losses) == VV_EPOCH_FAILED)
        fail_msg("%s", trainer->ctx->error);
}

#endif
