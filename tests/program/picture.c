#include "picture.h"

#include "../report/decode.h"

unsigned char *read_png(const char *path, uint32_t size[3]) {
    struct temporary t = {.folder = ""};
    struct picture picture = {0};
    vv_context_init(&t.ctx);
    decode(&t, path, &picture);
    size[0] = picture.height;
    size[1] = picture.width;
    size[2] = picture.channels;
    return picture.pixels;
}
