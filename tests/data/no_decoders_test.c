// Built with decoders that lack their libraries: png.c and jpeg.c once more, without them.
#include "../temporary.h"
#include "message.h"
#include "picture.h"

static void assert_missing(struct temporary *t, const char *name, const char *bytes, size_t size,
                           const char *says) {
    struct vv_picture picture;
    char text[2 * PATH_ROOM];
    FILE *file = fopen(path_of(t, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    assert_false(vv_picture_measure(&t->ctx, t->path, &picture));
    (void)snprintf(text, sizeof text, "%s: %s", t->path, says);
    ASSERT_MESSAGE("<file>: is a <format>, and this program was built without <library>; install it "
                   "(Debian: <package>), then build again",
                   VV_FAILED, text, &t->ctx);
    vv_clear(&t->ctx);
}

static void the_library_and_its_package_are_named(void **state) {
    assert_missing(*state, "a.png", "\x89PNG\r\n\x1a\n", 8,
                   "is a PNG, and this program was built without libspng; install it (Debian: "
                   "libspng-dev), then build again");
    assert_missing(*state, "a.jpg", "\xff\xd8\xff\xe0", 4,
                   "is a JPEG, and this program was built without libjpeg-turbo; install it (Debian: "
                   "libjpeg-dev), then build again");
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(the_library_and_its_package_are_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
