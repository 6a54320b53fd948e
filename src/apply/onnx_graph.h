// An ONNX graph that is built node by node, as a tape is. Values are known by their names, which live as
// long as the graph.
#ifndef VV_APPLY_ONNX_GRAPH_H
#define VV_APPLY_ONNX_GRAPH_H

#include "arena.h"
#include "safetensors.h"

enum { VV_ONNX_OPSET = 17, VV_ONNX_IR = 8 };

// Lists of protobuf messages, which only onnx_graph.c knows.
struct vv_onnx_list {
    void **items;
    uint32_t count, room;
};

struct vv_onnx_graph {
    struct vv_arena arena;
    const struct vv_tensor *tensors;  // weights, by name
    uint32_t tensor_count;
    struct vv_onnx_list nodes, weights, inputs, outputs;
    uint32_t names;  // given until now
    bool failed;     // latched, with the error set; names are "" then
};

void vv_onnx_init(struct vv_onnx_graph *g, struct vv_context *ctx, const struct vv_tensor *tensors,
                  uint32_t count);
void vv_onnx_finish(struct vv_onnx_graph *g);

enum vv_onnx_type { VV_ONNX_F32 = 1, VV_ONNX_I64 = 7 };

// A dimension of 0 is the batch, of any size.
struct vv_onnx_shape {
    uint32_t rank;
    int64_t dim[4];
};

const char *vv_onnx_input(struct vv_onnx_graph *g, const char *name, enum vv_onnx_type type,
                          struct vv_onnx_shape shape);
// What a node made, and none took, is the graph's output `name` from here on.
void vv_onnx_output(struct vv_onnx_graph *g, const char *value, const char *name,
                    struct vv_onnx_shape shape);

// The weight NAME.WHAT of the tensors.
const char *vv_onnx_weight(struct vv_onnx_graph *g, const char *name, const char *what);
// Constants.
const char *vv_onnx_number(struct vv_onnx_graph *g, double value);
const char *vv_onnx_numbers(struct vv_onnx_graph *g, const float *values, struct vv_onnx_shape shape);
const char *vv_onnx_whole(struct vv_onnx_graph *g, const int64_t *values, uint32_t count);

struct vv_onnx_attribute {
    const char *name;
    enum { VV_ONNX_FLOAT = 1, VV_ONNX_INT = 2, VV_ONNX_INTS = 7 } type;
    float f;
    uint32_t count;
    int64_t ints[5];  // an INT is the first
};

// Appends a node with one output. Inputs end with NULL, attributes with a NULL name; NULL: none.
const char *vv_onnx_append(struct vv_onnx_graph *g, const char *op, const char *const *inputs,
                           const struct vv_onnx_attribute *attributes);
// The same, of one or two inputs and no attribute.
const char *vv_onnx_one(struct vv_onnx_graph *g, const char *op, const char *a);
const char *vv_onnx_two(struct vv_onnx_graph *g, const char *op, const char *a, const char *b);

// The file's bytes, which the caller frees. NULL with the error set; `path` is for that.
unsigned char *vv_onnx_pack(struct vv_onnx_graph *g, const char *path, const char *name,
                            const struct vv_meta *meta, uint32_t meta_count, uint64_t *size);

#endif
