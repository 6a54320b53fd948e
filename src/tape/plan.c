#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "size.h"

// A range of bytes that a node reads or writes: of a state (by its index) or of the arena.
#define ARENA UINT32_MAX
struct access {
    uint32_t space;
    bool write;
    uint64_t begin, end;
};
#define MAX_ACCESSES (VV_MAX_INPUTS + 2)

static bool is_temporary(const struct vv_node *y) {
    return y->shape.rank && !y->state && !y->view_of;
}

static void find_lifetimes(const struct vv_tape *t, const uint64_t *scratch, struct vv_plan *plan) {
    for (uint32_t i = 0; i < t->count; i++) {
        const struct vv_node *y = t->nodes[i];
        struct vv_plan_node *p = &plan->nodes[i];
        if (is_temporary(y)) p->bytes = vv_align_up(vv_count(y) * vv_type_bytes(y->type), VV_ARENA_UNIT);
        p->scratch_bytes = scratch ? vv_align_up(scratch[i], VV_ARENA_UNIT) : 0;
        p->last_use = i;
        for (uint32_t j = 0; j < y->inputs; j++) {
            const struct vv_node *root = vv_root(y->in[j], &(uint64_t){0});
            plan->nodes[root->index].last_use = i;
        }
    }
    for (uint32_t i = 0; i < t->count; i++)
        if (t->nodes[i]->keep)
            plan->nodes[vv_root(t->nodes[i], &(uint64_t){0})->index].last_use = t->count;
}

// Large ones first; equal ones in tape order, so that the plan is one function of the tape.
static int by_size(const void *a, const void *b) {
    const struct vv_plan_item *x = a, *y = b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x->first < y->first ? -1 : x->first > y->first;
}

// The lowest offset at which the item overlaps no placed item that lives at the same time.
static uint64_t lowest_fit(const struct vv_plan_item *items, uint32_t placed,
                           const struct vv_plan_item *it) {
    uint64_t offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (uint32_t i = 0; i < placed; i++) {
            const struct vv_plan_item *o = &items[i];
            bool together = o->first <= it->last && it->first <= o->last;
            if (together && *o->offset < offset + it->bytes && offset < *o->offset + o->bytes) {
                offset = *o->offset + o->bytes;
                moved = true;
            }
        }
    }
    return offset;
}

uint64_t vv_plan_pack(struct vv_plan_item *items, uint32_t count) {
    uint64_t bytes = 0;
    qsort(items, count, sizeof *items, by_size);
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t end = (*items[i].offset = lowest_fit(items, i, &items[i])) + items[i].bytes;
        if (end > bytes) bytes = end;
    }
    return bytes;
}

// Temporaries and what nodes want as scratch.
static bool place(const struct vv_tape *t, bool reuse, struct vv_plan *plan) {
    struct vv_plan_item *items = vv_alloc(t->ctx, 2 * (uint64_t)t->count, sizeof *items);
    if (!items) return false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        struct vv_plan_node *p = &plan->nodes[i];
        if (p->bytes)
            items[n++] = (struct vv_plan_item){p->bytes, &p->offset, i, reuse ? p->last_use : t->count};
        if (p->scratch_bytes)
            items[n++] =
                (struct vv_plan_item){p->scratch_bytes, &p->scratch_offset, i, reuse ? i : t->count};
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!reuse) *items[i].offset = plan->unshared_bytes;
        plan->unshared_bytes += items[i].bytes;
    }
    plan->arena_bytes = reuse ? vv_plan_pack(items, n) : plan->unshared_bytes;
    free(items);
    return true;
}

static struct access access_of(const struct vv_plan *plan, const struct vv_node *x, bool write) {
    uint64_t offset;
    const struct vv_node *root = vv_root(x, &offset);
    uint64_t size = vv_type_bytes(x->type);
    uint64_t start = root->state ? 0 : plan->nodes[root->index].offset;
    uint64_t begin = start + offset * size;
    return (struct access){root->state ? root->state->index : ARENA, write, begin,
                           begin + vv_count(x) * size};
}

static uint32_t accesses_of(const struct vv_plan *plan, const struct vv_node *y,
                            struct access out[MAX_ACCESSES]) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < y->inputs; i++)
        out[n++] = access_of(plan, y->in[i], y->op->writes >> i & 1);
    if (y->shape.rank) out[n++] = access_of(plan, y, true);
    const struct vv_plan_node *p = &plan->nodes[y->index];
    if (p->scratch_bytes)
        out[n++] = (struct access){ARENA, true, p->scratch_offset, p->scratch_offset + p->scratch_bytes};
    return n;
}

static bool conflict(const struct access *a, const struct access *b) {
    return a->space == b->space && (a->write || b->write) && a->begin < b->end && b->begin < a->end;
}

// A barrier goes before a node that touches what was written, or writes what was touched, since the last
// one.
static bool find_barriers(const struct vv_tape *t, struct vv_plan *plan) {
    struct access *pending = vv_alloc(t->ctx, (uint64_t)t->count * MAX_ACCESSES, sizeof *pending);
    if (!pending) return false;
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        if (!t->nodes[i]->op->launch) continue;
        struct access own[MAX_ACCESSES];
        uint32_t n = accesses_of(plan, t->nodes[i], own);
        bool barrier = false;
        for (uint32_t a = 0; a < n && !barrier; a++)
            for (uint32_t b = 0; b < count && !barrier; b++) barrier = conflict(&own[a], &pending[b]);
        if (barrier) count = 0;
        plan->nodes[i].barrier = barrier;
        plan->barriers += barrier;
        memcpy(pending + count, own, n * sizeof *own);
        count += n;
    }
    free(pending);
    return true;
}

// States that the tape touches, each once.
static bool sum_state(const struct vv_tape *t, struct vv_plan *plan) {
    bool *seen = vv_alloc(t->ctx, t->store->count, sizeof *seen);
    if (!seen) return false;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct vv_state *s = t->nodes[i]->state;
        if (s && !seen[s->index]) plan->state_bytes += s->bytes;
        if (s) seen[s->index] = true;
    }
    free(seen);
    return true;
}

bool vv_plan_make(const struct vv_tape *t, const uint64_t *scratch, bool reuse, struct vv_plan *plan) {
    *plan = (struct vv_plan){.count = t->count};
    plan->nodes = vv_alloc(t->ctx, t->count, sizeof *plan->nodes);
    if (!plan->nodes) return false;
    find_lifetimes(t, scratch, plan);
    if (place(t, reuse, plan) && find_barriers(t, plan) && sum_state(t, plan)) return true;
    vv_plan_finish(plan);
    return false;
}

void vv_plan_finish(struct vv_plan *plan) {
    free(plan->nodes);
    *plan = (struct vv_plan){0};
}

static void print_place(const struct vv_node *y, const struct vv_plan_node *p, char place[96]) {
    uint64_t offset;
    const struct vv_node *root = vv_root(y, &offset);
    if (y->op->writes)
        (void)snprintf(place, 96, "in place");
    else if (y->op == &vv_op_state)
        (void)snprintf(place, 96, "state");
    else if (root->state)
        (void)snprintf(place, 96, "%s+%llu", root->state->name, (unsigned long long)offset);
    else if (y->view_of)
        (void)snprintf(place, 96, "%%%u+%llu", root->index, (unsigned long long)offset);
    else
        (void)snprintf(place, 96, "@%llu", (unsigned long long)p->offset);
}

void vv_plan_print(const struct vv_tape *t, const struct vv_plan *plan, FILE *out) {
    (void)fprintf(out, "tape '%s'\n%4s  %-24s %-20s %-14s %-4s %10s  %-18s %s\n", t->name, "node",
                  "name", "op", "shape", "type", "bytes", "place", "inputs");
    for (uint32_t i = 0; i < t->count; i++) {
        const struct vv_node *y = t->nodes[i];
        char shape[VV_SHAPE_TEXT], place[96];
        if (plan->nodes[i].barrier) (void)fprintf(out, "      ---- barrier ----\n");
        print_place(y, &plan->nodes[i], place);
        uint64_t bytes = y->shape.rank ? vv_count(y) * vv_type_bytes(y->type) : 0;
        (void)fprintf(out, "%4u  %-24s %-20s %-14s %-4s %10llu  %-18s", i, y->name, y->op->name,
                      y->shape.rank ? vv_shape_print(y->shape, shape) : "-",
                      y->shape.rank ? vv_type_name(y->type) : "-", (unsigned long long)bytes, place);
        for (uint32_t j = 0; j < y->inputs; j++) (void)fprintf(out, " %%%u", y->in[j]->index);
        if (plan->nodes[i].scratch_bytes)
            (void)fprintf(out, " scratch %llu@%llu", (unsigned long long)plan->nodes[i].scratch_bytes,
                          (unsigned long long)plan->nodes[i].scratch_offset);
        (void)fprintf(out, "\n");
    }
    (void)fprintf(out,
                  "%u nodes, %u barriers, arena %llu bytes (%llu without reuse), state %llu bytes\n\n",
                  t->count, plan->barriers, (unsigned long long)plan->arena_bytes,
                  (unsigned long long)plan->unshared_bytes, (unsigned long long)plan->state_bytes);
}
