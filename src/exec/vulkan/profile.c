// When the nodes of a watched program ran, by the device's timestamps.
#include "clock.h"
#include "internal.h"
#include "size.h"

#include <math.h>
#include <stdlib.h>

static bool create_pools(struct vv_vulkan *vk, struct vv_watched *w) {
    const VkQueryPoolCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
        .queryType = VK_QUERY_TYPE_TIMESTAMP,
        .queryCount = w->count,
    };
    for (uint32_t i = 0; i < VV_IN_FLIGHT; i++) {
        const VkResult result = vk->vk.vkCreateQueryPool(vk->device, &info, NULL, &w->pools[i]);
        if (result != VK_SUCCESS) w->pools[i] = VK_NULL_HANDLE;
        if (!vv_done(vk, result, "vkCreateQueryPool")) return false;
    }
    return true;
}

bool vv_watched_init(struct vv_program *p, const struct vv_launch *launches) {
    struct vv_vulkan *vk = p->vk;
    struct vv_context *ctx = vk->exec.ctx;
    const uint32_t nodes = p->tape->count;
    struct vv_watched *w = p->watched = vv_alloc(ctx, 1, sizeof *w);
    if (!w) return false;
    w->timed = vv_alloc(ctx, nodes, sizeof *w->timed);
    w->spans = vv_alloc(ctx, nodes, sizeof *w->spans);
    w->ticks = vv_alloc(ctx, (uint64_t)nodes + 1, sizeof *w->ticks);
    if (!w->timed || !w->spans || !w->ticks) return false;
    w->count = 1;
    for (uint32_t i = 0; i < nodes; i++) {
        w->timed[i] = launches[i].count > 0;
        w->count += w->timed[i];
    }
    return vk->gpu.timestamp_bits == 0 || create_pools(vk, w);
}

void vv_watched_finish(struct vv_program *p) {
    struct vv_vulkan *vk = p->vk;
    struct vv_watched *w = p->watched;
    if (!w) return;
    for (uint32_t i = 0; i < VV_IN_FLIGHT; i++)
        if (w->pools[i]) vk->vk.vkDestroyQueryPool(vk->device, w->pools[i], NULL);
    free(w->timed);
    free(w->spans);
    free(w->ticks);
    free(w);
    p->watched = NULL;
}

void vv_watched_begin(struct vv_program *p, uint32_t slot) {
    struct vv_watched *w = p->watched;
    if (w->pools[slot]) p->vk->vk.vkCmdResetQueryPool(p->commands, w->pools[slot], 0, w->count);
}

// At the bottom of the pipe: after all that was recorded before. Between barriers, so that the time from
// one timestamp to the next is that of one node alone.
void vv_watched_mark(struct vv_program *p, uint32_t slot, uint32_t *next) {
    struct vv_watched *w = p->watched;
    if (w->pools[slot])
        p->vk->vk.vkCmdWriteTimestamp(p->commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, w->pools[slot],
                                      (*next)++);
}

// Ticks between two timestamps: the counter begins anew at 2^bits.
static uint64_t between(const struct vv_vulkan *vk, uint64_t from, uint64_t to) {
    const uint32_t bits = vk->gpu.timestamp_bits;
    const uint64_t mask = bits < 64 ? (UINT64_C(1) << bits) - 1 : UINT64_MAX;
    return (to - from) & mask;
}

// When a run's first timestamp was, in seconds of vv_now(): the first run of all began when it was
// submitted, and the device's clock tells the rest. How often that began anew since the run before, the
// host's clock tells.
static double place(struct vv_vulkan *vk, uint64_t ticks, double submitted) {
    struct vv_device_clock *clock = &vk->clock;
    double seconds = submitted;
    if (clock->known) {
        const double lap = ldexp(vk->gpu.timestamp_seconds, (int)vk->gpu.timestamp_bits);
        const double passed = (double)between(vk, clock->ticks, ticks) * vk->gpu.timestamp_seconds;
        const double laps = round((submitted - clock->host - passed) / lap);
        seconds = clock->seconds + passed + (laps > 0 ? laps * lap : 0);
    }
    *clock = (struct vv_device_clock){true, ticks, seconds, submitted};
    return seconds;
}

static bool read_spans(struct vv_vulkan *vk, struct vv_program *p, uint32_t slot, double submitted) {
    struct vv_watched *w = p->watched;
    const VkResult result = vk->vk.vkGetQueryPoolResults(
        vk->device, w->pools[slot], 0, w->count, w->count * sizeof *w->ticks, w->ticks, sizeof *w->ticks,
        VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT);
    if (!vv_done(vk, result, "vkGetQueryPoolResults")) return false;
    double at = place(vk, w->ticks[0], submitted);
    for (uint32_t i = 0, next = 1; i < p->tape->count; i++) {
        w->spans[i].begin = at;
        if (w->timed[i]) {
            at += (double)between(vk, w->ticks[next - 1], w->ticks[next]) * vk->gpu.timestamp_seconds;
            next++;
        }
        w->spans[i].end = at;
    }
    return true;
}

bool vv_watched_tell(struct vv_vulkan *vk, struct vv_flight *flight, double since) {
    struct vv_program *p = flight->watched;
    struct vv_watched *w = p->watched;
    const uint32_t slot = w->landing;
    const bool timed = w->pools[slot] != VK_NULL_HANDLE;
    w->landing = (slot + 1) % VV_IN_FLIGHT;
    // Some drivers wait here for all that is in flight.
    if (timed && !read_spans(vk, p, slot, flight->submitted.begin)) return false;
    const struct vv_times times = {
        .tape = p->tape,
        .nodes = timed ? w->spans : NULL,
        .submitted = flight->submitted,
        .waited = {since, vv_now()},
    };
    vk->exec.watch(vk->exec.watch_user, &times);
    return true;
}
