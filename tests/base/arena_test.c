#include "../temporary.h"
#include "arena.h"

#include <stdalign.h>

// AddressSanitizer ends the program at an impossible size unless told to answer NULL, as malloc does.
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

static void pieces_are_zeroed_aligned_and_do_not_overlap(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_arena arena;
    unsigned char *pieces[200];
    vv_context_init(&ctx);
    vv_arena_init(&arena, &ctx);
    for (unsigned i = 0; i < 200; i++) {
        size_t size = 7 * i + 1;  // past the first block
        pieces[i] = vv_arena_alloc(&arena, size, 1);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++) assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)i, size);
    }
    for (unsigned i = 0; i < 200; i++)
        for (size_t k = 0; k < 7 * i + 1; k++) assert_int_equal(pieces[i][k], i);
    vv_arena_finish(&arena);
}

static void piece_larger_than_a_block_is_given(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_arena arena;
    vv_context_init(&ctx);
    vv_arena_init(&arena, &ctx);
    unsigned char *piece = vv_arena_alloc(&arena, 1000, 1000);
    assert_non_null(piece);
    piece[999999] = 1;
    vv_arena_finish(&arena);
}

static void size_that_overflows_is_refused(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_arena arena;
    vv_context_init(&ctx);
    vv_arena_init(&arena, &ctx);
    assert_null(vv_arena_alloc(&arena, UINT64_MAX, UINT64_MAX));
    assert_failure(&ctx, VV_FAILED, "out of memory", (char *)NULL);
    assert_null(vv_arena_alloc(&arena, UINT64_MAX, 1));
    assert_failure(&ctx, VV_FAILED, "out of memory", (char *)NULL);
    vv_arena_finish(&arena);
}

static void printf_formats_texts_of_any_length(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_arena arena;
    vv_context_init(&ctx);
    vv_arena_init(&arena, &ctx);
    assert_string_equal(vv_arena_printf(&arena, "%s-%d", "a", 12), "a-12");
    assert_int_equal(strlen(vv_arena_printf(&arena, "%40000d", 1)), 40000);
    vv_arena_finish(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_do_not_overlap),
        cmocka_unit_test(piece_larger_than_a_block_is_given),
        cmocka_unit_test(size_that_overflows_is_refused),
        cmocka_unit_test(printf_formats_texts_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
