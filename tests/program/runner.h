// Runs the program as a user would, in a fresh folder and on small sets that the test makes, and looks
// at what it said and left behind.
#ifndef VV_TESTS_PROGRAM_RUNNER_H
#define VV_TESTS_PROGRAM_RUNNER_H

// clang-format off
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "../tree.h"

#include <sys/types.h>
#include <vkvae/vkvae.h>

enum { WORDS = 40, PATHS = 64, PATH_SIZE = 512, TEXT_SIZE = 1 << 17 };

struct room {
    char folder[PATH_SIZE / 2];
    const char *device;       // VKVAE_DEVICE of what is run; NULL: not set. At first "reference"
    const char *variable[4];  // more of its environment: "NAME=value"; NULL ends
    uint64_t file_limit;      // no file that it writes may be larger; 0: no limit
    pid_t pid;                // of what runs
    int code;                 // its exit code, or 1000 + the signal that killed it
    char out[TEXT_SIZE], err[TEXT_SIZE];
    char path[PATHS][PATH_SIZE];
    unsigned paths;
};

// cmocka's setup and teardown, and a test with both.
int room_create(void **state);
int room_remove(void **state);
#define ROOM(test) cmocka_unit_test_setup_teardown(test, room_create, room_remove)

// A path in the room's folder, kept as long as the room.
const char *in(struct room *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Begins a test program. One that needs a Vulkan device ends here, skipped and saying why, where there
// is none.
void begin(bool needs_device);

// ---- Sets ----

struct set {
    uint32_t height, width, train, test, seed;
    bool gz, labels;
};
extern const struct set small_set;  // 12 x 10, 200 + 60 pictures

// Each picture is one of six: a third of it, a row or a column, in grey 230, the rest in 10.
void fill_pictures(unsigned char *pixels, uint32_t count, uint32_t height, uint32_t width,
                   uint32_t seed);
// The IDX files of a set in a new folder.
void write_set(const char *folder, const struct set *set);
// An IDX file: the magic number, `rank` sizes, then `bytes` of payload (zeros for NULL).
void write_idx(const char *path, uint32_t magic, const uint32_t *sizes, uint32_t rank,
               const unsigned char *payload, size_t bytes);
void write_bytes(const char *path, const void *bytes, size_t size);
void write_gz(const char *path, const void *bytes, size_t size);
// Allocated; *size may be NULL.
unsigned char *read_bytes(const char *path, size_t *size);
void copy_folder(const char *from, const char *to);

// ---- The program ----

// What most runs here are: a second or less on lavapipe, much less on the reference.
#define SMALL "--hidden", "32", "--latent", "4", "--batch", "20", "--lr", "1e-2"

// The words after the program's name. The last two return the exit code.
#define START(r, ...) program_start(r, __VA_ARGS__, (char *)NULL)
#define RUN(r, ...)   program_run(r, __VA_ARGS__, (char *)NULL)
void program_start(struct room *r, ...);
int program_run(struct room *r, ...);
int program_finish(struct room *r);
// A command line, as a user would paste it into a shell.
int run_shell(struct room *r, const char *line);
// Waits until what runs has written `text` to its standard output or error, or until there is a file, or
// fails after a minute.
void await_out(struct room *r, const char *text);
void await_err(struct room *r, const char *text);
void await_file(const struct room *r, const char *path);
void pause_ms(unsigned ms);

// ---- What it said ----

void assert_ok(const struct room *r);
// Exit code `code`, one line of error with each of the parts (NULL ends them) in it, and beside it at
// most lines about the device and warnings.
#define ASSERT_REFUSED(r, ...) assert_refused(r, __VA_ARGS__, (char *)NULL)
void assert_refused(const struct room *r, int code, ...);
void assert_has(const char *text, const char *part);
int count_of(const char *text, const char *part);

// ---- What it left ----

// A folder as text: a line with name, size and checksum for each entry, in order. `skip` names entries
// that are left out, separated by spaces.
struct listing {
    char text[1 << 14];
};
struct listing list_folder(const char *folder, const char *skip);
bool exists(const char *path);
// All files of two runs are the same bytes, but for those that tell of time and of the save before the
// last.
void assert_same_run(const char *a, const char *b);
void assert_same_file(const char *a, const char *b);
// No temporary file is left in a folder.
void assert_tidy(const char *folder);

#endif
