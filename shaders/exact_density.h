// -log p(x | the decoder's numbers) of one pixel, in nats, and its derivatives, out of exact.h's
// functions: one source for kernels, reference and, in double, the gradient tests.
//
// x is in [0, 1]; a density is one of that number. `location` is the decoder's number as it is: mu, or
// a logit. sigma is the scale that the formula names, not always the standard deviation. NaN gives NaN;
// a location so far off that its value passes the largest float gives infinity, which the latch sees.
// Values are within 1e-6 of their size and that of log sigma, tests/ops/density_test.c.
#ifndef VV_EXACT_DENSITY_H
#define VV_EXACT_DENSITY_H

#include "abi.h"
#include "exact.h"

#ifdef VULKAN
#define VV_AS_REAL(x) float(x)
#else
#define VV_AS_REAL(x) ((VV_EXACT_REAL)(x))
#define precise
typedef struct vv_scale vv_scale;
typedef struct vv_point vv_point;
#endif
#define REAL VV_EXACT_REAL

#define VV_HALF_LOG_TWO_PI VV_AS_REAL(0.91893853320467274)
#define VV_LOG_HALF_PI     VV_AS_REAL(0.45158270528945486)
#define VV_LOG_TWO         VV_AS_REAL(0.69314718055994531)
#define VV_PIXEL_STEP      VV_AS_REAL(0.00392156862745098039)  // 1 / 255

// A learned log sigma r is bounded softly: from below and from above by these, log 0.001 and log 1000,
// so that a pixel that is hit exactly cannot give -infinity, nor 1 / sigma overflow. Between them
// sigma^2 is e^2r + 1e-6 but for a millionth: below a quarter of the step between two bytes there is
// nothing to learn.
#define VV_LEAST_LOG_SIGMA VV_AS_REAL(-6.90775527898213705)
#define VV_MOST_LOG_SIGMA  VV_AS_REAL(6.90775527898213705)

struct vv_scale {
    REAL log_sigma, inverse;  // inverse: 1 / sigma
    REAL slope;               // of the bounded log sigma, as a function of what it was bounded from
    // Of discretized-logistic, with w = 1 / (255 sigma): -log(1 - e^-w), and its derivative with respect
    // to log sigma, w / (e^w - 1).
    REAL inner, inner_slope;
};

struct vv_point {
    REAL value;
    REAL by_location, by_scale;  // derivatives; by_scale: with respect to log sigma before its bounds
};

// log sigma = low + softplus(2 (m - low)) / 2, m = high - softplus(2 (high - r)) / 2.
VV_FN vv_scale vv_scale_of(vv_word kind, REAL raw, bool bounded) {
    precise REAL over = 2.0f * (VV_MOST_LOG_SIGMA - raw);
    precise REAL middle = VV_MOST_LOG_SIGMA - 0.5f * vv_softplus(over);
    precise REAL under = 2.0f * (middle - VV_LEAST_LOG_SIGMA);
    precise REAL log_sigma = VV_LEAST_LOG_SIGMA + 0.5f * vv_softplus(under);
    precise REAL slope = vv_sigmoid(over) * vv_sigmoid(under);
    vv_scale s;
    s.log_sigma = bounded ? log_sigma : raw;
    s.slope = bounded ? vv_settle(slope, slope) : VV_AS_REAL(1.0);
    s.inverse = vv_exp(-s.log_sigma);
    s.inner = VV_AS_REAL(0.0);
    s.inner_slope = VV_AS_REAL(0.0);
    if (kind == VV_DENSITY_DISCRETIZED_LOGISTIC) {
        precise REAL w = s.inverse * VV_PIXEL_STEP;
        precise REAL rest = -vv_expm1_below(w);  // 1 - e^-w
        precise REAL inner_slope = w * (1.0f - rest) * vv_reciprocal(rest);
        s.inner = -vv_log(rest);
        s.inner_slope = inner_slope;
    }
    return s;
}

#if !defined(VULKAN) && defined(VV_REAL_IS_DOUBLE)

VV_FN double vv_apart(double x, double location) {
    return x - location;
}

VV_FN double vv_bin(double x) {
    return floor(255 * (x < 0 ? 0 : x > 1 ? 1 : x) + 0.5);
}

#else

// x - location; 0 where it is below 2^-50, so that neither its square nor products with 1 / sigma are
// denormals.
VV_FN float vv_apart(float x, float location) {
    precise float apart = x - location;
    return (vv_bits(apart) & 0x7fffffffu) < 0x26800000u ? 0.0f : apart;
}

// The byte that a pixel was, 0 to 255. Adding 1.5 2^23 rounds to an integer.
VV_FN float vv_bin(float x) {
    precise float v = 255.0f * x;
    v = v < 0.0f ? 0.0f : v;
    v = v > 255.0f ? 255.0f : v;
    v = (v + 12582912.0f) - 12582912.0f;
    return v;
}

#endif

VV_FN REAL vv_size(REAL x) {
    return x < 0.0f ? -x : x;
}

// Below this |l| the series of the continuous Bernoulli are taken: up to there their first terms left
// out are below 3e-8, and in double below 1e-18.
#ifdef VV_REAL_IS_DOUBLE
#define VV_SERIES_BELOW 0.05
#else
#define VV_SERIES_BELOW 1.0f
#endif

// The mean of the continuous Bernoulli, 1 / (1 - e^-l) - 1 / l, which is sigmoid(l) / tanh(l / 2) - 1/l
// in the mean parameter's terms: Loaiza-Ganem & Cunningham, The continuous Bernoulli (2019), equation 8.
// Near 0 it is 1/2 + l/12 - l^3/720 + l^5/30240 - l^7/1209600.
VV_FN REAL vv_continuous_mean(REAL l) {
    precise REAL a = vv_size(l);
    precise REAL far = a < VV_SERIES_BELOW ? VV_SERIES_BELOW : a;
    far = far > 1e18f ? 1e18f : far;
    precise REAL upper = vv_reciprocal(-vv_expm1_below(far)) - vv_reciprocal(far);
    precise REAL near = a > VV_SERIES_BELOW ? VV_AS_REAL(0.0) : l;
    near = vv_settle(near, near);
    precise REAL q = near * near;
    q = vv_size(near) < 1e-9f ? VV_AS_REAL(0.0) : q;
    precise REAL series = VV_AS_REAL(3.306878306878307e-05) - q * VV_AS_REAL(8.267195767195767e-07);
    series = VV_AS_REAL(0.083333333333333333) - q * (VV_AS_REAL(0.0013888888888888889) - q * series);
    series = 0.5f + near * series;
    precise REAL lower = 1.0f - upper;
    REAL outside = l < 0.0f ? lower : upper;
    return vv_or_nan(a < VV_SERIES_BELOW ? series : outside, l);
}

// The continuous Bernoulli from its logit l: p(x) = C e^(l x - softplus(l)) with C = l / tanh(l / 2)
// (equation 6). Since the integral of e^(l x) over [0, 1] is (e^l - 1) / l it is
// -log p = log(sinh(h) / h) - l (x - 1/2), h = l / 2.
// Near 0 log(sinh(h) / h) = l^2/24 - l^4/2880 + l^6/181440 - l^8/9676800; else it is
// |l| / 2 + log(1 - e^-|l|) - log |l|.
VV_FN vv_point vv_continuous_bernoulli_point(REAL x, REAL l) {
    precise REAL a = vv_size(l);
    precise REAL far = a < VV_SERIES_BELOW ? VV_SERIES_BELOW : a;
    precise REAL outside = 0.5f * far + (vv_log(-vv_expm1_below(far)) - vv_log(far));
    precise REAL near = a < 1e-9f ? VV_AS_REAL(0.0) : a;
    near = near > VV_SERIES_BELOW ? VV_SERIES_BELOW : near;
    precise REAL q = near * near;
    precise REAL series = VV_AS_REAL(5.511463844797178e-06) - q * VV_AS_REAL(1.0333994708994709e-07);
    series =
        q * (VV_AS_REAL(0.041666666666666667) - q * (VV_AS_REAL(0.00034722222222222222) - q * series));
    precise REAL value = (a < VV_SERIES_BELOW ? series : outside) - l * (x - 0.5f);
    precise REAL by_location = vv_continuous_mean(l) - x;
    vv_point p;
    p.value = value;
    p.by_location = by_location;
    p.by_scale = VV_AS_REAL(0.0);
    return p;
}

// p(x) = e^(-u^2 / 2) / (sigma sqrt(2 pi)), u = (x - mu) / sigma.
VV_FN vv_point vv_gaussian_point(REAL x, REAL mu, vv_scale s) {
    precise REAL u = vv_apart(x, mu) * s.inverse;
    precise REAL square = u * u;
    precise REAL value = 0.5f * square + (s.log_sigma + VV_HALF_LOG_TWO_PI);
    precise REAL by_location = -u * s.inverse;
    precise REAL by_scale = (1.0f - square) * s.slope;
    vv_point p;
    p.value = value;
    p.by_location = by_location;
    p.by_scale = by_scale;
    return p;
}

// p(x) = e^-|u| / (2 sigma). Where x = mu its slope is taken as 0.
VV_FN vv_point vv_laplace_point(REAL x, REAL mu, vv_scale s) {
    precise REAL u = vv_apart(x, mu) * s.inverse;
    precise REAL size = vv_size(u);
    precise REAL value = size + (s.log_sigma + VV_LOG_TWO);
    precise REAL side = u > 0.0f ? -s.inverse : s.inverse;
    precise REAL by_scale = (1.0f - size) * s.slope;
    vv_point p;
    p.value = value;
    p.by_location = u == 0.0f ? VV_AS_REAL(0.0) : side;
    p.by_scale = by_scale;
    return p;
}

// p(x) = sech(u) / (pi sigma), the hyperbolic secant density, whose -log is log cosh(u) and constants:
// log cosh u = |u| + log(1 + e^-2|u|) - log 2.
VV_FN vv_point vv_logcosh_point(REAL x, REAL mu, vv_scale s) {
    precise REAL u = vv_apart(x, mu) * s.inverse;
    precise REAL size = vv_size(u);
    precise REAL slope = vv_tanh(u);
    precise REAL value = (size + vv_softplus(-2.0f * size)) + (s.log_sigma + VV_LOG_HALF_PI);
    precise REAL by_location = -slope * s.inverse;
    precise REAL by_scale = (1.0f - u * slope) * s.slope;
    vv_point p;
    p.value = value;
    p.by_location = by_location;
    p.by_scale = by_scale;
    return p;
}

// The probability of a byte k: what a logistic distribution of x has between (k - 1/2) / 255 and
// (k + 1/2) / 255, below it, too, for k = 0 and above it for k = 255: Salimans et al., PixelCNN++
// (2017), equation 2. With a and b these bounds less mu, over sigma, the difference of two sigmoids is
// sigmoid(b) sigmoid(-a) (1 - e^-(b - a)), of which no logarithm cancels.
VV_FN vv_point vv_discretized_logistic_point(REAL x, REAL mu, vv_scale s) {
    precise REAL k = vv_bin(x);
    precise REAL apart = k * VV_PIXEL_STEP - mu;
    precise REAL a = (apart - 0.5f * VV_PIXEL_STEP) * s.inverse;
    precise REAL b = (apart + 0.5f * VV_PIXEL_STEP) * s.inverse;
    bool first = k<0.5f, last = k> 254.5f;
    REAL below = last ? VV_AS_REAL(0.0) : vv_softplus(-b);
    REAL above = first ? VV_AS_REAL(0.0) : vv_softplus(a);
    REAL below_slope = last ? VV_AS_REAL(0.0) : vv_sigmoid(-b);
    REAL above_slope = first ? VV_AS_REAL(0.0) : vv_sigmoid(a);
    bool outer = first || last;
    precise REAL value = (below + above) + (outer ? VV_AS_REAL(0.0) : s.inner);
    precise REAL difference = below_slope - above_slope;
    precise REAL by_location = vv_settle(difference, difference) * s.inverse;
    precise REAL sum = below_slope * b - above_slope * a;
    precise REAL by_scale = (sum + (outer ? VV_AS_REAL(0.0) : s.inner_slope)) * s.slope;
    vv_point p;
    p.value = value;
    p.by_location = by_location;
    p.by_scale = by_scale;
    return p;
}

// No densities: (x - mu)^2 and |x - mu|, of which the best sigma of a batch is made.
VV_FN vv_point vv_error_point(REAL x, REAL mu, bool squared) {
    precise REAL apart = vv_apart(x, mu);
    precise REAL square = apart * apart;
    precise REAL by_square = -2.0f * apart;
    REAL side = apart > 0.0f ? VV_AS_REAL(-1.0) : VV_AS_REAL(1.0);
    vv_point p;
    p.value = squared ? square : vv_size(apart);
    p.by_location = squared ? by_square : (apart == 0.0f ? VV_AS_REAL(0.0) : side);
    p.by_scale = VV_AS_REAL(0.0);
    return p;
}

VV_FN vv_point vv_density_point(vv_word kind, REAL x, REAL location, vv_scale s) {
    vv_point p;
    switch (kind) {
    case VV_DENSITY_CONTINUOUS_BERNOULLI:
        p = vv_continuous_bernoulli_point(x, location);
        break;
    case VV_DENSITY_GAUSSIAN:
        p = vv_gaussian_point(x, location, s);
        break;
    case VV_DENSITY_LAPLACE:
        p = vv_laplace_point(x, location, s);
        break;
    case VV_DENSITY_LOGCOSH:
        p = vv_logcosh_point(x, location, s);
        break;
    case VV_DENSITY_DISCRETIZED_LOGISTIC:
        p = vv_discretized_logistic_point(x, location, s);
        break;
    default:
        p = vv_error_point(x, location, kind == VV_DENSITY_SQUARE);
        break;
    }
    precise REAL sum = (x + location) + s.log_sigma;
    p.value = vv_or_nan(p.value, sum);
    return p;
}

// The mean of p(x). Of discretized-logistic it is that of the logistic distribution with its tails moved
// to 0 and 1, the integral over [0, 1] of P(x > t): sigma (softplus(mu / sigma) - softplus((mu - 1) /
// sigma)). The sum over the 256 bytes is this integral by the midpoint rule: within 1e-4 of it.
VV_FN REAL vv_density_mean_of(vv_word kind, REAL location, vv_scale s) {
    if (kind == VV_DENSITY_CONTINUOUS_BERNOULLI) return vv_continuous_mean(location);
    if (kind != VV_DENSITY_DISCRETIZED_LOGISTIC) return location;
    precise REAL high = vv_softplus(location * s.inverse);
    precise REAL low = vv_softplus((location - 1.0f) * s.inverse);
    precise REAL mean = vv_exp(s.log_sigma) * (high - low);
    return vv_or_nan(mean, location);
}

#undef REAL
#ifndef VULKAN
#undef precise
#endif

#endif
