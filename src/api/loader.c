#include "loader.h"

#include "set.h"

static void read_set(struct vv_loader *loader) {
    const bool there = vv_images_data(&loader->set->train) != NULL;  // given in memory, or read
    loader->ok = there || vv_dataset_read(&loader->ctx, &loader->shapes, loader->set);
    if (loader->ok) loader->checksum = vv_set_checksum(loader->set);
}

static void *run(void *loader) {
    read_set(loader);
    return NULL;
}

void vv_loader_start(struct vv_loader *loader, struct vv_dataset *set, const struct vv_shapes *shapes) {
    *loader = (struct vv_loader){.set = set, .shapes = *shapes, .busy = true};
    vv_context_init(&loader->ctx);
    loader->threaded = pthread_create(&loader->thread, NULL, run, loader) == 0;
}

bool vv_loader_finish(struct vv_loader *loader, struct vv_context *ctx) {
    if (!loader->busy) return true;
    loader->busy = false;
    if (loader->threaded)
        (void)pthread_join(loader->thread, NULL);
    else
        read_set(loader);
    if (loader->ok) return true;
    vv_clear(ctx);
    return vv_fail(ctx, loader->ctx.status, "%s", loader->ctx.error);
}
