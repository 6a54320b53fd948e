// For divergence.sh: a number that no sound step has is planted between two random steps of a training,
// or between two epochs. The latch must keep all that was learnt as it was, name the step, and, with
// --on-nan rollback, leave the bytes of a run whose epoch was begun with half the learning rate; at the
// epoch's first step there is nothing to go back to, and it stops.
//   torture_diverge TRIALS SEED
#include "driver.h"
#include "parts.h"
#include "step.h"

#include <math.h>

enum { EPOCHS = 3 };

struct plant {
    const char *name;
    bool output;      // in the biases of the decoder's last layer, else in the encoder's first weights
    uint32_t places;  // how many numbers
    float value;
};

static const struct plant plants[] = {
    {"NaN in a weight", false, 1, NAN},
    {"-NaN in a weight", false, 1, -NAN},
    {"Inf in a weight", false, 1, INFINITY},
    {"-Inf in a weight", true, 1, -INFINITY},
    {"a gradient that is too large", false, 1, 1e30f},
    {"a loss that is Inf", true, 63, 3e38f},
    {"a sum of losses that is Inf", true, 1, 3e38f},
};
enum { PLANTS = sizeof plants / sizeof *plants };

struct run {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_trainer trainer;
    const struct plant *plant;            // NULL: none, any more
    uint32_t at, places;                  // elements of the flat parameters
    unsigned char *kept[VV_KEPT_STATES];  // once it is planted
    uint32_t epoch, step;
};

static uint32_t seed;

static uint32_t draw(uint32_t below) {
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)seed * below >> 32);
}

static void open_run(struct run *r, bool device, const struct vv_settings *settings) {
    memset(r, 0, sizeof *r);
    vv_context_init(&r->ctx);
    vv_store_init(&r->store, &r->ctx);
    r->exec = device ? vv_vulkan_create(&r->store, NULL) : vv_reference_create(&r->store, NULL);
    if (!r->exec) fail_msg("%s", r->ctx.error);
    open_trainer(&r->trainer, r->exec, *settings);
}

static void close_run(struct run *r) {
    for (uint32_t i = 0; i < VV_KEPT_STATES; i++) free(r->kept[i]);
    vv_trainer_finish(&r->trainer);
    vv_exec_destroy(r->exec);
    vv_store_finish(&r->store);
}

static unsigned char *read_state(struct run *r, uint32_t which) {
    const struct vv_state *s = vv_trainer_kept(&r->trainer, which);
    unsigned char *bytes = s ? malloc(s->bytes) : NULL;
    if (s) assert_true(bytes && vv_exec_read(r->exec, s, 0, bytes, s->bytes));
    return bytes;
}

// As the trainer's hook for saves: at the step that was drawn.
static bool plant_it(void *user) {
    struct run *r = user;
    const struct plant *p = r->plant;
    if (!p) return true;
    r->plant = NULL;
    for (uint32_t i = 0; i < r->places; i++)
        assert_true(vv_exec_write(r->exec, r->trainer.params, sizeof(float) * (r->at + i), &p->value,
                                  sizeof(float)));
    for (uint32_t i = 0; i < VV_KEPT_STATES; i++) r->kept[i] = read_state(r, i);
    r->epoch = r->trainer.position.epoch;
    r->step = r->trainer.position.step;
    return true;
}

static bool say_differ(const char *what, const struct run *r, const char *name) {
    printf("%s: %s: planted behind step %u of epoch %u: %s\n", r->trainer.settings.model, name,
           (unsigned)r->step, (unsigned)r->epoch + 1, what);
    return false;
}

// All is as it was when the number was planted.
static bool is_kept(struct run *r, const char *name) {
    char told[64];
    bool same = true;
    for (uint32_t i = 0; i < VV_KEPT_STATES; i++) {
        const struct vv_state *s = vv_trainer_kept(&r->trainer, i);
        unsigned char *now = read_state(r, i);
        if (s && memcmp(now, r->kept[i], s->bytes) != 0) same = say_differ(s->name, r, name);
        free(now);
    }
    (void)snprintf(told, sizeof told, "at step %u of epoch %u;", (unsigned)r->step + 1,
                   (unsigned)r->epoch + 1);
    if (!strstr(r->ctx.error, told))
        return say_differ(r->ctx.error[0] ? r->ctx.error : "nothing is said", r, name);
    const struct vv_position *at = &r->trainer.position;
    if (at->epoch != r->epoch || at->step != r->step || at->rollbacks || !isfinite(at->partial.recon) ||
        !isfinite(at->partial.kl))
        return say_differ("the position is another one", r, name);
    return same;
}

// All is as where that epoch was begun once more, undisturbed and slower.
static bool is_rolled_back(struct run *r, bool device, const char *name) {
    struct run other;
    struct vv_losses losses;
    const struct vv_hooks none = {0};
    bool same = true;
    open_run(&other, device, &r->trainer.settings);
    for (uint32_t i = 0; i < EPOCHS; i++) {
        if (i == r->epoch) other.trainer.position.rollbacks = 1;
        assert_int_equal(vv_trainer_epoch(&other.trainer, &none, &losses), VV_EPOCH_DONE);
    }
    for (uint32_t i = 0; i < VV_KEPT_STATES; i++) {
        const struct vv_state *s = vv_trainer_kept(&r->trainer, i);
        unsigned char *mine = read_state(r, i), *its = read_state(&other, i);
        if (s && memcmp(mine, its, s->bytes) != 0) same = say_differ("not as if begun again", r, name);
        free(mine);
        free(its);
    }
    close_run(&other);
    return same;
}

static struct vv_settings draw_settings(void) {
    static const char *const optimisers[] = {"adam", "adamw", "sgd", "adagrad"};
    struct vv_settings s = small_settings();
    s.epochs = EPOCHS;
    s.lr = 1e-4;
    (void)snprintf(s.optimiser, sizeof s.optimiser, "%s", optimisers[draw(4)]);
    (void)snprintf(s.on_nan, sizeof s.on_nan, "%s", draw(2) ? "rollback" : "stop");
    if (draw(2)) s.ema = 0.9;
    if (draw(2)) s.clip = 100;
    if (draw(2)) return s;
    (void)snprintf(s.model, sizeof s.model, "conv");
    (void)snprintf(s.norm, sizeof s.norm, "batch");
    (void)snprintf(s.upsample, sizeof s.upsample, "transpose");
    memset(s.hidden, 0, sizeof s.hidden);
    s.activation[0] = 0;
    s.stages[0] = 6;
    return s;
}

// The biases of the decoder's last layer, of a pixel or of a channel each, are the last block; the first
// is of weights.
static void draw_place(struct run *r, const struct plant *p) {
    const struct vv_model *m = &r->trainer.model;
    const struct vv_block *b = &m->block[p->output ? m->block_count - 1 : 0];
    const uint32_t count = (uint32_t)vv_shape_count(b->shape);
    r->places = p->places < count ? p->places : count;
    r->at = (uint32_t)b->offset + draw(count - r->places + 1);
}

static bool try_one(uint32_t trial) {
    const struct plant *plant = &plants[trial % PLANTS];
    const struct vv_settings settings = draw_settings();
    const bool between = trial % 3 == 2;  // of epochs
    const bool device = draw(2), back = !between && strcmp(settings.on_nan, "rollback") == 0;
    struct run r;
    struct vv_losses losses;
    enum vv_outcome outcome = VV_EPOCH_DONE;
    open_run(&r, device, &settings);
    const uint32_t epoch = between ? 1 + draw(EPOCHS - 1) : draw(EPOCHS),
                   step = epoch * r.trainer.steps + 1 + draw(r.trainer.steps - 1);
    const struct vv_hooks hooks = {.user = &r, .save = plant_it, .save_steps = between ? 0 : step};
    r.plant = plant;
    draw_place(&r, plant);
    for (uint32_t i = 0; i < EPOCHS && outcome == VV_EPOCH_DONE; i++) {
        if (between && i == epoch) assert_true(plant_it(&r));
        outcome = vv_trainer_epoch(&r.trainer, &hooks, &losses);
    }
    assert_null(r.plant);
    bool ok = outcome == (back ? VV_EPOCH_DONE : VV_EPOCH_FAILED) && r.trainer.diverged == !back;
    if (!ok) ok = say_differ(r.ctx.error[0] ? r.ctx.error : "it is not seen", &r, plant->name);
    ok = ok && (back ? is_rolled_back(&r, device, plant->name) : is_kept(&r, plant->name));
    close_run(&r);
    return ok;
}

int main(int argc, char **argv) {
    const uint32_t trials = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 7;
    uint32_t wrong = 0;
    seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1;
    need_device();
    for (uint32_t i = 0; i < trials; i++) wrong += !try_one(i);
    printf("%u of %u trials\n", (unsigned)(trials - wrong), (unsigned)trials);
    return wrong ? 1 : 0;
}
