// Some classes of a set: which pictures stay, with what belongs to them.
#include "made.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "../message.h"
#include "classes.h"
#include "file.h"
#include "idx.h"
#include "shapes.h"
#include "size.h"

static const struct vv_shapes small = {
    .images = 30, .test_images = 12, .height = 8, .width = 8, .channels = 1};

// Whether `images` are those of `all` that have one of two labels, in the same order.
static void check_part(const struct vv_images *images, const struct vv_images *all, uint32_t a,
                       uint32_t b) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->labels[i] != a && all->labels[i] != b) continue;
        assert_in_range(kept, 0, images->count - 1);
        assert_int_equal(images->labels[kept], all->labels[i]);
        assert_memory_equal(images->pixels + 64 * (size_t)kept, all->pixels + 64 * (size_t)i, 64);
        assert_memory_equal(images->factors + 5 * (size_t)kept, all->factors + 5 * (size_t)i,
                            5 * sizeof(float));
        kept++;
    }
    assert_int_equal(images->count, kept);
    assert_in_range(kept, 1, all->count - 1);
}

static void classes_are_taken_of_both_parts(void **state) {
    struct temporary *t = *state;
    struct vv_dataset all, some;
    struct vv_reading r = vv_reading_default;
    assert_true(vv_dataset_open(&t->ctx, NULL, &small, &all));
    assert_true(vv_folder_create(&t->ctx, path_of(t, "s")));
    assert_true(vv_idx_write_set(&t->ctx, t->path, &all));
    const char *const sources[] = {NULL, t->path};
    for (int i = 0; i < 2; i++) {
        r.classes = "2,0";
        assert_true(vv_dataset_find(&t->ctx, sources[i], &small, &r, &some));
        const uint32_t count = some.train.count;  // known before it is read
        assert_true(vv_dataset_read(&t->ctx, &small, &some));
        assert_int_equal(some.train.count, count);
        check_part(&some.train, &all.train, 0, 2);
        check_part(&some.test, &all.test, 0, 2);
        assert_int_equal(some.offered[0], 30);
        assert_int_equal(some.offered[1], 12);
        vv_dataset_finish(&some);
    }
    vv_dataset_finish(&all);
}

static void all_classes_are_all_pictures(void **state) {
    struct temporary *t = *state;
    struct vv_dataset all, some;
    struct vv_reading r = vv_reading_default;
    r.classes = "0,1,2,1";
    assert_true(vv_dataset_open(&t->ctx, NULL, &small, &all));
    assert_true(vv_dataset_find(&t->ctx, NULL, &small, &r, &some));
    assert_int_equal(some.train.count, 30);
    assert_memory_equal(some.train.pixels, all.train.pixels, 30 * 64);
    vv_dataset_finish(&some);
    vv_dataset_finish(&all);
}

// Floats, and pixels of a file that is mapped, which nobody can write.
static void keep_fives(struct temporary *t, struct vv_images *images) {
    static const uint32_t labels[] = {5, 1, 5, 0};
    const struct vv_classes classes = {{1U << 5}};
    images->labels = vv_alloc(&t->ctx, 4, sizeof *images->labels);
    assert_non_null(images->labels);
    memcpy(images->labels, labels, sizeof labels);
    assert_true(vv_classes_keep(&t->ctx, &classes, images));
    assert_int_equal(images->count, 2);
    assert_null(images->map);
    assert_int_equal(images->labels[1], 5);
}

static void floats_and_mapped_pixels_are_taken_too(void **state) {
    struct temporary *t = *state;
    const int file = open(put_file(t, "pixels", "abcdefgh", 8), O_RDONLY);
    unsigned char *pixels = mmap(NULL, 8, PROT_READ, MAP_PRIVATE, file, 0);
    assert_true(pixels != MAP_FAILED);
    assert_int_equal(close(file), 0);
    struct vv_images images = {.count = 4, .height = 1, .width = 2, .channels = 1};
    images.pixels = images.map = pixels;
    images.map_bytes = 8;
    keep_fives(t, &images);
    assert_memory_equal(images.pixels, "abef", 4);
    vv_images_finish(&images);
    const float values[] = {0, 1, 2, 3, 4, 5, 6, 7}, expected[] = {0, 1, 4, 5};
    images = (struct vv_images){.count = 4, .height = 1, .width = 2, .channels = 1};
    images.values = vv_alloc(&t->ctx, 8, sizeof *values);
    assert_non_null(images.values);
    memcpy(images.values, values, sizeof values);
    keep_fives(t, &images);
    assert_memory_equal(images.values, expected, sizeof expected);
    vv_images_finish(&images);
}

static void names_go_before_labels(void **state) {
    struct temporary *t = *state;
    char one[] = "1", cat[] = "cat";
    char *names[] = {one, cat};
    uint32_t labels[] = {0, 1};
    char name[] = "set";
    const struct vv_dataset set = {
        .name = name, .train = {.count = 2, .labels = labels}, .classes = names, .class_count = 2};
    struct vv_classes classes;
    assert_true(vv_classes_find(&t->ctx, &set, "--classes", "1", &classes));
    assert_true(vv_classes_have(&classes, 0) && !vv_classes_have(&classes, 1));
    assert_true(vv_classes_find(&t->ctx, &set, "--classes", "cat", &classes));
    assert_true(!vv_classes_have(&classes, 0) && vv_classes_have(&classes, 1));
    assert_true(vv_classes_find(&t->ctx, &set, "--classes", "0", &classes));
    assert_true(vv_classes_have(&classes, 0));
    assert_false(vv_classes_find(&t->ctx, &set, "--classes", "99999999999", &classes));
    vv_clear(&t->ctx);
    assert_false(vv_classes_find(&t->ctx, &set, "--classes", "0,7", &classes));
    ASSERT_MESSAGE("<option> <class>: no picture of <set> is of this class; name another", VV_USAGE,
                   "--classes 7: no picture of set is of this class; name another", &t->ctx);
}

// Labels of one part say nothing of the other's pictures.
static void parts_without_labels_have_no_classes(void **state) {
    struct temporary *t = *state;
    uint32_t labels[] = {0, 1};
    char name[] = "set";
    struct vv_dataset set = {
        .name = name, .train = {.count = 2, .labels = labels}, .test = {.count = 1}};
    struct vv_classes classes;
    for (int i = 0; i < 2; i++) {
        assert_false(vv_classes_find(&t->ctx, &set, "--classes", "0", &classes));
        assert_failure(&t->ctx, VV_USAGE, "--classes: set has pictures without a label", (char *)NULL);
        set.train.labels = NULL;
    }
    set.train.labels = labels;
    set.test.count = 0;  // nothing to test on, and nothing missed
    set.train.height = set.train.width = set.train.channels = 1;
    set.train.pixels = vv_alloc(&t->ctx, 2, 1);
    assert_true(vv_classes_take(&t->ctx, "1", &set));
    assert_int_equal(set.train.count, 1);
    free(set.train.pixels);
}

static void lists_that_are_none_are_refused(void **state) {
    struct temporary *t = *state;
    static const char *const wrong[] = {"", ",", "0,", ",0", "0,,1"};
    static char long_list[VV_CLASSES_TEXT + 1];
    memset(long_list, '1', VV_CLASSES_TEXT);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(vv_classes_check(&t->ctx, "--classes", wrong[i]));
        vv_clear(&t->ctx);
    }
    assert_false(vv_classes_check(&t->ctx, "--classes", long_list));
    vv_clear(&t->ctx);
    assert_true(vv_classes_check(&t->ctx, "--classes", long_list + 1));
    assert_true(vv_classes_check(&t->ctx, "--classes", "0,cats and dogs"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(classes_are_taken_of_both_parts),        TEST(all_classes_are_all_pictures),
        TEST(floats_and_mapped_pixels_are_taken_too), TEST(names_go_before_labels),
        TEST(lists_that_are_none_are_refused),        TEST(parts_without_labels_have_no_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
