// What other programs make of exported models: small ones of every kind. Without arguments the ONNX
// graphs and the Python are compared with exports.txt, which scripts/test-peers.sh writes once
// onnxruntime and PyTorch have computed what this program does.
//   exports_test FOLDER    writes there each model's files, and what is to come out (NAME.expected)
//   exports_test LIST      writes exports.txt
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <vkvae/vkvae.h>

#include <math.h>
#include <sys/stat.h>
#include <zlib.h>

#include "../temporary.h"
#include "activation.h"
#include "checkpoint.h"
#include "exact_gaussian.h"
#include "file.h"
#include "likelihood.h"
#include "safetensors.h"
#include "tensors.h"

enum { BATCH = 3, SEED = 7, LINE = 256 };

struct made {
    const char *name, *kind;
    struct vv_model_size size;
};

#define PICTURE(h, w, c) .height = (h), .width = (w), .channels = (c), .pixels = (h) * (w) * (c)
#define DEEP             PICTURE(5, 4, 3), .latent = 3, .layers = 2, .hidden = {7, 5}
#define STAGES           .latent = 3, .stages = 2, .stage = {8, 12}

static const struct made models[] = {
    {"mlp", "mlp", {PICTURE(5, 4, 1), .latent = 2, .layers = 1, .hidden = {7}, .activation = "relu"}},
    {"mlp-leaky-relu", "mlp", {DEEP, .activation = "leaky-relu"}},
    {"mlp-elu", "mlp", {DEEP, .activation = "elu"}},
    {"mlp-tanh", "mlp", {DEEP, .activation = "tanh"}},
    {"mlp-sigmoid", "mlp", {DEEP, .activation = "sigmoid"}},
    {"mlp-softplus", "mlp", {DEEP, .activation = "softplus"}},
    {"mlp-silu", "mlp", {DEEP, .activation = "silu"}},
    {"mlp-gelu", "mlp", {DEEP, .activation = "gelu"}},
    {"mlp-gaussian", "mlp", {DEEP, .likelihood = "gaussian"}},
    {"mlp-laplace-pixel", "mlp", {DEEP, .likelihood = "laplace", .sigma = "pixel"}},
    {"mlp-logcosh", "mlp", {DEEP, .likelihood = "logcosh"}},
    {"mlp-logistic", "mlp", {DEEP, .likelihood = "discretized-logistic"}},
    {"mlp-logistic-learned", "mlp", {DEEP, .likelihood = "discretized-logistic", .sigma = "learned"}},
    {"mlp-logistic-fixed", "mlp", {DEEP, .likelihood = "discretized-logistic", .sigma = "0.05"}},
    {"mlp-continuous", "mlp", {DEEP, .likelihood = "continuous-bernoulli"}},
    {"mlp-categorical-256", "mlp", {DEEP, .likelihood = "categorical-256"}},
    {"mlp-rows",
     "mlp",
     {PICTURE(1, 6, 1), .latent = 2, .layers = 1, .hidden = {7}, .likelihood = "categorical",
      .tokens = 9}},
    {"mlp-bag",
     "mlp",
     {PICTURE(1, 8, 1), .latent = 2, .layers = 1, .hidden = {7}, .likelihood = "multinomial",
      .tokens = 8}},
    {"conv", "conv", {PICTURE(13, 10, 1), STAGES}},
    {"conv-nearest-group", "conv", {PICTURE(13, 10, 3), STAGES, .upsample = "nearest", .norm = "group"}},
    {"conv-one-stage-none",
     "conv",
     {PICTURE(7, 8, 1), .latent = 2, .stages = 1, .stage = {5}, .norm = "none", .activation = "gelu"}},
    {"conv-logistic", "conv", {PICTURE(6, 9, 3), STAGES, .likelihood = "discretized-logistic"}},
    {"conv-categorical-256", "conv", {PICTURE(6, 9, 3), STAGES, .likelihood = "categorical-256"}},
    {"conv-ms-ssim", "conv", {PICTURE(11, 12, 1), STAGES, .likelihood = "ms-ssim"}},
    {"resnet", "resnet", {PICTURE(13, 10, 3), STAGES}},
    {"resnet-nearest-batch",
     "resnet",
     {PICTURE(1, 13, 1), STAGES, .blocks = 2, .upsample = "nearest", .norm = "batch"}},
    {"resnet-none", "resnet", {PICTURE(8, 8, 1), STAGES, .norm = "none", .activation = "relu"}},
};
enum { MODELS = sizeof models / sizeof *models };

// One of them, with its weights.
struct model {
    struct temporary *t;
    const struct made *made;
    struct vv_checkpoint c;
};

static void draw(float *values, uint64_t count, uint32_t stream, float low, float high) {
    for (uint64_t i = 0; i < count; i++) {
        const vv_words r = vv_random4((uint32_t)i, 0, stream, 99, SEED, 0);
        values[i] = low + (high - low) * vv_uniform(r.x);
    }
}

// Every number other than a new model's, scales of normalisations too, and log variances beyond 20.
static void fill(struct vv_checkpoint *c) {
    const struct vv_model *m = &c->model;
    vv_model_initialise(m, SEED, c->params);
    for (uint32_t i = 0; i < m->parameter_count; i++) {
        const struct vv_parameter *p = &m->parameter[i];
        const uint64_t n = vv_shape_count(p->shape);
        float *at = c->params + p->offset;
        if (p->initial == VV_INITIAL_ONES) draw(at, n, i, 0.5f, 1.5f);
        if (p->initial == VV_INITIAL_ZEROS) draw(at, n, i, -0.5f, 0.5f);
        const bool logvar = strcmp(p->name, "fc_var.bias") == 0 || strcmp(p->name, "fc22.bias") == 0 ||
                            strcmp(p->name, "fc32.bias") == 0;
        if (logvar) draw(at, n, i, -60, 60);
    }
    for (uint32_t i = 0; i < m->running_count; i++) {
        const struct vv_running *r = &m->running[i];
        draw(c->running + r->offset, r->channels, 1000 + i, -0.3f, 0.3f);
        draw(c->running + r->offset + r->channels, r->channels, 2000 + i, 0.2f, 1.2f);
    }
}

// Single letters; of rows behind the two tokens that each has.
static void fill_vocabulary(struct temporary *t, struct vv_checkpoint *c) {
    const enum vv_likelihood_of of = vv_likelihood_of(&c->model)->of;
    const uint32_t count = c->model.size.tokens;
    char *text = calloc(count, 4);
    uint64_t size = 0;
    assert_non_null(text);
    if (of == VV_OF_ROWS) {
        memcpy(text, "\0\xef\xbf\xbd", 5);
        size = 5;
    }
    for (uint32_t i = size ? 2 : 0; i < count; i++, size += 2) text[size] = (char)('a' + i);
    assert_true(vv_vocabulary_take(&t->ctx, of == VV_OF_ROWS ? VV_TOKENS_CHARS : VV_TOKENS_BAG, count,
                                   text, size, &c->vocabulary));
}

static void open_model(struct model *m, struct temporary *t, const struct made *made) {
    *m = (struct model){.t = t, .made = made};
    if (!vv_model_make(&t->ctx, made->kind, made->size, &m->c.model)) fail_msg("%s", t->ctx.error);
    m->c.params = calloc(m->c.model.length, sizeof(float));
    m->c.running = calloc(m->c.model.statistics + 1, sizeof(float));
    m->c.batches = 5;
    fill(&m->c);
    if (vv_likelihood_of(&m->c.model)->of != VV_OF_PICTURES) fill_vocabulary(t, &m->c);
}

static void close_model(struct model *m) {
    vv_checkpoint_finish(&m->c);
}

// ---- What is to come out ----

struct expected {
    float *x, *z, *head, *mean;  // x and mean as the tapes have them
    uint32_t pixels, latent, shown;
};

// The reference's, which all devices are tested against.
static void compute(struct model *m, struct expected *e) {
    struct vv_store store;
    vv_store_init(&store, &m->t->ctx);
    struct vv_exec *exec = vv_reference_create(&store, NULL);
    struct vv_weights w;
    struct vv_tape t;
    struct vv_pass pass;
    assert_true(exec && vv_weights_add(&store, &m->c.model, &w));
    struct vv_state *x = vv_store_add(&store, "x", VV_F32, vv_shape2(BATCH, e->pixels)),
                    *z = vv_store_add(&store, "z", VV_F32, vv_shape2(BATCH, e->latent));
    vv_tape_init(&t, &store, "exports");
    assert_true(vv_pass_begin(&pass, &t, &m->c.model, &w));
    vv_ref head = vv_pass_encode(&pass, vv_use(&t, x));
    vv_ref out = m->c.model.decode(&pass, vv_use(&t, z));
    vv_ref mean = vv_likelihood_of(&m->c.model)->mean(&pass, out);
    head->keep = mean->keep = true;
    struct vv_program *program = vv_exec_compile(exec, &t);
    if (!program) fail_msg("%s", m->t->ctx.error);
    assert_true(vv_exec_write(exec, w.params, 0, m->c.params, w.params->bytes));
    if (w.running) assert_true(vv_exec_write(exec, w.running, 0, m->c.running, w.running->bytes));
    assert_true(vv_exec_write(exec, x, 0, e->x, x->bytes) && vv_exec_write(exec, z, 0, e->z, z->bytes));
    assert_true(vv_exec_submit(exec, program, 1) && vv_exec_read_node(exec, program, head, e->head) &&
                vv_exec_read_node(exec, program, mean, e->mean));
    vv_program_destroy(exec, program);
    vv_tape_finish(&t);
    vv_exec_destroy(exec);
    vv_store_finish(&store);
}

// [H,W,C] -> [C,H,W] of each.
static void channels_first(const struct vv_model_size *s, const float *from, float *to) {
    for (uint32_t n = 0; n < BATCH; n++)
        for (uint32_t i = 0; i < s->pixels; i++) {
            const uint32_t c = i % s->channels, at = i / s->channels;
            to[(n * s->channels + c) * (s->pixels / s->channels) + at] = from[n * s->pixels + i];
        }
}

static void write_expected(struct model *m, const struct expected *e) {
    const struct vv_model_size *s = &m->c.model.size;
    const enum vv_likelihood_of of = vv_likelihood_of(&m->c.model)->of;
    const bool pictures = of == VV_OF_PICTURES;
    float *x = calloc((size_t)BATCH * e->pixels, sizeof *x),
          *mean = calloc((size_t)BATCH * e->pixels * e->shown, sizeof *mean),
          *mu = calloc((size_t)BATCH * e->latent, sizeof *mu),
          *logvar = calloc((size_t)BATCH * e->latent, sizeof *logvar);
    int64_t *tokens = calloc((size_t)BATCH * e->pixels, sizeof *tokens);
    for (uint32_t i = 0; i < BATCH * e->pixels; i++) {
        x[i] = pictures ? e->x[i] : roundf(e->x[i] * 255);
        tokens[i] = (int64_t)roundf(e->x[i] * 255);
    }
    memcpy(mean, e->mean, (size_t)BATCH * e->pixels * e->shown * sizeof *mean);
    if (pictures) channels_first(s, e->x, x);
    if (pictures) channels_first(s, e->mean, mean);
    for (uint32_t i = 0; i < BATCH * e->latent; i++) {
        const float *row = e->head + (size_t)(i / e->latent) * 2 * e->latent;
        mu[i] = row[i % e->latent];
        logvar[i] = vv_logvar(row[e->latent + i % e->latent]);
    }
    const struct vv_shape flat = vv_shape2(BATCH, e->pixels), latents = vv_shape2(BATCH, e->latent),
                          whole = vv_shape4(BATCH, s->channels, s->height, s->width);
    const struct vv_tensor list[] = {
        vv_tensor_of("x", of == VV_OF_ROWS ? VV_DTYPE_I64 : VV_DTYPE_F32, pictures ? whole : flat,
                     of == VV_OF_ROWS ? (const void *)tokens : x),
        vv_tensor_of("z", VV_DTYPE_F32, latents, e->z), vv_tensor_of("mu", VV_DTYPE_F32, latents, mu),
        vv_tensor_of("logvar", VV_DTYPE_F32, latents, logvar),
        vv_tensor_of("mean", VV_DTYPE_F32,
                     pictures           ? whole
                     : of == VV_OF_ROWS ? vv_shape3(BATCH, e->pixels, e->shown)
                                        : flat,
                     mean)};
    char name[64];
    (void)snprintf(name, sizeof name, "%s.expected", m->made->name);
    assert_true(vv_safetensors_write(&m->t->ctx, path_of(m->t, name), NULL, list, 5, NULL, 0));
    free(x);
    free(mean);
    free(mu);
    free(logvar);
    free(tokens);
}

static void expect(struct model *m) {
    const struct vv_model_size *s = &m->c.model.size;
    struct expected e = {.pixels = s->pixels, .latent = s->latent, .shown = s->shown};
    const enum vv_likelihood_of of = vv_likelihood_of(&m->c.model)->of;
    e.x = calloc((size_t)BATCH * e.pixels, sizeof *e.x);
    e.z = calloc((size_t)BATCH * e.latent, sizeof *e.z);
    e.head = calloc((size_t)BATCH * 2 * e.latent, sizeof *e.head);
    e.mean = calloc((size_t)BATCH * e.pixels * e.shown, sizeof *e.mean);
    draw(e.x, (uint64_t)BATCH * e.pixels, 1, 0, 1);
    draw(e.z, (uint64_t)BATCH * e.latent, 2, -3, 3);
    // Numbers of tokens, one of them beyond the vocabulary, and counts.
    for (uint32_t i = 0; of != VV_OF_PICTURES && i < BATCH * e.pixels; i++)
        e.x[i] = floorf(e.x[i] * (of == VV_OF_ROWS ? 10 : 4)) / 255;
    compute(m, &e);
    write_expected(m, &e);
    free(e.x);
    free(e.z);
    free(e.head);
    free(e.mean);
}

// ---- Exporting ----

static uint32_t sum_of(struct temporary *t, const char *path) {
    unsigned char *bytes = NULL;
    uint64_t size = 0;
    if (!vv_file_read(&t->ctx, path, 1 << 26, &bytes, &size)) fail_msg("%s", t->ctx.error);
    const uint32_t sum = (uint32_t)crc32_z(0, bytes, size);
    free(bytes);
    return sum;
}

static void export_to(struct model *m, const char *ending, char **snippet) {
    char run[PATH_ROOM], out[PATH_ROOM], name[64];
    vkvae *v = vkvae_create();
    vkvae_export_options o;
    vkvae_export_defaults(&o);
    (void)snprintf(name, sizeof name, "%s.checkpoint", m->made->name);
    (void)snprintf(run, sizeof run, "%s", path_of(m->t, name));
    (void)snprintf(name, sizeof name, "%s.%s", m->made->name, ending);
    (void)snprintf(out, sizeof out, "%s", path_of(m->t, name));
    o.run = run;
    o.out = out;
    o.snippet = snippet;
    if (vkvae_export(v, &o, NULL) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
}

// The line of exports.txt: CRC-32 of both graphs, and of the Python without the file's folder.
static void export_model(struct model *m, char line[LINE]) {
    char *snippet = NULL, name[64];
    (void)snprintf(name, sizeof name, "%s.checkpoint", m->made->name);
    if (!vv_checkpoint_save(&m->t->ctx, path_of(m->t, name), &m->c)) fail_msg("%s", m->t->ctx.error);
    export_to(m, "onnx", NULL);
    export_to(m, "npz", NULL);
    export_to(m, "safetensors", &snippet);
    (void)snprintf(name, sizeof name, "%s.py", m->made->name);
    assert_true(vv_file_write(&m->t->ctx, path_of(m->t, name), snippet, strlen(snippet)));
    const char *read = strstr(snippet, "state = read(");
    assert_non_null(read);
    const uint32_t python =
        (uint32_t)crc32_z(0, (const unsigned char *)snippet, (size_t)(read - snippet));
    (void)snprintf(name, sizeof name, "%s-encoder.onnx", m->made->name);
    const uint32_t encoder = sum_of(m->t, path_of(m->t, name));
    (void)snprintf(name, sizeof name, "%s-decoder.onnx", m->made->name);
    (void)snprintf(line, LINE, "%s %08x %08x %08x\n", m->made->name, encoder,
                   sum_of(m->t, path_of(m->t, name)), python);
    vkvae_free(snippet);
}

// ---- With an argument ----

static int write_folder(const char *folder) {
    struct temporary t = {.path = ""};
    vv_context_init(&t.ctx);
    (void)snprintf(t.folder, sizeof t.folder, "%s", folder);
    for (int i = 0; i < MODELS; i++) {
        struct model m;
        char line[LINE];
        open_model(&m, &t, &models[i]);
        expect(&m);
        export_model(&m, line);
        close_model(&m);
    }
    return 0;
}

static char *print_list(struct temporary *t) {
    char *text = calloc(MODELS, LINE);
    assert_non_null(text);
    for (int i = 0; i < MODELS; i++) {
        struct model m;
        open_model(&m, t, &models[i]);
        export_model(&m, text + strlen(text));
        close_model(&m);
    }
    return text;
}

static int write_list(const char *path) {
    void *state = NULL;
    if (temporary_create(&state) != 0) return 1;
    struct temporary *t = state;
    char *text = print_list(t);
    const bool ok = vv_file_write(&t->ctx, path, text, strlen(text));
    free(text);
    (void)temporary_remove(&state);
    return !ok;
}

// ---- Without ----

static void files_are_those_that_others_computed_with(void **state) {
    struct temporary *t = *state;
    unsigned char *want = NULL;
    uint64_t size;
    char *text = print_list(t);
    if (!vv_file_read(&t->ctx, VKVAE_EXPORTS, 1 << 20, &want, &size)) fail_msg("%s", t->ctx.error);
    // Which model it is, is told.
    const char *a = text, *b = (const char *)want;
    while (*a && *b) {
        const size_t n = strcspn(a, "\n") + 1, k = strcspn(b, "\n") + 1;
        if (n != k || memcmp(a, b, n) != 0)
            fail_msg("%.*s is not the %.*s of exports.txt: run scripts/test-peers.sh", (int)n - 1, a,
                     (int)k - 1, b);
        a += n;
        b += k;
    }
    assert_string_equal(a, b);
    free(text);
    free(want);
}

// A likelihood that no model here has would be exported unseen.
static void every_likelihood_and_activation_is_there(void **state) {
    char list[512];
    (void)state;
    vv_likelihood_list(list, sizeof list);
    for (char *name = strtok(list, ", "); name; name = strtok(NULL, ", ")) {
        bool found = false;
        for (int i = 0; i < MODELS; i++) {
            const char *of = models[i].size.likelihood;
            found |= strcmp(of ? of : "bernoulli", name) == 0;
        }
        if (!found) fail_msg("no model here has the likelihood %s", name);
    }
    vv_activation_list(list, sizeof list);
    for (char *name = strtok(list, ", "); name; name = strtok(NULL, ", ")) {
        bool found = false;
        for (int i = 0; i < MODELS; i++) {
            const char *of = models[i].size.activation;
            found |= of && strcmp(of, name) == 0;
        }
        if (!found) fail_msg("no model here has the activation %s", name);
    }
}

int main(int count, char **arguments) {
    struct stat s;
    if (count > 1 && stat(arguments[1], &s) == 0 && S_ISDIR(s.st_mode))
        return write_folder(arguments[1]);
    if (count > 1) return write_list(arguments[1]);
    const struct CMUnitTest tests[] = {
        TEST(files_are_those_that_others_computed_with),
        TEST(every_likelihood_and_activation_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
