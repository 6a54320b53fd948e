#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "profile_events.h"
#include "size.h"

// Watched steps alternate with others, so that whatever else the machine does falls on both.
#define WATCHED_STEPS 8
#define PERIOD        32

void vv_profile_init(struct vv_profile *profile, struct vv_exec *exec, bool traced) {
    *profile = (struct vv_profile){
        .ctx = exec->ctx, .exec = exec, .traced = traced, .clocks = true, .begin = vv_now()};
}

void vv_profile_finish(struct vv_profile *profile) {
    free(profile->rows);
    free(profile->events);
    *profile = (struct vv_profile){0};
}

// NULL without memory, which is said.
static struct vv_profile_row *row_of(struct vv_profile *profile, const char *op) {
    for (uint32_t i = 0; i < profile->row_count; i++)
        if (strcmp(profile->rows[i].op, op) == 0) return &profile->rows[i];
    if (profile->row_count == profile->row_room) {
        const uint32_t room = 2 * profile->row_room + 16;
        struct vv_profile_row *rows = vv_alloc(profile->ctx, room, sizeof *rows);
        if (!rows) return NULL;
        if (profile->rows) memcpy(rows, profile->rows, profile->row_count * sizeof *rows);
        free(profile->rows);
        profile->rows = rows;
        profile->row_room = room;
    }
    struct vv_profile_row *row = &profile->rows[profile->row_count++];
    *row = (struct vv_profile_row){.op = op};
    return row;
}

static void add_node(struct vv_profile *profile, const struct vv_node *y, struct vv_span span) {
    if (!y->op->launch) return;  // nothing to do: a view
    struct vv_profile_row *row = row_of(profile, y->op->name);
    if (!row) return;
    const struct vv_cost cost = vv_cost_of(y);
    row->calls++;
    row->seconds += span.end - span.begin;
    row->flop += cost.flop;
    row->bytes += cost.bytes;
    if (profile->traced) vv_profile_add(profile, VV_EVENT_NODE, y, span);
}

static void watch(void *user, const struct vv_times *times) {
    struct vv_profile *profile = user;
    profile->submit += times->submitted.end - times->submitted.begin;
    profile->wait += times->waited.end - times->waited.begin;
    if (profile->traced) {
        vv_profile_add(profile, VV_EVENT_SUBMIT, NULL, times->submitted);
        vv_profile_add(profile, VV_EVENT_WAIT, NULL, times->waited);
    }
    profile->clocks = times->nodes != NULL;
    for (uint32_t i = 0; times->nodes && i < times->tape->count; i++)
        add_node(profile, times->tape->nodes[i], times->nodes[i]);
}

struct vv_program *vv_profile_compile(struct vv_profile *profile, const struct vv_tape *t) {
    return vv_exec_compile_watched(profile->exec, t, watch, profile);
}

bool vv_profile_pause(struct vv_profile *profile) {
    if (!profile->open) return true;
    profile->open = false;
    if (!vv_exec_wait(profile->exec) || profile->ctx->status != VV_OK) return false;
    const struct vv_span span = {profile->since, vv_now()};
    profile->seconds[profile->kind] += span.end - span.begin;
    if (profile->traced && profile->kind != VV_WATCHED)
        vv_profile_add(profile, VV_EVENT_NORMAL, NULL, span);
    return true;
}

bool vv_profile_next(struct vv_profile *profile, bool fresh, uint32_t *n, enum vv_profile_kind *kind) {
    const uint32_t at = (uint32_t)(profile->scheduled % PERIOD);
    const uint32_t left = (at < WATCHED_STEPS ? WATCHED_STEPS : PERIOD) - at;
    *kind = fresh ? VV_UNTIMED : at < WATCHED_STEPS ? VV_WATCHED : VV_NORMAL;
    const uint32_t most = fresh ? 1 : left;
    if (*n > most) *n = most;
    if (!profile->open || profile->kind != *kind) {
        if (!vv_profile_pause(profile)) return false;
        profile->open = true;
        profile->kind = *kind;
        profile->since = vv_now();
    }
    profile->steps[*kind] += *n;
    if (!fresh) profile->scheduled += *n;
    return true;
}

static int by_seconds(const void *a, const void *b) {
    const double x = ((const struct vv_profile_row *)a)->seconds;
    const double y = ((const struct vv_profile_row *)b)->seconds;
    return (x < y) - (x > y);
}

void vv_profile_sort(struct vv_profile *profile) {
    if (profile->row_count) qsort(profile->rows, profile->row_count, sizeof *profile->rows, by_seconds);
}
