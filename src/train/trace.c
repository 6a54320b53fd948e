// A profile's events in the Chrome trace format: an object with an array of complete events ("ph": "X"),
// times in microseconds.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "profile_events.h"
#include "size.h"

// Some 40 MB of a file.
#define MOST_EVENTS 200000

enum { DEVICE_TRACK = 1, HOST_TRACK = 2 };

void vv_profile_add(struct vv_profile *profile, enum vv_event_kind kind, const struct vv_node *node,
                    struct vv_span span) {
    if (profile->event_count == MOST_EVENTS) {
        profile->dropped++;
        return;
    }
    if (profile->event_count == profile->event_room) {
        const uint64_t room = 2 * profile->event_room + 1024;
        struct vv_profile_event *events = vv_alloc(profile->ctx, room, sizeof *events);
        if (!events) return;
        if (profile->events) memcpy(events, profile->events, profile->event_count * sizeof *events);
        free(profile->events);
        profile->events = events;
        profile->event_room = room;
    }
    profile->events[profile->event_count++] = (struct vv_profile_event){span, node, kind};
}

// Text on its way to the file.
struct text {
    struct vv_writer writer;
    bool first;
    double begin;  // of the trace
};

// Not VV_PRINTF, which marks what makes messages.
static void print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void print(struct text *text, const char *format, ...) {
    char line[1024];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n > 0 && (size_t)n < sizeof line) (void)vv_writer_write(&text->writer, line, (size_t)n);
}

static void print_track(struct text *text, int track, const char *name) {
    print(
        text,
        "%s\n{\"name\": \"thread_name\", \"ph\": \"M\", \"ts\": 0, \"dur\": 0, \"pid\": 1, \"tid\": %d, "
        "\"args\": {\"name\": \"%s\"}}",
        text->first ? "" : ",", track, name);
    text->first = false;
}

// Names are ours (a model's parameters, ops), but a quote in one must not break the file.
static const char *quoted(const char *name, char text[128]) {
    size_t used = 0;
    for (; *name && used + 2 < 128; name++) {
        if (*name == '"' || *name == '\\') text[used++] = '\\';
        text[used++] = (unsigned char)*name < 0x20 ? ' ' : *name;
    }
    text[used] = '\0';
    return text;
}

static void print_event(struct text *text, int track, const char *name, struct vv_span span) {
    char room[128];
    const double since = span.begin - text->begin, length = span.end - span.begin;
    print(text,
          ",\n{\"name\": \"%s\", \"ph\": \"X\", \"ts\": %.3f, \"dur\": %.3f, \"pid\": 1, \"tid\": %d",
          quoted(name, room), 1e6 * (since > 0 ? since : 0), 1e6 * (length > 0 ? length : 0), track);
}

static void print_node(struct text *text, const struct vv_profile_event *event) {
    const struct vv_node *y = event->node;
    const struct vv_node *shown = y->shape.rank ? y : y->in[0];
    char name[128], shape[VV_SHAPE_TEXT], input[VV_SHAPE_TEXT];
    print_event(text, DEVICE_TRACK, y->op->name, event->span);
    print(text, ", \"args\": {\"node\": \"%s\", \"shape\": \"%s\"", quoted(y->name, name),
          vv_shape_print(shown->shape, shape));
    for (uint32_t i = 0; i < y->inputs; i++)
        print(text, ", \"input %u\": \"%s %s\"", i, quoted(y->in[i]->name, name),
              vv_shape_print(y->in[i]->shape, input));
    print(text, "}}");
}

// What the host did between two things that are known.
static void print_gap(struct text *text, double from, double until) {
    if (until - from < 1e-9) return;
    print_event(text, HOST_TRACK, "other", (struct vv_span){from, until});
    print(text, "}");
}

static int by_begin(const void *a, const void *b) {
    const double x = ((const struct vv_profile_event *)a)->span.begin;
    const double y = ((const struct vv_profile_event *)b)->span.begin;
    return (x > y) - (x < y);
}

static void print_device(struct text *text, const struct vv_profile_event *events, uint64_t count) {
    for (uint64_t i = 0; i < count; i++)
        if (events[i].kind == VV_EVENT_NODE) print_node(text, &events[i]);
}

static void print_host(struct text *text, const struct vv_profile_event *events, uint64_t count) {
    static const char *const names[] = {[VV_EVENT_SUBMIT] = "submit",
                                        [VV_EVENT_WAIT] = "wait",
                                        [VV_EVENT_NORMAL] = "steps that are not watched"};
    double until = text->begin;
    for (uint64_t i = 0; i < count; i++) {
        if (events[i].kind == VV_EVENT_NODE) continue;
        print_gap(text, until, events[i].span.begin);
        print_event(text, HOST_TRACK, names[events[i].kind], events[i].span);
        print(text, "}");
        if (events[i].span.end > until) until = events[i].span.end;
    }
}

bool vv_profile_trace(const struct vv_profile *profile, const char *path) {
    struct text text = {.first = true, .begin = profile->begin};
    const uint64_t count = profile->event_count;
    struct vv_profile_event *sorted = vv_alloc(profile->ctx, count, sizeof *sorted);
    if (!sorted) return false;
    if (!vv_writer_open(profile->ctx, path, &text.writer)) {
        free(sorted);
        return false;
    }
    if (count) {
        memcpy(sorted, profile->events, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, by_begin);
    }
    print(&text, "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [");
    print_track(&text, DEVICE_TRACK, "device");
    print_track(&text, HOST_TRACK, "host");
    print_device(&text, sorted, count);
    print_host(&text, sorted, count);
    print(&text, "\n]}\n");
    free(sorted);
    return vv_writer_commit(&text.writer);
}
