#include "disentanglement.h"

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <string.h>

enum { COUNT = 2000, MOST = 4 };
static float codes[COUNT * MOST], values[COUNT * MOST];
static struct vv_context ctx;

static void assert_near(double a, double b, double most) {
    if (!(fabs(a - b) <= most)) fail_msg("%.17g is not %.17g to %g", a, b, most);
}

static float uniform(uint32_t *state) {
    *state = *state * 1664525U + 1013904223U;
    return (float)(*state >> 8) / (float)(1 << 24);
}

static struct vv_told told_of(uint32_t latent, uint32_t factors) {
    return (struct vv_told){
        .count = COUNT, .latent = latent, .factors = factors, .codes = codes, .values = values};
}

// Two factors of 0 and 1, each pair as often; codes a (v1, v2) and b (v1, v2).
static struct vv_told table(int a1, int a2, int b1, int b2) {
    for (int i = 0; i < COUNT; i++) {
        const int v1 = i / 2 % 2, v2 = i / 4 % 2;  // both halves, even and odd, have all pairs
        values[2 * i] = (float)v1;
        values[2 * i + 1] = (float)v2;
        codes[2 * i] = (float)(a1 * v1 + a2 * v2);
        codes[2 * i + 1] = (float)(b1 * v1 + b2 * v2);
    }
    return told_of(2, 2);
}

// Three kinds and two numbers, one latent for each and one that tells nothing.
static struct vv_told perfect(void) {
    uint32_t state = 1;
    for (int i = 0; i < COUNT; i++) {
        values[3 * i] = floorf(3 * uniform(&state));
        values[3 * i + 1] = uniform(&state);
        values[3 * i + 2] = 5 + 2 * uniform(&state);
        codes[4 * i] = -values[3 * i + 2];
        codes[4 * i + 1] = uniform(&state);
        codes[4 * i + 2] = values[3 * i];
        codes[4 * i + 3] = 2 * values[3 * i + 1] - 7;
    }
    struct vv_told told = told_of(4, 3);
    told.kinds[0] = 3;
    return told;
}

// The same factors, and codes that know nothing of them.
static struct vv_told ignorant(void) {
    struct vv_told told = perfect();
    uint32_t state = 77;
    for (int i = 0; i < COUNT * 4; i++) codes[i] = uniform(&state);
    return told;
}

static double mig_of(struct vv_told told) {
    double mig = -1;
    assert_true(vv_mig(&ctx, &told, &mig));
    return mig;
}

static double sap_of(struct vv_told told) {
    double sap = -1;
    assert_true(vv_sap(&ctx, &told, &sap));
    return sap;
}

static struct vv_dci dci_of(struct vv_told told) {
    struct vv_dci dci;
    assert_true(vv_dci(&ctx, &told, 1, &dci));
    return dci;
}

// ---- MIG ----

// a = v1, b = v1 + 2 v2. log 2 of v1 in a, and as much in b: no gap. Of v2 nothing in a, all in b: 1.
static void mig_of_a_table_is_known(void **state) {
    (void)state;
    assert_near(mig_of(table(1, 0, 1, 2)), 0.5, 1e-12);
    assert_near(mig_of(table(1, 0, 0, 1)), 1, 1e-12);
    assert_near(mig_of(table(0, 0, 0, 0)), 0, 1e-12);
    // a = v1 + v2 is 0, 1, 1, 2, of which the entropy is 3/2 log 2 and log 2 where v1 is known: half of
    // either factor's entropy, and b has none.
    assert_near(mig_of(table(1, 1, 0, 0)), 0.5, 1e-12);
}

// Noise in the histograms is 19 * 19 / (2 count) of log 20: 0.03 at most.
static void mig_tells_all_from_nothing(void **state) {
    (void)state;
    assert_near(mig_of(perfect()), 1, 0.05);
    assert_near(mig_of(ignorant()), 0, 0.01);
}

// ---- SAP ----

// Numbers: v1 has in a a squared correlation of 1, in b = v1 + 2 v2 one of 0.25^2 / (0.25 * 1.25) = 0.2;
// v2 in a none, in b 0.5^2 / (0.25 * 1.25) = 0.8.
static void sap_of_a_table_is_known(void **state) {
    (void)state;
    assert_near(sap_of(table(1, 0, 1, 2)), 0.8, 1e-6);
    assert_near(sap_of(table(1, 0, 0, 1)), 1, 1e-6);
}

// Kinds: v1 is found in a, and in b, too: no gap. v2 is found in b, and in a by chance, 1/2.
static void sap_of_kinds_is_an_accuracy(void **state) {
    (void)state;
    struct vv_told told = table(1, 0, 1, 2);
    told.kinds[0] = told.kinds[1] = 2;
    assert_near(sap_of(told), 0.25, 1e-6);
}

// Of three kinds 2/3 is the most.
static void sap_tells_all_from_nothing(void **state) {
    (void)state;
    assert_near(sap_of(perfect()), (2.0 / 3 + 1 + 1) / 3, 0.03);
    assert_near(sap_of(ignorant()), 0, 0.02);
}

// ---- DCI ----

// Importances of three latents (rows) for two factors: (3/4, 0), (1/4, 0), (0, 1). Each latent is of one
// factor: disentanglement 1. The first factor has the entropy of 3/4 and 1/4 over log 3, the second 0.
static void dci_of_importances_is_known(void **state) {
    (void)state;
    struct vv_dci dci;
    const double clear[] = {0.75, 0, 0.25, 0, 0, 1}, entropy = 0.75 * log(4.0 / 3) + 0.25 * log(4);
    vv_dci_of(clear, 3, 2, &dci);
    assert_near(dci.disentanglement, 1, 1e-12);
    assert_near(dci.completeness, 1 - entropy / log(3) / 2, 1e-12);
    // (1/2, 1/2), (1/2, 1/2): nothing is told apart.
    const double even[] = {0.5, 0.5, 0.5, 0.5};
    vv_dci_of(even, 2, 2, &dci);
    assert_near(dci.disentanglement, 0, 1e-12);
    assert_near(dci.completeness, 0, 1e-12);
    // (1, 1/2), (0, 1/2): weights 3/4 and 1/4; the first latent's shares are 2/3 and 1/3.
    const double mixed[] = {1, 0.5, 0, 0.5};
    const double first = 1 - (2.0 / 3 * log(1.5) + 1.0 / 3 * log(3)) / log(2);
    vv_dci_of(mixed, 2, 2, &dci);
    assert_near(dci.disentanglement, 0.75 * first + 0.25, 1e-12);
    assert_near(dci.completeness, 0.5, 1e-12);
}

static void dci_of_a_table_is_known(void **state) {
    (void)state;
    const struct vv_dci apart = dci_of(table(1, 0, 0, 1));
    assert_near(apart.disentanglement, 1, 1e-12);
    assert_near(apart.completeness, 1, 1e-12);
    assert_near(apart.informativeness, 1, 1e-12);
    const struct vv_dci none = dci_of(table(0, 0, 0, 0));
    assert_true(none.disentanglement == 0 && none.completeness == 0 && none.informativeness < 0.01);
}

static void dci_tells_all_from_nothing(void **state) {
    (void)state;
    const struct vv_dci all = dci_of(perfect()), nothing = dci_of(ignorant());
    print_message("DCI %.4f %.4f %.4f and %.4f %.4f %.4f\n", all.disentanglement, all.completeness,
                  all.informativeness, nothing.disentanglement, nothing.completeness,
                  nothing.informativeness);
    assert_true(all.disentanglement > 0.99 && all.completeness > 0.99 && all.informativeness > 0.99);
    assert_true(nothing.disentanglement < 0.05 && nothing.completeness < 0.05);
    assert_true(nothing.informativeness < 0.15);  // a third of the kinds is right by chance
}

static void dci_is_a_function_of_the_seed(void **state) {
    (void)state;
    struct vv_told told = ignorant();
    struct vv_dci a, b, c;
    assert_true(vv_dci(&ctx, &told, 1, &a) && vv_dci(&ctx, &told, 1, &b) && vv_dci(&ctx, &told, 2, &c));
    assert_memory_equal(&a, &b, sizeof a);
    assert_memory_not_equal(&a, &c, sizeof a);
}

// ---- Votes ----

// Latent 1 varies by 1/4 of what it does over all, latent 0 by all of it; latent 2 is dead.
static void vote_is_for_what_varies_least(void **state) {
    (void)state;
    const float group[] = {0, 0, 0, 2, 2, 0, 0, 0, 0, 2, 2, 0};  // [4,3]: deviations 1, 1, 0
    const double variance[] = {1, 4, 0.01}, dead[] = {0.01, 0, 0.005};
    assert_int_equal(vv_vote_of(group, 4, 3, variance), 1);
    assert_int_equal(vv_vote_of(group, 4, 3, (const double[]){4, 1, 1}), 2);
    assert_int_equal(vv_vote_of(group, 4, 3, dead), 0);
}

// Fitted: latent 0 is factor 1 (twice of three), latent 1 factor 0. Tested: right, wrong, right, and
// latent 2, for which nobody voted, is factor 0: wrong.
static void score_of_votes_is_known(void **state) {
    (void)state;
    double score = -1;
    const struct vv_vote votes[] = {{0, 1}, {0, 0}, {0, 1}, {1, 0}, {0, 1}, {0, 0}, {1, 0}, {2, 1}};
    assert_true(vv_votes_score(&ctx, votes, 8, 3, 2, &score));
    assert_near(score, 0.5, 1e-12);
}

int main(void) {
    vv_context_init(&ctx);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mig_of_a_table_is_known),       cmocka_unit_test(mig_tells_all_from_nothing),
        cmocka_unit_test(sap_of_a_table_is_known),       cmocka_unit_test(sap_of_kinds_is_an_accuracy),
        cmocka_unit_test(sap_tells_all_from_nothing),    cmocka_unit_test(dci_of_importances_is_known),
        cmocka_unit_test(dci_of_a_table_is_known),       cmocka_unit_test(dci_tells_all_from_nothing),
        cmocka_unit_test(dci_is_a_function_of_the_seed), cmocka_unit_test(vote_is_for_what_varies_least),
        cmocka_unit_test(score_of_votes_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
