#include "loader.h"

#include "set.h"

#include <time.h>

// Given in memory, or read before.
static bool is_there(const struct vv_loader *loader) {
    return vv_images_data(&loader->set->train) != NULL;
}

static void read_set(struct vv_loader *loader) {
    loader->ok = is_there(loader) || vv_dataset_read(&loader->ctx, &loader->shapes, loader->set);
    if (loader->ok) loader->checksum = vv_set_checksum(loader->set);
}

static void *run(void *user) {
    struct vv_loader *loader = user;
    read_set(loader);
    atomic_store(&loader->done, true);
    return NULL;
}

static bool is_to_stop(void *user) {
    return atomic_load(&((struct vv_loader *)user)->stop);
}

void vv_loader_start(struct vv_loader *loader, struct vv_dataset *set, const struct vv_shapes *shapes) {
    *loader = (struct vv_loader){.set = set, .shapes = *shapes, .busy = true};
    vv_context_init(&loader->ctx);
    loader->ctx.stop = is_to_stop;
    loader->ctx.stop_user = loader;
    atomic_store(&loader->done, is_there(loader));
    loader->threaded = pthread_create(&loader->thread, NULL, run, loader) == 0;
}

// The caller's function is for the caller's thread alone: so that one asks, and the loader's looks.
// Nothing is worth asking for where only a checksum is computed.
static void wait_for(struct vv_loader *loader, bool (*stop)(void *user), void *user) {
    const struct timespec moment = {.tv_nsec = 2000000};
    while (stop && !atomic_load(&loader->stop) && !atomic_load(&loader->done)) {
        if (stop(user)) atomic_store(&loader->stop, true);
        (void)nanosleep(&moment, NULL);
    }
    (void)pthread_join(loader->thread, NULL);
}

bool vv_loader_finish(struct vv_loader *loader, struct vv_context *ctx, bool (*stop)(void *user),
                      void *user) {
    if (!loader->busy) return true;
    loader->busy = false;
    if (loader->threaded)
        wait_for(loader, stop, user);
    else
        read_set(loader);
    // It may have come too late for the reader, but it was heard.
    if (loader->ok && atomic_load(&loader->stop)) {
        vv_clear(ctx);
        ctx->status = VV_STOPPED;
        return false;
    }
    if (loader->ok) return true;
    vv_clear(ctx);
    return vv_fail(ctx, loader->ctx.status, "%s", loader->ctx.error);
}
