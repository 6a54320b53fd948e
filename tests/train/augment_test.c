// What --augment says: read, printed, refused.
#include "../temporary.h"

#include "../message.h"
#include "augment.h"

static void each_item_is_read(void **state) {
    struct temporary *t = *state;
    struct vv_augment a;
    assert_true(vv_augment_parse(&t->ctx, "", &a));
    assert_true(vv_augment_is_none(&a));
    assert_true(vv_augment_parse(&t->ctx, "flip", &a));
    assert_true(a.flip && !a.vertical_flip && a.shift == 0 && !vv_augment_is_none(&a));
    assert_true(vv_augment_parse(&t->ctx, "noise=1e-2,shift=2,vflip,contrast=1,brightness=0.1", &a));
    assert_true(!a.flip && a.vertical_flip && a.shift == 2 && a.noise == 0.01f && a.contrast == 1.0f &&
                a.brightness == 0.1f);
    assert_true(vv_augment_parse(&t->ctx, "shift=32767", &a));
    assert_int_equal(a.shift, VV_AUGMENT_MAX_SHIFT);
    assert_string_equal(t->ctx.error, "");
}

static void what_is_printed_is_read_as_the_same(void **state) {
    struct temporary *t = *state;
    static const char *const texts[][2] = {
        {"", ""},
        {"noise=0.05,flip", "flip,noise=0.05"},
        {"vflip,flip,shift=3", "flip,vflip,shift=3"},
        {"flip,vflip,shift=32767,brightness=1.23456789e-5,contrast=0.123456789,noise=9.87654321e-6",
         NULL},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct vv_augment a, b;
        char text[VV_AUGMENT_TEXT], again[VV_AUGMENT_TEXT];
        assert_true(vv_augment_parse(&t->ctx, texts[i][0], &a));
        if (texts[i][1]) assert_string_equal(vv_augment_print(&a, text), texts[i][1]);
        assert_true(vv_augment_parse(&t->ctx, vv_augment_print(&a, text), &b));
        assert_string_equal(vv_augment_print(&b, again), text);
        assert_true(a.flip == b.flip && a.vertical_flip == b.vertical_flip && a.shift == b.shift &&
                    a.brightness == b.brightness && a.contrast == b.contrast && a.noise == b.noise);
    }
}

static void refuse(struct temporary *t, const char *text) {
    struct vv_augment a;
    vv_clear(&t->ctx);
    assert_false(vv_augment_parse(&t->ctx, text, &a));
}

static void what_is_no_item_is_refused(void **state) {
    struct temporary *t = *state;
    static const char *const strange[] = {"turn",          ",",    "flip,", ",flip",
                                          "flip ,shift=1", "Flip", "=2",    " "};
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        refuse(t, strange[i]);
        assert_failure(&t->ctx, VV_USAGE, "--augment: there is no '", "vflip", (char *)NULL);
    }
    refuse(t, "flip,turn=3");
    ASSERT_MESSAGE("--augment: there is no '<item>'; take some of flip, vflip, shift=N, brightness=X, "
                   "contrast=X and noise=X, with commas between",
                   VV_USAGE,
                   "--augment: there is no 'turn=3'; take some of flip, vflip, shift=N, brightness=X, "
                   "contrast=X and noise=X, with commas between",
                   &t->ctx);
}

static void what_is_no_number_of_an_item_is_refused(void **state) {
    struct temporary *t = *state;
    static const char *const strange[] = {
        "shift",        "shift=",        "shift=0",
        "shift=-1",     "shift=1.5",     "shift=32768",
        "shift= 1",     "shift=0x2",     "noise=",
        "noise=0",      "noise=1.01",    "noise=nan",
        "noise=inf",    "noise=.5",      "noise=1e",
        "noise=1e-40",  "noise=0.5=0.5", "brightness",
        "contrast=two", "shift=1e1",     "noise=0.00000000000000000000000000000000000001"};
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        refuse(t, strange[i]);
        assert_failure(&t->ctx, VV_USAGE, "--augment ", ": expected '", (char *)NULL);
    }
    refuse(t, "flip,shift=0");
    ASSERT_MESSAGE("--augment <item>: expected '<name>=' and a <number> from <least> to <most>",
                   VV_USAGE, "--augment shift=0: expected 'shift=' and a whole number from 1 to 32767",
                   &t->ctx);
    refuse(t, "noise=2,flip");
    ASSERT_MESSAGE("--augment <item>: expected '<name>=' and a <number> from <least> to <most>",
                   VV_USAGE, "--augment noise=2: expected 'noise=' and a number from 1e-06 to 1",
                   &t->ctx);
    refuse(t, "flip=1");
    ASSERT_MESSAGE("--augment <item>: expected '<name>' alone; leave the rest out", VV_USAGE,
                   "--augment flip=1: expected 'flip' alone; leave the rest out", &t->ctx);
}

static void what_stands_twice_is_refused(void **state) {
    struct temporary *t = *state;
    refuse(t, "shift=1,flip,shift=2");
    ASSERT_MESSAGE("--augment: '<item>' is there twice; leave one out", VV_USAGE,
                   "--augment: 'shift' is there twice; leave one out", &t->ctx);
    refuse(t, "flip,flip");
    assert_failure(&t->ctx, VV_USAGE, "'flip'", "twice", (char *)NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_item_is_read),
        TEST(what_is_printed_is_read_as_the_same),
        TEST(what_is_no_item_is_refused),
        TEST(what_is_no_number_of_an_item_is_refused),
        TEST(what_stands_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
