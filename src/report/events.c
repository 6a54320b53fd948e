#include "events.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crc32c.h"
#include "event_message.h"
#include "file.h"
#include "size.h"

bool vv_events_are_there(void) {
    return vv_event_messages_are_there();
}

// Since 1970: what the clock of a machine says that was never set may be before that, or beyond all
// files' names.
static double seconds_now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    if (t.tv_sec < 0 || t.tv_sec > 9999999998) return 0;
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// ---- Records ----

static void put_little_endian(uint64_t value, int bytes, unsigned char *to) {
    for (int i = 0; i < bytes; i++) to[i] = (unsigned char)(value >> 8 * i);
}

// A sum over bytes that hold sums themselves would tell little: each is turned, and a constant added.
static uint32_t masked(const void *bytes, size_t size) {
    const uint32_t sum = vv_crc32c(bytes, size);
    return (sum >> 15 | sum << 17) + 0xA282EAD8;
}

// The record of a message: its length and that one's sum, itself and its sum. NULL without memory; the
// caller frees it.
static unsigned char *make_record(struct vv_context *ctx, const unsigned char *message, size_t size,
                                  size_t *all) {
    unsigned char *record = vv_alloc(ctx, size + 16, 1);
    if (!record) return NULL;
    put_little_endian(size, 8, record);
    put_little_endian(masked(record, 8), 4, record + 8);
    memcpy(record + 12, message, size);
    put_little_endian(masked(message, size), 4, record + 12 + size);
    *all = size + 16;
    return record;
}

static bool write_all(int descriptor, const unsigned char *bytes, size_t size) {
    while (size > 0) {
        const ssize_t done = write(descriptor, bytes, size);
        if (done < 0 && errno == EINTR) continue;
        if (done == 0) errno = ENOSPC;
        if (done <= 0) return false;
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

static bool append(struct vv_events *e, const unsigned char *bytes, size_t size) {
    if (write_all(e->descriptor, bytes, size) && vv_file_sync(e->descriptor)) {
        e->size += size;
        return true;
    }
    const int cause = errno;
    // Without the half of a record; where that fails, too, readers stop at it, and it is the last one.
    if (ftruncate(e->descriptor, (off_t)e->size) == 0)
        (void)lseek(e->descriptor, (off_t)e->size, SEEK_SET);
    return vv_fail(e->ctx, VV_FAILED,
                   "%s: writing at offset %llu failed (%s); what stands before it is whole: see to the "
                   "disk, or name another folder with --tensorboard",
                   e->path, (unsigned long long)e->size, strerror(cause));
}

static bool write_message(struct vv_events *e, const struct vv_event *event) {
    size_t size, all;
    unsigned char *message = vv_event_pack(e->ctx, event, &size);
    unsigned char *record = message ? make_record(e->ctx, message, size, &all) : NULL;
    const bool ok = record && append(e, record, all);
    free(message);
    free(record);
    return ok;
}

bool vv_events_write(struct vv_events *e, uint64_t step, const struct vv_event_value *values,
                     uint32_t count) {
    const struct vv_event event = {
        .seconds = seconds_now(), .step = step, .values = values, .count = count};
    return write_message(e, &event);
}

// ---- Files ----

// Readers take the files of a folder in the order of their names: those that are there tell of what was
// before, also where that was in this second, or where the clock was put back.
static uint64_t next_second(const char *folder) {
    static const char head[] = "events.out.tfevents.";
    uint64_t now = (uint64_t)seconds_now();
    DIR *open = opendir(folder);
    for (struct dirent *entry; open && (entry = readdir(open)) != NULL;) {
        const char *name = entry->d_name, *digits = name + sizeof head - 1;
        if (strncmp(name, head, sizeof head - 1) != 0 || strspn(digits, "0123456789") != 10) continue;
        const uint64_t then = strtoull(digits, NULL, 10);
        if (then >= now && then < UINT64_C(9999999999)) now = then + 1;
    }
    if (open) (void)closedir(open);
    return now;
}

// Fit for a name of a file, whatever the host is called.
static void host_name(char name[65]) {
    if (gethostname(name, 64) != 0 || !*name) (void)snprintf(name, 65, "host");
    name[64] = '\0';
    for (char *c = name; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", *c)) *c = '_';
}

static bool create(struct vv_events *e, const char *folder) {
    char host[65], name[192];
    const uint64_t second = next_second(folder);
    host_name(host);
    for (unsigned counter = 0;; counter++) {
        (void)snprintf(name, sizeof name, "events.out.tfevents.%010llu.%s.%ld.%u",
                       (unsigned long long)second, host, (long)getpid(), counter);
        free(e->path);
        e->path = vv_path_join(e->ctx, folder, name);
        if (!e->path) return false;
        e->descriptor = open(e->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (e->descriptor >= 0) return true;
        if (errno != EEXIST && errno != EINTR) break;
    }
    return vv_fail(e->ctx, VV_FAILED,
                   "%s: cannot be written (%s); check that its folder exists and is writable", e->path,
                   strerror(errno));
}

bool vv_events_open(struct vv_context *ctx, const char *folder, uint64_t step, struct vv_events *e) {
    *e = (struct vv_events){.ctx = ctx, .descriptor = -1};
    const struct vv_event version = {.seconds = seconds_now(), .version = "brain.Event:2"};
    const struct vv_event start = {.seconds = seconds_now(), .step = step, .starts = true};
    return vv_folder_create(ctx, folder) && create(e, folder) && write_message(e, &version) &&
           write_message(e, &start);
}

void vv_events_close(struct vv_events *e) {
    if (e->path && e->descriptor >= 0) (void)close(e->descriptor);
    free(e->path);
    *e = (struct vv_events){.descriptor = -1};
}
