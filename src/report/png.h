// PNG through stb_image_write's callback form into the atomic writer: a full disk is an error here.
#ifndef VV_REPORT_PNG_H
#define VV_REPORT_PNG_H

#include "context.h"

#include <stdint.h>

// pixels: height x width x channels bytes (1 grey, 3 RGB), rows from the top. VV_USAGE: empty, or over
// 2^28 bytes.
bool vv_png_write(struct vv_context *ctx, const char *path, const unsigned char *pixels, uint32_t height,
                  uint32_t width, uint32_t channels);

#endif
