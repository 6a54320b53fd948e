#include "profiler.h"

#include <stdlib.h>

#include "file.h"
#include "size.h"

bool vv_profile_check(struct vv_context *ctx, const vkvae_train_options *options) {
    struct vv_writer writer;
    if (!options->trace) return true;
    if (!vv_writer_open(ctx, options->trace, &writer)) return false;
    vv_writer_abort(&writer);
    return true;
}

struct vv_peak vv_profile_peak(struct vv_exec *exec) {
    struct vv_peak peak;
    if (vv_peak_measure(exec, &peak)) return peak;
    vv_say(exec->ctx, VV_LOG_WARNING,
           "the machine's peak cannot be measured (%.200s): no share of it is known", exec->ctx->error);
    vv_clear(exec->ctx);
    return (struct vv_peak){0};
}

static vkvae_profile_row to_public(const struct vv_profile_row *row, double all,
                                   const struct vv_peak *peak) {
    vkvae_profile_row out = {.op = row->op, .calls = row->calls, .seconds = row->seconds};
    if (all > 0) out.share = row->seconds / all;
    if (!(row->seconds > 0)) return out;
    out.gflops = 1e-9 * row->flop / row->seconds;
    out.gbytes = 1e-9 * row->bytes / row->seconds;
    if (row->flop > 0 && peak->gflops > 0)
        out.of_peak = out.gflops / peak->gflops;
    else if (!(row->flop > 0) && peak->gbytes > 0)
        out.of_peak = out.gbytes / peak->gbytes;
    return out;
}

static double mean(const struct vv_profile *p, enum vv_profile_kind kind) {
    return p->steps[kind] ? p->seconds[kind] / (double)p->steps[kind] : 0;
}

static void say_what_is_missing(const struct vv_profile *p) {
    if (!p->clocks)
        vv_say(p->ctx, VV_LOG_WARNING,
               "%s has no timestamps: the profile has the host's times alone; take another device or "
               "--device reference for those of each operation",
               p->exec->description);
    if (p->dropped)
        vv_say(p->ctx, VV_LOG_WARNING,
               "the trace holds the first %llu events, and has no room for %llu; the table has them all",
               (unsigned long long)p->event_count, (unsigned long long)p->dropped);
}

static void tell(const struct vv_profile *p, const struct vv_peak *peak,
                 const vkvae_train_options *options, bool traced, vkvae_profile_row *rows) {
    vkvae_profile told = {
        .rows = rows,
        .count = p->row_count,
        .clock = p->clocks,
        .steps = p->steps[VV_WATCHED],
        .other_steps = p->steps[VV_NORMAL],
        .step_seconds = mean(p, VV_WATCHED),
        .other_step_seconds = mean(p, VV_NORMAL),
        .submit_seconds = p->submit,
        .wait_seconds = p->wait,
        .host_seconds = p->seconds[VV_WATCHED] - p->submit - p->wait,
        .peak_gflops = peak->gflops,
        .peak_gbytes = peak->gbytes,
        .peak_how = peak->how,
        .trace = traced ? options->trace : NULL,
    };
    for (uint32_t i = 0; i < p->row_count; i++) told.device_seconds += p->rows[i].seconds;
    for (uint32_t i = 0; i < p->row_count; i++)
        rows[i] = to_public(&p->rows[i], told.device_seconds, peak);
    options->on_profile(options->user, &told);
}

bool vv_profile_tell(struct vv_profile *profile, const struct vv_peak *peak,
                     const vkvae_train_options *options) {
    vv_profile_sort(profile);
    const bool traced = !options->trace || vv_profile_trace(profile, options->trace);
    if (options->on_profile) {
        vkvae_profile_row *rows = vv_alloc(profile->ctx, profile->row_count, sizeof *rows);
        if (!rows) return false;
        tell(profile, peak, options, traced, rows);
        free(rows);
    }
    say_what_is_missing(profile);
    return traced;
}
