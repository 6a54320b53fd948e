#include "text_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "division.h"
#include "size.h"
#include "text.h"
#include "vocabulary.h"
#include "words.h"

enum { BAG_USUAL = 2000, KINDS = 256 /* of a byte */, LARGEST_COUNT = 255 };
// Of both parts: short lines take far more than they have in the file.
#define BYTES_MAX (UINT64_C(1) << 32)
static const char unknown[] = "\xEF\xBF\xBD";  // U+FFFD

// What a set of text is read into.
struct text_set {
    struct vv_context *ctx;
    const struct vv_reading *reading;
    enum vv_tokens kind;
    struct vv_dataset *set;
    struct vv_word_table words;  // of the file that is trained on
    uint32_t first;              // number of the token of rank 0
};

// ---- Lines ----

// One line's tokens, in order. Lines without any are passed over.
struct line {
    uint32_t tokens;  // that it has
    bool last;        // the file has ended; then it may have none
};

typedef bool (*take_fn)(void *user, const struct vv_token *token, uint32_t number);

// Of rows no more than their length is taken.
static bool read_line(const struct text_set *s, struct vv_text *text, take_fn take, void *user,
                      struct line *line) {
    struct vv_token token;
    *line = (struct line){0};
    for (;;) {
        if (!vv_text_token(text, s->kind, &token)) return false;
        line->last = token.what == VV_TOKEN_FILE_END;
        if (line->last || (token.what == VV_TOKEN_LINE_END && line->tokens)) return true;
        if (token.what == VV_TOKEN_LINE_END) continue;
        const bool taken = s->kind == VV_TOKENS_BAG || line->tokens < s->reading->length;
        if (taken && take && !take(user, &token, line->tokens)) return false;
        if (line->tokens < UINT32_MAX) line->tokens++;
    }
}

static bool count_token(void *user, const struct vv_token *token, uint32_t number) {
    struct text_set *s = user;
    (void)number;
    s->set->vocabulary.all++;
    return vv_words_add(&s->words, token->text, token->length);
}

// How many lines a file has; with `take` their tokens.
static bool count_lines(const struct text_set *s, struct vv_text *text, take_fn take, void *user,
                        uint32_t *count) {
    struct line line = {0};
    for (*count = 0; !line.last;) {
        if (!read_line(s, text, take, user, &line)) return false;
        *count += line.tokens && *count < UINT32_MAX;  // far more than make_part takes
    }
    return *count > 0 ||
           vv_fail(s->ctx, VV_BAD_DATA, "%s: holds no %s; give a file with a line for each text",
                   text->name, s->kind == VV_TOKENS_CHARS ? "characters" : "words");
}

// ---- Vocabulary ----

static uint32_t most_tokens(const struct text_set *s) {
    const uint32_t asked = s->reading->vocabulary;
    if (s->kind == VV_TOKENS_BAG) return asked ? asked : BAG_USUAL;
    return asked && asked < KINDS ? asked : KINDS;
}

static bool put_tokens(struct text_set *s, const struct vv_word_entry *const *order, uint32_t count) {
    struct vv_vocabulary *v = &s->set->vocabulary;
    const struct vv_vocabulary counted = *v;
    uint64_t size = s->first ? 1 + sizeof unknown : 0, at = size;
    for (uint32_t i = 0; i < count; i++) size += strlen(vv_words_text(&s->words, order[i])) + 1;
    char *text = vv_alloc(s->ctx, size, 1);
    uint64_t *times = vv_alloc(s->ctx, (uint64_t)s->first + count, sizeof *times);
    const bool there = text && times;
    if (there && s->first) memcpy(text + 1, unknown, sizeof unknown);
    for (uint32_t i = 0; there && i < count; i++) {
        const size_t length = strlen(vv_words_text(&s->words, order[i])) + 1;
        memcpy(text + at, vv_words_text(&s->words, order[i]), length);
        at += length;
        times[s->first + i] = order[i]->times;
    }
    if (!there) free(text);
    if (!there || !vv_vocabulary_take(s->ctx, s->kind, s->first + count, text, size, v)) {
        free(times);
        return false;
    }
    v->times = times;
    v->all = counted.all;
    v->different = s->words.count;
    return true;
}

static bool make_vocabulary(struct text_set *s) {
    const uint32_t most = most_tokens(s) - s->first;
    const struct vv_word_entry **order = vv_alloc(s->ctx, s->words.count, sizeof *order);
    const uint32_t count = s->words.count < most ? s->words.count : most;
    const bool ok = order && vv_words_rank(&s->words, order) && put_tokens(s, order, count);
    free(order);
    return ok;
}

// The token's number; UINT32_MAX: the vocabulary lacks it.
static uint32_t number_of(const struct text_set *s, const struct vv_token *token) {
    const struct vv_word_entry *entry = vv_words_find(&s->words, token->text, token->length);
    const uint32_t number = entry ? s->first + entry->rank : UINT32_MAX;
    return number < s->set->vocabulary.count ? number : UINT32_MAX;
}

// ---- Rows ----

struct row {
    struct text_set *s;
    unsigned char *bytes;  // NULL: of a line that is in no part
};

static bool put_token(void *user, const struct vv_token *token, uint32_t place) {
    const struct row *row = user;
    struct vv_vocabulary *v = &row->s->set->vocabulary;
    if (!row->bytes) return true;
    const uint32_t number = number_of(row->s, token);
    v->beyond += number == UINT32_MAX;
    if (row->s->kind != VV_TOKENS_BAG) {
        row->bytes[place] = (unsigned char)(number == UINT32_MAX ? VV_TOKEN_UNKNOWN : number);
        return true;
    }
    if (number == UINT32_MAX) return true;
    if (row->bytes[number] < LARGEST_COUNT)
        row->bytes[number]++;
    else
        v->clipped++;
    return true;
}

static bool fill(struct text_set *s, struct vv_text *text, const struct vv_division *division) {
    struct line line = {0};
    const bool rows = s->kind != VV_TOKENS_BAG;
    if (!vv_text_rewind(text)) return false;
    for (uint32_t number = 0; !line.last && number < division->count;) {
        uint32_t index;
        const struct vv_images *part = vv_division_find(division, number, &index);
        const struct row row = {s, part ? part->pixels + index * vv_images_stride(part) : NULL};
        if (!read_line(s, text, put_token, (void *)&row, &line)) return false;
        if (line.tokens == 0) continue;
        if (row.bytes && rows) s->set->vocabulary.cut += line.tokens > s->reading->length;
        number++;
    }
    return true;
}

static bool make_part(struct text_set *s, uint32_t width, struct vv_images *part) {
    part->height = part->channels = 1;
    part->width = width;
    part->pixels = vv_alloc(s->ctx, part->count, width);
    return part->pixels != NULL;
}

static bool make_parts(struct text_set *s) {
    struct vv_dataset *set = s->set;
    const bool bag = s->kind == VV_TOKENS_BAG;
    const uint32_t width = bag ? set->vocabulary.count : s->reading->length;
    const uint64_t lines = (uint64_t)set->train.count + set->test.count, bytes = lines * width;
    if (bytes > BYTES_MAX)
        return vv_fail(
            s->ctx, VV_BAD_DATA,
            "%s: %llu lines of %u numbers take %llu bytes, at most %llu; take fewer with --limit, "
            "or a smaller %s",
            set->path, (unsigned long long)lines, width, (unsigned long long)bytes,
            (unsigned long long)BYTES_MAX, bag ? "--vocabulary" : "--length");
    return make_part(s, width, &set->train) && make_part(s, width, &set->test);
}

// ---- Both parts ----

static bool fill_parts(struct text_set *s, struct vv_text texts[2], uint32_t counts[2]) {
    struct vv_dataset *set = s->set;
    struct vv_division divisions[2] = {{0}, {0}};
    bool ok = true;
    if (!s->reading->test && !s->reading->whole && counts[0] < 2)
        return vv_fail(s->ctx, VV_BAD_DATA,
                       "%s: holds one line, and one more is needed to test on; name others with "
                       "--test-data",
                       set->path);
    if (s->reading->test) {
        vv_division_whole(&divisions[0], counts[0], s->reading->limit, &set->train);
        vv_division_whole(&divisions[1], counts[1], s->reading->limit, &set->test);
    } else {
        ok = vv_division_split(s->ctx, set->path, counts[0], s->reading, set, &divisions[0]);
    }
    ok = ok && make_parts(s) && fill(s, &texts[0], &divisions[0]) &&
         (!s->reading->test || fill(s, &texts[1], &divisions[1]));
    for (int i = 0; i < 2; i++) vv_division_finish(&divisions[i]);
    return ok;
}

static void tell(const struct text_set *s) {
    const struct vv_vocabulary *v = &s->set->vocabulary;
    const char *what = s->kind == VV_TOKENS_CHARS ? "characters" : "words";
    vv_say(s->ctx, VV_LOG_INFO,
           "%s: %u different %s, of which the vocabulary has %u; %llu are beyond it", s->set->path,
           v->different, what, v->count - s->first, (unsigned long long)v->beyond);
    if (v->cut)
        vv_say(s->ctx, VV_LOG_INFO, "%s: %u lines are longer than %u %s and were cut", s->set->path,
               v->cut, s->reading->length, what);
    if (v->clipped)
        vv_say(s->ctx, VV_LOG_WARNING,
               "%s: words that a line has over %d times count as %d; so %llu "
               "are left out",
               s->set->path, LARGEST_COUNT, LARGEST_COUNT, (unsigned long long)v->clipped);
}

static bool read_texts(struct text_set *s, struct vv_text texts[2]) {
    const char *test = s->reading->test;
    uint32_t counts[2] = {0, 0};
    if (test && !vv_division_unneeded(s->ctx, s->reading)) return false;
    if (!vv_text_open(s->ctx, s->set->path, &texts[0]) ||
        !count_lines(s, &texts[0], count_token, s, &counts[0]) || !make_vocabulary(s))
        return false;
    if (test &&
        (!vv_text_open(s->ctx, test, &texts[1]) || !count_lines(s, &texts[1], NULL, NULL, &counts[1])))
        return false;
    return fill_parts(s, texts, counts);
}

bool vv_text_set_open(struct vv_arena *arena, const char *path, const struct vv_reading *reading,
                      struct vv_dataset *set) {
    struct vv_text texts[2];
    (void)path;  // the set's
    memset(texts, 0, sizeof texts);
    struct text_set s = {.ctx = arena->ctx,
                         .reading = reading,
                         .kind = reading->tokens ? reading->tokens : VV_TOKENS_BAG,
                         .set = set};
    s.first = s.kind == VV_TOKENS_BAG ? 0 : VV_TOKEN_OTHERS;
    vv_words_init(&s.words, s.ctx);
    const bool ok = read_texts(&s, texts);
    if (ok) tell(&s);
    for (int i = 0; i < 2; i++) vv_text_close(&texts[i]);
    vv_words_finish(&s.words);
    return ok;
}
