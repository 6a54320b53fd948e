// Damages the files of a run, one at a time, in every way that a disk could: cut at each length, a bit
// changed. A damaged save is never gone on from, nor is what is good lost: the save before it is taken,
// and said so, and the run ends in the bytes of an undisturbed one.
//   damage FOLDER [full]   FOLDER: an empty one. The last line are figures; 1: a promise is broken
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vkvae/vkvae.h>

enum { MOST_FILES = 32, MOST_LINES = 8, EPOCHS = 2, MORE = 3 };

static bool full;
static unsigned broken_count;
static unsigned long trials;

static void broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void broken(const char *format, ...) {
    va_list list;
    va_start(list, format);
    printf("BROKEN: damage: ");
    vprintf(format, list);
    printf("\n");
    va_end(list);
    broken_count++;
}

static void die(const char *what) {
    fprintf(stderr, "damage: %s: %s\n", what, strerror(errno));
    exit(1);
}

// ---- Files ----

struct file {
    char path[128];
    unsigned char *bytes;
    size_t size;
};

static const char *const names[] = {"checkpoint.safetensors",
                                    "best.safetensors",
                                    "resume.safetensors",
                                    "resume-previous.safetensors",
                                    "config.json",
                                    "metrics.jsonl",
                                    "timing.jsonl",
                                    "loss.png",
                                    "samples-001.png",
                                    "samples-002.png",
                                    "reconstruction-001.png",
                                    "reconstruction-002.png"};
enum { FILES = sizeof names / sizeof *names, CHECKPOINT = 0, BEST, RESUME, PREVIOUS, CONFIG, METRICS };

static struct file run[FILES];

static void read_file(const char *folder, const char *name, struct file *f) {
    (void)snprintf(f->path, sizeof f->path, "%s/%s", folder, name);
    FILE *from = fopen(f->path, "rb");
    struct stat info;
    if (!from || fstat(fileno(from), &info) != 0) die(f->path);
    f->size = (size_t)info.st_size;
    f->bytes = malloc(f->size + 1);
    if (!f->bytes || fread(f->bytes, 1, f->size, from) != f->size) die(f->path);
    (void)fclose(from);
}

static void write_file(const char *path, const unsigned char *bytes, size_t size) {
    FILE *to = fopen(path, "wb");
    if (!to || fwrite(bytes, 1, size, to) != size || fclose(to) != 0) die(path);
}

// The run as it was: after each trial.
static void restore(void) {
    static const char *const later[] = {"samples-003.png", "reconstruction-003.png", "report.html"};
    char path[128];
    for (int i = 0; i < FILES; i++) write_file(run[i].path, run[i].bytes, run[i].size);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "run/%s", later[i]);
        (void)unlink(path);
    }
}

static bool holds(const char *path, const unsigned char *bytes, size_t size) {
    FILE *from = fopen(path, "rb");
    if (!from) return false;
    unsigned char *found = malloc(size + 1);
    const size_t got = found ? fread(found, 1, size + 1, from) : 0;
    const bool same = found && got == size && memcmp(found, bytes, size) == 0;
    free(found);
    (void)fclose(from);
    return same;
}

// ---- The library ----

struct said {
    char line[MOST_LINES][512];
    int count;
};

static void listen(void *user, bool warning, const char *line) {
    struct said *s = user;
    if (warning && s->count < MOST_LINES)
        (void)snprintf(s->line[s->count++], sizeof s->line[0], "%s", line);
}

static vkvae *library;
static struct said said;

static vkvae_status train(const char *out, const char *resume, uint32_t epochs) {
    vkvae_train_options o;
    vkvae_train_defaults(&o);
    o.data = "set";
    o.hidden[0] = 4;
    o.latent = 2;
    o.batch = 20;
    o.keep_best = true;
    o.epochs = epochs;
    o.out = out;
    o.resume = resume;
    o.device.device = "reference";
    said.count = 0;
    return vkvae_train(library, &o, NULL);
}

static vkvae_status sample(const char *from) {
    vkvae_sample_options o;
    vkvae_sample_defaults(&o);
    o.run = from;
    o.count = 1;
    o.device.device = "reference";
    return vkvae_sample(library, &o, NULL);
}

// ---- What must be ----

static struct file whole[FILES];  // the undisturbed run after all epochs: what of it is compared
static const int compared[] = {CHECKPOINT, BEST, RESUME, METRICS};

// Of what a save has, too: made anew, and said so.
static bool is_anew(int which) {
    return said.count == 1 &&
           strstr(said.line[0], which == METRICS ? "run: the files of epoch 2 are not all there, or"
                                                 : "run/checkpoint.safetensors: is damaged or missing");
}

// The same of a run that has nothing left to do: each file is then what it was.
static void is_mended(const char *what, int which) {
    const vkvae_status status = train(NULL, "run", EPOCHS);
    if (status != VKVAE_OK || !is_anew(which) ||
        !holds(run[which].path, run[which].bytes, run[which].size))
        broken("%s: is not made anew: %s%s", what, vkvae_error(library), said.count ? said.line[0] : "");
    if (sample("run") != VKVAE_OK) broken("%s: made anew: %s", what, vkvae_error(library));
}

// The run, resumed with this file of it damaged (-1: none), ends in the same bytes. Best weights of an
// epoch before stay what they are, refused; damaged metrics are made anew, which is said.
static void goes_on(const char *what, int which) {
    if (train(NULL, "run", MORE) != VKVAE_OK) {
        broken("%s: is not resumed: %s", what, vkvae_error(library));
        return;
    }
    for (size_t i = 0; i < sizeof compared / sizeof *compared; i++) {
        const struct file *f = &whole[compared[i]];
        if (compared[i] == BEST && which == BEST) continue;
        char path[128];
        (void)snprintf(path, sizeof path, "run/%s", names[compared[i]]);
        if (!holds(path, f->bytes, f->size)) broken("%s: resumed, %s has other bytes", what, path);
    }
    const bool told = said.count == 2 && strstr(said.line[0], "run/resume.safetensors") &&
                      strstr(said.line[1], "run/resume-previous.safetensors");
    if (which == RESUME ? !told : which == METRICS || which == CHECKPOINT ? !is_anew(which) : said.count)
        broken("%s: resumed with %d warnings: %s", what, said.count, said.count ? said.line[0] : "");
}

static void refused(const char *what, const char *path, vkvae_status status) {
    const char *error = vkvae_error(library);
    if (status != VKVAE_BAD_DATA || !strstr(error, path) || strchr(error, '\n'))
        broken("%s: status %d: %s", what, (int)status, error);
}

// Status and one line, whatever it is.
static void answers(const char *what, const char *call, vkvae_status status) {
    const char *error = vkvae_error(library);
    if ((status != VKVAE_OK) != (*error != '\0') || strchr(error, '\n'))
        broken("%s: %s: status %d: %s", what, call, (int)status, error);
}

// Digits behind the seventh may change: nothing shows so many.
static bool is_same(const vkvae_losses *a, const vkvae_losses *b) {
    return fabs(a->loss - b->loss) <= 1e-6 * fabs(b->loss) &&
           fabs(a->recon - b->recon) <= 1e-6 * fabs(b->loss) &&
           fabs(a->kl - b->kl) <= 1e-6 * fabs(b->loss);
}

static vkvae_compared sound;  // what 'vkvae compare' tells of the run as it is

// Losses that are told are those that were: of all epochs, since a file that ends before is as a run's
// that was killed.
static void is_believed(const char *what, const vkvae_compared *c) {
    if (c->epochs == sound.epochs && !(is_same(&c->train, &sound.train) &&
                                       is_same(&c->test, &sound.test) && is_same(&c->best, &sound.best)))
        broken("%s: 'vkvae compare' believes other losses", what);
}

static void read_all(const char *what) {
    vkvae_run_info info;
    vkvae_compare_options compare;
    vkvae_report_options report;
    vkvae_comparison *comparison = NULL;
    const char *const runs[] = {"run"};
    vkvae_compare_defaults(&compare);
    vkvae_report_defaults(&report);
    compare.runs = runs;
    compare.count = 1;
    report.run = "run";
    answers(what, "info", vkvae_info(library, "run", &info, NULL, NULL));
    answers(what, "compare", vkvae_compare(library, &compare, &comparison));
    if (comparison) is_believed(what, &comparison->runs[0]);
    if (!sound.epochs) sound = comparison->runs[0];
    answers(what, "report", vkvae_report(library, &report));
    vkvae_free(comparison);
}

static void try_damage(int which, const char *what) {
    vkvae_run_info info;
    switch (which) {
    case CHECKPOINT:
    case BEST:
        refused(what, run[which].path, sample(run[which].path));
        if (which == BEST) break;
        refused(what, run[which].path, sample("run"));
        if (vkvae_info(library, "run", &info, NULL, NULL) == VKVAE_OK && !info.problem[0])
            broken("%s: 'vkvae info' sees nothing wrong", what);
        break;
    case RESUME:
    case PREVIOUS:
        break;
    default:
        read_all(what);
    }
    // What nothing is resumed from has no effect there, which is seen often enough.
    if (which == RESUME || trials % 16 == 0)
        goes_on(what, which);
    else if (which == CHECKPOINT || which == METRICS)
        is_mended(what, which);
}

// ---- Damages ----

static void cut(int which, size_t length) {
    char what[200];
    (void)snprintf(what, sizeof what, "%s cut at %zu of %zu", names[which], length, run[which].size);
    write_file(run[which].path, run[which].bytes, length);
    try_damage(which, what);
    restore();
    trials++;
}

static void flip(int which, size_t bit) {
    char what[200];
    unsigned char *byte = &run[which].bytes[bit / 8];
    (void)snprintf(what, sizeof what, "%s with bit %zu changed", names[which], bit);
    *byte ^= (unsigned char)(1U << bit % 8);
    write_file(run[which].path, run[which].bytes, run[which].size);
    *byte ^= (unsigned char)(1U << bit % 8);
    try_damage(which, what);
    restore();
    trials++;
}

// Both saves: refused, and nothing is touched.
static void damage_both(size_t length) {
    write_file(run[RESUME].path, run[RESUME].bytes, length);
    write_file(run[PREVIOUS].path, run[PREVIOUS].bytes, run[PREVIOUS].size / 2);
    refused("both saves damaged", run[RESUME].path, train(NULL, "run", MORE));
    for (int i = 0; i < FILES; i++)
        if (i != RESUME && i != PREVIOUS && !holds(run[i].path, run[i].bytes, run[i].size))
            broken("both saves damaged: %s was touched", run[i].path);
    restore();
    trials++;
}

static uint64_t random_state = 42;

static uint64_t draw(uint64_t below) {
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (random_state >> 16) % below;
}

int main(int argc, char **argv) {
    const vkvae_shapes shapes = {.images = 40, .height = 8, .width = 8, .channels = 1};
    if (argc < 2 || chdir(argv[1]) != 0) die("a folder is needed");
    full = argc > 2 && strcmp(argv[2], "full") == 0;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    library = vkvae_create();
    if (!library) die("no memory");
    vkvae_set_log(library, listen, &said);
    if (vkvae_data_write(library, &shapes, "set", false) != VKVAE_OK ||
        train("whole", NULL, MORE) != VKVAE_OK || train("run", NULL, EPOCHS) != VKVAE_OK)
        die(vkvae_error(library));
    size_t most = 0;
    for (int i = 0; i < FILES; i++) {
        read_file("whole", names[i], &whole[i]);
        read_file("run", names[i], &run[i]);
        if (run[i].size > most) most = run[i].size;
    }
    read_all("nothing damaged");
    for (int i = 0; i < FILES; i++) {
        // Of a picture, which no one goes on from, in a hundred places.
        const bool picture = strstr(names[i], ".png") != NULL;
        const size_t step = picture || !full ? 1 + run[i].size / (full ? 100 : 3) : 1;
        const unsigned flips = full ? (picture ? 100 : 1000) : 3;
        for (size_t length = full ? 0 : draw(step); length < run[i].size; length += step) cut(i, length);
        for (unsigned k = 0; k < flips; k++) flip(i, draw(8 * run[i].size));
    }
    for (size_t length = 0; length < run[RESUME].size; length += full ? 10 : 3000) damage_both(length);
    goes_on("nothing damaged", -1);
    vkvae_destroy(library);
    printf("damage: %lu damages of %d files, the largest of %zu bytes, each refused or of no effect; "
           "every run went on\n",
           trials, FILES, most);
    return broken_count > 0;
}
