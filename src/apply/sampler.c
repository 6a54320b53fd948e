#include "sampler.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "elementwise.h"
#include "likelihood.h"
#include "noise.h"
#include "size.h"
#include "training.h"

// z = temperature noise   [rows,latent]
static vv_ref draw_z(struct vv_sampler *s, struct vv_tape *t, const struct vv_prior *prior) {
    s->clock = vv_store_add(s->exec->store, "sample.clock", VV_U32, vv_shape1(VV_CLOCK_WORDS));
    if (!s->clock) return NULL;
    vv_ref z = vv_noise(t, vv_use(t, s->clock), s->rows, s->latent, prior->seed, VV_STREAM_SAMPLE);
    if (prior->temperature != 1) z = vv_affine(t, z, prior->temperature, 0);
    z->keep = true;
    return vv_name(t, z, "z");
}

static vv_ref given_z(struct vv_sampler *s, struct vv_tape *t) {
    s->given = vv_store_add(s->exec->store, "sample.z", VV_F32, vv_shape2(s->rows, s->latent));
    return s->given ? vv_use(t, s->given) : NULL;
}

bool vv_sampler_init(struct vv_sampler *s, struct vv_exec *exec, const struct vv_model *model,
                     const struct vv_weights *weights, uint32_t rows, const struct vv_prior *prior) {
    *s = (struct vv_sampler){.exec = exec,
                             .rows = rows,
                             .pixels = model->size.pixels * model->size.shown,
                             .latent = model->size.latent};
    struct vv_tape *t = &s->tape;
    vv_tape_init(t, exec->store, "sample");
    struct vv_pass pass;
    if (!vv_pass_begin(&pass, t, model, weights)) return false;
    s->z = prior ? draw_z(s, t, prior) : given_z(s, t);
    if (!s->z) return false;
    s->result = vv_likelihood_of(model)->mean(&pass, model->decode(&pass, s->z));  // [rows,pixels]
    s->result->keep = true;
    s->program = vv_exec_compile(exec, t);
    return s->program != NULL;
}

static bool read_rows(struct vv_sampler *s, vv_ref node, uint32_t count, float *out) {
    const uint32_t columns = node == s->z ? s->latent : s->pixels;
    float *rows = vv_alloc(s->exec->ctx, (uint64_t)s->rows * columns, sizeof *rows);
    const bool ok = rows && vv_exec_read_node(s->exec, s->program, node, rows);
    if (ok) memcpy(out, rows, (size_t)count * columns * sizeof *out);
    free(rows);
    return ok;
}

bool vv_sampler_draw(struct vv_sampler *s, uint32_t first, uint32_t count, float *out, float *z) {
    assert(s->clock);
    for (uint32_t done = 0; done < count; done += s->rows) {
        const struct vv_clock clock = {.bad_step = VV_NO_BAD_STEP, .first = first + done};
        const uint32_t n = count - done < s->rows ? count - done : s->rows;
        if (!vv_exec_write(s->exec, s->clock, 0, &clock, sizeof clock) ||
            !vv_exec_submit_parts(s->exec, s->program, VV_ALL_PARTS) ||
            !read_rows(s, s->result, n, out + (size_t)done * s->pixels))
            return false;
        if (z && !read_rows(s, s->z, n, z + (size_t)done * s->latent)) return false;
    }
    return true;
}

// Rows behind the last one keep what was there, and nobody reads what becomes of them.
bool vv_sampler_decode(struct vv_sampler *s, const float *z, uint32_t count, float *out) {
    assert(s->given);
    for (uint32_t done = 0; done < count; done += s->rows) {
        const uint32_t n = count - done < s->rows ? count - done : s->rows;
        if (!vv_exec_write(s->exec, s->given, 0, z + (size_t)done * s->latent,
                           (uint64_t)n * s->latent * sizeof *z) ||
            !vv_exec_submit_parts(s->exec, s->program, VV_ALL_PARTS) ||
            !read_rows(s, s->result, n, out + (size_t)done * s->pixels))
            return false;
    }
    return true;
}

void vv_sampler_finish(struct vv_sampler *s) {
    if (s->exec) vv_program_destroy(s->exec, s->program);
    vv_tape_finish(&s->tape);
    *s = (struct vv_sampler){0};
}
