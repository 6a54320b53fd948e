// --disentanglement: what the codes of the set shapes tell of the factors that its pictures were drawn
// from.
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "disentanglement.h"
#include "evaluation.h"
#include "examiner.h"
#include "shapes.h"
#include "size.h"

// Pictures encoded together, and of a group that votes: a whole number of groups.
#define FACTORS_ROWS  256
#define FACTORS_GROUP 64
#define FACTORS_LEAST 100

bool vv_evaluation_plan_factors(struct vv_evaluation *e) {
    const struct vv_used *u = &e->used;
    if (!e->options->disentanglement) return true;
    if (u->set.path || !u->set.train.factors)
        return vv_fail(
            u->ctx, VV_USAGE,
            "--disentanglement: the factors of %.200s are not known; name the set shapes with "
            "--data, or leave it out",
            u->set.name);
    if (u->count < FACTORS_LEAST)
        return vv_fail(u->ctx, VV_USAGE,
                       "--disentanglement: %u pictures are too few to tell; give %d at least", u->count,
                       FACTORS_LEAST);
    e->all += u->count + 2 * (uint64_t)e->options->votes * FACTORS_GROUP;
    return true;
}

// One call.
struct telling {
    struct vv_evaluation *e;
    struct vv_examiner examiner;
    struct vv_told told;
    float *x, *codes, *values;  // of pictures encoded together; of all
    double *variance;           // of each latent
    struct vv_vote *votes;      // 2 votes: to fit and to test
};

static bool make_room(struct telling *t) {
    struct vv_used *u = &t->e->used;
    const struct vv_model_size *size = &u->run.model.size;
    const uint32_t factors = u->set.train.factor_count;
    t->told = (struct vv_told){.count = u->count, .latent = size->latent, .factors = factors};
    t->told.kinds[VV_FACTOR_SHAPE] = VV_SHAPES_KINDS;
    t->x = vv_alloc(u->ctx, (uint64_t)FACTORS_ROWS * size->pixels, sizeof *t->x);
    t->codes = vv_alloc(u->ctx, (uint64_t)u->count * size->latent, sizeof *t->codes);
    t->values = vv_alloc(u->ctx, (uint64_t)u->count * factors, sizeof *t->values);
    t->variance = vv_alloc(u->ctx, size->latent, sizeof *t->variance);
    t->votes = vv_alloc(u->ctx, 2 * (uint64_t)t->e->options->votes, sizeof *t->votes);
    t->told.codes = t->codes;
    t->told.values = t->values;
    return u->ctx->status == VV_OK && vv_examiner_init(&t->examiner, u->exec, &u->run.model, &u->weights,
                                                       FACTORS_ROWS, VV_WANT_HEAD, NULL);
}

static void take_values(struct telling *t) {
    const struct vv_used *u = &t->e->used;
    float *to = t->values;
    for (int half = 0; half < 2; half++) {
        const struct vv_used_part *part = &u->part[half];
        const uint64_t numbers = (uint64_t)part->count * t->told.factors;
        if (numbers) memcpy(to, part->images->factors, numbers * sizeof *to);
        to += numbers;
    }
}

static void find_variances(struct telling *t) {
    const uint32_t count = t->told.count, latent = t->told.latent;
    for (uint64_t j = 0; j < latent; j++) {
        double mean = 0, squares = 0;
        for (uint64_t i = 0; i < count; i++) mean += (double)t->codes[i * latent + j] / count;
        for (uint64_t i = 0; i < count; i++) {
            const double d = (double)t->codes[i * latent + j] - mean;
            squares += d * d;
        }
        t->variance[j] = squares / count;
    }
}

static bool encode_all(struct telling *t) {
    struct vv_used *u = &t->e->used;
    for (uint32_t first = 0; first < u->count; first += FACTORS_ROWS) {
        const uint32_t left = u->count - first, n = left < FACTORS_ROWS ? left : FACTORS_ROWS;
        const struct vv_findings found = {.mu = t->codes + (uint64_t)first * t->told.latent};
        vv_used_pictures(u, first, n, t->x);
        if (!vv_examiner_run(&t->examiner, t->x, first, n, 0, &found)) return false;
        vv_evaluation_tell(t->e, n);
    }
    take_values(t);
    find_variances(t);
    return true;
}

// ---- Votes ----

// A group of pictures that share one factor: that of its first. bytes: room for a picture.
static uint32_t draw_group(const struct vv_shapes *shapes, uint32_t factors, uint32_t vote,
                           unsigned char *bytes, float *x) {
    const uint64_t pixels = (uint64_t)shapes->height * shapes->width * shapes->channels;
    const uint32_t shared = vv_shapes_pick(shapes, VV_STREAM_VOTES, vote, factors);
    float first[VV_SHAPES_FACTORS], each[VV_SHAPES_FACTORS];
    vv_shapes_factors(shapes, VV_STREAM_VOTES, vote, 0, first);
    for (uint32_t i = 0; i < FACTORS_GROUP; i++, x += pixels) {
        vv_shapes_factors(shapes, VV_STREAM_VOTES, vote, i, each);
        each[shared] = first[shared];
        memset(bytes, 0, pixels);
        vv_shapes_draw(shapes, each, bytes);
        for (uint64_t k = 0; k < pixels; k++) x[k] = (float)bytes[k] / 255.0F;
    }
    return shared;
}

// As many groups as are encoded together, from vote `first` on.
static bool vote(struct telling *t, const struct vv_shapes *shapes, uint32_t first, uint32_t groups,
                 unsigned char *bytes, float *codes) {
    const uint64_t pixels = t->examiner.pixels;
    const uint32_t latent = t->told.latent;
    const struct vv_findings found = {.mu = codes};
    for (uint32_t g = 0; g < groups; g++)
        t->votes[first + g].factor =
            draw_group(shapes, t->told.factors, first + g, bytes, t->x + g * FACTORS_GROUP * pixels);
    if (!vv_examiner_run(&t->examiner, t->x, 0, groups * FACTORS_GROUP, 0, &found)) return false;
    for (uint32_t g = 0; g < groups; g++)
        t->votes[first + g].latent =
            vv_vote_of(codes + (uint64_t)g * FACTORS_GROUP * latent, FACTORS_GROUP, latent, t->variance);
    vv_evaluation_tell(t->e, (uint64_t)groups * FACTORS_GROUP);
    return true;
}

static bool vote_all(struct telling *t) {
    const struct vv_used *u = &t->e->used;
    const struct vv_model_size *size = &u->run.model.size;
    const struct vv_shapes shapes = {.height = size->height,
                                     .width = size->width,
                                     .channels = size->channels,
                                     .seed = t->e->options->seed};
    const uint32_t all = 2 * t->e->options->votes, together = FACTORS_ROWS / FACTORS_GROUP;
    unsigned char *bytes = vv_alloc(u->ctx, size->pixels, 1);
    float *codes = vv_alloc(u->ctx, (uint64_t)FACTORS_ROWS * size->latent, sizeof *codes);
    bool ok = bytes && codes;
    for (uint32_t first = 0; ok && first < all; first += together)
        ok = vote(t, &shapes, first, all - first < together ? all - first : together, bytes, codes);
    free(bytes);
    free(codes);
    return ok;
}

static bool conclude(struct telling *t) {
    struct vv_context *ctx = t->e->used.ctx;
    struct vv_dci dci;
    vkvae_disentanglement *d = &t->e->result.disentanglement;
    d->factors = t->told.factors;
    d->votes = t->e->options->votes;
    if (!vv_mig(ctx, &t->told, &d->mig) || !vv_sap(ctx, &t->told, &d->sap) ||
        !vv_dci(ctx, &t->told, t->e->options->seed, &dci) ||
        !vv_votes_score(ctx, t->votes, 2 * d->votes, t->told.latent, t->told.factors, &d->factor_vae))
        return false;
    d->disentanglement = dci.disentanglement;
    d->completeness = dci.completeness;
    d->informativeness = dci.informativeness;
    return true;
}

bool vv_evaluation_factors(struct vv_evaluation *e) {
    struct telling t = {.e = e};
    if (!e->options->disentanglement) return true;
    const bool ok = make_room(&t) && encode_all(&t) && vote_all(&t) && conclude(&t);
    vv_examiner_finish(&t.examiner);
    free(t.x);
    free(t.codes);
    free(t.values);
    free(t.variance);
    free(t.votes);
    return ok;
}
