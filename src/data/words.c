#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "size.h"

enum { FIRST_ROOM = 128 };

void vv_words_init(struct vv_word_table *words, struct vv_context *ctx) {
    *words = (struct vv_word_table){.ctx = ctx};
}

void vv_words_finish(struct vv_word_table *words) {
    free(words->entry);
    free(words->slot);
    free(words->bytes);
    *words = (struct vv_word_table){0};
}

// FNV-1a, 64 bits.
static uint64_t hash_of(const char *text, size_t length) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 32;
}

static bool is_at(const struct vv_word_table *w, uint32_t slot, const char *text, size_t length) {
    const char *there = w->bytes + w->entry[w->slot[slot] - 1].text;
    return strncmp(there, text, length) == 0 && there[length] == '\0';
}

// The word's slot, or the empty one where it would be.
static uint32_t slot_of(const struct vv_word_table *w, const char *text, size_t length) {
    const uint32_t mask = 2 * w->room - 1;
    uint32_t slot = (uint32_t)hash_of(text, length) & mask;
    while (w->slot[slot] && !is_at(w, slot, text, length)) slot = (slot + 1) & mask;
    return slot;
}

// Moves what there is into memory for twice as many.
static bool grow_entries(struct vv_word_table *w) {
    const uint32_t room = w->room ? 2 * w->room : FIRST_ROOM;
    struct vv_word_entry *entry = vv_alloc(w->ctx, room, sizeof *entry);
    uint32_t *slot = vv_alloc(w->ctx, 2 * (uint64_t)room, sizeof *slot);
    if (!entry || !slot) {
        free(entry);
        free(slot);
        return false;
    }
    if (w->count) memcpy(entry, w->entry, w->count * sizeof *entry);
    free(w->entry);
    free(w->slot);
    w->entry = entry;
    w->slot = slot;
    w->room = room;
    for (uint32_t i = 0; i < w->count; i++) {
        const char *text = w->bytes + entry[i].text;
        slot[slot_of(w, text, strlen(text))] = i + 1;
    }
    return true;
}

static bool grow_bytes(struct vv_word_table *w, uint64_t more) {
    uint64_t room = w->bytes_room ? w->bytes_room : 16 * FIRST_ROOM;
    while (room < w->used + more) room *= 2;
    if (room == w->bytes_room) return true;
    char *bytes = vv_alloc(w->ctx, room, 1);
    if (!bytes) return false;
    if (w->used) memcpy(bytes, w->bytes, w->used);
    free(w->bytes);
    w->bytes = bytes;
    w->bytes_room = room;
    return true;
}

bool vv_words_add(struct vv_word_table *w, const char *text, size_t length) {
    if (w->count == w->room && w->room < VV_WORDS_MOST && !grow_entries(w)) return false;
    uint32_t slot = slot_of(w, text, length);
    if (!w->slot[slot]) {
        if (w->count == VV_WORDS_MOST) return true;
        if (!grow_bytes(w, length + 1)) return false;
        memcpy(w->bytes + w->used, text, length);
        w->bytes[w->used + length] = '\0';
        w->entry[w->count] = (struct vv_word_entry){.text = w->used};
        w->used += length + 1;
        w->slot[slot] = ++w->count;
    }
    w->entry[w->slot[slot] - 1].times++;
    return true;
}

const struct vv_word_entry *vv_words_find(const struct vv_word_table *w, const char *text,
                                          size_t length) {
    const uint32_t number = w->count ? w->slot[slot_of(w, text, length)] : 0;
    return number ? &w->entry[number - 1] : NULL;
}

// What qsort compares has to hold the text, too.
struct ranked {
    const struct vv_word_entry *entry;
    const char *text;
};

static int compare(const void *one, const void *other) {
    const struct ranked *a = one, *b = other;
    if (a->entry->times != b->entry->times) return a->entry->times > b->entry->times ? -1 : 1;
    return strcmp(a->text, b->text);
}

bool vv_words_rank(struct vv_word_table *w, const struct vv_word_entry **order) {
    struct ranked *ranked = vv_alloc(w->ctx, w->count, sizeof *ranked);
    if (!ranked) return false;
    for (uint32_t i = 0; i < w->count; i++)
        ranked[i] = (struct ranked){&w->entry[i], vv_words_text(w, &w->entry[i])};
    qsort(ranked, w->count, sizeof *ranked, compare);
    for (uint32_t i = 0; i < w->count; i++) {
        w->entry[ranked[i].entry - w->entry].rank = i;
        order[i] = ranked[i].entry;
    }
    free(ranked);
    return true;
}
