#include "measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choices.h"
#include "clock.h"
#include "size.h"
#include "view.h"

// Clearly faster than the fixed table's choice: below, the difference is as likely the machine's.
#define CLEARLY 0.97
// Largest error of a sum that is right, relative to the largest value of the result.
#define TOLERANCE 1e-4
// Multiplications that the reference does for one product, in a second or less: of a larger one it does
// the last rows.
#define MOST_CHECKED (UINT64_C(1) << 31)
// So many times the best one's time is slow.
#define SLOW 6
// So many times what timing may take, all of a product but the reference may.
#define TURNS 40

// ---- what is known ----

struct vv_measured *vv_measurements_find(const struct vv_measurements *m,
                                         const struct vv_product *product) {
    for (uint32_t i = 0; i < m->count; i++)
        if (vv_product_equal(&m->list[i].product, product)) return &m->list[i];
    return NULL;
}

static bool make_room(struct vv_measurements *m) {
    if (m->count < m->room) return true;
    const uint32_t room = m->room ? 2 * m->room : 32;
    struct vv_measured *list = vv_alloc(m->ctx, room, sizeof *list);
    if (!list) return false;
    if (m->list) memcpy(list, m->list, m->count * sizeof *list);
    free(m->list);
    m->list = list;
    m->room = room;
    return true;
}

bool vv_measurements_put(struct vv_measurements *m, const struct vv_measured *measured) {
    struct vv_measured *known = vv_measurements_find(m, &measured->product);
    if (!known && make_room(m)) known = &m->list[m->count++];
    if (known) *known = *measured;
    return known != NULL;
}

void vv_measurements_finish(struct vv_measurements *m) {
    free(m->list);
    *m = (struct vv_measurements){.ctx = m->ctx};
}

uint32_t vv_measured_choose(const struct vv_measured *m) {
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < m->count; i++) {
        const struct vv_candidate *c = &m->candidates[i];
        if (c->wrong) continue;
        if (best == UINT32_MAX || c->seconds < m->candidates[best].seconds) best = i;
    }
    const struct vv_candidate *fixed = &m->candidates[0];
    const bool close =
        best != UINT32_MAX && !fixed->wrong && m->candidates[best].seconds > CLEARLY * fixed->seconds;
    return close ? 0 : best;
}

// ---- operands ----

static uint64_t largest_operand(const struct vv_jobs *jobs, uint32_t i) {
    uint64_t largest = 0;
    for (uint32_t j = 0; j < jobs->count; j++) {
        const struct vv_job *job = &jobs->list[j];
        const uint64_t count = i < job->inputs ? vv_shape_count(job->in[i]) : 0;
        if (count > largest) largest = count;
    }
    return largest;
}

// In [-1, 1); the same for each meter.
static void fill(float *values, uint64_t count, uint32_t seed) {
    for (uint64_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;  // Numerical Recipes' generator
        values[i] = (float)(seed >> 8) * 0x1p-23f - 1;
    }
}

bool vv_meter_init(struct vv_meter *meter, struct vv_exec *exec, const struct vv_jobs *jobs) {
    static const char *const names[] = {"tune.a", "tune.b", "tune.c", "tune.d", "tune.e"};
    _Static_assert(sizeof names / sizeof *names >= VV_MAX_INPUTS, "one for each input");
    *meter = (struct vv_meter){.exec = exec};
    for (uint32_t i = 0; i < VV_MAX_INPUTS; i++) {
        const uint64_t count = largest_operand(jobs, i);
        if (count == 0) break;
        meter->operand[i] = vv_store_add(exec->store, names[i], VV_F32, vv_shape1((uint32_t)count));
        meter->host[i] = vv_alloc(exec->ctx, count, sizeof(float));
        if (!meter->operand[i] || !meter->host[i]) return false;
        fill(meter->host[i], count, i + 1);
    }
    if (!vv_exec_realize(exec)) return false;
    for (uint32_t i = 0; i < VV_MAX_INPUTS && meter->operand[i]; i++)
        if (!vv_exec_write(exec, meter->operand[i], 0, meter->host[i], meter->operand[i]->bytes))
            return false;
    return true;
}

void vv_meter_finish(struct vv_meter *meter) {
    for (uint32_t i = 0; i < VV_MAX_INPUTS; i++) free(meter->host[i]);
    *meter = (struct vv_meter){0};
}

// ---- one product ----

// The candidates of a job, each compiled to a program over one tape.
struct trial {
    struct vv_meter *meter;
    const struct vv_job *job;
    struct vv_measured *measured;
    struct vv_tape tape;
    vv_ref y;
    struct vv_program *program[VV_MAX_VARIANTS];  // NULL: wrong
    uint32_t times[VV_MAX_VARIANTS];              // of a submission; 0: it was not timed
    uint32_t rows;                                // the last ones of the result, which are compared
    float *expected;                              // of these
    float *result;                                // whole
    double seconds;                               // that timing may take
    double give_up;                               // when no more candidates are tried
};

static bool build(struct trial *t) {
    const struct vv_job *job = t->job;
    struct vv_exec *exec = t->meter->exec;
    vv_ref in[VV_MAX_INPUTS];
    vv_tape_init(&t->tape, exec->store, "tuning");
    for (uint32_t i = 0; i < job->inputs; i++)
        in[i] = vv_view(&t->tape, vv_use(&t->tape, t->meter->operand[i]), 0, job->in[i]);
    t->y = vv_append(&t->tape, job->op, in, &job->attr);
    t->y->keep = true;
    const uint64_t count = vv_tape_ok(&t->tape) ? vv_count(t->y) : 0;
    const struct vv_product *p = &job->product;
    const uint64_t most = MOST_CHECKED / ((uint64_t)p->n * p->k);
    const bool plain = job->op == &vv_op_matmul || job->op == &vv_op_linear;
    t->rows = plain && most < p->m ? (uint32_t)(most ? most : 1) : p->m;
    t->expected = count ? vv_alloc(exec->ctx, (uint64_t)t->rows * p->n, sizeof(float)) : NULL;
    t->result = t->expected ? vv_alloc(exec->ctx, count, sizeof(float)) : NULL;
    return t->result != NULL;
}

static void tear_down(struct trial *t) {
    for (uint32_t i = 0; i < VV_MAX_VARIANTS; i++) vv_program_destroy(t->meter->exec, t->program[i]);
    vv_tape_finish(&t->tape);
    free(t->expected);
    free(t->result);
}

// The device's error in `result`, relative to the largest value, or to 1 where that is less: of few
// values the largest may be next to nothing, what was added to it is not.
static double error_of(const struct trial *t) {
    const struct vv_product *p = &t->job->product;
    const uint64_t count = (uint64_t)t->rows * p->n;
    const float *result = t->result + (uint64_t)(p->m - t->rows) * p->n;
    double worst = 0, scale = 1;
    for (uint64_t i = 0; i < count; i++) {
        const double size = fabs((double)t->expected[i]),
                     off = fabs((double)result[i] - (double)t->expected[i]);
        if (!(off <= 1e30)) return INFINITY;  // a NaN too
        if (size > scale) scale = size;
        if (off > worst) worst = off;
    }
    return worst / scale;
}

// A without what the first rows of the result need: NN, NT [rows,k], TN [k,rows]. The caller frees it.
static float *last_rows(const struct trial *t, struct vv_shape *shape) {
    const struct vv_product *p = &t->job->product;
    const bool columns = t->job->in[0].dim[0] == p->k && t->job->in[0].dim[1] == p->m && p->form == 2;
    const uint64_t first = p->m - t->rows;
    float *a = vv_alloc(t->meter->exec->ctx, (uint64_t)t->rows * p->k, sizeof *a);
    *shape = columns ? vv_shape2(p->k, t->rows) : vv_shape2(t->rows, p->k);
    if (!a) return NULL;
    const float *from = t->meter->host[0];
    if (!columns) memcpy(a, from + first * p->k, (size_t)t->rows * p->k * sizeof *a);
    for (size_t i = 0; columns && i < p->k; i++)
        memcpy(a + i * t->rows, from + i * p->m + first, t->rows * sizeof *a);
    return a;
}

static bool compute_reference(struct trial *t) {
    struct vv_operands io = {.out = t->expected};
    struct vv_shape shape;
    for (uint32_t i = 0; i < t->job->inputs; i++) io.in[i] = t->meter->host[i];
    if (t->rows == t->job->product.m) {
        t->job->op->reference(t->y, &io);
        return true;
    }
    float *a = last_rows(t, &shape);
    if (!a) return false;
    struct vv_tape tape;
    vv_ref in[VV_MAX_INPUTS];
    vv_tape_init(&tape, t->meter->exec->store, "reference");
    for (uint32_t i = 0; i < t->job->inputs; i++)
        in[i] = vv_view(&tape, vv_use(&tape, t->meter->operand[i]), 0, i ? t->job->in[i] : shape);
    vv_ref y = vv_append(&tape, t->job->op, in, &t->job->attr);
    const bool ok = vv_tape_ok(&tape);
    io.in[0] = a;
    if (ok) t->job->op->reference(y, &io);
    vv_tape_finish(&tape);
    free(a);
    return ok;
}

// NULL: there is no room for more, which does no harm.
static struct vv_record *record_of(struct vv_meter *meter, const struct vv_variant *variant) {
    uint32_t i = 0;
    while (i < meter->record_count && !vv_variant_equal(&meter->records[i].variant, variant)) i++;
    if (i == sizeof meter->records / sizeof *meter->records) return NULL;
    if (i == meter->record_count) meter->records[meter->record_count++].variant = *variant;
    return &meter->records[i];
}

// Once of each variant.
static void say_wrong(const struct trial *t, const struct vv_candidate *c, const char *why) {
    const struct vv_exec *e = t->meter->exec;
    char product[VV_PRODUCT_TEXT], variant[VV_VARIANT_TEXT], error[64];
    struct vv_record *record = record_of(t->meter, &c->variant);
    if (record && record->told) return;
    if (record) record->told = true;
    (void)snprintf(error, sizeof error, "its error is %.2g of the largest value", c->error);
    vv_say(e->ctx, VV_LOG_WARNING,
           "kernel '%s' is wrong on %s for the product %s (%s), and is not used; please report this",
           vv_variant_print(&c->variant, variant), e->description,
           vv_product_print(&t->job->product, product), why ? why : error);
}

// Compiles a candidate and runs it once. What the driver refuses to compile is a wrong one; false is a
// device that fails.
static bool check(struct trial *t, uint32_t i) {
    struct vv_exec *exec = t->meter->exec;
    struct vv_candidate *c = &t->measured->candidates[i];
    struct vv_tuned entry = {t->job->product, c->variant};
    const struct vv_tuning only = {1, &entry};
    exec->limits.tuning = &only;
    t->program[i] = vv_exec_compile(exec, &t->tape);
    exec->limits.tuning = NULL;
    c->wrong = true;
    c->error = INFINITY;
    if (!t->program[i]) {
        say_wrong(t, c, exec->ctx->error);
        vv_clear(exec->ctx);
        return true;
    }
    const double start = vv_now();
    if (!vv_exec_submit(exec, t->program[i], 1) || !vv_exec_wait(exec) ||
        !vv_exec_read_node(exec, t->program[i], t->y, t->result))
        return false;
    c->seconds = vv_now() - start;
    c->error = error_of(t);
    c->wrong = !(c->error <= TOLERANCE);
    if (!c->wrong) return true;
    say_wrong(t, c, NULL);
    vv_program_destroy(exec, t->program[i]);
    t->program[i] = NULL;
    return true;
}

static bool check_all(struct trial *t) {
    struct vv_measured *m = t->measured;
    uint32_t right = 0;
    if (!compute_reference(t)) return false;
    t->give_up =
        vv_now() + TURNS * t->seconds;  // the reference takes longer than that of a large product
    for (uint32_t i = 0; i < m->count; i++) {
        if (!check(t, i)) return false;
        right += !m->candidates[i].wrong;
        if (right && vv_now() > t->give_up) m->count = i + 1;
    }
    char product[VV_PRODUCT_TEXT];
    return right || vv_fail(t->meter->exec->ctx, VV_FAILED,
                            "no kernel is right on %s for the product %s: update its driver, or take "
                            "another device with --device",
                            t->meter->exec->description, vv_product_print(&m->product, product));
}

static bool time_once(struct trial *t, uint32_t i, double *seconds) {
    struct vv_exec *exec = t->meter->exec;
    const double start = vv_now();
    if (!vv_exec_submit(exec, t->program[i], t->times[i]) || !vv_exec_wait(exec)) return false;
    *seconds = (vv_now() - start) / t->times[i];
    return true;
}

// So many in a submission that its own cost is lost in it.
static bool warm_up(struct trial *t, uint32_t i) {
    const double target = 1e-3;
    double seconds;
    t->times[i] = 1;
    if (!time_once(t, i, &seconds)) return false;
    const double times = target / (seconds > 1e-7 ? seconds : 1e-7);
    t->times[i] = times < 1 ? 1 : times > 64 ? 64 : (uint32_t)times;
    t->measured->candidates[i].seconds = seconds;
    return true;
}

// In turn, so that what else the machine does slows all of them; the best of each counts. One that is
// hopeless after a few turns is passed over.
static bool time_all(struct trial *t, double seconds) {
    enum { LEAST = 4, MOST = 64 };
    struct vv_measured *m = t->measured;
    double best = INFINITY;
    const double end = vv_now() + seconds;
    for (uint32_t i = 0; i < m->count; i++)
        if (t->program[i] && vv_now() < t->give_up && !warm_up(t, i)) return false;
    for (uint32_t turn = 0; turn < MOST && (turn < LEAST || vv_now() < end) && vv_now() < t->give_up;
         turn++)
        for (uint32_t i = 0; i < m->count; i++) {
            struct vv_candidate *c = &m->candidates[i];
            double now;
            if (!t->program[i] || !t->times[i] || c->seconds > (turn < 3 ? SLOW : 1.5) * best) continue;
            if (!time_once(t, i, &now)) return false;
            if (now < c->seconds) c->seconds = now;
            if (now < best) best = now;
        }
    return true;
}

// The fixed table's choice, and what has not been slow twice.
static void list_candidates(struct trial *t) {
    struct vv_meter *meter = t->meter;
    struct vv_measured *m = t->measured;
    struct vv_variant list[VV_MAX_VARIANTS];
    const uint32_t count = vv_matmul_variants(&t->job->product, &meter->exec->limits, list);
    for (uint32_t i = 0; i < count; i++) {
        const struct vv_record *record = record_of(meter, &list[i]);
        if (i == 0 || !record || record->slow < 2) m->candidates[m->count++].variant = list[i];
    }
}

static void note_slow(struct trial *t) {
    const struct vv_measured *m = t->measured;
    const double best = m->candidates[m->chosen].seconds;
    for (uint32_t i = 0; i < m->count; i++) {
        struct vv_record *record = record_of(t->meter, &m->candidates[i].variant);
        if (!record || !t->times[i]) continue;
        record->slow = m->candidates[i].seconds > SLOW * best ? record->slow + 1 : 0;
    }
}

bool vv_meter_run(struct vv_meter *meter, const struct vv_job *job, double seconds,
                  struct vv_measured *measured) {
    struct trial t = {.meter = meter, .job = job, .measured = measured, .seconds = seconds};
    *measured = (struct vv_measured){.product = job->product, .chosen = UINT32_MAX};
    list_candidates(&t);
    const bool ok = build(&t) && check_all(&t) && time_all(&t, seconds);
    tear_down(&t);
    for (uint32_t i = 0; i < measured->count; i++)
        if (measured->candidates[i].wrong) measured->candidates[i].seconds = 0;
    if (!ok) return false;
    measured->chosen = vv_measured_choose(measured);
    note_slow(&t);
    return true;
}
