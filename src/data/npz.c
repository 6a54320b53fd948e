#include "npz.h"

#include <assert.h>
#include <string.h>

bool vv_npz_is_called(const struct vv_zip_member *member, const char *name) {
    const size_t length = strlen(name);
    return strncmp(member->name, name, length) == 0 && strcmp(member->name + length, ".npy") == 0;
}

const struct vv_zip_member *vv_npz_find(const struct vv_zip *zip, const char *name) {
    for (uint32_t i = 0; i < zip->count; i++)
        if (vv_npz_is_called(&zip->members[i], name)) return &zip->members[i];
    return NULL;
}

// Without the ending that arrays have.
static int shown_length(const char *name) {
    const size_t length = strlen(name);
    const bool array = length > 4 && strcmp(name + length - 4, ".npy") == 0;
    return (int)(array ? length - 4 : length);
}

const char *vv_npz_names(struct vv_arena *arena, const struct vv_zip *zip) {
    const size_t most = 160;
    const char *list = "";
    assert(zip->members || zip->count == 0);
    for (uint32_t i = 0; list && i < zip->count && strlen(list) < most; i++) {
        const char *name = zip->members[i].name;
        list = vv_arena_printf(arena, "%s%s%.*s", list, *list ? ", " : "", shown_length(name), name);
    }
    return list && *list ? list : "none";
}
