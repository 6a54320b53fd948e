// The program in front of a library that does as it is told (fake_library.c): what reaches the library,
// what is said of what it does.
#include "fake.h"

#include <cJSON.h>

static struct program program;

static void assert_reaches(void **state, const char *arguments, const char *shown) {
    set("FAKE_SHOW=1", (char *)NULL);
    run_program(&program, *state, arguments);
    assert_int_equal(program.code, 0);
    assert_has(program.err, shown);
}

static void options_reach_the_library(void **state) {
    assert_reaches(state, "train --out x",
                   "data=(null) model=mlp hidden=401,0 latent=21 batch=129 epochs=11 lr=0.002 seed=43 "
                   "out=x force=0 "
                   "resume=(null) device=(null) kernels=(null) minimum=0 validate=0 tape=0\n");
    assert_reaches(
        state,
        "train --data d --out=x --model mlp --hidden 1 --latent=4096 --batch 65536 --epochs 3 --lr 1e-2 "
        "--seed 18446744073709551615 --force --device d --kernels plain --limits minimum --validate "
        "--print-tape",
        "data=d model=mlp hidden=1,0 latent=4096 batch=65536 epochs=3 lr=0.01 seed=18446744073709551615 "
        "out=x force=1 resume=(null) device=d kernels=plain minimum=1 validate=1 tape=1\n");
    assert_has(program.out, "the fake tape\n");
    assert_reaches(
        state, "train --resume r --epochs 3 --epochs 0004 --data d --validate --kernels auto",
        "data=d model=mlp hidden=401,0 latent=21 batch=129 epochs=4 lr=0.002 seed=43 out=(null) force=0 "
        "resume=r device=(null) kernels=auto minimum=0 validate=1 tape=0\n");
    assert_reaches(state, "train --out -", " out=- ");
    assert_reaches(state, "sample r", "run=r count=65 seed=3 out=samples.png columns=0 scale=0");
    assert_reaches(state, "sample -n64 --seed 7 -o grid.png --columns 5 --scale 64 -- -r",
                   "run=-r count=64 seed=7 out=grid.png columns=5 scale=64 device=(null) validate=0\n");
    assert_string_equal(program.out, "grid.png: 64 samples\n");
    assert_reaches(state, "sample r -n=9 -oa.npy", "run=r count=9 seed=3 out=a.npy");
    assert_reaches(state, "export r", "run=r format=(null) part=(null) out=(null) snippet=1");
    assert_string_equal(program.out, "fake: 3 bytes\n");
    assert_reaches(state, "export r --format onnx --part decoder -o a.onnx",
                   "run=r format=onnx part=decoder out=a.onnx snippet=1");
    assert_reaches(state, "import x/w.safetensors",
                   "file=x/w.safetensors out=runs/w force=0 data=(null) model=(null) size=0x0 latent=0");
    assert_has(program.out, " sample runs/w -n 64 ");
    assert_reaches(state, "import w --data d --size 3x4 --lr 0.5 --out o --force",
                   "file=w out=o force=1 data=d model=(null) size=3x4 latent=0 lr=0.5");
    assert_has(program.out, " train --resume o\n");
}

static void profile_reaches_the_library_and_is_printed(void **state) {
    assert_reaches(state, "train --out x --profile", "profile to (null)\n");
    assert_has(program.out,
               "profile: 4 of 16 steps watched, 110.000 ms each; the others took 100.000 ms "
               "each (watching costs +10.0 %)\n");
    assert_has(program.out,
               "product                      12     300.00    75.0 %     50.00 GFLOP/s    "
               "25.0 %\n"
               "sum                           4     100.00    25.0 %      7.50 GB/s           "
               "-\n");
    assert_has(program.out, "host, of a watched step: submit 1.000 ms, wait 100.000 ms, other 9.000 ms; "
                            "device 100.000 ms\n"
                            "peak: 200.0 GFLOP/s, 30.0 GB/s (guessed)\n");
    assert_has_not(program.out, "trace: ");
    assert_reaches(state, "train --out x --profile=t.json", "profile to t.json\n");
    assert_has(program.out, "trace: t.json, for https://ui.perfetto.dev\n");
    assert_reaches(state, "train --out x --profile=t.json --profile=false", "seed=43");
    assert_has_not(program.err, "profile to");
    run_program(&program, *state, "train --out x --profile --quiet");
    assert_has(program.out, "profile: 4");  // asked for
    run_program(&program, *state, "train --out x --profile=t.json --json");
    assert_has(program.out, "{\"event\":\"profile\",\"steps\":4,\"other_steps\":12,");
    assert_has(program.out, "{\"op\":\"sum\",\"calls\":4,\"seconds\":0.1,\"share\":0.25,\"gflops\":0,"
                            "\"gbytes\":7.5,\"of_peak\":null}");
}

static void start_tells_data_model_and_memory(void **state) {
    run_program(&program, *state, "train --out x");
    assert_has(program.err, "\n" FAKE_START("\n"));
    run_program(&program, *state, "train --out x --json");
    assert_has(program.out, "\"classes\":4,\"skipped\":2,\"normalize\":\"minmax\",\"tokens\":null,"
                            "\"token_count\":0,\"model\":\"conv\","
                            "\"widths\":\"8,16\",\"activation\":\"silu\",\"likelihood\":\"bernoulli\","
                            "\"sigma\":null,\"binarize\":\"none\",\"elbo\":true,"
                            "\"precision\":\"fp32\",\"latent\":5,\"parameters\":1234,"
                            "\"arena_bytes\":220200960,\"arena_unshared_bytes\":671088640,"
                            "\"state_bytes\":1572864,");
    assert_has_not(program.err, "memory:");
    run_program(&program, *state, "train --out x --quiet");
    assert_has_not(program.err, "memory:");
}

static void device_comes_from_the_variable_unless_given(void **state) {
    set("VKVAE_DEVICE=one of mine", (char *)NULL);
    assert_reaches(state, "train --out x", "device=one of mine ");
    assert_reaches(state, "sample x", "device=one of mine ");
    assert_reaches(state, "train --out x --device two", "device=two ");
    set("VKVAE_DEVICE=", (char *)NULL);
    assert_reaches(state, "train --out x", "device=(null) ");
}

static void run_without_a_name_goes_by_the_time(void **state) {
    int year, month, day, hour, minute, second, end = 0;
    assert_reaches(state, "train", "the run goes to runs/");
    assert_null(strstr(strstr(program.err, "the run goes to") + 1, "the run goes to"));  // said once
    const char *out = strstr(program.err, " out=");
    assert_non_null(out);
    assert_int_equal(sscanf(out, " out=runs/%4d%2d%2d-%2d%2d%2d%n", &year, &month, &day, &hour, &minute,
                            &second, &end),
                     6);
    assert_int_equal(end, strlen(" out=runs/20261121-225501"));
    assert_in_range(month, 1, 12);
    assert_in_range(hour, 0, 23);
}

// In the test's folder.
static void name_that_is_taken_gets_a_number(void **state) {
    char path[64], told[96], here[PATH_ROOM];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(path_of(*state, "")), 0);
    assert_int_equal(mkdir("runs", 0777), 0);
    const time_t now = time(NULL);
    for (int i = 0; i < 30; i++) {  // also those of the seconds to come
        const time_t second = now + i;
        struct tm local;
        assert_non_null(localtime_r(&second, &local));
        assert_true(strftime(path, sizeof path, "runs/%Y%m%d-%H%M%S", &local) > 0);
        assert_int_equal(mkdir(path, 0777), 0);
    }
    run_program(&program, *state, "train");
    assert_int_equal(program.code, 0);
    const char *name = strstr(program.err, "the run goes to ");
    assert_non_null(name);
    assert_int_equal(strcspn(name, "\n"), strlen("the run goes to runs/20261121-225501-2"));
    (void)snprintf(told, sizeof told, "%.*s-2\n", (int)strlen("the run goes to runs/20261121-225501"),
                   name);
    assert_has(program.err, told);
    assert_int_equal(chdir(here), 0);
}

// What is in the way of the run's folder is the library's to say.
static void file_in_place_of_runs_is_left_to_the_library(void **state) {
    char here[PATH_ROOM];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(path_of(*state, "")), 0);
    FILE *file = fopen("runs", "w");
    assert_non_null(file);
    (void)fclose(file);
    assert_reaches(state, "train", " out=runs/2");
    assert_int_equal(access("runs", F_OK), 0);
    assert_int_equal(chdir(here), 0);
}

static void epochs_are_lines_on_stdout_and_the_end_says_what_next(void **state) {
    char end[4 * PATH_ROOM], line[2 * PATH_ROOM];
    const char *run = path_of(*state, "x");
    (void)snprintf(line, sizeof line, "train --out %s --epochs 10 --device 1", run);
    run_program(&program, *state, line);
    assert_int_equal(program.code, 0);
    assert_string_equal(program.err, "warning: this is a fake\n" FAKE_START("\n"));
    assert_int_equal(count_lines(program.out), 12);
    assert_has(program.out, "epoch  1/10  train 114.48 (recon 89.66 + KL 24.82)  "
                            "test 111.95 (recon 87.50 + KL 24.45)  6.1 s  9.8k images/s\n");
    assert_has(program.out, "\nepoch 10/10  train");
    run = path_of(*state, "x");
    (void)snprintf(end, sizeof end,
                   "%s/ has loss.png\nnext: %s sample %s -n 64 --seed 7 -o samples.npy --device 1\n",
                   run, program.path, run);
    assert_has(program.out, end);

    assert_int_equal(mkdir(run, 0777), 0);
    FILE *file = fopen(path_of(*state, "x/samples-010.png"), "wb");
    assert_non_null(file);
    (void)fclose(file);
    line[strlen(line) - strlen(" --device 1")] = '\0';
    run_program(&program, *state, line);
    run = path_of(*state, "x");
    (void)snprintf(end, sizeof end,
                   "%s/ has samples-010.png, reconstruction-010.png and loss.png\n"
                   "next: %s sample %s -n 64 --seed 7 -o grid.png\n",
                   run, program.path, run);
    assert_has(program.out, end);
}

static void failures_have_the_librarys_text_and_code(void **state) {
    static const char *const calls[] = {"train --out x", "sample x",         "export x", "import x.npz",
                                        "data info x",   "data shapes -o y", "runs",     "info x",
                                        "compare x y",   "report x",         "devices"};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        for (int code = 1; code <= 4; code++) {
            char text[64], pair[32];
            (void)snprintf(pair, sizeof pair, "FAKE_FAIL=%d", code);
            const size_t first = strcspn(calls[i], " ");
            const bool two = strncmp(calls[i], "data ", 5) == 0;
            (void)snprintf(text, sizeof text, "vkvae %.*s: fake failure %d?in two lines\n",
                           (int)(two ? first + 1 + strcspn(calls[i] + first + 1, " ") : first), calls[i],
                           code);
            set(pair, (char *)NULL);
            run_program(&program, *state, calls[i]);
            assert_int_equal(program.code, code);
            assert_has(program.err, text);
            assert_string_equal(program.out, "");
        }
    run_program(&program, *state, "train");  // nothing is promised of a run that did not start
    assert_has_not(program.err, "the run goes to");
}

static void no_memory_is_told(void **state) {
    static const char *const calls[] = {
        "train --out x", "sample x",      "devices",          "autotune",      "export x",
        "import x.npz",  "data info x",   "data shapes -o y", "runs",          "info x",
        "compare x y",   "report x",      "encode x",         "evaluate x",    "score x",
        "project x",     "reconstruct x", "decode x y.npy",   "interpolate x", "traverse x",
        "manifold x",    "augment x"};
    set("FAKE_NO_MEMORY=1", (char *)NULL);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        run_program(&program, *state, calls[i]);
        assert_int_equal(program.code, 1);
        assert_has(program.err, "out of memory");
    }
}

static void continuing_names_what_the_next_call_needs(void **state) {
    set("FAKE_STEP_MS=150", "FAKE_STEPS=40", (char *)NULL);
    program_start(&program, *state,
                  "train --resume it's --epochs 7 --device 1 --data -d --validate --limits minimum", -1);
    await_text(&program, "this is a fake");
    (void)kill(program.pid, SIGINT);
    program_wait(&program);
    assert_int_equal(program.code, 130);
    assert_has(program.err,
               " train --resume 'it'\\''s' --epochs 7 --device 1 --limits minimum --data ./-d\n");
}

static void resumed_run_keeps_its_number_of_epochs(void **state) {
    assert_reaches(state, "train --resume r",
                   "data=(null) model=mlp hidden=401,0 latent=21 batch=129 epochs=0 ");
    assert_has(program.out, "\nepoch 6/6  train");
    set("FAKE_STEP_MS=500", "FAKE_STEPS=1", (char *)NULL);
    program_start(&program, *state, "train --resume r", -1);
    await_text(&program, "this is a fake");
    (void)kill(program.pid, SIGINT);
    program_wait(&program);
    assert_int_equal(program.code, 130);
    assert_has(program.err, "\nstopped after epoch 1 of 6; continue with: ");
    assert_has(program.err, " train --resume r --epochs 6\n");
}

static void list_of_devices_marks_the_chosen_one(void **state) {
    run_program(&program, *state, "devices");
    assert_int_equal(program.code, 0);
    assert_has(program.out, "  0  Slow Software\n");
    assert_has(program.out, "* 1  Big Card\n");
    assert_has(program.out, "  2  Little Card\n     unusable  its driver speaks Vulkan 1.0\n");
    assert_has(program.out, "memory    2 GiB\n");
    assert_has(program.out, "chosen: 1, Big Card: the fake's choice\n");
}

// What is asked for, then the exit code and what is said of the choice.
static const struct {
    const char *device;
    int code;
    const char *said;
} choices[] = {
    {"0", 0, "\nchosen: 0, Slow Software: --device 0\n"},
    {"1", 0, "\nchosen: 1, Big Card: --device 1\n"},
    {"reference", 0, "\nchosen: reference, scalar code on the host: --device reference\n"},
    {"2", 3, "\nchosen: none: --device 2 is not to the fake's taste\n"},
};

static void choice_is_said_with_what_was_asked_for(void **state) {
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        char call[64];
        (void)snprintf(call, sizeof call, "devices --device %s", choices[i].device);
        run_program(&program, *state, call);
        assert_int_equal(program.code, choices[i].code);
        assert_has(program.out, choices[i].said);
        assert_int_equal(count_lines(program.err), choices[i].code ? 1 : 0);
    }
    set("VKVAE_DEVICE=x", (char *)NULL);
    run_program(&program, *state, "devices");
    assert_int_equal(program.code, 3);
    assert_has(program.out, "\nchosen: none: VKVAE_DEVICE=x is not to the fake's taste\n");
    assert_string_equal(program.err, "vkvae devices: VKVAE_DEVICE=x is not to the fake's taste\n");
}

static void no_device_is_code_3_and_an_empty_list(void **state) {
    set("FAKE_DEVICES=0", (char *)NULL);
    run_program(&program, *state, "devices");
    assert_int_equal(program.code, 3);
    assert_string_equal(program.out, "");
    assert_string_equal(program.err, "vkvae devices: fake failure 3?in two lines\n");
    run_program(&program, *state, "devices --json --device 0");
    assert_int_equal(program.code, 3);
    assert_has(program.out,
               "\"devices\":\t[],\n\t\"chosen\":\tnull,\n\t\"why\":\t\"fake failure 3\\nin two");
    run_program(&program, *state, "devices --device reference");
    assert_int_equal(program.code, 0);
    assert_has(program.out, "chosen: reference");
}

static void log_file_gets_a_line_every_ten_seconds(void **state) {
    set("FAKE_STEP_MS=5200", "FAKE_STEPS=2", (char *)NULL);
    run_program(&program, *state, "train --out x --epochs 1");
    assert_string_equal(program.err,
                        "warning: this is a fake\n" FAKE_START(
                            "\n") "epoch 1/1  step 2/2  12034 images/s  loss 112.30  left 0:42\n");
}

// What is minimised, where that is not the loss; latents, where some are dead.
static void an_epoch_tells_of_the_objective_and_of_dead_latents(void **state) {
    set("FAKE_LATENTS=3", (char *)NULL);
    run_program(&program, *state, "train --out x --epochs 1");
    assert_has(program.out, "  9.8k images/s\n");
    set("FAKE_LATENTS=2", "FAKE_WEIGHED=1", (char *)NULL);
    run_program(&program, *state, "train --out x --epochs 1");
    assert_has(program.out, "  9.8k images/s  objective 102.07, test 99.73 (KL weight 0.5, capacity "
                            "0.25)  2/3 active\n");
    run_program(&program, *state, "train --out x --epochs 1 --json");
    assert_has(program.out, "\"images_per_second\":9836,\"kl_weight\":0.5,\"capacity\":0.25,"
                            "\"train_objective\":102.07,\"test_objective\":99.73,\"active_units\":2,"
                            "\"kl_per_latent\":[20,4.25,0]}\n");
}

// Where the likelihood has one, and of bits where it is one of bytes.
static void json_has_sigma_and_bits_where_there_are_any(void **state) {
    run_program(&program, *state, "train --out x --epochs 1 --json");
    assert_has_not(program.out, "bits_per_dim");
    set("FAKE_SIGMA=1", (char *)NULL);
    run_program(&program, *state, "train --out x --epochs 1 --json");
    assert_has(program.out, "\"kl\":24.82,\"bits_per_dim\":1.25},\"test\":{");
    assert_has(program.out, "\"kl\":24.45,\"bits_per_dim\":1.5},\"sigma\":0.5,\"train_seconds\":");
}

// Of each line an object of its own.
static void json_is_a_line_an_event(void **state) {
    set("FAKE_NAN=1", (char *)NULL);
    run_program(&program, *state, "train --out x --epochs 2 --json");
    assert_int_equal(program.code, 0);
    assert_int_equal(count_lines(program.out), 4);
    assert_has(program.out, "{\"event\":\"start\",\"run\":\"x\",\"data\":\"fakes\",\"device\":\"Big "
                            "Card\",\"kernels\":\"fake/8\",\"tuning\":null,\"height\":9,");
    assert_has(program.out, "\"epoch\":0,\"epochs\":2,\"steps\":4}\n");
    assert_has(program.out,
               "{\"event\":\"epoch\",\"epoch\":1,\"epochs\":2,\"step\":4,\"train\":{\"loss\":"
               "114.48,\"recon\":89.66,\"kl\":24.82},\"test\":{\"loss\":null,\"recon\":87.5,"
               "\"kl\":24.45},\"train_seconds\":6.1,\"test_seconds\":0.4,"
               "\"images_per_second\":9836}\n");
    assert_has(program.out, "{\"event\":\"end\",\"run\":\"x\",\"stopped\":false,\"epochs\":2,"
                            "\"wanted_epochs\":2,\"steps\":8,\"best_epoch\":0,\"early\":false,"
                            "\"device_bytes\":0,\"retries\":0}\n");
    assert_has(program.err, "warning: this is a fake\n");
    set("FAKE_FAIL=1", (char *)NULL);
    run_program(&program, *state, "train --out x --json");
    assert_int_equal(program.code, 1);
    assert_string_equal(program.out, "");
}

// Each width of vectors is tried in a process of its own, unless the user has set one.
static void autotune_tries_both_widths_of_vectors(void **state) {
    set("FAKE_SHOW=1", (char *)NULL);
    run_program(&program, *state, "autotune --hidden 7,5 --batch 9 --latent 3 --force");
    assert_int_equal(program.code, 0);
    assert_has(program.err, "hidden=7,5 latent=3 batch=9 ");
    assert_has(program.err, "512 bits are kept under 'fake key'\n");
    assert_has(program.out, "fake llvmpipe, subgroups of 8\n");
    assert_has(program.out, "fake llvmpipe, subgroups of 16\n");
    assert_has(program.out, "nt 3x4x5                 fixed 1                    wrong  fixed\n");
    assert_has(program.out, "* other 2                    2.000      0.00\n");
    assert_has(program.out, "20.000 ms with vectors of 256 bits\n");
    assert_has(program.out, "10.000 ms with vectors of 512 bits, which is taken\n");
    assert_has(program.out, "kept in fake cache: ");
    run_program(&program, *state, "autotune --json");
    assert_int_equal(program.code, 0);
    cJSON *json = cJSON_Parse(program.out);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "tried")), 2);
    assert_int_equal(cJSON_GetObjectItem(json, "chosen")->valueint, 1);
    cJSON_Delete(json);
    set("FAKE_NAN=1", (char *)NULL);  // faster and wrong
    run_program(&program, *state, "autotune --json");
    assert_int_equal(program.code, 0);
    assert_has(program.err,
               "warning: with vectors of 512 bits training comes to another loss (0, not 100)");
    assert_has(program.err, "\n0 bits are kept under 'fake key'\n");
    json = cJSON_Parse(program.out);
    assert_int_equal(cJSON_GetObjectItem(json, "chosen")->valueint, 0);
    cJSON_Delete(json);
    set("LP_NATIVE_VECTOR_WIDTH=256", (char *)NULL);
    run_program(&program, *state, "autotune --quiet");
    assert_int_equal(program.code, 0);
    assert_null(strstr(program.out, "subgroups of 16\n"));
    assert_null(strstr(program.err, "are kept"));
    set("FAKE_FAIL=3", (char *)NULL);
    run_program(&program, *state, "autotune");
    assert_int_equal(program.code, 3);
    assert_has(program.err, "vkvae autotune: fake failure 3");
    assert_string_equal(program.out, "");
}

// As many operands as there are, in their order and with options between them.
static void compare_takes_many_runs(void **state) {
    set("FAKE_SHOW=1", (char *)NULL);
    run_program(&program, *state, "compare a --quiet b/ -- -c d e");
    assert_int_equal(program.code, 0);
    assert_string_equal(program.err, "");
    assert_string_equal(program.out, "run  latent  epochs  best test    test  recon     KL  images/s\n"
                                     "a    20         3/6  100.00 @2  101.00  90.00  11.00         -\n"
                                     "b/   -          0/6          -       -      -      -         -\n"
                                     "-c   -          0/6          -       -      -      -         -\n"
                                     "d    -          0/6          -       -      -      -         -\n"
                                     "e    -          0/6          -       -      -      -         -\n");
    run_program(&program, *state, "compare x y z");
    assert_string_equal(program.err, "x\ny\nz\n");
    run_program(&program, *state, "compare --json x y");
    cJSON *json = cJSON_Parse(program.out);
    const cJSON *runs = cJSON_GetObjectItem(json, "runs");
    assert_int_equal(cJSON_GetArraySize(runs), 2);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetArrayItem(runs, 1), "name")),
                        "y");
    cJSON_Delete(json);
    set("FAKE_FAIL=4", (char *)NULL);
    run_program(&program, *state, "compare x y");
    assert_int_equal(program.code, 4);
    assert_has(program.err, "vkvae compare: fake failure 4");
    assert_string_equal(program.out, "");
}

static void report_reaches_the_library(void **state) {
    assert_reaches(state, "report r", "run=r out=r/report.html epochs=51\n");
    assert_string_equal(program.out, "r/report.html\n");
    assert_reaches(state, "report r/ -o x.html --epochs 7", "run=r/ out=x.html epochs=7\n");
    run_program(&program, *state, "report r --json");
    cJSON *json = cJSON_Parse(program.out);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "run")), "r");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "out")), "r/report.html");
    cJSON_Delete(json);
    set("FAKE_FAIL=4", (char *)NULL);
    run_program(&program, *state, "report r");
    assert_int_equal(program.code, 4);
    assert_string_equal(program.out, "");
}

static void stopped_run_ends_its_json_too(void **state) {
    set("FAKE_STEP_MS=500", "FAKE_STEPS=40", (char *)NULL);
    program_start(&program, *state, "train --out x --json --quiet", -1);
    await_text(&program, "this is a fake");
    (void)kill(program.pid, SIGINT);
    program_wait(&program);
    assert_int_equal(program.code, 130);
    assert_has(program.out, "{\"event\":\"end\",\"run\":\"x\",\"stopped\":true,");
    assert_string_equal(program.err, "warning: this is a fake\n");
}

static void quiet_run_says_nothing_but_warnings_and_errors(void **state) {
    set("FAKE_SHOW=1", (char *)NULL);
    run_program(&program, *state, "train -q");
    assert_int_equal(program.code, 0);
    assert_string_equal(program.out, "");
    assert_string_equal(program.err, "warning: this is a fake\n");
    run_program(&program, *state, "train --quiet --print-tape");
    assert_string_equal(program.out, "the fake tape\n");
    run_program(&program, *state, "train --quiet --json --epochs 1");
    assert_int_equal(count_lines(program.out), 3);
    set("FAKE_FAIL=4", (char *)NULL);
    run_program(&program, *state, "train --quiet");
    assert_int_equal(program.code, 4);
    assert_has(program.err, "vkvae train: fake failure 4");
}

int main(void) {
    (void)reset_environment(NULL);
    program.path = fake_path();
    const struct CMUnitTest tests[] = {
        FAKE_TEST(options_reach_the_library),
        FAKE_TEST(profile_reaches_the_library_and_is_printed),
        FAKE_TEST(start_tells_data_model_and_memory),
        FAKE_TEST(device_comes_from_the_variable_unless_given),
        FAKE_TEST(run_without_a_name_goes_by_the_time),
        FAKE_TEST(name_that_is_taken_gets_a_number),
        FAKE_TEST(file_in_place_of_runs_is_left_to_the_library),
        FAKE_TEST(epochs_are_lines_on_stdout_and_the_end_says_what_next),
        FAKE_TEST(failures_have_the_librarys_text_and_code),
        FAKE_TEST(no_memory_is_told),
        FAKE_TEST(continuing_names_what_the_next_call_needs),
        FAKE_TEST(resumed_run_keeps_its_number_of_epochs),
        FAKE_TEST(list_of_devices_marks_the_chosen_one),
        FAKE_TEST(choice_is_said_with_what_was_asked_for),
        FAKE_TEST(no_device_is_code_3_and_an_empty_list),
        FAKE_TEST(an_epoch_tells_of_the_objective_and_of_dead_latents),
        FAKE_TEST(json_has_sigma_and_bits_where_there_are_any),
        FAKE_TEST(json_is_a_line_an_event),
        FAKE_TEST(autotune_tries_both_widths_of_vectors),
        FAKE_TEST(compare_takes_many_runs),
        FAKE_TEST(report_reaches_the_library),
        FAKE_TEST(stopped_run_ends_its_json_too),
        FAKE_TEST(quiet_run_says_nothing_but_warnings_and_errors),
        FAKE_TEST(log_file_gets_a_line_every_ten_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
