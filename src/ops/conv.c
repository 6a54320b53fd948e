#include "conv.h"

#include "conv_launch.h"
#include "reduce.h"
#include "slice.h"

// A convolution, its input gradient (the transposed convolution) and its weight gradient: each one's
// gradient is made of the other two. Kernels and the choice among them: conv_launch.c.
//
// attr.u of all: stride, pad, dilation, kernel, then for the transposed convolution the size it makes;
// along height and width.
enum { STRIDE = 0, PAD = 2, DILATION = 4, KERNEL = 6, SIZE = 8 };

struct vv_window vv_window_square(uint32_t kernel, uint32_t stride, uint32_t pad) {
    return (struct vv_window){{kernel, kernel}, {stride, stride}, {pad, pad}, {1, 1}};
}

static bool is_forward(const struct vv_op *op) {
    return op == &vv_op_conv2d || op == &vv_op_conv2d_bias;
}
static bool is_transposed(const struct vv_op *op) {
    return op == &vv_op_conv2d_transposed || op == &vv_op_conv2d_transposed_bias;
}

static struct vv_window window_of(const uint32_t *u) {
    return (struct vv_window){{u[KERNEL], u[KERNEL + 1]},
                              {u[STRIDE], u[STRIDE + 1]},
                              {u[PAD], u[PAD + 1]},
                              {u[DILATION], u[DILATION + 1]}};
}

bool vv_conv_of(const struct vv_node *y, struct vv_conv *c) {
    const bool forward = is_forward(y->op), transposed = is_transposed(y->op);
    if (!forward && !transposed && y->op != &vv_op_conv2d_weight_grad) return false;
    const struct vv_shape narrow = transposed ? y->in[0]->shape
                                   : forward  ? y->shape
                                              : y->in[1]->shape,
                          wide = transposed ? y->shape : y->in[0]->shape;
    *c = (struct vv_conv){
        .form = forward      ? VV_CONV_FORWARD
                : transposed ? VV_CONV_INPUT
                             : VV_CONV_WEIGHT,
        .with_bias = y->inputs == 3,
        .batch = wide.dim[0],
        .size = {wide.dim[1], wide.dim[2]},
        .channels = wide.dim[3],
        .out_size = {narrow.dim[1], narrow.dim[2]},
        .out_channels = narrow.dim[3],
        .window = window_of(y->attr.u),
    };
    return true;
}

static struct vv_conv conv_of(const struct vv_node *y) {
    struct vv_conv c;
    bool ok = vv_conv_of(y, &c);
    assert(ok);
    (void)ok;
    return c;
}

// ---- shapes ----

// Places of the window along an axis (0: height, 1: width) of `size`; false where there is none, or
// numbers are so large that kernels could not count with them.
static bool places(const uint32_t *u, uint32_t axis, uint32_t size, uint32_t *count) {
    const uint64_t kernel = u[KERNEL + axis], stride = u[STRIDE + axis], dilation = u[DILATION + axis];
    const uint64_t most = INT32_MAX / 2, wide = (uint64_t)size + 2 * (uint64_t)u[PAD + axis];
    if (!kernel || !stride || !dilation || wide > most || stride > most || dilation > most ||
        kernel > most || dilation * (kernel - 1) >= wide)
        return false;
    *count = (uint32_t)((wide - dilation * (kernel - 1) - 1) / stride + 1);
    return true;
}

static bool fail_window(struct vv_tape *t, vv_ref y, const uint32_t size[2]) {
    const uint32_t *u = y->attr.u;
    return vv_tape_fail(t, y,
                        "a kernel of %ux%u, stride %ux%u, padding %ux%u and dilation %ux%u does not fit "
                        "%ux%u",
                        u[KERNEL], u[KERNEL + 1], u[STRIDE], u[STRIDE + 1], u[PAD], u[PAD + 1],
                        u[DILATION], u[DILATION + 1], size[0], size[1]);
}

static bool fail_operands(struct vv_tape *t, vv_ref y) {
    char a[VV_NODE_TEXT], b[VV_NODE_TEXT];
    return vv_tape_fail(t, y, "%s and %s are not what a convolution with a kernel of %ux%u takes",
                        vv_node_print(y->in[0], a), vv_node_print(y->in[1], b), y->attr.u[KERNEL],
                        y->attr.u[KERNEL + 1]);
}

static bool is_picture(const struct vv_node *x) {
    return x->type == VV_F32 && x->shape.rank == 4;
}

// in[1] is w [O,kh,kw,C] of the window's kernel.
static bool is_weight(const struct vv_node *y) {
    const struct vv_node *w = y->in[1];
    return is_picture(w) && w->shape.dim[1] == y->attr.u[KERNEL] &&
           w->shape.dim[2] == y->attr.u[KERNEL + 1];
}

static bool check_bias(struct vv_tape *t, vv_ref y) {
    char text[VV_NODE_TEXT];
    const uint32_t n = y->shape.dim[3];
    if (y->inputs < 3) return true;
    if (y->in[2]->type != VV_F32 || !vv_shape_equal(y->in[2]->shape, vv_shape1(n)))
        return vv_tape_fail(t, y, "the bias %s is not f32 [%u]", vv_node_print(y->in[2], text), n);
    return true;
}

static bool forward_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[0], *w = y->in[1];
    uint32_t out[2];
    if (!is_picture(x) || !is_weight(y) || x->shape.dim[3] != w->shape.dim[3])
        return fail_operands(t, y);
    if (!places(y->attr.u, 0, x->shape.dim[1], &out[0]) ||
        !places(y->attr.u, 1, x->shape.dim[2], &out[1]))
        return fail_window(t, y, &x->shape.dim[1]);
    y->type = VV_F32;
    y->shape = vv_shape4(x->shape.dim[0], out[0], out[1], w->shape.dim[0]);
    return check_bias(t, y);
}

static bool transposed_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[0], *w = y->in[1];
    const uint32_t *size = &y->attr.u[SIZE];
    uint32_t out[2];
    if (!is_picture(x) || !is_weight(y) || x->shape.dim[3] != w->shape.dim[0])
        return fail_operands(t, y);
    if (!places(y->attr.u, 0, size[0], &out[0]) || !places(y->attr.u, 1, size[1], &out[1]) ||
        out[0] != x->shape.dim[1] || out[1] != x->shape.dim[2])
        return fail_window(t, y, size);
    y->type = VV_F32;
    y->shape = vv_shape4(x->shape.dim[0], size[0], size[1], w->shape.dim[3]);
    return check_bias(t, y);
}

static bool weight_grad_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[0], *dy = y->in[1];
    uint32_t out[2];
    if (!is_picture(x) || !is_picture(dy) || x->shape.dim[0] != dy->shape.dim[0])
        return fail_operands(t, y);
    if (!places(y->attr.u, 0, x->shape.dim[1], &out[0]) ||
        !places(y->attr.u, 1, x->shape.dim[2], &out[1]) || out[0] != dy->shape.dim[1] ||
        out[1] != dy->shape.dim[2])
        return fail_window(t, y, &x->shape.dim[1]);
    y->type = VV_F32;
    y->shape = vv_shape4(dy->shape.dim[3], y->attr.u[KERNEL], y->attr.u[KERNEL + 1], x->shape.dim[3]);
    return true;
}

// ---- reference: sums in double whatever vv_real is ----

// The input row or column under place `at` and tap `k`; outside of the picture: at least size.
static uint32_t under(const struct vv_conv *c, uint32_t axis, uint32_t at, uint32_t k) {
    return at * c->window.stride[axis] + k * c->window.dilation[axis] - c->window.pad[axis];
}

// The place whose tap k lies over input row or column `at`; none: at least out_size.
static uint32_t over(const struct vv_conv *c, uint32_t axis, uint32_t at, uint32_t k) {
    const uint64_t from = (uint64_t)at + c->window.pad[axis],
                   tap = (uint64_t)k * c->window.dilation[axis];
    if (from < tap || (from - tap) % c->window.stride[axis]) return UINT32_MAX;
    return (uint32_t)((from - tap) / c->window.stride[axis]);
}

static size_t in_at(const struct vv_conv *c, size_t b, size_t h, size_t w) {
    return ((b * c->size[0] + h) * c->size[1] + w) * c->channels;
}
static size_t out_at(const struct vv_conv *c, size_t b, size_t h, size_t w) {
    return ((b * c->out_size[0] + h) * c->out_size[1] + w) * c->out_channels;
}
static size_t weight_at(const struct vv_conv *c, size_t o, size_t kh, size_t kw) {
    return ((o * c->window.kernel[0] + kh) * c->window.kernel[1] + kw) * c->channels;
}

static double dot(const vv_real *a, const vv_real *b, uint32_t count) {
    double sum[4] = {0};
    uint32_t k = 0;
    for (; k + 4 <= count; k += 4)
        for (uint32_t i = 0; i < 4; i++) sum[i] += (double)a[k + i] * (double)b[k + i];
    for (; k < count; k++) sum[0] += (double)a[k] * (double)b[k];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void forward_pixel(const struct vv_conv *c, const struct vv_operands *io, uint32_t b, uint32_t oh,
                          uint32_t ow) {
    const vv_real *x = io->in[0], *w = io->in[1], *bias = c->with_bias ? io->in[2] : NULL;
    vv_real *y = (vv_real *)io->out + out_at(c, b, oh, ow);
    for (uint32_t o = 0; o < c->out_channels; o++) {
        double sum = bias ? (double)bias[o] : 0;
        for (uint32_t i = 0; i < c->window.kernel[0]; i++) {
            const uint32_t h = under(c, 0, oh, i);
            for (uint32_t j = 0; h < c->size[0] && j < c->window.kernel[1]; j++) {
                const uint32_t v = under(c, 1, ow, j);
                if (v < c->size[1])
                    sum += dot(x + in_at(c, b, h, v), w + weight_at(c, o, i, j), c->channels);
            }
        }
        y[o] = (vv_real)sum;
    }
}

static void forward_reference(const struct vv_node *y, const struct vv_operands *io) {
    const struct vv_conv c = conv_of(y);
    for (uint32_t b = 0; b < c.batch; b++)
        for (uint32_t oh = 0; oh < c.out_size[0]; oh++)
            for (uint32_t ow = 0; ow < c.out_size[1]; ow++) forward_pixel(&c, io, b, oh, ow);
}

enum { BLOCK = 64 };  // channels that are summed up at a time

static uint32_t block_width(uint32_t first, uint32_t count) {
    return count - first < BLOCK ? count - first : BLOCK;
}

static void add_scaled(double *sum, double scale, const vv_real *row, uint32_t width) {
    for (uint32_t i = 0; i < width; i++) sum[i] += scale * (double)row[i];
}

static void transposed_block(const struct vv_conv *c, const struct vv_operands *io, uint32_t b,
                             uint32_t h, uint32_t v, uint32_t first) {
    const vv_real *x = io->in[0], *w = io->in[1], *bias = c->with_bias ? io->in[2] : NULL;
    const uint32_t width = block_width(first, c->channels);
    double sum[BLOCK] = {0};
    for (uint32_t i = 0; i < c->window.kernel[0]; i++) {
        const uint32_t oh = over(c, 0, h, i);
        for (uint32_t j = 0; oh < c->out_size[0] && j < c->window.kernel[1]; j++) {
            const uint32_t ow = over(c, 1, v, j);
            if (ow >= c->out_size[1]) continue;
            const vv_real *from = x + out_at(c, b, oh, ow);
            for (uint32_t o = 0; o < c->out_channels; o++)
                add_scaled(sum, (double)from[o], w + weight_at(c, o, i, j) + first, width);
        }
    }
    vv_real *y = (vv_real *)io->out + in_at(c, b, h, v) + first;
    for (uint32_t i = 0; i < width; i++) y[i] = (vv_real)(sum[i] + (bias ? (double)bias[first + i] : 0));
}

static void transposed_reference(const struct vv_node *y, const struct vv_operands *io) {
    const struct vv_conv c = conv_of(y);
    for (uint32_t b = 0; b < c.batch; b++)
        for (uint32_t h = 0; h < c.size[0]; h++)
            for (uint32_t v = 0; v < c.size[1]; v++)
                for (uint32_t first = 0; first < c.channels; first += BLOCK)
                    transposed_block(&c, io, b, h, v, first);
}

// dw of output channel o and tap i, j.
static void weight_grad_tap(const struct vv_conv *c, const struct vv_operands *io, uint32_t o,
                            uint32_t i, uint32_t j, uint32_t first) {
    const vv_real *x = io->in[0], *dy = io->in[1];
    const uint32_t width = block_width(first, c->channels);
    double sum[BLOCK] = {0};
    for (uint32_t b = 0; b < c->batch; b++)
        for (uint32_t oh = 0; oh < c->out_size[0]; oh++) {
            const uint32_t h = under(c, 0, oh, i);
            for (uint32_t ow = 0; h < c->size[0] && ow < c->out_size[1]; ow++) {
                const uint32_t v = under(c, 1, ow, j);
                if (v < c->size[1])
                    add_scaled(sum, (double)dy[out_at(c, b, oh, ow) + o], x + in_at(c, b, h, v) + first,
                               width);
            }
        }
    vv_real *dw = (vv_real *)io->out + weight_at(c, o, i, j) + first;
    for (uint32_t k = 0; k < width; k++) dw[k] = (vv_real)sum[k];
}

static void weight_grad_reference(const struct vv_node *y, const struct vv_operands *io) {
    const struct vv_conv c = conv_of(y);
    for (uint32_t o = 0; o < c.out_channels; o++)
        for (uint32_t i = 0; i < c.window.kernel[0]; i++)
            for (uint32_t j = 0; j < c.window.kernel[1]; j++)
                for (uint32_t first = 0; first < c.channels; first += BLOCK)
                    weight_grad_tap(&c, io, o, i, j, first);
}

// ---- gradients ----

static void forward_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted,
                        vv_ref dx[VV_MAX_INPUTS]) {
    vv_ref x = y->in[0], w = y->in[1];
    const struct vv_window window = window_of(y->attr.u);
    if (wanted & 1u)
        dx[0] = vv_conv2d_transposed(t, dy, w, NULL, window, x->shape.dim[1], x->shape.dim[2]);
    if (wanted & 2u) dx[1] = vv_conv2d_weight_grad(t, x, dy, window);
    if (wanted & 4u) dx[2] = vv_sum_to(t, dy, y->in[2]->shape);
}

static void transposed_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted,
                           vv_ref dx[VV_MAX_INPUTS]) {
    vv_ref x = y->in[0], w = y->in[1];
    const struct vv_window window = window_of(y->attr.u);
    if (wanted & 1u) dx[0] = vv_conv2d(t, dy, w, NULL, window);
    if (wanted & 2u) dx[1] = vv_conv2d_weight_grad(t, dy, x, window);
    if (wanted & 4u) dx[2] = vv_sum_to(t, dy, y->in[2]->shape);
}

static void weight_grad_vjp(struct vv_tape *t, vv_ref y, vv_ref dw, uint32_t wanted,
                            vv_ref dx[VV_MAX_INPUTS]) {
    vv_ref x = y->in[0], dy = y->in[1];
    const struct vv_window window = window_of(y->attr.u);
    if (wanted & 1u)
        dx[0] = vv_conv2d_transposed(t, dy, dw, NULL, window, x->shape.dim[1], x->shape.dim[2]);
    if (wanted & 2u) dx[1] = vv_conv2d(t, x, dw, NULL, window);
}

// ---- ops ----

static struct vv_cost conv_cost(const struct vv_node *y) {
    const struct vv_conv c = conv_of(y);
    struct vv_cost cost = vv_cost_of_operands(y);
    cost.flop = 2.0 * c.batch * c.out_size[0] * c.out_size[1] * c.out_channels * c.window.kernel[0] *
                c.window.kernel[1] * c.channels;
    return cost;
}

// shaders/conv_*.comp
#define CONV_OP(symbol, text, inputs, form)                                                             \
    const struct vv_op vv_op_##symbol = {.name = text,                                                  \
                                         .arity = inputs,                                               \
                                         .shape = form##_shape,                                         \
                                         .vjp = form##_vjp,                                             \
                                         .reference = form##_reference,                                 \
                                         .launch = vv_conv_launch,                                      \
                                         .cost = conv_cost}
CONV_OP(conv2d, "conv2d", 2, forward);
CONV_OP(conv2d_bias, "conv2d_bias", 3, forward);
CONV_OP(conv2d_transposed, "conv2d_transposed", 2, transposed);
CONV_OP(conv2d_transposed_bias, "conv2d_transposed_bias", 3, transposed);
CONV_OP(conv2d_weight_grad, "conv2d_weight_grad", 2, weight_grad);

// ---- constructors: kernels see channels by fours ----

static struct vv_attributes attributes(const struct vv_window *w, uint32_t height, uint32_t width) {
    return (struct vv_attributes){.u = {w->stride[0], w->stride[1], w->pad[0], w->pad[1], w->dilation[0],
                                        w->dilation[1], w->kernel[0], w->kernel[1], height, width}};
}

static uint32_t dim_of(vv_ref x, uint32_t axis) {
    return x && axis < x->shape.rank ? x->shape.dim[axis] : 0;
}

// x with zeros behind it, so that `axis` is a multiple of 4.
static vv_ref pad_to_fours(struct vv_tape *t, vv_ref x, uint32_t axis) {
    const uint32_t n = dim_of(x, axis);
    return n % 4 == 0 || n > UINT32_MAX - 4 ? x : vv_pad(t, x, axis, 0, n + (4 - n % 4));
}

static vv_ref cut_to(struct vv_tape *t, vv_ref y, uint32_t axis, uint32_t n) {
    return t->failed || dim_of(y, axis) == n ? y : vv_slice(t, y, axis, 0, n);
}

// Of x, w and maybe b: axis `in` of w are the channels of x, axis `out` those of the result. What does
// not agree is left as it is, for the op to say so.
static vv_ref append_padded(struct vv_tape *t, const struct vv_op *op, const vv_ref given[3],
                            uint32_t in, uint32_t out, const struct vv_attributes *attr) {
    vv_ref x = given[0], w = given[1], b = given[2];
    const uint32_t channels = dim_of(w, out);
    if (dim_of(x, 3) != dim_of(w, in) || (b && (dim_of(b, 0) != channels || b->shape.rank != 1)))
        return vv_append(t, op, given, attr);
    x = pad_to_fours(t, x, 3);
    w = pad_to_fours(t, pad_to_fours(t, w, 3), 0);
    if (b) b = pad_to_fours(t, b, 0);
    return cut_to(t, vv_append(t, op, (const vv_ref[]){x, w, b}, attr), 3, channels);
}

vv_ref vv_conv2d(struct vv_tape *t, vv_ref x, vv_ref w, vv_ref b, struct vv_window window) {
    const struct vv_attributes attr = attributes(&window, 0, 0);
    return append_padded(t, b ? &vv_op_conv2d_bias : &vv_op_conv2d, (const vv_ref[]){x, w, b}, 3, 0,
                         &attr);
}

vv_ref vv_conv2d_transposed(struct vv_tape *t, vv_ref x, vv_ref w, vv_ref b, struct vv_window window,
                            uint32_t height, uint32_t width) {
    const struct vv_attributes attr = attributes(&window, height, width);
    return append_padded(t, b ? &vv_op_conv2d_transposed_bias : &vv_op_conv2d_transposed,
                         (const vv_ref[]){x, w, b}, 0, 3, &attr);
}

vv_ref vv_conv2d_weight_grad(struct vv_tape *t, vv_ref x, vv_ref dy, struct vv_window window) {
    const struct vv_attributes attr = attributes(&window, 0, 0);
    const uint32_t channels = dim_of(x, 3), out_channels = dim_of(dy, 3);
    const vv_ref in[] = {pad_to_fours(t, x, 3), pad_to_fours(t, dy, 3)};
    vv_ref dw = vv_append(t, &vv_op_conv2d_weight_grad, in, &attr);
    return cut_to(t, cut_to(t, dw, 3, channels), 0, out_channels);
}
