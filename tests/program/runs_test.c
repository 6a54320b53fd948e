// `runs`: the list, its order, and names that are hard to show.
#include "told.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- Lists ----

static void newest_first(void **state) {
    struct room *r = *state;
    vkvae_run_info *runs;
    uint32_t count;
    const char *const names[] = {"old", "b", "a", "new"};
    const time_t now = time(NULL), times[] = {now - 5 * 86400, now - 7200, now - 7200, now - 300};
    train_small(r, in(r, "runs/old"), "2");
    for (int i = 1; i < 4; i++) copy_folder(in(r, "runs/old"), in(r, "runs/%s", names[i]));
    for (int i = 0; i < 4; i++) set_time(in(r, "runs/%s", names[i]), times[i]);
    assert_int_equal(mkdir(in(r, "runs/empty"), 0777), 0);
    write_bytes(in(r, "runs/file"), "x", 1);
    assert_int_equal(symlink("nowhere", in(r, "runs/dangling")), 0);
    assert_int_equal(symlink("../set", in(r, "runs/set")), 0);
    assert_int_equal(chdir(r->folder), 0);
    vkvae *v = vkvae_create();
    assert_int_equal(vkvae_runs(v, NULL, &runs, &count), VKVAE_OK);
    assert_int_equal(count, 4);
    const char *const order[] = {"runs/new", "runs/a", "runs/b", "runs/old"};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(runs[i].path, order[i]);
        assert_string_equal(runs[i].problem, "");
        assert_int_equal(runs[i].epochs, 2);
    }
    cJSON *line = metrics_line("runs/old/metrics.jsonl", 2);
    assert_losses(&runs[3].test, line, "test");
    assert_int_equal(RUN(r, "runs"), 0);
    char row[128];
    (void)snprintf(row, sizeof row, "\nold    5 d  set   mlp 32, latent 4     2/2  %9.2f @2  yes\n",
                   number_of(line, "test_loss"));
    cJSON_Delete(line);
    assert_has(r->out, strstr(row, "  yes"));
    assert_int_equal(strncmp(r->out,
                             "run    age  data  model             epochs  best test  resume\n"
                             "new  5 min  set   mlp 32, latent 4     2/2  ",
                             100),
                     0);
    assert_string_equal(r->err, "");
    vkvae_free(runs);

    // Links to folders count; a run is listed when it is named itself.
    assert_int_equal(symlink("../runs/new", "set/latest"), 0);
    assert_int_equal(vkvae_runs(v, "set", &runs, &count), VKVAE_OK);
    assert_int_equal(count, 1);
    assert_string_equal(runs[0].path, "set/latest");
    vkvae_free(runs);
    assert_int_equal(vkvae_runs(v, "runs/new/", &runs, &count), VKVAE_OK);
    assert_int_equal(count, 1);
    assert_string_equal(runs[0].path, "runs/new/");
    vkvae_free(runs);
    vkvae_destroy(v);
}

static void newest_first_within_a_second(void **state) {
    struct room *r = *state;
    vkvae_run_info *runs;
    uint32_t count;
    const long ns[] = {1, 999999999, 500000000, 0};
    const char *const order[] = {"runs/1", "runs/2", "runs/0", "runs/3"};
    train_small(r, in(r, "runs/0"), "1");
    for (int i = 1; i < 4; i++) copy_folder(in(r, "runs/0"), in(r, "runs/%d", i));
    for (int i = 0; i < 4; i++) set_time_ns(in(r, "runs/%d", i), 1700000000, ns[i]);
    assert_int_equal(chdir(r->folder), 0);
    vkvae *v = vkvae_create();
    assert_int_equal(vkvae_runs(v, NULL, &runs, &count), VKVAE_OK);
    vkvae_destroy(v);
    assert_int_equal(count, 4);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(runs[i].path, order[i]);
        assert_int_equal(runs[i].modified, 1700000000);
    }
    assert_int_equal(runs[0].modified_ns, 999999999);
    vkvae_free(runs);
}

static void no_runs(void **state) {
    struct room *r = *state;
    vkvae_run_info *runs = (vkvae_run_info *)r;
    uint32_t count = 7;
    assert_int_equal(chdir(r->folder), 0);
    vkvae *v = vkvae_create();
    assert_int_equal(vkvae_runs(v, NULL, &runs, &count), VKVAE_OK);
    assert_true(!runs && count == 0);
    assert_int_equal(RUN(r, "runs"), 0);
    assert_string_equal(r->out, "");
    assert_has(r->err, "no runs in runs/ yet; ");
    assert_has(r->err, " train makes one\n");
    assert_int_equal(RUN(r, "runs", "--quiet"), 0);
    assert_string_equal(r->err, "");
    assert_int_equal(RUN(r, "runs", "--json"), 0);
    cJSON *json = json_of(r);
    assert_string_equal(text_of(json, "folder"), "runs");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "runs")), 0);
    cJSON_Delete(json);
    assert_int_equal(vkvae_runs(v, "nowhere", &runs, &count), VKVAE_BAD_DATA);
    assert_has(vkvae_error(v), "nowhere: cannot be opened (No such file or directory); name a folder");
    assert_int_equal(vkvae_runs(v, "stderr", &runs, &count), VKVAE_BAD_DATA);
    assert_int_equal(mkdir("empty", 0777), 0);
    assert_int_equal(vkvae_runs(v, "empty", &runs, &count), VKVAE_OK);
    assert_true(!runs && count == 0);
    vkvae_destroy(v);
    RUN(r, "runs", "nowhere");
    ASSERT_REFUSED(r, 4, "nowhere", "name a folder");
    RUN(r, "runs", "a", "b");
    assert_int_equal(r->code, 2);
}

// A file that cannot be opened, and a folder; root may open all, and becomes nobody for that.
static void closed_doors(void **state) {
    struct room *r = *state;
    vkvae_run_info *runs;
    uint32_t count;
    const uid_t nobody = 65534;
    train_small(r, in(r, "runs/file"), "1");
    copy_folder(in(r, "runs/file"), in(r, "runs/folder"));
    set_time(in(r, "runs/file"), 1700000000);
    assert_int_equal(chmod(r->folder, 0755), 0);
    assert_int_equal(chmod(in(r, "runs/folder"), 0), 0);
    assert_int_equal(chmod(in(r, "runs/file/config.json"), 0), 0);
    assert_int_equal(unlink(in(r, "runs/file/resume.safetensors")), 0);
    assert_int_equal(mkfifo(in(r, "runs/file/resume.safetensors"), 0666), 0);  // must not be waited for
    vkvae *v = vkvae_create();
    const bool root = geteuid() == 0;
    assert_int_equal(chdir(r->folder), 0);  // whose parents may be closed to nobody
    if (root) assert_int_equal(seteuid(nobody), 0);
    const vkvae_status status = vkvae_runs(v, "runs", &runs, &count);
    if (root) assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(in(r, "runs/folder"), 0755), 0);
    if (status != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    assert_int_equal(count, 2);
    assert_has(runs[0].path, "runs/file");
    assert_has(runs[0].problem, "config.json: cannot be opened (Permission denied)");
    assert_int_equal(runs[0].epochs, 1);
    assert_has(runs[1].problem, "runs/folder: cannot be opened (Permission denied)");
    vkvae_free(runs);
    vkvae_destroy(v);
}

// ---- Names ----

static void strange_names(void **state) {
    struct room *r = *state;
    static const char *const names[] = {
        "with space", "it's", "\xE6\xBC\xA2\xE5\xAD\x97", "e\xCC\x81t\xC3\xA9", "li\nne\x1B[31m",
        "bad\xFF",    "-dash"};
    enum { NAMES = sizeof names / sizeof *names };
    train_small(r, in(r, "runs/with space"), "1");
    for (int i = 1; i < NAMES; i++) copy_folder(in(r, "runs/with space"), in(r, "runs/%s", names[i]));
    for (int i = 0; i < NAMES; i++)
        set_time(in(r, "runs/%s", names[i]), time(NULL) - 86400 * (10 + NAMES - i));
    assert_int_equal(chdir(r->folder), 0);
    assert_int_equal(RUN(r, "runs"), 0);
    assert_int_equal(count_of(r->out, "\n"), NAMES + 1);
    assert_has(r->out, "\n-dash       11 d  ");
    assert_has(r->out, "\nbad?        12 d  ");
    assert_has(r->out, "\nli?ne?[31m  13 d  ");
    assert_has(r->out, "\ne\xCC\x81t\xC3\xA9         14 d  ");
    assert_has(r->out, "\n\xE6\xBC\xA2\xE5\xAD\x97        15 d  ");
    assert_has(r->out, "\nwith space  17 d  ");
    assert_int_equal(RUN(r, "runs", "--json"), 0);
    cJSON *json = json_of(r);
    const cJSON *runs = cJSON_GetObjectItemCaseSensitive(json, "runs");
    assert_int_equal(cJSON_GetArraySize(runs), NAMES);
    assert_string_equal(text_of(cJSON_GetArrayItem(runs, 2), "path"), "runs/li\nne\x1B[31m");
    assert_string_equal(text_of(cJSON_GetArrayItem(runs, 1), "path"), "runs/bad\xEF\xBF\xBD");
    cJSON_Delete(json);
    assert_int_equal(RUN(r, "info", "runs/li\nne\x1B[31m"), 0);
    assert_has(r->out, "run          runs/li?ne?[31m\n");
    assert_has(r->out, " train --resume $'runs/li\\012ne\\033[31m'");
    assert_int_equal(count_of(r->out, "\x1B"), 0);
}

// What stands behind `label` in a line of the program's output, in a shell.
static void run_line(struct room *r, const char *label, const char *part) {
    char command[1024];
    const char *line = strstr(r->out, label);
    assert_non_null(line);
    line += strlen(label);
    (void)snprintf(command, sizeof command, "cd '%s' && %.*s", r->folder, (int)strcspn(line, "\n"),
                   line);
    assert_has(command, part);
    (void)run_shell(r, command);
    assert_ok(r);
}

static void what_comes_next_is_on_the_same_device(void **state) {
    struct room *r = *state;
    const char *run = in(r, "it is here");
    r->device = "no such device";  // but for what the command says
    write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--device", "reference", "--out",
        run);
    assert_ok(r);
    run_line(r, "next: ", " --device reference");
    assert_true(exists(in(r, "grid.png")));
    assert_int_equal(unlink(in(r, "grid.png")), 0);
    RUN(r, "info", run);
    run_line(r, "sample       ", " --device reference");
    assert_true(exists(in(r, "grid.png")));
}

static void the_command_continues(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "runs/it's; here"), "1");
    r->device = NULL;  // it has to be in the command
    assert_int_equal(RUN(r, "info", in(r, "runs/it's; here")), 0);
    run_line(r, "continue     ", " --epochs 2 --device reference");
    assert_int_equal(info_of(in(r, "runs/it's; here"), VKVAE_OK, NULL, NULL)->epochs, 2);
}

static void wide_tables_are_shortened(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "runs/20261121-225501"), "1");
    copy_folder(in(r, "runs/20261121-225501"), in(r, "runs/a-name-of-25-characters-x"));
    assert_int_equal(RUN(r, "runs", in(r, "runs")), 0);
    assert_has(r->out, "  mlp 32 z4     1/1  ");
    for (const char *line = r->out; *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 60, 80);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(newest_first_within_a_second),
        ROOM(newest_first),
        ROOM(no_runs),
        ROOM(closed_doors),
        ROOM(strange_names),
        ROOM(the_command_continues),
        ROOM(wide_tables_are_shortened),
        ROOM(what_comes_next_is_on_the_same_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
