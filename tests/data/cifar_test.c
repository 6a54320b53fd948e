// CIFAR's binaries.
#include "made.h"

#include "../message.h"
#include "file.h"

enum { ROW = 3 * 1024 };

// `count` pictures, the i-th of label `label` + i: red i, green 100, blue 200.
static const char *put_batch(struct temporary *t, const char *name, unsigned labels, unsigned label,
                             unsigned count) {
    const size_t row = labels + ROW;
    unsigned char *bytes = calloc(count, row);
    assert_non_null(bytes);
    for (unsigned i = 0; i < count; i++) {
        bytes[i * row + labels - 1] = (unsigned char)(label + i);
        memset(bytes + i * row + labels, (int)i, 1024);
        memset(bytes + i * row + labels + 1024, 100, 1024);
        memset(bytes + i * row + labels + 2048, 200, 1024);
    }
    const char *path = put_file(t, name, bytes, count * row);
    free(bytes);
    return path;
}

static void ten_classes_are_read(void **state) {
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    (void)put_batch(t, "data_batch_1.bin", 1, 0, 3);
    (void)put_batch(t, "data_batch_2.bin", 1, 7, 2);
    (void)put_batch(t, "test_batch.bin", 1, 5, 2);
    (void)put_file(t, "batches.meta.txt", "airplane\nautomobile\n\n", 21);
    assert_true(open_set(t, t->folder, NULL, &set));
    assert_int_equal(set.train.count, 5);
    assert_int_equal(set.test.count, 2);
    assert_int_equal(set.train.channels, 3);
    assert_int_equal(set.train.labels[4], 8);
    assert_memory_equal(set.train.pixels + 4 * ROW + 300, "\1\144\310\1", 4);
    assert_int_equal(set.class_count, 2);
    assert_string_equal(set.classes[1], "automobile");
    vv_dataset_finish(&set);
    r.limit = 4;
    assert_true(open_set(t, t->folder, &r, &set));
    assert_int_equal(set.train.count, 4);
    assert_int_equal(set.train.labels[3], 7);
    vv_dataset_finish(&set);
}

// All five batches, from a folder with a slash behind it; more names than classes.
static void five_batches_are_all(void **state) {
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    char folder[PATH_ROOM];
    for (unsigned i = 1; i <= 6; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "data_batch_%u.bin", i);
        (void)put_batch(t, name, 1, i, 1);
    }
    (void)put_batch(t, "test_batch.bin", 1, 5, 2);
    (void)put_file(t, "batches.meta.txt", "a\r\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl", 24);
    (void)snprintf(folder, sizeof folder, "%s/", t->folder);
    assert_true(open_set(t, folder, NULL, &set));
    assert_int_equal(set.train.count, 5);
    assert_int_equal(set.train.labels[4], 5);
    assert_int_equal(set.class_count, 10);
    assert_string_equal(set.classes[9], "j");
    vv_dataset_finish(&set);
    r.limit = 1;
    assert_true(open_set(t, folder, &r, &set));
    assert_int_equal(set.train.count, 1);
    assert_int_equal(set.test.count, 1);
    vv_dataset_finish(&set);
}

static void of_hundred_classes_the_fine_ones_count(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    (void)put_batch(t, "train.bin", 2, 97, 3);
    (void)put_batch(t, "test.bin", 2, 5, 1);
    assert_true(open_set(t, t->folder, NULL, &set));
    assert_int_equal(set.train.labels[2], 99);
    assert_int_equal(set.test.labels[0], 5);
    vv_dataset_finish(&set);
}

static void what_is_damaged_is_named(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    char text[2 * PATH_ROOM];
    (void)put_batch(t, "data_batch_1.bin", 1, 0, 3);
    assert_false(open_set(t, t->folder, NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "test_batch.bin", (char *)NULL);
    (void)put_batch(t, "test_batch.bin", 1, 9, 2);
    assert_false(open_set(t, t->folder, NULL, &set));
    (void)snprintf(text, sizeof text,
                   "%s: the label of picture 1, counted from 0, is 10, not below 10; download it again",
                   path_of(t, "test_batch.bin"));
    ASSERT_MESSAGE(
        "<file>: the label of picture <number>, counted from 0, is <label>, not below <classes>; "
        "download it again",
        VV_BAD_DATA, text, &t->ctx);
    vv_clear(&t->ctx);
    assert_int_equal(truncate(path_of(t, "test_batch.bin"), 3072), 0);
    assert_false(open_set(t, t->folder, NULL, &set));
    (void)snprintf(text, sizeof text,
                   "%s: has 3072 bytes, and CIFAR's pictures 3073 each; download it again",
                   path_of(t, "test_batch.bin"));
    ASSERT_MESSAGE("<file>: has <count> bytes, and CIFAR's pictures <count> each; download it again",
                   VV_BAD_DATA, text, &t->ctx);
    vv_clear(&t->ctx);
    assert_int_equal(truncate(path_of(t, "test_batch.bin"), 0), 0);
    assert_false(open_set(t, t->folder, NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "has 0 bytes", (char *)NULL);
    // Sparse: more pictures than a set may have.
    assert_int_equal(truncate(path_of(t, "test_batch.bin"), INT64_C(3073) * 150000), 0);
    assert_false(open_set(t, t->folder, NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "has 460950000 bytes", (char *)NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(ten_classes_are_read), TEST(five_batches_are_all),
                                       TEST(of_hundred_classes_the_fine_ones_count),
                                       TEST(what_is_damaged_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
