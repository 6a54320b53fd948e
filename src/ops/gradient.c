#include "gradient.h"

#include <assert.h>

#include "elementwise.h"
#include "view.h"

// Which nodes up to y depend on one of wrt.
static bool *find_needs(struct vv_tape *t, vv_ref y, const vv_ref *wrt, uint32_t count) {
    bool *needs = vv_arena_alloc(&t->arena, t->count, sizeof *needs);
    if (!needs) return NULL;
    for (uint32_t i = 0; i < count; i++) needs[wrt[i]->index] = true;
    for (uint32_t i = 0; i <= y->index; i++) {
        const struct vv_node *x = t->nodes[i];
        if (x->op->zero_gradient) continue;
        for (uint32_t j = 0; j < x->inputs; j++) needs[i] = needs[i] || needs[x->in[j]->index];
    }
    return needs;
}

static bool overlaps(const struct vv_node *x, const struct vv_state *state, uint64_t begin,
                     uint64_t count) {
    uint64_t at;
    return vv_root(x, &at)->state == state && begin < at + vv_count(x) && at < begin + count;
}

// The node after `y` that overwrites memory which the gradient of y reads: an input of y, or y itself.
// It does so in place, or because its own result was placed there.
static const struct vv_node *find_overwriter(const struct vv_tape *t, const struct vv_node *y,
                                             const struct vv_node *value) {
    uint64_t begin;
    const struct vv_state *state = vv_root(value, &begin)->state;
    if (!state) return NULL;
    for (uint32_t i = y->index + 1; i < t->count; i++) {
        const struct vv_node *w = t->nodes[i];
        if (w->state && w->op->launch && overlaps(w, state, begin, vv_count(value))) return w;
        for (uint32_t j = 0; j < w->inputs; j++)
            if ((w->op->writes >> j & 1) && overlaps(w->in[j], state, begin, vv_count(value))) return w;
    }
    return NULL;
}

static bool check_intact(struct vv_tape *t, const struct vv_node *y) {
    for (uint32_t j = 0; j <= y->inputs; j++) {
        const struct vv_node *value = j < y->inputs ? y->in[j] : y;
        const struct vv_node *w = find_overwriter(t, y, value);
        if (w)
            return vv_tape_fail(t, y,
                                "its gradient needs '%s', which node %u '%s' overwrites; overwrite it "
                                "after the gradient",
                                value->name, w->index, w->name);
    }
    return true;
}

// Passes dy on to the inputs of y that are needed.
static bool pass_back(struct vv_tape *t, vv_ref y, vv_ref dy, const bool *needs, vv_ref *adjoint) {
    uint32_t wanted = 0;
    for (uint32_t j = 0; j < y->inputs; j++)
        if (needs[y->in[j]->index]) wanted |= 1u << j;
    if (!wanted || y->op->zero_gradient) return true;
    if (!y->op->vjp)
        return vv_tape_fail(t, y, "this op has no gradient; give it a vjp, or vv_stop what it reads");
    if (!check_intact(t, y)) return false;
    vv_ref dx[VV_MAX_INPUTS] = {NULL};
    y->op->vjp(t, y, dy, wanted, dx);
    for (uint32_t j = 0; j < y->inputs && vv_tape_ok(t); j++) {
        if (!(wanted >> j & 1) || !dx[j]) continue;
        vv_ref *sum = &adjoint[y->in[j]->index];
        assert(vv_shape_equal(dx[j]->shape, y->in[j]->shape));
        *sum = *sum ? vv_add(t, *sum, dx[j]) : dx[j];
        (void)vv_name(t, *sum, "d %s", y->in[j]->name);
    }
    return vv_tape_ok(t);
}

bool vv_grad(struct vv_tape *t, vv_ref loss, const vv_ref *wrt, uint32_t count, vv_ref *grad) {
    char text[VV_NODE_TEXT];
    for (uint32_t i = 0; i < count; i++) grad[i] = &t->dummy;
    if (!vv_tape_ok(t)) return false;
    if (vv_count(loss) != 1 || loss->type != VV_F32)
        return vv_tape_fail(t, loss, "%s has no gradient: a loss is a single f32",
                            vv_node_print(loss, text));
    return vv_grad_from(t, loss, vv_fill(t, loss->shape, 1.0), wrt, count, grad);
}

bool vv_grad_from(struct vv_tape *t, vv_ref y, vv_ref dy, const vv_ref *wrt, uint32_t count,
                  vv_ref *grad) {
    for (uint32_t i = 0; i < count; i++) grad[i] = &t->dummy;
    if (!vv_tape_ok(t)) return false;
    assert(y->type == VV_F32 && dy->type == VV_F32 && vv_shape_equal(y->shape, dy->shape));
    bool *needs = find_needs(t, y, wrt, count);
    vv_ref *adjoint = vv_arena_alloc(&t->arena, t->count, sizeof *adjoint);
    if (!needs || !adjoint) {
        t->failed = true;
        return false;
    }
    adjoint[y->index] = dy;
    for (uint32_t i = y->index + 1; i-- > 0;)
        if (needs[i] && adjoint[i] && !pass_back(t, t->nodes[i], adjoint[i], needs, adjoint))
            return false;
    for (uint32_t i = 0; i < count; i++) {
        vv_ref found = adjoint[wrt[i]->index];
        grad[i] = found ? found : vv_fill(t, wrt[i]->shape, 0.0);
    }
    return vv_tape_ok(t);
}
