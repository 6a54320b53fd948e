// The scalar reference: runs each node's reference function on the host, in the plan's arena. The ground
// truth for every kernel, and a check on the plan (poisoned memory, another order inside barrier
// groups).
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "clock.h"
#include "exec.h"
#include "size.h"

struct reference {
    struct vv_exec base;
    struct vv_reference_options options;
    unsigned char **memory;  // of each state, by its index
    uint32_t realized;
};

struct vv_program {
    struct reference *owner;
    const struct vv_tape *tape;
    struct vv_plan plan;
    unsigned char *arena;
    uint32_t *order;        // nodes in the order in which they run
    struct vv_span *spans;  // of the nodes, by index; NULL: it is not watched
};

static void destroy(struct vv_exec *e) {
    struct reference *r = (struct reference *)e;
    for (uint32_t i = 0; i < r->realized; i++) free(r->memory[i]);
    free(r->memory);
    free(r);
}

static bool realize(struct vv_exec *e) {
    struct reference *r = (struct reference *)e;
    const struct vv_store *store = e->store;
    unsigned char **memory = vv_alloc(e->ctx, store->count, sizeof *memory);
    if (!memory) return false;
    if (r->realized) memcpy(memory, r->memory, r->realized * sizeof *memory);
    free(r->memory);
    r->memory = memory;
    for (; r->realized < store->count; r->realized++) {
        memory[r->realized] = vv_alloc(e->ctx, store->states[r->realized]->bytes, 1);
        if (!memory[r->realized]) return false;
    }
    return true;
}

static bool write_state(struct vv_exec *e, const struct vv_state *s, uint64_t offset, const void *data,
                        uint64_t n) {
    memcpy(((struct reference *)e)->memory[s->index] + offset, data, n);
    return true;
}

static bool read_state(struct vv_exec *e, const struct vv_state *s, uint64_t offset, void *data,
                       uint64_t n) {
    memcpy(data, ((struct reference *)e)->memory[s->index] + offset, n);
    return true;
}

static void *address_of_state(struct vv_exec *e, const struct vv_state *s) {
    return ((struct reference *)e)->memory[s->index];
}

// The host's memory: what it cannot give is told when it is asked for.
static struct vv_room room(struct vv_exec *e) {
    (void)e;
    return (struct vv_room){UINT64_MAX, UINT64_MAX};
}

static uint32_t next_random(uint32_t *seed) {  // Numerical Recipes' linear congruential generator
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

// Tape order, or with `shuffle` another order within each run of nodes that no barrier parts.
static void find_order(struct vv_program *p) {
    uint32_t n = p->plan.count, seed = p->owner->options.shuffle;
    for (uint32_t i = 0; i < n; i++) p->order[i] = i;
    if (!seed) return;
    for (uint32_t first = 0; first < n;) {
        uint32_t last = first + 1;
        while (last < n && !p->plan.nodes[last].barrier) last++;
        for (uint32_t i = last - first; i > 1; i--) {
            uint32_t j = first + next_random(&seed) % i, k = first + i - 1, kept = p->order[j];
            p->order[j] = p->order[k];
            p->order[k] = kept;
        }
        first = last;
    }
}

static void program_destroy(struct vv_program *p) {
    vv_plan_finish(&p->plan);
    free(p->arena);
    free(p->order);
    free(p->spans);
    free(p);
}

static struct vv_program *compile(struct vv_exec *e, const struct vv_tape *t) {
    struct vv_program *p = vv_alloc(e->ctx, 1, sizeof *p);
    if (!p) return NULL;
    p->owner = (struct reference *)e;
    p->tape = t;
    if (!vv_plan_make(t, NULL, !p->owner->options.no_reuse, &p->plan)) goto error;
    p->arena = vv_alloc(e->ctx, p->plan.arena_bytes, 1);
    p->order = vv_alloc(e->ctx, p->plan.count, sizeof *p->order);
    if (e->watching) p->spans = vv_alloc(e->ctx, p->plan.count, sizeof *p->spans);
    if (!p->arena || !p->order || (e->watching && !p->spans)) goto error;
    find_order(p);
    return p;
error:
    program_destroy(p);
    return NULL;
}

static unsigned char *address(const struct vv_program *p, const struct vv_node *x) {
    uint64_t offset;
    const struct vv_node *root = vv_root(x, &offset);
    unsigned char *start = root->state ? p->owner->memory[root->state->index]
                                       : p->arena + p->plan.nodes[root->index].offset;
    return start + offset * vv_type_bytes(x->type);
}

static void poison(struct vv_program *p, uint64_t offset, uint64_t bytes) {
    memset(p->arena + offset, 0xff, bytes);  // all ones: a NaN in float and in double
}

// After the nodes [first, last) ran: what nobody reads any more.
static void poison_dead(struct vv_program *p, uint32_t first, uint32_t last) {
    for (uint32_t i = 0; i < last; i++) {
        const struct vv_plan_node *n = &p->plan.nodes[i];
        if (n->bytes && n->last_use >= first && n->last_use < last) poison(p, n->offset, n->bytes);
    }
}

static uLong digest(const struct vv_node *x, const void *bytes) {
    return crc32_z(0, bytes, vv_count(x) * vv_type_bytes(x->type));
}

static bool run_node(struct vv_program *p, const struct vv_node *y) {
    struct vv_operands io = {.out = y->shape.rank ? address(p, y) : NULL};
    uLong before[VV_MAX_INPUTS] = {0};
    for (uint32_t i = 0; i < y->inputs; i++) {
        io.in[i] = address(p, y->in[i]);
        if (p->owner->options.check) before[i] = digest(y->in[i], io.in[i]);
    }
    if (p->spans) p->spans[y->index].begin = vv_now();
    y->op->reference(y, &io);
    if (p->spans) p->spans[y->index].end = vv_now();
    for (uint32_t i = 0; p->owner->options.check && i < y->inputs; i++)
        if (!(y->op->writes >> i & 1) && digest(y->in[i], io.in[i]) != before[i])
            return vv_fail(p->owner->base.ctx, VV_FAILED,
                           "node %u '%s' (%s) changed its input '%s'; declare it in the op's .writes",
                           y->index, y->name, y->op->name, y->in[i]->name);
    return true;
}

static bool run_once(struct vv_program *p) {
    uint32_t n = p->plan.count;
    if (p->owner->options.poison) poison(p, 0, p->plan.arena_bytes);
    for (uint32_t first = 0; first < n;) {
        uint32_t last = first + 1;
        while (last < n && !p->plan.nodes[last].barrier) last++;
        for (uint32_t i = first; i < last; i++) {
            const struct vv_node *y = p->tape->nodes[p->order[i]];
            if (y->op->reference && !run_node(p, y)) return false;
        }
        if (p->owner->options.poison) poison_dead(p, first, last);
        first = last;
    }
    return true;
}

static bool submit(struct vv_exec *e, struct vv_program *p, uint32_t times) {
    e->submitted++;
    for (uint32_t i = 0; i < times; i++) {
        const double start = vv_now();
        if (!run_once(p)) return false;
        const struct vv_times told = {
            .tape = p->tape,
            .nodes = p->spans,
            .submitted = {start, start},
            .waited = {start, vv_now()},
        };
        if (p->spans) e->watch(e->watch_user, &told);
    }
    return true;
}

static bool submit_parts(struct vv_exec *e, struct vv_program *p, uint32_t parts) {
    (void)parts;
    return submit(e, p, 1);
}

static bool land(struct vv_exec *e, uint64_t submission) {
    (void)e, (void)submission;
    return true;
}

static bool read_node(struct vv_exec *e, struct vv_program *p, const struct vv_node *y, void *data) {
    (void)e;
    memcpy(data, address(p, y), vv_count(y) * vv_type_bytes(y->type));
    return true;
}

static const struct vv_plan *get_plan(const struct vv_program *p) {
    return &p->plan;
}

struct vv_exec *vv_reference_create(struct vv_store *store, const struct vv_reference_options *options) {
    static const struct vv_exec_functions functions = {
        .destroy = destroy,
        .realize = realize,
        .write = write_state,
        .read = read_state,
        .compile = compile,
        .program_destroy = program_destroy,
        .submit = submit,
        .submit_parts = submit_parts,
        .land = land,
        .peek = read_state,
        .address = address_of_state,
        .room = room,
        .read_node = read_node,
        .plan = get_plan,
    };
    struct reference *r = vv_alloc(store->ctx, 1, sizeof *r);
    if (!r) return NULL;
    r->base = (struct vv_exec){
        .f = &functions, .ctx = store->ctx, .store = store, .limits = vv_limits_minimum};
    if (options) r->options = *options;
    (void)snprintf(r->base.description, sizeof r->base.description, "scalar reference on the host");
    (void)snprintf(r->base.kernels, sizeof r->base.kernels, "reference");
    return &r->base;
}
