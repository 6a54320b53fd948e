#include "profile.h"

#include "json.h"
#include "output.h"
#include "text.h"

#include <math.h>
#include <stdio.h>

// ---- For people ----

static void print_row(const vkvae_profile_row *row) {
    const bool arithmetic = row->gflops > 0;
    (void)printf("%-22s %8llu %10.2f %7.1f %% %9.2f %s", row->op, (unsigned long long)row->calls,
                 1e3 * row->seconds, 100 * row->share, arithmetic ? row->gflops : row->gbytes,
                 arithmetic ? "GFLOP/s" : "GB/s   ");
    if (row->of_peak > 0)
        (void)printf(" %7.1f %%\n", 100 * row->of_peak);
    else
        (void)puts("        -");
}

static void print_steps(const vkvae_profile *p) {
    const unsigned long long all = p->steps + p->other_steps;
    (void)printf("profile: %llu of %llu steps watched", (unsigned long long)p->steps, all);
    if (p->steps) (void)printf(", %.3f ms each", 1e3 * p->step_seconds);
    if (p->steps && p->other_step_seconds > 0)
        (void)printf("; the others took %.3f ms each (watching costs %+.1f %%)",
                     1e3 * p->other_step_seconds, 100 * (p->step_seconds / p->other_step_seconds - 1));
    (void)puts(p->steps ? "" : ": there were too few, so train for more");
}

static void print_host(const vkvae_profile *p) {
    const double ms = 1e3 / (double)p->steps;
    (void)printf("host, of a watched step: submit %.3f ms, wait %.3f ms, other %.3f ms",
                 ms * p->submit_seconds, ms * p->wait_seconds, ms * p->host_seconds);
    if (p->clock) (void)printf("; device %.3f ms", ms * p->device_seconds);
    (void)putchar('\n');
}

void cli_profile_print(const vkvae_profile *p) {
    print_steps(p);
    if (p->count)
        (void)printf("%-22s %8s %10s %9s %17s %9s\n", "op", "calls", "ms", "share", "rate", "of peak");
    for (uint32_t i = 0; i < p->count; i++) print_row(&p->rows[i]);
    if (p->steps) print_host(p);
    if (p->peak_gflops > 0)
        (void)printf("peak: %.1f GFLOP/s, %.1f GB/s (%s)\n", p->peak_gflops, p->peak_gbytes,
                     p->peak_how);
    if (p->trace) {
        (void)fputs("trace: ", stdout);
        cli_print_word(stdout, p->trace);
        (void)puts(", for https://ui.perfetto.dev");
    }
    cli_flush();
}

// ---- As JSON ----

static bool add_number(cJSON *object, const char *key, double value) {
    return cJSON_AddNumberToObject(object, key, value) != NULL;
}

static bool add_row(cJSON *list, const vkvae_profile_row *row) {
    cJSON *o = cJSON_CreateObject();
    return cJSON_AddItemToArray(list, o) && cli_json_text(o, "op", row->op) &&
           add_number(o, "calls", (double)row->calls) && add_number(o, "seconds", row->seconds) &&
           add_number(o, "share", row->share) && add_number(o, "gflops", row->gflops) &&
           add_number(o, "gbytes", row->gbytes) &&
           (row->of_peak > 0 ? add_number(o, "of_peak", row->of_peak)
                             : cJSON_AddNullToObject(o, "of_peak") != NULL);
}

static bool add_rows(cJSON *object, const vkvae_profile *p) {
    cJSON *list = cJSON_AddArrayToObject(object, "rows");
    for (uint32_t i = 0; list && i < p->count; i++)
        if (!add_row(list, &p->rows[i])) return false;
    return list != NULL;
}

int cli_profile_json(const vkvae_profile *p) {
    cJSON *o = cJSON_CreateObject();
    const bool ok =
        o && cJSON_AddStringToObject(o, "event", "profile") &&
        add_number(o, "steps", (double)p->steps) &&
        add_number(o, "other_steps", (double)p->other_steps) &&
        add_number(o, "step_seconds", p->step_seconds) &&
        add_number(o, "other_step_seconds", p->other_step_seconds) &&
        cJSON_AddBoolToObject(o, "clock", p->clock) &&
        add_number(o, "device_seconds", p->device_seconds) &&
        add_number(o, "submit_seconds", p->submit_seconds) &&
        add_number(o, "wait_seconds", p->wait_seconds) &&
        add_number(o, "host_seconds", p->host_seconds) && add_number(o, "peak_gflops", p->peak_gflops) &&
        add_number(o, "peak_gbytes", p->peak_gbytes) && cli_json_text(o, "peak_how", p->peak_how) &&
        cli_json_text(o, "trace", p->trace) && add_rows(o, p);
    if (!ok) cJSON_Delete(o);
    return cli_print_json_line("train", ok ? o : NULL);
}
