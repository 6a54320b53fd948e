#include "sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// The process of ".NAME.PROCESS-NUMBER.tmp", as vv_writer_open names it; 0: it is no such name.
static long process_of(const char *name) {
    static const char ending[] = ".tmp";
    const size_t length = strlen(name), last = sizeof ending - 1;
    if (name[0] != '.' || length <= last || strcmp(name + length - last, ending) != 0) return 0;
    size_t at = length - last;
    while (at > 1 && name[at - 1] != '.') at--;
    char *end;
    const long process = name[at] >= '0' && name[at] <= '9' ? strtol(name + at, &end, 10) : 0;
    return process > 0 && *end == '-' ? process : 0;
}

// What is written to may be of a process in another container, which is not seen here.
static bool is_old(int folder, const char *name) {
    struct stat info;
    const time_t hour = 3600;
    return fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && time(NULL) - info.st_mtime > hour;
}

void vv_sweep(const char *folder, const char *head) {
    DIR *entries = opendir(folder);
    for (struct dirent *entry; entries && (entry = readdir(entries)) != NULL;) {
        const char *name = entry->d_name;
        if (name[0] != '.' || strncmp(name + 1, head, strlen(head)) != 0) continue;
        const long process = process_of(name);
        if (process && kill((pid_t)process, 0) != 0 && errno == ESRCH && is_old(dirfd(entries), name))
            (void)unlinkat(dirfd(entries), name, 0);
    }
    if (entries) (void)closedir(entries);
}
