// exact.h promises that no value is a denormal, which a device may take for a zero: the functions give
// the same bits on a host that flushes denormals as on one that does not.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "exact_activation.h"

#ifdef __SSE2__
#include <xmmintrin.h>

enum { FUNCTIONS = 14, BLOCK = 1024, STRIDE = 487 };
static const char *const names[FUNCTIONS] = {
    "exp",  "sigmoid", "softplus", "tanh",      "leaky_relu", "elu",        "silu",
    "gelu", "bell",    "mills",    "elu_slope", "silu_slope", "gelu_slope", "leaky_relu_slope"};

// Not inlined: the mode of the processor must not be changed in the midst of it.
__attribute__((noinline)) static void compute(const float *x, uint32_t (*y)[FUNCTIONS]) {
    for (int i = 0; i < BLOCK; i++) {
        const float t = x[i] < 0 ? -x[i] : x[i], near = t > 13.1f ? 13.1f : t;
        const float all[FUNCTIONS] = {vv_exp(x[i]),        vv_sigmoid(x[i]),
                                      vv_softplus(x[i]),   vv_tanh(x[i]),
                                      vv_leaky_relu(x[i]), vv_elu(x[i]),
                                      vv_silu(x[i]),       vv_gelu(x[i]),
                                      vv_bell(x[i]),       vv_mills(near),
                                      vv_elu_slope(x[i]),  vv_silu_slope(x[i]),
                                      vv_gelu_slope(x[i]), vv_leaky_relu_slope(x[i])};
        memcpy(y[i], all, sizeof all);
    }
}

static void flushing_denormals_changes_no_bit(void **state) {
    (void)state;
    static float x[BLOCK];
    static uint32_t kept[BLOCK][FUNCTIONS], flushed[BLOCK][FUNCTIONS];
    const unsigned mode = _mm_getcsr();
    for (uint64_t bits = 0; bits <= UINT32_MAX;) {
        for (int i = 0; i < BLOCK; i++, bits += STRIDE) {
            uint32_t word = (uint32_t)bits;
            if ((word & 0x7fffffffu) > 0x7f800000u) word = 0;  // one NaN is like another
            if (!(word & 0x7f800000u)) word &= 0x80000000u;    // itself a denormal
            memcpy(&x[i], &word, sizeof word);
        }
        compute(x, kept);
        _mm_setcsr(mode | 0x8040);  // flush to zero, denormals are zero
        compute(x, flushed);
        _mm_setcsr(mode);
        for (int i = 0; i < BLOCK; i++)
            for (int f = 0; f < FUNCTIONS; f++)
                if (kept[i][f] != flushed[i][f])
                    fail_msg("%s of %.9g: %08x, flushed %08x", names[f], (double)x[i], kept[i][f],
                             flushed[i][f]);
    }
}
#else
static void flushing_denormals_changes_no_bit(void **state) {
    (void)state;
    print_message("SKIPPED: only for processors with SSE2\n");
    skip();
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(flushing_denormals_changes_no_bit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
