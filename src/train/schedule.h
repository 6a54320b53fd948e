// The epoch's table: what each step needs to know, computed by the host in double, then rounded.
//
// A row of the table is a batch. With --accumulate N a step of the optimiser is a group of N rows, or of
// those that are left at an epoch's end: "step" here means one of the optimiser, counted from 0.
#ifndef VV_TRAIN_SCHEDULE_H
#define VV_TRAIN_SCHEDULE_H

#include "abi.h"
#include "optimiser.h"
#include "settings.h"

// Rows of the table of an epoch: ceil(count / batch).
uint32_t vv_schedule_steps(uint32_t count, uint32_t batch);

// Rows of a group: --accumulate.
uint32_t vv_schedule_group(const struct vv_settings *settings);
// Groups of an epoch.
uint32_t vv_schedule_groups(const struct vv_settings *settings);
// Whether row `row` of an epoch begins a group. The one behind the last row counts as a beginning, too.
bool vv_schedule_begins(const struct vv_settings *settings, uint32_t row);

// Images of a submission of the test, where kernels bind `range` bytes.
uint32_t vv_schedule_test_batch(const struct vv_settings *settings, uint64_t range);

// Whether --lr-schedule is a name of one.
bool vv_schedule_is(const char *name);
// Steps of the schedule: those of --schedule-epochs. Behind them the last rate is kept.
uint64_t vv_schedule_horizon(const struct vv_settings *settings);
// The learning rate of a step.
double vv_schedule_rate(const struct vv_settings *settings, uint64_t step);
// The decay of the weights' moving average at a step: min(--ema, (1 + step) / (10 + step)), so that the
// first, random weights are soon forgotten.
double vv_schedule_ema(const struct vv_settings *settings, uint64_t step);

// Fills the rows of epoch `epoch`, counted from 0. Rates are multiplied with `factor`.
void vv_schedule_fill(const struct vv_settings *settings, uint32_t epoch, double factor,
                      struct vv_step_row *rows);

#endif
