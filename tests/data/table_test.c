// Tables of numbers as sets, and how values are brought into [0, 1].
#include "made.h"

#include <locale.h>
#include <math.h>

#include "../message.h"
#include "normalize.h"
#include "table.h"

static const char *put_text(struct temporary *t, const char *name, const char *text) {
    return put_file(t, name, text, strlen(text));
}

// The number of the file, wherever its row has gone: rows begin with their number.
static double value_at(const struct vv_dataset *set, uint32_t row, uint32_t column) {
    const struct vv_images *parts[2] = {&set->train, &set->test};
    const uint32_t width = set->train.width;
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < parts[k]->count; i++) {
            const float *values = parts[k]->values + (size_t)i * width;
            if (fabs(vv_denormalize(&set->normalization, (uint64_t)i * width, (double)values[0]) - row) <
                1e-3)
                return vv_denormalize(&set->normalization, (uint64_t)i * width + column,
                                      (double)values[column]);
        }
    fail_msg("row %u is gone", row);
    return 0;
}

static void ways_to_write_a_table(void **state) {
    struct temporary *t = *state;
    static const char *const same[] = {
        "0,1.5,-2\n1,.25,3e1\n2,7,8\n",
        "\xEF\xBB\xBFnumber;\"a\";b\r\n0;1.5;-2\r\n\r\n1;\"0.25\";30\r\n2;7;8",
        "a\tb\tc\n0\t 1.5 \t-2\n  \n1\t+0.25\t30\n2\t7\t8\n\n",
    };
    struct vv_reading r = vv_reading_default;
    r.has_range = true;
    r.range[0] = -2;
    r.range[1] = 30;
    // Where it is installed, a comma is in numbers: not in those of files.
    (void)setlocale(LC_NUMERIC, "de_DE.UTF-8");
    for (size_t i = 0; i < 3; i++) {
        struct vv_dataset set;
        if (!open_set(t, put_text(t, "a.csv", same[i]), &r, &set)) fail_msg("%s", t->ctx.error);
        assert_int_equal(set.train.count + set.test.count, 3);
        assert_int_equal(set.train.width, 3);
        assert_true(fabs(value_at(&set, 0, 1) - 1.5) < 1e-5);
        assert_true(fabs(value_at(&set, 1, 1) - 0.25) < 1e-5);
        assert_true(fabs(value_at(&set, 1, 2) - 30) < 1e-5);
        vv_dataset_finish(&set);
    }
    (void)setlocale(LC_NUMERIC, "C");
}

static void packed_tables_are_read(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    gzFile file = gzopen(path_of(t, "a.csv.gz"), "wb");
    assert_non_null(file);
    assert_true(gzputs(file, "0,1\n1,0\n") > 0);
    assert_int_equal(gzclose(file), Z_OK);
    assert_true(open_set(t, t->path, NULL, &set));
    assert_int_equal(set.train.count, 1);
    vv_dataset_finish(&set);
    assert_int_equal(truncate(t->path, 20), 0);
    assert_false(open_set(t, t->path, NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "is damaged near", (char *)NULL);
}

static void a_column_can_be_the_labels(void **state) {
    struct temporary *t = *state;
    static const char *const names[] = {"class", "2"};
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    char text[2 * PATH_ROOM], path[PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s", put_text(t, "a.csv", "x,class,y\n0,4,1\n1,5,0\n"));
    for (int i = 0; i < 2; i++) {
        r.labels = names[i];
        assert_true(open_set(t, path, &r, &set));
        assert_int_equal(set.train.width, 2);
        assert_true(fabs(value_at(&set, 1, 1)) < 1e-6);
        assert_int_equal(set.train.labels[0] + set.test.labels[0], 9);
        vv_dataset_finish(&set);
    }
    static const char *const none[] = {"", "0", "4", "2x", "99999999999999999999", "c"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        r.labels = none[i];
        assert_false(open_set(t, path, &r, &set));
        assert_failure(&t->ctx, VV_USAGE, "has no such column", (char *)NULL);
    }
    r.labels = "4";
    assert_false(open_set(t, path, &r, &set));
    (void)snprintf(
        text, sizeof text,
        "--labels 4: %s has no such column; name one of its first line, or give its number, from "
        "1 to 3",
        path);
    ASSERT_MESSAGE(
        "--labels <column>: <file> has no such column; name one of its first line, or give its "
        "number, from 1 to <count>",
        VV_USAGE, text, &t->ctx);
    vv_clear(&t->ctx);
    (void)put_text(t, "a.csv", "1.5\n2\n");
    r.labels = "1";
    assert_false(open_set(t, path, &r, &set));
    (void)snprintf(text, sizeof text,
                   "%s: has 0 columns of numbers, and 1 to 65536 are read; make another table", path);
    ASSERT_MESSAGE(
        "<file>: has <count> columns of numbers, and 1 to <most> are read; make another table",
        VV_BAD_DATA, text, &t->ctx);
}

// The normalised values of a column of tables, by how they are measured.
static void values_are_measured_by_column(void **state) {
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    r.normalize = VV_NORMALIZE_MINMAX;
    assert_true(open_set(t, put_text(t, "a.csv", "0,5,-100\n1,5,100\n2,5,0\n3,5,50\n"), &r, &set));
    assert_int_equal(set.normalization.count, 3);
    assert_string_equal(set.normalization.kind, "minmax");
    for (uint32_t i = 0; i < set.train.count; i++) {
        assert_true(set.train.values[3 * i + 1] == 0);  // all are alike
        assert_in_range((int)(set.train.values[3 * i + 2] * 100), 0, 100);
    }
    assert_true(fabs(value_at(&set, 2, 1) - 5) < 1e-6);
    vv_dataset_finish(&set);
    r.normalize = VV_NORMALIZE_STANDARD;
    r.split = 0.99;
    assert_true(open_set(t, t->path, &r, &set));
    assert_string_equal(set.normalization.kind, "standard");
    double sum = 0;
    for (uint32_t i = 0; i < 3; i++) sum += (double)set.train.values[3 * i + 2];
    assert_true(fabs(sum / 3 - 0.5) < 1e-6);  // the mean is in the middle
    vv_dataset_finish(&set);
}

static void pictures_are_measured_as_a_whole(void **state) {
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    const float values[] = {-3, 5, 1, -3, 5, 1, -3, 5};
    const struct made file = make_array("<f4", "2, 2, 2", false, values, sizeof values);
    r.normalize = VV_NORMALIZE_MINMAX;
    assert_true(open_set(t, put_file(t, "a.npy", file.bytes, file.size), &r, &set));
    assert_int_equal(set.normalization.count, 1);
    for (int i = 0; i < 4; i++) {
        const float v = set.train.values[i];
        assert_true(v == 0 || v == 0.5F || v == 1);
    }
    vv_dataset_finish(&set);
}

static void bad_cells_are_named(void **state) {
    struct temporary *t = *state;
    static const char *const bad[] = {"nan",   "",    "inf", "1e999", "0x10",
                                      "1.5.2", "abc", "--1", "1 2",   "1e400"};
    struct vv_dataset set;
    char text[2 * PATH_ROOM];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)snprintf(text, sizeof text, "x,y\n0,1\n1,%s\n", bad[i]);
        assert_false(open_set(t, put_text(t, "a.csv", text), NULL, &set));
        (void)snprintf(
            text, sizeof text,
            "%s: line 3, column 2: '%s' is no finite number; correct it, or leave the line or "
            "the column out",
            t->path, bad[i]);
        ASSERT_MESSAGE(
            "<file>: line <number>, column <number>: '<text>' is no finite number; correct it, "
            "or leave the line or the column out",
            VV_BAD_DATA, text, &t->ctx);
        vv_clear(&t->ctx);
    }
}

static void bad_lines_are_named(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    char text[2 * PATH_ROOM];
    assert_false(open_set(t, put_text(t, "a.csv", "a,b\n1,2\n\n1,2,3\n"), NULL, &set));
    (void)snprintf(text, sizeof text, "%s: line 4 has 3 columns, but line 1 has 2; correct it", t->path);
    ASSERT_MESSAGE(
        "<file>: line <number> has <count> columns, but line <number> has <count>; correct it",
        VV_BAD_DATA, text, &t->ctx);
    vv_clear(&t->ctx);
    assert_false(open_set(t, put_text(t, "a.csv", "a,b\n\n"), NULL, &set));
    (void)snprintf(text, sizeof text, "%s: holds no rows of numbers; check that it is the right file",
                   t->path);
    ASSERT_MESSAGE("<file>: holds no rows of numbers; check that it is the right file", VV_BAD_DATA,
                   text, &t->ctx);
    vv_clear(&t->ctx);
    assert_false(open_set(t, put_file(t, "a.csv", "1,2\n3,4\0\n", 9), NULL, &set));
    (void)snprintf(text, sizeof text,
                   "%s: line 2 is longer than 4 MiB, or holds a byte 0; check that it is the right file",
                   t->path);
    ASSERT_MESSAGE(
        "<file>: line <number> is longer than 4 MiB, or holds a byte 0; check that it is the right file",
        VV_BAD_DATA, text, &t->ctx);
    vv_clear(&t->ctx);
    char *many = malloc(2 * 70000 + 1);
    assert_non_null(many);
    for (int i = 0; i < 70000; i++) memcpy(many + 2 * (size_t)i, i < 69999 ? "1," : "1\n", 2);
    assert_false(open_set(t, put_file(t, "a.csv", many, 2 * 70000), NULL, &set));
    free(many);
    (void)snprintf(
        text, sizeof text,
        "%s: has 70000 columns and 0 rows, or more, and at most 65536 and 2147483647 are read; "
        "make a smaller table",
        t->path);
    ASSERT_MESSAGE(
        "<file>: has <count> columns and <count> rows, or more, and at most 65536 and 2147483647 "
        "are read; make a smaller table",
        VV_BAD_DATA, text, &t->ctx);
}

// Of rows that a limit leaves out too.
static void labels_of_a_column_are_whole_numbers(void **state) {
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct vv_dataset set;
    r.labels = "1";
    r.limit = 1;
    assert_true(open_set(t, put_text(t, "a.csv", "4,0.5\n5,1\n6,0\n7,1\n"), &r, &set));
    assert_int_equal(set.train.count + set.test.count, 2);
    vv_dataset_finish(&set);
    static const char *const wrong[] = {"4,1\n0.5,1\n", "4,1\n-1,1\n", "4,1\n5e9,1\n"};
    for (size_t i = 0; i < 3; i++) {
        assert_false(open_set(t, put_text(t, "a.csv", wrong[i]), &r, &set));
        assert_failure(&t->ctx, VV_BAD_DATA, t->path, "label", (char *)NULL);
    }
}

// A file that somebody writes anew between the two times that it is read.
static bool cut(void *user, uint32_t row, const double *numbers) {
    const struct temporary *t = user;
    (void)numbers;
    return row > 0 || truncate(t->path, 0) == 0;
}

static bool refuse(void *user, uint32_t row, const double *numbers) {
    (void)numbers;
    return ++*(uint32_t *)user <= row;
}

static void tables_that_shrink_are_told(void **state) {
    struct temporary *t = *state;
    enum { ROWS = 200000 };
    static char text[4 * ROWS];
    struct vv_table table;
    for (size_t i = 0; i < ROWS; i++) memcpy(text + 4 * i, "1,2\n", 4);
    assert_true(vv_table_open(&t->ctx, put_file(t, "a.csv", text, sizeof text), &table));
    assert_int_equal(table.rows, ROWS);
    uint32_t rows = 0;
    assert_false(vv_table_read(&table, refuse, &rows));
    assert_int_equal(rows, 1);
    assert_int_equal(t->ctx.status, VV_OK);  // it is for who refuses to say why
    assert_false(vv_table_read(&table, cut, t));
    assert_failure(&t->ctx, VV_BAD_DATA, t->path, "is damaged near", (char *)NULL);
    vv_table_close(&table);
}

// Room for a line is made as it is needed: around each size that it has.
static void long_lines_are_read(void **state) {
    struct temporary *t = *state;
    enum { MOST = 1 << 22 };
    char *text = malloc(MOST + 8);
    assert_non_null(text);
    for (size_t room = 4096; room <= MOST; room *= 4)
        for (size_t length = room - 3; length <= room + 1; length++) {
            const bool fits = length < MOST;
            struct vv_dataset set;
            // The first line, of `length` bytes with its end, is 0,000...0001.
            memset(text, '0', length);
            memcpy(text, "0,", 2);
            memcpy(text + length - 2, "1\n1,0", 5);
            const char *path = put_file(t, "a.csv", text, length + 3);
            if (open_set(t, path, NULL, &set) != fits) fail_msg("%zu bytes: %s", length, t->ctx.error);
            vv_dataset_finish(&set);
            vv_clear(&t->ctx);
        }
    free(text);
}

static void any_bytes_are_read_or_refused(void **state) {
    struct temporary *t = *state;
    struct vv_reading r = vv_reading_default;
    struct made file = {.size = 0};
    static const char table[] = "a,b,c\n0,1.5,-2\n1,0.25,30\n2,7,8\n";
    r.labels = "a";
    put_bytes(&file, table, sizeof table - 1);
    for (size_t size = 0; size < file.size; size++)
        (void)try_set(t, put_file(t, "a.csv", table, size), &r);
    for (size_t i = 0; i < file.size; i++)
        for (unsigned byte = 0; byte < 256; byte += 5) {
            struct made other = file;
            other.bytes[i] = (unsigned char)byte;
            (void)try_set(t, put_file(t, "a.csv", other.bytes, other.size), &r);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(ways_to_write_a_table),
                                       TEST(packed_tables_are_read),
                                       TEST(a_column_can_be_the_labels),
                                       TEST(values_are_measured_by_column),
                                       TEST(pictures_are_measured_as_a_whole),
                                       TEST(bad_cells_are_named),
                                       TEST(bad_lines_are_named),
                                       TEST(long_lines_are_read),
                                       TEST(labels_of_a_column_are_whole_numbers),
                                       TEST(tables_that_shrink_are_told),
                                       TEST(any_bytes_are_read_or_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
