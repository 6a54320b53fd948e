// Text, read character by character, and its words: .txt, .txt.gz.
#ifndef VV_DATA_TEXT_H
#define VV_DATA_TEXT_H

#include <stdint.h>

#include "context.h"
#include "reading.h"

#define VV_TEXT_END   UINT32_MAX  // a character that is none: the file has ended
#define VV_TOKEN_MOST 64          // bytes of a word; of longer ones the beginning counts

struct vv_text {
    struct vv_context *ctx;
    const char *name;  // the caller's
    uint64_t line;     // of the character that comes next, counted from 1
    // The rest is the text's own.
    void *file;  // zlib's
    unsigned char *piece;
    uint32_t room;     // of the piece
    uint32_t at, end;  // in it
    uint64_t offset;   // of the piece's beginning, in unpacked bytes
    uint32_t ahead;    // a character that was read too far, while has_ahead
    bool has_ahead;
};

bool vv_text_open(struct vv_context *ctx, const char *path, struct vv_text *text);
// From the beginning again.
bool vv_text_rewind(struct vv_text *text);
void vv_text_close(struct vv_text *text);  // takes a zeroed or half-opened one

// The next character; carriage returns are left out. VV_BAD_DATA with line and offset: a byte 0, or
// bytes that are no UTF-8.
bool vv_text_next(struct vv_text *text, uint32_t *character);

// A token, or the end of a line or of the file.
struct vv_token {
    enum { VV_TOKEN_TEXT, VV_TOKEN_LINE_END, VV_TOKEN_FILE_END } what;
    char text[VV_TOKEN_MOST + 8];
    uint32_t length;
};

// Characters, for VV_TOKENS_CHARS, else words: letters and digits side by side, in lower case, with
// apostrophes between two of them.
bool vv_text_token(struct vv_text *text, enum vv_tokens kind, struct vv_token *token);

#endif
