// Loops that a CPU cannot run faster, one for each width of its vectors.
#ifndef VV_PEAK_LOOPS_H
#define VV_PEAK_LOOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vv_loop {
    const char *name;
    bool (*available)(void);  // on this CPU
    double flop;              // of a round: floating-point operations
    // Sums that stay near 1; returned, so that none of it is left out.
    float (*run)(uint32_t rounds, float scale, float shift);
};

// The widest first.
extern const struct vv_loop vv_loops[];
extern const uint32_t vv_loop_count;

// a = b + scale c: 12 bytes moved for each of the n elements.
void vv_triad(float *a, const float *b, const float *c, float scale, size_t n);

#endif
