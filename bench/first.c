// From the start of this process to the end of the first training step: what vkvae_train does until
// then, by the rooms themselves, since only they can tell when exactly one step is over.
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "handle.h"
#include "process.h"
#include "set.h"
#include "trainer.h"

struct first {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_dataset set;
    struct vv_exec *exec;
    struct vv_trainer trainer;
};

static struct vv_settings settings_of(const struct first *f) {
    const struct vv_images *train = &f->set.train;
    return (struct vv_settings){.model = "mlp",
                                .data = "bench",
                                .height = train->height,
                                .width = train->width,
                                .channels = train->channels,
                                .train_count = train->count,
                                .test_count = f->set.test.count,
                                .data_checksum = vv_set_checksum(&f->set),
                                .hidden = {400},
                                .activation = "relu",
                                .latent = 20,
                                .batch = 128,
                                .epochs = 10,
                                .lr = 1e-3,
                                .seed = 42};
}

static bool take_step(struct first *f, const struct bench_options *options, double *ready) {
    const vkvae_device_options device = {.device = options->device, .kernels = options->kernels};
    vkvae_train_options defaults;
    vkvae_train_defaults(&defaults);
    if (!vv_set_open(&f->ctx, options->data, &defaults.shapes, &f->set)) return false;
    struct vv_settings settings = settings_of(f);
    f->exec = vv_open_device(&f->store, &device, NULL);
    if (!f->exec) return false;
    (void)snprintf(settings.kernels, sizeof settings.kernels, "%s", f->exec->kernels);
    if (!vv_trainer_init(&f->trainer, f->exec, &settings, &f->set, NULL)) return false;
    vv_dataset_finish(&f->set);
    *ready = vv_now();
    struct vv_losses losses;
    const struct vv_hooks hooks = {.until = 1};
    return vv_trainer_epoch(&f->trainer, &hooks, &losses) != VV_EPOCH_FAILED;
}

static bool print(const struct first *f, double ready, double done) {
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(json, "program", "vkvae");
    (void)cJSON_AddStringToObject(json, "device", f->exec->description);
    (void)cJSON_AddStringToObject(json, "kernels", f->exec->kernels);
    (void)cJSON_AddNumberToObject(json, "start_seconds", ready);
    (void)cJSON_AddNumberToObject(json, "first_step_seconds", done);
    (void)cJSON_AddNumberToObject(json, "peak_bytes", bench_peak_memory());
    const bool ok = bench_print_line(json);
    cJSON_Delete(json);
    return ok;
}

int bench_first_step(const struct bench_options *options) {
    const double since = options->since > 0 ? options->since : vv_now();
    struct first f = {.exec = NULL};
    double ready = 0;
    vv_context_init(&f.ctx);
    vv_store_init(&f.store, &f.ctx);
    bool ok = take_step(&f, options, &ready);
    const double done = vv_now();
    if (!ok) (void)bench_fail("%s", f.ctx.error);
    ok = ok && print(&f, ready - since, done - since);
    vv_trainer_finish(&f.trainer);
    vv_exec_destroy(f.exec);
    vv_dataset_finish(&f.set);
    vv_store_finish(&f.store);
    return !ok;
}
