#include "tuning.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choices.h"
#include "clock.h"
#include "file.h"
#include "handle.h"
#include "run.h"
#include "size.h"
#include "trainer.h"

// Of all measuring but compilation, if no product takes longer than its part: by the multiplications,
// within these.
static const double seconds_each = 4e-9, least_seconds = 0.3, enough_seconds = 2;
// With all that is compiled, and on devices that are slow for such a model: what is left then is left to
// the fixed table.
static const double most_seconds = 60;

// ---- the run's products ----

// As the run itself will build its tapes.
static bool collect_from(struct vv_exec *collector, const struct vv_tuning_request *r) {
    struct vv_trainer trainer = {0};
    struct vv_sampler sampler = {0};
    struct vv_reconstructor reconstructor = {0};
    const struct vv_settings *s = r->settings;
    const struct vv_prior prior = {.seed = s->seed, .temperature = 1};
    const uint32_t shown =
        s->test_count < VV_SHOWN_RECONSTRUCTIONS ? s->test_count : VV_SHOWN_RECONSTRUCTIONS;
    bool ok = vv_trainer_init(&trainer, collector, s, r->set, NULL);
    const struct vv_weights weights = {trainer.params, trainer.running};
    if (ok && (s->channels == 1 || s->channels == 3))
        ok = vv_sampler_init(&sampler, collector, &trainer.model, &weights, VV_SHOWN_SAMPLES, &prior) &&
             vv_reconstructor_init(&reconstructor, collector, &trainer.model, &weights,
                                   trainer.test_data, shown, vv_is_autoencoder(s) ? NULL : &s->seed);
    vv_sampler_finish(&sampler);
    vv_reconstructor_finish(&reconstructor);
    vv_trainer_finish(&trainer);
    return ok;
}

static bool collect(struct vv_run_tuning *t, const struct vv_exec *exec,
                    const struct vv_tuning_request *r) {
    struct vv_store store;
    vv_store_init(&store, exec->ctx);
    struct vv_exec *collector = vv_collector_create(&store, &exec->limits, &t->jobs);
    const bool ok = collector && collect_from(collector, r);
    vv_exec_destroy(collector);
    vv_store_finish(&store);
    return ok;
}

// ---- what is measured ----

static void tell(const struct vv_tuning_request *r, const struct vv_measured *m, bool measured) {
    static const char *const forms[] = {"nn", "nt", "tn"};
    char text[VV_MAX_VARIANTS][VV_VARIANT_TEXT];
    vkvae_candidate candidates[VV_MAX_VARIANTS];
    if (!r->on_product) return;
    for (uint32_t i = 0; i < m->count; i++) {
        const struct vv_candidate *c = &m->candidates[i];
        candidates[i] = (vkvae_candidate){.kernel = vv_variant_print(&c->variant, text[i]),
                                          .wrong = c->wrong,
                                          .seconds = c->seconds,
                                          .error = c->error};
    }
    const vkvae_product product = {.form = forms[m->product.form],
                                   .m = m->product.m,
                                   .n = m->product.n,
                                   .k = m->product.k,
                                   .measured = measured,
                                   .candidate_count = m->count,
                                   .chosen = m->chosen,
                                   .candidates = candidates};
    r->on_product(r->user, &product);
}

static double work_of(const struct vv_job *job) {
    return (double)job->product.m * job->product.n * job->product.k;
}

// Half of the time in equal parts, half of it by work: the larger a product, the more depends on it.
static bool measure_each(struct vv_run_tuning *t, struct vv_meter *meter, uint32_t missing,
                         const struct vv_tuning_request *r) {
    double work = 0;
    const double end = vv_now() + most_seconds;
    for (uint32_t i = 0; i < t->jobs.count; i++)
        if (!vv_measurements_find(&t->known, &t->jobs.list[i].product))
            work += work_of(&t->jobs.list[i]);
    for (uint32_t i = 0; i < t->jobs.count; i++) {
        const struct vv_job *job = &t->jobs.list[i];
        const struct vv_measured *known = vv_measurements_find(&t->known, &job->product);
        const double wanted = work * seconds_each;
        const double all = wanted < least_seconds    ? least_seconds
                           : wanted > enough_seconds ? enough_seconds
                                                     : wanted;
        const double part = 0.5 / missing + 0.5 * work_of(job) / work;
        const double each = part * all < 0.25 ? part * all : 0.25;
        struct vv_measured fresh;
        if (!known && vv_now() > end) continue;
        if (!known && !vv_meter_run(meter, job, each, &fresh)) return false;
        if (!known && !vv_measurements_put(&t->known, &fresh)) return false;
        t->measured += !known;
        tell(r, known ? known : &fresh, !known);
    }
    return true;
}

// With memory of its own, which is given back before the run takes its.
static bool measure(struct vv_run_tuning *t, const struct vv_exec *exec, uint32_t missing,
                    const struct vv_tuning_request *r) {
    struct vv_meter meter = {0};
    struct vv_store store;
    vv_store_init(&store, exec->ctx);
    struct vv_exec *own = vv_open_again(&store, &r->options->device);
    const bool ok = own && vv_meter_init(&meter, own, &t->jobs) && measure_each(t, &meter, missing, r);
    vv_meter_finish(&meter);
    vv_exec_destroy(own);
    vv_store_finish(&store);
    return ok;
}

static bool can_compute(const struct vv_product *product, const struct vv_variant *variant,
                        const struct vv_limits *limits) {
    struct vv_variant list[VV_MAX_VARIANTS];
    const uint32_t count = vv_matmul_variants(product, limits, list);
    for (uint32_t i = 0; i < count; i++)
        if (vv_variant_equal(&list[i], variant)) return true;
    return false;
}

// Of the run's products: all, or those for which the cache has a kernel that this program does not list
// any more, with which the run could not be continued. What other runs know stays.
static void forget(struct vv_run_tuning *t, const struct vv_limits *limits, bool all) {
    struct vv_measurements *known = &t->known;
    for (uint32_t i = 0; i < t->jobs.count; i++) {
        struct vv_measured *m = vv_measurements_find(known, &t->jobs.list[i].product);
        if (m && (all || !can_compute(&m->product, &m->candidates[m->chosen].variant, limits)))
            *m = known->list[--known->count];
    }
}

static uint32_t count_missing(const struct vv_run_tuning *t) {
    uint32_t missing = 0;
    for (uint32_t i = 0; i < t->jobs.count; i++)
        missing += !vv_measurements_find(&t->known, &t->jobs.list[i].product);
    return missing;
}

static bool choose(struct vv_run_tuning *t, struct vv_exec *exec) {
    t->tuning.entries = vv_alloc(exec->ctx, t->jobs.count, sizeof *t->tuning.entries);
    if (!t->tuning.entries) return false;
    for (uint32_t i = 0; i < t->jobs.count; i++) {
        const struct vv_measured *m = vv_measurements_find(&t->known, &t->jobs.list[i].product);
        if (m)
            t->tuning.entries[t->tuning.count++] =
                (struct vv_tuned){m->product, m->candidates[m->chosen].variant};
    }
    exec->limits.tuning = &t->tuning;
    return true;
}

void vv_tuning_key_of(const struct vv_exec *exec, struct vv_tuning_key *key) {
    struct vv_identity identity;
    vv_vulkan_identify(exec, &identity);
    *key = (struct vv_tuning_key){.shaders = identity.shaders, .limits = exec->limits};
    memcpy(key->device, identity.device, sizeof key->device);
    memcpy(key->driver, identity.driver, sizeof key->driver);
}

void vv_tuning_key_print(const struct vv_tuning_key *key, char *text, size_t size) {
    (void)snprintf(text, size, "%s %s %016" PRIx64, key->device, key->driver, key->shaders);
}

// A file that cannot be written costs the next start its time, and no more.
static void keep(struct vv_run_tuning *t, struct vv_context *ctx) {
    struct vv_context quiet;
    vv_context_init(&quiet);
    if (!t->path) return;
    if (vv_kept_write(&quiet, t->path, &t->key, &t->known)) return;
    vv_say(ctx, VV_LOG_INFO, "autotune: %s; VKVAE_CACHE names another folder", quiet.error);
    free(t->path);
    t->path = NULL;
}

// Nor does a width of vectors that cannot be forgotten: it is not taken.
static void check_vectors(struct vv_context *ctx, const vkvae_train_options *options, const char *key) {
    struct vv_context quiet;
    vv_context_init(&quiet);
    quiet.log = ctx->log;
    quiet.log_user = ctx->log_user;
    if (!vv_vectors_check(&quiet, options, key)) vv_say(ctx, VV_LOG_WARNING, "%s", quiet.error);
}

static bool measure_and_keep(struct vv_run_tuning *t, const struct vv_exec *exec, uint32_t missing,
                             const struct vv_tuning_request *r) {
    const double start = vv_now();
    vv_say(exec->ctx, VV_LOG_INFO, "autotune: measuring %u of %u products on %s", missing, t->jobs.count,
           exec->description);
    if (!measure(t, exec, missing, r)) return false;
    t->seconds = vv_now() - start;
    keep(t, exec->ctx);
    if (count_missing(t))
        vv_say(exec->ctx, VV_LOG_INFO,
               "autotune: %u products are left to the fixed table, since %.0f s are over; once more "
               "measures them too",
               count_missing(t), most_seconds);
    vv_say(exec->ctx, VV_LOG_INFO, "autotune: measured in %.1f s%s%s", t->seconds,
           t->path ? ", kept in " : "", t->path ? t->path : "");
    return true;
}

bool vv_tuning_make(struct vv_run_tuning *t, struct vv_exec *exec,
                    const struct vv_tuning_request *request) {
    char room[4096], key[sizeof(vkvae_autotune_result)];
    const char *folder = vv_cache_folder(room, sizeof room);
    *t = (struct vv_run_tuning){.known.ctx = exec->ctx};
    vv_tuning_key_of(exec, &t->key);
    vv_tuning_key_print(&t->key, key, sizeof key);
    check_vectors(exec->ctx, request->options, key);
    if (!collect(t, exec, request)) return false;
    t->path = folder ? vv_kept_path(folder, &t->key) : NULL;
    if (t->path && vv_kept_read(t->path, &t->key, &t->known)) forget(t, &exec->limits, request->force);
    const uint32_t missing = count_missing(t);
    if (missing) {
        if (!measure_and_keep(t, exec, missing, request)) return false;
    } else {
        for (uint32_t i = 0; i < t->jobs.count; i++)
            tell(request, vv_measurements_find(&t->known, &t->jobs.list[i].product), false);
        vv_say(exec->ctx, VV_LOG_INFO, "autotune: all %u products are known from %s", t->jobs.count,
               t->path);
    }
    return choose(t, exec);
}

// ---- what was saved ----

// Of "FAMILY/LANES"; 0: it does not say.
static uint32_t lanes_of(const char *kernels) {
    const char *slash = strchr(kernels, '/');
    return slash ? (uint32_t)strtoul(slash + 1, NULL, 10) : 0;
}

bool vv_tuning_reuse(struct vv_run_tuning *t, struct vv_exec *exec, const char *run, const char *kernels,
                     const char *tuning) {
    const struct vv_limits *limits = &exec->limits;
    const uint32_t lanes = lanes_of(kernels);
    char product[VV_PRODUCT_TEXT], variant[VV_VARIANT_TEXT];
    size_t at;
    if (!vv_choices_parse(exec->ctx, tuning, &t->tuning, &at))
        return vv_fail(exec->ctx, VV_BAD_DATA,
                       "%s: the setting 'tuning' is no list of products and kernels from '%.40s' on; "
                       "restore it from a copy, or start again",
                       run, tuning + at);
    for (uint32_t i = 0; i < t->tuning.count; i++) {
        const struct vv_tuned *entry = &t->tuning.entries[i];
        if (lanes == limits->subgroup_size && can_compute(&entry->product, &entry->variant, limits))
            continue;
        return vv_fail(exec->ctx, VV_FAILED,
                       "%s: its kernels were chosen by --autotune, for subgroups of %u, and '%s' for "
                       "the product %s is not to be had on %s, with subgroups of %u: take the device of "
                       "that run, or --kernels auto, which may change the last bits of the results",
                       run, lanes, vv_variant_print(&entry->variant, variant),
                       vv_product_print(&entry->product, product), exec->description,
                       limits->subgroup_size);
    }
    exec->limits.tuning = &t->tuning;
    return true;
}

void vv_tuning_save(const struct vv_run_tuning *t, struct vv_settings *settings) {
    const bool fits = vv_choices_print(&t->tuning, settings->tuning, sizeof settings->tuning);
    assert(fits);  // see settings.h
    (void)fits;
}

void vv_tuning_finish(struct vv_run_tuning *t) {
    vv_choices_finish(&t->tuning);
    vv_jobs_finish(&t->jobs);
    vv_measurements_finish(&t->known);
    free(t->path);
    *t = (struct vv_run_tuning){0};
}
