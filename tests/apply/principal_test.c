// Principal components of points whose axes are known.
#include "../temporary.h"

#include "principal.h"

#include <math.h>

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-9)

// Points (5, 2, 1) + s (0.6, 0.8, 0) + t (-0.8, 0.6, 0), s of +-4, t of +-1: variances 16 and 1, and
// none across.
static void axes_and_shares_are_found(void **state) {
    struct temporary *t = *state;
    float rows[4][3];
    for (int i = 0; i < 4; i++) {
        const float s = i & 1 ? 4 : -4, r = i & 2 ? 1 : -1;
        rows[i][0] = 5 + 0.6F * s - 0.8F * r;
        rows[i][1] = 2 + 0.8F * s + 0.6F * r;
        rows[i][2] = 1;
    }
    struct vv_principal p;
    assert_true(vv_principal_make(&t->ctx, rows[0], 4, 3, &p));
    const double axis[2][3] = {{0.6, 0.8, 0}, {0.8, -0.6, 0}};  // the largest number is positive
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 3; k++) assert_true(fabs(p.axis[i][k] - axis[i][k]) < 1e-6);
    assert_true(fabs(p.share[0] - 16.0 / 17) < 1e-6 && fabs(p.share[1] - 1.0 / 17) < 1e-6);
    double at[2];
    vv_principal_place(&p, rows[1], at);  // s 4, t -1
    assert_true(fabs(at[0] - 4) < 1e-5 && fabs(at[1] - 1) < 1e-5);
    vv_principal_finish(&p);
}

// [[2, 1], [1, 2]]: 3 along (1, 1), 1 along (1, -1).
static void eigenvectors_are_those_of_small_matrices(void **state) {
    (void)state;
    double a[] = {2, 1, 1, 2}, v[4];
    vv_jacobi(a, v, 2);
    const int large = a[0] > a[3] ? 0 : 1;
    NEAR(a[3 * large], 3);
    NEAR(a[3 * (1 - large)], 1);
    NEAR(fabs(v[large]), sqrt(0.5));
    NEAR(v[large], v[2 + large]);
    NEAR(v[1 - large], -v[3 - large]);
}

// A v = lambda v and orthonormal columns, of a matrix without pattern.
static void eigenvectors_are_orthonormal(void **state) {
    (void)state;
    enum { N = 12 };
    static double a[N * N], kept[N * N], v[N * N];
    unsigned seed = 1;
    for (int i = 0; i < N; i++)
        for (int k = i; k < N; k++) {
            seed = seed * 1664525U + 1013904223U;
            a[i * N + k] = a[k * N + i] = (double)(seed >> 8) / (1 << 24) - 0.5;
        }
    memcpy(kept, a, sizeof a);
    vv_jacobi(a, v, N);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            double dot = 0, product = 0;
            for (int l = 0; l < N; l++) dot += v[l * N + i] * v[l * N + k];
            for (int l = 0; l < N; l++) product += kept[k * N + l] * v[l * N + i];
            NEAR(dot, i == k ? 1.0 : 0.0);
            NEAR(product, a[i * N + i] * v[k * N + i]);
        }
}

static void rows_that_are_alike_have_no_variance(void **state) {
    struct temporary *t = *state;
    static const float rows[6] = {1, 2, 3, 1, 2, 3};
    struct vv_principal p;
    double at[2];
    assert_true(vv_principal_make(&t->ctx, rows, 2, 3, &p));
    assert_true(p.share[0] == 0 && p.share[1] == 0);
    vv_principal_place(&p, rows, at);
    assert_true(at[0] == 0 && at[1] == 0);
    vv_principal_finish(&p);
    assert_true(vv_principal_make(&t->ctx, rows, 6, 1, &p));  // a single column
    assert_true(p.share[0] == 1 && p.axis[0][0] == 1 && p.axis[1][0] == 0);
    vv_principal_finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(axes_and_shares_are_found),
        TEST(eigenvectors_are_those_of_small_matrices),
        TEST(eigenvectors_are_orthonormal),
        TEST(rows_that_are_alike_have_no_variance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
