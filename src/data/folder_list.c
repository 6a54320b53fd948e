#include "folder_list.h"

#include "file.h"
#include "folder.h"
#include "run_folder.h"
#include "size.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#ifdef __APPLE__
#define NANOSECONDS(info) (info).st_mtimensec
#else
#define NANOSECONDS(info) (info).st_mtim.tv_nsec
#endif

struct place {
    const char *path;
    dev_t device;
    ino_t inode;
    bool linked;  // reached through a symbolic link
};

// Folders in the order in which they are entered, and the files that they hold.
struct search {
    struct vv_arena *arena;
    size_t prefix;  // of the paths: the folder that is searched
    struct place *places;
    uint32_t place_count, place_room;
    struct vv_folder_file *files;
    uint32_t file_count, file_room, unread;
    bool one_is_enough, strict;
};

static bool is_picture(const char *name) {
    static const char *const endings[] = {".png", ".jpg", ".jpeg"};
    const char *dot = strrchr(name, '.');
    for (int i = 0; dot && i < 3; i++)
        if (strcasecmp(dot, endings[i]) == 0) return true;
    return false;
}

// Room for one more element of `size` bytes.
static bool grow(struct vv_context *ctx, void **array, uint32_t count, uint32_t *room, size_t size) {
    if (count < *room) return true;
    const uint32_t larger = *room ? 2 * *room : 64;
    void *memory = *room > UINT32_MAX / 2 ? NULL : vv_alloc(ctx, larger, size);
    if (!memory) return false;
    if (*array) memcpy(memory, *array, count * size);
    free(*array);
    *array = memory;
    *room = larger;
    return true;
}

static bool add_folder(struct search *s, const char *path, const struct stat *info, bool linked) {
    void *array = s->places;
    // Without a link none is met twice.
    for (uint32_t i = 0; linked && i < s->place_count; i++)
        if (s->places[i].inode == info->st_ino && s->places[i].device == info->st_dev) return true;
    const bool ok = grow(s->arena->ctx, &array, s->place_count, &s->place_room, sizeof *s->places);
    s->places = array;
    if (ok) s->places[s->place_count++] = (struct place){path, info->st_dev, info->st_ino, linked};
    return ok;
}

static bool add_file(struct search *s, const char *path, const struct stat *info) {
    void *array = s->files;
    const bool ok = grow(s->arena->ctx, &array, s->file_count, &s->file_room, sizeof *s->files);
    s->files = array;
    if (ok)
        s->files[s->file_count++] = (struct vv_folder_file){.path = path,
                                                            .below = path + s->prefix,
                                                            .bytes = (uint64_t)info->st_size,
                                                            .seconds = info->st_mtime,
                                                            .nanoseconds = NANOSECONDS(*info)};
    return ok;
}

// What errno says is in the way. Returns whether it goes on: what nobody may read, or leads nowhere, is
// so for good, but a set is not smaller because of a disk that fails.
static bool leave_out(struct search *s, const char *path) {
    struct vv_context said;
    const bool fails = vv_disk_fails(errno);
    if (s->one_is_enough) return true;
    vv_context_init(&said);
    (void)vv_fail(&said, VV_BAD_DATA,
                  "%s: cannot be read (%s); see who may read it, or move it elsewhere", path,
                  strerror(errno));
    if (s->strict || fails) return vv_fail(s->arena->ctx, said.status, "%s", said.error);
    if (s->unread++ < VV_NAMED_MOST)
        vv_say(s->arena->ctx, VV_LOG_WARNING, "%s; it is left out", said.error);
    return true;
}

static bool add_entry(struct search *s, const struct place *in, const char *name) {
    struct stat info;
    const size_t length = strlen(in->path);
    const char *slash = length && in->path[length - 1] == '/' ? "" : "/";
    if (name[0] == '.') return true;
    const char *path = vv_arena_printf(s->arena, "%s%s%s", in->path, slash, name);
    if (!path) return false;
    if (lstat(path, &info) != 0) return leave_out(s, path);
    const bool is_link = S_ISLNK(info.st_mode);
    if (is_link && stat(path, &info) != 0)  // what leads nowhere may be anything
        return (errno == ENOENT && !is_picture(name)) || leave_out(s, path);
    if (S_ISDIR(info.st_mode)) return add_folder(s, path, &info, in->linked || is_link);
    return !S_ISREG(info.st_mode) || !is_picture(name) || add_file(s, path, &info);
}

// Names in the order of their bytes, whatever the locale: links decide by it who comes first.
static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

// What a model drew is nothing to train one on. `place` is a run's; the folder that is searched is
// refused.
static bool pass_over_run(struct search *s, const struct place *place) {
    struct vv_context *ctx = s->arena->ctx;
    if (s->one_is_enough) return true;
    if (place == s->places)
        return vv_fail(ctx, VV_BAD_DATA,
                       "%s: is the folder of a run, and no set of pictures; name another folder",
                       place->path);
    vv_say(ctx, VV_LOG_WARNING, "%s: is the folder of a run; its pictures are left out", place->path);
    return true;
}

static bool enter(struct search *s, const struct place place) {
    struct dirent **entries = NULL;
    const int count = scandir(place.path, &entries, NULL, by_name);
    bool ok = count >= 0 || leave_out(s, place.path);
    for (int i = 0; i < count; i++) {
        const bool done = s->one_is_enough && s->file_count;
        if (ok && !done) ok = add_entry(s, &place, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

// Where it is asked whether there are pictures at all, what cannot be told now is told by the list
// later.
static bool look_at(struct search *s, const char *folder, bool *is_run) {
    if (vv_run_folder_look(s->arena->ctx, folder, is_run)) return true;
    if (!s->one_is_enough) return false;
    vv_clear(s->arena->ctx);
    *is_run = false;
    return true;
}

static bool find_files(struct search *s, const char *folder) {
    struct stat info;
    const size_t length = strlen(folder);
    s->prefix = length + (length > 0 && folder[length - 1] != '/');
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) return true;
    bool ok = add_folder(s, folder, &info, false);
    for (uint32_t i = 0; ok && i < s->place_count && !(s->one_is_enough && s->file_count); i++) {
        bool is_run;
        ok = !vv_stopped(s->arena->ctx) && look_at(s, s->places[i].path, &is_run) &&
             (is_run ? pass_over_run(s, &s->places[i]) : enter(s, s->places[i]));
    }
    free(s->places);
    return ok;
}

static int by_path(const void *a, const void *b) {
    const struct vv_folder_file *one = a, *other = b;
    return strcmp(one->below, other->below);
}

bool vv_folder_list(struct vv_arena *arena, const char *folder, bool strict,
                    struct vv_folder_list *list) {
    struct search s = {.arena = arena, .strict = strict};
    const bool ok = find_files(&s, folder);
    if (s.unread > VV_NAMED_MOST)
        vv_say(arena->ctx, VV_LOG_WARNING, "%s: %u more names cannot be read, and are left out", folder,
               s.unread - VV_NAMED_MOST);
    *list = (struct vv_folder_list){s.files, s.file_count};
    if (ok && list->count) qsort(list->file, list->count, sizeof *list->file, by_path);
    if (!ok) vv_folder_list_finish(list);
    return ok;
}

void vv_folder_list_finish(struct vv_folder_list *list) {
    free(list->file);
    *list = (struct vv_folder_list){0};
}

bool vv_folder_has_pictures(const char *path) {
    struct vv_context quiet;
    struct vv_arena arena;
    vv_context_init(&quiet);
    vv_arena_init(&arena, &quiet);
    struct search s = {.arena = &arena, .one_is_enough = true};
    (void)find_files(&s, path);
    free(s.files);
    vv_arena_finish(&arena);
    return s.file_count > 0;
}
