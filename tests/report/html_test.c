// Text for a page: what is from outside is harmless, and base64 is the standard's.
#include "../temporary.h"

#include "html.h"

static void assert_text(struct vv_html *h, const char *expected) {
    vv_html_add_bytes(h, "", 1);
    assert_false(h->failed);
    assert_string_equal(h->text, expected);
    vv_html_finish(h);
}

static void text_is_escaped(void **state) {
    struct temporary *t = *state;
    struct vv_html h = {.ctx = &t->ctx};
    vv_html_add(&h, "<p>");
    vv_html_escape(&h, "<b a=\"1\" c='2'>&amp;</b>\n\t\xC3\xA9\xF0\x9F\x98\x80");
    assert_text(
        &h, "<p>&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;\n\t\xC3\xA9\xF0\x9F\x98\x80");
}

// U+FFFD for what is no UTF-8, an overlong form, a surrogate, and characters that HTML has not.
static void what_is_no_text_is_replaced(void **state) {
    struct temporary *t = *state;
    struct vv_html h = {.ctx = &t->ctx};
    vv_html_escape(&h, "a\xFFz\x1B\x7F\xC2\x85.\xC3");
    assert_text(&h, "a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD.\xEF\xBF\xBD");
    h.ctx = &t->ctx;
    vv_html_escape(&h, "\xC0\xBC");
    assert_text(&h, "\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void json_cannot_end_its_element(void **state) {
    struct temporary *t = *state;
    struct vv_html h = {.ctx = &t->ctx};
    static const char json[] = "{\"a\":\"</script><!--&\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA\"}";
    vv_html_json(&h, json, sizeof json - 1);
    assert_text(&h, "{\"a\":\"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028\\u2029\xE2\x80\xAA\"}");
}

// RFC 4648, section 10.
static void base64_is_the_standards(void **state) {
    struct temporary *t = *state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct vv_html h = {.ctx = &t->ctx};
        vv_html_base64(&h, pairs[i][0], strlen(pairs[i][0]));
        assert_text(&h, pairs[i][1]);
    }
    struct vv_html h = {.ctx = &t->ctx};
    vv_html_base64(&h, "\x00\xFF\xEF\xBE\xFB\xF0", 6);
    assert_text(&h, "AP/vvvvw");
}

static void text_grows(void **state) {
    struct temporary *t = *state;
    struct vv_html h = {.ctx = &t->ctx};
    for (int i = 0; i < 20000; i++) vv_html_print(&h, "%05d", i);
    assert_int_equal(h.used, 100000);
    assert_memory_equal(h.text + 99995, "19999", 5);
    vv_html_finish(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(text_is_escaped),
        TEST(what_is_no_text_is_replaced),
        TEST(json_cannot_end_its_element),
        TEST(base64_is_the_standards),
        TEST(text_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
