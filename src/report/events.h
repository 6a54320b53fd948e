// Event files, which TensorBoard reads: records of protobuf messages, added at the end of a file.
#ifndef VV_REPORT_EVENTS_H
#define VV_REPORT_EVENTS_H

#include <stdint.h>

#include "context.h"

struct vv_events {
    struct vv_context *ctx;
    char *path;      // owned
    int descriptor;  // of the file; -1: none
    uint64_t size;   // of what is whole in it
};

// A value under its tag.
struct vv_event_value {
    const char *tag;
    enum { VV_EVENT_SCALAR, VV_EVENT_PICTURE, VV_EVENT_HISTOGRAM } kind;
    double scalar;
    const unsigned char *png;  // a whole file of `size` bytes, which was written by us
    uint64_t size;
    const float *numbers;  // `count`; what is not finite does not count
    uint32_t count;
};

// Whether there is code for it: libprotobuf-c was here when the program was built.
bool vv_events_are_there(void);

// Begins a new file in a folder, which is made where it is not there yet: none that is there is written
// to, and its name sorts behind theirs. What they tell of steps from `step` on is void.
bool vv_events_open(struct vv_context *ctx, const char *folder, uint64_t step, struct vv_events *events);
void vv_events_close(struct vv_events *events);  // takes a zeroed or a half-opened one

// Adds an event, and hands it to the disk. VV_FAILED where that takes it not: what was there before is
// whole.
bool vv_events_write(struct vv_events *events, uint64_t step, const struct vv_event_value *values,
                     uint32_t count);

#endif
