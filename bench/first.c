// From the start of this process to the end of the first training step: what vkvae_train does until
// then, but for a run's folder, by the rooms themselves, since only they can tell when exactly one step
// is over.
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "handle.h"
#include "loader.h"
#include "process.h"
#include "set.h"
#include "trainer.h"

enum { BATCH = 128 };

struct first {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_dataset set;
    struct vv_shapes drawn;
    struct vv_loader loader;
    struct vv_exec *exec;
    struct vv_trainer trainer;
    double loss;  // of the step, nats per image
};

static struct vv_settings settings_of(const struct first *f) {
    const struct vv_images *train = &f->set.train;
    struct vv_settings s = {.model = "mlp",
                            .data = "bench",
                            .height = train->height,
                            .width = train->width,
                            .channels = train->channels,
                            .train_count = train->count,
                            .test_count = f->set.test.count,
                            .hidden = {400},
                            .activation = "relu",
                            .latent = 20,
                            .batch = BATCH,
                            .epochs = 10,
                            .lr = 1e-3,
                            .seed = 42};
    vv_settings_usual(&s);
    return s;
}

static bool open_device(struct first *f, const struct bench_options *options) {
    const vkvae_device_options device = {.device = options->device, .kernels = options->kernels};
    struct vv_settings settings = settings_of(f);
    f->exec = vv_open_device(&f->store, &device, NULL);
    if (!f->exec) return false;
    (void)snprintf(settings.kernels, sizeof settings.kernels, "%s", f->exec->kernels);
    return vv_trainer_init(&f->trainer, f->exec, &settings, &f->set, NULL);
}

// The device and the step, while the set is read; then the set is put on the device.
static bool make_ready(struct first *f, const struct bench_options *options) {
    vkvae_train_options defaults;
    vkvae_train_defaults(&defaults);
    if (!vv_set_find(&f->ctx, options->data, &defaults.shapes, &defaults.reading, &f->drawn, &f->set))
        return false;
    vv_loader_start(&f->loader, &f->set, &f->drawn);
    const bool opened = open_device(f, options);
    if (!vv_loader_finish(&f->loader, &f->ctx, NULL, NULL) || !opened ||
        !vv_trainer_load(&f->trainer, &f->set, f->loader.checksum))
        return false;
    vv_dataset_finish(&f->set);
    return true;
}

static bool take_step(struct first *f) {
    struct vv_losses losses;
    const struct vv_hooks hooks = {.until = 1};
    const enum vv_outcome outcome = vv_trainer_epoch(&f->trainer, &hooks, &losses);
    const struct vv_losses *sums = &f->trainer.position.partial;
    f->loss = outcome == VV_EPOCH_DONE ? losses.recon + losses.kl : (sums->recon + sums->kl) / BATCH;
    return outcome != VV_EPOCH_FAILED;
}

static bool print(const struct first *f, double ready, double done) {
    cJSON *json = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(json, "program", "vkvae");
    (void)cJSON_AddStringToObject(json, "device", f->exec->description);
    (void)cJSON_AddStringToObject(json, "kernels", f->exec->kernels);
    (void)cJSON_AddNumberToObject(json, "start_seconds", ready);
    (void)cJSON_AddNumberToObject(json, "first_step_seconds", done);
    (void)cJSON_AddNumberToObject(json, "loss", f->loss);
    (void)cJSON_AddNumberToObject(json, "peak_bytes", bench_peak_memory());
    const bool ok = bench_print_line(json);
    cJSON_Delete(json);
    return ok;
}

int bench_first_step(const struct bench_options *options) {
    const double since = options->since > 0 ? options->since : vv_now();
    struct first f = {.exec = NULL};
    vv_context_init(&f.ctx);
    vv_store_init(&f.store, &f.ctx);
    bool ok = make_ready(&f, options);
    const double ready = vv_now();
    ok = ok && take_step(&f);
    const double done = vv_now();
    if (!ok) (void)bench_fail("%s", f.ctx.error);
    ok = ok && print(&f, ready - since, done - since);
    vv_trainer_finish(&f.trainer);
    vv_exec_destroy(f.exec);
    vv_dataset_finish(&f.set);
    vv_store_finish(&f.store);
    return !ok;
}
