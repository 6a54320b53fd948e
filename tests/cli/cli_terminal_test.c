// What is seen on a terminal: the progress line in any width, also one that changes, and colour.
#define _XOPEN_SOURCE 700  // posix_openpt
#include "fake.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static struct program program;

// Both ends of a new terminal.
struct terminal {
    int master, slave;
};

static void resize(const struct terminal *t, unsigned short columns) {
    const struct winsize size = {.ws_row = 24, .ws_col = columns};
    assert_int_equal(ioctl(t->master, TIOCSWINSZ, &size), 0);
}

static struct terminal open_terminal(unsigned short columns) {
    struct terminal t = {.master = posix_openpt(O_RDWR | O_NOCTTY)};
    assert_true(t.master >= 0);
    assert_int_equal(grantpt(t.master), 0);
    assert_int_equal(unlockpt(t.master), 0);
    t.slave = open(ptsname(t.master), O_RDWR | O_NOCTTY);
    assert_true(t.slave >= 0);
    resize(&t, columns);
    return t;
}

// Until the program has closed the other end.
static void read_all(int master, char text[TEXT_ROOM]) {
    size_t used = 0;
    ssize_t n;
    while (used < TEXT_ROOM - 1 && (n = read(master, text + used, TEXT_ROOM - 1 - used)) > 0)
        used += (size_t)n;
    text[used] = 0;
}

// The program on a terminal of so many columns; what it wrote there is in program.err.
static void run_on_terminal(void **state, const char *arguments, unsigned short columns) {
    static char text[TEXT_ROOM];
    const struct terminal t = open_terminal(columns);
    program.terminal = t.slave;
    program_start(&program, *state, arguments, -1);
    program.terminal = 0;
    (void)close(t.slave);
    read_all(t.master, text);
    (void)close(t.master);
    program_wait(&program);
    memcpy(program.err, text, sizeof text);
}

// Of what is rewritten in place (and so ends in a return alone) there is never more than fits; the last
// column stays free.
static void assert_fits(const char *text, size_t columns) {
    while (*text) {
        const size_t length = strcspn(text, "\r\n");
        const bool is_line = strncmp(text + length, "\r\n", 2) == 0;
        if (length >= columns && !is_line)
            fail_msg("%zu columns in %zu: %.*s", length, columns, (int)length, text);
        text += length + (text[length] != 0);
    }
}

static void progress_line_fits_every_terminal(void **state) {
    static const unsigned short widths[] = {1, 2, 3, 4, 5, 8, 14, 25, 30, 40, 55, 65, 80, 200, 400};
    set("FAKE_STEP_MS=1", "TERM=xterm", (char *)NULL);
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        run_on_terminal(state, "train --out x --epochs 1", widths[i]);
        assert_int_equal(program.code, 0);
        assert_fits(program.err, widths[i]);
        assert_has(program.out, "epoch 1/1  train 114.48");
        if (widths[i] >= 25) assert_has(program.err, "\repoch 1/1");
        if (widths[i] >= 4) assert_has(program.err, "50%");
        if (widths[i] >= 80) {
            assert_has(program.err, "\repoch 1/1  [=");
            assert_has(program.err, ">");
            assert_has(program.err, "] 100%  12034 images/s  loss 112.30  left 0:42");
        }
        const size_t length = strlen(program.err);
        if (widths[i] >= 25) assert_memory_equal(program.err + length - 2, " \r", 2);  // wiped
    }
}

// What comes until the terminal has been silent for a while; false at the end.
static bool read_chunk(int master, char *text, size_t size) {
    size_t used = 0;
    struct pollfd ready = {.fd = master, .events = POLLIN};
    while (used < size - 1 && poll(&ready, 1, used ? 80 : 20000) == 1) {
        const ssize_t n = read(master, text + used, size - 1 - used);
        if (n <= 0) break;
        used += (size_t)n;
    }
    text[used] = 0;
    return used > 0;
}

// Each update is written for the width that the terminal has by then. One that is too narrow for what
// stands there gets a new line; any other the same one.
static void progress_line_follows_the_terminal(void **state) {
    static const unsigned short widths[] = {100, 60, 60, 120, 40, 20, 8, 1, 1, 100, 30, 90};
    enum { WIDTHS = sizeof widths / sizeof *widths };
    char text[2048];
    size_t shown = 0;
    set("FAKE_STEP_MS=400", "FAKE_STEPS=13", "TERM=xterm", (char *)NULL);
    const struct terminal t = open_terminal(widths[0]);
    program.terminal = t.slave;
    program_start(&program, *state, "train --out x --epochs 1", -1);
    program.terminal = 0;
    (void)close(t.slave);
    assert_true(read_chunk(t.master, text, sizeof text));
    const char *line = strstr(text, "\r\n");  // behind the warning
    if (line && !line[2]) assert_true(read_chunk(t.master, text, sizeof text));
    for (size_t i = 0; i < WIDTHS; i++) {
        if (i > 0) assert_true(read_chunk(t.master, text, sizeof text));
        const bool fresh = strncmp(text, "\r\n\r", 3) == 0;
        const char *last = strrchr(text, '\r') + 1;
        assert_fits(text, widths[i]);
        if (i > 0 && fresh != (shown >= widths[i]))
            fail_msg("%zu columns shown, now %u: %s", shown, widths[i], text);
        shown = strcspn(last, "\r\n");
        while (shown && last[shown - 1] == ' ') shown--;
        if (i + 1 < WIDTHS) resize(&t, widths[i + 1]);
    }
    while (read_chunk(t.master, text, sizeof text)) {
    }
    (void)close(t.master);
    program_wait(&program);
    assert_int_equal(program.code, 0);
    assert_has(program.out, "epoch 1/1  train 114.48");
}

static void counts_fit_every_terminal(void **state) {
    set("FAKE_COUNT=1000", "TERM=xterm", (char *)NULL);
    run_on_terminal(state, "encode r -o c.npz", 80);
    assert_has(program.err, "\r1000/2000  50%  left 0:0");
    run_on_terminal(state, "encode r -o c.npz", 12);
    assert_string_equal(program.err, "\r1000/2000  \r           \r");  // and is wiped
    run_on_terminal(state, "encode r -o c.npz --quiet", 12);
    assert_string_equal(program.err, "");
}

// As of a serial line: nothing is known of it but that it is one.
static void terminal_without_a_name_or_a_size_has_eighty_columns(void **state) {
    (void)unsetenv("TERM");
    set("FAKE_STEP_MS=1", (char *)NULL);
    run_on_terminal(state, "train --out x --epochs 1", 0);
    assert_has(program.err, "\repoch 1/1  [=");
    assert_fits(program.err, 80);
    assert_has_not(program.err, "\033");
}

static void line_on_the_way_takes_the_place_of_the_progress_line(void **state) {
    set("FAKE_STEP_MS=1", "FAKE_SHOW=1", "TERM=xterm", (char *)NULL);
    run_on_terminal(state, "train --out x --epochs 1", 80);
    assert_has(program.err, " \ra line on the way\r\n\repoch 1/1  [");
}

// Whatever ends it, the shell's prompt has a line of its own, and nothing of the terminal was changed.
static void signals_leave_the_terminal_as_it_was(void **state) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    static char text[TEXT_ROOM];
    for (size_t i = 0; i < 6; i++) {
        const bool twice = i >= 4;  // the second of SIGINT and SIGTERM ends it at once
        const int signal = signals[i % 4];
        char chunk[2048];
        set("FAKE_STEP_MS=150", "FAKE_STEPS=40", "TERM=xterm", "NO_COLOR=1", (char *)NULL);
        if (twice) set("FAKE_DEAF=1", (char *)NULL);
        struct termios before = {0}, after = {0};
        const struct terminal t = open_terminal(80);
        assert_int_equal(tcgetattr(t.slave, &before), 0);
        program.terminal = t.slave;
        program_start(&program, *state, "train --out x --epochs 7", -1);
        program.terminal = 0;
        do assert_true(read_chunk(t.master, chunk, sizeof chunk));
        while (!strstr(chunk, "epoch 1/7"));
        for (int k = 0; k <= twice; k++) {
            assert_int_equal(kill(program.pid, signal), 0);
            pause_ms(twice && !k ? 300 : 0);
        }
        program_wait(&program);
        assert_int_equal(program.code, 128 + signal);
        assert_int_equal(tcgetattr(t.slave, &after), 0);
        assert_memory_equal(&before, &after, sizeof before);
        (void)close(t.slave);
        read_all(t.master, text);
        (void)close(t.master);
        assert_memory_equal(text + strlen(text) - 2, "\r\n", 2);
        assert_has_not(text, "\033");
    }
    (void)unsetenv("FAKE_DEAF");
}

static void terminal_that_cannot_go_back_gets_plain_lines(void **state) {
    set("FAKE_STEP_MS=1", "TERM=dumb", (char *)NULL);
    run_on_terminal(state, "train --out x --epochs 1", 80);
    assert_string_equal(program.err, "warning: this is a fake\r\n" FAKE_START("\r\n"));
}

static void quiet_terminal_gets_warnings_alone(void **state) {
    set("FAKE_STEP_MS=1", "FAKE_SHOW=1", "TERM=dumb", (char *)NULL);
    run_on_terminal(state, "train --epochs 2 --quiet", 80);
    assert_string_equal(program.err, "warning: this is a fake\r\n");
    assert_string_equal(program.out, "");
}

#define BOLD   "\033[1m"
#define RED    "\033[1;31m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

static void errors_and_warnings_have_colour_on_a_terminal(void **state) {
    set("TERM=xterm", (char *)NULL);
    run_on_terminal(state, "train --batch 0", 80);
    assert_memory_equal(program.err, RED "vkvae train:" PLAIN " --batch 0: expected", 40);
    run_on_terminal(state, "train --out x", 80);
    assert_has(program.err, YELLOW "warning:" PLAIN " this is a fake");
    assert_has_not(program.out, "\033");  // a file
}

static void no_colour_where_none_is_wanted_or_there(void **state) {
    static const char *const terms[] = {"TERM=dumb", "TERM=", "TERM=xterm", "TERM=xterm"};
    static const char *const refusals[] = {"NO_COLOR=", "NO_COLOR=", "NO_COLOR=1", "NO_COLOR=0"};
    for (size_t i = 0; i < 4; i++) {
        set(terms[i], refusals[i], (char *)NULL);
        run_on_terminal(state, "train --batch 0", 80);
        assert_has(program.err, "vkvae train: --batch 0");
        assert_has_not(program.err, "\033");
    }
    set("TERM=xterm", "NO_COLOR=", (char *)NULL);
    run_on_terminal(state, "train --batch 0", 80);  // empty is not there
    assert_has(program.err, RED);
    run_program(&program, *state, "train --batch 0");
    assert_has_not(program.err, "\033");
    run_program(&program, *state, "help train");
    assert_has_not(program.out, "\033");
}

// Standard output is looked at on its own.
static void headings_and_the_chosen_device_are_bold_on_a_terminal(void **state) {
    static const char *const calls[][2] = {
        {"help train", BOLD "Model:" PLAIN "\r\n"},
        {"help", BOLD "Commands:" PLAIN "\r\n"},
        {"devices", BOLD "* 1  Big Card" PLAIN "\r\n"},
    };
    static char text[TEXT_ROOM];
    set("TERM=xterm", (char *)NULL);
    for (size_t i = 0; i < 3; i++) {
        const struct terminal t = open_terminal(80);
        program_start(&program, *state, calls[i][0], t.slave);
        (void)close(t.slave);
        read_all(t.master, text);
        (void)close(t.master);
        program_wait(&program);
        assert_has(text, calls[i][1]);
    }
}

int main(void) {
    (void)reset_environment(NULL);
    program.path = fake_path();
    const struct CMUnitTest tests[] = {
        FAKE_TEST(progress_line_fits_every_terminal),
        FAKE_TEST(progress_line_follows_the_terminal),
        FAKE_TEST(counts_fit_every_terminal),
        FAKE_TEST(terminal_without_a_name_or_a_size_has_eighty_columns),
        FAKE_TEST(line_on_the_way_takes_the_place_of_the_progress_line),
        FAKE_TEST(signals_leave_the_terminal_as_it_was),
        FAKE_TEST(terminal_that_cannot_go_back_gets_plain_lines),
        FAKE_TEST(quiet_terminal_gets_warnings_alone),
        FAKE_TEST(errors_and_warnings_have_colour_on_a_terminal),
        FAKE_TEST(no_colour_where_none_is_wanted_or_there),
        FAKE_TEST(headings_and_the_chosen_device_are_bold_on_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
