// Which pictures of a folder are trained on and which are tested on, and of what class each is.
#ifndef VV_DATA_FOLDER_PLAN_H
#define VV_DATA_FOLDER_PLAN_H

#include "folder_list.h"
#include "reading.h"

struct vv_folder_plan {
    const char *folder;                     // for messages
    struct vv_folder_list list[2];          // the folder's, and that of reading->test
    uint32_t count[2];                      // pictures to train on, and to test on
    const struct vv_folder_file **picture;  // owned; first those to train on; each part by path
    uint32_t *label;                        // owned, as `picture`; NULL: there are no classes
    const char **name;                      // owned: of the classes, in the arena
    uint32_t class_count;
};

// VV_BAD_DATA where there are not enough pictures. What a plan holds is good as long as the arena.
bool vv_folder_plan(struct vv_arena *arena, const char *folder, const struct vv_reading *reading,
                    struct vv_folder_plan *plan);
void vv_folder_plan_finish(struct vv_folder_plan *plan);

#endif
