// vkvae autotune
#include "autotune_text.h"
#include "json.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "train_options.h"
#include "vectors.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <unistd.h>

struct autotune_values {
    vkvae_autotune_options tune;
    struct cli_device_values device;
    struct cli_output_values output;
};

#define TUNE(field) offsetof(struct autotune_values, tune.field)

static const struct cli_option options[] = {
    CLI_DATA_OPTION(TUNE(train.data)),
    {.name = "force",
     .kind = CLI_FLAG,
     .offset = TUNE(force),
     .help = "measure again what the cache knows already"},
    CLI_READING_OPTIONS(TUNE(train.reading), false),
    CLI_DATA_MEMORY_OPTION(TUNE(train.data_memory)),
    CLI_SHAPES_OPTIONS(0, TUNE(train.shapes), false),
    CLI_MODEL_OPTIONS(struct autotune_values, tune.train),
    CLI_DEVICE_OPTION(offsetof(struct autotune_values, device.device)),
    CLI_LIMITS_OPTIONS(struct autotune_values),
    CLI_OUTPUT_OPTIONS(
        struct autotune_values,
        "an object: \"tried\": for each width of vectors [{\"bits\", \"device\", \"kernels\", "
        "\"lanes\", "
        "\"cache\", \"seconds\", \"step_seconds\", \"products\": [...]}], \"chosen\": index of the "
        "faster"),
    {0},
};

static void defaults(void *values) {
    struct autotune_values *v = values;
    vkvae_autotune_defaults(&v->tune);
}

// ---- In a process of its own: a driver reads the width of its vectors once ----

static void add_number(cJSON *json, const char *key, double value) {
    (void)cJSON_AddNumberToObject(json, key, value);
}

static cJSON *json_candidate(const vkvae_candidate *c) {
    cJSON *json = cJSON_CreateObject();
    (void)cli_json_text(json, "kernel", c->kernel);
    (void)cJSON_AddBoolToObject(json, "wrong", c->wrong);
    if (c->wrong)
        (void)cJSON_AddNullToObject(json, "ms");
    else
        add_number(json, "ms", 1e3 * c->seconds);
    add_number(json, "error", c->error);  // null where it is not finite
    return json;
}

// Of what memory cannot hold a key is missing, which the reader sees; a list that is not whole is told.
struct found {
    cJSON *products;
    bool whole;
};

static void on_product(void *user, const vkvae_product *p) {
    struct found *found = user;
    cJSON *json = cJSON_CreateObject(), *list;
    (void)cli_json_text(json, "form", p->form);
    add_number(json, "m", p->m);
    add_number(json, "n", p->n);
    add_number(json, "k", p->k);
    (void)cJSON_AddBoolToObject(json, "measured", p->measured);
    (void)cli_json_text(json, "chosen", p->candidates[p->chosen].kernel);
    (void)cli_json_text(json, "fixed", p->candidates[0].kernel);
    list = cJSON_AddArrayToObject(json, "candidates");
    for (uint32_t i = 0; i < p->candidate_count; i++)
        if (!cJSON_AddItemToArray(list, json_candidate(&p->candidates[i]))) found->whole = false;
    if (!cJSON_AddItemToArray(found->products, json)) found->whole = false;
}

static void add_result(cJSON *json, const vkvae_autotune_result *r) {
    const uint32_t bits = vkvae_vectors_of(r->device, r->kernels);
    if (bits)
        add_number(json, "bits", bits);
    else
        (void)cJSON_AddNullToObject(json, "bits");
    (void)cli_json_text(json, "device", r->device);
    (void)cli_json_text(json, "kernels", r->kernels);
    (void)cli_json_text(json, "key", r->key);
    (void)cli_json_text(json, "cache", r->cache);
    add_number(json, "lanes", r->lanes);
    add_number(json, "measured", r->measured);
    add_number(json, "wrong", r->wrong);
    add_number(json, "seconds", r->seconds);
    add_number(json, "step_seconds", r->step_seconds);
    add_number(json, "step_loss", r->step_loss);  // null where it is not finite
}

static void tell_lost(int error) {
    cli_error("autotune", "what was measured was lost on its way (%s); try again", strerror(error));
}

// Where nobody reads any more, who asked says why.
static int pass_on(const char *text, FILE *to) {
    if ((fputs(text, to) >= 0 && fflush(to) == 0) || errno == EPIPE) return VKVAE_OK;
    tell_lost(errno);
    return VKVAE_FAILED;
}

static int tune(const struct autotune_values *v, uint32_t bits, FILE *to) {
    struct cli_progress progress;
    vkvae_autotune_options o = v->tune;
    vkvae_autotune_result result;
    cli_set_vectors(bits);
    vkvae *library = cli_open("autotune", &progress, v->output.quiet);
    cJSON *json = cJSON_CreateObject();
    struct found found = {cJSON_CreateArray(), true};
    o.on_product = on_product;
    o.user = &found;
    int code = library ? (int)vkvae_autotune(library, &o, &result) : VKVAE_FAILED;
    cli_progress_clear(&progress);
    if (library && code != VKVAE_OK) cli_error("autotune", "%s", vkvae_error(library));
    if (code == VKVAE_OK) add_result(json, &result);
    if (!cli_json_add(json, "products", found.products)) found.whole = false;
    char *text = cJSON_PrintUnformatted(json);
    if (code == VKVAE_OK && found.whole && text) code = pass_on(text, to);
    cJSON_free(text);
    cJSON_Delete(json);
    vkvae_destroy(library);
    return code;
}

// ---- The process that asks ----

static char *read_all(FILE *from) {
    size_t used = 0, room = 4096;
    char *text = malloc(room);
    while (text) {
        used += fread(text + used, 1, room - used - 1, from);
        text[used] = '\0';
        if (used + 1 < room) break;
        char *more = realloc(text, room *= 2);
        if (!more) free(text);
        text = more;
    }
    return text;
}

static void run_child(const struct autotune_values *v, uint32_t bits, int descriptor, pid_t parent) {
#ifdef __linux__
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);  // it would measure on for nobody
    if (getppid() != parent) _exit(VKVAE_FAILED);
#else
    (void)parent;
#endif
    FILE *to = fdopen(descriptor, "w");
    if (!to) tell_lost(errno);
    const int code = to ? tune(v, bits, to) : VKVAE_FAILED;
    (void)fflush(stderr);
    _exit(code);
}

// A child that returns has said what went wrong; one in which the driver crashed could not.
static int end_of(pid_t child) {
    const int status = cli_await(child);
    if (status < 0) return VKVAE_FAILED;
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    cli_error("autotune",
              "signal %d ended the measurement (%s); update the device's driver, or take another device "
              "with --device",
              WTERMSIG(status), strsignal(WTERMSIG(status)));
    return VKVAE_FAILED;
}

// Returns the exit code; *json, which the caller deletes, is NULL unless that is 0.
static int try_width(const struct autotune_values *v, uint32_t bits, cJSON **json) {
    int ends[2];
    *json = NULL;
    const bool piped = pipe(ends) == 0;
    for (int i = 0; piped && i < 2; i++)  // pipe2 is not everywhere
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    const pid_t parent = getpid(), child = piped ? fork() : -1;
    if (child == 0) {
        (void)close(ends[0]);
        run_child(v, bits, ends[1], parent);
    }
    if (piped) (void)close(ends[1]);
    if (child < 0) {
        cli_error("autotune", "cannot start a process (%s); close other programs", strerror(errno));
        if (piped) (void)close(ends[0]);
        return VKVAE_FAILED;
    }
    FILE *from = fdopen(ends[0], "r");
    char *text = from ? read_all(from) : NULL;
    const int error = from && ferror(from) ? errno : 0;
    if (from)
        (void)fclose(from);
    else
        (void)close(ends[0]);
    const int code = end_of(child);
    if (code == VKVAE_OK && text && !error) *json = cJSON_Parse(text);
    free(text);
    if (code != VKVAE_OK || *json) return code;
    if (error)
        tell_lost(error);
    else
        cli_out_of_memory("autotune");
    return VKVAE_FAILED;
}

// The width to try beside the one that lavapipe has by itself; 0: there is nothing to try.
static uint32_t other_width(const cJSON *first) {
    const uint32_t bits = (uint32_t)cli_tuned_number(first, "bits");
    if (cli_vectors_are_set()) return 0;
    return bits == 256 ? 512 : bits == 512 ? 256 : 0;
}

// Whether a few steps of training come to the same loss in both widths: all kernels are in them, also
// those that no product is computed by, which nothing else checks.
static bool is_right(const cJSON *first, const cJSON *second) {
    const double a = cli_tuned_number(first, "step_loss"), b = cli_tuned_number(second, "step_loss");
    if (a > 0 && fabs(a - b) <= 1e-3 * a) return true;
    (void)fprintf(stderr,
                  "warning: with vectors of %.0f bits training comes to another loss (%.6g, not %.6g): "
                  "that width is not taken; please report this\n",
                  cli_tuned_number(second, "bits"), b, a);
    return false;
}

// Kept is another width than the driver's own alone: what was kept before is forgotten, also where that
// width fails now.
static int keep(const struct autotune_values *v, const cJSON *tried, int chosen) {
    struct cli_progress progress;
    const cJSON *best = cJSON_GetArrayItem(tried, chosen);
    if (!*cli_tuned_text(best, "cache")) return VKVAE_OK;  // which is said
    vkvae *library = cli_open("autotune", &progress, v->output.quiet);
    if (!library) return VKVAE_FAILED;
    const uint32_t bits = chosen ? (uint32_t)cli_tuned_number(best, "bits") : 0;
    int code = (int)vkvae_keep_vectors(library, &v->tune.train, cli_tuned_text(best, "key"), bits);
    if (code != VKVAE_OK) cli_error("autotune", "%s", vkvae_error(library));
    vkvae_destroy(library);
    return code;
}

static int report(const struct cli_arguments *a, cJSON *json, const cJSON *tried, int chosen) {
    const struct autotune_values *v = a->values;
    if (v->output.json) return cli_print_json("autotune", json);
    cli_autotune_print(tried, chosen, v->output.quiet);
    cJSON_Delete(json);
    return VKVAE_OK;
}

static int run(const struct cli_arguments *a) {
    const double clearly = 0.97;
    struct autotune_values *v = a->values;
    cJSON *json = cJSON_CreateObject(), *tried = cJSON_AddArrayToObject(json, "tried"), *one;
    if (!tried) {
        cli_out_of_memory("autotune");
        cJSON_Delete(json);
        return VKVAE_FAILED;
    }
    v->tune.train.device = cli_device_options(a, &v->device);
    int code = try_width(v, 0, &one), chosen = 0;
    if (code == VKVAE_OK) (void)cJSON_AddItemToArray(tried, one);
    const uint32_t other = code == VKVAE_OK ? other_width(one) : 0;
    const double first = code == VKVAE_OK ? cli_tuned_number(one, "step_seconds") : 0;
    if (other && try_width(v, other, &one) == VKVAE_OK) {  // what fails has said so, and is not taken
        const double second = cli_tuned_number(one, "step_seconds");
        chosen = second > 0 && second < clearly * first && is_right(cJSON_GetArrayItem(tried, 0), one);
        (void)cJSON_AddItemToArray(tried, one);
    }
    if (other) code = keep(v, tried, chosen);
    (void)cJSON_AddNumberToObject(json, "chosen", chosen);
    if (code == VKVAE_OK) return report(a, json, tried, chosen);
    cJSON_Delete(json);
    return code;
}

static const char details[] =
    "Times the kernels that can compute each matrix product of such a run, each checked\n"
    "against the scalar reference before, and keeps the fastest in the cache's folder\n"
    "($VKVAE_CACHE, else $XDG_CACHE_HOME/vkvae or ~/.cache/vkvae): 'vkvae train\n"
    "--autotune' with the same options takes them from there. A kernel that is wrong on\n"
    "this driver is named in a warning, and never used. On lavapipe vectors of 256 and\n"
    "512 bits are tried, unless LP_NATIVE_VECTOR_WIDTH is set.\n";

const struct cli_command cli_autotune = {
    .name = "autotune",
    .summary = "choose the fastest kernels for a run on this device",
    .details = details,
    .examples =
        (const char *const[]){
            "vkvae autotune --images 500 --hidden 64",
            "vkvae train --autotune --images 500 --hidden 64 --epochs 1 --out runs/tuned",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct autotune_values),
    .defaults = defaults,
    .run = run,
};
