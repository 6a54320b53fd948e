#include "binarize.h"

#include "abi.h"
#include "exact.h"

// Whether each of the four pixels of a block is 1; as ops/random.c draws while training.
static void draw_block(const struct vv_binarize *draw, uint32_t picture, uint32_t block,
                       const float chance[4], bool white[4]) {
    const vv_words w = vv_random4(block, picture, draw->half, VV_STREAM_BINARIZE, (uint32_t)draw->seed,
                                  (uint32_t)(draw->seed >> 32));
    const vv_word words[4] = {w.x, w.y, w.z, w.w};
    for (uint32_t k = 0; k < 4; k++) white[k] = vv_uniform(words[k]) < chance[k];
}

void vv_binarize_bytes(const struct vv_binarize *draw, uint32_t picture, const unsigned char *from,
                       unsigned char *to, uint32_t count) {
    for (uint32_t i = 0; i < count; i += 4) {
        float chance[4] = {0};
        bool white[4];
        for (uint32_t k = 0; k < 4 && i + k < count; k++)
            chance[k] = (float)from[i + k] * (1.0f / 255.0f);
        draw_block(draw, picture, i / 4, chance, white);
        for (uint32_t k = 0; k < 4 && i + k < count; k++) to[i + k] = white[k] ? 255 : 0;
    }
}

void vv_binarize_floats(const struct vv_binarize *draw, uint32_t picture, const float *from, float *to,
                        uint32_t count) {
    for (uint32_t i = 0; i < count; i += 4) {
        float chance[4] = {0};
        bool white[4];
        for (uint32_t k = 0; k < 4 && i + k < count; k++) chance[k] = from[i + k];
        draw_block(draw, picture, i / 4, chance, white);
        for (uint32_t k = 0; k < 4 && i + k < count; k++) to[i + k] = white[k] ? 1.0f : 0.0f;
    }
}
