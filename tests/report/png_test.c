#include "decode.h"
#include "png.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void fill(unsigned char *pixels, size_t size) {
    uint32_t noise = 1;
    for (size_t i = 0; i < size; i++) {
        noise = noise * 1664525 + 1013904223;
        pixels[i] = (unsigned char)(i % 5 ? i / 7 : noise >> 24);
    }
}

static void pixels_come_back(void **state) {
    struct temporary *t = *state;
    static const uint32_t sizes[][3] = {{1, 1, 1}, {1, 1, 3},   {7, 5, 1},
                                        {5, 7, 3}, {64, 33, 3}, {100, 1, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned char pixels[64 * 33 * 3];
        struct picture picture = {0};
        const uint32_t *size = sizes[i];
        fill(pixels, sizeof pixels);
        assert_true(vv_png_write(&t->ctx, path_of(t, "a.png"), pixels, size[0], size[1], size[2]));
        decode(t, t->path, &picture);
        assert_int_equal(picture.height, size[0]);
        assert_int_equal(picture.width, size[1]);
        assert_int_equal(picture.channels, size[2]);
        assert_memory_equal(picture.pixels, pixels, (size_t)size[0] * size[1] * size[2]);
        free(picture.pixels);
    }
    assert_int_equal(entries_in(t->folder), 1);
}

static void empty_and_enormous_pictures_are_refused(void **state) {
    struct temporary *t = *state;
    const unsigned char pixel = 0;
    assert_false(vv_png_write(&t->ctx, path_of(t, "a.png"), &pixel, 0, 1, 1));
    assert_failure(&t->ctx, VV_USAGE, t->path, "empty", (char *)NULL);
    assert_false(vv_png_write(&t->ctx, path_of(t, "a.png"), &pixel, 1 << 15, 1 << 15, 3));
    assert_failure(&t->ctx, VV_USAGE, t->path, "larger", (char *)NULL);
    assert_false(vv_png_write(&t->ctx, path_of(t, "a.png"), &pixel, UINT32_MAX, UINT32_MAX, 3));
    assert_failure(&t->ctx, VV_USAGE, t->path, "larger", (char *)NULL);
    assert_int_equal(entries_in(t->folder), 0);
}

// stb_image_write itself would call this a success.
static int write_past_the_size_limit(struct temporary *t) {
    static unsigned char pixels[300 * 300];
    const struct rlimit limit = {2000, 2000};
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 77;
    fill(pixels, sizeof pixels);
    bool ok = vv_png_write(&t->ctx, path_of(t, "a.png"), pixels, 300, 300, 1);
    return !ok && t->ctx.status == VV_FAILED && strstr(t->ctx.error, "a.png") ? 0 : 1;
}

static void disk_that_ends_is_an_error(void **state) {
    struct temporary *t = *state;
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(write_past_the_size_limit(t));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) skip();
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(entries_in(t->folder), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(pixels_come_back),
        TEST(empty_and_enormous_pictures_are_refused),
        TEST(disk_that_ends_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
