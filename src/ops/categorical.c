#include "categorical.h"

#include "elementwise.h"
#include "exact_count.h"
#include "launches.h"
#include "reduce.h"
#include "view.h"

// attr.u: classes, whether x is counts.
static bool check_pair(struct vv_tape *t, vv_ref y) {
    const struct vv_node *logits = y->in[0], *x = y->in[1];
    const uint32_t classes = y->attr.u[0], counts = y->attr.u[1];
    char a[VV_NODE_TEXT], b[VV_NODE_TEXT];
    const bool ok = logits->type == VV_F32 && x->type == VV_F32 && logits->shape.rank == 2 &&
                    x->shape.rank == 2 && logits->shape.dim[0] == x->shape.dim[0] &&
                    logits->shape.dim[1] == (uint64_t)x->shape.dim[1] * (counts ? 1 : classes);
    if (!ok)
        return vv_tape_fail(t, y, "%s and %s are not f32 [rows, kinds x %u] and [rows, kinds]",
                            vv_node_print(logits, a), vv_node_print(x, b), counts ? 1 : classes);
    y->type = VV_F32;
    return true;
}

static uint32_t per_row(const struct vv_node *y) {
    return y->in[0]->shape.dim[1] / y->attr.u[0];
}

// categorical: -log p.   l [B,D V], x [B,D] or counts [B,V] -> [B]   shaders/categorical.glsl

static bool categorical_shape(struct vv_tape *t, vv_ref y) {
    if (!check_pair(t, y)) return false;
    y->shape = vv_shape1(y->in[0]->shape.dim[0]);
    return true;
}

// The largest logit and log sum e^(l - m).
static double log_sum(const vv_real *logits, uint32_t classes, vv_real *most) {
    double sum = 0;
    *most = logits[0];
    for (uint32_t v = 1; v < classes; v++)
        if (logits[v] > *most) *most = logits[v];
    for (uint32_t v = 0; v < classes; v++) sum += (double)vv_exp(logits[v] - *most);
    return (double)vv_log((vv_real)sum);
}

static double value_of_kind(const vv_real *logits, uint32_t classes, const vv_real *x) {
    vv_real most;
    const double s = log_sum(logits, classes, &most);
    return s - (double)(logits[vv_kind_of(*x, classes)] - most);
}

static double value_of_counts(const vv_real *logits, uint32_t classes, const vv_real *x, double *n) {
    double paid = 0, ways = 0;
    vv_real most;
    const double s = log_sum(logits, classes, &most);
    *n = 0;
    for (uint32_t v = 0; v < classes; v++) {
        const uint32_t c = vv_kind_of(x[v], 256);
        *n += c;
        if (c) paid += c * (double)(logits[v] - most);
        ways += (double)vv_log_factorial((vv_real)c);
    }
    return (*n * s - paid) + (ways - (double)vv_log_factorial((vv_real)*n));
}

static void sum_values(const struct vv_node *y, const struct vv_operands *io, vv_real *rows) {
    const vv_real *logits = io->in[0], *x = io->in[1];
    const uint32_t classes = y->attr.u[0], each = per_row(y);
    for (uint64_t r = 0; r < y->in[0]->shape.dim[0]; r++) {
        double sum = 0, n;
        for (uint64_t i = r * each; i < (r + 1) * each; i++)
            sum += y->attr.u[1] ? value_of_counts(logits + i * classes, classes, x + i * classes, &n)
                                : value_of_kind(logits + i * classes, classes, x + i);
        rows[r] = (vv_real)sum;
    }
}

static void categorical_reference(const struct vv_node *y, const struct vv_operands *io) {
    sum_values(y, io, io->out);
}

// Each distribution's value goes to the result or, where a row has several, to scratch first.
static bool launch_values(const struct vv_node *y, bool gradient, const struct vv_limits *limits,
                          struct vv_launch *launch) {
    const struct vv_node *logits = y->in[0];
    struct vv_args_categorical args = {.rows = logits->shape.dim[0],
                                       .per_row = per_row(y),
                                       .classes = y->attr.u[0],
                                       .scale = (float)y->attr.f[0]};
    const uint32_t before = gradient ? (uint32_t)vv_count(logits) : 0;
    const bool several = args.per_row > 1, texels = args.classes % 4 == 0 &&
                                                    vv_loads_texels(logits, limits) &&
                                                    (!gradient || vv_aligned(y, 4));
    const char *texel =
        gradient && vv_stores_int64(limits) ? "categorical_texel_int64" : "categorical_texel";
    args.values = several ? 0 : before;
    struct vv_dispatch *d = vv_launch_add(launch, texels ? texel : "categorical", &args, sizeof args);
    vv_dispatch_spec(d, vv_row_group(3 * (uint64_t)args.classes, limits));  // three walks
    vv_dispatch_spec(d, gradient);
    vv_dispatch_spec(d, y->attr.u[1]);
    vv_dispatch_bind(d, 0, texels ? VV_IMAGE_VEC4 : VV_STORAGE);
    vv_dispatch_bind(d, 1, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    vv_dispatch_bind(d, several ? VV_OPERAND_SCRATCH : VV_OPERAND_OUT, VV_STORAGE);
    if (!vv_dispatch_fold(d, (uint64_t)args.rows * args.per_row, limits)) return false;
    if (!several) return true;
    launch->scratch_bytes = (uint64_t)args.rows * args.per_row * sizeof(float);
    args.values = before;
    d = vv_launch_add(launch, "categorical_sum", &args, sizeof args);
    vv_dispatch_spec(d, vv_row_group(args.per_row, limits));
    vv_dispatch_bind(d, VV_OPERAND_SCRATCH, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, args.rows, limits);
}

static bool categorical_launch(const struct vv_node *y, const struct vv_limits *limits,
                               struct vv_launch *launch) {
    return launch_values(y, false, limits, launch);
}

static vv_ref append_both(struct vv_tape *t, vv_ref logits, vv_ref x, uint32_t classes, uint32_t counts,
                          double scale) {
    return vv_append(t, &vv_op_categorical_both, (const vv_ref[]){logits, x},
                     &(struct vv_attributes){.u = {classes, counts}, .f = {scale}});
}

// Bytes have no gradient.
static void categorical_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    if (!(wanted & 1)) return;
    vv_ref both = append_both(t, y->in[0], y->in[1], y->attr.u[0], y->attr.u[1], 1);
    vv_ref column = vv_view(t, dy, 0, vv_shape2(y->shape.dim[0], 1));  // [B] -> [B,1]
    dx[0] = vv_mul(t, vv_view(t, both, 0, y->in[0]->shape), column);
}

const struct vv_op vv_op_categorical = {.name = "categorical",
                                        .arity = 2,
                                        .shape = categorical_shape,
                                        .vjp = categorical_vjp,
                                        .reference = categorical_reference,
                                        .launch = categorical_launch};

// categorical_both: (n softmax(l) - c) scale, c one-hot or counts, then the values.
// [B,D V] and [B] as one [B,D V + 1]

static bool both_shape(struct vv_tape *t, vv_ref y) {
    if (!check_pair(t, y)) return false;
    y->shape = vv_shape2(y->in[0]->shape.dim[0], y->in[0]->shape.dim[1] + 1);
    return true;
}

static void both_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *logits = io->in[0], *x = io->in[1];
    vv_real *out = io->out;
    const uint64_t n = vv_count(y->in[0]);
    const uint32_t classes = y->attr.u[0];
    for (uint64_t at = 0; at < n; at += classes) {
        vv_real most;
        double times = 1;
        const vv_real s = (vv_real)log_sum(logits + at, classes, &most);
        if (y->attr.u[1]) (void)value_of_counts(logits + at, classes, x + at, &times);
        const uint32_t kind = y->attr.u[1] ? 0 : vv_kind_of(x[at / classes], classes);
        for (uint32_t v = 0; v < classes; v++) {
            const uint32_t seen = y->attr.u[1] ? vv_kind_of(x[at + v], 256) : v == kind;
            const double p = (double)vv_exp((logits[at + v] - most) - s);
            out[at + v] = (vv_real)((times * p - seen) * y->attr.f[0]);
        }
    }
    sum_values(y, io, out + n);
}

static bool both_launch(const struct vv_node *y, const struct vv_limits *limits,
                        struct vv_launch *launch) {
    return launch_values(y, true, limits, launch);
}

const struct vv_op vv_op_categorical_both = {.name = "categorical_both",
                                             .arity = 2,
                                             .shape = both_shape,
                                             .reference = both_reference,
                                             .launch = both_launch};

// softmax: p = e^l / sum e^l.   attr.u: classes   [B,D V] -> [B,D V]   shaders/softmax.comp

static bool check_classes(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[0];
    char text[VV_NODE_TEXT];
    y->type = VV_F32;
    y->shape = x->shape;
    return (x->type == VV_F32 && x->shape.rank == 2 && x->shape.dim[1] % y->attr.u[0] == 0) ||
           vv_tape_fail(t, y, "%s is not f32 [rows, kinds x %u]", vv_node_print(x, text), y->attr.u[0]);
}

static void softmax_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *logits = io->in[0];
    const uint32_t classes = y->attr.u[0];
    vv_real *out = io->out;
    for (uint64_t at = 0; at < vv_count(y); at += classes) {
        vv_real most;
        const vv_real s = (vv_real)log_sum(logits + at, classes, &most);
        for (uint32_t v = 0; v < classes; v++) out[at + v] = vv_exp((logits[at + v] - most) - s);
    }
}

static bool launch_softmax(const struct vv_node *y, bool mean, const struct vv_limits *limits,
                           struct vv_launch *launch) {
    const uint32_t classes = y->attr.u[0];
    const struct vv_args_categorical args = {.rows = (uint32_t)(vv_count(y->in[0]) / classes),
                                             .classes = classes,
                                             .scale = (float)(1.0 / (classes > 1 ? classes - 1 : 1))};
    struct vv_dispatch *d = vv_launch_add(launch, "softmax", &args, sizeof args);
    vv_dispatch_spec(d, vv_row_group(3 * (uint64_t)classes, limits));
    vv_dispatch_spec(d, mean);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, args.rows, limits);
}

static bool softmax_launch(const struct vv_node *y, const struct vv_limits *limits,
                           struct vv_launch *launch) {
    return launch_softmax(y, false, limits, launch);
}

// p (dy - sum p dy)
static void softmax_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted, vv_ref *dx) {
    (void)wanted;
    const uint32_t classes = y->attr.u[0], rows = (uint32_t)(vv_count(y) / classes);
    vv_ref p = vv_view(t, y, 0, vv_shape2(rows, classes));
    vv_ref d = vv_view(t, dy, 0, vv_shape2(rows, classes));
    vv_ref shared = vv_sum_to(t, vv_mul(t, p, d), vv_shape2(rows, 1));
    vv_ref rest = vv_add(t, d, vv_affine(t, shared, -1, 0));
    dx[0] = vv_view(t, vv_mul(t, p, rest), 0, y->shape);
}

const struct vv_op vv_op_softmax = {.name = "softmax",
                                    .arity = 1,
                                    .shape = check_classes,
                                    .vjp = softmax_vjp,
                                    .reference = softmax_reference,
                                    .launch = softmax_launch};

// softmax_mean: sum over v of p_v v / (V - 1).   [B,D V] -> [B,D]

static bool mean_shape(struct vv_tape *t, vv_ref y) {
    if (!check_classes(t, y)) return false;
    y->shape.dim[1] /= y->attr.u[0];
    return true;
}

static void mean_reference(const struct vv_node *y, const struct vv_operands *io) {
    const uint32_t classes = y->attr.u[0];
    vv_real *out = io->out;
    for (uint64_t i = 0; i < vv_count(y); i++) {
        const vv_real *logits = (const vv_real *)io->in[0] + i * classes;
        vv_real most;
        double sum = 0;
        const vv_real s = (vv_real)log_sum(logits, classes, &most);
        for (uint32_t v = 0; v < classes; v++) sum += (double)vv_exp((logits[v] - most) - s) * v;
        out[i] = (vv_real)(sum / (classes > 1 ? classes - 1 : 1));
    }
}

static bool mean_launch(const struct vv_node *y, const struct vv_limits *limits,
                        struct vv_launch *launch) {
    return launch_softmax(y, true, limits, launch);
}

const struct vv_op vv_op_softmax_mean = {.name = "softmax_mean",
                                         .arity = 1,
                                         .shape = mean_shape,
                                         .reference = mean_reference,
                                         .launch = mean_launch};

// one_hot: y[i][v] = 1 where x[i] stands for v.   [B,D] -> [B,D V]   shaders/one_hot.comp

static bool one_hot_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[0];
    char text[VV_NODE_TEXT];
    y->type = VV_F32;
    y->shape = vv_shape2(x->shape.dim[0], x->shape.dim[1] * y->attr.u[0]);
    return (x->type == VV_F32 && x->shape.rank == 2) ||
           vv_tape_fail(t, y, "%s is not f32 [rows, kinds]", vv_node_print(x, text));
}

static void one_hot_reference(const struct vv_node *y, const struct vv_operands *io) {
    const vv_real *x = io->in[0];
    vv_real *out = io->out;
    const uint32_t classes = y->attr.u[0];
    for (uint64_t i = 0; i < vv_count(y); i++)
        out[i] = i % classes == vv_kind_of(x[i / classes], classes);
}

static bool one_hot_launch(const struct vv_node *y, const struct vv_limits *limits,
                           struct vv_launch *launch) {
    const struct vv_args_categorical args = {.rows = (uint32_t)vv_count(y->in[0]),
                                             .classes = y->attr.u[0]};
    struct vv_dispatch *d = vv_launch_add(launch, "one_hot", &args, sizeof args);
    vv_dispatch_spec(d, VV_GROUP);
    vv_dispatch_bind(d, 0, VV_STORAGE);
    vv_dispatch_bind(d, VV_OPERAND_OUT, VV_STORAGE);
    return vv_dispatch_fold(d, (vv_count(y) + VV_GROUP - 1) / VV_GROUP, limits);
}

const struct vv_op vv_op_one_hot = {.name = "one_hot",
                                    .arity = 1,
                                    .zero_gradient = true,
                                    .shape = one_hot_shape,
                                    .reference = one_hot_reference,
                                    .launch = one_hot_launch};

vv_ref vv_categorical(struct vv_tape *t, vv_ref logits, vv_ref x, uint32_t classes) {
    return vv_append(t, &vv_op_categorical, (const vv_ref[]){logits, x},
                     &(struct vv_attributes){.u = {classes}});
}
vv_ref vv_categorical_both(struct vv_tape *t, vv_ref logits, vv_ref x, uint32_t classes, double scale) {
    return append_both(t, logits, x, classes, false, scale);
}
vv_ref vv_multinomial(struct vv_tape *t, vv_ref logits, vv_ref x) {
    return vv_append(t, &vv_op_categorical, (const vv_ref[]){logits, x},
                     &(struct vv_attributes){.u = {logits->shape.dim[1], true}});
}
vv_ref vv_multinomial_both(struct vv_tape *t, vv_ref logits, vv_ref x, double scale) {
    return append_both(t, logits, x, logits->shape.dim[1], true, scale);
}
vv_ref vv_softmax(struct vv_tape *t, vv_ref logits, uint32_t classes) {
    return vv_append(t, &vv_op_softmax, &logits, &(struct vv_attributes){.u = {classes}});
}
vv_ref vv_softmax_mean(struct vv_tape *t, vv_ref logits, uint32_t classes) {
    return vv_append(t, &vv_op_softmax_mean, &logits, &(struct vv_attributes){.u = {classes}});
}
vv_ref vv_one_hot(struct vv_tape *t, vv_ref x, uint32_t classes) {
    return vv_append(t, &vv_op_one_hot, &x, &(struct vv_attributes){.u = {classes}});
}
