// Values of the forward pass that wait for the gradient, kept as halves: a pass over a finished tape. It
// lives here and not in tape because it appends ops, as the gradient does.
#ifndef VV_OPS_COMPRESS_H
#define VV_OPS_COMPRESS_H

#include "tape.h"

struct vv_compressed {
    uint32_t values, copies;  // kept as halves; times one is unpacked
    uint64_t before, after;   // bytes of the arena, as planned without scratch
};

// In a tape whose nodes [begin, end) are a gradient: f32 temporaries of at least `least` elements that
// are computed before and read in it are packed (halve) behind their last use before it, and unpacked
// (unhalve) before their first use in it; again where the next use is far, if the arena is smaller so.
// Nodes in the gradient then read what was unpacked, or the same view of it. All others read what they
// read, so that losses keep their bits: a value that is read behind the gradient, too, stays as it is,
// and so does one whose halves would hardly make the arena smaller. Which ones is a function of the tape
// alone: runs go on on other devices.
//
// Nodes keep their addresses and their order; their indices change. Arithmetic stays f32.
bool vv_compress(struct vv_tape *t, uint32_t begin, uint32_t end, uint64_t least,
                 struct vv_compressed *done);

#endif
