#include "folder_cache.h"

#include "size.h"
#include "sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

// The file: this, from VV_SHELF_FIRST on the pictures of both parts, at `tail` the labels, then names.
struct head {
    char magic[8];
    uint32_t checksum;  // CRC-32 of all that follows `zero`
    uint32_t zero;
    uint64_t bytes;  // of the file
    struct vv_folder_key key;
    uint32_t count[2], height, width, channels, skipped, class_count, has_labels;
    uint64_t at[2], tail, name_bytes;
};
_Static_assert(sizeof(struct head) == 104, "laid out as in the file, without gaps");
static const char magic[8] = "vkvpics1";

enum { CHECKED_FROM = 16 };

// ---- Keys ----

// FNV-1a, 64 bits, with two offsets: it tells files apart, and guards against nobody.
static void hash(struct vv_folder_key *key, const void *bytes, size_t size) {
    const unsigned char *b = bytes;
    for (size_t i = 0; i < size; i++)
        for (int k = 0; k < 2; k++) key->word[k] = (key->word[k] ^ b[i]) * UINT64_C(0x100000001b3);
}

static void hash_number(struct vv_folder_key *key, uint64_t number) {
    hash(key, &number, sizeof number);
}

// With its end, so that no two lists of texts are the same bytes.
static void hash_text(struct vv_folder_key *key, const char *text) {
    hash(key, text, strlen(text) + 1);
}

static struct vv_folder_key new_key(void) {
    return (struct vv_folder_key){{UINT64_C(0xcbf29ce484222325), UINT64_C(0x9ae16a3b2f90404f)}};
}

static void hash_path(struct vv_folder_key *key, const char *path) {
    char room[VV_PATH_ROOM];
    const char *absolute = path ? realpath(path, room) : "";
    hash_text(key, absolute ? absolute : path);
}

struct vv_folder_key vv_folder_key(const struct vv_folder_plan *plan, const struct vv_reading *r) {
    struct vv_folder_key key = new_key();
    const uint64_t options[] = {r->height,        r->width,       r->channels,      (uint64_t)r->fit,
                                r->crop,          r->strict,      r->background[0], r->background[1],
                                r->background[2], plan->count[0], plan->count[1],   plan->label != NULL};
    hash_text(&key, VV_VERSION);
    hash_path(&key, plan->folder);
    hash_path(&key, r->test);
    hash(&key, options, sizeof options);
    for (uint32_t i = 0; i < plan->count[0] + plan->count[1]; i++) {
        const struct vv_folder_file *file = plan->picture[i];
        hash_text(&key, file->below);
        hash_number(&key, file->bytes);
        hash_number(&key, (uint64_t)file->seconds);
        hash_number(&key, (uint64_t)file->nanoseconds);
    }
    return key;
}

const char *vv_folder_cache_path(struct vv_arena *arena, const char *folder,
                                 const struct vv_reading *r) {
    char room[4096];
    struct vv_folder_key place = new_key(), how = new_key();
    const uint64_t options[] = {r->height,        r->width,  r->channels,      (uint64_t)r->fit,
                                r->crop,          r->strict, r->background[0], r->background[1],
                                r->background[2], r->limit};
    const char *cache = vv_cache_folder(room, sizeof room);
    if (!cache) return NULL;
    hash_path(&place, folder);
    hash_path(&how, r->test);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) hash_number(&how, options[i]);
    // From 0 to 1, exactly; a whole set has none.
    hash_number(&how, r->whole ? 0 : (uint64_t)(r->split * (double)(UINT64_C(1) << 53)));
    return vv_arena_printf(arena, "%s/pictures-%016" PRIx64 "-%016" PRIx64 ".bin", cache, place.word[0],
                           how.word[0]);
}

// ---- Reading ----

// Whether the header's numbers fit each other and the file.
static bool fits(const struct head *h, uint64_t size) {
    uint64_t stride, part[2], labels = 0, end;
    const uint64_t most = INT64_MAX / 8;
    if (!h->count[0] || !h->height || !h->width) return false;
    if (h->channels != 1 && h->channels != 3) return false;
    if (!vv_mul_u64((uint64_t)h->height * h->width, h->channels, &stride)) return false;
    for (int i = 0; i < 2; i++)
        if (!vv_mul_u64(h->count[i], stride, &part[i]) || part[i] > most || h->at[i] > most)
            return false;
    if (h->has_labels) labels = sizeof(uint32_t) * ((uint64_t)h->count[0] + h->count[1]);
    if (h->has_labels != (h->class_count > 0) || h->class_count > VV_LABELS_MAX) return false;
    if (h->tail > most || h->name_bytes > most || h->tail % sizeof(uint32_t)) return false;
    end = h->tail + labels + h->name_bytes;
    return h->at[0] == VV_SHELF_FIRST && h->at[1] >= h->at[0] + part[0] &&
           h->tail >= h->at[1] + part[1] && end == size;
}

static bool labels_are_sound(const struct vv_folder_cached *c, uint64_t name_bytes) {
    uint64_t names = 0;
    for (uint64_t i = 0; i < name_bytes; i++) names += c->names[i] == '\0';
    if (names != c->class_count || (name_bytes && c->names[name_bytes - 1] != '\0')) return false;
    for (uint64_t i = 0; c->labels && i < (uint64_t)c->count[0] + c->count[1]; i++)
        if (c->labels[i] >= c->class_count) return false;
    return true;
}

bool vv_folder_cache_check(const unsigned char *file, uint64_t size, const struct vv_folder_key *key,
                           struct vv_folder_cached *cached) {
    struct head h;
    if (size < VV_SHELF_FIRST) return false;
    memcpy(&h, file, sizeof h);
    if (memcmp(h.magic, magic, sizeof magic) != 0 || h.bytes != size ||
        memcmp(&h.key, key, sizeof *key) != 0 || !fits(&h, size))
        return false;
    if (h.checksum != (uint32_t)crc32_z(0, file + CHECKED_FROM, size - CHECKED_FROM)) return false;
    const uint64_t labels = h.has_labels ? sizeof(uint32_t) * ((uint64_t)h.count[0] + h.count[1]) : 0;
    *cached = (struct vv_folder_cached){
        .count = {h.count[0], h.count[1]},
        .height = h.height,
        .width = h.width,
        .channels = h.channels,
        .skipped = h.skipped,
        .class_count = h.class_count,
        .pixels = {file + h.at[0], file + h.at[1]},
        .labels = h.has_labels ? (const uint32_t *)(const void *)(file + h.tail) : NULL,
        .names = (const char *)file + h.tail + labels,
    };
    return labels_are_sound(cached, h.name_bytes);
}

// Each part has a map of its own, to be unmapped with it.
static bool map_parts(int descriptor, uint64_t size, void *map[2]) {
    for (int i = 0; i < 2; i++) map[i] = NULL;
    if (size == 0 || size > SIZE_MAX) return false;
    for (int i = 0; i < 2; i++) {
        map[i] = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, descriptor, 0);
        if (map[i] != MAP_FAILED) continue;
        if (i == 1) (void)munmap(map[0], (size_t)size);
        map[0] = map[1] = NULL;
        return false;
    }
    return true;
}

static bool take_labels(struct vv_context *ctx, const uint32_t *labels, struct vv_images *images) {
    images->labels = vv_alloc(ctx, images->count, sizeof *images->labels);
    if (images->labels) memcpy(images->labels, labels, images->count * sizeof *labels);
    return images->labels != NULL;
}

static char *copy_name(struct vv_context *ctx, const char *name) {
    const size_t size = strlen(name) + 1;
    char *copy = vv_alloc(ctx, size, 1);
    if (copy) memcpy(copy, name, size);
    return copy;
}

static bool take(struct vv_context *ctx, const struct vv_folder_cached *c, struct vv_dataset *set) {
    struct vv_images *images[] = {&set->train, &set->test};
    const char *name = c->names;
    for (int i = 0; i < 2; i++) {
        images[i]->count = c->count[i];
        images[i]->height = c->height;
        images[i]->width = c->width;
        images[i]->channels = c->channels;
        if (c->labels && !take_labels(ctx, c->labels + (i ? c->count[0] : 0), images[i])) return false;
    }
    set->skipped = c->skipped;
    set->classes = c->class_count ? vv_alloc(ctx, c->class_count, sizeof *set->classes) : NULL;
    if (c->class_count && !set->classes) return false;
    for (uint32_t i = 0; i < c->class_count; i++, name += strlen(name) + 1) {
        set->classes[i] = copy_name(ctx, name);
        if (!set->classes[i]) return false;
        set->class_count++;
    }
    return true;
}

static void take_maps(void *const map[2], uint64_t size, const uint64_t at[2], struct vv_dataset *set) {
    struct vv_images *images[] = {&set->train, &set->test};
    for (int i = 0; i < 2; i++) {
        images[i]->map = map[i];
        images[i]->map_bytes = size;
        images[i]->pixels = (unsigned char *)map[i] + at[i];
    }
}

// Made of the same folder, before something in it changed.
static bool is_of_another(const unsigned char *file, uint64_t size, const struct vv_folder_key *key) {
    struct head h;
    if (size < VV_SHELF_FIRST) return false;
    memcpy(&h, file, sizeof h);
    return memcmp(h.magic, magic, sizeof magic) == 0 && memcmp(&h.key, key, sizeof *key) != 0;
}

bool vv_folder_cache_open(struct vv_context *ctx, const char *path, const struct vv_folder_key *key,
                          struct vv_dataset *set) {
    struct vv_context quiet;
    struct vv_folder_cached cached;
    int descriptor;
    uint64_t size;
    void *map[2];
    vv_context_init(&quiet);
    if (!vv_path_exists(path) || !vv_file_open(&quiet, path, &descriptor, &size)) return false;
    const bool mapped = map_parts(descriptor, size, map);
    (void)close(descriptor);
    if (mapped && vv_folder_cache_check(map[0], size, key, &cached)) {
        const uint64_t at[] = {(uint64_t)(cached.pixels[0] - (unsigned char *)map[0]),
                               (uint64_t)(cached.pixels[1] - (unsigned char *)map[0])};
        take_maps(map, size, at, set);
        (void)utimensat(AT_FDCWD, path, NULL, 0);  // the one that was used last is kept longest
        return take(ctx, &cached, set);
    }
    const bool outdated = mapped && is_of_another(map[0], size, key);
    for (int i = 0; mapped && i < 2; i++) (void)munmap(map[i], (size_t)size);
    if (!outdated) vv_say(ctx, VV_LOG_WARNING, "%s: is damaged, and is made anew", path);
    return false;
}

// ---- Writing ----

static struct vv_folder_cached describe(const struct vv_folder_decoding *d) {
    return (struct vv_folder_cached){.count = {d->count[0], d->count[1]},
                                     .height = d->height,
                                     .width = d->width,
                                     .channels = d->channels,
                                     .skipped = d->broken,
                                     .class_count = d->plan->class_count,
                                     .labels = d->label};
}

// The names one after the other, each with its 0; the caller frees it.
static char *join_names(struct vv_context *ctx, const struct vv_folder_plan *plan, uint64_t *bytes) {
    *bytes = 0;
    for (uint32_t i = 0; i < plan->class_count; i++) *bytes += strlen(plan->name[i]) + 1;
    char *names = vv_alloc(ctx, *bytes, 1), *at = names;
    for (uint32_t i = 0; names && i < plan->class_count; i++) {
        const size_t size = strlen(plan->name[i]) + 1;
        memcpy(at, plan->name[i], size);
        at += size;
    }
    return names;
}

bool vv_folder_describe(struct vv_context *ctx, const struct vv_folder_decoding *d,
                        struct vv_dataset *set) {
    struct vv_folder_cached c = describe(d);
    uint64_t bytes;
    char *names = join_names(ctx, d->plan, &bytes);
    c.names = names;
    const bool ok = names && take(ctx, &c, set);
    free(names);
    return ok;
}

static bool write_all(struct vv_context *ctx, struct vv_shelf *shelf, const struct vv_folder_cached *c,
                      const struct vv_folder_key *key, const char *names, uint64_t name_bytes,
                      void *map[2], struct head *h) {
    const uint64_t labels = c->labels ? sizeof(uint32_t) * ((uint64_t)c->count[0] + c->count[1]) : 0;
    *h = (struct head){.bytes = shelf->end + labels + name_bytes,
                       .key = *key,
                       .count = {c->count[0], c->count[1]},
                       .height = c->height,
                       .width = c->width,
                       .channels = c->channels,
                       .skipped = c->skipped,
                       .class_count = c->class_count,
                       .has_labels = c->labels != NULL,
                       .at = {shelf->at[0], shelf->at[1]},
                       .tail = shelf->end,
                       .name_bytes = name_bytes};
    memcpy(h->magic, magic, sizeof magic);
    if (!vv_shelf_write(ctx, shelf, 0, h, sizeof *h) ||
        !vv_shelf_write(ctx, shelf, h->tail, c->labels, labels) ||
        !vv_shelf_write(ctx, shelf, h->tail + labels, names, name_bytes))
        return false;
    // Also where nothing follows the pictures.
    if (ftruncate(shelf->writer.descriptor, (off_t)h->bytes) != 0 ||
        !map_parts(shelf->reader, h->bytes, map))
        return vv_shelf_fail(ctx, shelf->writer.path, errno);
    h->checksum = (uint32_t)crc32_z(0, (unsigned char *)map[0] + CHECKED_FROM, h->bytes - CHECKED_FROM);
    return vv_shelf_write(ctx, shelf, 0, h, sizeof *h) && vv_writer_commit(&shelf->writer);
}

bool vv_folder_cache_commit(struct vv_context *ctx, struct vv_shelf *shelf,
                            const struct vv_folder_decoding *d, const struct vv_folder_key *key,
                            struct vv_dataset *set) {
    const struct vv_folder_cached c = describe(d);
    struct head h;
    uint64_t name_bytes;
    void *map[2] = {NULL, NULL};
    char *names = join_names(ctx, d->plan, &name_bytes);
    const bool ok = names && write_all(ctx, shelf, &c, key, names, name_bytes, map, &h);
    free(names);
    if (ok) take_maps(map, h.bytes, h.at, set);
    for (int i = 0; !ok && i < 2; i++)
        if (map[i]) (void)munmap(map[i], (size_t)h.bytes);
    return ok;
}

// ---- Removing ----

// The file's name as far as it is the folder's of pictures: "pictures-0123456789abcdef-".
static size_t shared_length(const char *name) {
    return (size_t)(strrchr(name, '-') + 1 - name);
}

static bool is_before(const struct timespec *a, const struct timespec *b) {
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

// Of the same pictures by other options. Returns how many there are; `oldest`: the one to go first.
static uint32_t count_others(DIR *entries, const char *own, char oldest[256]) {
    struct timespec least = {0};
    struct stat info;
    uint32_t count = 0;
    rewinddir(entries);
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        const char *name = entry->d_name;
        const bool other = strncmp(name, own, shared_length(own)) == 0 && strcmp(name, own) != 0 &&
                           strlen(name) == strlen(own);
        if (!other || fstatat(dirfd(entries), name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (count++ && !is_before(&info.st_mtim, &least)) continue;
        least = info.st_mtim;
        (void)snprintf(oldest, 256, "%s", name);
    }
    return count;
}

void vv_folder_cache_sweep(const char *path) {
    const char *slash = strrchr(path, '/'), *own = slash + 1;
    char oldest[256];
    char *folder = strndup(path, (size_t)(slash - path));
    char *head = strndup(own, shared_length(own));
    if (folder && head) vv_sweep(folder, head);
    free(head);
    DIR *entries = folder ? opendir(folder) : NULL;
    while (entries && count_others(entries, own, oldest) >= VV_FOLDER_CACHE_MOST)
        if (unlinkat(dirfd(entries), oldest, 0) != 0) break;
    if (entries) (void)closedir(entries);
    free(folder);
}
