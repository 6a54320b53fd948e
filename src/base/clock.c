#include "clock.h"

#include <pthread.h>
#include <time.h>

// No system should let this clock go back, and some virtual machines have: then time goes on from where
// it was.
double vv_now(void) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static double last, lag;
    struct timespec t;
    (void)pthread_mutex_lock(&lock);
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    const double told = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    if (told < last) lag += last - told;
    last = told;
    const double now = told + lag;
    (void)pthread_mutex_unlock(&lock);
    return now;
}
