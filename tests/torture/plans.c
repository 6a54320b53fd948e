// For bytes.sh: the same training under different memory plans and sizes of submissions. A line for
// each: a sum of all that was learnt and told, and how it came about. Fails where the sums differ, and
// where the ways do not.
//   torture_plans [full]
#include "driver.h"
#include "step.h"

#include <zlib.h>

enum { EPOCHS = 2 };

// How a run is computed.
struct way {
    const char *name;
    bool device;
    struct vv_reference_options reference;
    bool no_reuse;
    double submission_seconds, piece_work;  // 0: the usual
};

static const struct way ways[] = {
    {.name = "usual", .device = true},
    {.name = "memory not reused", .device = true, .no_reuse = true},
    {.name = "a submission a piece, pieces of a node",
     .device = true,
     .submission_seconds = 1e-9,
     .piece_work = 1},
    {.name = "submissions of an epoch, not reused",
     .device = true,
     .no_reuse = true,
     .submission_seconds = 1e9,
     .piece_work = 1e30},
    {.name = "reference"},
    {.name = "reference, not reused", .reference = {.no_reuse = true}},
    {.name = "reference, shuffled between barriers",
     .reference = {.shuffle = 1},
     .submission_seconds = 1e-9},
    {.name = "reference, shuffled otherwise and poisoned", .reference = {.shuffle = 77, .poison = true}},
};

static uint32_t sum_state(struct vv_exec *exec, const struct vv_state *s, uint32_t sum) {
    unsigned char *values = s ? malloc(s->bytes) : NULL;
    if (!s) return sum;
    assert_non_null(values);
    assert_true(vv_exec_read(exec, s, 0, values, s->bytes));
    sum = (uint32_t)crc32_z(sum, values, s->bytes);
    free(values);
    return sum;
}

static uint32_t sum_losses(const struct vv_losses *l, uint32_t sum) {
    return (uint32_t)crc32_z(sum, (const unsigned char *)l, sizeof *l);
}

struct result {
    uint32_t sum;
    uint64_t submissions, arena_bytes;
};

static struct result train(const struct way *way, struct vv_settings settings) {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_trainer trainer;
    const struct vv_hooks none = {0};
    uint32_t sum = 0;
    vv_context_init(&ctx);
    vv_store_init(&store, &ctx);
    struct vv_exec *exec =
        way->device ? vv_vulkan_create(&store, NULL) : vv_reference_create(&store, &way->reference);
    if (!exec) fail_msg("%s", ctx.error);
    exec->no_reuse = way->no_reuse;
    if (way->piece_work > 0) exec->piece_work = way->piece_work;
    open_trainer(&trainer, exec, settings);
    if (way->submission_seconds > 0) trainer.submission_seconds = way->submission_seconds;
    for (uint32_t i = 0; i < EPOCHS; i++) {
        struct vv_losses trained, tested;
        if (vv_trainer_epoch(&trainer, &none, &trained) != VV_EPOCH_DONE ||
            !vv_trainer_test(&trainer, &tested))
            fail_msg("%s: %s", way->name, ctx.error);
        sum = sum_losses(&tested, sum_losses(&trained, sum));
    }
    for (uint32_t i = 0; i < VV_KEPT_STATES; i++)
        sum = sum_state(exec, vv_trainer_kept(&trainer, i), sum);
    const struct vv_plan *plan = vv_trainer_plan(&trainer);
    printf("%s, %s: %08x, %u submissions, %u barriers, arena %u KiB\n", settings.model, way->name,
           (unsigned)sum, (unsigned)exec->submitted, (unsigned)plan->barriers,
           (unsigned)(plan->arena_bytes >> 10));
    const struct result result = {sum, exec->submitted, plan->arena_bytes};
    vv_trainer_finish(&trainer);
    vv_exec_destroy(exec);
    vv_store_finish(&store);
    return result;
}

// Whether it was computed as the way says, beside the usual one. How long submissions are there is
// measured: where steps are few and short, all that may be together is.
static bool is_that_way(const struct way *way, const struct result *r, const struct result *usual) {
    const bool no_reuse = way->no_reuse || way->reference.no_reuse;
    const bool shorter = way->submission_seconds > 0 && way->submission_seconds < 1;
    const bool longer = way->submission_seconds > 1;
    const bool as_planned =
        no_reuse ? r->arena_bytes > usual->arena_bytes : r->arena_bytes == usual->arena_bytes;
    const bool as_sent = (!shorter || r->submissions > usual->submissions) &&
                         (!longer || r->submissions <= usual->submissions);
    if (!as_planned || !as_sent) printf("%s: it is not computed that way\n", way->name);
    return as_planned && as_sent;
}

// With what keeps most states: averages, groups of batches, running statistics, dropout.
static struct vv_settings settings_of(const char *model, bool full) {
    struct vv_settings s = small_settings();
    (void)snprintf(s.model, sizeof s.model, "%s", model);
    if (strcmp(model, "mlp") == 0) {
        s.ema = 0.9;
        s.clip = 50;
        s.accumulate = 2;
    } else {
        memset(s.hidden, 0, sizeof s.hidden);
        s.activation[0] = 0;
        s.stages[0] = 6;
        s.dropout = 0.1;
        (void)snprintf(s.norm, sizeof s.norm, "%s", strcmp(model, "conv") == 0 ? "batch" : "group");
        (void)snprintf(s.upsample, sizeof s.upsample, "transpose");
        s.blocks = strcmp(model, "resnet") == 0;
    }
    if (full) s.train_count = 1000;
    return s;
}

int main(int argc, char **argv) {
    static const char *const models[] = {"mlp", "conv", "resnet"};
    const bool full = argc > 1 && strcmp(argv[1], "full") == 0;
    uint32_t differ = 0, alike = 0;
    need_device();
    for (uint32_t m = 0; m < (full ? 3 : 2); m++) {
        struct result usual[2] = {0};
        bool known[2] = {false};
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            const bool device = ways[i].device;
            const struct result r = train(&ways[i], settings_of(models[m], full));
            if (!known[device]) usual[device] = r;
            known[device] = true;
            differ += r.sum != usual[device].sum;
            alike += !is_that_way(&ways[i], &r, &usual[device]);
        }
    }
    if (differ) printf("%u differ\n", (unsigned)differ);
    return differ || alike ? 1 : 0;
}
