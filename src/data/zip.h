// Members of a .zip file, as far as .npz files have them.
#ifndef VV_DATA_ZIP_H
#define VV_DATA_ZIP_H

#include "arena.h"
#include "source.h"

struct vv_zip_member {
    const char *name;  // the arena's
    uint32_t method, flags, crc;
    uint64_t packed, size, at;  // at: of its own header
};

struct vv_zip {
    struct vv_source file;
    struct vv_zip_member *members;  // the arena's
    uint32_t count;
};

// Reads the directory at the end: zip64 too, at most 65,535 members. VV_BAD_DATA where there is none, or
// where it is damaged.
bool vv_zip_open(struct vv_arena *arena, const char *path, struct vv_zip *zip);
void vv_zip_close(struct vv_zip *zip);  // takes a zeroed one

// A member, stored or deflated, to be read from its begin; the zip stays open. source->name:
// "FILE(NAME)". What promises more than 1 GiB and more than 256 times its packed bytes is refused.
bool vv_zip_open_member(struct vv_arena *arena, struct vv_zip *zip, const struct vv_zip_member *member,
                        struct vv_source *source);

#endif
