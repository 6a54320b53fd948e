#include "products.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choices.h"
#include "matmul.h"
#include "size.h"

struct collector {
    struct vv_exec exec;  // first
    struct vv_jobs *jobs;
};

// Of this executor: nothing but an empty plan. The others have their own structs of this name.
struct vv_program {
    struct vv_plan plan;
};

static bool make_room(struct vv_jobs *jobs) {
    if (jobs->count < jobs->room) return true;
    const uint32_t room = jobs->room ? 2 * jobs->room : 32;
    struct vv_job *list = vv_alloc(jobs->ctx, room, sizeof *list);
    if (!list) return false;
    if (jobs->list) memcpy(list, jobs->list, jobs->count * sizeof *list);
    free(jobs->list);
    jobs->list = list;
    jobs->room = room;
    return true;
}

// A product that has a result of its own and takes floats can be computed apart from its tape.
static bool stands_alone(const struct vv_node *y) {
    for (uint32_t i = 0; i < y->inputs; i++)
        if (y->in[i]->type != VV_F32) return false;
    return y->shape.rank && !y->op->writes && y->type == VV_F32;
}

static bool add(struct vv_jobs *jobs, const struct vv_node *y) {
    struct vv_job job = {.op = y->op, .attr = y->attr, .inputs = y->inputs};
    if (!vv_matmul_product(y, &job.product) || !stands_alone(y)) return true;
    for (uint32_t i = 0; i < jobs->count; i++)
        if (vv_product_equal(&jobs->list[i].product, &job.product)) return true;
    for (uint32_t i = 0; i < y->inputs; i++) job.in[i] = y->in[i]->shape;
    if (!make_room(jobs)) return false;
    jobs->list[jobs->count++] = job;
    return true;
}

static struct vv_program *compile(struct vv_exec *e, const struct vv_tape *t) {
    struct vv_jobs *jobs = ((struct collector *)e)->jobs;
    for (uint32_t i = 0; i < t->count; i++)
        if (!add(jobs, t->nodes[i])) return NULL;
    return vv_alloc(e->ctx, 1, sizeof(struct vv_program));
}

static void destroy(struct vv_exec *e) {
    free(e);
}
static bool done(struct vv_exec *e) {
    (void)e;
    return true;
}
static bool write(struct vv_exec *e, const struct vv_state *s, uint64_t offset, const void *data,
                  uint64_t n) {
    (void)e, (void)s, (void)offset, (void)data, (void)n;
    return true;
}
static bool read(struct vv_exec *e, const struct vv_state *s, uint64_t offset, void *data, uint64_t n) {
    (void)e, (void)s, (void)offset;
    memset(data, 0, n);
    return true;
}
static void program_destroy(struct vv_program *p) {
    free(p);
}
static bool submit(struct vv_exec *e, struct vv_program *p, uint32_t times) {
    (void)e, (void)p, (void)times;
    return true;
}
static bool land(struct vv_exec *e, uint64_t submission) {
    (void)e, (void)submission;
    return true;
}
static struct vv_room room(struct vv_exec *e) {
    return (struct vv_room){e->limits.max_storage_range, UINT64_MAX};
}
static bool read_node(struct vv_exec *e, struct vv_program *p, const struct vv_node *y, void *data) {
    (void)e, (void)p;
    memset(data, 0, vv_count(y) * vv_type_bytes(y->type));
    return true;
}
static const struct vv_plan *plan(const struct vv_program *p) {
    return &p->plan;
}

static const struct vv_exec_functions functions = {
    .destroy = destroy,
    .realize = done,
    .write = write,
    .read = read,
    .compile = compile,
    .program_destroy = program_destroy,
    .submit = submit,
    .submit_parts = submit,
    .land = land,
    .peek = read,
    .room = room,
    .read_node = read_node,
    .plan = plan,
};

struct vv_exec *vv_collector_create(struct vv_store *store, const struct vv_limits *limits,
                                    struct vv_jobs *jobs) {
    struct collector *c = vv_alloc(store->ctx, 1, sizeof *c);
    if (!c) return NULL;
    c->exec = (struct vv_exec){.f = &functions,
                               .ctx = store->ctx,
                               .store = store,
                               .limits = *limits,
                               .kernels = "none",
                               .piece_work = VV_PIECE_WORK};
    c->jobs = jobs;
    jobs->ctx = store->ctx;
    return &c->exec;
}

void vv_jobs_finish(struct vv_jobs *jobs) {
    free(jobs->list);
    *jobs = (struct vv_jobs){0};
}
