#include "named.h"

#include "file.h"
#include "idx_folder.h"
#include "kind.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const system_root = "/usr/share/datasets";

static const char known_sets[] =
    "shapes (built in), mnist (put its four IDX files there), fashion-mnist "
    "(Debian's package dataset-fashion-mnist installs it)";

enum { ROOTS_MAX = 3 };

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

enum { LISTED = 160, SEARCHED = 100, SAID = 512 };  // bytes of an error, which has to fit one message

// Adds to a list with commas between, where there is room.
static void add(char *list, int most, const char *name) {
    const size_t used = strlen(list);
    (void)snprintf(list + used, SAID - used, "%s%.*s", used ? ", " : "", most, name);
}

// Names of sub-folders of a root that hold a set, each once. False: out of memory.
static bool list_sets(struct vv_arena *arena, const char *root, char list[SAID]) {
    struct dirent **entries = NULL;
    const int found = scandir(root, &entries, NULL, alphasort);
    bool ok = true;
    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        if (ok && name[0] != '.' && strlen(list) + strlen(name) < LISTED && !in_list(list, name)) {
            const char *folder = vv_arena_printf(arena, "%s/%s", root, name);
            bool holds = false;
            ok = folder && vv_folder_holds_set(arena, folder, &holds);
            if (holds) add(list, LISTED, name);
        }
        free(entries[i]);
    }
    free(entries);
    return ok;
}

static bool fail_not_found(struct vv_arena *arena, const char *name, const char *const *roots,
                           int count) {
    char list[SAID] = "", searched[SAID] = "";
    for (int i = 0; i < count; i++) {
        if (!list_sets(arena, roots[i], list)) return false;
        add(searched, SEARCHED, roots[i]);
    }
    return vv_fail(arena->ctx, VV_BAD_DATA,
                   "no data set '%.80s' as a sub-folder of %s; found there: %s; known sets: %s; a set's "
                   "folder holds %s; name one of them, or a folder's path",
                   name, searched, *list ? list : "none", known_sets, vv_idx_expected);
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
