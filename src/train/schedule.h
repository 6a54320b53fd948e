// The epoch's table: what each step needs to know, computed by the host in double, then rounded.
#ifndef VV_TRAIN_SCHEDULE_H
#define VV_TRAIN_SCHEDULE_H

#include "abi.h"
#include "settings.h"

#define VV_ADAM_BETA1   0.9
#define VV_ADAM_BETA2   0.999
#define VV_ADAM_EPSILON 1e-8

// Rows of the table of an epoch: ceil(count / batch).
uint32_t vv_schedule_steps(uint32_t count, uint32_t batch);

// Images of a submission of the test, where kernels bind `range` bytes.
uint32_t vv_schedule_test_batch(const struct vv_settings *settings, uint64_t range);

// Fills the rows of epoch `epoch`, counted from 0.
void vv_schedule_fill(const struct vv_settings *settings, uint32_t epoch, struct vv_step_row *rows);

#endif
