// vkvae_project: the codes of pictures in a plane.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "coding.h"
#include "csv_write.h"
#include "handle.h"
#include "moments.h"
#include "principal.h"
#include "scatter.h"
#include "size.h"

// One call.
struct projection {
    struct vv_used used;
    const vkvae_project_options *options;
    float *mu;               // [count,latent]
    double *x, *y;           // [count]
    uint32_t *label, *kind;  // [count]; NULL: there are none
    vkvae_project_result result;
};

void vkvae_project_defaults(vkvae_project_options *options) {
    *options = (vkvae_project_options){.out = NULL};
    vkvae_use_defaults(&options->use);
}

static bool check_options(const struct projection *p) {
    return vv_used_check_components(&p->used) && vv_used_check_out(&p->used, p->options->out) &&
           vv_used_check_out(&p->used, p->options->csv);
}

static bool make_room(struct projection *p) {
    struct vv_used *u = &p->used;
    const uint32_t count = u->count, latent = u->run.model.size.latent;
    p->mu = vv_alloc(u->ctx, (uint64_t)count * latent, sizeof *p->mu);
    p->x = vv_alloc(u->ctx, count, sizeof *p->x);
    p->y = vv_alloc(u->ctx, count, sizeof *p->y);
    if (vv_used_has_labels(u)) {
        p->label = vv_alloc(u->ctx, count, sizeof *p->label);
        p->kind = vv_alloc(u->ctx, count, sizeof *p->kind);
    }
    for (uint32_t i = 0; p->label && i < count; i++) p->label[i] = vv_used_label(u, i);
    return u->ctx->status == VV_OK;
}

static bool encode(struct projection *p) {
    struct vv_used *u = &p->used;
    const struct vv_findings found = {.mu = p->mu};
    struct vv_work work = {.all = u->count};
    return vv_used_examine(u, u->count, VV_WANT_HEAD, NULL, &found, &work);
}

// ---- The plane ----

// One or two latent numbers are a line or a plane already.
static void take_latents(struct projection *p, uint32_t latent) {
    struct vv_moments moments[2] = {{0}, {0}};
    double all = 0;
    for (uint32_t i = 0; i < p->used.count; i++) {
        const float *row = p->mu + (size_t)i * latent;
        p->x[i] = (double)row[0];
        p->y[i] = latent > 1 ? (double)row[1] : 0;
        for (uint32_t k = 0; k < latent; k++) vv_moments_add(&moments[k], row + k, 1);
    }
    for (int k = 0; k < 2; k++) all += vv_moments_variance(&moments[k]);
    for (int k = 0; k < 2; k++)
        p->result.explained[k] = all > 0 ? vv_moments_variance(&moments[k]) / all : 0;
}

static bool place(struct projection *p) {
    const uint32_t latent = p->used.run.model.size.latent;
    struct vv_principal plane = {0};
    p->result.principal = latent > 2;
    if (latent <= 2) {
        take_latents(p, latent);
        return true;
    }
    const bool ok = vv_principal_make(p->used.ctx, p->mu, p->used.count, latent, &plane);
    for (uint32_t i = 0; ok && i < p->used.count; i++) {
        double at[2];
        vv_principal_place(&plane, p->mu + (size_t)i * latent, at);
        p->x[i] = at[0];
        p->y[i] = at[1];
    }
    memcpy(p->result.explained, plane.share, sizeof plane.share);
    vv_principal_finish(&plane);
    return ok;
}

// ---- Colours ----

// The classes that have a colour, in order of their labels: the most frequent ones, of equally frequent
// ones the lower labels.
struct chosen {
    uint32_t count, label[VV_SCATTER_KINDS];
    bool all;  // there are no others
};

static void insert(struct chosen *c, const uint32_t *times, uint32_t label) {
    uint32_t least = 0;
    if (c->count < VV_SCATTER_KINDS) {
        c->label[c->count++] = label;
        return;
    }
    c->all = false;
    for (uint32_t i = 1; i < c->count; i++)
        if (times[c->label[i]] <= times[c->label[least]]) least = i;
    if (times[label] <= times[c->label[least]]) return;
    memmove(c->label + least, c->label + least + 1, (c->count - least - 1) * sizeof *c->label);
    c->label[c->count - 1] = label;
}

static bool choose(struct projection *p, struct chosen *c) {
    uint32_t *times = vv_alloc(p->used.ctx, VV_LABELS_MAX, sizeof *times);
    *c = (struct chosen){.all = true};
    if (!times) return false;
    for (uint32_t i = 0; i < p->used.count; i++) times[p->label[i]]++;
    for (uint32_t label = 0; label < VV_LABELS_MAX; label++) {
        if (!times[label]) continue;
        p->result.classes++;
        insert(c, times, label);
    }
    for (uint32_t i = 0; i < p->used.count; i++) {
        p->kind[i] = VV_SCATTER_KINDS;
        for (uint32_t k = 0; k < c->count; k++)
            if (c->label[k] == p->label[i]) p->kind[i] = k;
    }
    free(times);
    return true;
}

// ---- What is written ----

static bool write_map(const struct projection *p, const struct chosen *c) {
    char names[VV_SCATTER_KINDS][64], title[300], axes[2][64];
    const char *labels[VV_SCATTER_KINDS + 1];
    if (!p->options->out) return true;
    for (uint32_t k = 0; k < c->count; k++) {
        vv_used_class(&p->used, c->label[k], names[k]);
        labels[k] = names[k];
    }
    labels[c->count] = "others";
    (void)snprintf(title, sizeof title, "%.200s: %u pictures", p->used.set.name, p->used.count);
    for (int i = 0; i < 2; i++)
        (void)snprintf(axes[i], sizeof axes[i],
                       p->result.principal ? "component %d (%.1f %%)" : "mu %d (%.1f %%)",
                       p->result.principal ? i + 1 : i, 100 * p->result.explained[i]);
    const struct vv_scatter scatter = {.title = title,
                                       .x_label = axes[0],
                                       .y_label = axes[1],
                                       .x = p->x,
                                       .y = p->y,
                                       .count = p->used.count,
                                       .kind = p->kind,
                                       .labels = labels,
                                       .label_count = c->count + (c->count && !c->all)};
    return vv_scatter_write(p->used.ctx, p->options->out, &scatter);
}

static bool write_csv(const struct projection *p) {
    struct vv_csv csv = {.used = 0};
    if (!p->options->csv) return true;
    bool ok = vv_csv_open(p->used.ctx, p->options->csv, &csv);
    if (ok) vv_csv_add(&csv, "index%s,x,y\n", p->label ? ",label" : "");
    for (uint32_t i = 0; ok && i < p->used.count; i++) {
        vv_csv_add(&csv, "%u", i);
        if (p->label) vv_csv_add(&csv, ",%u", p->label[i]);
        vv_csv_add(&csv, ",%.9g,%.9g\n", p->x[i], p->y[i]);
    }
    ok = ok && vv_csv_commit(&csv);
    vv_csv_abort(&csv);
    return ok;
}

static bool hand_out(struct projection *p) {
    if (!p->options->xy) return true;
    double *xy = vv_alloc(p->used.ctx, p->used.count, 2 * sizeof *xy);
    for (uint32_t i = 0; xy && i < p->used.count; i++) {
        xy[2 * (size_t)i] = p->x[i];
        xy[2 * (size_t)i + 1] = p->y[i];
    }
    *p->options->xy = xy;
    return xy != NULL;
}

static bool project(struct projection *p) {
    struct chosen chosen = {.count = 0};
    return make_room(p) && encode(p) && place(p) && (!p->label || choose(p, &chosen)) &&
           write_map(p, &chosen) && write_csv(p) && hand_out(p);
}

vkvae_status vkvae_project(vkvae *v, const vkvae_project_options *options,
                           vkvae_project_result *result) {
    struct projection p = {.options = options};
    struct vv_context *ctx = &v->ctx;
    const double begin = vv_now();
    vv_clear(ctx);
    if (options->xy) *options->xy = NULL;
    if (result) *result = (vkvae_project_result){0};
    const bool ok = vv_used_begin(&p.used, ctx, &options->use) && check_options(&p) &&
                    vv_used_load(&p.used) && vv_used_open(&p.used) && project(&p);
    if (ok && result) {
        *result = p.result;
        result->count = p.used.count;
        result->latent = p.used.run.model.size.latent;
        result->seconds = vv_now() - begin;
    }
    free(p.mu);
    free(p.x);
    free(p.y);
    free(p.label);
    free(p.kind);
    vv_used_finish(&p.used);
    return vv_result(ctx, ok);
}
