#include "leftover.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

// Only what is free of locks may be touched in a handler.
_Static_assert(ATOMIC_POINTER_LOCK_FREE == 2, "a signal handler needs atomic pointers without locks");

// Whoever takes a path out of its place, its writer or a handler, has it for himself.
static _Atomic(const char *) noted[64];
static atomic_bool removed;

enum { PLACES = sizeof noted / sizeof *noted };

void vv_leftover_note(const char *path) {
    for (int i = 0; i < PLACES; i++) {
        const char *nothing = NULL;
        if (atomic_compare_exchange_strong(&noted[i], &nothing, path)) return;
    }
}

void vv_leftover_free(char *path) {
    bool taken = false;
    for (int i = 0; i < PLACES && path && !taken; i++) {
        const char *expected = path;
        taken = atomic_compare_exchange_strong(&noted[i], &expected, NULL);
    }
    // What is not found may be what a handler reads in another thread; that is the end of the process.
    if (taken || !atomic_load(&removed)) free(path);
}

void vv_leftover_remove(void) {
    const int saved = errno;
    atomic_store(&removed, true);
    for (int i = 0; i < PLACES; i++) {
        const char *path = atomic_exchange(&noted[i], NULL);
        if (path) (void)unlink(path);
    }
    errno = saved;
}
