// Where decoded pictures are kept, when that fails.
#include "../temporary.h"
#include "file.h"
#include "shelf.h"

#include <fcntl.h>

static void shelves_say_what_fails(void **state) {
    struct temporary *t = *state;
    static const uint32_t few[] = {2, 1}, many[] = {UINT32_MAX, 1};
    struct vv_shelf shelf;
    char path[PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s", path_of(t, "shelf"));
    assert_false(vv_shelf_in_file(&t->ctx, path, many, UINT64_C(1) << 40, &shelf));
    assert_failure(&t->ctx, VV_FAILED, path, "decoded pictures cannot be kept", (char *)NULL);
    assert_false(vv_shelf_in_file(&t->ctx, path, many, UINT64_C(1) << 30, &shelf));
    assert_failure(&t->ctx, VV_FAILED, path, "decoded pictures cannot be kept", (char *)NULL);

    assert_true(vv_shelf_in_file(&t->ctx, path, few, 4, &shelf));
    assert_true(vv_shelf_put(&t->ctx, &shelf, 0, 1, (const unsigned char *)"four"));
    assert_true(vv_shelf_move(&t->ctx, &shelf, 0, 1, 0));
    char kept[4];
    assert_int_equal(pread(shelf.reader, kept, 4, VV_SHELF_FIRST), 4);
    assert_memory_equal(kept, "four", 4);
    assert_false(vv_shelf_move(&t->ctx, &shelf, 1, 0, 0));  // nothing was put there
    assert_failure(&t->ctx, VV_FAILED, path, "cannot be kept (Input/output error)", (char *)NULL);
    assert_int_equal(dup2(open("/dev/full", O_WRONLY | O_CLOEXEC), shelf.writer.descriptor),
                     shelf.writer.descriptor);
    assert_false(vv_shelf_move(&t->ctx, &shelf, 0, 1, 0));
    assert_failure(&t->ctx, VV_FAILED, path, "cannot be kept (No space left on device)", (char *)NULL);
    assert_int_equal(close(shelf.reader), 0);
    assert_false(vv_shelf_move(&t->ctx, &shelf, 0, 1, 0));
    assert_failure(&t->ctx, VV_FAILED, path, "cannot be kept (Bad file descriptor)", (char *)NULL);
    shelf.reader = -1;
    vv_shelf_finish(&shelf);
    assert_false(vv_path_exists(path));
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(shelves_say_what_fails)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
