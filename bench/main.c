// vkvae_bench: finds the subcommand, reads its options, runs it.
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

bool bench_fail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)fputs("vkvae_bench: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return false;
}

static const struct bench_command commands[] = {
    {"gemm", "matrix products: the textbook's, squares, odd sizes",
     "GFLOP/s, and the share of what the machine can do at most.",
     BENCH_DEVICE | BENCH_CHECKS | BENCH_ALL, bench_gemm},
    {"conv", "convolutions and their gradients: those of a VAE of 64x64x3 pictures",
     "GFLOP/s; 3x3 kernels, 32 to 256 channels, batch 64.", BENCH_DEVICE | BENCH_CHECKS, bench_conv},
    {"ops", "every other op", "GB/s, counting each operand once, and twice what is updated in place.",
     BENCH_DEVICE | BENCH_CHECKS, bench_ops},
    {"rng", "normal and uniform numbers a second, on the device and on the host", NULL,
     BENCH_DEVICE | BENCH_CHECKS, bench_rng},
    {"train", "the textbook's run, from start to end",
     "784-400-20-400-784, batch 128, in a process of its own.", BENCH_DEVICE | BENCH_TRAINS,
     bench_train},
    {"startup", "from the start of a process to the end of its first step",
     "Cold: the driver's and our own caches are empty folders; warm: the same folders again.",
     BENCH_DEVICE | BENCH_TRAINS, bench_startup},
    {"scaling", "seconds a step and memory, against batch, width, latent size, set size, cores", NULL,
     BENCH_DEVICE | BENCH_PLOTS, bench_scaling},
    {"stream", "the textbook's run, with the set on the device and streamed, in turns", NULL,
     BENCH_DEVICE | BENCH_TRAINS, bench_stream},
    {"job", "one training, whose figures are printed as JSON: what the last four start", NULL,
     BENCH_DEVICE | BENCH_TRAINS | BENCH_JOB, bench_job},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

enum kind { FLAG, TEXT, WHOLE, REAL };
static const struct option {
    const char *name, *value;
    uint32_t takes;  // 0: every subcommand has it
    enum kind kind;
    size_t at;
    const char *help;
} options[] = {
#define AT(field) offsetof(struct bench_options, field)
    {"device", "D", BENCH_DEVICE, TEXT, AT(device), "as in 'vkvae devices'; the best one"},
    {"kernels", "FAMILY", BENCH_DEVICE, TEXT, AT(kernels), "as in 'vkvae train'; what suits the device"},
    {"json", NULL, 0, FLAG, AT(json), "print one JSON object instead of a table"},
    {"quick", NULL, 0, FLAG, AT(quick), "few sizes and runs: to see that it works, not to quote"},
    {"all", NULL, BENCH_ALL, FLAG, AT(all),
     "every variant that the device can run, not only the chosen one"},
    {"fault", "X", BENCH_CHECKS, TEXT, AT(fault),
     "make X the first number of each result before it is checked, to test the check"},
    {"data", "D", BENCH_TRAINS, TEXT, AT(data), "a set, as in 'vkvae train'; fashion-mnist"},
    {"epochs", "N", BENCH_TRAINS, WHOLE, AT(epochs), "epochs to train; 5"},
    {"plot", "FILE.png", BENCH_PLOTS, TEXT, AT(plot),
     "draw the times, and the memory beside it as FILE-memory.png"},
    {"batch", "N", BENCH_JOB, WHOLE, AT(batch), "128"},
    {"hidden", "N,...", BENCH_JOB, TEXT, AT(hidden), "400"},
    {"latent", "N", BENCH_JOB, WHOLE, AT(latent), "20"},
    {"images", "N", BENCH_JOB, WHOLE, AT(images), "train on so many random pictures instead of --data"},
    {"data-memory", "BYTES", BENCH_JOB, WHOLE, AT(data_memory), "stream what is more than this"},
    {"out", "FOLDER", BENCH_JOB, TEXT, AT(out), "write the run there"},
    {"seconds", "S", BENCH_JOB, REAL, AT(seconds), "stop after the epoch that ends beyond this"},
    {"first-step", NULL, BENCH_JOB, FLAG, AT(first_step), "stop after the first step"},
    {"since", "S", BENCH_JOB, REAL, AT(since), "when the process was started, by CLOCK_MONOTONIC"},
#undef AT
};
enum { OPTIONS = sizeof options / sizeof *options };

static bool has(const struct bench_command *c, const struct option *o) {
    return o->takes == 0 || (c->takes & o->takes) != 0;
}

static void print_overview(FILE *out) {
    (void)fputs(
        "Measures vkvae, and checks what it measures.\n\nusage: vkvae_bench COMMAND [options]\n\n", out);
    for (int i = 0; i < COMMANDS; i++)
        (void)fprintf(out, "  %-8s  %s\n", commands[i].name, commands[i].summary);
    (void)fputs(
        "\nexamples:\n"
        "  vkvae_bench gemm                       the kernels that would be chosen here\n"
        "  vkvae_bench gemm --all --json          all of them, for a program to read\n"
        "  vkvae_bench train --data mnist         the textbook's job, as 'vkvae train' does it\n"
        "  vkvae_bench scaling --plot scaling.png\n"
        "  vkvae_bench COMMAND --help             its options\n"
        "\nExit codes: 0 all is right; 1 a result is wrong, or something failed; 2 wrong usage.\n",
        out);
}

static void print_help(const struct bench_command *c) {
    printf("%s: %s\n", c->name, c->summary);
    if (c->details) puts(c->details);
    printf("\nusage: vkvae_bench %s [options]\n\n", c->name);
    for (int i = 0; i < OPTIONS; i++) {
        char text[40];
        if (!has(c, &options[i])) continue;
        (void)snprintf(text, sizeof text, "--%s %s", options[i].name,
                       options[i].value ? options[i].value : "");
        printf("  %-22s  %s\n", text, options[i].help);
    }
    printf("\nexamples:\n  vkvae_bench %s --quick\n  vkvae_bench %s --json\n", c->name, c->name);
}

static bool set(struct bench_options *values, const struct option *o, const char *value) {
    char *field = (char *)values + o->at, *end = NULL;
    const double number = value ? strtod(value, &end) : 0;
    const bool is_number = value && *value && !*end && number >= 0;
    switch (o->kind) {
    case FLAG:
        *(bool *)field = true;
        return !value || bench_fail("--%s takes no value", o->name);
    case TEXT:
        *(const char **)field = value;
        return true;
    case WHOLE:
        if (!is_number || number < 1 || number > UINT32_MAX || number != (double)(uint32_t)number)
            return bench_fail("--%s %s: expected a whole number from 1 on", o->name, value);
        *(uint32_t *)field = (uint32_t)number;
        return true;
    case REAL:
        *(double *)field = number;
        return is_number || bench_fail("--%s %s: expected a number", o->name, value);
    }
    return false;
}

static const struct option *find(const struct bench_command *c, const char *name, size_t length) {
    for (int i = 0; i < OPTIONS; i++)
        if (has(c, &options[i]) && strlen(options[i].name) == length &&
            memcmp(options[i].name, name, length) == 0)
            return &options[i];
    return NULL;
}

// --name, --name value, --name=value.
static bool parse(const struct bench_command *c, int argc, char **argv, struct bench_options *values) {
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i] + 2;
        const size_t length = strncmp(argv[i], "--", 2) == 0 ? strcspn(word, "=") : 0;
        const struct option *o = length ? find(c, word, length) : NULL;
        if (!o)
            return bench_fail("%s: unknown option %s; see vkvae_bench %s --help", c->name, argv[i],
                              c->name);
        const char *value = word[length] ? word + length + 1 : NULL;
        if (!value && o->kind != FLAG && ++i < argc) value = argv[i];
        if (!value && o->kind != FLAG) return bench_fail("--%s needs a value", o->name);
        if (!set(values, o, value)) return false;
    }
    return true;
}

static bool asks_help(int argc, char **argv) {
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

int main(int argc, char **argv) {
    struct bench_options values = {.program = argv[0], .data = "fashion-mnist"};
    const struct bench_command *c = NULL;
    if (argc < 2 || asks_help(1, argv + 1)) {
        print_overview(argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_USAGE : 0;
    }
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0) c = &commands[i];
    if (!c) {
        (void)bench_fail("no command is called '%s'; vkvae_bench --help lists them", argv[1]);
        return EXIT_USAGE;
    }
    if (asks_help(argc - 2, argv + 2)) {
        print_help(c);
        return 0;
    }
    values.command = c->name;
    return parse(c, argc - 2, argv + 2, &values) ? c->run(&values) : EXIT_USAGE;
}
