// Fifty steps of the textbook's run, on real pictures where they are installed: every step's loss on the
// device agrees with the reference's to 1e-4 relative. Since the noise has the same bits everywhere and
// the reference is the same everywhere, devices agree with each other too.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

#include "driver.h"
#include "step.h"

enum { STEPS = 50 };

struct losses {
    double recon[STEPS], kl[STEPS];
};

static void open_set(struct vv_context *ctx, struct vv_dataset *set, struct vv_settings *s) {
    if (vv_dataset_open(ctx, "fashion-mnist", NULL, set)) {
        *s = (struct vv_settings){.model = "mlp",
                                  .hidden = {400},
                                  .activation = "relu",
                                  .latent = 20,
                                  .batch = 128,
                                  .epochs = 1,
                                  .lr = 1e-3,
                                  .seed = 42};
        vv_settings_usual(s);
    } else {
        printf("fashion-mnist is not installed: drawn pictures and a small model instead\n");
        vv_clear(ctx);
        *s = small_settings();
        set->train = small_images(STEPS * s->batch, 1);
        set->test = small_images(s->test_count, 2);
    }
    s->height = set->train.height;
    s->width = set->train.width;
    s->channels = set->train.channels;
    s->train_count = set->train.count;
    s->test_count = set->test.count;
}

// Each step's losses; the steps are run one at a time, so that each can be read.
static void train(bool device, struct losses *out) {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_dataset set = {0};
    struct vv_settings settings;
    struct vv_trainer trainer;
    vv_context_init(&ctx);
    vv_store_init(&store, &ctx);
    open_set(&ctx, &set, &settings);
    struct vv_exec *exec = device
                               ? vv_vulkan_create(&store, &(struct vv_vulkan_options){.validate = true})
                               : vv_reference_create(&store, NULL);
    if (!exec || !vv_trainer_init(&trainer, exec, &settings, &set, NULL) ||
        !vv_trainer_load(&trainer, &set, 0))
        fail_msg("%s", ctx.error);
    printf("%s\n", exec->description);
    vv_dataset_finish(&set);
    struct vv_losses before = {.recon = 0};
    for (uint32_t i = 0; i < STEPS; i++) {
        run_steps(&trainer, i + 1);
        out->recon[i] = trainer.position.partial.recon - before.recon;
        out->kl[i] = trainer.position.partial.kl - before.kl;
        before = trainer.position.partial;
    }
    vv_trainer_finish(&trainer);
    vv_exec_destroy(exec);
    vv_store_finish(&store);
}

static void fifty_steps_agree_with_the_reference(void **state) {
    (void)state;
    struct losses device, reference;
    train(true, &device);
    train(false, &reference);
    double worst = 0;
    for (uint32_t i = 0; i < STEPS; i++) {
        const double a = device.recon[i] + device.kl[i], b = reference.recon[i] + reference.kl[i];
        worst = fmax(worst, fabs(a - b) / b);
        if (!(fabs(a - b) <= 1e-4 * b)) fail_msg("step %u: device %.9g, reference %.9g", i, a, b);
    }
    printf("largest relative difference of a step's loss: %.2e\n", worst);
    assert_true(reference.recon[STEPS - 1] < 0.9 * reference.recon[0]);  // it did learn
}

int main(void) {
    need_device();
    need_validation();
    const struct CMUnitTest tests[] = {cmocka_unit_test(fifty_steps_agree_with_the_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
