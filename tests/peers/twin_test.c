// What PyTorch makes of the same weights, pictures and noise in one training step: the files of twins/,
// written by torch_twins.py. The loss agrees to 1e-5, gradients and running statistics to 1e-4 of the
// largest element of each tensor, on the reference and on the device.
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

#include "driver.h"
#include "elementwise.h"
#include "norm.h"
#include "objective.h"
#include "reduce.h"
#include "safetensors.h"
#include "training.h"
#include "view.h"

static const char *folder = VKVAE_TWINS;

struct twin {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_safetensors file;
    struct vv_exec *exec;
    struct vv_model model;
    struct vv_weights weights;
    uint32_t batch;
    float *params;
};

static uint32_t number_of(const struct twin *w, const char *key) {
    const char *text = vv_safetensors_meta(&w->file, key);
    return text ? (uint32_t)strtoul(text, NULL, 10) : 0;
}

static uint32_t read_list(const struct twin *w, const char *key, uint32_t *list) {
    const char *text = vv_safetensors_meta(&w->file, key);
    uint32_t count = 0;
    while (text && *text) {
        char *end;
        list[count++] = (uint32_t)strtoul(text, &end, 10);
        text = *end ? end + 1 : end;
    }
    return count;
}

static void make_model(struct twin *w) {
    struct vv_model_size size = {.height = number_of(w, "height"),
                                 .width = number_of(w, "width"),
                                 .channels = number_of(w, "channels"),
                                 .latent = number_of(w, "latent"),
                                 .blocks = number_of(w, "blocks"),
                                 .activation = vv_safetensors_meta(&w->file, "activation"),
                                 .likelihood = vv_safetensors_meta(&w->file, "likelihood"),
                                 .norm = vv_safetensors_meta(&w->file, "norm"),
                                 .upsample = vv_safetensors_meta(&w->file, "upsample")};
    size.layers = read_list(w, "hidden", size.hidden);
    size.stages = read_list(w, "stages", size.stage);
    size.pixels = size.height * size.width * size.channels;
    if (!vv_model_make(&w->ctx, vv_safetensors_meta(&w->file, "model"), size, &w->model))
        fail_msg("%s", w->ctx.error);
}

static const float *find(const struct twin *w, const char *prefix, const char *name, uint64_t count) {
    char full[128];
    (void)snprintf(full, sizeof full, "%s%s", prefix, name);
    const struct vv_tensor *tensor = vv_safetensors_find(&w->file, full);
    if (!tensor) fail_msg("%s is not in the file", full);
    assert_int_equal(vv_tensor_bytes(tensor), count * sizeof(float));
    return tensor->data;
}

static struct vv_state *put(struct twin *w, const char *name, struct vv_shape shape) {
    struct vv_state *s = vv_store_add(&w->store, name, VV_F32, shape);
    assert_true(vv_exec_realize(w->exec));
    assert_true(vv_exec_write(w->exec, s, 0, find(w, "", name, vv_shape_count(shape)), s->bytes));
    return s;
}

static void open_twin(struct twin *w, const char *name, bool device) {
    char path[4096];
    memset(w, 0, sizeof *w);
    (void)snprintf(path, sizeof path, "%s/%s.safetensors", folder, name);
    vv_context_init(&w->ctx);
    vv_store_init(&w->store, &w->ctx);
    w->exec = device ? vv_vulkan_create(&w->store, &(struct vv_vulkan_options){.validate = true})
                     : vv_reference_create(&w->store, NULL);
    if (!w->exec || !vv_safetensors_read(&w->ctx, path, 1 << 24, &w->file)) fail_msg("%s", w->ctx.error);
    make_model(w);
    assert_true(vv_weights_add(&w->store, &w->model, &w->weights) && vv_exec_realize(w->exec));
    w->params = calloc(w->model.length, sizeof *w->params);
    for (uint32_t i = 0; i < w->model.parameter_count; i++) {
        const struct vv_parameter *p = &w->model.parameter[i];
        vv_parameter_load(p, find(w, "", p->name, vv_shape_count(p->shape)), w->params);
    }
    assert_true(vv_exec_write(w->exec, w->weights.params, 0, w->params, w->weights.params->bytes));
}

static void close_twin(struct twin *w) {
    assert_string_equal(w->ctx.error, "");
    vv_exec_destroy(w->exec);
    vv_store_finish(&w->store);
    vv_safetensors_finish(&w->file);
    vv_model_finish(&w->model);
    free(w->params);
}

// ---- One step ----

static void assert_close(const char *what, const char *name, const float *ours, const float *theirs,
                         uint64_t n, double least) {
    double largest = least, worst = 0;
    for (uint64_t i = 0; i < n; i++) largest = fmax(largest, fabs((double)theirs[i]));
    for (uint64_t i = 0; i < n; i++) {
        const double off = fabs((double)ours[i] - (double)theirs[i]);
        if (!(off <= 1e-4 * largest))
            fail_msg("%s of %s, element %llu: %.9g, PyTorch %.9g", what, name, (unsigned long long)i,
                     (double)ours[i], (double)theirs[i]);
        worst = fmax(worst, off / largest);
    }
    printf("    %-40s %.1e\n", name, worst);
}

static double largest_gradient(const struct twin *w) {
    double largest = 0;
    for (uint32_t i = 0; i < w->model.parameter_count; i++) {
        const struct vv_parameter *p = &w->model.parameter[i];
        const uint64_t n = vv_shape_count(p->shape);
        const float *theirs = find(w, "grad ", p->name, n);
        for (uint64_t k = 0; k < n; k++) largest = fmax(largest, fabs((double)theirs[k]));
    }
    return largest;
}

// The gradient in a flat state, as the trainer has it; cancelled biases have zeros there.
static void compare_gradients(struct twin *w, const struct vv_state *grads) {
    // A gradient that is zero by nature is rounding here and there.
    const double least = 1e-2 * largest_gradient(w);
    float *flat = malloc(grads->bytes), *saved = malloc(grads->bytes);
    assert_true(vv_exec_read(w->exec, grads, 0, flat, grads->bytes));
    for (uint32_t i = 0; i < w->model.parameter_count; i++) {
        const struct vv_parameter *p = &w->model.parameter[i];
        const uint64_t n = vv_shape_count(p->shape);
        const float *theirs = find(w, "grad ", p->name, n);
        vv_parameter_save(p, flat, saved);
        assert_close("the gradient", p->name, saved, theirs, n, least);
    }
    free(flat);
    free(saved);
}

static double loss_of(struct twin *w, struct vv_program *program, vv_ref loss) {
    float value;
    assert_true(vv_exec_submit(w->exec, program, 1));
    assert_true(vv_exec_read_node(w->exec, program, loss, &value));
    return (double)value;
}

static void compare_loss(const struct twin *w, const char *name, double ours) {
    const double theirs = (double)*find(w, "", name, 1);
    printf("  %s %.9g, PyTorch %.9g\n", name, ours, theirs);
    assert_true(fabs(ours - theirs) <= 1e-5 * fabs(theirs));
}

// As the trainer updates them.
static void append_running(struct twin *w, struct vv_pass *pass) {
    struct vv_tape *t = pass->t;
    struct vv_state *unbiased = vv_store_add(&w->store, "unbiased", VV_F32, w->weights.running->shape),
                    *moments = vv_store_add(&w->store, "moments", VV_F32, w->weights.running->shape),
                    *clock = vv_store_add(&w->store, "clock", VV_U32, vv_shape1(VV_CLOCK_WORDS));
    const struct vv_clock start = {.bad_step = VV_NO_BAD_STEP};
    float *values = calloc(w->model.statistics, sizeof *values);
    assert_true(vv_exec_realize(w->exec));
    vv_model_unbiased(&w->model, w->batch, 1, values);
    assert_true(vv_exec_write(w->exec, unbiased, 0, values, unbiased->bytes));
    vv_model_initialise_running(&w->model, values);
    assert_true(vv_exec_write(w->exec, w->weights.running, 0, values, unbiased->bytes));
    assert_true(vv_exec_write(w->exec, clock, 0, &start, sizeof start));
    vv_ref seen = vv_pass_statistics(pass, moments, unbiased);
    (void)vv_lerp(t, pass->running, seen, VV_NORM_MOMENTUM, vv_use(t, clock));
    free(values);
}

// "encoder.0.1.running_var", and where it is in the flat tensor.
static uint64_t name_running(const struct vv_running *r, uint32_t which, char name[96]) {
    (void)snprintf(name, 96, "%s.running_%s", r->name, which ? "var" : "mean");
    return r->offset + which * (uint64_t)r->channels;
}

static void compare_running(struct twin *w) {
    float *values = calloc(w->model.statistics, sizeof *values);
    assert_true(vv_exec_read(w->exec, w->weights.running, 0, values, w->weights.running->bytes));
    for (uint32_t i = 0; i < 2 * w->model.running_count; i++) {
        const struct vv_running *r = &w->model.running[i / 2];
        char name[96];
        const float *ours = values + name_running(r, i % 2, name);
        assert_close("the running statistics", name, ours, find(w, "after ", name, r->channels),
                     r->channels, 0);
    }
    free(values);
}

static struct vv_program *compile(struct twin *w, struct vv_tape *t, vv_ref loss) {
    loss->keep = true;
    struct vv_program *program = vv_exec_compile(w->exec, t);
    if (!program) fail_msg("%s", w->ctx.error);
    return program;
}

static void compare_training(struct twin *w, vv_ref *grad, struct vv_state *x, struct vv_state *eps) {
    struct vv_tape t;
    struct vv_pass pass;
    vv_tape_init(&t, &w->store, "twin");
    struct vv_state *grads = vv_store_add(&w->store, "grads", VV_F32, w->weights.params->shape);
    assert_true(vv_pass_begin(&pass, &t, &w->model, &w->weights));
    pass.training = true;
    struct vv_elbo e = vv_elbo_append_with_gradient(&pass, vv_use(&t, x), vv_use(&t, eps), grad);
    vv_ref loss = vv_elbo_loss(&t, &e);
    for (uint32_t i = 0; i < w->model.block_count; i++)
        if (grad[i]) (void)vv_place(&t, grad[i], grads, w->model.block[i].offset);
    if (w->weights.running) append_running(w, &pass);
    struct vv_program *program = compile(w, &t, loss);
    compare_loss(w, "loss", loss_of(w, program, loss));
    compare_gradients(w, grads);
    if (w->weights.running) compare_running(w);
    vv_program_destroy(w->exec, program);
    vv_tape_finish(&t);
}

// With the running statistics of that step, as in PyTorch's eval mode.
static void compare_test(struct twin *w, struct vv_state *x, struct vv_state *eps) {
    struct vv_tape t;
    struct vv_pass pass;
    vv_tape_init(&t, &w->store, "twin, tested");
    assert_true(vv_pass_begin(&pass, &t, &w->model, &w->weights));
    struct vv_elbo e = vv_elbo_append(&pass, vv_use(&t, x), vv_use(&t, eps));
    vv_ref loss = vv_elbo_loss(&t, &e);
    struct vv_program *program = compile(w, &t, loss);
    compare_loss(w, "tested", loss_of(w, program, loss));
    vv_program_destroy(w->exec, program);
    vv_tape_finish(&t);
}

static void compare(const char *name, bool device) {
    struct twin w;
    open_twin(&w, name, device);
    printf("%s, %s\n", name, w.exec->description);
    const struct vv_tensor *drawn = vv_safetensors_find(&w.file, "eps");
    vv_ref *grad = calloc(w.model.block_count, sizeof *grad);
    assert_true(drawn && drawn->rank == 2 && grad);
    w.batch = drawn->dim[0];
    struct vv_state *x = put(&w, "x", vv_shape2(w.batch, w.model.size.pixels)),
                    *eps = put(&w, "eps", vv_shape2(w.batch, w.model.size.latent));
    compare_training(&w, grad, x, eps);
    compare_test(&w, x, eps);
    free(grad);
    close_twin(&w);
}

static const char *const twins[] = {"mlp",    "mlp-ms-ssim",         "conv", "conv-nearest-group",
                                    "resnet", "resnet-nearest-batch"};

static void the_reference_agrees_with_pytorch(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) compare(twins[i], false);
}

static void the_device_agrees_with_pytorch(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) compare(twins[i], true);
}

// twin_test [FOLDER]: of the files
int main(int count, char **arguments) {
    if (count > 1) folder = arguments[1];
    need_device();
    need_validation();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_agrees_with_pytorch),
        cmocka_unit_test(the_device_agrees_with_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
