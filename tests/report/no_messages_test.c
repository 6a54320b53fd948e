// Built with event_message.c once more, as it is where libprotobuf-c is missing.
#include "../temporary.h"
#include "board.h"
#include "message.h"

static void the_library_is_named(void **state) {
    struct temporary *t = *state;
    assert_true(vv_board_check(&t->ctx, NULL));
    assert_false(vv_board_check(&t->ctx, "boards"));
    ASSERT_MESSAGE("--tensorboard: this vkvae was built without libprotobuf-c; install that "
                   "(scripts/setup.sh does) and build again, or leave it out",
                   VV_USAGE,
                   "--tensorboard: this vkvae was built without libprotobuf-c; install that "
                   "(scripts/setup.sh does) and build again, or leave it out",
                   &t->ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(the_library_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
