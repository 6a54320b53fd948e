// --patience, --keep-best: when a run ends, and which weights it keeps.
#include "runner.h"

#include <stdlib.h>
#include <string.h>

// Large steps on few pictures: the test loss soon rises again.
#define HASTY                                                                                           \
    "--images", "100", "--test-images", "20", "--size", "8x8", "--hidden", "16", "--latent", "4",       \
        "--batch", "20", "--lr", "0.05", "--device", "reference"

static unsigned number_behind(const char *text, const char *mark) {
    const char *at = strstr(text, mark);
    if (!at) fail_msg("no '%s' in: %s", mark, text);
    return (unsigned)strtoul(at + strlen(mark), NULL, 10);
}

// The weights that are kept are those of a run that ended there.
static void patience_ends_a_run_and_keeps_the_best(void **state) {
    struct room *r = *state;
    char epochs[16];
    RUN(r, "train", HASTY, "--epochs", "60", "--patience", "3", "--out", in(r, "run"), "--json");
    assert_ok(r);
    assert_has(r->out, "\"early\":true");
    const unsigned best = number_behind(r->out, "\"best_epoch\":");
    const char *end = strstr(r->out, "\"event\":\"end\"");
    assert_non_null(end);
    assert_int_equal(number_behind(end, "\"epochs\":"), best + 3);
    assert_true(best >= 1 && best < 57);
    assert_has(r->err, "stopped early: the test loss of epoch ");
    (void)snprintf(epochs, sizeof epochs, "%u", best);
    RUN(r, "train", HASTY, "--epochs", epochs, "--out", in(r, "best"), "--keep-best");
    assert_ok(r);
    assert_same_file(in(r, "run/best.safetensors"), in(r, "best/checkpoint.safetensors"));
    assert_same_file(in(r, "run/best.safetensors"), in(r, "best/best.safetensors"));
    RUN(r, "sample", in(r, "run/best.safetensors"), "-n", "4", "-o", in(r, "best.npy"));
    assert_ok(r);
    RUN(r, "sample", in(r, "best"), "-n", "4", "-o", in(r, "again.npy"));
    assert_same_file(in(r, "best.npy"), in(r, "again.npy"));
}

// A run that has ended so ends at once when it is continued, unless more patience is asked for; and
// without being asked to, no run keeps its best.
static void more_patience_goes_on(void **state) {
    struct room *r = *state;
    RUN(r, "train", HASTY, "--epochs", "60", "--patience", "1", "--out", in(r, "run"), "--json");
    assert_ok(r);
    const unsigned steps = number_behind(strstr(r->out, "\"event\":\"end\""), "\"steps\":");
    RUN(r, "train", "--resume", in(r, "run"), "--json");
    assert_ok(r);
    assert_int_equal(number_behind(strstr(r->out, "\"event\":\"end\""), "\"steps\":"), steps);
    RUN(r, "train", "--resume", in(r, "run"), "--patience", "2", "--json");
    assert_ok(r);
    assert_true(number_behind(strstr(r->out, "\"event\":\"end\""), "\"steps\":") > steps);
    RUN(r, "train", HASTY, "--epochs", "1", "--force", "--out", in(r, "run"));
    assert_ok(r);
    assert_null(strstr(list_folder(in(r, "run"), "").text, "best.safetensors"));
}

// Weights that are averaged are those of the checkpoint, which says so.
static void a_checkpoint_tells_of_the_average(void **state) {
    struct room *r = *state;
    size_t size;
    RUN(r, "train", HASTY, "--epochs", "1", "--ema", "0.9", "--out", in(r, "run"));
    assert_ok(r);
    unsigned char *bytes = read_bytes(in(r, "run/checkpoint.safetensors"), &size);
    assert_true(size > 8);
    assert_has((const char *)bytes + 8, "\"ema\":\"0.9\"");  // behind the header's length
    free(bytes);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(patience_ends_a_run_and_keeps_the_best),
        ROOM(more_patience_goes_on),
        ROOM(a_checkpoint_tells_of_the_average),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
