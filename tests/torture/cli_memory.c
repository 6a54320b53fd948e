// The command line when memory runs out: each allocation of its own and of its JSON made to fail in
// turn, over commands that print what the real library gives them.
//   cli_memory FOLDER [full]   in a folder that is new
// Whatever fails, the command says so in a line and by its exit code, or gives all that it gives
// otherwise; and no JSON is left behind. (That a file is damaged is also said where cJSON had no memory
// to read it.) In a small dose the first failures of each command and every 17th.
#include <cJSON.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int cli_main(int argc, char **argv);  // the program's
// What src/cli calls here in place of malloc and its like.
void *failing_malloc(size_t size);
void *failing_calloc(size_t count, size_t size);
void *failing_realloc(void *old, size_t size);

enum { WORDS = 32, FIRST = 25, EVERY = 17, ROOM = 1 << 20 };

static uint64_t calls, failing_call;  // counted from 1; 0: none fails
static int64_t json_left;             // not given back yet
static bool json_failed;              // the call that failed was of JSON

static bool fails(void) {
    return ++calls == failing_call;
}

void *failing_malloc(size_t size) {
    return fails() ? NULL : malloc(size);
}

void *failing_calloc(size_t count, size_t size) {
    return fails() ? NULL : calloc(count, size);
}

void *failing_realloc(void *old, size_t size) {
    return fails() ? NULL : realloc(old, size);
}

static void *json_malloc(size_t size) {
    void *memory = failing_malloc(size);
    json_failed |= calls == failing_call;
    json_left += memory != NULL;
    return memory;
}

static void json_free(void *memory) {
    json_left -= memory != NULL;
    free(memory);
}

// ---- Running ----

struct outcome {
    int code;
    uint64_t calls;
    int64_t left;  // of JSON: what is given back by free() alone counts, too
    bool json_failed;
    char *out, *err;
};

static char *read_back(int file) {
    char *text = calloc(1, ROOM);
    if (!text || lseek(file, 0, SEEK_SET) != 0 || read(file, text, ROOM - 1) < 0) abort();
    return text;
}

static struct outcome run(const char *line, uint64_t fail) {
    char copy[1024], *argv[WORDS] = {"vkvae"};
    int argc = 1, files[2], kept[2];
    (void)snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) argv[argc++] = word;
    (void)fflush(NULL);
    for (int i = 0; i < 2; i++) {
        kept[i] = dup(i + 1);
        files[i] = open(i ? "err" : "out", O_RDWR | O_CREAT | O_TRUNC, 0600);
        if (kept[i] < 0 || files[i] < 0 || dup2(files[i], i + 1) < 0) abort();
    }
    calls = 0;
    json_left = 0;
    json_failed = false;
    failing_call = fail;
    struct outcome o = {.code = cli_main(argc, argv)};
    failing_call = 0;
    o.calls = calls;
    o.left = json_left;
    o.json_failed = json_failed;
    (void)fflush(NULL);
    o.out = read_back(files[0]);
    o.err = read_back(files[1]);
    for (int i = 0; i < 2; i++) {
        (void)dup2(kept[i], i + 1);
        (void)close(kept[i]);
        (void)close(files[i]);
    }
    return o;
}

static void finish(struct outcome *o) {
    free(o->out);
    free(o->err);
}

// ---- Looking ----

static unsigned failures;

static void complain(const char *line, uint64_t fail, const struct outcome *o, const char *what) {
    if (failures++ > 20) return;
    (void)printf("%s, allocation %llu of %llu: %s; exit code %d\n%.1500s\n%.300s\n", line,
                 (unsigned long long)fail, (unsigned long long)o->calls, what, o->code, o->out, o->err);
}

static bool is_word(const cJSON *json) {
    return !cJSON_IsArray(json) && !cJSON_IsObject(json);
}

// Of the same keys in the same order, types, and lengths. Values differ from time to time, and what the
// library could not read is null; where it says that it could not ("problem"), lists and objects are
// null or empty, too. In which settings runs differ depends on what could be read.
static bool has_form_of(const cJSON *json, const cJSON *whole,
                        bool unread) {  // NOLINT(misc-no-recursion)
    if (is_word(json) && is_word(whole))
        return cJSON_IsNull(json) || cJSON_IsNull(whole) || json->type == whole->type ||
               (cJSON_IsBool(json) && cJSON_IsBool(whole));
    if (unread && (cJSON_IsNull(json) || (!is_word(json) && !json->child))) return true;
    if (json->type != whole->type) return false;
    unread |= cJSON_IsString(cJSON_GetObjectItem(json, "problem"));
    const cJSON *a = json->child, *b = whole->child;
    for (; a && b; a = a->next, b = b->next) {
        if (cJSON_IsObject(whole) && strcmp(a->string, b->string) != 0) return false;
        if (!(cJSON_IsObject(whole) && strcmp(a->string, "settings") == 0) && !has_form_of(a, b, unread))
            return false;
    }
    return !a && !b;
}

// Of the JSON that a text is made of, one behind the other.
static bool have_form_of(const char *text, const char *whole) {
    bool same = true;
    while (same && *text && *whole) {
        const char *end = text, *whole_end = whole;
        cJSON *a = cJSON_ParseWithOpts(text, &end, false);
        cJSON *b = cJSON_ParseWithOpts(whole, &whole_end, false);
        same = a && b && has_form_of(a, b, false);
        cJSON_Delete(a);
        cJSON_Delete(b);
        text = end + strspn(end, "\n");
        whole = whole_end + strspn(whole_end, "\n");
    }
    return same && !*text && !*whole;
}

static unsigned count_lines(const char *text) {
    unsigned lines = 0;
    for (; *text; text++) lines += *text == '\n';
    return lines;
}

static bool is_all_there(const char *line, const struct outcome *o, const struct outcome *whole) {
    if (strstr(line, "--json")) return have_form_of(o->out, whole->out);
    // What the library could not read has no line there.
    return o->json_failed || count_lines(o->out) == count_lines(whole->out);
}

static void look(const char *line, uint64_t fail, const struct outcome *o, const struct outcome *whole) {
    const char *end = strchr(o->err, '\n');
    if (o->left > whole->left) complain(line, fail, o, "JSON is left behind");
    if (o->code == 0 && !is_all_there(line, o, whole))
        complain(line, fail, o, "says that all went well, and left something out");
    if (o->code != 0 && !end) complain(line, fail, o, "does not say why");
}

static void fail_each(const char *line, bool full, uint64_t *tried) {
    struct outcome whole = run(line, 0);
    if (whole.code != 0) complain(line, 0, &whole, "fails by itself");
    for (uint64_t k = 1; k <= whole.calls; k += full || k < FIRST ? 1 : EVERY, ++*tried) {
        struct outcome o = run(line, k);
        look(line, k, &o, &whole);
        finish(&o);
    }
    finish(&whole);
}

int main(int argc, char **argv) {
    // Each in brackets that takes two literals, which could be a comma that is missing.
    static const char *const before[] = {
        "train --images 12 --size 8x8 --hidden 3 --latent 2 --batch 4 --epochs 1 --out run --quiet",
        ("train --data text.txt --tokens words --length 4 --hidden 3 --latent 2 --batch 2 --epochs 1 "
         "--out words --quiet"),
        ("train --images 12 --size 8x8 --objective ae --model resnet --channels-list 2 --dropout 0.1 "
         "--blocks 2 --upsample nearest --latent 2 --batch 4 --epochs 1 --out plain --quiet"),
        "data shapes -n 12 --size 8x8 --out set --quiet",
        "encode run -o codes.npy --quiet",
        "sample run -n 3 --each pictures/a --quiet",
        "sample run -n 3 --each pictures/b --quiet",
    };
    static const char *const commands[] = {
        "info run",
        "info run --json",
        "info run/checkpoint.safetensors --json",
        "info words",
        "info plain",
        "runs . --json",
        "runs .",
        "compare run run --json",
        "compare run run",
        "compare run plain words",
        "devices --json",
        "data info set",
        "data info set --json",
        "data info text.txt --json",
        "data info text.txt",
        "data info text.txt --tokens chars --length 4 --json",
        "data info text.txt --tokens chars --length 4",
        "data info pictures --json",
        "data info codes.npy --normalize standard --json",

        "evaluate run --json",
        "evaluate run --nll --nll-images 2 --nll-samples 2 --frechet --json",
        "evaluate run --nll --nll-images 2 --nll-samples 2 --frechet-features run",
        ("evaluate run --data shapes --images 100 --size 8x8 --part all --disentanglement --votes 8 "
         "--json"),
        "evaluate words --mean",
        "evaluate plain --data set",
        "score run --json -o scores.csv",
        "score run --normal-class 0 --json -o scores.csv",
        "sample run -n 2 -o s.png --json",
        "sample run --from codes.npy -o s.png --json",
        "sample words -n 2 --json",
        "sample words -n 2",
        "sample run -n 1 --each each --stats --json",
        "decode run codes.npy -o d.png --json",
        "encode run -o e.npy --json",
        "reconstruct run -o r.png --json",
        "interpolate run -o i.png --json",
        "traverse run -o t.png --json",
        "manifold run -o m.png --json",
        "project run -o p.png --json",
        "augment run -n 2 -o a.npz --json",
        "export run -o w.npz --json",
        "import run/checkpoint.safetensors --out imported --force --json",
        "train --config run/config.json --out again --force --json",
        "train --config run/config.json --out again --force --profile --json",
        "report run --json",
        "report run --explore --json",
        "help",
        "help train",
        "help data",
        "help --format man",
        "help --format zsh",
        "help --format bash",
        "help --format fish",
        "help --format markdown",
    };
    cJSON_Hooks hooks = {json_malloc, json_free};
    uint64_t tried = 0;
    (void)setenv("VKVAE_DEVICE", "reference", 1);
    if (argc < 2 || mkdir(argv[1], 0777) != 0 || chdir(argv[1]) != 0) return EXIT_FAILURE;
    FILE *text = fopen("text.txt", "w");
    if (!text || fputs("the cat sat on the mat\nthe dog sat\n\non a mat\n", text) < 0 ||
        fclose(text) != 0)
        return EXIT_FAILURE;
    cJSON_InitHooks(&hooks);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        struct outcome o = run(before[i], 0);
        if (o.code != 0) complain(before[i], 0, &o, "fails by itself");
        finish(&o);
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fail_each(commands[i], argc > 2, &tried);
    (void)printf("%zu commands, %llu allocations failed, %u wrong\n", sizeof commands / sizeof *commands,
                 (unsigned long long)tried, failures);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
