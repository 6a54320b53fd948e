#include "layout.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "size.h"

// Blocks start on 256 bytes: any device can bind them without a remainder.
static const uint64_t block_unit = 64;

// Room for one more of `count` elements; false, with the failure latched, where there is none. What a
// failed layout is asked to add goes nowhere.
static bool make_room(struct vv_layout *l, void **list, uint32_t count, uint32_t *room, size_t size) {
    if (l->failed) return false;
    if (count < *room) return true;
    const uint32_t wanted = *room ? 2 * *room : 32;
    void *larger = vv_alloc(l->ctx, wanted, size);
    if (!larger) {
        l->failed = true;
        return false;
    }
    if (*list) memcpy(larger, *list, count * size);
    free(*list);
    *list = larger;
    *room = wanted;
    return true;
}

static void add_block(struct vv_layout *l, struct vv_block block) {
    struct vv_model *m = l->model;
    void *list = m->block;
    if (!make_room(l, &list, m->block_count, &l->block_room, sizeof block)) return;
    m->block = list;
    m->block[m->block_count++] = block;
}

uint64_t vv_lay_block(struct vv_layout *l, struct vv_shape shape) {
    const uint64_t offset = l->model->length;
    add_block(l, (struct vv_block){.shape = shape, .offset = offset});
    l->model->length = vv_align_up(offset + vv_shape_count(shape), block_unit);
    return offset;
}

uint64_t vv_lay_cancelled(struct vv_layout *l, uint32_t channels) {
    const uint64_t offset = l->model->statistics;
    add_block(l, (struct vv_block){.shape = vv_shape1(channels), .offset = offset, .cancelled = true});
    return offset;
}

void vv_lay_parameter(struct vv_layout *l, struct vv_parameter rest, const char *format, ...) {
    struct vv_model *m = l->model;
    void *list = m->parameter;
    if (!make_room(l, &list, m->parameter_count, &l->parameter_room, sizeof rest)) return;
    m->parameter = list;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(rest.name, sizeof rest.name, format, args);
    va_end(args);
    if (!rest.outer) {
        rest.outer = (uint32_t)vv_shape_count(rest.shape);
        rest.channels = rest.spatial = rest.inner = 1;
    }
    m->parameter[m->parameter_count++] = rest;
}

void vv_lay_running(struct vv_layout *l, const char *name, uint32_t channels, uint64_t positions) {
    struct vv_model *m = l->model;
    void *list = m->running;
    struct vv_running running = {.channels = channels, .offset = m->statistics, .positions = positions};
    if (!make_room(l, &list, m->running_count, &l->running_room, sizeof running)) return;
    m->running = list;
    (void)snprintf(running.name, sizeof running.name, "%s", name);
    m->running[m->running_count++] = running;
    m->statistics = vv_align_up(running.offset + 2 * (uint64_t)channels, block_unit);
}

void vv_layout_end(struct vv_layout *l) {
    struct vv_model *m = l->model;
    m->cancelled = m->length;
    bool some = false;
    for (uint32_t i = 0; i < m->block_count; i++) some |= m->block[i].cancelled;
    if (!some) return;
    for (uint32_t i = 0; i < m->block_count; i++)
        if (m->block[i].cancelled) m->block[i].offset += m->cancelled;
    for (uint32_t i = 0; i < m->parameter_count; i++)
        if (m->parameter[i].cancelled) m->parameter[i].offset += m->cancelled;
    m->length += m->statistics;
}
