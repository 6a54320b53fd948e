#include "matmul.h"

#include "matmul_launch.h"
#include "nonlinear.h"
#include "reduce.h"

// Matrix products in the three forms that a linear layer and its gradient want, without transposed
// copies; and the linear layer, fused. Kernels and the choice among them: matmul_launch.c.

enum { NN = VV_FORM_NN, NT = VV_FORM_NT, TN = VV_FORM_TN };
static const char *const form_names[] = {"nn", "nt", "tn"};

// From the stored shapes; false where the inner dimensions differ.
static bool product_of(uint32_t form, struct vv_shape a, struct vv_shape b, struct vv_product *p) {
    bool a_transposed = form == TN, b_transposed = form == NT;
    p->form = form;
    p->m = a.dim[a_transposed];
    p->k = a.dim[!a_transposed];
    p->n = b.dim[!b_transposed];
    return a.rank == 2 && b.rank == 2 && b.dim[b_transposed] == p->k;
}

bool vv_matmul_product(const struct vv_node *y, struct vv_product *p) {
    if (y->op != &vv_op_matmul && y->op != &vv_op_linear) return false;
    return product_of(y->op == &vv_op_linear ? NT : y->attr.u[0], y->in[0]->shape, y->in[1]->shape, p);
}

static struct vv_product product_of_node(const struct vv_node *y) {
    struct vv_product p;
    bool ok = vv_matmul_product(y, &p);
    assert(ok);  // checked when the node was appended
    (void)ok;
    return p;
}

// ---- reference: sums in double whatever vv_real is ----

// Sum over k of a[k] b[k], eight partial sums for the compiler to vectorise.
static double dot(const vv_real *a, const vv_real *b, uint32_t count) {
    double sum[8] = {0};
    uint32_t k = 0;
    for (; k + 8 <= count; k += 8)
        for (uint32_t i = 0; i < 8; i++) sum[i] += (double)a[k + i] * (double)b[k + i];
    for (; k < count; k++) sum[0] += (double)a[k] * (double)b[k];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

// c[0..n) = sum over k of a[k * step] b[k, 0..n), in blocks of columns that stay in the nearest cache.
static void combine_rows(const vv_real *a, size_t step, const vv_real *b, const struct vv_product *p,
                         vv_real *c) {
    enum { BLOCK = 64 };
    for (uint32_t first = 0; first < p->n; first += BLOCK) {
        uint32_t width = p->n - first < BLOCK ? p->n - first : BLOCK;
        double sum[BLOCK] = {0};
        for (uint32_t k = 0; k < p->k; k++) {
            const double x = (double)a[k * step];
            const vv_real *row = b + (size_t)k * p->n + first;
            for (uint32_t i = 0; i < width; i++) sum[i] += x * (double)row[i];
        }
        for (uint32_t i = 0; i < width; i++) c[first + i] = (vv_real)sum[i];
    }
}

static void multiply(const struct vv_product *p, const vv_real *a, const vv_real *b, vv_real *c) {
    for (size_t i = 0; i < p->m; i++) {
        vv_real *row = c + i * p->n;
        switch (p->form) {
        case NN:
            combine_rows(a + i * p->k, 1, b, p, row);
            break;
        case TN:
            combine_rows(a + i, p->m, b, p, row);
            break;
        case NT:
            for (size_t j = 0; j < p->n; j++) row[j] = (vv_real)dot(a + i * p->k, b + j * p->k, p->k);
            break;
        }
    }
}

// ---- matmul: c[m,n] = op(a) op(b) ----

static bool matmul_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *a = y->in[0], *b = y->in[1];
    uint32_t form = y->attr.u[0];
    struct vv_product p;
    if (a->type != VV_F32 || b->type != VV_F32 || !product_of(form, a->shape, b->shape, &p)) {
        char a_text[VV_NODE_TEXT], b_text[VV_NODE_TEXT];
        return vv_tape_fail(t, y, "cannot multiply (%s) %s by %s", form_names[form],
                            vv_node_print(a, a_text), vv_node_print(b, b_text));
    }
    y->type = VV_F32;
    y->shape = vv_shape2(p.m, p.n);
    return true;
}

static void matmul_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted,
                       vv_ref dx[VV_MAX_INPUTS]) {
    vv_ref a = y->in[0], b = y->in[1];
    bool da = wanted & 1u, db = wanted & 2u;
    switch (y->attr.u[0]) {
    case NN:  // c = a b
        if (da) dx[0] = vv_matmul_nt(t, dy, b);
        if (db) dx[1] = vv_matmul_tn(t, a, dy);
        break;
    case NT:  // c = a b^T
        if (da) dx[0] = vv_matmul_nn(t, dy, b);
        if (db) dx[1] = vv_matmul_tn(t, dy, a);
        break;
    case TN:  // c = a^T b
        if (da) dx[0] = vv_matmul_nt(t, b, dy);
        if (db) dx[1] = vv_matmul_nn(t, a, dy);
        break;
    }
}

static void matmul_reference(const struct vv_node *y, const struct vv_operands *io) {
    struct vv_product p = product_of_node(y);
    multiply(&p, io->in[0], io->in[1], io->out);
}

// Of matmul and linear.
static struct vv_cost product_cost(const struct vv_node *y) {
    const struct vv_product p = product_of_node(y);
    struct vv_cost cost = vv_cost_of_operands(y);
    cost.flop = 2.0 * p.m * p.n * p.k;
    return cost;
}

const struct vv_op vv_op_matmul = {
    .name = "matmul",
    .arity = 2,  // shaders/matmul_*.comp
    .shape = matmul_shape,
    .vjp = matmul_vjp,
    .reference = matmul_reference,
    .launch = vv_matmul_launch,
    .cost = product_cost,
};

static vv_ref append_matmul(struct vv_tape *t, uint32_t form, vv_ref a, vv_ref b) {
    struct vv_attributes attr = {.u = {form}};
    return vv_append(t, &vv_op_matmul, (vv_ref[]){a, b}, &attr);
}

vv_ref vv_matmul_nn(struct vv_tape *t, vv_ref a, vv_ref b) {
    return append_matmul(t, NN, a, b);
}
vv_ref vv_matmul_nt(struct vv_tape *t, vv_ref a, vv_ref b) {
    return append_matmul(t, NT, a, b);
}
vv_ref vv_matmul_tn(struct vv_tape *t, vv_ref a, vv_ref b) {
    return append_matmul(t, TN, a, b);
}

// ---- linear: y[m,n] = activation(x[m,k] w[n,k]^T + b[n]) ----

static bool linear_shape(struct vv_tape *t, vv_ref y) {
    const struct vv_node *x = y->in[0], *w = y->in[1], *b = y->in[2];
    struct vv_product p;
    bool f32 = x->type == VV_F32 && w->type == VV_F32 && b->type == VV_F32;
    if (!f32 || !product_of(NT, x->shape, w->shape, &p) || !vv_shape_equal(b->shape, vv_shape1(p.n))) {
        char x_text[VV_NODE_TEXT], w_text[VV_NODE_TEXT], b_text[VV_NODE_TEXT];
        return vv_tape_fail(t, y, "%s, %s and %s are not f32 [m,k], [n,k] and [n]",
                            vv_node_print(x, x_text), vv_node_print(w, w_text),
                            vv_node_print(b, b_text));
    }
    y->type = VV_F32;
    y->shape = vv_shape2(p.m, p.n);
    return true;
}

static void linear_vjp(struct vv_tape *t, vv_ref y, vv_ref dy, uint32_t wanted,
                       vv_ref dx[VV_MAX_INPUTS]) {
    vv_ref x = y->in[0], w = y->in[1], b = y->in[2];
    vv_ref dp = y->attr.u[0] == VV_RELU ? vv_relu_grad(t, y, dy) : dy;  // [m,n]
    if (wanted & 1u) dx[0] = vv_matmul_nn(t, dp, w);                    // [m,n] [n,k] -> [m,k]
    if (wanted & 2u) dx[1] = vv_matmul_tn(t, dp, x);                    // [m,n]^T [m,k] -> [n,k]
    if (wanted & 4u) dx[2] = vv_sum_to(t, dp, b->shape);                // [m,n] -> [n]
}

static void linear_reference(const struct vv_node *y, const struct vv_operands *io) {
    struct vv_product p = product_of_node(y);
    const vv_real *b = io->in[2];
    vv_real *out = io->out;
    multiply(&p, io->in[0], io->in[1], out);
    for (size_t i = 0; i < p.m; i++) {
        for (size_t j = 0; j < p.n; j++) {
            vv_real value = out[i * p.n + j] + b[j];
            out[i * p.n + j] = y->attr.u[0] == VV_RELU && value < 0 ? 0 : value;
        }
    }
}

const struct vv_op vv_op_linear = {
    .name = "linear",
    .arity = 3,  // shaders/matmul_*.comp
    .shape = linear_shape,
    .vjp = linear_vjp,
    .reference = linear_reference,
    .launch = vv_matmul_launch,
    .cost = product_cost,
};

vv_ref vv_linear(struct vv_tape *t, vv_ref x, vv_ref w, vv_ref b, enum vv_activation activation) {
    struct vv_attributes attr = {.u = {activation}};
    return vv_append(t, &vv_op_linear, (vv_ref[]){x, w, b}, &attr);
}
