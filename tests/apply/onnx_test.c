// ONNX graphs read back: every value is made before it is taken, and weights are the checkpoint's.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "message.h"
#include "onnx.h"

#include <stdlib.h>
#include <string.h>

#include "onnx.pb-c.h"
#include "onnx_graph.h"
#include "tensors.h"

struct read_back {
    struct vv_context ctx;
    struct vv_model model;
    struct vv_named named;
    float *params, *running;
    Vv__Onnx__Model *file;
};

static const struct {
    const char *kind;
    struct vv_model_size size;
} models[] = {
    {"mlp",
     {.height = 3, .width = 2, .channels = 2, .pixels = 12, .latent = 2, .layers = 1, .hidden = {4}}},
    {"conv",
     {.height = 5, .width = 6, .channels = 1, .pixels = 30, .latent = 3, .stages = 2, .stage = {4, 8}}},
    {"resnet",
     {.height = 5,
      .width = 6,
      .channels = 1,
      .pixels = 30,
      .latent = 3,
      .stages = 1,
      .stage = {8},
      .upsample = "nearest"}},
};
enum { MODELS = sizeof models / sizeof *models };

static void open_model(struct read_back *r, int which, bool encoder) {
    static const struct vv_meta meta = {"model", "any"};
    uint64_t size = 0;
    *r = (struct read_back){.params = NULL};
    vv_context_init(&r->ctx);
    assert_true(vv_model_make(&r->ctx, models[which].kind, models[which].size, &r->model));
    r->params = calloc(r->model.length, sizeof *r->params);
    r->running = calloc(r->model.statistics + 1, sizeof *r->running);
    assert_true(r->params && r->running);
    vv_model_initialise(&r->model, 1, r->params);
    assert_true(vv_named_make(&r->ctx, &r->model, r->params, r->running, 0, &r->named));
    const struct vv_exported e = {.model = &r->model,
                                  .tensors = r->named.list,
                                  .count = r->named.count,
                                  .meta = &meta,
                                  .meta_count = 1};
    unsigned char *bytes = (encoder ? vv_onnx_encoder : vv_onnx_decoder)(&r->ctx, "a", &e, &size);
    if (!bytes) fail_msg("%s", r->ctx.error);
    r->file = vv__onnx__model__unpack(NULL, size, bytes);
    assert_non_null(r->file);
    free(bytes);
}

static void close_model(struct read_back *r) {
    vv__onnx__model__free_unpacked(r->file, NULL);
    vv_named_finish(&r->named);
    vv_model_finish(&r->model);
    free(r->params);
    free(r->running);
}

// Whether the graph's inputs, its weights or a node before `end` makes that value.
static bool is_made(const Vv__Onnx__Graph *g, const char *value, size_t end) {
    for (size_t i = 0; i < g->n_input; i++)
        if (strcmp(g->input[i]->name, value) == 0) return true;
    for (size_t i = 0; i < g->n_initializer; i++)
        if (strcmp(g->initializer[i]->name, value) == 0) return true;
    for (size_t i = 0; i < end; i++)
        if (strcmp(g->node[i]->output[0], value) == 0) return true;
    return false;
}

static void every_value_is_made_before_it_is_taken(void **state) {
    (void)state;
    for (int i = 0; i < 2 * MODELS; i++) {
        struct read_back r;
        open_model(&r, i / 2, i % 2);
        const Vv__Onnx__Graph *g = r.file->graph;
        assert_true(g->n_node > 0);
        for (size_t k = 0; k < g->n_node; k++) {
            const Vv__Onnx__Node *node = g->node[k];
            assert_int_equal(node->n_output, 1);
            assert_false(is_made(g, node->output[0], k));  // once
            for (size_t j = 0; j < node->n_input; j++)
                if (*node->input[j] && !is_made(g, node->input[j], k))
                    fail_msg("%s takes %s, which nothing makes", node->name, node->input[j]);
        }
        for (size_t k = 0; k < g->n_output; k++) assert_true(is_made(g, g->output[k]->name, g->n_node));
        close_model(&r);
    }
}

static const struct vv_tensor *find(const struct read_back *r, const char *name) {
    for (uint32_t i = 0; i < r->named.count; i++)
        if (strcmp(r->named.list[i].name, name) == 0) return &r->named.list[i];
    return NULL;
}

static void weights_are_the_checkpoints(void **state) {
    (void)state;
    for (int i = 0; i < MODELS; i++) {
        uint32_t seen = 0, batches = 0;
        struct read_back r;
        for (int encoder = 0; encoder < 2; encoder++) {
            open_model(&r, i, encoder);
            const Vv__Onnx__Graph *g = r.file->graph;
            for (size_t k = 0; k < g->n_initializer; k++) {
                const Vv__Onnx__Tensor *w = g->initializer[k];
                const struct vv_tensor *t = find(&r, w->name);
                if (!t) continue;  // a constant
                seen++;
                assert_int_equal(w->n_dims, t->rank);
                for (uint32_t d = 0; d < t->rank; d++) assert_int_equal(w->dims[d], t->dim[d]);
                assert_int_equal(w->raw_data.len, vv_tensor_bytes(t));
                assert_memory_equal(w->raw_data.data, t->data, w->raw_data.len);
            }
            batches = r.model.running_count;  // num_batches_tracked, which no graph has
            if (encoder) assert_int_equal(seen, r.named.count - batches);
            close_model(&r);
        }
    }
}

static void assert_value(const Vv__Onnx__Value *value, const char *name, const int64_t *dims,
                         size_t rank) {
    const Vv__Onnx__Shape *shape = value->type->tensor_type->shape;
    assert_string_equal(value->name, name);
    assert_int_equal(value->type->tensor_type->elem_type, 1);
    assert_int_equal(shape->n_dim, rank);
    assert_string_equal(shape->dim[0]->dim_param, "N");
    for (size_t i = 1; i < rank; i++) assert_int_equal(shape->dim[i]->dim_value, dims[i]);
}

static void inputs_and_outputs_are_those_of_the_page(void **state) {
    static const int64_t pictures[] = {0, 2, 3, 2}, latents[] = {0, 2};
    struct read_back r;
    (void)state;
    open_model(&r, 0, true);
    assert_int_equal(r.file->ir_version, 8);
    assert_int_equal(r.file->opset_import[0]->version, 17);
    assert_string_equal(r.file->producer_name, "vkvae");
    assert_string_equal(r.file->metadata_props[0]->key, "model");
    assert_value(r.file->graph->input[0], "x", pictures, 4);
    assert_value(r.file->graph->output[0], "mu", latents, 2);
    assert_value(r.file->graph->output[1], "logvar", latents, 2);
    close_model(&r);
    open_model(&r, 0, false);
    assert_value(r.file->graph->input[0], "z", latents, 2);
    assert_value(r.file->graph->output[0], "x", pictures, 4);
    close_model(&r);
}

// Nobody looks at the numbers before the size.
static void two_gib_are_refused(void **state) {
    const struct vv_tensor tensor = {"fc1.weight", VV_DTYPE_F32, 2, {65536, 8192}, &tensor};
    struct vv_context ctx;
    struct vv_onnx_graph g;
    uint64_t size;
    (void)state;
    vv_context_init(&ctx);
    vv_onnx_init(&g, &ctx, &tensor, 1);
    (void)vv_onnx_weight(&g, "fc1", "weight");
    assert_null(vv_onnx_pack(&g, "a.onnx", "encoder", NULL, 0, &size));
    ASSERT_MESSAGE(
        "<file>: not written: of <size> bytes, and an ONNX file has at most <most>; export it "
        "with --format safetensors",
        VV_USAGE,
        "a.onnx: not written: of 2147483709 bytes, and an ONNX file has at most 2147483647; "
        "export it with --format safetensors",
        &ctx);
    vv_onnx_finish(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_made_before_it_is_taken),
        cmocka_unit_test(weights_are_the_checkpoints),
        cmocka_unit_test(inputs_and_outputs_are_those_of_the_page),
        cmocka_unit_test(two_gib_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
