#include "text.h"

#include <stdlib.h>
#include <string.h>

#include "letters.h"
#include "packed.h"
#include "size.h"
#include "utf8.h"

enum { LEAST = 1 << 12, PIECE = 1 << 16, LONGEST = 4 /* bytes of a character */ };

bool vv_text_open(struct vv_context *ctx, const char *path, struct vv_text *t) {
    uint64_t bytes;
    *t = (struct vv_text){.ctx = ctx, .name = path, .line = 1};
    t->file = vv_packed_open(ctx, path, &bytes);
    if (!t->file) return false;
    t->room = bytes < LEAST ? LEAST : bytes > PIECE ? PIECE : (uint32_t)bytes;
    t->piece = vv_alloc(ctx, t->room + LONGEST, 1);
    return t->piece != NULL;
}

static bool fail_damaged(const struct vv_text *t) {
    return vv_packed_fail(t->ctx, t->name, (gzFile)t->file, t->offset + t->end);
}

bool vv_text_rewind(struct vv_text *t) {
    t->line = 1;
    t->at = t->end = 0;
    t->offset = 0;
    t->has_ahead = false;
    return gzrewind((gzFile)t->file) == 0 || fail_damaged(t);
}

void vv_text_close(struct vv_text *t) {
    if (t->file) (void)gzclose_r((gzFile)t->file);
    free(t->piece);
    *t = (struct vv_text){0};
}

// As many bytes as a character may need, unless the file ends before; behind them zeros.
static bool fill(struct vv_text *t) {
    if (t->end - t->at >= LONGEST) return true;
    memmove(t->piece, t->piece + t->at, t->end - t->at);
    t->offset += t->at;
    t->end -= t->at;
    t->at = 0;
    int got = 1;
    while (got > 0 && t->end < LONGEST) {
        got = gzread((gzFile)t->file, t->piece + t->end, t->room - t->end);
        if (got > 0) t->end += (uint32_t)got;
    }
    int code = Z_OK;
    (void)gzerror((gzFile)t->file, &code);
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END)) return fail_damaged(t);
    memset(t->piece + t->end, 0, LONGEST);
    return true;
}

static bool refuse_bytes(const struct vv_text *t) {
    const unsigned char *at = t->piece + t->at;
    return vv_fail(
        t->ctx, VV_BAD_DATA,
        "%s: line %llu, offset %llu: the byte %02x %s; give text in UTF-8, or check that it is "
        "the right file",
        t->name, (unsigned long long)t->line, (unsigned long long)(t->offset + t->at), *at,
        *at ? "begins no character of UTF-8" : "is in no text");
}

bool vv_text_next(struct vv_text *t, uint32_t *c) {
    static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};  // what some programs begin UTF-8 with
    if (t->has_ahead) {
        t->has_ahead = false;
        *c = t->ahead;
        return true;
    }
    do {
        if (!fill(t)) return false;
        if (t->offset + t->at == 0 && memcmp(t->piece, mark, sizeof mark) == 0) t->at += sizeof mark;
        *c = VV_TEXT_END;
        if (t->at == t->end) return true;
        const size_t length = t->piece[t->at] ? vv_utf8_read((const char *)t->piece + t->at, c) : 0;
        if (length == 0 || length > t->end - t->at) return refuse_bytes(t);
        t->at += (uint32_t)length;
    } while (*c == '\r');
    if (*c == '\n') t->line++;
    return true;
}

// ---- Tokens ----

static void put_back(struct vv_text *t, uint32_t c) {
    t->ahead = c;
    t->has_ahead = true;
}

// What does not fit is cut off.
static void append(struct vv_token *token, uint32_t c) {
    if (token->length + LONGEST <= VV_TOKEN_MOST)
        token->length += (uint32_t)vv_utf8_write(c, token->text + token->length);
    token->text[token->length] = '\0';
}

static void end_at(struct vv_token *token, uint32_t c) {
    token->what = c == '\n' ? VV_TOKEN_LINE_END : VV_TOKEN_FILE_END;
}

static bool is_apostrophe(uint32_t c) {
    return c == '\'' || c == 0x2019;
}

// The rest of a word that begins with c.
static bool read_word(struct vv_text *t, uint32_t c, struct vv_token *token) {
    bool held = false;  // an apostrophe, which belongs to the word if a letter follows
    while (vv_is_letter(c) || (is_apostrophe(c) && !held)) {
        if (is_apostrophe(c)) {
            held = true;
        } else {
            if (held) append(token, '\'');
            append(token, vv_lower_case(c));
            held = false;
        }
        if (!vv_text_next(t, &c)) return false;
    }
    put_back(t, c);
    return true;
}

bool vv_text_token(struct vv_text *t, enum vv_tokens kind, struct vv_token *token) {
    uint32_t c;
    *token = (struct vv_token){.what = VV_TOKEN_TEXT};
    if (!vv_text_next(t, &c)) return false;
    if (kind == VV_TOKENS_CHARS) {
        if (c == '\n' || c == VV_TEXT_END)
            end_at(token, c);
        else
            append(token, c);
        return true;
    }
    while (c != '\n' && c != VV_TEXT_END && !vv_is_letter(c))
        if (!vv_text_next(t, &c)) return false;
    if (c != '\n' && c != VV_TEXT_END) return read_word(t, c, token);
    end_at(token, c);
    return true;
}
