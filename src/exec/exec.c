#include "exec.h"

#include <assert.h>

void vv_exec_destroy(struct vv_exec *e) {
    if (e) e->f->destroy(e);
}

bool vv_exec_realize(struct vv_exec *e) {
    return e->f->realize(e);
}

static void check_range(const struct vv_state *s, uint64_t offset, uint64_t n) {
    assert(offset % 4 == 0 && offset <= s->bytes && n <= s->bytes - offset);
    assert(n % 4 == 0 || offset + n == s->bytes);
    (void)s, (void)offset, (void)n;
}

bool vv_exec_write(struct vv_exec *e, const struct vv_state *s, uint64_t offset, const void *data,
                   uint64_t n) {
    check_range(s, offset, n);
    return e->f->write(e, s, offset, data, n);
}

bool vv_exec_read(struct vv_exec *e, const struct vv_state *s, uint64_t offset, void *data, uint64_t n) {
    check_range(s, offset, n);
    return e->f->read(e, s, offset, data, n);
}

struct vv_program *vv_exec_compile(struct vv_exec *e, const struct vv_tape *t) {
    if (!vv_tape_ok(t)) {
        (void)vv_fail(e->ctx, VV_FAILED,
                      "tape '%s' failed while it was built and cannot be run; build it anew", t->name);
        return NULL;
    }
    return e->f->realize(e) ? e->f->compile(e, t) : NULL;
}

struct vv_program *vv_exec_compile_watched(struct vv_exec *e, const struct vv_tape *t, vv_watch_fn watch,
                                           void *user) {
    e->watch = watch;
    e->watch_user = user;
    e->watching = true;
    struct vv_program *p = vv_exec_compile(e, t);
    e->watching = false;
    return p;
}

void vv_program_destroy(struct vv_exec *e, struct vv_program *p) {
    if (!p) return;
    (void)vv_exec_wait(e);
    e->f->program_destroy(p);
}

bool vv_exec_submit(struct vv_exec *e, struct vv_program *p, uint32_t times) {
    return times == 0 || e->f->submit(e, p, times);
}

bool vv_exec_submit_parts(struct vv_exec *e, struct vv_program *p, uint32_t parts) {
    assert(parts > 0);
    return e->f->submit_parts(e, p, parts);
}

bool vv_exec_land(struct vv_exec *e, uint64_t submission) {
    assert(submission <= e->submitted);
    return e->f->land(e, submission);
}

bool vv_exec_wait(struct vv_exec *e) {
    return e->f->land(e, e->submitted);
}

bool vv_exec_peek(struct vv_exec *e, const struct vv_state *s, uint64_t offset, void *data, uint64_t n) {
    check_range(s, offset, n);
    assert(s->peeked);
    return e->f->peek(e, s, offset, data, n);
}

void *vv_exec_address(struct vv_exec *e, const struct vv_state *s) {
    assert(s->poked);
    return e->f->address(e, s);
}

struct vv_room vv_exec_room(struct vv_exec *e) {
    return e->f->room(e);
}

bool vv_exec_read_node(struct vv_exec *e, struct vv_program *p, const struct vv_node *y, void *data) {
    assert(y->keep && y->shape.rank);
    return e->f->read_node(e, p, y, data);
}

const struct vv_plan *vv_program_plan(struct vv_exec *e, const struct vv_program *p) {
    return e->f->plan(p);
}
