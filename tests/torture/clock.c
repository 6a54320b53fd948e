// Preloaded into the program by clocks.sh: clocks that jump, by VKVAE_CLOCK:
// - "wall": the date goes back and forth by hours and years; "steady": so does the clock that never
// should, by less
// - "frozen": both stand still for a hundred calls at a time
// - "before": the date is before 1970; "beyond": after the year 292,000,000,000
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static bool is(const char *kind) {
    const char *wanted = getenv("VKVAE_CLOCK");
    return wanted && strcmp(wanted, kind) == 0;
}

static time_t jump(unsigned long call) {
    static const time_t wall[] = {0, -3600, 7200, -400000000, 86400, 400000000},
                        steady[] = {0, 3, -2, 60, -1, 1};
    const unsigned long turn = call / 7 % 6;
    return is("wall") ? wall[turn] : steady[turn];
}

int clock_gettime(clockid_t clock, struct timespec *t) {
    static atomic_ulong calls;
    static _Thread_local struct timespec stuck[2];
    static _Thread_local unsigned left[2];
    const bool date = clock == CLOCK_REALTIME;
    if (syscall(SYS_clock_gettime, clock, t) != 0) return -1;
    if (!date && clock != CLOCK_MONOTONIC) return 0;
    if (is("frozen")) {
        if (left[date]-- == 0) {
            stuck[date] = *t;
            left[date] = 100;
        }
        *t = stuck[date];
    }
    if ((date && is("wall")) || (!date && is("steady"))) t->tv_sec += jump(atomic_fetch_add(&calls, 1));
    if (date && is("before")) t->tv_sec = -1;
    if (date && is("beyond")) t->tv_sec = (time_t)9223372036854775807;
    return 0;
}

time_t time(time_t *out) {
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    if (out) *out = t.tv_sec;
    return t.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    struct timespec t;
    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    *out = (struct timeval){t.tv_sec, t.tv_nsec / 1000};
    return 0;
}
