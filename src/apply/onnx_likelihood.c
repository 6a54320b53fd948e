// What a likelihood shows, as nodes: the mean of p(x|z).
#include "onnx_layers.h"

#ifdef VV_HAVE_PROTOBUF_C
#include <assert.h>
#include <string.h>

#include "abi.h"
#include "likelihood.h"
#include "sigma.h"

#define LEAST_LOG_SIGMA (-6.90775527898213705)  // those of exact_density.h
#define MOST_LOG_SIGMA  6.90775527898213705

static const char *with(struct vv_onnx_graph *g, const char *op, const char *x, double number) {
    return vv_onnx_two(g, op, x, vv_onnx_number(g, number));
}

static const char *from(struct vv_onnx_graph *g, double number, const char *op, const char *x) {
    return vv_onnx_two(g, op, vv_onnx_number(g, number), x);
}

// One of the numbers of each value.   [N,C,outputs,H,W] -> [N,C,H,W]
static const char *pick(struct vv_onnx_pass *p, const char *numbers, double which) {
    static const struct vv_onnx_attribute axis[] = {{.name = "axis", .type = VV_ONNX_INT, .ints = {2}},
                                                    {.name = NULL}};
    const int64_t index = (int64_t)which;
    struct vv_onnx_graph *g = &p->g;
    const int64_t first = 2;
    const char *picked = vv_onnx_append(
        g, "Gather", (const char *const[]){numbers, vv_onnx_whole(g, &index, 1), NULL}, axis);
    return vv_onnx_two(g, "Squeeze", picked, vv_onnx_whole(g, &first, 1));
}

// Probabilities of kinds, and their mean with kind v as v / (kinds - 1).
static const char *categorical(struct vv_onnx_pass *p, const char *numbers) {
    static const struct vv_onnx_attribute axis[] = {{.name = "axis", .type = VV_ONNX_INT, .ints = {2}},
                                                    {.name = NULL}};
    static const struct vv_onnx_attribute drop[] = {
        {.name = "keepdims", .type = VV_ONNX_INT, .ints = {0}}, {.name = NULL}};
    struct vv_onnx_graph *g = &p->g;
    const uint32_t kinds = p->size->outputs;
    const int64_t second = 2;
    float value[256];
    for (uint32_t i = 0; i < kinds; i++) value[i] = (float)i / (float)(kinds - 1);
    const char *share = vv_onnx_append(g, "Softmax", (const char *const[]){numbers, NULL}, axis);
    const char *values = vv_onnx_numbers(g, value, (struct vv_onnx_shape){3, {kinds, 1, 1}});
    const char *parts = vv_onnx_two(g, "Mul", share, values);
    return vv_onnx_append(g, "ReduceSum",
                          (const char *const[]){parts, vv_onnx_whole(g, &second, 1), NULL}, drop);
}

// 1 / (1 - e^-l) - 1 / l, and its series near 0: exact_density.h, vv_continuous_mean.
static const char *continuous_bernoulli(struct vv_onnx_graph *g, const char *l) {
    const char *one = vv_onnx_number(g, 1), *none = vv_onnx_number(g, 0), *less = vv_onnx_number(g, -1);
    const char *size = vv_onnx_one(g, "Abs", l);
    const char *far = vv_onnx_two(g, "Max", size, one);
    const char *rest = vv_onnx_two(g, "Sub", one, vv_onnx_one(g, "Exp", vv_onnx_one(g, "Neg", far)));
    const char *upper =
        vv_onnx_two(g, "Sub", vv_onnx_one(g, "Reciprocal", rest), vv_onnx_one(g, "Reciprocal", far));
    const char *lower = vv_onnx_two(g, "Sub", one, upper);
    const char *near = vv_onnx_append(g, "Clip", (const char *const[]){l, less, one, NULL}, NULL);
    const char *q = vv_onnx_two(g, "Mul", near, near);
    const char *series = from(g, 3.306878306878307e-05, "Sub", with(g, "Mul", q, 8.267195767195767e-07));
    series = from(g, 0.0013888888888888889, "Sub", vv_onnx_two(g, "Mul", q, series));
    series = from(g, 0.083333333333333333, "Sub", vv_onnx_two(g, "Mul", q, series));
    series = with(g, "Add", vv_onnx_two(g, "Mul", near, series), 0.5);
    const char *below = vv_onnx_two(g, "Less", l, none), *small = vv_onnx_two(g, "Less", size, one);
    const char *outside =
        vv_onnx_append(g, "Where", (const char *const[]){below, lower, upper, NULL}, NULL);
    return vv_onnx_append(g, "Where", (const char *const[]){small, series, outside, NULL}, NULL);
}

// log sigma of each pixel, softly within its bounds: exact_density.h, vv_scale_of.
static const char *bounded(struct vv_onnx_graph *g, const char *raw) {
    const char *over = with(g, "Mul", from(g, MOST_LOG_SIGMA, "Sub", raw), 2);
    const char *middle =
        from(g, MOST_LOG_SIGMA, "Sub", with(g, "Mul", vv_onnx_one(g, "Softplus", over), 0.5));
    const char *under = with(g, "Mul", with(g, "Sub", middle, LEAST_LOG_SIGMA), 2);
    return with(g, "Add", with(g, "Mul", vv_onnx_one(g, "Softplus", under), 0.5), LEAST_LOG_SIGMA);
}

// sigma (softplus(mu / sigma) - softplus((mu - 1) / sigma)): exact_density.h, vv_density_mean_of.
static const char *discretized_logistic(struct vv_onnx_pass *p, const char *numbers) {
    struct vv_onnx_graph *g = &p->g;
    const bool own = vv_sigma_scale(p->e->model) == VV_SCALE_PIXEL;
    const char *mu = own ? pick(p, numbers, 0) : numbers;
    const char *sigma = own ? vv_onnx_one(g, "Exp", bounded(g, pick(p, numbers, 1)))
                            : vv_onnx_number(g, vv_sigma_value(p->e->model, p->e->log_sigma));
    const char *high = vv_onnx_one(g, "Softplus", vv_onnx_two(g, "Div", mu, sigma));
    const char *low = vv_onnx_one(g, "Softplus", vv_onnx_two(g, "Div", with(g, "Sub", mu, 1), sigma));
    return vv_onnx_two(g, "Mul", sigma, vv_onnx_two(g, "Sub", high, low));
}

static const char *location(struct vv_onnx_pass *p, const char *numbers) {
    return p->size->outputs == 2 ? pick(p, numbers, 0) : vv_onnx_one(&p->g, "Identity", numbers);
}

static const char *logit(struct vv_onnx_pass *p, const char *numbers) {
    return vv_onnx_one(&p->g, "Sigmoid", numbers);
}

static const char *continuous(struct vv_onnx_pass *p, const char *numbers) {
    return continuous_bernoulli(&p->g, numbers);
}

static const char *softmax(struct vv_onnx_pass *p, const char *numbers) {
    return vv_onnx_one(&p->g, "Softmax", numbers);  // over the last dimension
}

static const struct {
    const char *name;
    const char *(*mean)(struct vv_onnx_pass *p, const char *numbers);
} means[] = {{"bernoulli", logit},
             {"ms-ssim", logit},
             {"gaussian", location},
             {"laplace", location},
             {"logcosh", location},
             {"discretized-logistic", discretized_logistic},
             {"continuous-bernoulli", continuous},
             {"categorical-256", categorical},
             {"categorical", softmax},
             {"multinomial", softmax}};

const char *vv_onnx_mean(struct vv_onnx_pass *p, const char *numbers) {
    const char *name = p->size->likelihood;
    size_t i = 0;
    while (i < sizeof means / sizeof *means && strcmp(name, means[i].name) != 0) i++;
    assert(i < sizeof means / sizeof *means);  // tests/apply/onnx_test.c has all likelihoods
    return means[i].mean(p, numbers);
}
#endif
