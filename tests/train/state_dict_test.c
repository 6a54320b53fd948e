#include "../temporary.h"
#include "state_dict.h"
#include "tensors.h"

#include <math.h>

// A model, and its state dict as PyTorch would save it: without any metadata.
struct saved {
    struct temporary *t;
    struct vv_model model;
    struct vv_named named;
    float *params, *running;
    const char *path;
};

static void fill(float *values, uint64_t count, float from) {
    for (uint64_t i = 0; i < count; i++) values[i] = from + (float)(i % 97) / 64;
}

static void make(struct saved *s, struct temporary *t, const char *kind, struct vv_model_size size) {
    *s = (struct saved){.t = t};
    size.pixels = size.height * size.width * size.channels;
    if (!vv_model_make(&t->ctx, kind, size, &s->model)) fail_msg("%s", t->ctx.error);
    s->params = calloc(s->model.length, sizeof *s->params);
    s->running = calloc(s->model.statistics + 1, sizeof *s->running);
    assert_true(s->params && s->running);
    for (uint32_t i = 0; i < s->model.parameter_count; i++) {
        const struct vv_parameter *p = &s->model.parameter[i];
        fill(s->params + p->offset, vv_shape_count(p->shape), (float)i);
    }
    for (uint32_t i = 0; i < s->model.running_count; i++)
        fill(s->running + s->model.running[i].offset, 2 * (uint64_t)s->model.running[i].channels,
             (float)i);
    assert_true(vv_named_make(&t->ctx, &s->model, s->params, s->running, 12, &s->named));
}

static void save(struct saved *s, const struct vv_meta *meta, uint32_t meta_count) {
    s->path = path_of(s->t, "a.safetensors");
    assert_true(vv_safetensors_write(&s->t->ctx, s->path, NULL, s->named.list, s->named.count, meta,
                                     meta_count));
}

static void finish(struct saved *s) {
    vv_named_finish(&s->named);
    vv_model_finish(&s->model);
    free(s->params);
    free(s->running);
}

static void assert_loads(struct saved *s, const struct vv_state_dict *d) {
    struct vv_checkpoint c = {.model = s->model};
    if (!vv_state_dict_check(&s->t->ctx, d, &s->model)) fail_msg("%s", s->t->ctx.error);
    assert_true(vv_state_dict_load(&s->t->ctx, d, &c));
    assert_memory_equal(c.params, s->params, s->model.length * sizeof *s->params);
    if (s->model.statistics)
        assert_memory_equal(c.running, s->running, s->model.statistics * sizeof *s->running);
    assert_int_equal(c.batches, s->model.running_count ? 12 : 0);
    c.model = (struct vv_model){0};
    vv_checkpoint_finish(&c);
}

static void assert_sizes(const struct saved *s, const struct vv_state_dict *d) {
    const struct vv_model_size *a = &s->model.size, *b = &d->size;
    assert_string_equal(d->kind, s->model.kind);
    assert_int_equal(b->latent, a->latent);
    assert_int_equal(b->layers, a->layers);
    assert_memory_equal(b->hidden, a->hidden, a->layers * sizeof *a->hidden);
    assert_int_equal(b->stages, a->stages);
    assert_memory_equal(b->stage, a->stage, a->stages * sizeof *a->stage);
    assert_int_equal(b->blocks, a->blocks);
    assert_int_equal(d->outputs, a->outputs);
    if (a->layers) assert_int_equal(b->pixels, a->pixels);
    if (!a->stages) return;
    assert_int_equal(b->channels, a->channels);
    assert_string_equal(b->norm, a->norm);
    assert_string_equal(b->upsample, a->upsample);
}

#define SIZE(h, w, c) .height = (h), .width = (w), .channels = (c), .latent = 3

static void every_model_is_recognised(void **state) {
    static const struct {
        const char *kind;
        struct vv_model_size size;
    } models[] = {
        {"mlp", {SIZE(4, 3, 1), .layers = 1, .hidden = {5}}},
        {"mlp", {SIZE(4, 3, 3), .layers = 2, .hidden = {5, 7}}},
        {"mlp", {SIZE(2, 2, 1), .layers = 4, .hidden = {5, 6, 7, 8}}},
        {"mlp", {SIZE(2, 2, 1), .layers = 5, .hidden = {5, 6, 7, 8, 9}}},
        {"mlp", {SIZE(2, 2, 1), .layers = 8, .hidden = {5, 6, 7, 8, 9, 10, 11, 12}}},
        {"mlp", {SIZE(2, 2, 1), .layers = 1, .hidden = {5}, .likelihood = "discretized-logistic"}},
        {"conv", {SIZE(8, 8, 1), .stages = 1, .stage = {4}}},
        {"conv", {SIZE(9, 8, 3), .stages = 3, .stage = {4, 8, 4}, .norm = "group"}},
        {"conv", {SIZE(8, 8, 1), .stages = 2, .stage = {4, 8}, .upsample = "nearest"}},
        {"conv", {SIZE(8, 8, 1), .stages = 1, .stage = {4}, .upsample = "nearest", .norm = "none"}},
        {"conv", {SIZE(8, 8, 1), .stages = 1, .stage = {4}, .norm = "none"}},
        {"conv", {SIZE(8, 8, 3), .stages = 1, .stage = {4}, .likelihood = "categorical-256"}},
        {"resnet", {SIZE(8, 8, 1), .stages = 2, .stage = {4, 8}}},
        {"resnet", {SIZE(8, 8, 2), .stages = 1, .stage = {4}, .blocks = 3, .norm = "batch"}},
        {"resnet", {SIZE(8, 8, 1), .stages = 1, .stage = {4}, .blocks = 2, .upsample = "nearest"}},
        {"resnet", {SIZE(8, 8, 1), .stages = 1, .stage = {4}, .norm = "none", .upsample = "nearest"}},
        {"conv", {SIZE(256, 256, 1), .stages = 8, .stage = {2, 2, 2, 2, 2, 2, 2, 2}}},
        {"resnet", {SIZE(8, 8, 1), .stages = 1, .stage = {4}, .blocks = 8}},
    };
    struct temporary *t = *state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct saved s;
        struct vv_state_dict d;
        make(&s, t, models[i].kind, models[i].size);
        save(&s, NULL, 0);
        if (!vv_state_dict_read(&t->ctx, s.path, &d)) fail_msg("model %zu: %s", i, t->ctx.error);
        assert_sizes(&s, &d);
        assert_loads(&s, &d);
        assert_int_equal(d.converted, 0);
        vv_state_dict_finish(&d);
        finish(&s);
    }
}

// A model whose sigma is learned, without the tensor of it.
static void save_without_sigma(struct saved *s, struct temporary *t, const struct vv_meta *meta,
                               uint32_t meta_count) {
    make(s, t, "mlp",
         (struct vv_model_size){SIZE(4, 3, 1), .layers = 1, .hidden = {5}, .likelihood = "laplace",
                                .sigma = "learned"});
    s->named.count--;
    save(s, meta, meta_count);
}

static void metadata_tell_what_tensors_do_not(void **state) {
    static const struct vv_meta meta[] = {
        {"height", "4"},           {"width", "3"},       {"channels", "1"},     {"activation", "gelu"},
        {"likelihood", "laplace"}, {"sigma", "learned"}, {"log_sigma", "-0.5"}, {"objective", "ae"}};
    struct temporary *t = *state;
    struct saved s;
    struct vv_state_dict d;
    save_without_sigma(&s, t, meta, sizeof meta / sizeof *meta);
    assert_true(vv_state_dict_read(&t->ctx, s.path, &d));
    assert_int_equal(d.size.height, 4);
    assert_int_equal(d.size.width, 3);
    assert_int_equal(d.size.channels, 1);
    assert_string_equal(d.size.activation, "gelu");
    assert_string_equal(d.size.likelihood, "laplace");
    assert_string_equal(d.size.sigma, "learned");
    assert_true(d.is_autoencoder);
    s.params[s.model.parameter[s.model.parameter_count - 1].offset] = -0.5F;
    assert_loads(&s, &d);
    vv_state_dict_finish(&d);
    finish(&s);
}

// Of each type the numbers that a file would have: 1.5, -0.25, the smallest half, and the smallest
// normal half, of which BF16 has neighbours.
static void other_floats_become_f32(void **state) {
    static const uint16_t halves[4] = {0x3e00, 0xb400, 0x0001, 0x0400},
                          brains[4] = {0x3fc0, 0xbe80, 0x3380, 0x3880};
    static const double doubles[4] = {1.5, -0.25, 0x1p-24, 0x1p-14};
    static const struct {
        enum vv_dtype dtype;
        const void *data;
    } types[] = {{VV_DTYPE_F16, halves}, {VV_DTYPE_BF16, brains}, {VV_DTYPE_F64, doubles}};
    struct temporary *t = *state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct saved s;
        struct vv_state_dict d;
        make(&s, t, "mlp", (struct vv_model_size){SIZE(2, 2, 1), .layers = 1, .hidden = {4}});
        assert_string_equal(s.named.list[1].name, "fc1.bias");
        s.named.list[1].dtype = types[i].dtype;
        s.named.list[1].data = types[i].data;
        save(&s, NULL, 0);
        assert_true(vv_state_dict_read(&t->ctx, s.path, &d));
        assert_int_equal(d.converted, 1);
        for (int k = 0; k < 4; k++)
            s.params[s.model.parameter[1].offset + (uint64_t)k] = (float)doubles[k];
        assert_loads(&s, &d);
        vv_state_dict_finish(&d);
        finish(&s);
    }
}

static void halves_without_an_end_stay_so(void **state) {
    static const uint16_t halves[4] = {0x7c00, 0xfc00, 0x7e00, 0x8000};
    struct temporary *t = *state;
    struct saved s;
    struct vv_state_dict d;
    make(&s, t, "mlp", (struct vv_model_size){SIZE(2, 2, 1), .layers = 1, .hidden = {4}});
    s.named.list[1].dtype = VV_DTYPE_F16;
    s.named.list[1].data = halves;
    save(&s, NULL, 0);
    assert_true(vv_state_dict_read(&t->ctx, s.path, &d));
    const float *bias = vv_safetensors_find(&d.file, "fc1.bias")->data;
    assert_true(isinf(bias[0]) && bias[0] > 0 && isinf(bias[1]) && bias[1] < 0 && isnan(bias[2]));
    assert_true(bias[3] == 0 && signbit(bias[3]));
    vv_state_dict_finish(&d);
    finish(&s);
}

static void strange_metadata_tell_nothing(void **state) {
    static const struct vv_meta meta[] = {{"height", "0"},
                                          {"width", "65537"},
                                          {"channels", "x"},
                                          {"log_sigma", "nan"},
                                          {"objective", "elbo"}};
    struct temporary *t = *state;
    struct saved s;
    struct vv_state_dict d;
    save_without_sigma(&s, t, meta, sizeof meta / sizeof *meta);
    assert_true(vv_state_dict_read(&t->ctx, s.path, &d));
    assert_int_equal(d.size.height, 0);
    assert_int_equal(d.size.width, 0);
    assert_int_equal(d.size.channels, 0);
    assert_false(d.is_autoencoder);
    float *fresh = calloc(s.model.length, sizeof *fresh);
    assert_non_null(fresh);
    vv_model_initialise(&s.model, 0, fresh);
    const uint64_t last = s.model.parameter[s.model.parameter_count - 1].offset;
    s.params[last] = fresh[last];
    assert_loads(&s, &d);
    free(fresh);
    vv_state_dict_finish(&d);
    finish(&s);
}

static bool is_taken(struct saved *s) {
    struct vv_state_dict d;
    save(s, NULL, 0);
    const bool taken =
        vv_state_dict_read(&s->t->ctx, s->path, &d) && vv_state_dict_check(&s->t->ctx, &d, &s->model);
    if (!taken) assert_failure(&s->t->ctx, VV_BAD_DATA, s->path, (char *)NULL);
    vv_context_init(&s->t->ctx);
    vv_state_dict_finish(&d);
    return taken;
}

// Each tensor in turn: not there, of another rank, empty.
static void model_that_lacks_a_tensor_is_refused(void **state) {
    static const struct {
        const char *kind;
        struct vv_model_size size;
    } models[] = {
        {"mlp", {SIZE(2, 2, 1), .layers = 2, .hidden = {5, 6}}},
        {"conv", {SIZE(8, 8, 1), .stages = 2, .stage = {4, 8}}},
        {"conv", {SIZE(8, 8, 1), .stages = 2, .stage = {4, 8}, .upsample = "nearest", .norm = "none"}},
        {"resnet", {SIZE(8, 8, 1), .stages = 2, .stage = {4, 8}, .blocks = 2}},
    };
    struct temporary *t = *state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct saved s;
        make(&s, t, models[i].kind, models[i].size);
        assert_true(is_taken(&s));
        const uint32_t count = s.named.count;
        for (uint32_t k = 0; k < count; k++) {
            const struct vv_tensor whole = s.named.list[k];
            const bool counts = strstr(whole.name, "num_batches_tracked") != NULL;
            s.named.list[k] = s.named.list[count - 1];
            s.named.count = count - 1;
            if (is_taken(&s) != counts) fail_msg("%s without %s", s.model.kind, whole.name);
            s.named.list[k] = whole;
            s.named.count = count;
            if (counts || whole.rank == VV_TENSOR_RANK) continue;
            s.named.list[k].dim[s.named.list[k].rank++] = 1;
            if (is_taken(&s)) fail_msg("%s with %s of a rank more", s.model.kind, whole.name);
            s.named.list[k] = whole;
            s.named.list[k].dim[0] = 0;
            if (is_taken(&s)) fail_msg("%s with %s empty", s.model.kind, whole.name);
            s.named.list[k] = whole;
        }
        finish(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_model_is_recognised),     TEST(metadata_tell_what_tensors_do_not),
        TEST(other_floats_become_f32),       TEST(halves_without_an_end_stay_so),
        TEST(strange_metadata_tell_nothing), TEST(model_that_lacks_a_tensor_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
