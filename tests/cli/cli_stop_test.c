// Signals, in front of a library that does as it is told (fake_library.c): the first one saves, the
// second one ends the program, and a pipe that nobody reads any more is a signal, too.
#include "fake.h"

static struct program program;

static void start_slowly(void **state, const char *arguments, int out) {
    set("FAKE_STEP_MS=150", "FAKE_STEPS=40", (char *)NULL);
    program_start(&program, *state, arguments, out);
    await_text(&program, "this is a fake");
}

static void assert_stopped(int signal) {
    char line[2 * PATH_ROOM];
    program_wait(&program);
    assert_int_equal(program.code, 128 + signal);
    assert_has(program.err, "\nstopping: finishing the step and saving (once more to stop at "
                            "once)\nstopped at epoch 1, step ");
    (void)snprintf(line, sizeof line, " of 40; continue with: %s train --resume x/y --epochs 7\n",
                   program.path);
    assert_has(program.err, line);
    assert_null(strstr(strstr(program.err, "stopping") + 1, "stopping"));  // said once
    assert_string_equal(program.out, "");
}

static void first_signal_saves_and_says_how_to_continue(void **state) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < 4; i++) {
        start_slowly(state, "train --out x/y --epochs 7", -1);
        pause_ms(100);
        assert_int_equal(kill(program.pid, signals[i]), 0);
        pause_ms(20);
        (void)kill(program.pid, signals[i]);  // the same request, as timeout(1) repeats it
        assert_stopped(signals[i]);
    }
}

static void second_signal_ends_at_once(void **state) {
    static const int signals[][2] = {
        {SIGINT, SIGINT}, {SIGTERM, SIGINT}, {SIGINT, SIGTERM}, {SIGHUP, SIGTERM}, {SIGHUP, SIGINT}};
    set("FAKE_STEP_MS=10000", "FAKE_DEAF=1", (char *)NULL);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        program_start(&program, *state, "train --out x", -1);
        await_text(&program, "this is a fake");
        (void)kill(program.pid, signals[i][0]);
        pause_ms(400);
        time_t before = time(NULL);
        (void)kill(program.pid, signals[i][1]);
        program_wait(&program);
        assert_int_equal(program.code, 128 + signals[i][1]);
        assert_in_range(time(NULL) - before, 0, 4);
    }
}

// Of another set than before, whose epochs have other numbers of steps, an epoch's step tells nothing.
static void steps_alone_are_told_where_epochs_were_shorter(void **state) {
    set("FAKE_DONE=3", (char *)NULL);
    start_slowly(state, "train --resume r --data other", -1);
    (void)kill(program.pid, SIGINT);
    program_wait(&program);
    assert_int_equal(program.code, 128 + SIGINT);
    assert_has(program.err, "\nstopped after ");  // one step, on a machine that has the time
    assert_has(program.err, "; continue with: ");
    assert_has_not(program.err, "stopped after epoch");
    assert_has(program.err, " train --resume r --epochs 6 --data other\n");
}

// A terminal that is closed brings one of the shell and one of the kernel, and both mean the same.
static void hangups_save_however_many_there_are(void **state) {
    static const int first[] = {SIGHUP, SIGTERM};
    set("FAKE_DEAF=1", "FAKE_STEP_MS=150", "FAKE_STEPS=10", (char *)NULL);
    for (size_t i = 0; i < 2; i++) {
        program_start(&program, *state, "train --out x/y --epochs 1", -1);
        await_text(&program, "this is a fake");
        (void)kill(program.pid, first[i]);
        for (int k = 0; k < 3; k++) {
            pause_ms(250);
            (void)kill(program.pid, SIGHUP);
        }
        program_wait(&program);
        assert_int_equal(program.code, 0);  // a library that does not ask is not stopped
        assert_has(program.out, "epoch 1/1");
    }
}

// What says that the run stops may go to the same pipe: it must not be taken for a second request.
static void broken_pipes_save_however_many_there_are(void **state) {
    start_slowly(state, "train --out x/y --epochs 7", -1);
    (void)kill(program.pid, SIGPIPE);
    pause_ms(10);
    for (int i = 0; i < 4; i++) {
        (void)kill(program.pid, SIGPIPE);
        pause_ms(10);
    }
    assert_stopped(SIGPIPE);
    set("FAKE_DEAF=1", "FAKE_STEPS=10", (char *)NULL);
    program_start(&program, *state, "train --out x/y --epochs 1", -1);
    await_text(&program, "this is a fake");
    for (int i = 0; i < 3; i++) {
        (void)kill(program.pid, SIGPIPE);
        pause_ms(300);
    }
    program_wait(&program);
    assert_int_equal(program.code, 0);  // a library that does not ask is not stopped
    assert_has(program.out, "epoch 1/1");
}

static void training_stops_where_nobody_reads(void **state) {
    set("FAKE_SHOW=1", (char *)NULL);
    run_program_into(&program, *state, "train --out x/y --epochs 3", dead_pipe());
    assert_int_equal(program.code, 128 + SIGPIPE);
    assert_has(program.err, "stopped after epoch 1 of 3; continue with: ");
    assert_has_not(program.err, "cannot write");
    run_program_into(&program, *state, "train --out x/y --epochs 1", dead_pipe());
    assert_int_equal(program.code, 1);  // there was nothing left to stop
    run_program_into(&program, *state, "train --out x/y --epochs 3", open("/dev/full", O_WRONLY));
    assert_int_equal(program.code, 1);  // a disk that is full hinders no run
    assert_has(program.err, "vkvae: cannot write to standard output (No space left on device); "
                            "make room there, or redirect it\n");
}

// Runs a shell's line with the program for %s, which is the exit code; program.err is its standard
// error.
static int run_line(void **state, const char *line) {
    char command[4 * PATH_ROOM], whole[4 * PATH_ROOM];
    (void)snprintf(program.err_path, sizeof program.err_path, "%s", path_of(*state, "stderr"));
    (void)snprintf(whole, sizeof whole, "exec 2>'%s'; %s", program.err_path, line);
    (void)snprintf(command, sizeof command, whole, program.path);
    const int status = system(command);
    read_text(program.err_path, program.err);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void ignored_signals_stay_ignored(void **state) {
    set("FAKE_STEP_MS=100", "FAKE_STEPS=10", (char *)NULL);
    assert_int_equal(run_line(state,
                              "trap '' HUP; '%s' train --out x --epochs 1 >/dev/null & sleep 0.3; "
                              "kill -HUP $!; wait $!"),
                     0);
    assert_has_not(program.err, "stopping");
    assert_int_equal(run_line(state,
                              "trap '' PIPE; { '%s' train --out x --epochs 2; echo \"code $?\" >&2; "
                              "} | true"),
                     0);
    assert_has_not(program.err, "stopping");
    assert_has(program.err, "code 1\n");  // what it printed is lost
    assert_int_equal(run_line(state,
                              "'%s' train --out x --epochs 1 >/dev/null & sleep 0.3; kill -HUP $!; "
                              "wait $!"),
                     128 + SIGHUP);
    assert_has(program.err, "continue with: ");
}

int main(void) {
    (void)reset_environment(NULL);
    program.path = fake_path();
    const struct CMUnitTest tests[] = {
        FAKE_TEST(first_signal_saves_and_says_how_to_continue),
        FAKE_TEST(second_signal_ends_at_once),
        FAKE_TEST(steps_alone_are_told_where_epochs_were_shorter),
        FAKE_TEST(hangups_save_however_many_there_are),
        FAKE_TEST(broken_pipes_save_however_many_there_are),
        FAKE_TEST(training_stops_where_nobody_reads),
        FAKE_TEST(ignored_signals_stay_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
