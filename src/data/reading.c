#include "reading.h"

const struct vv_reading vv_reading_default = {.background = {255, 255, 255}, .split = 0.9};
