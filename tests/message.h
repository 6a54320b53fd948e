// For messages that no command line provokes: what a context says, letter by letter.
// tests/errors/check.sh looks for these calls.
#ifndef VV_TESTS_MESSAGE_H
#define VV_TESTS_MESSAGE_H

#include <string.h>

#include "context.h"

// Whether `text` begins with an instance of `message`, where <words> stand for anything.
static inline bool is_of_message(const char *message, const char *text) {
    const char *varies = strchr(message, '<'), *end = varies ? strchr(varies, '>') : NULL;
    if (!end) return strncmp(message, text, strlen(message)) == 0;
    const size_t length = (size_t)(varies - message);
    if (strncmp(message, text, length) != 0) return false;
    for (text += length;; text++) {
        if (is_of_message(end + 1, text)) return true;
        if (!*text) return false;
    }
}

// `message`: as docs/errors.md has it, which may be a part of the text: what a tape or a file says of
// itself stands before it.
#define ASSERT_MESSAGE(message, code, text, ctx) assert_message(message, code, text, ctx)
static inline void assert_message(const char *message, int code, const char *text,
                                  const struct vv_context *ctx) {
    const char *at = text;
    while (*at && !is_of_message(message, at)) at++;
    if (!*at) fail_msg("'%s' is not of '%s'", text, message);
    assert_string_equal(ctx->error, text);
    assert_int_equal(ctx->status, code);
}

#endif
