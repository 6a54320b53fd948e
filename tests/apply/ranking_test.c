// How well scores part anomalies from the rest: small cases, counted by hand.
#include "../temporary.h"

#include "ranking.h"

#include <math.h>

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static struct vv_roc roc_of(struct temporary *t, const double *score, const unsigned char *anomaly,
                            uint32_t count) {
    struct vv_roc roc;
    assert_true(vv_roc_make(&t->ctx, &(struct vv_ranked){score, anomaly, count}, &roc));
    return roc;
}

// Four pairs of an anomaly and another: 0.8 beats 0.4 and 0.1, 0.35 beats 0.1 alone. Precision is 1 at
// the first anomaly, and 2/3 at the second one.
static void area_and_precision_are_counted(void **state) {
    static const double score[] = {0.1, 0.4, 0.35, 0.8};
    static const unsigned char anomaly[] = {0, 0, 1, 1};
    static const double fpr[] = {0, 0, 0.5, 0.5, 1}, tpr[] = {0, 0.5, 0.5, 1, 1};
    struct vv_roc roc = roc_of(*state, score, anomaly, 4);
    NEAR(roc.auroc, 3.0 / 4);
    NEAR(roc.average, 0.5 * 1 + 0.5 * 2 / 3);
    assert_int_equal(roc.count, 5);
    for (int i = 0; i < 5; i++) {
        NEAR(roc.fpr[i], fpr[i]);
        NEAR(roc.tpr[i], tpr[i]);
    }
    vv_roc_finish(&roc);
}

// Of six pairs: 3 against {2, 2, 1} wins 3; 2 against {2, 2, 1} ties twice and wins once. Scores that
// are equal are one point: recall 1/2 at precision 1, then 1 at 2/4.
static void ties_count_half(void **state) {
    static const double score[] = {2, 3, 1, 2, 2};
    static const unsigned char anomaly[] = {0, 1, 0, 1, 0};
    static const double fpr[] = {0, 0, 2.0 / 3, 1}, tpr[] = {0, 0.5, 1, 1};
    struct vv_roc roc = roc_of(*state, score, anomaly, 5);
    NEAR(roc.auroc, (3 + 2 * 0.5 + 1) / 6);
    NEAR(roc.average, 0.5 * 1 + 0.5 * 2 / 4);
    assert_int_equal(roc.count, 4);
    for (int i = 0; i < 4; i++) {
        NEAR(roc.fpr[i], fpr[i]);
        NEAR(roc.tpr[i], tpr[i]);
    }
    vv_roc_finish(&roc);
}

static void ends_are_none_all_and_half(void **state) {
    static const double up[] = {1, 2, 3, 4}, same[] = {7, 7, 7, 7};
    static const unsigned char last[] = {0, 0, 0, 1}, first[] = {1, 0, 0, 0};
    struct vv_roc roc = roc_of(*state, up, last, 4);
    NEAR(roc.auroc, 1);
    NEAR(roc.average, 1);
    vv_roc_finish(&roc);
    roc = roc_of(*state, up, first, 4);
    NEAR(roc.auroc, 0);
    NEAR(roc.average, 0.25);
    vv_roc_finish(&roc);
    roc = roc_of(*state, same, last, 4);
    NEAR(roc.auroc, 0.5);
    NEAR(roc.average, 0.25);  // the share of anomalies
    assert_int_equal(roc.count, 2);
    vv_roc_finish(&roc);
}

// Above 2.5: one anomaly of two, one other of three.
static void verdict_is_of_what_lies_above(void **state) {
    (void)state;
    static const double score[] = {1, 2, 3, 3, 2.5};
    static const unsigned char anomaly[] = {0, 0, 0, 1, 1};
    const struct vv_ranked ranked = {score, anomaly, 5};
    struct vv_verdict v = vv_verdict_at(&ranked, 2.5);
    NEAR(v.tpr, 0.5);
    NEAR(v.fpr, 1.0 / 3);
    NEAR(v.precision, 0.5);
    NEAR(v.f1, 0.5);
    v = vv_verdict_at(&ranked, 2);  // the one at 2.5 too: precision 2/3, recall 1
    NEAR(v.tpr, 1);
    NEAR(v.precision, 2.0 / 3);
    NEAR(v.f1, 0.8);
    v = vv_verdict_at(&ranked, 3);
    assert_true(v.tpr == 0 && v.fpr == 0 && v.precision == 0 && v.f1 == 0);
}

static void quantile_lies_on_the_line_between(void **state) {
    (void)state;
    double numbers[] = {4, 1, 3, 2}, one[] = {5};
    NEAR(vv_quantile(numbers, 4, 0), 1);
    NEAR(vv_quantile(numbers, 4, 1), 4);
    NEAR(vv_quantile(numbers, 4, 0.5), 2.5);
    NEAR(vv_quantile(numbers, 4, 0.9), 3.7);  // at 0.9 * 3 = 2.7
    NEAR(vv_quantile(one, 1, 0.3), 5);
}

static void highest_come_in_order(void **state) {
    (void)state;
    static const double score[] = {3, 9, 1, 9, 7, 3};
    static const uint32_t expected[] = {1, 3, 4, 0, 5, 2};
    for (uint32_t most = 1; most <= 6; most++) {
        uint32_t index[7];
        index[most] = 77;
        vv_highest(score, 6, index, most);
        assert_memory_equal(index, expected, most * sizeof *index);
        assert_int_equal(index[most], 77);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(area_and_precision_are_counted),    TEST(ties_count_half),
        TEST(ends_are_none_all_and_half),        TEST(verdict_is_of_what_lies_above),
        TEST(quantile_lies_on_the_line_between), TEST(highest_come_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
