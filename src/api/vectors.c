// The width of lavapipe's vectors: what was measured as best for a run is kept in a file that can be
// read before a driver is loaded, since that is when the driver wants to know.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "config.h"
#include "file.h"
#include "handle.h"
#include "run.h"
#include "tuning.h"

// The file:
//   vkvae vectors 1
//   key KEY
//   bits N
//   checksum CRC-32 of all before
struct kept {
    char key[640];
    uint32_t bits;
};

// What of the options shapes the products, as one number: no file is opened for it, no set read.
static uint32_t hash_of(const vkvae_train_options *o) {
    char text[1024];
    size_t used = 0;
    const vkvae_reading *r = &o->reading;
    const uint32_t height = r->height ? r->height : o->shapes.height,
                   width = r->width ? r->width : o->shapes.width,
                   channels = r->channels ? r->channels : o->shapes.channels;
    for (int i = 0; i < VKVAE_MAX_HIDDEN && o->hidden[i]; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%u,", o->hidden[i]);
    for (int i = 0; i < VKVAE_MAX_HIDDEN && o->channels[i]; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "c%u,", o->channels[i]);
    (void)snprintf(text + used, sizeof text - used, " %u %u %s %s %s %s %s %u %u %u %u %u %u %d",
                   o->latent, o->batch, o->model ? o->model : "", o->activation ? o->activation : "",
                   o->upsample ? o->upsample : "", o->norm ? o->norm : "",
                   o->device.device ? o->device.device : "", o->blocks, o->shapes.images,
                   o->shapes.test_images, height, width, channels, o->device.minimum_limits);
    const char *data = o->data ? o->data : "";
    uint32_t h = (uint32_t)crc32_z(0, (const unsigned char *)text, strlen(text));
    return (uint32_t)crc32_z(h, (const unsigned char *)data, strlen(data));
}

// Into *path FOLDER/vectors-HASH.txt, NULL where nothing is kept. False: memory is out.
static bool path_of(struct vv_context *ctx, const vkvae_train_options *o, char **path) {
    char room[4096], name[32];
    const char *folder = vv_cache_folder(room, sizeof room);
    (void)snprintf(name, sizeof name, "vectors-%08x.txt", hash_of(o));
    *path = folder ? vv_path_join(ctx, folder, name) : NULL;
    return *path || !folder;
}

static bool is_width(uint32_t bits) {
    return bits == 128 || bits == 256 || bits == 512;
}

// What is kept there: without bits nothing that could be read. False: memory is out.
static bool read_kept(struct vv_context *ctx, const char *path, struct kept *kept) {
    struct vv_context quiet;
    unsigned char *bytes = NULL;
    uint64_t size = 0;
    int end = 0;
    vv_context_init(&quiet);
    *kept = (struct kept){.bits = 0};
    const bool ok = path && vv_path_exists(path) &&
                    vv_file_read(&quiet, path, sizeof *kept + 128, &bytes, &size) &&
                    vv_kept_unseal((char *)bytes, size) &&
                    sscanf((const char *)bytes, "vkvae vectors 1\nkey %639[^\n]\nbits %u\n%n", kept->key,
                           &kept->bits, &end) == 2 &&
                    end > 0 && !bytes[end] && is_width(kept->bits);
    free(bytes);
    if (!ok) kept->bits = 0;
    return quiet.status != VV_FAILED || vv_fail(ctx, quiet.status, "%s", quiet.error);
}

// A disk that cannot be written may have no such file all the same.
static bool forget(struct vv_context *ctx, const char *path) {
    return !vv_path_exists(path) || unlink(path) == 0 || errno == ENOENT ||
           vv_fail(ctx, VV_FAILED,
                   "%s: the width of vectors kept there cannot be forgotten (%s); remove it, or name "
                   "another folder with VKVAE_CACHE",
                   path, strerror(errno));
}

uint32_t vkvae_kept_vectors(const vkvae_train_options *options) {
    struct vv_context quiet;
    struct kept kept;
    char *path;
    vv_context_init(&quiet);
    const bool ok = path_of(&quiet, options, &path) && read_kept(&quiet, path, &kept);
    free(path);
    return ok ? kept.bits : 0;
}

bool vv_vectors_check(struct vv_context *ctx, const vkvae_train_options *options, const char *key) {
    struct kept kept;
    char *path;
    bool ok = path_of(ctx, options, &path) && read_kept(ctx, path, &kept);
    const bool stale = ok && kept.bits && strcmp(kept.key, key) != 0;
    if (stale) ok = forget(ctx, path);
    if (stale && ok)
        vv_say(ctx, VV_LOG_INFO,
               "autotune: the width of vectors was measured with another driver or version, and is "
               "forgotten; 'vkvae autotune' measures it again");
    free(path);
    return ok;
}

vkvae_status vkvae_check_vectors(vkvae *v, const vkvae_train_options *options) {
    struct vv_store store;
    struct vv_tuning_key key;
    char text[sizeof((struct kept *)0)->key];
    vv_clear(&v->ctx);
    vv_store_init(&store, &v->ctx);
    struct vv_exec *exec =
        vv_is_reference(options->device.device) ? NULL : vv_open_again(&store, &options->device);
    if (exec) {
        vv_tuning_key_of(exec, &key);
        vv_tuning_key_print(&key, text, sizeof text);
        (void)vv_vectors_check(&v->ctx, options, text);
    }
    vv_exec_destroy(exec);
    vv_store_finish(&store);
    return vv_result(&v->ctx, v->ctx.status == VV_OK);
}

static bool keep(struct vv_context *ctx, const char *path, const char *key, uint32_t bits) {
    char text[sizeof(struct kept) + 64];
    if (!is_width(bits) || strchr(key, '\n') || strlen(key) >= sizeof((struct kept *)0)->key)
        return vv_fail(ctx, VV_USAGE,
                       "%u bits are no width of vectors; give 128, 256 or 512, with the key of a "
                       "measurement",
                       bits);
    (void)snprintf(text, sizeof text, "vkvae vectors 1\nkey %s\nbits %u\n", key, bits);
    char *sealed = vv_kept_seal(ctx, text);
    const bool ok = sealed && vv_file_write(ctx, path, sealed, strlen(sealed));
    free(sealed);
    return ok;
}

vkvae_status vkvae_keep_vectors(vkvae *v, const vkvae_train_options *options, const char *key,
                                uint32_t bits) {
    vv_clear(&v->ctx);
    char *path;
    bool ok = path_of(&v->ctx, options, &path);
    if (path) ok = bits ? keep(&v->ctx, path, key, bits) : forget(&v->ctx, path);
    free(path);
    return vv_result(&v->ctx, ok);
}

uint32_t vkvae_vectors_of(const char *device, const char *kernels) {
    const char *slash = kernels ? strchr(kernels, '/') : NULL;
    if (!slash || !device || !strstr(device, "llvmpipe")) return 0;
    const unsigned long lanes = strtoul(slash + 1, NULL, 10);  // of 32 bits
    return lanes <= 16 && is_width((uint32_t)lanes * 32) ? (uint32_t)lanes * 32 : 0;
}

uint32_t vkvae_run_vectors(const char *run) {
    struct vv_settings *settings = malloc(sizeof *settings);
    struct vv_config_record record;
    struct vv_context quiet;
    vv_context_init(&quiet);
    char *path = run ? vv_path_join(&quiet, run, "config.json") : NULL;
    const bool ok = settings && path && vv_config_read(&quiet, path, settings, &record);
    const uint32_t bits = ok ? vkvae_vectors_of(record.description, settings->kernels) : 0;
    free(path);
    free(settings);
    return bits;
}
