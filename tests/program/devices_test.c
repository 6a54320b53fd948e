// Machines that are not at hand: two equal cards, broken and old drivers, several, none, a device that
// is too small, is lost or loses a feature. tests/layer makes them of the devices that are here.
#include "layered.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HINT "it computes on the CPU; to use a GPU, install its driver and see 'vkvae devices'\n"

// ---- Which one is taken ----

static void first_of_two_equal_devices_is_taken_and_said(void **state) {
    struct room *r = with(state, "twins,discrete");
    RUN(r, "devices");
    assert_ok(r);
    assert_has(r->out, "the first of 2 discrete devices (0, 1)\n");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    assert_has(r->err,
               "device: the first of 2 discrete devices (0, 1); --device INDEX or UUID takes another\n");
    assert_lacks(r->err, HINT);
    RUN(r, "sample", in(r, "run"), "-o", in(r, "grid.png"), "--device", "1", "--validate");
    assert_lacks(r->err, "the first of");
    if (strstr(r->err, "vulkan-validationlayers")) skip_since("the validation layer is not here");
    assert_ok(r);
}

static void name_of_two_equal_devices_means_the_first(void **state) {
    struct room *r = with(state, "twins");
    RUN(r, "devices", "--json");
    assert_ok(r);
    char name[256];
    const char *at = strstr(r->out, "\"name\":\t\"") + strlen("\"name\":\t\"");
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "\""), at);
    RUN(r, "devices", "--device", name);
    assert_ok(r);
    assert_has(r->out, ", the first of 2 cpu devices of that name (0, 1)\n");
    assert_lacks(r->out, "It computes");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"), "--device", name);
    assert_ok(r);
    assert_has(r->err, "device: the first of 2 cpu devices of that name (0, 1); --device INDEX or UUID "
                       "takes another\n");
    assert_lacks(r->err, HINT);
}

static void software_device_is_said_unless_asked_for(void **state) {
    struct room *r = with(state, "");
    RUN(r, "devices");
    assert_ok(r);
    if (!strstr(r->out, "cpu")) skip_since("a GPU is here");
    assert_has(r->out, "It computes on the CPU; to use a GPU, install its Vulkan driver.\n");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    assert_has(r->err, "device: " HINT);
    RUN(r, "sample", in(r, "run"), "-o", in(r, "grid.png"), "--device", "0");
    assert_ok(r);
    assert_lacks(r->err, HINT);
}

static void device_under_two_drivers_is_listed_once(void **state) {
    struct room *r = with(state, "duplicate");
    RUN(r, "devices");
    assert_ok(r);
    assert_has(r->out, "(listed 2 times, by as many drivers)\n");
    assert_has(r->out, "the only usable device\n");
    RUN(r, "devices", "--json");
    assert_has(r->out, "\"drivers\":\t2");
    (void)with(state, "duplicate,broken@1");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    assert_has(r->err, "warning: device 0, ");
    assert_has(r->err, ": its driver does not open it (vkCreateDevice: -3, the driver could not be "
                       "initialised): update the driver; the next driver is taken\n");
}

// ---- What cannot be used ----

static const struct {
    const char *words, *reason;
} unusable[] = {
    {"old", "its driver speaks Vulkan 1.0.0, and 1.1 is needed: update the driver"},
    {"nocompute", "it cannot compute: take another device"},
    {"below", "its limits are below what Vulkan promises: update the driver"},
    {"broken", "its driver does not open it (vkCreateDevice: -3, the driver could not be initialised): "
               "update the driver"},
};

static void unusable_device_is_explained(void **state) {
    for (size_t i = 0; i < sizeof unusable / sizeof *unusable; i++) {
        struct room *r = with(state, unusable[i].words);
        RUN(r, "devices");
        ASSERT_REFUSED(r, 3, "no device is usable");
        assert_has(r->out, "\n     unusable  ");
        assert_has(r->out, unusable[i].reason);
        RUN(r, "devices", "--json");
        assert_has(r->out, unusable[i].reason);
        RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
        ASSERT_REFUSED(r, 3, "no device is usable: mend ", "; the devices are: 0 ", unusable[i].reason);
        RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"), "--device", "0");
        ASSERT_REFUSED(r, 3, "device '0' means ", ", which is not usable: ", unusable[i].reason);
        assert_false(exists(in(r, "run")));
    }
}

// A driver that fails in one call does not take the others with it.
static void device_that_lists_no_extensions_is_explained(void **state) {
    struct room *r = with(state, "twins,unlisted@1");
    RUN(r, "devices");
    assert_ok(r);
    assert_has(r->out, "unusable  its driver does not list its extensions: update the driver\n");
    assert_has(r->out, "\nchosen: 1, ");
}

static void next_best_takes_the_place_of_a_broken_device(void **state) {
    struct room *r = with(state, "twins,broken@1");
    RUN(r, "devices");
    assert_ok(r);
    assert_has(r->out, "\n* 1  ");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    assert_has(r->err, "warning: device 0, ");
    assert_has(r->err, "; the next device is taken\n");
    RUN(r, "sample", in(r, "run"), "--device", "0", "-o", in(r, "grid.png"));
    ASSERT_REFUSED(r, 3, "device '0' means ", "does not open it", "; the devices are: 0 ", ", 1 ");
    assert_lacks(r->err, "warning");
}

static void no_device_is_explained(void **state) {
    struct room *r = with(state, "empty");
    r->variable[1] = "NODEVICE_SELECT=1";  // Mesa's layer crashes when there is none
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    ASSERT_REFUSED(r, 3, "no Vulkan device: install ", "mesa-vulkan-drivers", "--device reference");
}

static void no_loader_is_explained(void **state) {
    struct room *r = with(state, "");
    assert_int_equal(mkdir(in(r, "empty"), 0777), 0);
    write_bytes(in(r, "empty/libvulkan.so"), "", 0);
    write_bytes(in(r, "empty/libvulkan.so.1"), "", 0);
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "LD_LIBRARY_PATH=%s", in(r, "empty"));
    r->variable[1] = path;
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    ASSERT_REFUSED(r, 3, "no Vulkan loader (libvulkan.so.1): install ", "--device reference");
    RUN(r, "devices");
    ASSERT_REFUSED(r, 3, "no Vulkan loader");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"), "--device", "reference");
    assert_ok(r);
}

// ---- Several drivers ----

#define LAVAPIPE "/usr/lib/*/libvulkan_lvp.so"

// The manifest of a driver: that of lavapipe, or NULL where it is not here.
static const char *manifest(struct room *r, const char *name, const char *more) {
    glob_t found;
    char text[PATH_SIZE];
    if (glob(LAVAPIPE, 0, NULL, &found) != 0) return NULL;
    (void)snprintf(text, sizeof text,
                   "{\"file_format_version\": \"1.0.1\", \"ICD\": {\"library_path\": \"%s\", "
                   "\"api_version\": \"1.1.0\"%s}}",
                   found.gl_pathv[0], more);
    globfree(&found);
    write_bytes(in(r, "%s", name), text, strlen(text));
    return in(r, "%s", name);
}

static void use_drivers(struct room *r, const char *first, const char *second) {
    static char files[2][2 * PATH_SIZE];
    (void)snprintf(files[0], sizeof files[0], "VK_DRIVER_FILES=%s:%s", first, second);
    (void)snprintf(files[1], sizeof files[1], "VK_ICD_FILENAMES=%s:%s", first, second);  // older loaders
    r->variable[1] = files[0];
    r->variable[2] = files[1];
}

static void two_drivers_are_listed_together(void **state) {
    struct room *r = with(state, "");
    const char *lavapipe = manifest(r, "lavapipe.json", "");
    if (!lavapipe || !VKVAE_SWIFTSHADER_ICD[0]) skip_since("lavapipe or SwiftShader is not here");
    use_drivers(r, lavapipe, VKVAE_SWIFTSHADER_ICD);
    RUN(r, "devices");
    assert_ok(r);
    assert_has(r->out, "llvmpipe");
    assert_has(r->out, "SwiftShader");
    assert_has(r->out, "the first of 2 cpu devices (0, 1)\n");
    static const char *const names[] = {"llvmpipe", "swiftshader"};
    for (int i = 0; i < 2; i++) {
        RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "%s", names[i]), "--device", names[i]);
        assert_ok(r);
        assert_has(r->err, i ? "device: SwiftShader" : "device: llvmpipe");
        assert_lacks(r->err, "the first of");
    }
    RUN(r, "train", "--resume", in(r, "llvmpipe"), "--epochs", "2", "--device", "swiftshader");
    ASSERT_REFUSED(r, 1, "kernels 'subgroup-", "SwiftShader", "take the device of that run",
                   "--kernels auto");
}

static void bad_manifests_are_passed_over_or_explained(void **state) {
    struct room *r = with(state, "");
    const char *lavapipe = manifest(r, "lavapipe.json", "");
    if (!lavapipe) skip_since("lavapipe is not here");
    static const char missing[] = "{\"file_format_version\": \"1.0.0\", \"ICD\": {\"library_path\": "
                                  "\"/nonexistent.so\", \"api_version\": \"1.1.0\"}}";
    write_bytes(in(r, "missing.json"), missing, sizeof missing - 1);
    write_bytes(in(r, "garbage.json"), "{ garbage", 9);
    use_drivers(r, in(r, "missing.json"), lavapipe);
    RUN(r, "devices");
    assert_ok(r);
    use_drivers(r, in(r, "missing.json"), in(r, "missing.json"));
    RUN(r, "devices");
    ASSERT_REFUSED(r, 3, "no Vulkan driver: install ");
    // Some loaders pass over garbage, others fail.
    use_drivers(r, in(r, "garbage.json"), lavapipe);
    RUN(r, "devices");
    if (r->code != 0)
        ASSERT_REFUSED(r, 3, "the Vulkan loader fails (vkCreateInstance: ", "manifest",
                       "VK_LOADER_DEBUG=error");
}

static void portability_devices_are_used(void **state) {
    struct room *r = with(state, "portability");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    const char *lavapipe = manifest(r, "portable.json", ", \"is_portability_driver\": true");
    if (!lavapipe) skip_since("lavapipe is not here to say that it is a portability driver");
    use_drivers(with(state, ""), lavapipe, lavapipe);
    RUN(r, "devices");
    assert_ok(r);
}

// ---- Too small ----

// The number behind `part`.
static unsigned long long number_after(const char *text, const char *part) {
    assert_has(text, part);
    return strtoull(strstr(text, part) + strlen(part), NULL, 10);
}

static void device_without_enough_memory_is_refused(void **state) {
    struct room *r = with(state, "small");
    RUN(r, TRAIN, "--hidden", "2000", "--epochs", "1", "--out", in(r, "run"));
    ASSERT_REFUSED(r, 1, "' needs ", " bytes of device memory in one piece, and ",
                   "smaller batch or model", "a device with more memory");
    assert_int_equal(number_after(r->err, "gives at most "), 1 << 20);
    RUN(r, TRAIN, "--hidden", "1000", "--epochs", "1", "--out", in(r, "run"));
    ASSERT_REFUSED(r, 1, "vkAllocateMemory failed (-2): the device is out of memory: '",
                   "take a smaller batch or model, close other programs that use the device, or take a "
                   "device with more memory");
    assert_int_equal(number_after(r->err, " has "), 1 << 20);
    assert_true(number_after(r->err, "' needs ") + number_after(r->err, "beside the ") > 1 << 20);
    assert_false(exists(in(r, "run")));
}

static void memory_may_run_out_at_any_moment(void **state) {
    char words[32];
    int failed = 0;
    struct room *r = *state;
    for (int call = 1; call < 200; call += 5) {
        (void)snprintf(words, sizeof words, "oom@%d", call);
        (void)with(state, words);
        RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run-%d", call));
        if (r->code == 0) break;
        ASSERT_REFUSED(r, 1, "vkAllocateMemory failed (-2): the device is out of memory: '");
        failed++;
    }
    assert_int_equal(r->code, 0);
    assert_in_range(failed, 3, 20);
}

// ---- Lost ----

// After each loss the proposed command goes on, and the run ends in the same bytes.
static void lost_device_loses_what_is_not_saved(void **state) {
    struct room *r = with(state, "");
    const char *whole = in(r, "whole");
    char words[32], command[2 * PATH_SIZE];
    int resumed = 0, again = 0, call = 1;
    RUN(r, TRAIN, "--epochs", "3", "--out", whole);
    assert_ok(r);
    for (;; call += 6) {
        const char *run = in(r, "lost-%d", call);
        (void)snprintf(words, sizeof words, "lost@%d", call);
        (void)with(state, words);
        RUN(r, TRAIN, "--epochs", "3", "--out", run);
        if (r->code == 0) break;
        ASSERT_REFUSED(r, 1, "failed (-4): the device was lost: its driver crashed or was reset");
        if (!exists(run)) continue;  // so early that there was no run
        assert_tidy(run);
        (void)with(state, "");
        (void)snprintf(command, sizeof command, ": vkvae train --resume %s --epochs 3\n", run);
        if (strstr(r->err, "; the run is saved up to epoch ")) {
            assert_has(r->err, command);
            RUN(r, "train", "--resume", run, "--epochs", "3");
            resumed++;
        } else {
            assert_has(r->err, " is saved yet: begin it again with --force\n");
            assert_false(exists(in(r, "lost-%d/resume.safetensors", call)));
            RUN(r, TRAIN, "--epochs", "3", "--out", run, "--force");
            again++;
        }
        assert_ok(r);
        assert_same_run(whole, run);
        remove_tree(run);
    }
    print_message("lost at each 6th of %d calls: %d times resumed, %d times begun again\n", call,
                  resumed, again);
    assert_true(resumed > 1 && again > 0);
}

// ---- A feature that is gone when the run is resumed ----

static void lost_feature_is_named_when_a_run_is_resumed(void **state) {
    struct room *r = with(state, "");
    static const char *const words[] = {"nosubgroups", "wide"};
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    if (!strstr(r->err, "kernels: subgroup-")) skip_since("the device has no shuffles to lose");
    struct listing before = list_folder(in(r, "run"), "");
    for (int i = 0; i < 2; i++) {
        (void)with(state, words[i]);
        RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2");
        ASSERT_REFUSED(r, 1, "kernels 'subgroup-", "' were asked for, but ",
                       i ? " has subgroups of " : " without shuffles and would use 'plain/",
                       "take the device of that run, or --kernels auto, which may change the last bits");
        assert_string_equal(before.text, list_folder(in(r, "run"), "").text);
    }
    (void)with(state, "nosubgroups");
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2", "--kernels", "auto");
    assert_ok(r);
    assert_has(r->err, "kernels: plain/");
}

static void device_that_draws_other_noise_is_warned_of(void **state) {
    struct room *r = with(state, "noise");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    assert_int_equal(count_of(r->err, "warning: "), 1);
    assert_has(r->err, " draws other noise than other devices (");
    assert_has(r->err, "its runs can be repeated on it, but not elsewhere; please report this\n");
}

// The layer is to be found, and does its work; else nothing below means anything.
static void layer_is_there(void **state) {
    struct room *r = with(state, "twins");
    RUN(r, "devices", "--json");
    assert_ok(r);
    assert_has(r->out, "\"index\":\t1");
}

int main(void) {
    begin(true);
    use_layer();
    const struct CMUnitTest tests[] = {
        ROOM(layer_is_there),
        ROOM(first_of_two_equal_devices_is_taken_and_said),
        ROOM(name_of_two_equal_devices_means_the_first),
        ROOM(software_device_is_said_unless_asked_for),
        ROOM(device_under_two_drivers_is_listed_once),
        ROOM(unusable_device_is_explained),
        ROOM(device_that_lists_no_extensions_is_explained),
        ROOM(next_best_takes_the_place_of_a_broken_device),
        ROOM(no_device_is_explained),
        ROOM(no_loader_is_explained),
        ROOM(two_drivers_are_listed_together),
        ROOM(bad_manifests_are_passed_over_or_explained),
        ROOM(portability_devices_are_used),
        ROOM(device_without_enough_memory_is_refused),
        ROOM(memory_may_run_out_at_any_moment),
        ROOM(lost_device_loses_what_is_not_saved),
        ROOM(lost_feature_is_named_when_a_run_is_resumed),
        ROOM(device_that_draws_other_noise_is_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
