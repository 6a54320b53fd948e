// Time, for reports and for sizing submissions; never for results.
#ifndef VV_BASE_CLOCK_H
#define VV_BASE_CLOCK_H

// Seconds since some moment, never going backwards.
double vv_now(void);

#endif
