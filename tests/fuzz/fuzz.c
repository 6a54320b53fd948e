#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

// A file for each ending, which stays open: opening it takes longer than most of what is tested.
static struct {
    const char *ending;
    int descriptor;  // 0: not made yet
    char path[272];
} files[8];

static char folder[256];

static void give_up(const char *what) {
    perror(what);
    _Exit(2);
}

static void remove_folder(void) {
    for (size_t i = 0; i < sizeof files / sizeof *files && files[i].descriptor; i++)
        (void)unlink(files[i].path);
    (void)rmdir(folder);
}

// In memory, where the system has a place for that.
static void make_folder(void) {
    const char *named = getenv("TMPDIR"), *where = named                           ? named
                                                   : access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                                                                   : "/tmp";
    (void)snprintf(folder, sizeof folder, "%.200s/vkvae-fuzz-XXXXXX", where);
    if (!mkdtemp(folder)) give_up(folder);
    (void)atexit(remove_folder);
}

// The number of the file whose name ends so.
static size_t find_file(const char *ending) {
    size_t i = 0;
    while (files[i].descriptor && strcmp(files[i].ending, ending) != 0) i++;
    if (files[i].descriptor) return i;
    if (!folder[0]) make_folder();
    files[i].ending = ending;
    (void)snprintf(files[i].path, sizeof files[i].path, "%s/f%s", folder, ending);
    files[i].descriptor = open(files[i].path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    if (files[i].descriptor <= 0) give_up(files[i].path);
    return i;
}

const char *fuzz_file(const uint8_t *data, size_t size, const char *ending) {
    const size_t i = find_file(ending);
    for (size_t done = 0; done < size;) {
        const ssize_t n = pwrite(files[i].descriptor, data + done, size - done, (off_t)done);
        if (n < 0) give_up(files[i].path);
        done += (size_t)n;
    }
    if (ftruncate(files[i].descriptor, (off_t)size) != 0) give_up(files[i].path);
    return files[i].path;
}

unsigned fuzz_choose(const uint8_t **data, size_t *size, unsigned count) {
    if (!*size) return 0;
    (*size)--;
    return *(*data)++ % count;
}

struct vv_context fuzz_context(void) {
    struct vv_context ctx;
    vv_context_init(&ctx);
    return ctx;
}

uint8_t *fuzz_seal(const uint8_t *data, size_t size) {
    static const char mark[] = "crc32:";
    const size_t length = sizeof mark - 1, digits = 8;
    uint8_t *copy = malloc(size + 1);
    if (!copy) abort();
    if (size) memcpy(copy, data, size);
    for (size_t i = 8; i + length + digits <= size; i++) {
        if (memcmp(copy + i, mark, length) != 0) continue;
        char text[9];
        memset(copy + i + length, '0', digits);
        (void)snprintf(text, sizeof text, "%08lX", crc32_z(0, copy, size));
        memcpy(copy + i + length, text, digits);
        break;
    }
    return copy;
}
