// exact.h as C compiles it. That devices give the same bits: tests/ops/noise_test.c and the ops' own
// tests.
#include "../temporary.h"
#include "exact_activation.h"
#include "exact_count.h"
#include "exact_gaussian.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define DRAWS        10000000u

static vv_words words(vv_word x, vv_word y, vv_word z, vv_word w) {
    return (vv_words){x, y, z, w};
}

static bool same(vv_words a, vv_words b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

// The three vectors of Random123's kat_vectors, "philox4x32 10".
static void philox_gives_the_known_answers(void **state) {
    (void)state;
    const struct {
        vv_words counter;
        vv_word key[2];
        vv_words answer;
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < COUNT(known); i++)
        assert_true(
            same(vv_philox(known[i].counter, known[i].key[0], known[i].key[1]), known[i].answer));
}

static void counter_and_key_have_the_documented_layout(void **state) {
    (void)state;
    assert_true(same(vv_random4(1, 2, 3, 4, 5, 6), vv_philox(words(1, 2, 3, 4), 5, 6)));
}

static void uniforms_are_in_the_half_open_interval(void **state) {
    (void)state;
    assert_true(vv_uniform(0) == 0.0f);
    assert_true(vv_uniform(0xff) == 0.0f);
    assert_true(vv_uniform(0x100) == 0x1p-24f);
    assert_true(vv_uniform(0x80000000) == 0.5f);
    assert_true(vv_uniform(0xffffffff) == 1.0f - 0x1p-24f);
}

static double exact_sigmoid(double x) {
    double t = exp(-fabs(x));
    return x < 0 ? t / (1 + t) : 1 / (1 + t);
}

static double exact_softplus(double x) {
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

static double exact_expm1_below(double x) {
    return expm1(-fabs(x));
}

static double exact_bell(double x) {
    return exp(-x * x / 2);
}

static double exact_tail(double x) {
    return erfc(x / sqrt(2.0)) / 2;
}

static double exact_mills(double x) {
    return exact_tail(x) * exp(x * x / 2);
}

static double exact_leaky_relu(double x) {
    return x < 0 ? x / 100 : x;
}

static double exact_elu(double x) {
    return x < 0 ? expm1(x) : x;
}

static double exact_silu(double x) {
    return x * exact_sigmoid(x);
}

static double exact_gelu(double x) {
    return x * exact_tail(-x);
}

static double exact_silu_slope(double x) {
    return exact_sigmoid(x) * (1 + x * exact_sigmoid(-x));
}

static double exact_gelu_slope(double x) {
    return exact_tail(-x) + x * exact_bell(x) / sqrt(8 * atan(1.0));
}

static double exact_logvar(double x) {
    const double u = fabs(x) - 20;
    return u > 0 ? copysign(20 + u / (1 + u / 10), x) : x;
}

static double exact_logvar_slope(double x) {
    const double u = fabs(x) - 20;
    return u > 0 ? pow(1 + u / 10, -2) : 1;
}

// Half a unit is what correct rounding gives.
static double error_in_ulp(float got, double exact) {
    int exponent;
    (void)frexp(exact, &exponent);
    return fabs(got - exact) / ldexp(1.0, exponent - FLT_MANT_DIG);
}

static double exact_recip(double x) {
    return 1 / x;
}

static double error_of_slope(float got, double exact) {
    return fabs(got - exact);
}

// Each 301st float from lowest to highest; of an activation's range not what is taken for a zero.
static double worst_error(float (*f)(float), double (*exact)(double), float lowest, float highest,
                          float least, double (*error_in)(float got, double exact)) {
    double worst = 0;
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 301) {
        float x = vv_float((vv_word)bits);
        if (!(x >= lowest && x <= highest) || fabsf(x) < least) continue;
        double error = error_in(f(x), exact(x));
        if (!(error <= worst)) worst = error;
    }
    return worst;
}

// The bounds are those that exact.h states.
static void functions_are_as_accurate_as_stated(void **state) {
    (void)state;
    const struct {
        const char *name;
        float (*f)(float);
        double (*exact)(double);
        float lowest, highest;
        double bound;
    } functions[] = {
        {"exp", vv_exp, exp, -87.0f, 88.7228317f, 1.0},
        {"log", vv_log, log, FLT_MIN, FLT_MAX, 1.3},
        {"reciprocal", vv_reciprocal, exact_recip, FLT_MIN, 0x1p125f, 1.0},
        {"sqrt", vv_sqrt, sqrt, 0x1p-100f, 0x1p126f, 1.3},
        {"sigmoid, x < 0", vv_sigmoid, exact_sigmoid, -87.0f, 0.0f, 2.1},
        {"sigmoid, x > 0", vv_sigmoid, exact_sigmoid, 0.0f, FLT_MAX, 1.0},
        {"softplus, x < 0", vv_softplus, exact_softplus, -87.0f, 0.0f, 2.5},
        {"softplus, x > 0", vv_softplus, exact_softplus, 0.0f, FLT_MAX, 2.8},
        {"bell", vv_bell, exact_bell, -13.1f, 13.1f, 1.5},
        {"mills", vv_mills, exact_mills, 0.0f, 13.1f, 4.1},
    };
    for (size_t i = 0; i < COUNT(functions); i++) {
        double worst = worst_error(functions[i].f, functions[i].exact, functions[i].lowest,
                                   functions[i].highest, 0, error_in_ulp);
        print_message("%-16s %.3f ulp\n", functions[i].name, worst);
        if (!(worst <= functions[i].bound)) fail_msg("%s: %.3f ulp", functions[i].name, worst);
    }
}

// And those that exact_activation.h states.
static void activations_are_as_accurate_as_stated(void **state) {
    (void)state;
    const struct {
        const char *name;
        float (*f)(float);
        double (*exact)(double);
        float lowest, highest;
        double bound;
        double (*error_in)(float got, double exact);
    } functions[] = {
        {"expm1_below", vv_expm1_below, exact_expm1_below, -87.0f, 87.0f, 1.0, error_in_ulp},
        {"tanh", vv_tanh, tanh, -FLT_MAX, FLT_MAX, 2.8, error_in_ulp},
        {"leaky_relu", vv_leaky_relu, exact_leaky_relu, -FLT_MAX, FLT_MAX, 0.9, error_in_ulp},
        {"elu", vv_elu, exact_elu, -FLT_MAX, FLT_MAX, 1.0, error_in_ulp},
        {"silu", vv_silu, exact_silu, -87.0f, FLT_MAX, 2.9, error_in_ulp},
        {"gelu, x < 0", vv_gelu, exact_gelu, -13.1f, 0.0f, 5.9, error_in_ulp},
        {"gelu, x > 0", vv_gelu, exact_gelu, 0.0f, FLT_MAX, 4.2, error_in_ulp},
        {"silu's slope", vv_silu_slope, exact_silu_slope, -FLT_MAX, FLT_MAX, 2e-7, error_of_slope},
        {"gelu's slope", vv_gelu_slope, exact_gelu_slope, -FLT_MAX, FLT_MAX, 2e-7, error_of_slope},
    };
    for (size_t i = 0; i < COUNT(functions); i++) {
        double worst = worst_error(functions[i].f, functions[i].exact, functions[i].lowest,
                                   functions[i].highest, 0x1p-100f, functions[i].error_in);
        print_message("%-16s %.3g%s\n", functions[i].name, worst,
                      functions[i].error_in == error_in_ulp ? " ulp" : "");
        if (!(worst <= functions[i].bound)) fail_msg("%s: %.3g", functions[i].name, worst);
    }
}

// And those that exact_gaussian.h states; infinities give the limit.
static void log_variances_are_bounded_and_else_as_they_are(void **state) {
    (void)state;
    const double far = worst_error(vv_logvar, exact_logvar, -FLT_MAX, FLT_MAX, 20, error_in_ulp);
    const double slope =
        worst_error(vv_logvar_slope, exact_logvar_slope, -1e12f, 1e12f, 20, error_in_ulp);
    print_message("logvar %.3f ulp, its slope %.3f ulp\n", far, slope);
    assert_true(far <= 1.8 && slope <= 6.6);
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 301) {
        const float x = vv_float((vv_word)bits), y = vv_logvar(x), s = vv_logvar_slope(x);
        if (isnan(x)) continue;
        assert_true(fabsf(y) <= 30 && s > FLT_MIN && s <= 1);
        if (fabsf(x) <= 20) assert_true(vv_bits(y) == vv_bits(x) && s == 1.0f);
    }
    assert_true(vv_logvar(20.0f) == 20.0f && vv_logvar(-20.0f) == -20.0f);
    assert_true(vv_logvar(INFINITY) == 30.0f && vv_logvar(-INFINITY) == -30.0f);
    assert_true(vv_logvar(20.0000019f) > 20.0f && vv_logvar_slope(20.0000019f) > 0.999f);
    assert_true(isfinite(vv_exp(vv_logvar(FLT_MAX))));
    assert_int_equal(vv_bits(vv_logvar(NAN)), VV_NAN_BITS);
    assert_int_equal(vv_bits(vv_logvar_slope(NAN)), VV_NAN_BITS);
}

// Against the approximation by tanh that Hendrycks & Gimpel give too.
static void gelu_is_the_erf_form(void **state) {
    (void)state;
    double largest = 0;
    for (int i = -400; i <= 400; i++) {
        double x = i / 100.0, inner = sqrt(2 / (4 * atan(1.0))) * (x + 0.044715 * x * x * x);
        largest = fmax(largest, fabs(vv_gelu((float)x) - 0.5 * x * (1 + tanh(inner))));
    }
    assert_true(largest > 4e-4 && largest < 5e-4);
    assert_true(fabs(vv_gelu(1.0f) - 0.84134475) < 1e-7);
}

static void factorials_are_as_accurate_as_stated(void **state) {
    (void)state;
    for (uint32_t n = 0; n <= 1u << 24; n += n < 100000 ? 1 : 1 + n / 50000) {
        const double right = lgamma(n + 1.0), found = (double)vv_log_factorial((float)n);
        if (!(fabs(found - right) <= 3e-7 * right)) fail_msg("log %u!: %.9g, not %.9g", n, found, right);
    }
    assert_true(vv_log_factorial(0) == 0.0f);
    assert_true(vv_log_factorial(1) == 0.0f);
}

// As `gather` gives them.
static void every_byte_is_its_own_kind(void **state) {
    (void)state;
    const float scale = 1.0f / 255.0f;
    for (uint32_t b = 0; b < 256; b++) {
        assert_int_equal(vv_kind_of((float)b * scale, 256), b);
        assert_int_equal(vv_kind_of((float)b * scale, 200), b < 200 ? b : 199);
    }
    assert_int_equal(vv_kind_of(-1.0f, 7), 0);
    assert_int_equal(vv_kind_of(1e30f, 7), 6);
}

static void not_a_number_stays_one(void **state) {
    (void)state;
    const vv_word nans[] = {0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff};
    float (*const functions[])(float) = {vv_exp,        vv_log,       vv_sigmoid,    vv_softplus,
                                         vv_tanh,       vv_elu,       vv_leaky_relu, vv_silu,
                                         vv_gelu,       vv_elu_slope, vv_silu_slope, vv_leaky_relu_slope,
                                         vv_gelu_slope, vv_reciprocal};
    for (size_t i = 0; i < COUNT(nans); i++)
        for (size_t k = 0; k < COUNT(functions); k++)
            assert_int_equal(vv_bits(functions[k](vv_float(nans[i]))), VV_NAN_BITS);
}

static void extremes_give_what_is_documented(void **state) {
    (void)state;
    const float infinity = INFINITY, denormal = FLT_MIN / 2;
    const struct {
        float x, exp, log, sigmoid, softplus;
    } known[] = {
        {0.0f, 1, -infinity, 0.5f, 0.693147182f},
        {-0.0f, 1, -infinity, 0.5f, 0.693147182f},
        {denormal, 1, -infinity, 0.5f, 0.693147182f},
        {-denormal, 1, -infinity, 0.5f, 0.693147182f},
        {infinity, infinity, infinity, 1, infinity},
        {FLT_MAX, infinity, 88.7228394f, 1, FLT_MAX},
        {88.7228394f, infinity, 4.48551750f, 1, 88.7228394f},
        {-infinity, 0, NAN, 0, 0},
        {-FLT_MAX, 0, NAN, 0, 0},
        {-87.0000076f, 0, NAN, 0, 0},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        float x = known[i].x, log_x = vv_log(x);
        assert_true(vv_exp(x) == known[i].exp);
        assert_true(isnan(known[i].log) ? vv_bits(log_x) == VV_NAN_BITS : log_x == known[i].log);
        assert_true(vv_sigmoid(x) == known[i].sigmoid);
        assert_true(vv_softplus(x) == known[i].softplus);
    }
    assert_true(vv_log(1.0f) == 0.0f);
    assert_true(vv_reciprocal(-1.0f) == -1.0f && vv_reciprocal(FLT_MIN) == 0x1p126f);
    assert_true(vv_reciprocal(denormal) == infinity && vv_reciprocal(-0.0f) == -infinity);
    assert_true(vv_reciprocal(0x1p125f) == 0.0f && vv_bits(vv_reciprocal(-infinity)) == 0x80000000);
    assert_true(vv_reciprocal(nextafterf(0x1p125f, 0)) >= FLT_MIN);
    assert_true(vv_exp(88.7228317f) <= FLT_MAX);
    assert_true(vv_exp(-87.0f) >= FLT_MIN && vv_sigmoid(-87.0f) >= FLT_MIN &&
                vv_softplus(-87.0f) >= FLT_MIN);
}

// Box-Muller in double, for the same words.
static void exact_pair(vv_word radius_word, vv_word angle_word, double pair[2]) {
    vv_word below_one = radius_word < 0xffffff7f ? radius_word : 0xffffff7f;
    double u = ((float)(below_one >> 8) + (float)((below_one & 255) + 0.5) / 256) * 0x1p-24f;
    double eighth = atan(1.0), turns = angle_word >> 30;
    double angle = eighth * ((((angle_word >> 6) & 0xffffff) | 1) * 0x1p-23 - 1 + 2 * turns);
    double radius = sqrt(-2 * log((float)u));
    pair[0] = radius * cos(angle);
    pair[1] = radius * sin(angle);
}

static void assert_pair_is_close(vv_word radius_word, vv_word angle_word) {
    vv_pair got = vv_normal_pair(radius_word, angle_word);
    double exact[2];
    exact_pair(radius_word, angle_word, exact);
    double x = fabs(got.x / exact[0] - 1), y = fabs(got.y / exact[1] - 1);
    if (!(x < 4e-7 && y < 4e-7))
        fail_msg("%08x %08x: (%.9g, %.9g), expected (%.9g, %.9g)", radius_word, angle_word, got.x, got.y,
                 exact[0], exact[1]);
}

static void normal_pairs_follow_box_and_muller_in_double(void **state) {
    (void)state;
    const vv_word edges[] = {0,          1,          0x7f,       0xff,       0x100,      0x1fffffff,
                             0x20000000, 0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xbfffffff,
                             0xc0000000, 0xfffffeff, 0xffffff00, 0xffffff7f, 0xffffff80, 0xffffffff};
    for (size_t i = 0; i < COUNT(edges); i++)
        for (size_t k = 0; k < COUNT(edges); k++) assert_pair_is_close(edges[i], edges[k]);
    for (vv_word i = 0; i < 1000000; i++) {
        vv_words w = vv_random4(i, 0, 0, 0, 0, 0);
        assert_pair_is_close(w.x, w.y);
        assert_pair_is_close(w.z, w.w);
    }
    // The largest radius there is, and the least: neither infinite nor zero.
    assert_true(vv_normal_pair(0, 0x20000000).x > 6.7f && vv_normal_pair(0, 0x20000000).x < 6.8f);
    assert_true(vv_normal_pair(UINT32_MAX, 0x20000000).x > 3e-4f);
}

// Draw number i of a run with 20 latents: ten million of them are 500,000 samples.
static void draw_block(vv_word i, float four[4]) {
    vv_normals z = vv_normal4(i % 5, i / 5, 17, 3, 12345, 678);
    four[0] = z.x, four[1] = z.y, four[2] = z.z, four[3] = z.w;
}

#define BINS 1000000

struct sample {
    double moment[5];      // of order 0 to 4, about 0
    double neighbours[3];  // mean of z[i] z[i + lag] in a block, lag 1 to 3
    double kolmogorov;     // largest distance of the distributions, at BINS places
};

static void add_draw(struct sample *s, double z, unsigned *bins) {
    double power = 1;
    for (int k = 0; k < 5; k++, power *= z) s->moment[k] += power;
    bins[(unsigned)(0.5 * erfc(-z / sqrt(2.0)) * BINS)]++;
}

static void measure(double scale, double shift, struct sample *s) {
    unsigned *bins = calloc(BINS + 1, sizeof *bins);
    assert_non_null(bins);
    *s = (struct sample){0};
    for (vv_word i = 0; i < DRAWS / 4; i++) {
        float z[4];
        draw_block(i, z);
        for (int k = 0; k < 4; k++) add_draw(s, scale * z[k] + shift, bins);
        for (int lag = 1; lag < 4; lag++) s->neighbours[lag - 1] += z[0] * z[lag] / (DRAWS / 4.0);
    }
    for (int k = 4; k >= 0; k--) s->moment[k] /= s->moment[0];
    uint64_t below = 0;
    for (unsigned i = 0; i < BINS; i++) {
        below += bins[i];
        s->kolmogorov = fmax(s->kolmogorov, fabs((double)below / DRAWS - (i + 1.0) / BINS));
    }
    free(bins);
}

// Whether the draws look standard normal. The moments of n draws have standard deviations sqrt(1/n)
// = 3.2e-4, sqrt(2/n) = 4.5e-4, sqrt(6/n) for the skewness = 7.7e-4 and sqrt(24/n) for the kurtosis
// = 1.5e-3. Kolmogorov's distance passes 1.36/sqrt(n) = 4.3e-4 in one case of twenty. The draws are
// always the same.
static bool looks_normal(const struct sample *s) {
    double mean = s->moment[1], variance = s->moment[2] - mean * mean;
    double skewness = s->moment[3] - 3 * mean * s->moment[2], kurtosis = s->moment[4] / pow(variance, 2);
    return fabs(mean) < 6e-4 && fabs(variance - 1) < 9e-4 && fabs(skewness) < 2e-3 &&
           fabs(kurtosis - 3) < 4e-3 && s->kolmogorov < 4.3e-4;
}

static void ten_million_draws_look_normal(void **state) {
    (void)state;
    struct sample s;
    measure(1, 0, &s);
    print_message("mean %.2e, square - 1 %.2e, cube %.2e, fourth power - 3 %.2e, Kolmogorov %.2e\n",
                  s.moment[1], s.moment[2] - 1, s.moment[3], s.moment[4] - 3, s.kolmogorov);
    assert_true(looks_normal(&s));
    for (int i = 0; i < 3; i++) assert_true(fabs(s.neighbours[i]) < 3 / sqrt(DRAWS / 4.0));
}

static void a_scale_or_shift_of_a_thousandth_does_not_look_normal(void **state) {
    (void)state;
    const double wrong[][2] = {{1.001, 0}, {0.999, 0}, {1, 0.001}, {1, -0.001}};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct sample s;
        measure(wrong[i][0], wrong[i][1], &s);
        assert_false(looks_normal(&s));
    }
}

// Correlation of 400,000 draws with those of a counter or key that differs in one place.
static double correlation(const vv_word a[5], const vv_word b[5]) {
    double sum = 0;
    for (vv_word i = 0; i < 100000; i++) {
        vv_normals p = vv_normal4(i, a[0], a[1], a[2], a[3], a[4]);
        vv_normals q = vv_normal4(i, b[0], b[1], b[2], b[3], b[4]);
        assert_false(p.x == q.x && p.y == q.y);
        sum += p.x * q.x + p.y * q.y + p.z * q.z + p.w * q.w;
    }
    return sum / 400000;
}

static void sample_step_stream_and_seed_each_give_other_draws(void **state) {
    (void)state;
    const vv_word a[5] = {9, 9, 9, 9, 9};
    for (int place = 0; place < 5; place++)
        for (vv_word change = 1; change; change <<= 10) {
            vv_word b[5] = {9, 9, 9, 9, 9};
            b[place] += change;
            assert_true(fabs(correlation(a, b)) < 4 / sqrt(400000.0));
        }
}

// FNV-1a over the words of a million draws: a compiler that contracts or reorders, and any change of the
// noise, shows.
static void the_draws_are_those_of_earlier_versions(void **state) {
    (void)state;
    uint64_t hash = UINT64_C(14695981039346656037);
    for (vv_word i = 0; i < 250000; i++) {
        float z[4];
        draw_block(i, z);
        for (int k = 0; k < 4; k++) hash = (hash ^ vv_bits(z[k])) * UINT64_C(1099511628211);
    }
    if (hash != UINT64_C(0x35a685098a90c8b3)) fail_msg("hash %016llx", (unsigned long long)hash);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_known_answers),
        cmocka_unit_test(counter_and_key_have_the_documented_layout),
        cmocka_unit_test(uniforms_are_in_the_half_open_interval),
        cmocka_unit_test(functions_are_as_accurate_as_stated),
        cmocka_unit_test(activations_are_as_accurate_as_stated),
        cmocka_unit_test(log_variances_are_bounded_and_else_as_they_are),
        cmocka_unit_test(gelu_is_the_erf_form),
        cmocka_unit_test(factorials_are_as_accurate_as_stated),
        cmocka_unit_test(every_byte_is_its_own_kind),
        cmocka_unit_test(not_a_number_stays_one),
        cmocka_unit_test(extremes_give_what_is_documented),
        cmocka_unit_test(normal_pairs_follow_box_and_muller_in_double),
        cmocka_unit_test(ten_million_draws_look_normal),
        cmocka_unit_test(a_scale_or_shift_of_a_thousandth_does_not_look_normal),
        cmocka_unit_test(sample_step_stream_and_seed_each_give_other_draws),
        cmocka_unit_test(the_draws_are_those_of_earlier_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
