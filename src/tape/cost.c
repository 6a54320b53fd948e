#include "tape.h"

struct vv_cost vv_cost_of_operands(const struct vv_node *y) {
    struct vv_cost cost = {.bytes = y->shape.rank ? vv_bytes(y) : 0};
    for (uint32_t i = 0; i < y->inputs; i++)
        cost.bytes += (y->op->writes >> i & 1 ? 2 : 1) * vv_bytes(y->in[i]);
    return cost;
}

struct vv_cost vv_cost_of(const struct vv_node *y) {
    return y->op->cost ? y->op->cost(y) : vv_cost_of_operands(y);
}
