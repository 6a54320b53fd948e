// The textbook's model, and a deeper one with each activation, in double: what the loss is, and its
// gradient with respect to every kind of parameter by central differences. And what a model is laid out
// as.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activation.h"
#include "cases.h"
#include "elementwise.h"
#include "exec.h"
#include "gradient.h"
#include "likelihood.h"
#include "objective.h"

enum { MOST_BLOCKS = 64, BATCH = 5, PIXELS = 12, HIDDEN = 9, LATENT = 3 };

struct world {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_tape t;
    struct vv_exec *exec;
    struct vv_model model;
    struct vv_weights weights;
    struct vv_state *params, *x, *eps;
    struct vv_elbo elbo;
    vv_ref loss, grad[MOST_BLOCKS];
    struct vv_program *program;
    double *flat;
};

static void fill(struct world *w, struct vv_state *s, bool picture) {
    uint32_t seed = 3 + s->index;
    double *values = malloc(s->bytes);
    for (uint64_t i = 0; i < s->bytes / sizeof *values; i++) {
        const double v = random_normal(&seed);
        values[i] = picture ? 1 / (1 + exp(-2 * v)) : v;
    }
    assert_true(vv_exec_write(w->exec, s, 0, values, s->bytes));
    free(values);
}

static const struct vv_model_size textbook_size = {
    .pixels = 784, .latent = 20, .layers = 1, .hidden = {400}, .activation = "relu"};

static const struct vv_model_size small_size = {
    .pixels = PIXELS, .latent = LATENT, .layers = 1, .hidden = {HIDDEN}, .activation = "relu"};

static void open_world(void **state, struct vv_model_size size) {
    struct world *w = calloc(1, sizeof *w);
    vv_context_init(&w->ctx);
    vv_store_init(&w->store, &w->ctx);
    vv_tape_init(&w->t, &w->store, "textbook");
    w->exec = vv_reference_create(&w->store, NULL);
    assert_true(vv_model_make(&w->ctx, "mlp", size, &w->model));
    assert_true(w->model.block_count <= MOST_BLOCKS);
    assert_true(vv_weights_add(&w->store, &w->model, &w->weights));
    w->params = w->weights.params;
    w->x = vv_store_add(&w->store, "x", VV_F32, vv_shape2(BATCH, PIXELS));
    w->eps = vv_store_add(&w->store, "eps", VV_F32, vv_shape2(BATCH, LATENT));
    struct vv_pass pass;
    assert_true(vv_pass_begin(&pass, &w->t, &w->model, &w->weights));
    w->elbo = vv_elbo_append(&pass, vv_use(&w->t, w->x), vv_use(&w->t, w->eps));
    w->loss = vv_elbo_loss(&w->t, &w->elbo);
    assert_true(vv_grad(&w->t, w->loss, pass.w, w->model.block_count, w->grad));
    w->loss->keep = w->elbo.recon->keep = w->elbo.kl->keep = true;
    for (uint32_t i = 0; i < w->model.block_count; i++) w->grad[i]->keep = true;
    w->program = vv_exec_compile(w->exec, &w->t);
    assert_non_null(w->program);
    float *initial = calloc(w->model.length, sizeof *initial);
    w->flat = calloc(w->model.length, sizeof *w->flat);
    vv_model_initialise(&w->model, 42, initial);
    for (uint64_t i = 0; i < w->model.length; i++) w->flat[i] = 2 * (double)initial[i];
    free(initial);
    fill(w, w->x, true);
    fill(w, w->eps, false);
    *state = w;
}

static int setup(void **state) {
    open_world(state, small_size);
    return 0;
}

static int teardown(void **state) {
    struct world *w = *state;
    vv_program_destroy(w->exec, w->program);
    vv_tape_finish(&w->t);
    vv_exec_destroy(w->exec);
    vv_store_finish(&w->store);
    vv_model_finish(&w->model);
    free(w->flat);
    free(w);
    return 0;
}

static double run(struct world *w) {
    double loss;
    assert_true(vv_exec_write(w->exec, w->params, 0, w->flat, w->params->bytes));
    assert_true(vv_exec_submit(w->exec, w->program, 1));
    assert_true(vv_exec_read_node(w->exec, w->program, w->loss, &loss));
    return loss;
}

static void the_loss_is_the_mean_of_reconstruction_and_kl(void **state) {
    struct world *w = *state;
    double recon[BATCH], kl[BATCH], sum = 0;
    const double loss = run(w);
    assert_true(vv_exec_read_node(w->exec, w->program, w->elbo.recon, recon));
    assert_true(vv_exec_read_node(w->exec, w->program, w->elbo.kl, kl));
    for (int i = 0; i < BATCH; i++) {
        assert_true(kl[i] > 0 && recon[i] > 0);
        sum += recon[i] + kl[i];
    }
    assert_true(fabs(loss - sum / (double)BATCH) < 1e-12 * sum);
}

// The form with fused ops: the same values, the same gradient.
static void losses_and_gradient_in_one_agree(void **state) {
    struct world *w = *state;
    struct vv_tape t;
    struct vv_pass pass;
    vv_ref grad[MOST_BLOCKS];
    (void)run(w);
    vv_tape_init(&t, &w->store, "fused");
    assert_true(vv_pass_begin(&pass, &t, &w->model, &w->weights));
    struct vv_elbo e = vv_elbo_append_with_gradient(&pass, vv_use(&t, w->x), vv_use(&t, w->eps), grad);
    vv_ref values = vv_add(&t, e.recon, e.kl);  // a view cannot be kept by itself
    values->keep = true;
    for (uint32_t i = 0; i < w->model.block_count; i++) {
        grad[i] = vv_affine(&t, grad[i], 1, 0);
        grad[i]->keep = true;
    }
    struct vv_program *program = vv_exec_compile(w->exec, &t);
    assert_non_null(program);
    assert_true(vv_exec_submit(w->exec, program, 1));
    double recon[BATCH], kl[BATCH], sum[BATCH];
    assert_true(vv_exec_read_node(w->exec, program, values, sum));
    assert_true(vv_exec_read_node(w->exec, w->program, w->elbo.recon, recon));
    assert_true(vv_exec_read_node(w->exec, w->program, w->elbo.kl, kl));
    for (int i = 0; i < BATCH; i++) assert_true(fabs(sum[i] - recon[i] - kl[i]) <= 1e-13 * fabs(sum[i]));
    for (uint32_t b = 0; b < w->model.block_count; b++) {
        const uint64_t n = vv_shape_count(w->model.block[b].shape);
        double *one = calloc(n, sizeof *one), *other = calloc(n, sizeof *other);
        assert_true(vv_exec_read_node(w->exec, program, grad[b], one));
        assert_true(vv_exec_read_node(w->exec, w->program, w->grad[b], other));
        for (uint64_t i = 0; i < n; i++)
            if (!(fabs(one[i] - other[i]) <= 1e-12 * (1 + fabs(other[i]))))
                fail_msg("block %u, element %llu: %.17g, composed %.17g", b, (unsigned long long)i,
                         one[i], other[i]);
        free(one);
        free(other);
    }
    vv_program_destroy(w->exec, program);
    vv_tape_finish(&t);
}

static void every_parameter_has_the_gradient_of_the_loss(void **state) {
    struct world *w = *state;
    for (uint32_t b = 0; b < w->model.block_count; b++) {
        const uint64_t n = vv_shape_count(w->model.block[b].shape);
        double *gradient = calloc(n, sizeof *gradient), size = 0;
        (void)run(w);  // the last difference was taken elsewhere
        assert_true(vv_exec_read_node(w->exec, w->program, w->grad[b], gradient));
        for (uint64_t i = 0; i < n; i++) {
            double *p = &w->flat[w->model.block[b].offset + i];
            const double kept = *p, h = 1e-6;
            *p = kept + h;
            const double above = run(w);
            *p = kept - h;
            const double expected = (above - run(w)) / (2 * h);
            *p = kept;
            size += fabs(expected);
            if (!(fabs(gradient[i] - expected) <= 1e-7 + 1e-6 * fabs(expected)))
                fail_msg("block %u, element %llu: %.12g, by differences %.12g", b, (unsigned long long)i,
                         gradient[i], expected);
        }
        assert_true(size > 0);
        free(gradient);
    }
}

// Two hidden layers with tanh, then each other activation behind them.
static void deep_models_have_the_gradient_of_the_loss(void **state) {
    for (uint32_t i = 0; vv_activation_name(i); i++) {
        printf("%s\n", vv_activation_name(i));
        open_world(state, (struct vv_model_size){.pixels = PIXELS,
                                                 .latent = LATENT,
                                                 .layers = 2,
                                                 .hidden = {HIDDEN, 6},
                                                 .activation = vv_activation_name(i)});
        every_parameter_has_the_gradient_of_the_loss(state);
        (void)teardown(state);
    }
}

static const struct {
    const char *likelihood, *sigma;
} densities[] = {
    {"gaussian", "0.25"},         {"gaussian", "learned"},      {"gaussian", "pixel"},
    {"laplace", "0.5"},           {"laplace", "pixel"},         {"logcosh", ""},
    {"logcosh", "pixel"},         {"discretized-logistic", ""}, {"discretized-logistic", "learned"},
    {"continuous-bernoulli", ""},
};

static struct vv_model_size with_density(const char *likelihood, const char *sigma) {
    struct vv_model_size size = small_size;
    size.activation = "tanh";  // without a kink
    size.likelihood = likelihood;
    (void)snprintf(size.sigma, sizeof size.sigma, "%s", sigma);
    return size;
}

// "log_sigma", where it is learned, among the parameters.
static void densities_have_the_gradient_of_the_loss(void **state) {
    for (size_t i = 0; i < sizeof densities / sizeof *densities; i++) {
        printf("%s %s\n", densities[i].likelihood, densities[i].sigma);
        open_world(state, with_density(densities[i].likelihood, densities[i].sigma));
        every_parameter_has_the_gradient_of_the_loss(state);
        losses_and_gradient_in_one_agree(state);
        (void)teardown(state);
    }
}

// A step with an optimal sigma: -log p is least there, and what comes out is the composition's with that
// sigma as the kept one.
static void the_optimal_sigma_is_the_batchs_best(void **state) {
    static const char *const names[] = {"gaussian", "laplace"};
    for (int i = 0; i < 2; i++) {
        open_world(state, with_density(names[i], "optimal"));
        struct world *w = *state;
        struct vv_tape t;
        struct vv_pass pass;
        vv_ref grad[MOST_BLOCKS];
        const uint32_t sigma = w->model.sigma_block;
        assert_true(sigma == w->model.block_count - 1);
        (void)run(w);
        vv_tape_init(&t, &w->store, "optimal");
        assert_true(vv_pass_begin(&pass, &t, &w->model, &w->weights));
        pass.training = true;
        struct vv_elbo e =
            vv_elbo_append_with_gradient(&pass, vv_use(&t, w->x), vv_use(&t, w->eps), grad);
        vv_ref loss = vv_elbo_loss(&t, &e);
        assert_null(grad[sigma]);
        loss->keep = pass.own_sigma->keep = true;
        grad[0] = vv_affine(&t, grad[0], 1, 0);
        grad[0]->keep = true;
        struct vv_program *program = vv_exec_compile(w->exec, &t);
        assert_non_null(program);
        assert_true(vv_exec_submit(w->exec, program, 1));
        double own = 0, least = 0, gradient[HIDDEN * PIXELS], composed[HIDDEN * PIXELS];
        assert_true(vv_exec_read_node(w->exec, program, pass.own_sigma, &own) &&
                    vv_exec_read_node(w->exec, program, loss, &least) &&
                    vv_exec_read_node(w->exec, program, grad[0], gradient));
        double *kept = &w->flat[w->model.block[sigma].offset];
        *kept = own;
        assert_true(fabs(run(w) - least) < 1e-12 * fabs(least));
        assert_true(vv_exec_read_node(w->exec, w->program, w->grad[0], composed));
        for (int k = 0; k < HIDDEN * PIXELS; k++) assert_true(fabs(gradient[k] - composed[k]) < 1e-12);
        for (int side = -1; side <= 1; side += 2) {
            *kept = own + 0.01 * side;
            assert_true(run(w) > least + 1e-4);
        }
        vv_program_destroy(w->exec, program);
        vv_tape_finish(&t);
        (void)teardown(state);
    }
}

static void a_learned_sigma_is_a_parameter_like_others(void **state) {
    open_world(state, with_density("logcosh", ""));
    const struct world *w = *state;
    const struct vv_parameter *p = &w->model.parameter[w->model.parameter_count - 1];
    float *flat = calloc(w->model.length, sizeof *flat);
    vv_model_initialise(&w->model, 42, flat);
    assert_string_equal(p->name, "log_sigma");
    assert_string_equal(w->model.size.sigma, "learned");
    assert_true(vv_shape_equal(p->shape, vv_shape1(1)));
    assert_true(fabs((double)flat[p->offset] - log(0.25)) < 1e-7);
    free(flat);
    (void)teardown(state);
}

static void parameters_are_the_textbooks(void **state) {
    const struct world *w = *state;
    static const struct {
        const char *name;
        struct vv_shape shape;
    } expected[] = {
        {"fc1.weight", {2, {HIDDEN, PIXELS}}},  {"fc1.bias", {1, {HIDDEN}}},
        {"fc21.weight", {2, {LATENT, HIDDEN}}}, {"fc21.bias", {1, {LATENT}}},
        {"fc22.weight", {2, {LATENT, HIDDEN}}}, {"fc22.bias", {1, {LATENT}}},
        {"fc3.weight", {2, {HIDDEN, LATENT}}},  {"fc3.bias", {1, {HIDDEN}}},
        {"fc4.weight", {2, {PIXELS, HIDDEN}}},  {"fc4.bias", {1, {PIXELS}}},
    };
    assert_int_equal(w->model.parameter_count, sizeof expected / sizeof *expected);
    for (uint32_t i = 0; i < w->model.parameter_count; i++) {
        const struct vv_parameter *p = NULL;
        for (uint32_t k = 0; k < w->model.parameter_count; k++)
            if (strcmp(w->model.parameter[k].name, expected[i].name) == 0) p = &w->model.parameter[k];
        assert_non_null(p);
        assert_true(vv_shape_equal(p->shape, expected[i].shape));
    }
    for (uint32_t i = 0; i < w->model.block_count; i++)
        assert_int_equal(w->model.block[i].offset % 64, 0);
}

// "fc1[9,12] fc21[3,9] …": the layers in order, each with its weight's shape; a bias beside each weight.
static void list_layers(const struct vv_model *m, char *text, size_t size) {
    size_t used = 0;
    for (uint32_t i = 0; i < m->parameter_count; i += 2) {
        const struct vv_parameter *w = &m->parameter[i], *b = &m->parameter[i + 1];
        const size_t length = strcspn(w->name, ".");
        assert_string_equal(w->name + length, ".weight");
        assert_string_equal(b->name + length, ".bias");
        assert_memory_equal(w->name, b->name, length);
        assert_true(w->shape.rank == 2 && vv_shape_equal(b->shape, vv_shape1(w->shape.dim[0])));
        assert_true(w->fan_in == w->shape.dim[1] && b->fan_in == w->fan_in);
        used += (size_t)snprintf(text + used, size - used, "%s%.*s[%u,%u]", i ? " " : "", (int)length,
                                 w->name, w->shape.dim[0], w->shape.dim[1]);
        assert_true(used < size);
    }
}

// The pattern that mlp.h documents.
static void layers_are_named_in_the_order_of_the_data(void **state) {
    (void)state;
    static const struct {
        uint32_t layers;
        const char *names;
    } expected[] = {
        {1, "fc1[31,40] fc21[3,31] fc22[3,31] fc3[31,3] fc4[40,31]"},
        {2, "fc1[31,40] fc2[32,31] fc31[3,32] fc32[3,32] fc4[32,3] fc5[31,32] fc6[40,31]"},
        {3, "fc1[31,40] fc2[32,31] fc3[33,32] fc41[3,33] fc42[3,33] fc5[33,3] fc6[32,33] fc7[31,32] "
            "fc8[40,31]"},
        {8,
         "fc1[31,40] fc2[32,31] fc3[33,32] fc4[34,33] fc5[35,34] fc6[36,35] fc7[37,36] fc8[38,37] "
         "fc91[3,38] fc92[3,38] fc10[38,3] fc11[37,38] fc12[36,37] fc13[35,36] fc14[34,35] fc15[33,34] "
         "fc16[32,33] fc17[31,32] fc18[40,31]"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct vv_context ctx;
        struct vv_model model;
        char text[512];
        vv_context_init(&ctx);
        const struct vv_model_size size = {.pixels = 40,
                                           .latent = 3,
                                           .layers = expected[i].layers,
                                           .hidden = {31, 32, 33, 34, 35, 36, 37, 38},
                                           .activation = "tanh"};
        assert_true(vv_model_make(&ctx, "mlp", size, &model));
        list_layers(&model, text, sizeof text);
        assert_string_equal(text, expected[i].names);
        for (uint32_t b = 0; b < model.block_count; b++) assert_int_equal(model.block[b].offset % 64, 0);
        vv_model_finish(&model);
    }
}

// Uniform on +-1/sqrt(fan_in): the variance of that is 1 / (3 fan_in); weights and biases alike.
static void initial_weights_are_pytorchs_default(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_model model;
    vv_context_init(&ctx);
    assert_true(vv_model_make(&ctx, "mlp", textbook_size, &model));
    float *flat = malloc(model.length * sizeof *flat), *other = malloc(model.length * sizeof *other);
    vv_model_initialise(&model, 42, flat);
    vv_model_initialise(&model, 43, other);
    assert_memory_not_equal(flat, other, model.length * sizeof *flat);
    for (uint32_t i = 0; i < model.parameter_count; i++) {
        const struct vv_parameter *p = &model.parameter[i];
        const double n = (double)vv_shape_count(p->shape), bound = 1 / sqrt(p->fan_in);
        double sum = 0, squares = 0, largest = 0;
        for (uint64_t k = 0; k < vv_shape_count(p->shape); k++) {
            const double v = (double)flat[p->offset + k];
            sum += v;
            squares += v * v;
            largest = fmax(largest, fabs(v));
        }
        assert_true(largest <= bound * (1 + 1e-6) && largest > bound * (1 - 8 / n));
        assert_true(fabs(sum / n) < 5 * bound / sqrt(3 * n));
        assert_true(fabs(squares / n - bound * bound / 3) < 5 * bound * bound * sqrt(4.0 / 45 / n));
    }
    free(flat);
    free(other);
    vv_model_finish(&model);
}

static void an_unknown_model_is_refused(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_model model;
    vv_context_init(&ctx);
    assert_false(vv_model_make(&ctx, "mpl", textbook_size, &model));
    assert_int_equal(ctx.status, VV_USAGE);
    assert_non_null(strstr(ctx.error, "mlp"));
}

static void an_unknown_activation_is_refused(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_model model;
    struct vv_model_size size = textbook_size;
    size.activation = "rleu";
    vv_context_init(&ctx);
    assert_false(vv_model_make(&ctx, "mlp", size, &model));
    assert_int_equal(ctx.status, VV_USAGE);
    assert_string_equal(ctx.error, "no activation is called 'rleu'; there are: relu, leaky-relu, elu, "
                                   "tanh, sigmoid, softplus, silu, gelu");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_loss_is_the_mean_of_reconstruction_and_kl, setup, teardown),
        cmocka_unit_test_setup_teardown(losses_and_gradient_in_one_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(every_parameter_has_the_gradient_of_the_loss, setup, teardown),
        cmocka_unit_test_setup_teardown(parameters_are_the_textbooks, setup, teardown),
        cmocka_unit_test(deep_models_have_the_gradient_of_the_loss),
        cmocka_unit_test(densities_have_the_gradient_of_the_loss),
        cmocka_unit_test(the_optimal_sigma_is_the_batchs_best),
        cmocka_unit_test(a_learned_sigma_is_a_parameter_like_others),
        cmocka_unit_test(layers_are_named_in_the_order_of_the_data),
        cmocka_unit_test(initial_weights_are_pytorchs_default),
        cmocka_unit_test(an_unknown_model_is_refused),
        cmocka_unit_test(an_unknown_activation_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
