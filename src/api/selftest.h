// A look at a device before it is trusted.
#ifndef VV_API_SELFTEST_H
#define VV_API_SELFTEST_H

#include "exec.h"

// Draws a little noise on the device and compares it, bit for bit, with the host's. Where they differ
// the driver does not round or order float arithmetic as Vulkan asks: a warning says that this device's
// runs will not be those of others. False only when the device fails.
bool vv_selftest_noise(struct vv_exec *exec);

#endif
