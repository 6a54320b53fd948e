#include "workers.h"

#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

enum { MOST = 255 };  // threads beside this one

struct work {
    uint32_t count;
    bool (*item)(void *user, uint32_t index);
    void *user;
    atomic_uint next;
    atomic_bool stopped;
};

uint32_t vv_cores(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) count = CPU_COUNT(&set);
#endif
    return count < 1 ? 1 : (uint32_t)count;
}

// Returns whether there may be more to do.
static bool do_one(struct work *w) {
    if (atomic_load(&w->stopped)) return false;
    const uint32_t index = atomic_fetch_add(&w->next, 1);
    if (index >= w->count) return false;
    if (!w->item(w->user, index)) atomic_store(&w->stopped, true);
    return true;
}

static void *do_some(void *argument) {
    while (do_one(argument)) {
    }
    return NULL;
}

void vv_work(struct vv_context *ctx, uint32_t threads, uint32_t count,
             bool (*item)(void *user, uint32_t index), void *user) {
    struct work w = {.count = count, .item = item, .user = user};
    pthread_t thread[MOST];
    uint32_t started = 0;
    if (threads == 0) threads = vv_cores();
    while (started < MOST && started + 1 < threads && started + 1 < count &&
           pthread_create(&thread[started], NULL, do_some, &w) == 0)
        started++;
    do {
        if (vv_stopped(ctx)) atomic_store(&w.stopped, true);
    } while (do_one(&w));
    for (uint32_t i = 0; i < started; i++) (void)pthread_join(thread[i], NULL);
}

void vv_budget_init(struct vv_budget *budget, uint64_t whole) {
    *budget = (struct vv_budget){.whole = whole};
    (void)pthread_mutex_init(&budget->lock, NULL);
    (void)pthread_cond_init(&budget->returned, NULL);
}

void vv_budget_take(struct vv_budget *budget, uint64_t amount) {
    (void)pthread_mutex_lock(&budget->lock);
    while (budget->taken && (budget->taken > budget->whole || amount > budget->whole - budget->taken))
        (void)pthread_cond_wait(&budget->returned, &budget->lock);
    budget->taken += amount;
    (void)pthread_mutex_unlock(&budget->lock);
}

void vv_budget_return(struct vv_budget *budget, uint64_t amount) {
    (void)pthread_mutex_lock(&budget->lock);
    budget->taken -= amount;
    (void)pthread_cond_broadcast(&budget->returned);
    (void)pthread_mutex_unlock(&budget->lock);
}

void vv_budget_finish(struct vv_budget *budget) {
    (void)pthread_cond_destroy(&budget->returned);
    (void)pthread_mutex_destroy(&budget->lock);
}
