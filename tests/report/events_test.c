// Event files, read back by a reader that shares no code with the writer.
#include "../event_reader.h"
#include "../temporary.h"

#include "crc32c.h"
#include "events.h"
#include "file.h"

#include <dirent.h>
#include <math.h>

// A picture's head of 3 x 2 pixels in RGB; nothing reads the rest.
static const unsigned char png[30] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I',
                                      'H',  'D', 'R', 0,   0,  0,  3,  0,  0, 0, 2, 8,  2};

static void checksums_are_those_of_the_standard(void **state) {
    (void)state;
    // RFC 3720, appendix B.4, and the usual check of nine digits.
    unsigned char bytes[32] = {0};
    assert_int_equal(vv_crc32c("", 0), 0);
    assert_int_equal(vv_crc32c("123456789", 9), 0xE3069283);
    assert_int_equal(vv_crc32c(bytes, 32), 0x8A9136AA);
    memset(bytes, 255, sizeof bytes);
    assert_int_equal(vv_crc32c(bytes, 32), 0x62A8AB43);
    for (unsigned char i = 0; i < 32; i++) bytes[i] = i;
    assert_int_equal(vv_crc32c(bytes, 32), 0x46DD794E);
    assert_int_equal(reader_crc32c(bytes, 32), 0x46DD794E);
}

static void begin(struct temporary *t, uint64_t step, struct vv_events *e) {
    if (!vv_events_are_there()) skip();
    if (!vv_events_open(&t->ctx, t->folder, step, e)) fail_msg("%s", t->ctx.error);
}

static struct span read_file(struct temporary *t, const struct vv_events *e) {
    unsigned char *bytes;
    uint64_t size;
    if (!vv_file_read(&t->ctx, e->path, 1 << 20, &bytes, &size)) fail_msg("%s", t->ctx.error);
    return (struct span){bytes, (size_t)size};
}

static double number_in(struct span list, size_t i) {
    double value;
    assert_true(8 * i + 8 <= list.size);
    const uint64_t bits = reader_number(list.at + 8 * i, 8);
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void check_histogram(struct span histogram) {
    struct wire limits, counts;
    assert_true(double_of(histogram, 1) == -1 && double_of(histogram, 2) == 2);
    assert_true(double_of(histogram, 3) == 4 && double_of(histogram, 4) == 1.5);
    assert_true(double_of(histogram, 5) == 1 + 0 + 0.25 + 4);
    assert_true(find_field(histogram, 6, &limits) && find_field(histogram, 7, &counts));
    assert_int_equal(limits.bytes.size, counts.bytes.size);
    double sum = 0, last = -1;
    for (size_t i = 0; i < limits.bytes.size / 8; i++) {
        assert_true(number_in(limits.bytes, i) > last);
        last = number_in(limits.bytes, i);
        sum += number_in(counts.bytes, i);
    }
    assert_true(last == 2 && sum == 4);
    assert_true(number_in(counts.bytes, 0) == 1);  // -1 lies in the first, 2 in the last
    assert_true(number_in(counts.bytes, counts.bytes.size / 8 - 1) == 1);
}

static void values_come_back_as_they_were(void **state) {
    struct temporary *t = *state;
    struct vv_events e;
    const float numbers[] = {0, 2, NAN, -1, 0.5f, INFINITY}, equal[] = {3, 3};
    const struct vv_event_value values[] = {
        {.tag = "a/b", .kind = VV_EVENT_SCALAR, .scalar = 0.1},
        {.tag = "zero", .kind = VV_EVENT_SCALAR},
        {.tag = "nan", .kind = VV_EVENT_SCALAR, .scalar = (double)NAN},
        {.tag = "p", .kind = VV_EVENT_PICTURE, .png = png, .size = sizeof png},
        {.tag = "h", .kind = VV_EVENT_HISTOGRAM, .numbers = numbers, .count = 6},
        {.tag = "one", .kind = VV_EVENT_HISTOGRAM, .numbers = equal, .count = 2}};
    begin(t, 0, &e);
    assert_true(vv_events_write(&e, UINT64_C(5000000000), values, 6));
    const struct span file = read_file(t, &e);
    struct span event;
    struct wire field;
    size_t offset = 0;
    assert_true(next_record(file, &offset, &event));
    assert_true(find_field(event, 3, &field) && field.bytes.size == 13);
    assert_memory_equal(field.bytes.at, "brain.Event:2", 13);
    assert_true(double_of(event, 1) > 1.6e9);
    assert_true(next_record(file, &offset, &event));
    assert_true(find_field(event, 7, &field) && whole_of(field.bytes, 1) == 1);
    assert_true(next_record(file, &offset, &event));
    assert_true(event_step(event) == UINT64_C(5000000000));
    assert_true(scalar_of(event, "a/b") == 0.1f && scalar_of(event, "zero") == 0);
    assert_true(isnan(scalar_of(event, "nan")));
    const struct span picture = part_of_value(event, "p", 4);
    assert_int_equal(whole_of(picture, 1), 2);
    assert_int_equal(whole_of(picture, 2), 3);
    assert_int_equal(whole_of(picture, 3), 3);
    assert_true(find_field(picture, 4, &field) && field.bytes.size == sizeof png);
    assert_memory_equal(field.bytes.at, png, sizeof png);
    check_histogram(part_of_value(event, "h", 5));
    assert_true(find_field(part_of_value(event, "one", 5), 7, &field) && field.bytes.size == 8);
    assert_false(next_record(file, &offset, &event));
    free((void *)(uintptr_t)file.at);
    vv_events_close(&e);
}

// In the order of their names, also within a second and behind a clock that was put back.
static void later_files_sort_behind(void **state) {
    struct temporary *t = *state;
    struct vv_events e[3];
    static const char future[] = "events.out.tfevents.4000000000.elsewhere.1.0";
    for (int i = 0; i < 2; i++) begin(t, 0, &e[i]);
    assert_true(strcmp(e[0].path, e[1].path) < 0);
    assert_true(vv_file_write(&t->ctx, path_of(t, future), "", 0));
    begin(t, 7, &e[2]);
    assert_non_null(strstr(e[2].path, "/events.out.tfevents.4000000001."));
    assert_int_equal(entries_in(t->folder), 4);
    const struct span file = read_file(t, &e[2]);
    struct span event;
    size_t offset = 0;
    assert_true(next_record(file, &offset, &event) && next_record(file, &offset, &event));
    assert_int_equal(event_step(event), 7);
    free((void *)(uintptr_t)file.at);
    for (int i = 0; i < 3; i++) vv_events_close(&e[i]);
}

static void folder_that_cannot_be_is_an_error(void **state) {
    struct temporary *t = *state;
    struct vv_events e;
    if (!vv_events_are_there()) skip();
    assert_true(vv_file_write(&t->ctx, path_of(t, "file"), "", 0));
    assert_false(vv_events_open(&t->ctx, path_of(t, "file/below"), 0, &e));
    assert_failure(&t->ctx, VV_FAILED, "the folder cannot be created", (char *)NULL);
    vv_events_close(&e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(checksums_are_those_of_the_standard),
        TEST(values_come_back_as_they_were),
        TEST(later_files_sort_behind),
        TEST(folder_that_cannot_be_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
