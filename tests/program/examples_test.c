// Every example that the help shows works, in the order in which it shows them, in an empty folder and
// without any data set.
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char help[TEXT_SIZE];

// In the room's folder, `vkvae` meaning the program.
static void run_there(struct room *r, const char *line) {
    char text[4 * PATH_SIZE];
    const int folder = (int)(strrchr(VKVAE_PROGRAM, '/') - VKVAE_PROGRAM);
    assert_in_range(snprintf(text, sizeof text, "cd '%s' && PATH='%.*s':\"$PATH\" && %s", r->folder,
                             folder, VKVAE_PROGRAM, line),
                    1, sizeof text - 1);
    if (run_shell(r, text) != 0) fail_msg("%s: exit code %d: %s", line, r->code, r->err);
}

// The lines under a heading, each run; returns how many.
static int run_lines(struct room *r, const char *text, const char *heading) {
    int count = 0;
    const char *line = strstr(text, heading);
    if (!line) return 0;
    for (line += strlen(heading); strncmp(line, "  vkvae", 7) == 0; line += strcspn(line, "\n") + 1) {
        char command[512];
        (void)snprintf(command, sizeof command, "%.*s", (int)strcspn(line, "\n"), line + 2);
        run_there(r, command);
        count++;
    }
    return count;
}

static void first_steps_work(void **state) {
    struct room *r = *state;
    r->device = NULL;
    RUN(r, "help");
    memcpy(help, r->out, sizeof help);
    assert_int_equal(run_lines(r, help, "\nFirst steps:\n"), 3);
    assert_true(exists(in(r, "grid.png")));
}

static void examples_of_all_commands_work(void **state) {
    struct room *r = *state;
    static char overview[TEXT_SIZE];
    r->device = NULL;
    RUN(r, "help");
    memcpy(overview, r->out, sizeof overview);
    const char *line = strstr(overview, "\nCommands:\n");
    assert_non_null(line);
    for (line += strlen("\nCommands:\n"); *line == ' '; line += strcspn(line, "\n") + 1) {
        char command[128];
        if (line[2] == ' ') continue;  // the rest of a summary
        (void)snprintf(command, sizeof command, "vkvae help %.*s",
                       (int)(strstr(line + 2, "  ") - line - 2), line + 2);
        run_there(r, command);
        memcpy(help, r->out, sizeof help);
        if (run_lines(r, help, "\nExamples:\n") == 0) fail_msg("%s has no example", command);
    }
}

int main(void) {
    begin(true);
    const struct CMUnitTest tests[] = {
        ROOM(first_steps_work),
        ROOM(examples_of_all_commands_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
