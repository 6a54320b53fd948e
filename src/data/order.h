// The order in which an epoch visits a set: a function of (seed, epoch, count) alone.
#ifndef VV_DATA_ORDER_H
#define VV_DATA_ORDER_H

#include <stdint.h>

// Fills order[0..count) with a permutation of 0..count-1: Fisher-Yates driven by Philox (stream
// VV_STREAM_ORDER, step = epoch, one counter block for each four draws), each draw unbiased by
// rejection.
void vv_order_shuffle(uint64_t seed, uint32_t epoch, uint32_t *order, uint32_t count);

#endif
