#include "compress.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "half.h"
#include "plan.h"
#include "size.h"
#include "view.h"

enum {
    COPIES = 4,    // of one value, at most
    FAR = 8,       // nodes between two uses: the second may have a copy of its own
    TRIES = 64,    // plans that are made to find values better left alone
    SLACK = 1024,  // of the arena, by a share of which it may stay larger for them
};
#define NONE UINT32_MAX

// A value that can be kept as halves. Numbers are places in the tape as it was.
struct value {
    vv_ref x;
    uint32_t last;                                // use before the gradient
    bool read_later;                              // than in the gradient
    uint32_t copies, first[COPIES], end[COPIES];  // of each unpacked copy: the uses that it serves
    bool halved;
    vv_ref words, copy[COPIES];
};

struct pass {
    struct vv_tape *t;
    uint32_t begin, end;  // of the gradient
    uint32_t count;       // of the tape as it was
    uint64_t least;
    struct value *values, **sorted;
    uint32_t value_count;
    uint32_t *value_of;  // of a node: which value it is; NONE
    uint32_t *copy_of;   // of a view in the gradient: which copy of its value it shows
    uint32_t *lives;     // the last use of each node's memory
    struct vv_plan_item *items;
    uint64_t *offsets;
    vv_ref *clones;  // of a view before the gradient: the same view of the copy `clone_of`
    uint32_t *clone_of;
    vv_ref *order;  // the tape as it will be
    uint32_t ordered;
};

static const struct vv_node *root_of(const struct vv_node *x) {
    return vv_root(x, &(uint64_t){0});
}

static struct value *find_value(const struct pass *p, const struct vv_node *x) {
    const uint32_t i = root_of(x)->index;
    return i < p->count && p->value_of[i] != NONE ? &p->values[p->value_of[i]] : NULL;
}

static bool is_view_in_gradient(const struct pass *p, const struct vv_node *x) {
    return x->view_of && x->index >= p->begin;
}

// ---- Which values there are, and who reads them ----

static bool is_candidate(const struct pass *p, const struct vv_node *x) {
    return x->index < p->begin && x->op->launch && x->shape.rank && !x->state && !x->view_of &&
           x->type == VV_F32 && vv_count(x) >= p->least;
}

// Node j of the gradient reads x, which shows v. What reads it through a view there has the view's copy.
static void note_use(struct pass *p, struct value *v, const struct vv_node *x, uint32_t j,
                     uint32_t far) {
    uint32_t k = v->copies - 1;
    if (is_view_in_gradient(p, x))
        k = p->copy_of[x->index];
    else if (v->copies == 0 || (j - v->end[k] > far && v->copies < COPIES)) {
        k = v->copies++;
        v->first[k] = j;
    }
    v->end[k] = j;
    p->copy_of[j] = k;
}

static void find_uses(struct pass *p, uint32_t far) {
    for (uint32_t i = 0; i < p->value_count; i++) p->values[i].copies = 0;
    for (uint32_t j = 0; j < p->count; j++)
        for (uint32_t k = 0; k < p->t->nodes[j]->inputs; k++) {
            const struct vv_node *x = p->t->nodes[j]->in[k];
            struct value *v = find_value(p, x);
            p->lives[root_of(x)->index] = j;
            if (v && j < p->begin) v->last = j;
            if (v && j >= p->begin) note_use(p, v, x, j, far);
            if (v && j >= p->end) v->read_later = true;
        }
    for (uint32_t i = 0; i < p->count; i++)
        if (p->t->nodes[i]->keep) p->lives[root_of(p->t->nodes[i])->index] = p->count;
}

static void find_values(struct pass *p) {
    for (uint32_t i = 0; i < p->count; i++) {
        p->value_of[i] = NONE;
        p->lives[i] = i;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        if (!is_candidate(p, p->t->nodes[i])) continue;
        p->value_of[i] = p->value_count;
        p->values[p->value_count++] = (struct value){.x = p->t->nodes[i], .last = i};
    }
    find_uses(p, NONE);
    // Only those with uses on both sides; the host reads what is kept.
    uint32_t left = 0;
    for (uint32_t i = 0; i < p->value_count; i++) {
        const struct value v = p->values[i];
        const bool wanted = v.copies && !v.read_later && p->lives[v.x->index] < p->count;
        p->value_of[v.x->index] = wanted ? left : NONE;
        if (wanted) p->values[left++] = v;
    }
    p->value_count = left;
}

// ---- Which of them make the arena smaller ----

// Moments between nodes: node i runs at 4 i, what is packed behind it at 4 i + 1, what is unpacked for
// it at 4 i - 1.
static void add_item(struct pass *p, uint32_t *n, uint64_t bytes, uint32_t first, uint32_t last) {
    p->items[*n] =
        (struct vv_plan_item){vv_align_up(bytes, VV_ARENA_UNIT), &p->offsets[*n], first, last};
    ++*n;
}

// The arena of the tape with the values halved that are marked so.
static uint64_t arena_of(const struct pass *of) {
    struct pass p = *of;
    uint32_t n = 0;
    for (uint32_t i = 0; i < p.count; i++) {
        const struct vv_node *x = p.t->nodes[i];
        if (!x->shape.rank || x->state || x->view_of) continue;
        const struct value *v = find_value(&p, x);
        const uint64_t bytes = vv_count(x) * vv_type_bytes(x->type);
        if (!v || !v->halved) {
            add_item(&p, &n, bytes, 4 * i, 4 * p.lives[i]);
            continue;
        }
        add_item(&p, &n, bytes, 4 * i, 4 * v->last + 1);
        add_item(&p, &n, (vv_count(x) + 1) / 2 * 4, 4 * v->last + 1, 4 * v->first[v->copies - 1] - 1);
        for (uint32_t k = 0; k < v->copies; k++)
            add_item(&p, &n, bytes, 4 * v->first[k] - 1, 4 * v->end[k]);
    }
    return vv_plan_pack(p.items, n);
}

static void mark_all(struct pass *p, bool halved) {
    for (uint32_t i = 0; i < p->value_count; i++) p->values[i].halved = halved;
}

// Small ones first, whose packing costs a dispatch and a barrier like any; then those that wait for the
// shortest time.
static int by_gain(const void *a, const void *b) {
    const struct value *x = *(struct value *const *)a, *y = *(struct value *const *)b;
    const uint64_t m = vv_count(x->x), n = vv_count(y->x);
    const uint32_t p = x->first[0] - x->last, q = y->first[0] - y->last;
    if (m != n) return m < n ? -1 : 1;
    if (p != q) return p < q ? -1 : 1;
    return x < y ? -1 : x > y;
}

// Leaves out values whose halves save next to nothing.
static uint64_t leave_out(struct pass *p, uint64_t arena) {
    const uint64_t most = arena + arena / SLACK;
    for (uint32_t i = 0; i < p->value_count; i++) p->sorted[i] = &p->values[i];
    qsort(p->sorted, p->value_count, sizeof *p->sorted, by_gain);
    for (uint32_t i = 0; i < p->value_count && i < TRIES; i++) {
        p->sorted[i]->halved = false;
        const uint64_t without = arena_of(p);
        p->sorted[i]->halved = without > most;
        if (without <= most) arena = without;
    }
    return arena;
}

static void choose(struct pass *p, struct vv_compressed *done) {
    mark_all(p, false);
    done->before = arena_of(p);
    mark_all(p, true);
    const uint64_t together = arena_of(p);
    find_uses(p, FAR);
    const uint64_t apart = arena_of(p);
    if (apart >= together) find_uses(p, NONE);
    done->after = leave_out(p, apart < together ? apart : together);
    if (done->after < done->before) return;
    mark_all(p, false);
    done->after = done->before;
}

// ---- The tape anew ----

static void emit(struct pass *p, vv_ref y) {
    p->order[p->ordered++] = y;
}

// The copy that node j reads where it reads the value itself.
static uint32_t copy_at(const struct value *v, uint32_t j) {
    uint32_t k = v->copies - 1;
    while (k > 0 && v->first[k] > j) k--;
    return k;
}

// What node j of the gradient reads in place of x.
static vv_ref redirect(struct pass *p, vv_ref x, uint32_t j) {
    const struct value *v = find_value(p, x);
    if (!v || !v->halved || is_view_in_gradient(p, x)) return x;  // that view was redirected itself
    const uint32_t k = copy_at(v, j), i = x->index;
    if (x == v->x) return v->copy[k];
    if (p->clones[i] && p->clone_of[i] == k) return p->clones[i];
    uint64_t offset;
    (void)vv_root(x, &offset);
    vv_ref view = vv_name(p->t, vv_view(p->t, v->copy[k], offset, x->shape), "%s", x->name);
    p->clones[i] = view;
    p->clone_of[i] = k;
    if (vv_tape_ok(p->t)) emit(p, view);
    return view;
}

static void unpack_for(struct pass *p, uint32_t j) {
    for (uint32_t i = 0; i < p->value_count; i++) {
        struct value *v = &p->values[i];
        for (uint32_t k = 0; v->halved && k < v->copies; k++) {
            if (v->first[k] != j) continue;
            v->copy[k] = vv_name(p->t, vv_unhalve(p->t, v->words, v->x->shape), "%s", v->x->name);
            if (vv_tape_ok(p->t)) emit(p, v->copy[k]);
        }
    }
}

static void pack_behind(struct pass *p, uint32_t j) {
    for (uint32_t i = 0; i < p->value_count; i++) {
        struct value *v = &p->values[i];
        if (!v->halved || v->last != j) continue;
        v->words = vv_name(p->t, vv_halve(p->t, v->x), "half %s", v->x->name);
        if (vv_tape_ok(p->t)) emit(p, v->words);
    }
}

static bool rebuild(struct pass *p) {
    for (uint32_t j = 0; j < p->count && vv_tape_ok(p->t); j++) {
        vv_ref y = p->t->nodes[j];
        if (j >= p->begin) unpack_for(p, j);
        for (uint32_t k = 0; j >= p->begin && k < y->inputs; k++) {
            const bool shows = y->view_of == y->in[k];
            y->in[k] = redirect(p, y->in[k], j);
            if (shows) y->view_of = y->in[k];
        }
        emit(p, y);
        pack_behind(p, j);
    }
    if (!vv_tape_ok(p->t)) return false;
    assert(p->ordered == p->t->count);
    memcpy(p->t->nodes, p->order, p->ordered * sizeof *p->order);
    for (uint32_t i = 0; i < p->ordered; i++) p->t->nodes[i]->index = i;
    return true;
}

// Besides the nodes as they were: values packed and unpacked, and views, each once for each copy, since
// copies come one after another.
static bool allocate(struct pass *p) {
    struct vv_context *ctx = p->t->ctx;
    const uint64_t n = p->count, most = (COPIES + 2) * n;
    p->values = vv_alloc(ctx, n, sizeof *p->values);
    p->sorted = vv_alloc(ctx, n, sizeof *p->sorted);
    p->value_of = vv_alloc(ctx, n, sizeof *p->value_of);
    p->copy_of = vv_alloc(ctx, n, sizeof *p->copy_of);
    p->lives = vv_alloc(ctx, n, sizeof *p->lives);
    p->items = vv_alloc(ctx, most, sizeof *p->items);
    p->offsets = vv_alloc(ctx, most, sizeof *p->offsets);
    p->clones = vv_alloc(ctx, n, sizeof *p->clones);
    p->clone_of = vv_alloc(ctx, n, sizeof *p->clone_of);
    p->order = vv_alloc(ctx, (2 * COPIES + 2) * n, sizeof *p->order);
    return p->values && p->sorted && p->value_of && p->copy_of && p->lives && p->items && p->offsets &&
           p->clones && p->clone_of && p->order;
}

static void count_done(const struct pass *p, struct vv_compressed *done) {
    for (uint32_t i = 0; i < p->value_count; i++) {
        done->values += p->values[i].halved;
        done->copies += p->values[i].halved ? p->values[i].copies : 0;
    }
}

bool vv_compress(struct vv_tape *t, uint32_t begin, uint32_t end, uint64_t least,
                 struct vv_compressed *done) {
    *done = (struct vv_compressed){0};
    if (!vv_tape_ok(t)) return false;
    struct pass p = {.t = t, .begin = begin, .end = end, .count = t->count, .least = least};
    bool ok = allocate(&p);
    if (ok) {
        find_values(&p);
        choose(&p, done);
        count_done(&p, done);
        ok = rebuild(&p);
    }
    if (!ok) t->failed = true;
    free(p.values);
    free(p.sorted);
    free(p.value_of);
    free(p.copy_of);
    free(p.lives);
    free(p.items);
    free(p.offsets);
    free(p.clones);
    free(p.clone_of);
    free(p.order);
    return ok;
}
