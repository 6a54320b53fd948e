#include "order.h"

#include "abi.h"
#include "exact.h"

struct draws {
    uint64_t seed;
    uint32_t epoch, block, left;
    vv_words words;
};

static uint32_t next_word(struct draws *draws) {
    if (draws->left == 0) {
        draws->words = vv_random4(draws->block++, 0, draws->epoch, VV_STREAM_ORDER,
                                  (uint32_t)draws->seed, (uint32_t)(draws->seed >> 32));
        draws->left = 4;
    }
    switch (draws->left--) {
    case 4:
        return draws->words.x;
    case 3:
        return draws->words.y;
    case 2:
        return draws->words.z;
    default:
        return draws->words.w;
    }
}

// Uniform on [0, bound): Lemire, Fast Random Integer Generation in an Interval (2019), algorithm 5. The
// product's upper word is the draw; products whose lower word is below 2^32 mod bound are drawn again.
static uint32_t below(struct draws *draws, uint32_t bound) {
    uint64_t product = (uint64_t)next_word(draws) * bound;
    if ((uint32_t)product < bound) {
        uint32_t least = (0 - bound) % bound;
        while ((uint32_t)product < least) product = (uint64_t)next_word(draws) * bound;
    }
    return (uint32_t)(product >> 32);
}

void vv_order_shuffle(uint64_t seed, uint32_t epoch, uint32_t *order, uint32_t count) {
    struct draws draws = {.seed = seed, .epoch = epoch};
    for (uint32_t i = 0; i < count; i++) order[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        uint32_t j = below(&draws, i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}
