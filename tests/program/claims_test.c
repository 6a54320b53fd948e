// Whose a run's folder is: of several that begin at once, of one that writes there, of none that failed.
#include "runner.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// In the room's folder. Each writes the lines that tell where its run went.
static void start_at_once(struct room *r, const char *words) {
    char line[1024];
    (void)snprintf(line, sizeof line,
                   "cd '%s' && for s in 1 2 3 4; do '%s' train --images 200 --test-images 40 --hidden 8 "
                   "--latent 2 --epochs 2 --seed $s %s >out-$s 2>err-$s && echo \"ok $s\" & done; wait",
                   r->folder, VKVAE_PROGRAM, words);
    (void)run_shell(r, line);
}

static uint64_t seed_of(const char *run) {
    vkvae_run_info info;
    vkvae *v = vkvae_create();
    if (vkvae_info(v, run, &info, NULL, NULL) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    assert_string_equal(info.problem, "");
    assert_int_equal(info.epochs, 2);
    vkvae_destroy(v);
    return info.seed;
}

static void runs_begun_at_once_have_a_folder_each(void **state) {
    struct room *r = *state;
    vkvae_run_info *runs;
    uint32_t count;
    uint64_t seeds = 0;
    start_at_once(r, "");
    assert_int_equal(count_of(r->out, "ok "), 4);
    vkvae *v = vkvae_create();
    assert_int_equal(vkvae_runs(v, in(r, "runs"), &runs, &count), VKVAE_OK);
    vkvae_destroy(v);
    assert_int_equal(count, 4);
    for (uint32_t i = 0; i < count; i++) {
        seeds |= 1U << seed_of(runs[i].path);
        assert_tidy(runs[i].path);
    }
    assert_int_equal(seeds, 2 + 4 + 8 + 16);
    vkvae_free(runs);
}

static void one_of_several_gets_the_folder(void **state) {
    struct room *r = *state;
    start_at_once(r, "--out same");
    assert_int_equal(count_of(r->out, "ok "), 1);
    const char *winner = strstr(r->out, "ok ");
    assert_int_equal(seed_of(in(r, "same")), winner[3] - '0');
    assert_tidy(in(r, "same"));
    for (char c = '1'; c <= '4'; c++) {
        if (c == winner[3]) continue;
        unsigned char *text = read_bytes(in(r, "err-%c", c), NULL);
        if (!strstr((char *)text, "another vkvae is writing there"))
            assert_has((char *)text, "same is not empty: ");
        free(text);
    }
}

static void run_that_is_written_is_read_but_not_continued(void **state) {
    struct room *r = *state;
    const char *run = in(r, "run");
    char line[1024];
    write_set(in(r, "set"), &small_set);
    START(r, "train", "--data", in(r, "set"), "--hidden", "16", "--latent", "2", "--batch", "1",
          "--epochs", "1000", "--out", run);
    await_out(r, "epoch    1/1000");
    (void)snprintf(line, sizeof line,
                   "cd '%s' && '%s' train --resume run >out-1 2>err-1; echo $? >code-1; "
                   "'%s' train --out run --force >out-2 2>err-2; echo $? >code-2; "
                   "for c in runs 'info run' 'sample run -n 1 -o one.png'; do "
                   "'%s' $c >out-3 2>&1 || echo $c >failed; done",
                   r->folder, VKVAE_PROGRAM, VKVAE_PROGRAM, VKVAE_PROGRAM);
    (void)setenv("VKVAE_DEVICE", "reference", 1);
    assert_int_equal(system(line), 0);
    assert_int_equal(kill(r->pid, SIGTERM), 0);
    assert_int_equal(program_finish(r), 128 + SIGTERM);
    for (int i = 1; i <= 2; i++) {
        unsigned char *text = read_bytes(in(r, "err-%d", i), NULL),
                      *code = read_bytes(in(r, "code-%d", i), NULL);
        assert_has((char *)text, "run: another vkvae is writing there; wait for it");
        assert_string_equal((char *)code, "2\n");
        free(text);
        free(code);
    }
    assert_false(exists(in(r, "failed")));
    assert_tidy(run);
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "1000000", "--data", in(r, "nowhere"));
    ASSERT_REFUSED(r, 4, "nowhere");  // which is all: it is free again
}

static void start_that_fails_leaves_no_folder(void **state) {
    struct room *r = *state;
    assert_int_equal(chdir(r->folder), 0);
    RUN(r, "train", "--images", "20", "--batch", "100");
    assert_int_equal(r->code, 2);
    assert_false(exists(in(r, "runs")));
    assert_int_equal(mkdir(in(r, "runs"), 0777), 0);
    RUN(r, "train", "--images", "20", "--batch", "100");
    assert_int_equal(r->code, 2);
    assert_string_equal(list_folder(in(r, "runs"), "").text, "");
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(runs_begun_at_once_have_a_folder_each),
        ROOM(one_of_several_gets_the_folder),
        ROOM(run_that_is_written_is_read_but_not_continued),
        ROOM(start_that_fails_leaves_no_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
