// vkvae_score: how unlikely a model finds each picture.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "clock.h"
#include "coding.h"
#include "csv_write.h"
#include "curve.h"
#include "handle.h"
#include "heat.h"
#include "ranking.h"
#include "scorer.h"
#include "size.h"

// Scored at a time.
#define SCORE_ROWS 256

enum ranks { BY_RECON, BY_ELBO, BY_PROBABILITY, RANKS };
static const char *const rank_names[RANKS] = {"recon", "elbo", "probability"};

// One call. The arrays are [count].
struct scoring {
    struct vv_used used;
    const vkvae_score_options *options;
    enum ranks by;
    struct vv_scorer scorer;
    uint32_t rows, count;
    uint64_t done, all;  // pictures: those that the threshold is of, too
    float *x;            // [rows,pixels]
    double *recon, *kl, *probability, *score;
    uint32_t *labels;        // NULL: there are none
    unsigned char *anomaly;  // NULL: it is not known
    uint32_t worst_count, worst[VKVAE_MAX_WORST];
    float *pictures, *means;  // of the worst
    vkvae_score_result result;
};

void vkvae_score_defaults(vkvae_score_options *options) {
    *options =
        (vkvae_score_options){.draws = 10, .quantile = 0.99, .threshold_images = 10000, .worst = 8};
    vkvae_use_defaults(&options->use);
}

// ---- What is asked for ----

static bool find_by(struct scoring *s) {
    const char *by = s->options->by;
    struct vv_context *ctx = s->used.ctx;
    const bool autoencoder = s->used.run.is_autoencoder;
    s->by = autoencoder ? BY_RECON : BY_ELBO;
    if (!by) return true;
    for (int i = 0; i < RANKS; i++)
        if (strcmp(by, rank_names[i]) == 0) s->by = (enum ranks)i;
    if (strcmp(by, rank_names[s->by]) != 0)
        return vv_fail(ctx, VV_USAGE, "--by %.40s: expected recon, elbo or probability", by);
    return s->by == BY_RECON || !autoencoder ||
           vv_fail(ctx, VV_USAGE,
                   "--by %s is of draws of z, and %.200s is an autoencoder, which has none; take recon",
                   by, s->used.use->run);
}

static bool check_numbers(struct vv_context *ctx, const vkvae_score_options *o) {
    const struct {
        const char *option;
        uint32_t value, most;
    } numbers[] = {{"--draws", o->draws, 10000},
                   {"--worst", o->worst, VKVAE_MAX_WORST},
                   {"--threshold-images", o->threshold_images, UINT32_MAX}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!vv_check_whole(ctx, numbers[i].option, numbers[i].value, 1, numbers[i].most)) return false;
    if (!(o->quantile >= 0 && o->quantile <= 1))
        return vv_fail(ctx, VV_USAGE, "%s %.10g: expected a number from %.10g to %.10g", "--quantile",
                       o->quantile, 0.0, 1.0);
    return !o->has_threshold || isfinite(o->threshold) ||
           vv_fail(ctx, VV_USAGE, "--threshold %g: expected a finite number", o->threshold);
}

static bool check_files(const struct scoring *s) {
    const vkvae_score_options *o = s->options;
    return vv_used_check_out(&s->used, o->out) && vv_used_check_out(&s->used, o->heat) &&
           vv_used_check_out(&s->used, o->roc);
}

static bool check_options(struct scoring *s) {
    const vkvae_score_options *o = s->options;
    struct vv_context *ctx = s->used.ctx;
    const uint32_t channels = s->used.run.model.size.channels;
    if (!find_by(s) || !check_numbers(ctx, o) || !check_files(s)) return false;
    if (o->roc && !o->normal)
        return vv_fail(ctx, VV_USAGE,
                       "--roc %s: which pictures are anomalies is not known; name the classes that are "
                       "none with --normal-class",
                       o->roc);
    if (o->normal && !vv_classes_check(ctx, "--normal-class", o->normal)) return false;
    if (!o->heat) return true;
    return vv_used_need_pictures(&s->used, "--heat") &&
           (channels == 1 || channels == 3 ||
            vv_fail(ctx, VV_USAGE,
                    "--heat %s: pictures of %u channels cannot be drawn, only of 1 or 3; leave it out",
                    o->heat, channels));
}

static bool find_anomalies(struct scoring *s) {
    const struct vv_used *u = &s->used;
    const char *normal = s->options->normal;
    struct vv_classes classes;
    if (!normal) return true;
    if (!vv_classes_find(u->ctx, &u->set, "--normal-class", normal, &classes)) return false;
    s->anomaly = vv_alloc(u->ctx, u->count, 1);
    if (!s->anomaly) return false;
    for (uint32_t i = 0; i < u->count; i++) {
        s->anomaly[i] = !vv_classes_have(&classes, vv_used_label(u, i));
        s->result.anomalies += s->anomaly[i];
    }
    return (s->result.anomalies && s->result.anomalies < u->count) ||
           vv_fail(u->ctx, VV_USAGE,
                   "--normal-class %.60s: %u of %u pictures are of these classes, and to tell how well "
                   "scores part them there must be others too; name other classes or another --part",
                   normal, u->count - s->result.anomalies, u->count);
}

// ---- Scores ----

static bool make_room(struct scoring *s) {
    struct vv_used *u = &s->used;
    struct vv_context *ctx = u->ctx;
    const bool drawn = !u->run.is_autoencoder;
    s->count = u->count;
    s->rows = s->options->has_threshold && u->count < SCORE_ROWS ? u->count : SCORE_ROWS;
    s->x = vv_alloc(ctx, (uint64_t)s->rows * u->run.model.size.pixels, sizeof *s->x);
    s->recon = vv_alloc(ctx, s->count, sizeof *s->recon);
    s->score = vv_alloc(ctx, s->count, sizeof *s->score);
    if (drawn) s->kl = vv_alloc(ctx, s->count, sizeof *s->kl);
    if (drawn) s->probability = vv_alloc(ctx, s->count, sizeof *s->probability);
    if (vv_used_has_labels(u)) s->labels = vv_alloc(ctx, s->count, sizeof *s->labels);
    for (uint32_t i = 0; s->labels && i < s->count; i++) s->labels[i] = vv_used_label(u, i);
    return ctx->status == VV_OK;
}

static double ranking_score(enum ranks by, double recon, double kl, double probability) {
    return by == BY_RECON ? recon : by == BY_ELBO ? kl - probability : -probability;
}

// A model that diverged has no order among pictures.
static bool check_score(const struct scoring *s, double score) {
    return isfinite(score) ||
           vv_fail(s->used.ctx, VV_BAD_DATA,
                   "%.200s: gives a picture a score that is no finite number; train again with a "
                   "smaller --lr",
                   s->used.use->run);
}

static bool score_all(struct scoring *s) {
    struct vv_used *u = &s->used;
    for (uint32_t first = 0; first < u->count; first += s->rows) {
        const uint32_t left = u->count - first, n = left < s->rows ? left : s->rows;
        const struct vv_scored to = {.recon = s->recon + first,
                                     .kl = s->kl ? s->kl + first : NULL,
                                     .probability = s->probability ? s->probability + first : NULL};
        vv_used_pictures(u, first, n, s->x);
        if (!vv_scorer_run(&s->scorer, s->x, first, n, &to)) return false;
        vv_used_tell(u, s->done += n, s->all);
    }
    for (uint32_t i = 0; i < u->count; i++) {
        s->score[i] = ranking_score(s->by, s->recon[i], s->kl ? s->kl[i] : 0,
                                    s->probability ? s->probability[i] : 0);
        if (!check_score(s, s->score[i])) return false;
    }
    return true;
}

// The pictures with the highest scores, before those that the threshold is of take their place.
static bool look_at_worst(struct scoring *s) {
    struct vv_used *u = &s->used;
    const uint32_t pixels = u->run.model.size.pixels;
    if (!s->options->heat) return true;
    s->worst_count = s->options->worst < s->count ? s->options->worst : s->count;
    vv_highest(s->score, s->count, s->worst, s->worst_count);
    s->pictures = vv_alloc(u->ctx, (uint64_t)s->worst_count * pixels, sizeof *s->pictures);
    s->means = vv_alloc(u->ctx, (uint64_t)s->worst_count * pixels, sizeof *s->means);
    if (!s->pictures || !s->means) return false;
    for (uint32_t i = 0; i < s->worst_count; i++)
        vv_used_pictures(u, s->worst[i], 1, s->pictures + (uint64_t)i * pixels);
    return vv_scorer_run(&s->scorer, s->pictures, 0, s->worst_count,
                         &(struct vv_scored){.mean = s->means});
}

// ---- The threshold ----

// Scores of the pictures that the model was trained on: of each only what ranks is computed.
static bool score_training(struct scoring *s, double *score) {
    struct vv_used *u = &s->used;
    const bool recon = s->by == BY_RECON;
    double kl[SCORE_ROWS] = {0};
    for (uint32_t first = 0; first < u->count; first += s->rows) {
        const uint32_t left = u->count - first, n = left < s->rows ? left : s->rows;
        double *at = score + first;
        const struct vv_scored to = {.recon = recon ? at : NULL,
                                     .kl = s->by == BY_ELBO ? kl : NULL,
                                     .probability = recon ? NULL : at};
        vv_used_pictures(u, first, n, s->x);
        if (!vv_scorer_run(&s->scorer, s->x, first, n, &to)) return false;
        for (uint32_t i = 0; i < n; i++) {
            at[i] = ranking_score(s->by, at[i], kl[i], at[i]);
            if (!check_score(s, at[i])) return false;
        }
        s->all = s->count + u->count;
        vv_used_tell(u, s->done += n, s->all);
    }
    return true;
}

static bool find_threshold(struct scoring *s) {
    const vkvae_score_options *o = s->options;
    s->result.threshold = o->threshold;
    if (o->has_threshold) return true;
    if (!vv_used_turn(&s->used, o->threshold_images)) return false;
    double *score = vv_alloc(s->used.ctx, s->used.count, sizeof *score);
    const bool ok = score && score_training(s, score);
    if (ok) s->result.threshold = vv_quantile(score, s->used.count, o->quantile);
    s->result.threshold_images = s->used.count;
    free(score);
    return ok;
}

// ---- What is written ----

static bool write_csv(const struct scoring *s) {
    struct vv_csv csv = {.used = 0};
    if (!s->options->out) return true;
    bool ok = vv_csv_open(s->used.ctx, s->options->out, &csv);
    if (ok)
        vv_csv_add(&csv, "index%s,recon%s,score,anomalous\n", s->labels ? ",label" : "",
                   s->kl ? ",kl,elbo,probability" : "");
    for (uint32_t i = 0; ok && i < s->count; i++) {
        vv_csv_add(&csv, "%u", i);
        if (s->labels) vv_csv_add(&csv, ",%u", s->labels[i]);
        vv_csv_add(&csv, ",%.9g", s->recon[i]);
        if (s->kl)
            vv_csv_add(&csv, ",%.9g,%.9g,%.9g", s->kl[i], s->probability[i] - s->kl[i],
                       s->probability[i]);
        vv_csv_add(&csv, ",%.9g,%d\n", s->score[i], s->score[i] > s->result.threshold);
    }
    ok = ok && vv_csv_commit(&csv);
    vv_csv_abort(&csv);
    return ok;
}

static bool write_heat(const struct scoring *s) {
    const struct vv_model_size *size = &s->used.run.model.size;
    return !s->options->heat || vv_heat_write(s->used.ctx, s->options->heat, s->pictures, s->means,
                                              s->worst_count, size->height, size->width, size->channels);
}

static bool write_roc(const struct scoring *s, const struct vv_roc *roc) {
    const vkvae_score_result *r = &s->result;
    static const double ends[] = {0, 1};
    char area[64], point[96], title[96];
    if (!s->options->roc) return true;
    (void)snprintf(title, sizeof title, "Anomalies by %s, normal: %.40s", rank_names[s->by],
                   s->options->normal);
    (void)snprintf(area, sizeof area, "AUROC %.4f", roc->auroc);
    (void)snprintf(point, sizeof point, "threshold %.5g", r->threshold);
    const struct vv_series series[] = {
        {area, roc->fpr, roc->tpr, roc->count}, {point, &r->fpr, &r->tpr, 1}, {"chance", ends, ends, 2}};
    const struct vv_chart chart = {.title = title,
                                   .x_label = "false positive rate",
                                   .y_label = "true positive rate",
                                   .series = series,
                                   .series_count = 3,
                                   .width = 640,
                                   .height = 640};
    return vv_curve_write(s->used.ctx, s->options->roc, &chart);
}

// What needs to know which pictures are anomalies.
static bool judge(struct scoring *s, struct vv_roc *roc) {
    const struct vv_ranked ranked = {s->score, s->anomaly, s->count};
    vkvae_score_result *r = &s->result;
    for (uint32_t i = 0; i < s->count; i++) r->anomalous += s->score[i] > r->threshold;
    if (!s->anomaly) return true;
    const struct vv_verdict verdict = vv_verdict_at(&ranked, r->threshold);
    r->tpr = verdict.tpr;
    r->fpr = verdict.fpr;
    r->precision = verdict.precision;
    r->f1 = verdict.f1;
    if (!vv_roc_make(s->used.ctx, &ranked, roc)) return false;
    r->auroc = roc->auroc;
    r->average_precision = roc->average;
    return true;
}

// ---- One call ----

static bool score(struct scoring *s) {
    struct vv_used *u = &s->used;
    const vkvae_score_options *o = s->options;
    const uint32_t draws = u->run.is_autoencoder ? 0 : o->draws;
    struct vv_roc roc = {.count = 0};
    if (!make_room(s)) return false;
    s->all = s->count + (o->has_threshold ? 0 : (uint64_t)o->threshold_images);
    const bool ok = vv_scorer_init(&s->scorer, u->exec, &u->run.model, &u->weights, s->rows, draws,
                                   o->seed, o->heat != NULL) &&
                    score_all(s) && look_at_worst(s) && find_threshold(s) && judge(s, &roc) &&
                    write_csv(s) && write_heat(s) && write_roc(s, &roc);
    vv_roc_finish(&roc);
    vv_scorer_finish(&s->scorer);
    return ok;
}

static void tell_result(struct scoring *s, vkvae_score_result *result) {
    s->result.count = s->count;
    s->result.labels = s->labels != NULL;
    (void)snprintf(s->result.by, sizeof s->result.by, "%s", rank_names[s->by]);
    s->result.worst_count = s->worst_count;
    memcpy(s->result.worst, s->worst, sizeof s->worst);
    *result = s->result;
}

static void finish(struct scoring *s) {
    free(s->x);
    free(s->recon);
    free(s->kl);
    free(s->probability);
    free(s->score);
    free(s->labels);
    free(s->anomaly);
    free(s->pictures);
    free(s->means);
    vv_used_finish(&s->used);
}

vkvae_status vkvae_score(vkvae *v, const vkvae_score_options *options, vkvae_score_result *result) {
    struct scoring s = {.options = options};
    struct vv_context *ctx = &v->ctx;
    const double begin = vv_now();
    vv_clear(ctx);
    if (options->scores) *options->scores = NULL;
    if (result) *result = (vkvae_score_result){0};
    bool ok = vv_used_begin(&s.used, ctx, &options->use) && check_options(&s);
    s.used.every_class = true;
    ok = ok && vv_used_load(&s.used) && find_anomalies(&s) && vv_used_open(&s.used) && score(&s);
    s.result.seconds = vv_now() - begin;
    if (ok && result) tell_result(&s, result);
    if (ok && options->scores) {
        *options->scores = s.score;
        s.score = NULL;
    }
    finish(&s);
    return vv_result(ctx, ok);
}
