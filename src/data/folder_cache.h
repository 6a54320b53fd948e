// Decoded pictures of a folder, kept in a file of the user's cache folder from one start to the next.
#ifndef VV_DATA_FOLDER_CACHE_H
#define VV_DATA_FOLDER_CACHE_H

#include "dataset.h"
#include "folder_decode.h"

// What decides what is in the file: paths, the list of files with their sizes and times, options.
struct vv_folder_key {
    uint64_t word[2];
};

struct vv_folder_key vv_folder_key(const struct vv_folder_plan *plan, const struct vv_reading *reading);

// Of one folder of pictures, by other options each.
enum { VV_FOLDER_CACHE_MOST = 4 };

// Its path, one for each folder of pictures and options, so that there is never a second one of the
// same; in the arena. NULL: nothing is kept.
const char *vv_folder_cache_path(struct vv_arena *arena, const char *folder,
                                 const struct vv_reading *reading);

// The file's header and what follows from it; nothing of it is believed before vv_folder_cache_check.
struct vv_folder_cached {
    uint32_t count[2], height, width, channels, skipped, class_count;
    const unsigned char *pixels[2];
    const uint32_t *labels;  // of both parts, NULL: none
    const char *names;       // of the classes, each ending in a 0
};

// Whether `size` bytes (aligned for uint32_t) are such a file, whole and of that key. Any bytes may be
// given.
bool vv_folder_cache_check(const unsigned char *file, uint64_t size, const struct vv_folder_key *key,
                           struct vv_folder_cached *cached);

// Takes the set out of the file. False, without an error, where it is not to be had; a warning says so
// where the file is damaged.
bool vv_folder_cache_open(struct vv_context *ctx, const char *path, const struct vv_folder_key *key,
                          struct vv_dataset *set);

// Completes the shelf's file by a header and what follows the pictures, commits it and maps it: the set
// has its pixels, and nothing else yet.
bool vv_folder_cache_commit(struct vv_context *ctx, struct vv_shelf *shelf,
                            const struct vv_folder_decoding *d, const struct vv_folder_key *key,
                            struct vv_dataset *set);

// Removes what processes that were killed left beside that file, and of the files of the same pictures
// those used longest ago, so that with this one there are VV_FOLDER_CACHE_MOST.
void vv_folder_cache_sweep(const char *path);

// Sizes, labels and classes of a set whose pixels are elsewhere.
bool vv_folder_describe(struct vv_context *ctx, const struct vv_folder_decoding *d,
                        struct vv_dataset *set);

#endif
