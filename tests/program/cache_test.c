// The cache of pipelines: kept from one start to the next, and never in the way.
#include "layered.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

// The one file in a folder.
static const char *only_file(struct room *r, const char *folder) {
    const char *found = NULL;
    DIR *open = opendir(in(r, "%s", folder));
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        assert_null(found);
        assert_memory_equal(entry->d_name, "pipelines-", strlen("pipelines-"));
        found = in(r, "%s/%s", folder, entry->d_name);
    }
    (void)closedir(open);
    if (!found) fail_msg("%s is empty", folder);
    return found;
}

static void sample_quietly(struct room *r, const char *said) {
    RUN(r, "sample", in(r, "run"), "-o", in(r, "now.npy"), "--device", "0");
    assert_ok(r);
    if (said)
        assert_has(r->err, said);
    else
        assert_lacks(r->err, "cache: ");
    assert_same_file(in(r, "then.npy"), in(r, "now.npy"));
}

static void make_samples(struct room *r) {
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    RUN(r, "sample", in(r, "run"), "-o", in(r, "then.npy"));
    assert_ok(r);
}

static void damaged_cache_is_made_anew(void **state) {
    struct room *r = with(state, "");
    make_samples(r);
    const char *file = only_file(r, "cache");
    size_t size;
    unsigned char *bytes = read_bytes(file, &size);
    assert_memory_equal(bytes, "vkvpipe1", 8);
    struct stat before, after;
    assert_int_equal(stat(file, &before), 0);
    sample_quietly(r, NULL);
    assert_int_equal(stat(file, &after), 0);
    size_t now_size;
    unsigned char *now = read_bytes(file, &now_size);
    if (now_size == size && memcmp(bytes, now, size) == 0)
        assert_int_equal(before.st_ino, after.st_ino);  // the same data are not written again
    free(now);
    const size_t lengths[] = {0, 5, 24, size - 1, size};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        bytes[size - 1] ^= i == 4;
        write_bytes(file, bytes, lengths[i]);
        sample_quietly(r, " is damaged, and is made anew\n");
        sample_quietly(r, NULL);
    }
    free(bytes);
    assert_tidy(in(r, "cache"));
}

static void cache_of_another_driver_is_made_anew(void **state) {
    struct room *r = with(state, "");
    make_samples(r);
    const char *file = only_file(r, "cache");
    size_t size;
    unsigned char *bytes = read_bytes(file, &size);
    bytes[24 + 16] ^= 1;  // the UUID in the head of the driver's data
    uint32_t checksum = (uint32_t)crc32_z(0, bytes + 24, size - 24);
    memcpy(bytes + 8, &checksum, 4);
    write_bytes(file, bytes, size);
    free(bytes);
    sample_quietly(r, " is of another driver, and is made anew\n");
    sample_quietly(r, NULL);
}

static void cache_that_cannot_be_is_done_without(void **state) {
    struct room *r = with(state, "");
    char variable[PATH_SIZE + 32];
    r->variable[1] = "VKVAE_CACHE=";
    make_samples(r);
    assert_false(exists(in(r, "cache")));
    (void)snprintf(variable, sizeof variable, "VKVAE_CACHE=%s/stdout/below", r->folder);
    r->variable[1] = variable;
    sample_quietly(r, "; VKVAE_CACHE names another folder\n");
}

static void cache_is_in_the_users_folder(void **state) {
    struct room *r = with(state, "");
    char home[PATH_SIZE + 32], xdg[PATH_SIZE + 32], line[4 * PATH_SIZE];
    (void)snprintf(home, sizeof home, "HOME=%s/home", r->folder);
    (void)snprintf(xdg, sizeof xdg, "XDG_CACHE_HOME=%s/xdg", r->folder);
    r->variable[1] = home;
    r->variable[2] = "XDG_CACHE_HOME=relative";
    (void)snprintf(line, sizeof line,
                   "cd '%s' && unset VKVAE_CACHE && exec '%s' train --data shapes --images 120 --size "
                   "8x8 --hidden 32 --latent 4 --batch 20 --epochs 1 --force --out run",
                   r->folder, VKVAE_PROGRAM);
    assert_int_equal(run_shell(r, line), 0);
    (void)only_file(r, "home/.cache/vkvae");
    r->variable[2] = xdg;
    assert_int_equal(run_shell(r, line), 0);
    (void)only_file(r, "xdg/vkvae");
}

// A driver that does not take what it gave before starts without.
static void refused_cache_is_made_anew(void **state) {
    struct room *r = with(state, "");
    make_samples(r);
    r = with(state, "nocache");
    sample_quietly(r, NULL);
    sample_quietly(r, NULL);
}

// What a lost device says of its pipelines is not kept.
static void lost_device_leaves_no_cache(void **state) {
    struct room *r = with(state, "lost@2");
    RUN(r, TRAIN, "--epochs", "1", "--out", in(r, "run"));
    assert_int_equal(r->code, 1);
    assert_false(exists(in(r, "cache")));
}

int main(void) {
    begin(true);
    use_layer();
    const struct CMUnitTest tests[] = {
        ROOM(damaged_cache_is_made_anew),           ROOM(cache_of_another_driver_is_made_anew),
        ROOM(cache_that_cannot_be_is_done_without), ROOM(cache_is_in_the_users_folder),
        ROOM(refused_cache_is_made_anew),           ROOM(lost_device_leaves_no_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
