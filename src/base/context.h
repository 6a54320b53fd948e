// Where errors and log lines go. A context belongs to one thread at a time; nothing here is global.
#ifndef VV_BASE_CONTEXT_H
#define VV_BASE_CONTEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#if defined(__GNUC__)
#define VV_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define VV_PRINTF(fmt, args)
#endif

// What a failure means to a user. The values are the exit codes of the program (see README.md).
enum vv_status {
    VV_OK = 0,
    VV_FAILED = 1,     // something went wrong while working: device lost, disk full, diverged
    VV_USAGE = 2,      // what was asked for makes no sense
    VV_NO_DEVICE = 3,  // no usable Vulkan device
    VV_BAD_DATA = 4,   // a file does not hold what it should
    VV_STOPPED,        // no failure: vv_stopped; it ends in vkvae_train
};

enum vv_log_level { VV_LOG_INFO, VV_LOG_WARNING };

typedef void (*vv_log_fn)(void *user, enum vv_log_level level, const char *line);

struct vv_context {
    enum vv_status status;  // VV_OK until the first failure
    char error[1024];       // that failure, one sentence or two, no newline
    bool lost;              // it is that of a device that was lost or hangs: opened anew, it may work
    bool unread;            // it is that of a file that is there and was not read: it may be sound
    vv_log_fn log;          // may be NULL
    void *log_user;
    bool (*stop)(void *user);  // whether work is to end before it is done; may be NULL
    void *stop_user;
};

void vv_context_init(struct vv_context *ctx);

// Records the first failure since the last clear (later ones are consequences) and returns false.
bool vv_fail(struct vv_context *ctx, enum vv_status status, const char *format, ...) VV_PRINTF(3, 4);
// So that compilers and analyzers, too, know what it returns.
#define vv_fail(...) ((void)vv_fail(__VA_ARGS__), false)

// Adds to the recorded failure what a caller knows of it.
void vv_fail_also(struct vv_context *ctx, const char *format, ...) VV_PRINTF(2, 3);

// Asks whether work is to end, in the context's thread; once it is, or something failed before, true.
// What then remains undone is VV_STOPPED, so that it ends as a failure does.
bool vv_stopped(struct vv_context *ctx);

// Forgets the failure.
void vv_clear(struct vv_context *ctx);

// One line for the user, without a newline.
void vv_say(struct vv_context *ctx, enum vv_log_level level, const char *format, ...) VV_PRINTF(3, 4);

#endif
