#include "selftest.h"

#include <string.h>

#include "noise.h"

enum { ROWS = 61, COLUMNS = 20 };  // 1220 draws: all four members of a block, a partial group
static const uint64_t seed = 0x123456789abcdef0;
static const uint32_t step = 77, first = 1000;

static bool draw(struct vv_exec *exec, float out[ROWS * COLUMNS]) {
    struct vv_state *clock =
        vv_store_add(exec->store, "selftest.clock", VV_U32, vv_shape1(VV_CLOCK_WORDS));
    if (!clock) return false;
    struct vv_tape t;
    vv_tape_init(&t, exec->store, "selftest");
    vv_ref eps = vv_noise(&t, vv_use(&t, clock), ROWS, COLUMNS, seed, VV_STREAM_SAMPLE);
    eps->keep = true;
    const struct vv_clock now = {.bad_step = VV_NO_BAD_STEP, .step = step, .first = first};
    struct vv_program *program = vv_exec_compile(exec, &t);
    bool ok = program && vv_exec_write(exec, clock, 0, &now, sizeof now) &&
              vv_exec_submit(exec, program, 1) && vv_exec_read_node(exec, program, eps, out);
    vv_program_destroy(exec, program);
    vv_tape_finish(&t);
    return ok;
}

bool vv_selftest_noise(struct vv_exec *exec) {
    float drawn[ROWS * COLUMNS];
    if (!draw(exec, drawn)) return false;
    for (uint32_t i = 0; i < ROWS * COLUMNS; i++) {
        const float expected =
            vv_noise_at(seed, VV_STREAM_SAMPLE, step, first + i / COLUMNS, i % COLUMNS);
        if (memcmp(&drawn[i], &expected, sizeof expected) == 0) continue;
        vv_say(exec->ctx, VV_LOG_WARNING,
               "%s draws other noise than other devices (%.9g instead of %.9g): its runs can be "
               "repeated on it, but "
               "not elsewhere; please report this",
               exec->description, (double)drawn[i], (double)expected);
        break;
    }
    return true;
}
