// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "utf8.h"

static void utf8_is_told_from_other_bytes(void **state) {
    static const char *const good[] = {"",
                                       "a/b c",
                                       "\x1b\n\x7f",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"b\xff",
                                      "\x80",
                                      "\xc3",
                                      "\xc0\xaf",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xe2\x82",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf8\x88\x80\x80\x80",
                                      "\xc3(",
                                      "good\xc3\xa4\xa4"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!vv_is_utf8(good[i])) fail_msg("text %zu is refused", i);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (vv_is_utf8(bad[i])) fail_msg("bytes %zu are taken", i);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(utf8_is_told_from_other_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
