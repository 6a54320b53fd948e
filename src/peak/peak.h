// What a machine can do at most, measured: what times of kernels are held against.
#ifndef VV_PEAK_PEAK_H
#define VV_PEAK_PEAK_H

#include "exec.h"

struct vv_peak {
    double gflops;  // 10^9 floating-point operations a second, in float; a multiply-add is two
    double gbytes;  // 10^9 bytes a second from and to memory, those read and those written
    char how[128];  // how both were measured, for people
};

// For an executor that computes on the CPU the host's peak, else the device's. Takes about a quarter of
// a second; what ran before should be done. False with the error set: no memory for it, the device is
// lost.
bool vv_peak_measure(struct vv_exec *e, struct vv_peak *peak);

// Cores that the process may use, which may be fewer than there are.
uint32_t vv_peak_cores(void);
// A C loop of the widest multiply-adds that this CPU has, and a triad a = b + s c, on all its cores that
// the process may use.
bool vv_peak_host(struct vv_context *ctx, struct vv_peak *peak);
// A kernel of multiply-adds, and a copy. On a CPU driver that is the driver's peak, not the machine's.
bool vv_peak_device(struct vv_exec *e, struct vv_peak *peak);

#endif
