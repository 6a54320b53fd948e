// Kinds of sources: how a folder or file becomes a set, and which options mean something for it.
#ifndef VV_DATA_KIND_H
#define VV_DATA_KIND_H

#include "arena.h"
#include "dataset.h"
#include "reading.h"

struct vv_kind {
    const char *name;  // as in "a folder of IDX files"
    unsigned options;  // groups of those that mean something
    // Sizes at least, and all where nothing is left to be read later.
    bool (*open)(struct vv_arena *arena, const char *path, const struct vv_reading *reading,
                 struct vv_dataset *set);
};

extern const struct vv_kind vv_kind_drawn;

// The kind of a folder or file; VV_BAD_DATA where it is none, or not there.
bool vv_kind_find(struct vv_arena *arena, const char *path, const struct vv_kind **kind);

// Whether a file is named as one that holds a set: its folder need not be told then.
bool vv_kind_is_file(const char *path);

// Whether a folder is of any kind. False: out of memory.
bool vv_folder_holds_set(struct vv_arena *arena, const char *folder, bool *holds);

// Whether it is a folder of PNG and JPEG files, which can be brought to a size.
bool vv_kind_is_pictures(const struct vv_kind *kind);

// VV_USAGE where an option is given that means nothing for `kind`, or makes no sense. source: for the
// message.
bool vv_kind_check(struct vv_context *ctx, const struct vv_kind *kind, const char *source,
                   const struct vv_reading *reading);

#endif
