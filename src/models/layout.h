// Laying out a model: its blocks, parameters and running statistics, one after the other.
#ifndef VV_MODELS_LAYOUT_H
#define VV_MODELS_LAYOUT_H

#include "model.h"

struct vv_layout {
    struct vv_context *ctx;
    struct vv_model *model;
    bool failed;  // latched, with the error set
    uint32_t block_room, parameter_room, running_room;
};

// Returns its offset.
uint64_t vv_lay_block(struct vv_layout *l, struct vv_shape shape);
// A bias whose place is that of the next running statistics.
uint64_t vv_lay_cancelled(struct vv_layout *l, uint32_t channels);

// A parameter called by the printed name, of which the rest is given; outer, channels, spatial and inner
// that are 0 make it one whose order is the same in memory.
void vv_lay_parameter(struct vv_layout *l, struct vv_parameter rest, const char *format, ...)
    VV_PRINTF(3, 4);

void vv_lay_running(struct vv_layout *l, const char *name, uint32_t channels, uint64_t positions);

// Once all is laid out: places the cancelled biases behind the rest.
void vv_layout_end(struct vv_layout *l);

#endif
