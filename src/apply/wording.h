// Text out of a model: lines for rows of tokens, the most probable words for bags of words.
#ifndef VV_APPLY_WORDING_H
#define VV_APPLY_WORDING_H

#include "vocabulary.h"

// Words that are told of a bag.
#define VV_BAG_SHOWN 10

// Text that grows.
struct vv_lines {
    struct vv_context *ctx;
    char *text;  // owned; ends in a byte 0 once there is any
    uint64_t used, room;
};
void vv_lines_finish(struct vv_lines *lines);

struct vv_wording {
    const struct vv_vocabulary *vocabulary;
    uint32_t length;  // of a row of tokens; of a bag 1
    bool draw;        // tokens by their probability, and not the most probable ones
    uint64_t seed;    // of these
};

// Appends a line for row number `row` of samples, whose tokens' probabilities p [length, tokens] are.
bool vv_wording_sample(const struct vv_wording *w, const float *p, uint32_t row, struct vv_lines *lines);
// The same for a row of the set, bytes / 255: [length], of a bag [tokens].
bool vv_wording_original(const struct vv_wording *w, const float *x, struct vv_lines *lines);
bool vv_lines_append(struct vv_lines *lines, const char *text);

#endif
