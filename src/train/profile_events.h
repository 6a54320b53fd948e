// What a trace is made of, as profile.c keeps it and trace.c writes it.
#ifndef VV_TRAIN_PROFILE_EVENTS_H
#define VV_TRAIN_PROFILE_EVENTS_H

#include "profile.h"

enum vv_event_kind { VV_EVENT_NODE, VV_EVENT_SUBMIT, VV_EVENT_WAIT, VV_EVENT_NORMAL };

struct vv_profile_event {
    struct vv_span span;
    const struct vv_node *node;  // of VV_EVENT_NODE
    enum vv_event_kind kind;
};

// Keeps an event, or counts it as dropped where there are too many.
void vv_profile_add(struct vv_profile *profile, enum vv_event_kind kind, const struct vv_node *node,
                    struct vv_span span);

#endif
