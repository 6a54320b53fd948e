// Makes each allocation of each call of the public library fail in turn: the call fails and says why, or
// does without; nothing leaks, no file is half-written, and the same call, made again, succeeds.
//   memory                             the names of the calls
//   memory FOLDER DOSE [NAME [N]]      all of them, one, or one trial of it. FOLDER: an empty one. The
//   last
//                                      line are figures; 1: a promise is broken
// DOSE: small; full; or places, of the allocations that are come to by the same way the first and the
// last, where each piece of an arena is one. On the reference device every allocation counts, also those
// of zlib, cJSON and their like; on a Vulkan device ours alone, since a driver's are its own.
#define _GNU_SOURCE
#include "memory.h"

#include "../tree.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <ftw.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Allocations ----

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);
extern const char __executable_start, etext;

enum { SLOTS = 1 << 20 };

// What is allocated, by its address: by whom, and in which trial.
static struct slot {
    void *memory;
    const void *caller;
    unsigned long trial;
} slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static atomic_bool counting;       // allocations are those of the call
static atomic_bool ours_alone;     // not those of libraries
static atomic_ulong counted, due;  // which one fails; 0: none
static const void *failed_caller;
static unsigned long trial, alive;  // allocated in this trial and not freed

static size_t place_of(const void *memory) {
    return (size_t)((uintptr_t)memory >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 44;
}

static void note(void *memory, const void *caller) {
    size_t at = place_of(memory);
    while (slots[at].memory) at = (at + 1) % SLOTS;
    slots[at] = (struct slot){memory, caller, trial};
    alive++;
}

// Closes the gap: what comes behind moves up, where it may.
static void forget(const void *memory) {
    size_t at = place_of(memory);
    while (slots[at].memory && slots[at].memory != memory) at = (at + 1) % SLOTS;
    if (!slots[at].memory) return;
    if (slots[at].trial == trial) alive--;
    for (size_t next = (at + 1) % SLOTS; slots[next].memory; next = (next + 1) % SLOTS) {
        const size_t home = place_of(slots[next].memory);
        if ((next - home) % SLOTS < (next - at) % SLOTS) continue;
        slots[at] = slots[next];
        at = next;
    }
    slots[at].memory = NULL;
}

static bool is_counted(const void *caller) {
    const char *at = caller;
    return counting && (!ours_alone || (at >= &__executable_start && at < &etext));
}

// The way to each allocation of a call, as a sum of its frames: 0: not looked at.
enum { WAYS = 1 << 17 };
static uint32_t ways[WAYS];
static bool looking, as_before[WAYS];  // neither the first nor the last that is come to so

static uint32_t way(void) {
    void *frame[40];
    const int count = backtrace(frame, 40);
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (int i = 0; i < count; i++) sum = (sum ^ (uintptr_t)frame[i]) * UINT64_C(0x100000001b3);
    return (uint32_t)(sum >> 32) | 1;
}

static bool fails(const void *caller) {
    if (!is_counted(caller)) return false;
    const unsigned long n = atomic_fetch_add(&counted, 1) + 1;
    if (looking && n < WAYS) ways[n] = way();
    if (n != due) return false;
    failed_caller = caller;
    errno = ENOMEM;
    return true;
}

static void *taken(void *memory, const void *old, const void *caller) {
    const bool counts = is_counted(caller);
    (void)pthread_mutex_lock(&lock);
    if (old && memory) forget(old);
    if (memory && counts) note(memory, caller);
    (void)pthread_mutex_unlock(&lock);
    return memory;
}

void *malloc(size_t size) {
    const void *caller = __builtin_return_address(0);
    return fails(caller) ? NULL : taken(__libc_malloc(size), NULL, caller);
}

void *calloc(size_t count, size_t size) {
    const void *caller = __builtin_return_address(0);
    return fails(caller) ? NULL : taken(__libc_calloc(count, size), NULL, caller);
}

// The old address may be another's before it is forgotten: so first that.
void *realloc(void *old, size_t size) {
    const void *caller = __builtin_return_address(0);
    if (fails(caller)) return NULL;
    (void)pthread_mutex_lock(&lock);
    void *memory = __libc_realloc(old, size);
    (void)pthread_mutex_unlock(&lock);
    return taken(memory, old, caller);
}

void free(void *memory) {
    if (!memory) return;
    (void)pthread_mutex_lock(&lock);
    forget(memory);
    (void)pthread_mutex_unlock(&lock);
    __libc_free(memory);
}

// "libz.so.1+0x1234", for addr2line. Good until the next call but one.
static const char *place(const void *caller) {
    static char text[2][256];
    static int which;
    Dl_info in;
    if (!caller || !dladdr(caller, &in) || !in.dli_fname) return "nowhere";
    const char *slash = strrchr(in.dli_fname, '/');
    which = !which;
    (void)snprintf(text[which], sizeof text[0], "%s+%#lx %s", slash ? slash + 1 : in.dli_fname,
                   (unsigned long)((const char *)caller - (const char *)in.dli_fbase),
                   in.dli_sname ? in.dli_sname : "");
    return text[which];
}

// ---- Files ----

struct list {
    char text[1 << 14];
    size_t used;
    bool temporary;
};
static struct list *listed;

// A line for each file: its name, and what is in it unless it tells of time.
static int add_file(const char *path, const struct stat *info, int kind, struct FTW *place) {
    static const char *const of_time[] = {"timing.jsonl", "report.html", "events.out", "trace.json"};
    const char *name = path + place->base;
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    bool skip = false;
    if (kind != FTW_F) return 0;
    if (name[0] == '.') listed->temporary = true;
    for (int i = 0; i < 4; i++) skip |= strncmp(name, of_time[i], strlen(of_time[i])) == 0;
    FILE *file = skip ? NULL : fopen(path, "rb");
    for (int c; file && (c = getc(file)) != EOF;) sum = (sum ^ (unsigned)c) * UINT64_C(0x100000001b3);
    if (file) (void)fclose(file);
    if (skip) return 0;
    listed->used +=
        (size_t)snprintf(listed->text + listed->used, sizeof listed->text - listed->used,
                         "%s %lld %016llx\n", path, (long long)info->st_size, (unsigned long long)sum);
    return 0;
}

static void list_out(struct list *list) {
    *list = (struct list){.used = 0};
    listed = list;
    (void)nftw("out", add_file, 16, FTW_PHYS);
}

// Whether each line of a is one of b or c.
static bool is_among(const struct list *a, const struct list *b, const struct list *c) {
    for (const char *line = a->text; *line;) {
        char one[512];
        const size_t length = strcspn(line, "\n") + 1;
        (void)snprintf(one, sizeof one, "%.*s", (int)length, line);
        if (!strstr(b->text, one) && !strstr(c->text, one)) return false;
        line += length;
    }
    return true;
}

static bool same_lines(const struct list *a, const struct list *b) {
    return strlen(a->text) == strlen(b->text) && is_among(a, b, b);
}

static void copy_run(void) {
    if (system("cp -r run out/copy") != 0) abort();
}

// ---- Trials ----

static unsigned broken_count;
static unsigned long trials, refusals, blamed;

static void broken(const char *name, unsigned long n, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void broken(const char *name, unsigned long n, const char *format, ...) {
    va_list list;
    va_start(list, format);
    printf("BROKEN: memory: %s, allocation %lu (%s): ", name, n, place(failed_caller));
    vprintf(format, list);
    printf("\n");
    va_end(list);
    broken_count++;
}

static void prepare(const struct call *call) {
    remove_tree("out");
    (void)mkdir("out", 0777);
    if (strstr(call->name, "resumed")) copy_run();
    if (!ours_alone) remove_tree("cache");
}

// The n-th allocation fails; 0: none. Returns whether there were as many.
static bool attempt(const struct call *call, vkvae *v, unsigned long n, vkvae_status *status) {
    prepare(call);
    (void)pthread_mutex_lock(&lock);
    trial++;
    alive = 0;
    (void)pthread_mutex_unlock(&lock);
    counted = 0;
    due = n;
    counting = true;
    *status = call->make(v);
    counting = false;
    return counted >= n;
}

static void tell_leaks(const char *name, unsigned long n) {
    broken(name, n, "%lu blocks are not freed", alive);
    for (size_t i = 0, told = 0; i < SLOTS && told < 3; i++)
        if (slots[i].memory && slots[i].trial == trial && ++told)
            printf("    one that %s allocated\n", place(slots[i].caller));
}

static void check(const struct call *call, vkvae *v, unsigned long n, vkvae_status status,
                  const struct list *before, const struct list *after) {
    static struct list now;
    const char *error = vkvae_error(v);
    if (alive) tell_leaks(call->name, n);
    list_out(&now);
    if (now.temporary) broken(call->name, n, "a temporary file is left");
    if (status == VKVAE_OK && !same_lines(&now, after))
        broken(call->name, n, "succeeds, and its files differ:\n%s", now.text);
    if (!is_among(&now, before, after)) broken(call->name, n, "a file is half-written:\n%s", now.text);
    if (status != VKVAE_OK && (!*error || strchr(error, '\n')))
        broken(call->name, n, "status %d, and says '%s'", (int)status, error);
    refusals += status != VKVAE_OK;
    if (status == VKVAE_BAD_DATA && !strstr(error, "memory")) {
        blamed++;
        if (getenv("MEMORY_TELL")) printf("%s %lu %s: %s\n", call->name, n, place(failed_caller), error);
    }
}

// Of more than a thousand allocations: after every eighth failure the call is tried again, else after
// each.
static bool call_is_long;

static unsigned long try_one(const struct call *call, vkvae *v, unsigned long n,
                             const struct list *before, const struct list *after) {
    vkvae_status status;
    static struct list now;
    if (!attempt(call, v, n, &status)) return 0;
    trials++;
    check(call, v, n, status, before, after);
    if (call_is_long && trials % 8 != 0) return n;
    (void)attempt(call, v, 0, &status);
    list_out(&now);
    if (status != VKVAE_OK) broken(call->name, n, "and then fails: %s", vkvae_error(v));
    if (status == VKVAE_OK && !same_lines(&now, after)) broken(call->name, n, "and then other files");
    return n;
}

static void look(const struct call *call, vkvae *v) {
    vkvae_status status;
    memset(ways, 0, sizeof ways);
    looking = true;
    (void)attempt(call, v, 0, &status);
    looking = false;
    const unsigned long count = counted < WAYS ? counted : WAYS - 1;
    for (unsigned long n = 1; n <= count; n++) {
        unsigned long before = n - 1, behind = n + 1;
        while (before && ways[before] != ways[n]) before--;
        while (behind <= count && ways[behind] != ways[n]) behind++;
        as_before[n] = before && behind <= count;
    }
}

static unsigned swept;
uint64_t arena_least = 16384;

static void sweep(const struct call *call, unsigned long most, unsigned long only, bool places) {
    static struct list before, after;
    vkvae_status status = VKVAE_OK;
    vkvae *v = vkvae_create();
    if (!v) abort();
    swept++;
    // What is made once and kept, by the C library or a driver, is no leak.
    for (int i = 0; i < 3 && status == VKVAE_OK; i++) (void)attempt(call, v, 0, &status);
    const unsigned long count = counted, step = 1 + count / most;
    call_is_long = count > 1000 && !only;
    if (status != VKVAE_OK) broken(call->name, 0, "fails without a fault: %s", vkvae_error(v));
    if (alive) tell_leaks(call->name, 0);
    list_out(&after);
    memset(as_before, 0, sizeof as_before);
    if (places) look(call, v);
    prepare(call);
    list_out(&before);
    const unsigned long first = only ? only : 1 + (step > 1 ? (unsigned long)random() % step : 0);
    for (unsigned long n = first; status == VKVAE_OK; n += step)
        if (n < WAYS && as_before[n])
            continue;
        else if (!try_one(call, v, n, &before, &after) || only)
            break;
    vkvae_destroy(v);
    if (getenv("MEMORY_TELL")) printf("%s: %lu allocations\n", call->name, count);
}

static void sweep_create(void) {
    counted = 0;
    due = 1;
    counting = true;
    vkvae *v = vkvae_create();
    counting = false;
    if (v) broken("create", 1, "succeeds without memory");
    vkvae_destroy(v);
    trials++;
}

static bool has_device(vkvae *v) {
    vkvae_device *list = NULL;
    uint32_t count = 0, chosen;
    char why[256];
    const bool has = vkvae_devices(v, NULL, &list, &count, &chosen, why) == VKVAE_OK && count > 0;
    vkvae_free(list);
    return has;
}

static void list_calls(void) {
    for (unsigned i = 0; i < data_call_count; i++) puts(data_calls[i].name);
    for (unsigned i = 0; i < call_count; i++) puts(calls[i].name);
    for (unsigned i = 0; i < device_call_count; i++) puts(device_calls[i].name);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        list_calls();
        return 0;
    }
    const char *dose = argc > 2 ? argv[2] : "small", *name = argc > 3 ? argv[3] : NULL;
    const bool places = strcmp(dose, "places") == 0, full = places || strcmp(dose, "full") == 0;
    const unsigned long only = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
    if (chdir(argv[1]) != 0) return 1;
    if (places) arena_least = 1;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)way();  // which allocates the first time
    (void)setenv("VKVAE_CACHE", "cache", 1);
    vkvae *v = vkvae_create();
    if (!v || !make_fixture(v)) {
        fprintf(stderr, "memory: %s\n", v ? vkvae_error(v) : "no memory");
        return 1;
    }
    if (!name) sweep_create();
    for (unsigned i = 0; i < data_call_count + call_count; i++) {
        const struct call *call = i < data_call_count ? &data_calls[i] : &calls[i - data_call_count];
        if (name ? strcmp(name, call->name) == 0 : full || !call->slow)
            sweep(call, full ? 1000000 : 2, only, places || (full && call->slow == COSTLY));
    }
    const bool device = has_device(v);
    ours_alone = true;
    for (unsigned i = 0; device && i < device_call_count; i++)
        if (name ? strcmp(name, device_calls[i].name) == 0 : full || !device_calls[i].slow)
            sweep(&device_calls[i], places ? 10 : full ? 200 : 1, only, false);
    vkvae_destroy(v);
    printf(
        "memory: %lu allocations of %u calls failed in turn: %lu calls failed and said so, the others "
        "did without; none leaked, and what was called again succeeded%s\n",
        trials, swept, refusals, device ? "" : " (no Vulkan device)");
    return broken_count > 0;
}
