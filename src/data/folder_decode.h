// The pictures of a plan, decoded with all cores.
#ifndef VV_DATA_FOLDER_DECODE_H
#define VV_DATA_FOLDER_DECODE_H

#include "folder_plan.h"
#include "shelf.h"

#include <stdatomic.h>

struct vv_folder_decoding {
    struct vv_context *ctx;
    struct vv_folder_plan *plan;
    const struct vv_reading *reading;
    uint32_t height, width, channels;  // of the set
    uint32_t broken;                   // pictures that are left out
    uint32_t count[2];                 // that are whole
    uint32_t *label;                   // owned, theirs; NULL: they have none
    atomic_bool shelf_failed;          // the file could not be written: all else may be well
    struct vv_folder_sight *sight;     // owned: what is known of each picture
    struct vv_folder_notes *notes;     // owned
};

// Reads all headers, and settles the set's size and channels.
bool vv_folder_measure(struct vv_context *ctx, struct vv_folder_plan *plan,
                       const struct vv_reading *reading, struct vv_folder_decoding *d);
// Decodes all into the shelf, without gaps.
bool vv_folder_decode(struct vv_folder_decoding *d, struct vv_shelf *shelf);
// Names the broken pictures.
void vv_folder_warn(const struct vv_folder_decoding *d);
void vv_folder_decoding_finish(struct vv_folder_decoding *d);

#endif
