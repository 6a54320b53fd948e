#include "shapes.h"

#include "abi.h"
#include "exact.h"
#include "size.h"

#include <math.h>

enum {
    IMAGES_MAX = 1 << 24,
    SIDE_MIN = 8,
    SIDE_MAX = 1024,
    SAMPLES = 8,  // of a pixel, both ways
    ROTATIONS = 1 << 23,
};

#define PART_BYTES_MAX (UINT64_C(1) << 31)

const struct vv_shapes vv_shapes_default = {.images = 10000, .height = 28, .width = 28, .channels = 1};

const char *const vv_shapes_factor_names[VV_SHAPES_FACTORS] = {"shape", "scale", "rotation",
                                                               "x",     "y",     "hue"};

static const double pi = 3.14159265358979323846;

// ---- One picture ----
//
// Doubles with + - * and sqrt alone, which are rounded alike everywhere: no sin of the C library.

// The circle that holds the largest shape, in pixels.
static double largest_radius(const struct vv_shapes *s) {
    return 0.4 * (s->height < s->width ? s->height : s->width);
}

// Sine and cosine of an angle in [0, 2 pi), to 1e-13: the nearest quarter turn apart, the rest, within
// pi/4, by Taylor's series.
static void turn(double angle, double *sine, double *cosine) {
    const int quarter = (int)(angle * (2 / pi) + 0.5);
    const double r = angle - quarter * (pi / 2), r2 = r * r;
    double s = 1, c = 1;
    for (int n = 14; n > 0; n -= 2) {
        s = 1 - s * r2 * (1.0 / (n * (n + 1)));
        c = 1 - c * r2 * (1.0 / (n * (n - 1)));
    }
    s = s * r;
    const double sines[4] = {s, c, -s, -c}, cosines[4] = {c, -s, -c, s};
    *sine = sines[quarter & 3];
    *cosine = cosines[quarter & 3];
}

static double largest(double a, double b) {
    return a > b ? a : b;
}

static double circle(double x, double y, double radius) {
    return sqrt(x * x + y * y) - radius;
}

// Each shape in a circle of radius r about the origin: below 0 inside, and never growing faster than
// the way gone, so that its value at a pixel's middle tells whether the edge can be in the pixel. y is
// upwards.
typedef double (*outline_fn)(double x, double y, double r);

static double square(double x, double y, double r) {
    return largest(fabs(x), fabs(y)) - 0.70710678118654752 * r;
}

static double ellipse(double x, double y, double r) {
    const double flat = 0.5;
    return circle(flat * x, y, flat * r);
}

// A square on its corner with half a circle on each of its upper sides. For a square of -1 to 1 in (u,
// v) they are about (0, 1) and (1, 0), and the smallest circle about all has its middle at u = v =
// 0.2612 and a radius of 1.784.
static double heart(double x, double y, double r) {
    const double side = r * (1 / 1.784), half = 0.70710678118654752;
    const double u = half * (y + x) + 0.2612 * side, v = half * (y - x) + 0.2612 * side;
    const double body = largest(fabs(u), fabs(v)) - side;
    // The left lobe mirrors the right one.
    const double lobe = u > v ? circle(u - side, v, side) : circle(u, v - side, side);
    return body < lobe ? body : lobe;
}

static const outline_fn outlines[VV_SHAPES_KINDS] = {square, ellipse, heart};

// How one picture's pixels are found in the shape's own place and turn.
struct pose {
    outline_fn outline;
    double x, y, radius, sine, cosine;
};

// How many of SAMPLES x SAMPLES points of the pixel are inside.
static unsigned coverage(const struct pose *p, uint32_t x, uint32_t y) {
    const double reach = 0.71;  // from a pixel's middle to its corner, and a little
    const double right = x + 0.5 - p->x, up = p->y - (y + 0.5);
    const double a = p->cosine * right + p->sine * up, b = p->cosine * up - p->sine * right;
    const double middle = p->outline(a, b, p->radius);
    if (middle >= reach) return 0;
    if (middle <= -reach) return SAMPLES * SAMPLES;
    unsigned inside = 0;
    for (int i = 1 - SAMPLES; i < SAMPLES; i += 2)
        for (int j = 1 - SAMPLES; j < SAMPLES; j += 2) {
            const double u = j * (0.5 / (double)SAMPLES), v = i * (0.5 / (double)SAMPLES);
            inside += p->outline(a + (p->cosine * u - p->sine * v), b - (p->sine * u + p->cosine * v),
                                 p->radius) < 0;
        }
    return inside;
}

// A hue at full saturation, each channel 0 to 255: one is 255, one 0, the third between.
static void colour_of(double hue, double rgb[3]) {
    static const double middles[3] = {0, 2, 4};
    for (int c = 0; c < 3; c++) {
        double away = fabs(6 * hue - middles[c]);
        away = away > 3 ? 6 - away : away;
        rgb[c] = 255 * (away <= 1 ? 1 : away >= 2 ? 0 : 2 - away);
    }
}

void vv_shapes_draw(const struct vv_shapes *s, const float factors[VV_SHAPES_FACTORS],
                    unsigned char *pixels) {
    struct pose p = {.outline = outlines[(int)factors[VV_FACTOR_SHAPE]],
                     .x = (double)factors[VV_FACTOR_X] * s->width,
                     .y = (double)factors[VV_FACTOR_Y] * s->height,
                     .radius = factors[VV_FACTOR_SCALE] * largest_radius(s)};
    double rgb[3] = {255, 255, 255};
    turn(factors[VV_FACTOR_ROTATION], &p.sine, &p.cosine);
    if (s->channels == 3) colour_of(factors[VV_FACTOR_HUE], rgb);
    const uint32_t left = (uint32_t)largest(p.x - p.radius, 0),
                   top = (uint32_t)largest(p.y - p.radius, 0);
    for (uint32_t y = top; y < s->height && y < p.y + p.radius; y++)
        for (uint32_t x = left; x < s->width && x < p.x + p.radius; x++) {
            const double part = coverage(&p, x, y) * (1.0 / (SAMPLES * SAMPLES));
            unsigned char *pixel = pixels + ((size_t)y * s->width + x) * s->channels;
            for (uint32_t c = 0; c < s->channels; c++) pixel[c] = (unsigned char)(part * rgb[c] + 0.5);
        }
}

// ---- A set ----

// The lowest bit of the rotation is the step's, which of the set is the part: no rotation, and no turn
// of it by a symmetry of its shape, is in both. 23 bits, so that a float tells them apart.
void vv_shapes_factors(const struct vv_shapes *s, uint32_t stream, uint32_t step, uint32_t i,
                       float factors[VV_SHAPES_FACTORS]) {
    const vv_word low = (vv_word)s->seed, high = (vv_word)(s->seed >> 32);
    const vv_words a = vv_random4(0, i, step, stream, low, high);
    const vv_words b = vv_random4(1, i, step, stream, low, high);
    const double x = largest_radius(s) / s->width, y = largest_radius(s) / s->height;
    factors[VV_FACTOR_SHAPE] = (float)((uint64_t)a.x * VV_SHAPES_KINDS >> 32);
    factors[VV_FACTOR_SCALE] = (float)(0.6 + 0.4 * vv_uniform(a.y));
    factors[VV_FACTOR_ROTATION] =
        (float)(((a.z >> 9 & ~1U) | (step & 1)) * (2 * pi / (double)ROTATIONS));
    factors[VV_FACTOR_X] = (float)(x + (1 - 2 * x) * vv_uniform(a.w));
    factors[VV_FACTOR_Y] = (float)(y + (1 - 2 * y) * vv_uniform(b.x));
    factors[VV_FACTOR_HUE] = vv_uniform(b.y);
}

uint32_t vv_shapes_pick(const struct vv_shapes *s, uint32_t stream, uint32_t step, uint32_t factors) {
    const vv_words w = vv_random4(2, 0, step, stream, (vv_word)s->seed, (vv_word)(s->seed >> 32));
    return (uint32_t)((uint64_t)w.x * factors >> 32);
}

static bool make_part(struct vv_context *ctx, const struct vv_shapes *s, uint32_t part,
                      struct vv_images *images) {
    const uint32_t count = images->count;
    const uint64_t stride = vv_images_stride(images);
    images->pixels = vv_alloc(ctx, count, stride);
    images->labels = vv_alloc(ctx, count, sizeof *images->labels);
    images->factors = vv_alloc(ctx, (uint64_t)count * images->factor_count, sizeof *images->factors);
    if (!images->pixels || !images->labels || !images->factors) return false;
    for (uint32_t i = 0; i < count; i++) {
        float factors[VV_SHAPES_FACTORS];
        if (i % 64 == 0 && vv_stopped(ctx)) return false;
        vv_shapes_factors(s, VV_STREAM_SHAPES, part, i, factors);
        vv_shapes_draw(s, factors, images->pixels + i * stride);
        images->labels[i] = (uint32_t)factors[VV_FACTOR_SHAPE];
        for (uint32_t f = 0; f < images->factor_count; f++)
            images->factors[(size_t)i * images->factor_count + f] = factors[f];
    }
    return true;
}

static bool check_count(struct vv_context *ctx, const struct vv_shapes *s, const char *option,
                        uint32_t count) {
    const uint64_t stride = (uint64_t)s->height * s->width * s->channels;
    if (count < 1 || count > IMAGES_MAX)
        return vv_fail(ctx, VV_USAGE, "%s %u: expected a whole number from 1 to %d", option, count,
                       IMAGES_MAX);
    if (count * stride > PART_BYTES_MAX)
        return vv_fail(ctx, VV_USAGE,
                       "%s %u: pictures of %ux%ux%u would take more than 2 GiB; ask for %llu at most",
                       option, count, s->height, s->width, s->channels,
                       (unsigned long long)(PART_BYTES_MAX / stride));
    return true;
}

static struct vv_images size_of(const struct vv_shapes *s, uint32_t count) {
    return (struct vv_images){.count = count,
                              .height = s->height,
                              .width = s->width,
                              .channels = s->channels,
                              .factor_count = VV_SHAPES_FACTORS - (s->channels == 1)};
}

bool vv_shapes_size(struct vv_context *ctx, const struct vv_shapes *shapes, struct vv_dataset *set) {
    const struct vv_shapes *s = shapes ? shapes : &vv_shapes_default;
    const uint32_t h = s->height, w = s->width;
    if (h < SIDE_MIN || w < SIDE_MIN || h > SIDE_MAX || w > SIDE_MAX)
        return vv_fail(ctx, VV_USAGE, "--size %ux%u: expected HEIGHTxWIDTH, each from %d to %d", h, w,
                       SIDE_MIN, SIDE_MAX);
    if (s->channels != 1 && s->channels != 3)
        return vv_fail(ctx, VV_USAGE, "--channels %u: expected 1 (grey) or 3 (colour)", s->channels);
    if (!check_count(ctx, s, "--images", s->images)) return false;
    const uint32_t test = s->test_images ? s->test_images : (s->images + 4) / 5;
    if (!check_count(ctx, s, "--test-images", test)) return false;
    set->train = size_of(s, s->images);
    set->test = size_of(s, test);
    return true;
}

bool vv_shapes_fill(struct vv_context *ctx, const struct vv_shapes *shapes, struct vv_dataset *set) {
    const struct vv_shapes *s = shapes ? shapes : &vv_shapes_default;
    return make_part(ctx, s, 0, &set->train) && make_part(ctx, s, 1, &set->test);
}

bool vv_shapes_make(struct vv_context *ctx, const struct vv_shapes *shapes, struct vv_dataset *set) {
    const struct vv_shapes *s = shapes ? shapes : &vv_shapes_default;
    return vv_shapes_size(ctx, s, set) && vv_shapes_fill(ctx, s, set);
}
