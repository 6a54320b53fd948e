// Convolutional models, in double: the gradient of the loss with respect to every kind of parameter by
// central differences, for each normalisation and way up, at odd sizes. And what they are laid out as.
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

#include "cases.h"
#include "elementwise.h"
#include "exec.h"
#include "gradient.h"
#include "objective.h"

enum { BATCH = 3, LATENT = 2, STRIDE = 5 };

struct world {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_model model;
    struct vv_weights weights;
    struct vv_state *x, *eps;
    double *flat;
};

// A way to compute loss and gradient of a world.
struct made {
    struct vv_tape t;
    struct vv_pass pass;
    vv_ref loss, *grad;
    struct vv_program *program;
};

static void fill(struct world *w, const struct vv_state *s, bool picture) {
    uint32_t seed = 3 + s->index;
    double *values = malloc(s->bytes);
    for (uint64_t i = 0; i < s->bytes / sizeof *values; i++) {
        const double v = random_normal(&seed);
        values[i] = picture ? 1 / (1 + exp(-2 * v)) : v;
    }
    assert_true(vv_exec_write(w->exec, s, 0, values, s->bytes));
    free(values);
}

// Initial weights, but with normalisations that do something.
static void fill_weights(struct world *w) {
    float *initial = calloc(w->model.length, sizeof *initial);
    uint32_t seed = 11;
    w->flat = calloc(w->model.length, sizeof *w->flat);
    vv_model_initialise(&w->model, 42, initial);
    for (uint32_t i = 0; i < w->model.parameter_count; i++) {
        const struct vv_parameter *p = &w->model.parameter[i];
        for (uint64_t k = p->offset; k < p->offset + vv_shape_count(p->shape); k++)
            w->flat[k] = p->initial == VV_INITIAL_UNIFORM
                             ? 1.5 * (double)initial[k]
                             : (double)initial[k] + 0.3 * random_normal(&seed);
    }
    free(initial);
}

static void open_world(struct world *w, const char *kind, struct vv_model_size size) {
    memset(w, 0, sizeof *w);
    vv_context_init(&w->ctx);
    vv_store_init(&w->store, &w->ctx);
    w->exec = vv_reference_create(&w->store, NULL);
    size.pixels = size.height * size.width * size.channels;
    size.latent = LATENT;
    if (!vv_model_make(&w->ctx, kind, size, &w->model)) fail_msg("%s", w->ctx.error);
    assert_true(vv_weights_add(&w->store, &w->model, &w->weights));
    w->x = vv_store_add(&w->store, "x", VV_F32, vv_shape2(BATCH, size.pixels));
    w->eps = vv_store_add(&w->store, "eps", VV_F32, vv_shape2(BATCH, LATENT));
    assert_true(vv_exec_realize(w->exec));
    fill(w, w->x, true);
    fill(w, w->eps, false);
    fill_weights(w);
}

static void close_world(struct world *w) {
    assert_string_equal(w->ctx.error, "");
    vv_exec_destroy(w->exec);
    vv_store_finish(&w->store);
    vv_model_finish(&w->model);
    free(w->flat);
}

// Composed of core ops, or with those that compute two things at once.
static void make(struct world *w, struct made *m, bool fused) {
    vv_tape_init(&m->t, &w->store, fused ? "fused" : "composed");
    m->grad = calloc(w->model.block_count, sizeof(vv_ref));
    assert_true(vv_pass_begin(&m->pass, &m->t, &w->model, &w->weights));
    m->pass.training = true;
    vv_ref x = vv_use(&m->t, w->x), eps = vv_use(&m->t, w->eps);
    struct vv_elbo e = fused ? vv_elbo_append_with_gradient(&m->pass, x, eps, m->grad)
                             : vv_elbo_append(&m->pass, x, eps);
    m->loss = vv_elbo_loss(&m->t, &e);
    if (!fused) (void)vv_grad(&m->t, m->loss, m->pass.w, w->model.block_count, m->grad);
    m->loss->keep = true;
    for (uint32_t i = 0; i < w->model.block_count; i++) {
        if (!m->grad[i]) continue;
        m->grad[i] = vv_affine(&m->t, m->grad[i], 1, 0);  // a view cannot be kept by itself
        m->grad[i]->keep = true;
    }
    m->program = vv_exec_compile(w->exec, &m->t);
    if (!m->program) fail_msg("%s", w->ctx.error);
}

static void unmake(struct world *w, struct made *m) {
    vv_program_destroy(w->exec, m->program);
    vv_tape_finish(&m->t);
    free(m->grad);
}

static double run(struct world *w, const struct made *m) {
    double loss;
    assert_true(vv_exec_write(w->exec, w->weights.params, 0, w->flat, w->weights.params->bytes));
    assert_true(vv_exec_submit(w->exec, m->program, 1));
    assert_true(vv_exec_read_node(w->exec, m->program, m->loss, &loss));
    return loss;
}

// The gradient of one block; the zeros that are not computed.
static double *read_gradient(struct world *w, const struct made *m, uint32_t block) {
    double *values = calloc(vv_shape_count(w->model.block[block].shape), sizeof *values);
    if (m->grad[block])
        assert_true(vv_exec_read_node(w->exec, m->program, m->grad[block], values));
    else
        assert_true(w->model.block[block].cancelled);
    return values;
}

static void compare(struct world *w, const struct made *fused, const struct made *composed) {
    const double loss = run(w, composed);
    assert_true(fabs(run(w, fused) - loss) <= 1e-12 * fabs(loss));
    for (uint32_t b = 0; b < w->model.block_count; b++) {
        double *one = read_gradient(w, fused, b), *other = read_gradient(w, composed, b);
        for (uint64_t i = 0; i < vv_shape_count(w->model.block[b].shape); i++)
            if (!(fabs(one[i] - other[i]) <= 1e-11 * (1 + fabs(other[i]))))
                fail_msg("block %u, element %llu: %.17g, composed %.17g", b, (unsigned long long)i,
                         one[i], other[i]);
        free(one);
        free(other);
    }
}

// Every few of a block's elements.
static void difference(struct world *w, const struct made *m, uint32_t block) {
    const uint64_t n = vv_shape_count(w->model.block[block].shape);
    (void)run(w, m);  // the last difference was taken elsewhere
    double *gradient = read_gradient(w, m, block), size = 0;
    for (uint64_t i = n > 20 ? block % STRIDE : 0; i<n; i += n> 20 ? STRIDE : 1) {
        double *p = &w->flat[w->model.block[block].offset + i];
        const double kept = *p, h = 1e-6;
        *p = kept + h;
        const double above = run(w, m);
        *p = kept - h;
        const double expected = (above - run(w, m)) / (2 * h);
        *p = kept;
        size += fabs(gradient[i]);
        if (!(fabs(gradient[i] - expected) <= 1e-7 + 1e-6 * fabs(expected)))
            fail_msg("block %u, element %llu: %.12g, by differences %.12g", block, (unsigned long long)i,
                     gradient[i], expected);
    }
    assert_true((size > 0) != w->model.block[block].cancelled);
    free(gradient);
}

static void gradients_are_the_losses(void **state) {
    (void)state;
    static const struct {
        const char *kind;
        struct vv_model_size size;
    } models[] = {
        {"conv", {.height = 5, .width = 6, .channels = 3, .stages = 2, .stage = {4, 5}}},
        {"conv",
         {.height = 7,
          .width = 2,
          .channels = 1,
          .stages = 2,
          .stage = {3, 4},
          .upsample = "nearest",
          .norm = "group",
          .activation = "elu"}},
        {"conv",
         {.height = 1,
          .width = 5,
          .channels = 2,
          .stages = 1,
          .stage = {8},
          .norm = "none",
          .activation = "tanh"}},
        {"resnet", {.height = 5, .width = 3, .channels = 2, .stages = 2, .stage = {4, 8}}},
        {"resnet",
         {.height = 4,
          .width = 3,
          .channels = 1,
          .stages = 1,
          .stage = {3},
          .upsample = "nearest",
          .norm = "batch",
          .blocks = 2}},
        {"resnet",
         {.height = 3,
          .width = 3,
          .channels = 1,
          .stages = 1,
          .stage = {2},
          .norm = "none",
          .activation = "gelu"}},
    };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct world w;
        struct made fused, composed;
        printf("%zu: %s\n", i, models[i].kind);
        open_world(&w, models[i].kind, models[i].size);
        make(&w, &fused, true);
        make(&w, &composed, false);
        compare(&w, &fused, &composed);
        for (uint32_t b = 0; b < w.model.block_count; b++) difference(&w, &fused, b);
        unmake(&w, &fused);
        unmake(&w, &composed);
        close_world(&w);
    }
}

// ---- What they are laid out as ----

static void list_parameters(const struct vv_model *m, char *text, size_t size) {
    size_t used = 0;
    for (uint32_t i = 0; i < m->parameter_count; i++) {
        const struct vv_parameter *p = &m->parameter[i];
        char shape[VV_SHAPE_TEXT];
        used += (size_t)snprintf(text + used, size - used, "%s%s\n", p->name,
                                 vv_shape_print(p->shape, shape));
        assert_true(used < size);
        assert_true((uint64_t)p->outer * p->channels * p->spatial * p->inner ==
                    vv_shape_count(p->shape));
    }
    for (uint32_t i = 0; i < m->running_count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s(%u)\n", m->running[i].name,
                                 m->running[i].channels);
}

static void assert_laid_out(const char *kind, struct vv_model_size size, const char *expected) {
    struct vv_context ctx;
    struct vv_model model;
    char text[4096];
    vv_context_init(&ctx);
    size.pixels = size.height * size.width * size.channels;
    if (!vv_model_make(&ctx, kind, size, &model)) fail_msg("%s", ctx.error);
    list_parameters(&model, text, sizeof text);
    assert_string_equal(text, expected);
    for (uint32_t b = 0; b < model.block_count; b++) assert_int_equal(model.block[b].offset % 64, 0);
    vv_model_finish(&model);
}

static void names_and_shapes_are_the_modules(void **state) {
    (void)state;
    assert_laid_out(
        "conv",
        (struct vv_model_size){
            .height = 5, .width = 6, .channels = 3, .latent = 2, .stages = 2, .stage = {4, 8}},
        "encoder.0.0.weight[4,3,3,3]\nencoder.0.0.bias[4]\nencoder.0.1.weight[4]\nencoder.0.1.bias[4]\n"
        "encoder.1.0.weight[8,4,3,3]\nencoder.1.0.bias[8]\nencoder.1.1.weight[8]\nencoder.1.1.bias[8]\n"
        "fc_mu.weight[2,32]\nfc_mu.bias[2]\nfc_var.weight[2,32]\nfc_var.bias[2]\n"
        "decoder_input.weight[32,2]\ndecoder_input.bias[32]\n"
        "decoder.0.0.weight[8,4,3,3]\ndecoder.0.0.bias[4]\ndecoder.0.1.weight[4]\ndecoder.0.1.bias[4]\n"
        "final_layer.0.weight[4,4,3,3]\nfinal_layer.0.bias[4]\nfinal_layer.1.weight[4]\n"
        "final_layer.1.bias[4]\nfinal_layer.3.weight[3,4,3,3]\nfinal_layer.3.bias[3]\n"
        "encoder.0.1(4)\nencoder.1.1(8)\ndecoder.0.1(4)\nfinal_layer.1(4)\n");
    assert_laid_out("conv",
                    (struct vv_model_size){.height = 2,
                                           .width = 2,
                                           .channels = 1,
                                           .latent = 1,
                                           .stages = 1,
                                           .stage = {4},
                                           .upsample = "nearest",
                                           .norm = "none"},
                    "encoder.0.0.weight[4,1,3,3]\nencoder.0.0.bias[4]\n"
                    "fc_mu.weight[1,4]\nfc_mu.bias[1]\nfc_var.weight[1,4]\nfc_var.bias[1]\n"
                    "decoder_input.weight[4,1]\ndecoder_input.bias[4]\n"
                    "final_layer.1.weight[4,4,3,3]\nfinal_layer.1.bias[4]\n"
                    "final_layer.3.weight[1,4,3,3]\nfinal_layer.3.bias[1]\n");
    assert_laid_out(
        "resnet",
        (struct vv_model_size){.height = 2,
                               .width = 2,
                               .channels = 1,
                               .latent = 1,
                               .stages = 1,
                               .stage = {8},
                               .upsample = "nearest"},
        "stem.weight[8,1,3,3]\nstem.bias[8]\nencoder.0.0.weight[8,8,3,3]\nencoder.0.0.bias[8]\n"
        "encoder.0.1.norm1.weight[8]\nencoder.0.1.norm1.bias[8]\n"
        "encoder.0.1.conv1.weight[8,8,3,3]\nencoder.0.1.conv1.bias[8]\n"
        "encoder.0.1.norm2.weight[8]\nencoder.0.1.norm2.bias[8]\n"
        "encoder.0.1.conv2.weight[8,8,3,3]\nencoder.0.1.conv2.bias[8]\n"
        "encoder_norm.weight[8]\nencoder_norm.bias[8]\n"
        "fc_mu.weight[1,8]\nfc_mu.bias[1]\nfc_var.weight[1,8]\nfc_var.bias[1]\n"
        "decoder_input.weight[8,1]\ndecoder_input.bias[8]\n"
        "decoder.0.0.norm1.weight[8]\ndecoder.0.0.norm1.bias[8]\n"
        "decoder.0.0.conv1.weight[8,8,3,3]\ndecoder.0.0.conv1.bias[8]\n"
        "decoder.0.0.norm2.weight[8]\ndecoder.0.0.norm2.bias[8]\n"
        "decoder.0.0.conv2.weight[8,8,3,3]\ndecoder.0.0.conv2.bias[8]\n"
        "decoder.0.2.weight[8,8,3,3]\ndecoder.0.2.bias[8]\n"
        "final_norm.weight[8]\nfinal_norm.bias[8]\nfinal_conv.weight[1,8,3,3]\nfinal_conv.bias[1]\n");
}

static void stages_bring_the_longer_side_to_two(void **state) {
    (void)state;
    static const uint32_t sizes[][3] = {{1, 1, 1},   {2, 2, 1},   {3, 1, 1},  {4, 4, 1},   {5, 3, 2},
                                        {28, 20, 4}, {17, 23, 4}, {1, 97, 5}, {64, 64, 5}, {256, 9, 5}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct vv_context ctx;
        struct vv_model model;
        const struct vv_model_size size = {.height = sizes[i][0],
                                           .width = sizes[i][1],
                                           .channels = 1,
                                           .pixels = sizes[i][0] * sizes[i][1],
                                           .latent = 1};
        vv_context_init(&ctx);
        assert_true(vv_model_make(&ctx, "conv", size, &model));
        assert_int_equal(model.size.stages, sizes[i][2]);
        assert_int_equal(model.size.stage[model.size.stages - 1], 16u << model.size.stages);
        vv_model_finish(&model);
    }
}

// A checkpoint's order and the flat tensor's: each element has its place, and finds back.
static void every_element_has_a_place_in_memory(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_model model;
    const struct vv_model_size size = {
        .height = 5, .width = 6, .channels = 3, .pixels = 90, .latent = 2, .stages = 2, .stage = {4, 8}};
    vv_context_init(&ctx);
    assert_true(vv_model_make(&ctx, "conv", size, &model));
    float *flat = calloc(model.length, sizeof *flat), *saved = calloc(model.length, sizeof *saved);
    vv_model_initialise(&model, 42, flat);
    uint64_t moved = 0;
    for (uint32_t i = 0; i < model.parameter_count; i++) {
        const struct vv_parameter *p = &model.parameter[i];
        const uint64_t n = vv_shape_count(p->shape);
        float *before = malloc(n * sizeof *before);
        memcpy(before, flat + p->offset, n * sizeof *before);
        vv_parameter_save(p, flat, saved);
        moved += memcmp(before, saved, n * sizeof *before) != 0;
        memset(flat + p->offset, 0, n * sizeof *flat);
        vv_parameter_load(p, saved, flat);
        assert_memory_equal(flat + p->offset, before, n * sizeof *before);
        free(before);
    }
    assert_int_equal(moved, 5 + 2 + 2);  // convolutions, heads, decoder_input
    // w[o][c][h][w] lies at w[o][h][w][c].
    const struct vv_parameter *first = &model.parameter[0];
    vv_parameter_save(first, flat, saved);
    assert_true(saved[((1 * 3 + 2) * 3 + 1) * 3 + 2] ==
                flat[first->offset + ((1 * 3 + 1) * 3 + 2) * 3 + 2]);
    free(flat);
    free(saved);
    vv_model_finish(&model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_the_losses),
        cmocka_unit_test(names_and_shapes_are_the_modules),
        cmocka_unit_test(stages_bring_the_longer_side_to_two),
        cmocka_unit_test(every_element_has_a_place_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
