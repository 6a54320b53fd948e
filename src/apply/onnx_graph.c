#include "onnx_graph.h"

#ifdef VV_HAVE_PROTOBUF_C
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "onnx.pb-c.h"
#include "size.h"

// A protobuf message of 2 GiB or more is none.
#define MOST_BYTES ((uint64_t)INT32_MAX)

void vv_onnx_init(struct vv_onnx_graph *g, struct vv_context *ctx, const struct vv_tensor *tensors,
                  uint32_t count) {
    *g = (struct vv_onnx_graph){.tensors = tensors, .tensor_count = count};
    vv_arena_init(&g->arena, ctx);
}

void vv_onnx_finish(struct vv_onnx_graph *g) {
    vv_arena_finish(&g->arena);
    *g = (struct vv_onnx_graph){.tensor_count = 0};
}

// ---- Memory, all of it the arena's: what there is none of is latched ----

static void *take(struct vv_onnx_graph *g, uint64_t count, size_t size) {
    void *bytes = g->failed ? NULL : vv_arena_alloc(&g->arena, count, size);
    if (!bytes) g->failed = true;
    return bytes;
}

// protobuf-c wants texts that may be changed, and changes none.
static char *copy(struct vv_onnx_graph *g, const char *text) {
    char *copied = g->failed ? NULL : vv_arena_printf(&g->arena, "%s", text);
    if (!copied) g->failed = true;
    return copied;
}

static void add(struct vv_onnx_graph *g, struct vv_onnx_list *list, void *item) {
    if (list->count == list->room) {
        const uint32_t room = list->room ? 2 * list->room : 32;
        void **larger = take(g, room, sizeof *larger);
        if (!larger) return;
        if (list->count) memcpy(larger, list->items, list->count * sizeof *larger);
        list->items = larger;
        list->room = room;
    }
    if (!g->failed) list->items[list->count++] = item;
}

static const char *fresh(struct vv_onnx_graph *g, const char *what) {
    char name[64];
    (void)snprintf(name, sizeof name, "%s_%u", what, ++g->names);
    const char *kept = copy(g, name);
    return kept ? kept : "";
}

static int64_t *copy_whole(struct vv_onnx_graph *g, const int64_t *values, uint32_t count) {
    int64_t *copied = take(g, (uint64_t)count + 1, sizeof *copied);
    if (copied && count) memcpy(copied, values, count * sizeof *copied);
    return copied;
}

// ---- Inputs and outputs ----

static Vv__Onnx__Shape *shape_of(struct vv_onnx_graph *g, struct vv_onnx_shape shape) {
    Vv__Onnx__Shape *s = take(g, 1, sizeof *s);
    Vv__Onnx__Dimension *dims = take(g, shape.rank, sizeof *dims);
    Vv__Onnx__Dimension **list = take(g, shape.rank, sizeof(void *));
    char *batch = copy(g, "N");
    if (g->failed) return NULL;
    vv__onnx__shape__init(s);
    for (uint32_t i = 0; i < shape.rank; i++) {
        vv__onnx__dimension__init(&dims[i]);
        dims[i].dim_value = shape.dim[i];
        if (!shape.dim[i]) dims[i].dim_param = batch;
        list[i] = &dims[i];
    }
    s->dim = list;
    s->n_dim = shape.rank;
    return s;
}

static void add_value(struct vv_onnx_graph *g, struct vv_onnx_list *list, const char *name,
                      enum vv_onnx_type type, struct vv_onnx_shape shape) {
    Vv__Onnx__Value *value = take(g, 1, sizeof *value);
    Vv__Onnx__Type *of = take(g, 1, sizeof *of);
    Vv__Onnx__TensorType *tensor = take(g, 1, sizeof *tensor);
    Vv__Onnx__Shape *s = shape_of(g, shape);
    char *kept = copy(g, name);
    if (g->failed) return;
    vv__onnx__value__init(value);
    vv__onnx__type__init(of);
    vv__onnx__tensor_type__init(tensor);
    value->name = kept;
    value->type = of;
    of->tensor_type = tensor;
    tensor->elem_type = (int32_t)type;
    tensor->shape = s;
    add(g, list, value);
}

const char *vv_onnx_input(struct vv_onnx_graph *g, const char *name, enum vv_onnx_type type,
                          struct vv_onnx_shape shape) {
    add_value(g, &g->inputs, name, type, shape);
    return name;
}

void vv_onnx_output(struct vv_onnx_graph *g, const char *value, const char *name,
                    struct vv_onnx_shape shape) {
    add_value(g, &g->outputs, name, VV_ONNX_F32, shape);
    char *kept = copy(g, name);
    for (uint32_t i = 0; !g->failed && i < g->nodes.count; i++) {
        Vv__Onnx__Node *node = g->nodes.items[i];
        if (strcmp(node->output[0], value) == 0) node->output[0] = kept;
    }
}

// ---- Weights and constants ----

static const char *add_weight(struct vv_onnx_graph *g, const char *name, enum vv_onnx_type type,
                              const void *data, uint64_t bytes, const int64_t *dims, uint32_t rank) {
    Vv__Onnx__Tensor *w = take(g, 1, sizeof *w);
    int64_t *kept = copy_whole(g, dims, rank);
    char *called = copy(g, name);
    if (g->failed) return "";
    vv__onnx__tensor__init(w);
    w->dims = kept;
    w->n_dims = rank;
    w->data_type = (int32_t)type;
    w->name = called;
    w->raw_data = (ProtobufCBinaryData){.len = bytes, .data = (uint8_t *)data};
    add(g, &g->weights, w);
    return called;
}

const char *vv_onnx_weight(struct vv_onnx_graph *g, const char *name, const char *what) {
    char full[96];
    int64_t dims[VV_TENSOR_RANK];
    uint32_t at = 0;
    (void)snprintf(full, sizeof full, "%s.%s", name, what);
    while (at < g->tensor_count && strcmp(g->tensors[at].name, full) != 0) at++;
    assert(at < g->tensor_count);  // the model's own
    const struct vv_tensor *t = &g->tensors[at];
    for (uint32_t i = 0; i < t->rank; i++) dims[i] = t->dim[i];
    return add_weight(g, full, VV_ONNX_F32, t->data, vv_tensor_bytes(t), dims, t->rank);
}

const char *vv_onnx_numbers(struct vv_onnx_graph *g, const float *values, struct vv_onnx_shape shape) {
    uint64_t count = 1;
    for (uint32_t i = 0; i < shape.rank; i++) count *= (uint64_t)shape.dim[i];
    float *kept = take(g, count, sizeof *kept);
    if (!kept) return "";
    memcpy(kept, values, count * sizeof *kept);
    return add_weight(g, fresh(g, "const"), VV_ONNX_F32, kept, count * sizeof *kept, shape.dim,
                      shape.rank);
}

const char *vv_onnx_number(struct vv_onnx_graph *g, double value) {
    const float number = (float)value;
    return vv_onnx_numbers(g, &number, (struct vv_onnx_shape){.rank = 0});
}

const char *vv_onnx_whole(struct vv_onnx_graph *g, const int64_t *values, uint32_t count) {
    const int64_t *kept = copy_whole(g, values, count), dims = count;
    return add_weight(g, fresh(g, "const"), VV_ONNX_I64, kept, count * sizeof *kept, &dims, 1);
}

// ---- Nodes ----

static Vv__Onnx__Attribute *attribute_of(struct vv_onnx_graph *g, const struct vv_onnx_attribute *a) {
    Vv__Onnx__Attribute *to = take(g, 1, sizeof *to);
    char *name = copy(g, a->name);
    int64_t *ints = copy_whole(g, a->ints, a->count);
    if (g->failed) return NULL;
    vv__onnx__attribute__init(to);
    to->name = name;
    to->type = (int32_t)a->type;
    if (a->type == VV_ONNX_FLOAT) to->f = a->f;
    if (a->type == VV_ONNX_INT) to->i = a->ints[0];
    if (a->type != VV_ONNX_INTS) return to;
    to->ints = ints;
    to->n_ints = a->count;
    return to;
}

static void add_attributes(struct vv_onnx_graph *g, const struct vv_onnx_attribute *attributes,
                           Vv__Onnx__Node *node) {
    size_t count = 0;
    while (attributes && attributes[count].name) count++;
    node->attribute = take(g, count + 1, sizeof *node->attribute);
    for (size_t i = 0; !g->failed && i < count; i++)
        node->attribute[i] = attribute_of(g, &attributes[i]);
    node->n_attribute = count;
}

const char *vv_onnx_append(struct vv_onnx_graph *g, const char *op, const char *const *inputs,
                           const struct vv_onnx_attribute *attributes) {
    size_t count = 0;
    while (inputs[count]) count++;
    Vv__Onnx__Node *node = take(g, 1, sizeof *node);
    char **in = take(g, count, sizeof *in), **out = take(g, 1, sizeof *out);
    char *name = copy(g, fresh(g, op)), *type = copy(g, op);
    if (g->failed) return "";
    vv__onnx__node__init(node);
    for (size_t i = 0; i < count; i++) in[i] = copy(g, inputs[i]);
    out[0] = name;
    node->input = in;
    node->n_input = count;
    node->output = out;
    node->n_output = 1;
    node->name = name;
    node->op_type = type;
    add_attributes(g, attributes, node);
    add(g, &g->nodes, node);
    return name;
}

const char *vv_onnx_one(struct vv_onnx_graph *g, const char *op, const char *a) {
    return vv_onnx_append(g, op, (const char *const[]){a, NULL}, NULL);
}

const char *vv_onnx_two(struct vv_onnx_graph *g, const char *op, const char *a, const char *b) {
    return vv_onnx_append(g, op, (const char *const[]){a, b, NULL}, NULL);
}

// ---- The file ----

static Vv__Onnx__Entry **entries_of(struct vv_onnx_graph *g, const struct vv_meta *meta,
                                    uint32_t count) {
    Vv__Onnx__Entry *entries = take(g, (uint64_t)count + 1, sizeof *entries);
    Vv__Onnx__Entry **list = take(g, (uint64_t)count + 1, sizeof(void *));
    for (uint32_t i = 0; !g->failed && i < count; i++) {
        vv__onnx__entry__init(&entries[i]);
        entries[i].key = copy(g, meta[i].key);
        entries[i].value = copy(g, meta[i].value);
        list[i] = &entries[i];
    }
    return list;
}

static unsigned char *pack(struct vv_context *ctx, const Vv__Onnx__Model *model, const char *path,
                           uint64_t *size) {
    *size = vv__onnx__model__get_packed_size(model);
    if (*size > MOST_BYTES) {
        (void)vv_fail(ctx, VV_USAGE,
                      "%s: not written: of %llu bytes, and an ONNX file has at most %llu; export it "
                      "with --format safetensors",
                      path, (unsigned long long)*size, (unsigned long long)MOST_BYTES);
        return NULL;
    }
    unsigned char *bytes = vv_alloc(ctx, *size, 1);
    if (bytes) (void)vv__onnx__model__pack(model, bytes);
    return bytes;
}

unsigned char *vv_onnx_pack(struct vv_onnx_graph *g, const char *path, const char *name,
                            const struct vv_meta *meta, uint32_t meta_count, uint64_t *size) {
    char *called = copy(g, name), *producer = copy(g, "vkvae");
    Vv__Onnx__Entry **entries = entries_of(g, meta, meta_count);
    if (g->failed) return NULL;
    Vv__Onnx__Graph graph = VV__ONNX__GRAPH__INIT;
    graph.name = called;
    graph.node = (Vv__Onnx__Node **)g->nodes.items;
    graph.n_node = g->nodes.count;
    graph.initializer = (Vv__Onnx__Tensor **)g->weights.items;
    graph.n_initializer = g->weights.count;
    graph.input = (Vv__Onnx__Value **)g->inputs.items;
    graph.n_input = g->inputs.count;
    graph.output = (Vv__Onnx__Value **)g->outputs.items;
    graph.n_output = g->outputs.count;
    Vv__Onnx__Opset opset = VV__ONNX__OPSET__INIT, *opsets = &opset;
    opset.version = VV_ONNX_OPSET;
    Vv__Onnx__Model model = VV__ONNX__MODEL__INIT;
    model.ir_version = VV_ONNX_IR;
    model.producer_name = producer;
    model.graph = &graph;
    model.opset_import = &opsets;
    model.n_opset_import = 1;
    model.metadata_props = entries;
    model.n_metadata_props = meta_count;
    return pack(g->arena.ctx, &model, path, size);
}
#endif
