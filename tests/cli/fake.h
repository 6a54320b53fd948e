// The program in front of fake_library.c, steered by variables. VKVAE_FAKE names it; else it is the one
// that was built.
#ifndef VV_TESTS_CLI_FAKE_H
#define VV_TESTS_CLI_FAKE_H

#include "program.h"

// Sets "NAME=value" pairs for the programs of one test; NULL ends them. reset_environment undoes it.
static inline void set(const char *pair, ...) {
    va_list list;
    va_start(list, pair);
    for (; pair; pair = va_arg(list, const char *)) {
        char name[64];
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(pair, "="), pair);
        assert_int_equal(setenv(name, pair + strlen(name) + 1, 1), 0);
    }
    va_end(list);
}

static inline int reset_environment(void **state) {
    static const char *const names[] = {
        "FAKE_STEPS",   "FAKE_STEP_MS", "FAKE_FAIL",    "FAKE_DEVICES",
        "FAKE_DEAF",    "FAKE_SHOW",    "VKVAE_DEVICE", "FAKE_NO_MEMORY",
        "FAKE_NAN",     "NO_COLOR",     "FAKE_VECTORS", "LP_NATIVE_VECTOR_WIDTH",
        "FAKE_WEIGHED", "FAKE_LATENTS", "FAKE_TUNE",    "FAKE_DONE",
        "FAKE_SIGMA",   "FAKE_COUNT",   "FAKE_TEXT",    "FAKE_RUNS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) (void)unsetenv(names[i]);
    return state ? temporary_remove(state) : 0;
}
#define FAKE_TEST(name) cmocka_unit_test_setup_teardown(name, temporary_create, reset_environment)

static inline const char *fake_path(void) {
    return program_path("VKVAE_FAKE", VKVAE_FAKE_PROGRAM);
}

// What a start is told as: the end of a line is as a file has it, or a terminal.
#define FAKE_START(end)                                                                                 \
    "data: fakes, 90 pictures of 9x7x3 to train on, 10 to test on; 4 classes; normalized: minmax; 2 "   \
    "broken ones left out" end "model: conv 8,16, latent 5: 1234 parameters" end                        \
    "memory: 1.5 MiB for weights and data, arena 210 MiB (640 MiB without reuse)" end

#endif
