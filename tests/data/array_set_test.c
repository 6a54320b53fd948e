// Arrays as sets: .npy and .npz.
#include "made.h"

#include <math.h>

#include <sys/resource.h>

#include "../message.h"

// 4 pictures of 2 x 3 by default: numbers 0 to 23.
static struct made make_counting(const char *shape, bool fortran, unsigned count) {
    unsigned char numbers[256];
    for (unsigned i = 0; i < 256; i++) numbers[i] = (unsigned char)i;
    return make_array("|u1", shape, fortran, numbers, count);
}

static const char *put_made(struct temporary *t, const char *name, struct made m) {
    return put_file(t, name, m.bytes, m.size);
}

static void every_type_is_read(void **state) {
    struct temporary *t = *state;
    static const struct {
        const char *type;
        unsigned size;
        uint64_t bits[4];  // of 0, 1, 2, 100
    } types[] = {{"|i1", 1, {0, 1, 2, 100}},
                 {"<u2", 2, {0, 1, 2, 100}},
                 {">u2", 2, {0, 0x100, 0x200, 0x6400}},
                 {"<i4", 4, {0, 1, 2, 100}},
                 {"<i8", 8, {0, 1, 2, 100}},
                 {"<f2", 2, {0, 0x3c00, 0x4000, 0x5640}},
                 {"<f4", 4, {0, 0x3f800000, 0x40000000, 0x42c80000}},
                 {">f4", 4, {0, 0x803f, 0x40, 0xc842}},
                 {"<f8", 8, {0, 0x3ff0000000000000, 0x4000000000000000, 0x4059000000000000}}};
    struct vv_reading r = vv_reading_default;
    r.has_range = true;
    r.range[0] = -100;
    r.range[1] = 100;
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        struct made numbers = {.size = 0};
        struct vv_dataset set;
        for (unsigned i = 0; i < 8; i++) put_number(&numbers, types[k].bits[i % 4], types[k].size);
        assert_true(open_set(
            t,
            put_made(t, "a.npy", make_array(types[k].type, "2, 4", false, numbers.bytes, numbers.size)),
            &r, &set));
        const float expected[] = {0.5F, 0.505F, 0.51F, 1};
        assert_null(set.train.pixels);
        assert_memory_equal(set.train.values, expected, sizeof expected);
        assert_memory_equal(set.test.values, expected, sizeof expected);
        assert_string_equal(set.normalization.kind, "range");
        vv_dataset_finish(&set);
    }
}

static void truth_is_black_and_white(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    assert_true(
        open_set(t, put_made(t, "a.npy", make_array("|b1", "2, 2", false, "\0\1\0\1", 4)), NULL, &set));
    assert_memory_equal(set.train.pixels, "\0\xff", 2);
    vv_dataset_finish(&set);
}

// The picture of `set` that has the file's first number in it.
static const unsigned char *first_picture(const struct vv_dataset *set) {
    const struct vv_images *parts[2] = {&set->train, &set->test};
    const uint64_t stride = vv_images_stride(&set->train);
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < parts[k]->count; i++)
            if (parts[k]->pixels[i * stride] == 0) return parts[k]->pixels + i * stride;
    fail_msg("no picture begins with 0");
    return NULL;
}

static void layouts_and_orders_are_told_apart(void **state) {
    struct temporary *t = *state;
    static const struct {
        const char *shape;
        bool fortran;
        enum vv_array_layout layout;
        uint32_t height, width, channels;
        unsigned char first[6];
    } cases[] = {
        {"4, 6", false, VV_LAYOUT_AUTO, 1, 6, 1, {0, 1, 2, 3, 4, 5}},
        {"4, 6", true, VV_LAYOUT_ND, 1, 6, 1, {0, 4, 8, 12, 16, 20}},
        {"4, 2, 3", false, VV_LAYOUT_AUTO, 2, 3, 1, {0, 1, 2, 3, 4, 5}},
        {"4, 2, 3", true, VV_LAYOUT_AUTO, 2, 3, 1, {0, 8, 16, 4, 12, 20}},
        {"4, 1, 2, 3", false, VV_LAYOUT_AUTO, 1, 2, 3, {0, 1, 2, 3, 4, 5}},
        {"4, 3, 1, 2", false, VV_LAYOUT_NCHW, 1, 2, 3, {0, 2, 4, 1, 3, 5}},
        {"4, 1, 1, 6", false, VV_LAYOUT_AUTO, 1, 6, 1, {0, 1, 2, 3, 4, 5}},
        {"4, 3, 2, 1", true, VV_LAYOUT_NCHW, 2, 1, 3, {0, 4, 8, 12, 16, 20}},
        {"4, 1, 2, 3", true, VV_LAYOUT_NHWC, 1, 2, 3, {0, 8, 16, 4, 12, 20}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vv_reading r = vv_reading_default;
        struct vv_dataset set;
        r.layout = cases[i].layout;
        const char *path = put_made(t, "a.npy", make_counting(cases[i].shape, cases[i].fortran, 24));
        if (!open_set(t, path, &r, &set)) fail_msg("%s", t->ctx.error);
        assert_int_equal(set.train.height, cases[i].height);
        assert_int_equal(set.train.width, cases[i].width);
        assert_int_equal(set.train.channels, cases[i].channels);
        assert_memory_equal(first_picture(&set), cases[i].first, 6);
        vv_dataset_finish(&set);
    }
}

static void a_set_is_divided_once_and_for_all(void **state) {
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set, again, few;
    bool seen[200] = {false};
    char path[PATH_ROOM], labels[PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s", put_made(t, "a.npy", make_counting("200, 1", false, 200)));
    (void)snprintf(labels, sizeof labels, "%s", put_made(t, "l.npy", make_counting("200,", false, 200)));
    r.split = 0.75;
    r.labels = labels;
    assert_true(open_set(t, path, &r, &set));
    assert_true(open_set(t, path, &r, &again));
    assert_int_equal(set.train.count, 150);
    assert_int_equal(set.test.count, 50);
    assert_memory_equal(set.train.pixels, again.train.pixels, 150);
    const struct vv_images *parts[2] = {&set.train, &set.test};
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < parts[k]->count; i++) {
            assert_int_equal(parts[k]->labels[i], parts[k]->pixels[i]);
            assert_false(seen[parts[k]->pixels[i]]);
            seen[parts[k]->pixels[i]] = true;
        }
    r.limit = 20;
    assert_true(open_set(t, path, &r, &few));
    assert_int_equal(few.train.count, 20);
    assert_int_equal(few.test.count, 20);
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(few.train.labels[i], few.train.pixels[i]);
        assert_non_null(memchr(set.train.pixels, few.train.pixels[i], 150));
    }
    vv_dataset_finish(&few);
    vv_dataset_finish(&set);
    vv_dataset_finish(&again);
}

static void a_file_of_its_own_is_tested_on(void **state) {
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    char path[PATH_ROOM], test[PATH_ROOM], text[3 * PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s", put_made(t, "a.npy", make_counting("8, 3", false, 24)));
    (void)snprintf(test, sizeof test, "%s", put_made(t, "b.npy", make_counting("2, 3", false, 6)));
    r.test = test;
    assert_true(open_set(t, path, &r, &set));
    assert_int_equal(set.train.count, 8);
    assert_int_equal(set.test.count, 2);
    vv_dataset_finish(&set);
    r.split = 0.5;
    assert_false(open_set(t, path, &r, &set));
    ASSERT_MESSAGE(
        "--split <number>: there is a part to test on, so that none is split off; leave it out",
        VV_USAGE, "--split 0.5: there is a part to test on, so that none is split off; leave it out",
        &t->ctx);
    vv_clear(&t->ctx);
    r = vv_reading_default;
    r.test_labels = "l.npy";
    assert_false(open_set(t, path, &r, &set));
    ASSERT_MESSAGE("--test-labels <file>: nothing of its own is there to test on; name it with "
                   "--test-data, or leave the labels out",
                   VV_USAGE,
                   "--test-labels l.npy: nothing of its own is there to test on; name it with "
                   "--test-data, or leave the labels out",
                   &t->ctx);
    vv_clear(&t->ctx);
    r = vv_reading_default;
    (void)put_made(t, "b.npy", make_counting("2, 4", false, 8));
    r.test = test;
    assert_false(open_set(t, path, &r, &set));
    (void)snprintf(text, sizeof text,
                   "%s: holds pictures of 1x3 bytes, but %s of 1x4 bytes; take both from the same set",
                   path, test);
    ASSERT_MESSAGE(
        "<file>: holds pictures of <size> <type>, but <file> of <size> <type>; take both from "
        "the same set",
        VV_BAD_DATA, text, &t->ctx);
}

static void labels_are_checked(void **state) {
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    char path[PATH_ROOM], labels[PATH_ROOM], text[3 * PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s", put_made(t, "a.npy", make_counting("4, 3", false, 12)));
    (void)snprintf(
        labels, sizeof labels, "%s",
        put_made(t, "l.npy", make_array("<i4", "4,", false, "\1\0\0\0\2\0\0\0\0\0\1\0\0\0\0\0", 16)));
    r.labels = labels;
    assert_false(open_set(t, path, &r, &set));
    (void)snprintf(
        text, sizeof text,
        "%s: label 2, counted from 0, is 65536, not a whole number from 0 to 65535; number the "
        "classes so",
        labels);
    ASSERT_MESSAGE("<file>: label <number>, counted from 0, is <number>, not a whole number from 0 to "
                   "<most>; number the classes so",
                   VV_BAD_DATA, text, &t->ctx);
    vv_clear(&t->ctx);
    (void)put_made(t, "l.npy", make_array("<i2", "4,", false, "\1\0\377\377\1\0\1\0", 8));
    assert_false(open_set(t, path, &r, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "label 1", "is -1", (char *)NULL);
    (void)put_made(t, "l.npy", make_counting("5,", false, 5));
    assert_false(open_set(t, path, &r, &set));
    (void)snprintf(text, sizeof text, "%s: has 5 labels, but %s has 4 pictures; give one label for each",
                   labels, path);
    ASSERT_MESSAGE(
        "<file>: has <shape> labels, but <file> has <count> pictures; give one label for each",
        VV_BAD_DATA, text, &t->ctx);
    vv_clear(&t->ctx);
    (void)snprintf(labels, sizeof labels, "%s", put_file(t, "l.csv", "class\n3\n1\n2\n0\n", 14));
    assert_true(open_set(t, path, &r, &set));
    assert_int_equal(
        set.train.labels[0] + set.train.labels[1] + set.train.labels[2] + set.test.labels[0], 6);
    vv_dataset_finish(&set);
}

static void parts_that_differ_are_told(void **state) {
    static const unsigned char zeros[96];
    static const struct {
        const char *type, *shape;
        size_t bytes;
        const char *said;
    } tests[] = {{"|u1", "2, 2, 3, 3", 36, NULL},
                 {"|u1", "2, 3, 3, 3", 54, "of 3x3x3 bytes"},
                 {"|u1", "2, 2, 2, 3", 24, "of 2x2x3 bytes"},
                 {"|u1", "2, 2, 3, 1", 12, "of 2x3 bytes"},
                 {"<f2", "2, 2, 3, 3", 72, "of 2x3x3 floats"}};
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    char path[PATH_ROOM], test[PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s",
                   put_made(t, "a.npy", make_counting("4, 2, 3, 3", false, 72)));
    r.layout = VV_LAYOUT_NHWC;
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        (void)snprintf(test, sizeof test, "%s",
                       put_made(t, "b.npy",
                                make_array(tests[i].type, tests[i].shape, false, (const char *)zeros,
                                           tests[i].bytes)));
        r.test = test;
        const bool ok = open_set(t, path, &r, &set);
        assert_int_equal(ok, tests[i].said == NULL);
        if (!ok)
            assert_failure(&t->ctx, VV_BAD_DATA, path, test, "of 2x3x3 bytes", tests[i].said,
                           (char *)NULL);
        vv_dataset_finish(&set);
    }
}

static void arrays_that_make_no_pictures_are_refused(void **state) {
    static const char *const shapes[] = {"2, 2, 2, 5", "4, 10", "40,"};
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const char *path = put_made(t, "a.npy", make_counting(shapes[i], false, 40));
        r.layout = VV_LAYOUT_NHWC;
        assert_false(open_set(t, path, &r, &set));
        assert_failure(&t->ctx, VV_BAD_DATA, path, "makes no pictures by --layout nhwc", (char *)NULL);
    }
}

// Which no file of this size holds: but its shape is looked at first.
static void sides_have_their_limits(void **state) {
    static const struct {
        enum vv_array_layout layout;
        const char *shape;
    } cases[] = {{VV_LAYOUT_ND, "2147483648, 1"},      {VV_LAYOUT_NHW, "1, 65537, 1"},
                 {VV_LAYOUT_NHW, "1, 1, 65537"},       {VV_LAYOUT_NHW, "1, 65536, 65536"},
                 {VV_LAYOUT_NHWC, "1, 2, 2, 5"},       {VV_LAYOUT_NCHW, "1, 5, 2, 2"},
                 {VV_LAYOUT_NHWC, "1, 16384, 8193, 2"}};
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        r.layout = cases[i].layout;
        const char *path = put_made(t, "a.npy", make_array("|u1", cases[i].shape, false, "", 0));
        assert_false(open_set(t, path, &r, &set));
        assert_failure(&t->ctx, VV_BAD_DATA, path, (char *)NULL);
    }
}

static void numbers_are_finite_and_of_the_range(void **state) {
    static const struct {
        bool ranged;
        double number;
        const char *says;  // NULL: nothing
    } cases[] = {{false, 1e300, "not a finite float"},
                 {false, NAN, "not a finite float"},
                 {true, NAN, "one of --range -1,2"},
                 {true, -1.5, "one of --range -1,2"},
                 {true, 2.5, "one of --range -1,2"},
                 {true, -1, NULL},
                 {true, 2, NULL}};
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    r.range[0] = -1;
    r.range[1] = 2;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double numbers[] = {0, 1, 0, cases[i].number};
        r.has_range = cases[i].ranged;
        r.normalize = cases[i].ranged ? VV_NORMALIZE_NONE : VV_NORMALIZE_MINMAX;
        const struct made made = make_array("<f8", "2, 2", false, numbers, sizeof numbers);
        const bool ok = open_set(t, put_made(t, "a.npy", made), &r, &set);
        assert_int_equal(ok, !cases[i].says);
        if (ok)
            vv_dataset_finish(&set);
        else
            assert_failure(&t->ctx, VV_BAD_DATA, "value 1 of row 1", cases[i].says, (char *)NULL);
    }
}

static void labels_of_another_form_are_refused(void **state) {
    static const struct {
        const char *name, *text;
    } tables[] = {{"l.csv", "a,b\n1,2\n3,4\n5,6\n7,8\n"},
                  {"l.csv", "1\n2\n3\n"},
                  {"l.csv", "1\n2\n3\n0.5\n"},
                  {"l.csv", "1\n2\n3\n-1\n"},
                  {"none.csv", NULL},
                  {"none.npy", NULL}};
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    char path[PATH_ROOM], labels[PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s", put_made(t, "a.npy", make_counting("4, 3", false, 12)));
    r.labels = labels;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        (void)snprintf(labels, sizeof labels, "%s", path_of(t, tables[i].name));
        if (tables[i].text) (void)put_file(t, tables[i].name, tables[i].text, strlen(tables[i].text));
        assert_false(open_set(t, path, &r, &set));
        assert_failure(&t->ctx, VV_BAD_DATA, labels, (char *)NULL);
    }
    (void)snprintf(labels, sizeof labels, "%s", put_made(t, "l.npy", make_counting("2, 2", false, 4)));
    assert_false(open_set(t, path, &r, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, labels, "has 2x2 labels", (char *)NULL);
    (void)put_made(t, "l.npy", make_counting("4, 1", false, 4));
    assert_true(open_set(t, path, &r, &set));
    vv_dataset_finish(&set);
}

// ---- .npz ----

static struct made make_keras(bool deflate) {
    const struct member members[] = {{"x_train.npy", make_counting("6, 2, 2", false, 24), 0},
                                     {"y_train.npy", make_counting("6,", false, 6), 0},
                                     {"x_test.npy", make_counting("3, 2, 2", false, 12), 0},
                                     {"y_test.npy", make_counting("3, 1", false, 3), 0}};
    return make_zip(members, 4, deflate);
}

static void zipped_arrays_are_found_by_name(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    for (int deflate = 0; deflate < 2; deflate++) {
        if (!open_set(t, put_made(t, "a.npz", make_keras(deflate)), NULL, &set))
            fail_msg("%s", t->ctx.error);
        assert_int_equal(set.train.count, 6);
        assert_int_equal(set.test.count, 3);
        assert_int_equal(set.train.pixels[23], 23);
        assert_int_equal(set.test.labels[2], 2);
        vv_dataset_finish(&set);
    }
}

static void other_names_are_told(void **state) {
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    char text[2 * PATH_ROOM], path[PATH_ROOM];
    const struct member members[] = {{"shapes.npy", make_counting("6, 2, 2", false, 24), 0},
                                     {"kinds.npy", make_counting("6,", false, 6), 0}};
    (void)snprintf(path, sizeof path, "%s", put_made(t, "a.npz", make_zip(members, 2, false)));
    assert_false(open_set(t, path, &r, &set));
    (void)snprintf(
        text, sizeof text,
        "%s: has no array that is called x, images, data or arr_0, but shapes, kinds; save it "
        "anew with numpy.savez(file, x=...)",
        path);
    ASSERT_MESSAGE("<file>: has no array that is called x, images, data or arr_0, but <names>; save it "
                   "anew with numpy.savez(file, x=...)",
                   VV_BAD_DATA, text, &t->ctx);
    vv_clear(&t->ctx);
    r.labels = "kinds";
    if (!open_set(t, path, &r, &set)) fail_msg("%s", t->ctx.error);
    assert_non_null(set.train.labels);
    vv_dataset_finish(&set);
    (void)put_made(t, "a.npz", make_zip(members, 1, true));
    assert_false(open_set(t, path, &r, &set));
    (void)snprintf(text, sizeof text,
                   "--labels kinds: %s has no such array; name one of those there: shapes", path);
    ASSERT_MESSAGE("--labels <name>: <file> has no such array; name one of those there: <names>",
                   VV_USAGE, text, &t->ctx);
}

static void damage_is_noticed(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    char text[2 * PATH_ROOM];
    const struct member member = {"x.npy", make_counting("6, 2, 2", false, 24), 0};
    struct made zip = make_zip(&member, 1, false);
    zip.bytes[30 + 5 + member.data.size - 1] ^= 1;  // its last number
    assert_false(open_set(t, put_made(t, "a.npz", zip), NULL, &set));
    (void)snprintf(text, sizeof text,
                   "%s(x.npy): is damaged near unpacked offset %zu; save it anew, or restore it from a "
                   "copy",
                   t->path, member.data.size);
    ASSERT_MESSAGE(
        "<file>: is damaged near unpacked offset <offset>; save it anew, or restore it from a copy",
        VV_BAD_DATA, text, &t->ctx);
    vv_clear(&t->ctx);
    zip = make_zip(&member, 1, true);
    zip.bytes[zip.size - 2] = 1;  // the comment's length
    assert_false(open_set(t, put_made(t, "a.npz", zip), NULL, &set));
    (void)snprintf(
        text, sizeof text,
        "%s: is no sound .npz file: no directory at offset %zu; save it anew with numpy.savez", t->path,
        zip.size);
    ASSERT_MESSAGE(
        "<file>: is no sound .npz file: <what is there> at offset <offset>; save it anew with "
        "numpy.savez",
        VV_BAD_DATA, text, &t->ctx);
}

static long most_memory(void) {
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void bombs_take_no_memory(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    char text[2 * PATH_ROOM];
    const long before = most_memory();
    struct member member = {"x.npy", make_counting("1099511627, 1024", false, 24), UINT64_C(1) << 40};
    const struct made packed = deflated(&member.data);
    assert_false(open_set(t, put_made(t, "a.npz", make_zip(&member, 1, true)), NULL, &set));
    (void)snprintf(text, sizeof text,
                   "%s(x.npy): %zu bytes are to become 1099511627776, as no pictures do; save it anew "
                   "with numpy.savez",
                   t->path, packed.size);
    ASSERT_MESSAGE(
        "<file>(<array>): <count> bytes are to become <count>, as no pictures do; save it anew with "
        "numpy.savez",
        VV_BAD_DATA, text, &t->ctx);
    vv_clear(&t->ctx);
    // The file tells of 1 GiB, and has less than a kibibyte.
    member = (struct member){"x.npy", make_counting("1048576, 1024", false, 24), 0};
    member.promised = member.data.size - 24 + (UINT64_C(1) << 30);
    assert_false(open_set(t, put_made(t, "a.npz", make_zip(&member, 1, true)), NULL, &set));
    vv_clear(&t->ctx);
    member.promised = 1 << 30;
    assert_false(open_set(t, put_made(t, "a.npz", make_zip(&member, 1, true)), NULL, &set));
    vv_clear(&t->ctx);
    (void)put_made(t, "a.npy", make_counting("4294967295, 4294967295, 4294967295", false, 24));
    assert_false(open_set(t, t->path, NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "2^64 bytes or more", (char *)NULL);
    assert_true(most_memory() - before < 64 * 1024);
}

static void anything_is_read_or_refused(void **state) {
    struct temporary *t = *state;
    const struct made array = make_counting("4, 2, 3", false, 24), stored = make_keras(false),
                      packed = make_keras(true);
    assert_robust(t, "a.npy", &array, NULL, 1);
    assert_robust(t, "a.npz", &stored, NULL, 3);
    assert_robust(t, "a.npz", &packed, NULL, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(every_type_is_read),
                                       TEST(truth_is_black_and_white),
                                       TEST(layouts_and_orders_are_told_apart),
                                       TEST(a_set_is_divided_once_and_for_all),
                                       TEST(a_file_of_its_own_is_tested_on),
                                       TEST(labels_are_checked),
                                       TEST(parts_that_differ_are_told),
                                       TEST(arrays_that_make_no_pictures_are_refused),
                                       TEST(sides_have_their_limits),
                                       TEST(numbers_are_finite_and_of_the_range),
                                       TEST(labels_of_another_form_are_refused),
                                       TEST(zipped_arrays_are_found_by_name),
                                       TEST(other_names_are_told),
                                       TEST(damage_is_noticed),
                                       TEST(bombs_take_no_memory),
                                       TEST(anything_is_read_or_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
