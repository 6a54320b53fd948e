// Compiled with -O3 and contraction in every build (src/CMakeLists.txt): x * scale + shift is one
// instruction where the CPU has it. The sums of a round do not depend on each other, so that they hide
// its latency (4 cycles, at 2 to 4 a cycle), and fit the registers.
#include "loops.h"

#define TWELVE(DO)  DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define SIXTEEN(DO) TWELVE(DO) DO(12) DO(13) DO(14) DO(15)

#define BEGIN(i)    sum##i = shift * (i + 1.0F),
#define MULTIPLY(i) sum##i = sum##i * scale + shift;
#define COLLECT(i)  all += sum##i;

// A loop over SUMS vectors of `bytes` bytes. They have names: an array gcc would keep in memory; and
// begin differently: equal ones would be computed once.
#define MULTIPLY_ADD_LOOP(name, attribute, bytes, SUMS)                                                 \
    typedef float name##_vector __attribute__((vector_size(bytes)));                                    \
    attribute static float name(uint32_t rounds, float scale_of_all, float shift_of_all) {              \
        name##_vector scale = {0}, shift = {0};                                                         \
        for (uint32_t i = 0; i < (bytes) / sizeof(float); i++) {                                        \
            scale[i] = scale_of_all;                                                                    \
            shift[i] = shift_of_all;                                                                    \
        }                                                                                               \
        name##_vector SUMS(BEGIN) all = {0};                                                            \
        for (uint32_t round = 0; round < rounds; round++) {                                             \
            SUMS(MULTIPLY)                                                                              \
        }                                                                                               \
        SUMS(COLLECT)                                                                                   \
        float total = 0;                                                                                \
        for (uint32_t i = 0; i < (bytes) / sizeof(float); i++) total += all[i];                         \
        return total;                                                                                   \
    }

// Each of bytes / 4 floats is multiplied and added to: two operations.
#define LOOP(label, name, bytes, sums)                                                                  \
    { label, name##_available, (sums) * (bytes) / 2.0, name }

#if defined(__x86_64__) || defined(__i386__)

MULTIPLY_ADD_LOOP(avx512, __attribute__((target("avx512f"))), 64, SIXTEEN)
MULTIPLY_ADD_LOOP(avx2, __attribute__((target("avx2,fma"))), 32, TWELVE)
MULTIPLY_ADD_LOOP(sse, , 16, TWELVE)

static bool avx512_available(void) {
    return __builtin_cpu_supports("avx512f");
}
static bool avx2_available(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static bool sse_available(void) {
    return true;
}

const struct vv_loop vv_loops[] = {
    LOOP("AVX-512", avx512, 64, 16),
    LOOP("AVX2", avx2, 32, 12),
    LOOP("SSE", sse, 16, 12),
};

#else

MULTIPLY_ADD_LOOP(baseline, , 16, SIXTEEN)

static bool baseline_available(void) {
    return true;
}

const struct vv_loop vv_loops[] = {LOOP("128-bit", baseline, 16, 16)};

#endif

const uint32_t vv_loop_count = sizeof vv_loops / sizeof *vv_loops;

void vv_triad(float *restrict a, const float *restrict b, const float *restrict c, float scale,
              size_t n) {
    for (size_t i = 0; i < n; i++) a[i] = b[i] + scale * c[i];
}
