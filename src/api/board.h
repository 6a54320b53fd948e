// What TensorBoard is told of a run, an event an epoch.
#ifndef VV_API_BOARD_H
#define VV_API_BOARD_H

#include "events.h"
#include "trainer.h"

#include "metrics.h"

struct vv_board {
    struct vv_events events;
    bool open;
};

// Whether events can be written at all; VV_USAGE. `folder` NULL: none are asked for.
bool vv_board_check(struct vv_context *ctx, const char *folder);
// Before the first epoch of a trainer, which has done as many as its position says.
bool vv_board_open(struct vv_board *board, const struct vv_trainer *trainer, const char *folder);
void vv_board_close(struct vv_board *board);  // takes a zeroed one

// An epoch, the last row of `metrics`. pictures: the PNG of its reconstructions and of its samples;
// NULL: there are none. Does nothing where no board is open.
bool vv_board_write(struct vv_board *board, const struct vv_trainer *trainer,
                    const struct vv_metrics *metrics, const char *const pictures[2],
                    double images_per_second);

#endif
