#include "named.h"

#include "file.h"
#include "idx_folder.h"
#include "kind.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static const char *const system_root = "/usr/share/datasets";

static const struct {
    const char *name, *remedy;
} known_sets[] = {
    {"shapes", "built in"},
    {"mnist", "put its four IDX files there"},
    {"fashion-mnist", "Debian's package dataset-fashion-mnist installs it"},
};

enum { KNOWN_SETS = sizeof known_sets / sizeof known_sets[0], ROOTS_MAX = 3 };

// The folders that are searched for a named set, in order; returns how many, 0 when memory ran out.
static int search_roots(struct vv_arena *arena, const char *roots[ROOTS_MAX]) {
    const char *own = getenv("VKVAE_DATA"), *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int count = 0;
    if (own && *own) roots[count++] = own;
    // The XDG specification: a relative $XDG_DATA_HOME is invalid and ignored.
    const char *user = NULL;
    bool wanted = true;
    if (xdg && *xdg == '/')
        user = vv_arena_printf(arena, "%s/vkvae", xdg);
    else if (home && *home)
        user = vv_arena_printf(arena, "%s/.local/share/vkvae", home);
    else
        wanted = false;
    if (wanted && !user) return 0;
    if (user) roots[count++] = user;
    roots[count++] = system_root;
    return count;
}

static bool in_list(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += length) {
        bool starts = at == list || at[-1] == ' ';
        if (starts && (at[length] == '\0' || at[length] == ',')) return true;
    }
    return false;
}

// Names of sub-folders of the roots that hold a set, comma-separated; NULL: out of memory.
static const char *list_sets(struct vv_arena *arena, const char *const *roots, int count) {
    const size_t most = 160;  // an error has to fit one message
    const char *list = "";
    for (int i = 0; i < count; i++) {
        struct dirent **entries = NULL;
        int found = scandir(roots[i], &entries, NULL, alphasort);
        for (int j = 0; j < found; j++) {
            const char *name = entries[j]->d_name;
            bool holds = false,
                 listed = name[0] != '.' && strlen(list) + strlen(name) < most && !in_list(list, name);
            const char *folder = listed ? vv_arena_printf(arena, "%s/%s", roots[i], name) : NULL;
            if (folder && vv_folder_holds_set(arena, folder, &holds) && holds)
                list = vv_arena_printf(arena, "%s%s%s", list, *list ? ", " : "", name);
            free(entries[j]);
            if (!list) list = "";
        }
        free(entries);
    }
    return arena->ctx->status == VV_OK ? list : NULL;
}

static bool fail_not_found(struct vv_arena *arena, const char *name, const char *const *roots,
                           int count) {
    const char *list = list_sets(arena, roots, count), *known = "", *searched = "";
    for (int i = 0; known && i < KNOWN_SETS; i++)
        known = vv_arena_printf(arena, "%s%s%s (%s)", known, i ? ", " : "", known_sets[i].name,
                                known_sets[i].remedy);
    for (int i = 0; searched && i < count; i++)
        searched = vv_arena_printf(arena, "%s%s%.100s", searched, i ? ", " : "", roots[i]);
    if (!list || !known || !searched) return false;
    return vv_fail(arena->ctx, VV_BAD_DATA,
                   "no data set '%.80s' as a sub-folder of %s; found there: %s; known sets: %s; a set's "
                   "folder holds %s; name one of them, or a folder's path",
                   name, searched, *list ? list : "none", known, vv_idx_expected);
}

bool vv_named_find(struct vv_arena *arena, const char *name, const char **folder) {
    // One without a set is named all the same where there is no other: the message tells what it lacks.
    const char *roots[ROOTS_MAX], *incomplete = NULL;
    int count = search_roots(arena, roots);
    if (count == 0) return false;
    *folder = NULL;
    for (int i = 0; *name && i < count && !*folder; i++) {
        const char *path = vv_arena_printf(arena, "%s/%s", roots[i], name);
        bool holds;
        if (!path) return false;
        if (!vv_path_is_folder(path)) continue;
        if (!vv_folder_holds_set(arena, path, &holds)) return false;
        if (holds)
            *folder = path;
        else if (!incomplete)
            incomplete = path;
    }
    if (!*folder) *folder = incomplete;
    return *folder || fail_not_found(arena, name, roots, count);
}
