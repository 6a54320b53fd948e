// A tape that a test makes something wrong on.
#ifndef VV_TESTS_ERRORS_MADE_H
#define VV_TESTS_ERRORS_MADE_H

#include <stdlib.h>

#include "view.h"

struct made {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_tape tape;
};

static inline int make(void **state) {
    struct made *m = calloc(1, sizeof *m);
    if (!m) return -1;
    vv_context_init(&m->ctx);
    vv_store_init(&m->store, &m->ctx);
    vv_tape_init(&m->tape, &m->store, "made");
    *state = m;
    return 0;
}

static inline int unmake(void **state) {
    struct made *m = *state;
    vv_tape_finish(&m->tape);
    vv_store_finish(&m->store);
    free(m);
    return 0;
}

// A tape without an error or a node.
static inline struct vv_tape *fresh(void **state) {
    unmake(state);
    assert_int_equal(make(state), 0);
    return &((struct made *)*state)->tape;
}

static inline vv_ref made(struct vv_tape *t, const char *name, enum vv_type type,
                          struct vv_shape shape) {
    return vv_use(t, vv_store_add(t->store, name, type, shape));
}

static inline vv_ref real(struct vv_tape *t, const char *name, uint32_t rows, uint32_t columns) {
    return made(t, name, VV_F32, vv_shape2(rows, columns));
}

static inline vv_ref words(struct vv_tape *t, const char *name, uint32_t count) {
    return made(t, name, VV_U32, vv_shape1(count));
}

#define MADE(name) cmocka_unit_test_setup_teardown(name, make, unmake)

#endif
