#include "onnx_layers.h"

#ifdef VV_HAVE_PROTOBUF_C
#include <stdio.h>
#include <string.h>

#include "norm.h"

enum { NAME = 64 };

#define PRINT_NAME(name, format)                                                                        \
    char name[NAME];                                                                                    \
    va_list args;                                                                                       \
    va_start(args, format);                                                                             \
    (void)vsnprintf(name, sizeof name, format, args);                                                   \
    va_end(args)

const char *vv_onnx_reshape(struct vv_onnx_pass *p, const char *x, const int64_t *dims, uint32_t rank) {
    return vv_onnx_two(&p->g, "Reshape", x, vv_onnx_whole(&p->g, dims, rank));
}

const char *vv_onnx_linear(struct vv_onnx_pass *p, const char *x, const char *format, ...) {
    static const struct vv_onnx_attribute attributes[] = {
        {.name = "transB", .type = VV_ONNX_INT, .ints = {1}}, {.name = NULL}};
    PRINT_NAME(name, format);
    const char *w = vv_onnx_weight(&p->g, name, "weight"), *b = vv_onnx_weight(&p->g, name, "bias");
    return vv_onnx_append(&p->g, "Gemm", (const char *const[]){x, w, b, NULL}, attributes);
}

// `padding`: what a transposed one adds below and to the right.
static const char *append_conv(struct vv_onnx_pass *p, const char *op, const char *x, const char *name,
                               int64_t stride, const int64_t padding[2]) {
    const struct vv_onnx_attribute attributes[] = {
        {.name = "kernel_shape", .type = VV_ONNX_INTS, .count = 2, .ints = {3, 3}},
        {.name = "pads", .type = VV_ONNX_INTS, .count = 4, .ints = {1, 1, 1, 1}},
        {.name = "strides", .type = VV_ONNX_INTS, .count = 2, .ints = {stride, stride}},
        {.name = padding ? "output_padding" : NULL,
         .type = VV_ONNX_INTS,
         .count = 2,
         .ints = {padding ? padding[0] : 0, padding ? padding[1] : 0}},
        {.name = NULL}};
    const char *w = vv_onnx_weight(&p->g, name, "weight"), *b = vv_onnx_weight(&p->g, name, "bias");
    return vv_onnx_append(&p->g, op, (const char *const[]){x, w, b, NULL}, attributes);
}

const char *vv_onnx_conv(struct vv_onnx_pass *p, const char *x, int64_t stride, const char *format,
                         ...) {
    PRINT_NAME(name, format);
    return append_conv(p, "Conv", x, name, stride, NULL);
}

// Twice the size, and what is one too many of an odd one is cut off: for either, pixel i is the one at
// half of i, rounded down, as it is of nn.Upsample.
static const char *upsample(struct vv_onnx_pass *p, const char *x, struct vv_extent from,
                            struct vv_extent to) {
    // mode and its kin are texts, whose defaults are others: Resize repeats pixels by its own default
    // "nearest", with "half_pixel" and "round_prefer_floor", which at a scale of 2 is the same.
    static const float twice[] = {1, 1, 2, 2};
    struct vv_onnx_graph *g = &p->g;
    const char *scales = vv_onnx_numbers(g, twice, (struct vv_onnx_shape){1, {4}});
    x = vv_onnx_append(g, "Resize", (const char *const[]){x, "", scales, NULL}, NULL);
    if (to.height == 2 * from.height && to.width == 2 * from.width) return x;
    const char *begin = vv_onnx_whole(g, (const int64_t[]){0, 0}, 2),
               *end = vv_onnx_whole(g, (const int64_t[]){to.height, to.width}, 2),
               *axes = vv_onnx_whole(g, (const int64_t[]){2, 3}, 2);
    return vv_onnx_append(g, "Slice", (const char *const[]){x, begin, end, axes, NULL}, NULL);
}

const char *vv_onnx_doubled(struct vv_onnx_pass *p, const char *x, uint32_t level, const char *name,
                            uint32_t *number) {
    const struct vv_extent from = vv_extent_at(p->size, level + 1), to = vv_extent_at(p->size, level);
    char full[NAME];
    if (vv_is_nearest(p->size)) {
        x = upsample(p, x, from, to);
        (void)snprintf(full, sizeof full, "%s.%u", name, *number + 1);
        *number += 2;
        return append_conv(p, "Conv", x, full, 1, NULL);
    }
    const int64_t padding[] = {(int64_t)to.height - 2 * (int64_t)from.height + 1,
                               (int64_t)to.width - 2 * (int64_t)from.width + 1};
    (void)snprintf(full, sizeof full, "%s.%u", name, (*number)++);
    return append_conv(p, "ConvTranspose", x, full, 2, padding);
}

// ---- Activations ----

// x Phi(x) with Phi(x) = (1 + erf(x / sqrt 2)) / 2: Gelu is no operation of this opset.
static const char *gelu(struct vv_onnx_graph *g, const char *x) {
    const char *inner = vv_onnx_two(g, "Mul", x, vv_onnx_number(g, 0.70710678118654752));
    const char *twice = vv_onnx_two(g, "Add", vv_onnx_one(g, "Erf", inner), vv_onnx_number(g, 1));
    return vv_onnx_two(g, "Mul", x, vv_onnx_two(g, "Mul", twice, vv_onnx_number(g, 0.5)));
}

const char *vv_onnx_activated(struct vv_onnx_pass *p, const char *x) {
    static const struct {
        const char *name, *op;
    } simple[] = {{"relu", "Relu"},
                  {"elu", "Elu"},
                  {"tanh", "Tanh"},
                  {"sigmoid", "Sigmoid"},
                  {"softplus", "Softplus"}};
    const char *name = p->size->activation;
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        if (strcmp(name, simple[i].name) == 0) return vv_onnx_one(&p->g, simple[i].op, x);
    if (strcmp(name, "leaky-relu") == 0)
        return vv_onnx_append(&p->g, "LeakyRelu", (const char *const[]){x, NULL},
                              (const struct vv_onnx_attribute[]){
                                  {.name = "alpha", .type = VV_ONNX_FLOAT, .f = 0.01F}, {.name = NULL}});
    if (strcmp(name, "silu") == 0) return vv_onnx_two(&p->g, "Mul", x, vv_onnx_one(&p->g, "Sigmoid", x));
    return gelu(&p->g, x);
}

// ---- Normalisation ----

static const struct vv_onnx_attribute epsilon[] = {
    {.name = "epsilon", .type = VV_ONNX_FLOAT, .f = (float)VV_NORM_EPSILON}, {.name = NULL}};

static const char *batch_norm(struct vv_onnx_pass *p, const char *x, const char *name) {
    struct vv_onnx_graph *g = &p->g;
    const char *inputs[] = {x,
                            vv_onnx_weight(g, name, "weight"),
                            vv_onnx_weight(g, name, "bias"),
                            vv_onnx_weight(g, name, "running_mean"),
                            vv_onnx_weight(g, name, "running_var"),
                            NULL};
    return vv_onnx_append(g, "BatchNormalization", inputs, epsilon);
}

// Groups as instances of one channel each; the channels' own scales behind that. Normalisation of groups
// itself is an operation of later opsets only.
static const char *group_norm(struct vv_onnx_pass *p, const char *x, uint32_t channels,
                              struct vv_extent at, const char *name) {
    struct vv_onnx_graph *g = &p->g;
    const uint32_t groups = vv_norm_groups(channels);
    const struct vv_onnx_shape each = {1, {groups}};
    float ones[32], zeros[32] = {0};
    for (uint32_t i = 0; i < groups; i++) ones[i] = 1;
    const char *one = vv_onnx_numbers(g, ones, each), *zero = vv_onnx_numbers(g, zeros, each);
    const int64_t grouped[] = {0, groups, -1}, whole[] = {0, channels, at.height, at.width},
                  column[] = {channels, 1, 1};
    x = vv_onnx_append(g, "InstanceNormalization",
                       (const char *const[]){vv_onnx_reshape(p, x, grouped, 3), one, zero, NULL},
                       epsilon);
    x = vv_onnx_reshape(p, x, whole, 4);
    const char *gamma = vv_onnx_reshape(p, vv_onnx_weight(g, name, "weight"), column, 3),
               *beta = vv_onnx_reshape(p, vv_onnx_weight(g, name, "bias"), column, 3);
    return vv_onnx_two(g, "Add", vv_onnx_two(g, "Mul", x, gamma), beta);
}

const char *vv_onnx_norm(struct vv_onnx_pass *p, const char *x, uint32_t channels, uint32_t level,
                         const char *format, ...) {
    PRINT_NAME(name, format);
    if (strcmp(p->size->norm, "batch") == 0) x = batch_norm(p, x, name);
    if (strcmp(p->size->norm, "group") == 0)
        x = group_norm(p, x, channels, vv_extent_at(p->size, level), name);
    return vv_onnx_activated(p, x);
}
#endif
