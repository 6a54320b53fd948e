// Work on all cores: many items, each done by whichever thread is free.
#ifndef VV_BASE_WORKERS_H
#define VV_BASE_WORKERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "context.h"

// The cores that this process may run on, at least 1.
uint32_t vv_cores(void);

// Calls item(user, 0) to item(user, count - 1), each once and begun in that order, from `threads`
// threads (0: one a core), this one among them; where no more can be had, from fewer. Returns when all
// are done. After an item that returned false none is begun, nor once vv_stopped(ctx), which this thread
// asks between its items.
void vv_work(struct vv_context *ctx, uint32_t threads, uint32_t count,
             bool (*item)(void *user, uint32_t index), void *user);

// Of something, memory say, that threads together may have so much of.
struct vv_budget {
    pthread_mutex_t lock;
    pthread_cond_t returned;
    uint64_t whole, taken;
};

void vv_budget_init(struct vv_budget *budget, uint64_t whole);
// Waits until there is so much left; until nothing is taken, where it is more than the whole.
void vv_budget_take(struct vv_budget *budget, uint64_t amount);
void vv_budget_return(struct vv_budget *budget, uint64_t amount);
void vv_budget_finish(struct vv_budget *budget);

#endif
