// The optimisers, clipping and schedules beside PyTorch's: numbers that torch_optimisers.py wrote to
// twins/optimisers.txt; and beside closed forms. On the reference and on the device.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

#include "driver.h"
#include "optimiser.h"
#include "schedule.h"
#include "training.h"

enum { N = 7, STEPS = 3 };

static const char *path = VKVAE_TWINS "/optimisers.txt";

// ---- The file: a name, perhaps a number, and the numbers of a line ----

// Line `which` (from 0) of those that begin with `name`.
static void read_line(const char *name, uint32_t which, double *numbers, uint32_t count) {
    char line[1024];
    FILE *file = fopen(path, "r");
    if (!file) fail_msg("%s cannot be opened", path);
    const size_t length = strlen(name);
    bool found = false;
    while (!found && fgets(line, sizeof line, file))
        found = strncmp(line, name, length) == 0 && line[length] == ' ' && which-- == 0;
    (void)fclose(file);
    if (!found) fail_msg("%s: no line '%s'", path, name);
    char *at = line + length;
    for (uint32_t i = 0; i < count; i++) numbers[i] = strtod(at, &at);
}

static void read_floats(const char *name, uint32_t which, float numbers[N]) {
    double wide[N];
    read_line(name, which, wide, N);
    for (uint32_t i = 0; i < N; i++) numbers[i] = (float)wide[i];
}

// ---- Steps, as a training step makes them ----

struct steps {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_tape tape;
    struct vv_program *program;
    struct vv_state *p, *g, *m, *v, *clock, *table;
};

static struct vv_state *add(struct steps *s, const char *name) {
    return vv_store_add(&s->store, name, VV_F32, vv_shape1(N));
}

static void open_steps(struct steps *s, const struct vv_settings *settings, bool device) {
    const struct vv_optimiser *o = vv_optimiser_of(settings);
    memset(s, 0, sizeof *s);
    vv_context_init(&s->ctx);
    vv_store_init(&s->store, &s->ctx);
    s->exec = device ? vv_vulkan_create(&s->store, &(struct vv_vulkan_options){.validate = true})
                     : vv_reference_create(&s->store, NULL);
    if (!s->exec) fail_msg("%s", s->ctx.error);
    s->p = add(s, "p");
    s->g = add(s, "g");
    s->m = o->m ? add(s, o->m) : NULL;
    s->v = o->v ? add(s, o->v) : NULL;
    s->clock = vv_store_add(&s->store, "clock", VV_U32, vv_shape1(VV_CLOCK_WORDS));
    s->table = vv_store_add(&s->store, "table", VV_U32, vv_shape2(STEPS, VV_ROW_WORDS));
    vv_tape_init(&s->tape, &s->store, "steps");
    vv_ref clock = vv_use(&s->tape, s->clock);
    (void)vv_advance(&s->tape, clock, vv_use(&s->tape, s->table));
    if (settings->clip > 0) (void)vv_clip(&s->tape, vv_use(&s->tape, s->g), clock, settings->clip);
    o->append(&s->tape, settings,
              &(struct vv_optimiser_operands){.params = vv_use(&s->tape, s->p),
                                              .grads = vv_use(&s->tape, s->g),
                                              .m = s->m ? vv_use(&s->tape, s->m) : NULL,
                                              .v = s->v ? vv_use(&s->tape, s->v) : NULL,
                                              .clock = clock});
    s->program = vv_exec_compile(s->exec, &s->tape);
    if (!s->program) fail_msg("%s", s->ctx.error);
    struct vv_step_row rows[STEPS];
    const struct vv_clock start = {.bad_step = VV_NO_BAD_STEP};
    vv_schedule_fill(settings, 0, 1, rows);
    assert_true(vv_exec_write(s->exec, s->table, 0, rows, sizeof rows) &&
                vv_exec_write(s->exec, s->clock, 0, &start, sizeof start));
}

static void step(struct steps *s, const float gradient[N], float p[N], float g[N]) {
    assert_true(vv_exec_write(s->exec, s->g, 0, gradient, N * sizeof *gradient) &&
                vv_exec_submit(s->exec, s->program, 1) && vv_exec_wait(s->exec) &&
                vv_exec_read(s->exec, s->p, 0, p, N * sizeof *p) &&
                vv_exec_read(s->exec, s->g, 0, g, N * sizeof *g));
}

static void close_steps(struct steps *s) {
    vv_program_destroy(s->exec, s->program);
    vv_tape_finish(&s->tape);
    vv_exec_destroy(s->exec);
    assert_string_equal(s->ctx.error, "");
    vv_store_finish(&s->store);
}

// Three steps of one picture each; `name`: of the file, where "momentum" is sgd with it.
static struct vv_settings settings_of(const char *name) {
    struct vv_settings s = {.model = "mlp", .batch = 1, .train_count = STEPS, .epochs = 1};
    vv_settings_usual(&s);
    s.lr = 0.01;
    if (strcmp(name, "adamw") == 0) s.weight_decay = 0.1;
    if (strcmp(name, "sgd") == 0) s.momentum = 0;
    (void)snprintf(s.optimiser, sizeof s.optimiser, "%s", strcmp(name, "momentum") ? name : "sgd");
    return s;
}

static void expect_close(const char *what, const float got[N], const double want[N]) {
    for (uint32_t i = 0; i < N; i++)
        if (!(fabs((double)got[i] - want[i]) <= 1e-6 * fmax(1, fabs(want[i]))))
            fail_msg("%s, element %u: %.9g, not %.9g", what, i, (double)got[i], want[i]);
}

static const char *const names[] = {"adam", "adamw", "sgd", "momentum", "adagrad"};
enum { NAMES = sizeof names / sizeof *names };

static void three_steps_are_pytorchs(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 2 * NAMES; i++) {
        const char *name = names[i / 2];
        const struct vv_settings settings = settings_of(name);
        struct steps s;
        float p[N], g[N];
        open_steps(&s, &settings, i % 2);
        read_floats("start", 0, p);
        assert_true(vv_exec_write(s.exec, s.p, 0, p, sizeof p));
        for (uint32_t k = 0; k < STEPS; k++) {
            double want[N];
            read_floats("gradient", k, g);
            read_line(name, k, want, N);
            step(&s, g, p, g);
            expect_close(name, p, want);
        }
        close_steps(&s);
    }
}

static void clipping_is_pytorchs(void **state) {
    (void)state;
    static const double norms[] = {2, 100};  // shortened; short enough
    for (uint32_t i = 0; i < 4; i++) {
        struct vv_settings settings = settings_of("sgd");
        struct steps s;
        char name[32];
        float p[N], g[N];
        double want[N];
        settings.clip = norms[i / 2];
        open_steps(&s, &settings, i % 2);
        read_floats("gradient", 0, g);
        (void)snprintf(name, sizeof name, "clip %.1f", settings.clip);
        read_line(name, 0, want, N);
        step(&s, g, p, g);
        expect_close(name, g, want);
        close_steps(&s);
    }
}

// An epoch of 4 steps, 3 epochs. PyTorch's `step` and `exponential` are compared where epochs begin.
static void schedules_are_pytorchs(void **state) {
    (void)state;
    static const char *const schedules[] = {"cosine", "step", "exponential"};
    for (uint32_t i = 0; i < 3; i++) {
        struct vv_settings s = {.lr = 0.01, .batch = 1, .train_count = 4, .epochs = 3};
        (void)snprintf(s.lr_schedule, sizeof s.lr_schedule, "%s", schedules[i]);
        s.lr_gamma = 0.3;
        s.lr_step = 2;
        s.lr_floor = 1e-5;
        for (uint32_t step = 0; step < 12; step += i ? 4 : 1) {
            char name[32];
            double want;
            (void)snprintf(name, sizeof name, "%s %u", schedules[i], step);
            read_line(name, 0, &want, 1);
            const double rate = vv_schedule_rate(&s, step);
            if (!(fabs(rate - want) <= 1e-8 * want)) fail_msg("%s: %.9g, not %.9g", name, rate, want);
        }
    }
}

// With one gradient g for all steps: Adam's moments are g and g^2 at each, Adagrad's is t g^2, and the
// momentum a geometric series.
static double closed_form(const char *name, double p, double g, uint32_t t) {
    const double lr = 0.01, direction = g / (fabs(g) + 1e-8), kept = pow(1 - lr * 0.1, t);
    if (strcmp(name, "adam") == 0) return p - lr * direction * t;
    if (strcmp(name, "adamw") == 0) return p * kept - direction * (1 - kept) / 0.1;
    if (strcmp(name, "sgd") == 0) return p - lr * g * t;
    double sum = 0;
    for (uint32_t k = 1; k <= t; k++)
        sum += strcmp(name, "momentum") ? 1 / (sqrt(k) * fabs(g) + 1e-10) : (1 - pow(0.9, k)) / 0.1;
    return p - lr * g * sum;
}

static void steps_have_their_closed_forms(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 2 * NAMES; i++) {
        const char *name = names[i / 2];
        const struct vv_settings settings = settings_of(name);
        struct steps s;
        float start[N], p[N], gradient[N] = {0.5f, -1.5f, 1e-3f, 0.02f, -7, 4, 12.5f}, g[N];
        open_steps(&s, &settings, i % 2);
        read_floats("start", 0, start);
        assert_true(vv_exec_write(s.exec, s.p, 0, start, sizeof start));
        for (uint32_t t = 1; t <= STEPS; t++) {
            double want[N];
            for (uint32_t k = 0; k < N; k++)
                want[k] = closed_form(name, (double)start[k], (double)gradient[k], t);
            step(&s, gradient, p, g);
            expect_close(name, p, want);
        }
        close_steps(&s);
    }
}

// optimisers_test [FILE]
int main(int count, char **arguments) {
    if (count > 1) path = arguments[1];
    need_device();
    need_validation();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_steps_are_pytorchs),
        cmocka_unit_test(clipping_is_pytorchs),
        cmocka_unit_test(schedules_are_pytorchs),
        cmocka_unit_test(steps_have_their_closed_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
