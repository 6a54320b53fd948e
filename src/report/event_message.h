// An event as the bytes of a protobuf message (events.proto).
#ifndef VV_REPORT_EVENT_MESSAGE_H
#define VV_REPORT_EVENT_MESSAGE_H

#include <stddef.h>

#include "events.h"

struct vv_event {
    double seconds;  // since 1970
    uint64_t step;
    const char *version;  // what the file is; else
    bool starts;          // a session does; else
    const struct vv_event_value *values;
    uint32_t count;
};

bool vv_event_messages_are_there(void);

// The caller frees them. NULL with the error set.
unsigned char *vv_event_pack(struct vv_context *ctx, const struct vv_event *event, size_t *size);

#endif
