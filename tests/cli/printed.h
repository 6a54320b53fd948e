// What is printed between begin() and end(), and a result to print.
#ifndef VV_TESTS_CLI_PRINTED_H
#define VV_TESTS_CLI_PRINTED_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <vkvae/use.h>

#include <cmocka.h>

static FILE *file;
static int kept;
static char printed[1 << 16];

static inline void begin(void) {
    (void)fflush(stdout);
    kept = dup(STDOUT_FILENO);
    file = tmpfile();
    assert_non_null(file);
    assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
}

static inline const char *end(void) {
    (void)fflush(stdout);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    (void)close(kept);
    rewind(file);
    printed[fread(printed, 1, sizeof printed - 1, file)] = '\0';
    (void)fclose(file);
    return printed;
}

#define assert_says(text)     assert_non_null(strstr(printed, text))
#define assert_says_not(text) assert_null(strstr(printed, text))
// A result with most of what there can be.
static inline vkvae_evaluate_result evaluation(void) {
    const vkvae_estimate known = {12.5, 0.25}, none = {NAN, NAN};
    return (vkvae_evaluate_result){.count = 2,
                                   .latent = 14,
                                   .is_bound = true,
                                   .loss = known,
                                   .recon = known,
                                   .kl = known,
                                   .active = 3,
                                   .bits_per_dim = 1.5,
                                   .psnr = known,
                                   .ssim = none};
}

#endif
