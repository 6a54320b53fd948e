#include "../temporary.h"

static void first_failure_is_kept(void **state) {
    (void)state;
    struct vv_context ctx;
    vv_context_init(&ctx);
    assert_int_equal(ctx.status, VV_OK);
    assert_false(vv_fail(&ctx, VV_BAD_DATA, "file %d", 1));
    assert_false(vv_fail(&ctx, VV_FAILED, "file %d", 2));
    assert_int_equal(ctx.status, VV_BAD_DATA);
    assert_string_equal(ctx.error, "file 1");
}

static void clear_makes_room_for_the_next_failure(void **state) {
    (void)state;
    struct vv_context ctx;
    vv_context_init(&ctx);
    (void)vv_fail(&ctx, VV_BAD_DATA, "first");
    vv_clear(&ctx);
    assert_int_equal(ctx.status, VV_OK);
    assert_string_equal(ctx.error, "");
    (void)vv_fail(&ctx, VV_USAGE, "second");
    assert_string_equal(ctx.error, "second");
}

static void long_failure_is_cut_and_terminated(void **state) {
    (void)state;
    struct vv_context ctx;
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    vv_context_init(&ctx);
    (void)vv_fail(&ctx, VV_FAILED, "%s", text);
    assert_int_equal(strlen(ctx.error), sizeof ctx.error - 1);
}

static void keep_line(void *user, enum vv_log_level level, const char *line) {
    (void)snprintf(user, 64, "%d %s", (int)level, line);
}

static void log_reaches_the_callback_and_may_be_absent(void **state) {
    (void)state;
    struct vv_context ctx;
    char line[64] = "";
    vv_context_init(&ctx);
    vv_say(&ctx, VV_LOG_INFO, "nobody listens");
    ctx.log = keep_line;
    ctx.log_user = line;
    vv_say(&ctx, VV_LOG_WARNING, "epoch %d", 7);
    assert_string_equal(line, "1 epoch 7");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_failure_is_kept),
        cmocka_unit_test(clear_makes_room_for_the_next_failure),
        cmocka_unit_test(long_failure_is_cut_and_terminated),
        cmocka_unit_test(log_reaches_the_callback_and_may_be_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
