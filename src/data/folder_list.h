// Which files a folder of pictures holds.
#ifndef VV_DATA_FOLDER_LIST_H
#define VV_DATA_FOLDER_LIST_H

#include "arena.h"

#include <stdint.h>

struct vv_folder_file {
    const char *path;   // in the arena
    const char *below;  // the part of it behind the folder
    uint64_t bytes;
    int64_t seconds, nanoseconds;  // when it was last changed
};

struct vv_folder_list {
    struct vv_folder_file *file;  // owned
    uint32_t count;
};

enum { VV_NAMED_MOST = 5 };  // of what is left out: more are counted

// Every regular file below the folder whose name ends in .png, .jpg or .jpeg, in the order of their
// paths' bytes. Names that begin with a dot are passed over. Links are followed, but below one no folder
// is entered that was entered before, so that a circle ends. What cannot be read is left out with a
// warning; strict: VV_BAD_DATA. So are folders of runs; where the folder itself is one, VV_BAD_DATA.
bool vv_folder_list(struct vv_arena *arena, const char *folder, bool strict,
                    struct vv_folder_list *list);
void vv_folder_list_finish(struct vv_folder_list *list);

#endif
