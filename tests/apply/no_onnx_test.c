// Built without protobuf-c: onnx.c once more, without it.
#include "../temporary.h"
#include "message.h"
#include "onnx.h"

static void the_library_and_its_packages_are_named(void **state) {
    struct temporary *t = *state;
    const struct vv_exported nothing = {.model = NULL};
    uint64_t size;
    assert_null(vv_onnx_encoder(&t->ctx, "a.onnx", &nothing, &size));
    ASSERT_MESSAGE("<file>: not written: this program was built without protobuf-c; install it (Debian: "
                   "libprotobuf-c-dev, protobuf-c-compiler), then build again",
                   VV_FAILED,
                   "a.onnx: not written: this program was built without protobuf-c; install it (Debian: "
                   "libprotobuf-c-dev, protobuf-c-compiler), then build again",
                   &t->ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(the_library_and_its_packages_are_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
