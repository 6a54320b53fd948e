#include "event_message.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "size.h"

#ifdef VV_HAVE_PROTOBUF_C

#include <events.pb-c.h>

enum { BUCKETS = 30 };

bool vv_event_messages_are_there(void) {
    return true;
}

// ---- Values ----

// The numbers that count, and what is told of all of them; false: there is none.
static bool sum_up(const struct vv_event_value *value, Tfevents__Histogram *h) {
    for (uint32_t i = 0; i < value->count; i++) {
        const double x = value->numbers[i];
        if (!isfinite(x)) continue;
        h->min = h->num > 0 ? fmin(h->min, x) : x;
        h->max = h->num > 0 ? fmax(h->max, x) : x;
        h->num++;
        h->sum += x;
        h->sum_squares += x * x;
    }
    return h->num > 0;
}

// Buckets of one width from the least to the greatest; one alone where these are the same.
static bool fill_histogram(struct vv_arena *arena, const struct vv_event_value *value,
                           Tfevents__Histogram *h) {
    tfevents__histogram__init(h);
    if (!sum_up(value, h)) return true;
    const size_t buckets = h->max > h->min ? BUCKETS : 1;
    h->n_bucket = h->n_bucket_limit = buckets;
    h->bucket = vv_arena_alloc(arena, buckets, sizeof *h->bucket);
    h->bucket_limit = vv_arena_alloc(arena, buckets, sizeof *h->bucket_limit);
    if (!h->bucket || !h->bucket_limit) return false;
    const double width = (h->max - h->min) / (double)buckets;
    for (size_t b = 0; b < buckets; b++) {
        h->bucket[b] = 0;
        h->bucket_limit[b] = b + 1 == buckets ? h->max : h->min + width * (double)(b + 1);
    }
    for (uint32_t i = 0; i < value->count; i++) {
        const double x = value->numbers[i];
        if (!isfinite(x)) continue;
        size_t b = 0;
        while (b + 1 < buckets && x > h->bucket_limit[b]) b++;
        h->bucket[b]++;
    }
    return true;
}

static int32_t big_endian(const unsigned char *at) {
    return (int32_t)((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]);
}

// The library's messages know no const; what they point to is only read.
static void *readable(const void *from) {
    void *to;
    memcpy(&to, &from, sizeof to);
    return to;
}

// Of a PNG its head tells: 8 bytes of signature, 8 of the chunk IHDR, width, height, depth, kind.
static void fill_picture(const struct vv_event_value *value, Tfevents__Picture *p) {
    tfevents__picture__init(p);
    assert(value->size > 26);
    p->width = big_endian(value->png + 16);
    p->height = big_endian(value->png + 20);
    p->colorspace = value->png[25] == 0 ? 1 : 3;
    p->encoded.len = value->size;
    p->encoded.data = readable(value->png);
}

static Tfevents__Value *make_value(struct vv_arena *arena, const struct vv_event_value *from) {
    Tfevents__Value *v = vv_arena_alloc(arena, 1, sizeof *v);
    if (!v) return NULL;
    tfevents__value__init(v);
    v->tag = readable(from->tag);
    if (from->kind == VV_EVENT_PICTURE) {
        v->what_case = TFEVENTS__VALUE__WHAT_IMAGE;
        v->image = vv_arena_alloc(arena, 1, sizeof *v->image);
        if (v->image) fill_picture(from, v->image);
        return v->image ? v : NULL;
    }
    if (from->kind == VV_EVENT_HISTOGRAM) {
        v->what_case = TFEVENTS__VALUE__WHAT_HISTO;
        v->histo = vv_arena_alloc(arena, 1, sizeof *v->histo);
        return v->histo && fill_histogram(arena, from, v->histo) ? v : NULL;
    }
    v->what_case = TFEVENTS__VALUE__WHAT_SIMPLE_VALUE;
    v->simple_value = (float)from->scalar;
    return v;
}

// ---- Events ----

static bool fill_event(struct vv_arena *arena, const struct vv_event *from, Tfevents__Event *e,
                       Tfevents__Summary *summary, Tfevents__SessionLog *log) {
    e->wall_time = from->seconds;
    e->step = (int64_t)from->step;
    if (from->version) {
        e->what_case = TFEVENTS__EVENT__WHAT_FILE_VERSION;
        e->file_version = readable(from->version);
        return true;
    }
    if (from->starts) {
        log->status = 1;
        e->what_case = TFEVENTS__EVENT__WHAT_SESSION_LOG;
        e->session_log = log;
        return true;
    }
    e->what_case = TFEVENTS__EVENT__WHAT_SUMMARY;
    e->summary = summary;
    summary->value = vv_arena_alloc(arena, from->count, sizeof *summary->value);
    for (uint32_t i = 0; summary->value && i < from->count; i++) {
        Tfevents__Value *value = make_value(arena, &from->values[i]);
        if (!value) return false;
        summary->value[summary->n_value++] = value;
    }
    return summary->value;
}

unsigned char *vv_event_pack(struct vv_context *ctx, const struct vv_event *event, size_t *size) {
    Tfevents__Event e = TFEVENTS__EVENT__INIT;
    Tfevents__Summary summary = TFEVENTS__SUMMARY__INIT;
    Tfevents__SessionLog log = TFEVENTS__SESSION_LOG__INIT;
    struct vv_arena arena;
    unsigned char *bytes = NULL;
    vv_arena_init(&arena, ctx);
    if (fill_event(&arena, event, &e, &summary, &log)) {
        *size = tfevents__event__get_packed_size(&e);
        bytes = vv_alloc(ctx, *size, 1);
        if (bytes) (void)tfevents__event__pack(&e, bytes);
    }
    vv_arena_finish(&arena);
    return bytes;
}

#else

bool vv_event_messages_are_there(void) {
    return false;
}

// Never called: whether there are messages is asked before.
unsigned char *vv_event_pack(struct vv_context *ctx, const struct vv_event *event, size_t *size) {
    (void)ctx;
    (void)event;
    *size = 0;
    return NULL;
}

#endif
