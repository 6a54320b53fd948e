// Text as sets: words, characters, vocabularies, and files that are no text.
#include "made.h"

#include "../message.h"
#include "letters.h"
#include "text.h"
#include "words.h"

static const char *put_text(struct temporary *t, const char *text) {
    return put_file(t, "a.txt", text, strlen(text));
}

static struct vv_reading reading_of(enum vv_tokens tokens, uint32_t length, uint32_t vocabulary) {
    struct vv_reading r = vv_reading_default;
    r.tokens = tokens;
    r.length = length;
    r.vocabulary = vocabulary;
    return r;
}

static struct vv_dataset open_text(struct temporary *t, const char *text, const struct vv_reading *r) {
    struct vv_dataset set;
    if (!open_set(t, put_text(t, text), r, &set)) fail_msg("%s", t->ctx.error);
    return set;
}

static void assert_tokens(const struct vv_vocabulary *v, const char *const *expected) {
    uint32_t i = 0;
    for (; expected[i]; i++) {
        assert_in_range(i, 0, v->count - 1);
        assert_string_equal(v->token[i], expected[i]);
    }
    assert_int_equal(v->count, i);
}

// How often the words of a bag are there over both parts, by the vocabulary's numbers.
static uint32_t sum_of(const struct vv_dataset *set, uint32_t column) {
    uint32_t sum = 0;
    const struct vv_images *parts[2] = {&set->train, &set->test};
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < parts[k]->count; i++)
            sum += parts[k]->pixels[(size_t)i * parts[k]->width + column];
    return sum;
}

// ---- Words ----

static void lines_become_bags_of_words(void **state) {
    struct temporary *t = *state;
    const char *const words[] = {"cat", "a", "didn't", "x2", "\xC3\xA0", NULL};
    struct vv_dataset set =
        open_text(t,
                  "\xEF\xBB\xBF"
                  "Cat, \xC3\x80 CAT.\r\n\n --- \n'a' didn\xE2\x80\x99t--cat x2\na didn't (cat)",
                  NULL);
    assert_tokens(&set.vocabulary, words);
    assert_int_equal(set.train.count, 2);
    assert_int_equal(set.test.count, 1);
    assert_int_equal(set.train.height, 1);
    assert_int_equal(set.train.width, 5);
    assert_int_equal(set.train.channels, 1);
    const uint32_t sums[] = {4, 2, 2, 1, 1};
    for (uint32_t i = 0; i < 5; i++) assert_int_equal(sum_of(&set, i), sums[i]);
    assert_int_equal(set.vocabulary.all, 10);
    assert_int_equal(set.vocabulary.different, 5);
    assert_int_equal(set.vocabulary.times[0], 4);
    vv_dataset_finish(&set);
}

static void the_vocabulary_has_the_most_frequent_words(void **state) {
    struct temporary *t = *state;
    const struct vv_reading r = reading_of(VV_TOKENS_BAG, 0, 3);
    const char *const words[] = {"c", "a", "b", NULL};  // of equally frequent ones the first by bytes
    struct vv_dataset set = open_text(t, "e d c b a\nc b a\nc\n", &r);
    assert_tokens(&set.vocabulary, words);
    assert_int_equal(set.vocabulary.beyond, 2);
    vv_dataset_finish(&set);
}

static void counts_end_at_255(void **state) {
    struct temporary *t = *state;
    char text[2 * 300 + 8] = "b\n";
    for (int i = 0; i < 300; i++) strcat(text, "a ");
    struct vv_dataset set = open_text(t, text, NULL);
    assert_int_equal(sum_of(&set, 0), 255);
    assert_int_equal(set.vocabulary.clipped, 45);
    vv_dataset_finish(&set);
}

static void long_words_count_by_their_beginning(void **state) {
    struct temporary *t = *state;
    char text[400];
    memset(text, 'x', 300);
    memcpy(text + 300, "\ny\n", 4);
    struct vv_dataset set = open_text(t, text, NULL);
    assert_int_equal(set.vocabulary.count, 2);
    assert_in_range(strlen(set.vocabulary.token[0]), 1, VV_TOKEN_MOST);
    vv_dataset_finish(&set);
}

// ---- Rows ----

static void lines_become_rows_of_characters(void **state) {
    struct temporary *t = *state;
    const struct vv_reading r = reading_of(VV_TOKENS_CHARS, 4, 0);
    const char *const kinds[] = {"", "\xEF\xBF\xBD", "b", "a", "\xC3\xA4", NULL};
    struct vv_dataset set = open_text(t,
                                      "bab\n\nbbbbzzz\n\xC3\xA4"
                                      "ab\n",
                                      &r);
    assert_tokens(&set.vocabulary, kinds);  // what is cut off is in no vocabulary
    assert_int_equal(set.train.width, 4);
    assert_int_equal(set.train.count + set.test.count, 3);
    assert_int_equal(set.vocabulary.cut, 1);
    const unsigned char rows[3][4] = {{2, 3, 2, 0}, {2, 2, 2, 2}, {4, 3, 2, 0}};
    uint32_t found = 0;
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < 3; i++) {
            const unsigned char *row = i < set.train.count ? set.train.pixels + (size_t)i * 4
                                                           : set.test.pixels + (i - set.train.count) * 4;
            found += memcmp(row, rows[k], 4) == 0;
        }
    assert_int_equal(found, 3);
    vv_dataset_finish(&set);
}

// 300 different characters: the rarest become the unknown one.
static void characters_beyond_the_kinds_of_a_byte_are_unknown(void **state) {
    struct temporary *t = *state;
    const struct vv_reading r = reading_of(VV_TOKENS_CHARS, 2, 0);
    char text[300 * 6 + 300 * 6] = "";
    for (uint32_t c = 0; c < 300; c++)
        (void)snprintf(text + strlen(text), 8, "%c%c%c%c\n", 0xC4 + (char)(c / 64),
                       0x80 + (char)(c % 64), 0xC4 + (char)(c / 64), 0x80 + (char)(c % 64));
    struct vv_dataset set = open_text(t, text, &r);
    assert_int_equal(set.vocabulary.count, 256);
    assert_int_equal(set.vocabulary.different, 300);
    assert_int_equal(set.vocabulary.beyond, 2 * (300 - 254));
    uint32_t unknown = 0;
    for (uint32_t i = 0; i < 2 * set.train.count; i++)
        unknown += set.train.pixels[i] == VV_TOKEN_UNKNOWN;
    for (uint32_t i = 0; i < 2 * set.test.count; i++) unknown += set.test.pixels[i] == VV_TOKEN_UNKNOWN;
    assert_int_equal(unknown, 2 * (300 - 254));
    vv_dataset_finish(&set);
}

static void rows_of_words_have_few_kinds(void **state) {
    struct temporary *t = *state;
    const struct vv_reading r = reading_of(VV_TOKENS_WORDS, 3, 4);
    const char *const kinds[] = {"", "\xEF\xBF\xBD", "the", "cat", NULL};
    struct vv_dataset set = open_text(t, "The cat, the cat\nthe dog\nthe the\n", &r);
    assert_tokens(&set.vocabulary, kinds);
    assert_int_equal(set.vocabulary.beyond, 1);
    vv_dataset_finish(&set);
}

// ---- Parts ----

static void another_file_is_tested_on(void **state) {
    struct temporary *t = *state;
    char test[PATH_ROOM];
    struct vv_reading r = reading_of(VV_TOKENS_CHARS, 2, 0);
    (void)snprintf(test, sizeof test, "%s", put_file(t, "b.txt", "ba\nz\n", 5));
    r.test = test;
    struct vv_dataset set = open_text(t, "ab\nb\nb\n", &r);
    const unsigned char rows[] = {2, 3, VV_TOKEN_UNKNOWN, 0};
    assert_int_equal(set.train.count, 3);
    assert_int_equal(set.test.count, 2);
    assert_memory_equal(set.test.pixels, rows, sizeof rows);
    vv_dataset_finish(&set);
    r.limit = 1;
    set = open_text(t, "ab\nb\nb\n", &r);
    assert_int_equal(set.train.count, 1);
    assert_int_equal(set.test.count, 1);
    vv_dataset_finish(&set);
    r.split = 0.5;
    assert_false(open_set(t, put_text(t, "ab\nb\n"), &r, &set));
    assert_failure(&t->ctx, VV_USAGE, "--split 0.5", "leave it out", (char *)NULL);
}

static void empty_lines_are_no_rows(void **state) {
    struct temporary *t = *state;
    const enum vv_tokens kinds[] = {VV_TOKENS_CHARS, VV_TOKENS_WORDS, VV_TOKENS_BAG};
    for (size_t i = 0; i < 3; i++) {
        const struct vv_reading r = reading_of(kinds[i], kinds[i] == VV_TOKENS_BAG ? 0 : 2, 0);
        struct vv_dataset set = open_text(t, "\na b\n\n\r\nb\n\n", &r);
        assert_int_equal(set.train.count + set.test.count, 2);
        vv_dataset_finish(&set);
    }
}

static void packed_text_is_read(void **state) {
    struct temporary *t = *state;
    struct vv_dataset set;
    gzFile file = gzopen(path_of(t, "a.txt.gz"), "wb");
    assert_non_null(file);
    for (int i = 0; i < 5000; i++) assert_true(gzprintf(file, "word%d and more\n", i) > 0);
    assert_int_equal(gzclose(file), Z_OK);
    assert_true(open_set(t, t->path, NULL, &set));
    assert_int_equal(set.train.count + set.test.count, 5000);
    assert_int_equal(set.vocabulary.count, 2000);
    vv_dataset_finish(&set);
    assert_int_equal(truncate(t->path, 4000), 0);
    assert_false(open_set(t, t->path, NULL, &set));
    assert_failure(&t->ctx, VV_BAD_DATA, "is damaged near", (char *)NULL);
}

// A line of 8 MiB, without any end.
static void a_giant_line_takes_no_memory(void **state) {
    struct temporary *t = *state;
    const struct vv_reading r = reading_of(VV_TOKENS_CHARS, 8, 0);
    struct vv_dataset set;
    FILE *file = fopen(path_of(t, "a.txt"), "wb");
    assert_non_null(file);
    assert_true(fputs("short\n", file) >= 0);
    for (int i = 0; i < 1 << 20; i++) assert_true(fputs("a giant ", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_true(open_set(t, t->path, &r, &set));
    assert_int_equal(set.vocabulary.cut, 1);
    vv_dataset_finish(&set);
    assert_true(open_set(t, path_of(t, "a.txt"), NULL, &set));
    assert_int_equal(set.vocabulary.clipped, 2 * ((1 << 20) - 255));
    vv_dataset_finish(&set);
}

// Whatever the bytes: a set, or one error, and the memory's own checks under the sanitizers.
static void any_bytes_do_no_harm(void **state) {
    struct temporary *t = *state;
    static const char some[] =
        "The cat, the dog.\nIt didn\xE2\x80\x99t \xC3\xA4\xF0\x9F\x98\x80 so\n\nA b c\r\n";
    uint32_t random = 7, taken = 0;
    for (int i = 0; i < 400; i++) {
        unsigned char bytes[sizeof some - 1];
        memcpy(bytes, some, sizeof bytes);
        for (int k = 0; k < 1 + i % 4; k++) {
            random = random * 1664525U + 1013904223U;
            bytes[(random >> 8) % sizeof bytes] ^= (unsigned char)(1U << (random & 7));
        }
        random = random * 1664525U + 1013904223U;
        const struct vv_reading r = reading_of((enum vv_tokens)(VV_TOKENS_BAG + i % 3),
                                               i % 3 ? 1 + (uint32_t)i % 9 : 0, i % 3 == 1 ? 0 : 5);
        taken += try_set(t, put_file(t, "a.txt", bytes, (random >> 8) % (sizeof bytes + 1)), &r);
    }
    assert_in_range(taken, 50, 350);
}

// ---- What it is made of ----

static void letters_are_told_from_other_characters(void **state) {
    (void)state;
    const uint32_t letters[] = {'a', 'Z', '0', 0xE4, 0x3B1, 0x431, 0x4E2D, 0x3042, 0xAA, 0x130};
    const uint32_t others[] = {' ', '\t', '_', '-', '\'', 0xA0, 0xD7, 0x2014, 0x3001, 0xFF0C, 0x1F600};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) assert_true(vv_is_letter(letters[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) assert_false(vv_is_letter(others[i]));
    const uint32_t pairs[][2] = {{'A', 'a'},     {'z', 'z'},     {0xC4, 0xE4},   {0xD7, 0xD7},
                                 {0x100, 0x101}, {0x101, 0x101}, {0x139, 0x13A}, {0x178, 0xFF},
                                 {0x17D, 0x17E}, {0x391, 0x3B1}, {0x410, 0x430}, {0x401, 0x451}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_int_equal(vv_lower_case(pairs[i][0]), pairs[i][1]);
}

static void many_words_are_counted(void **state) {
    struct temporary *t = *state;
    struct vv_word_table words;
    char text[16];
    enum { MANY = 5000 };
    vv_words_init(&words, &t->ctx);
    assert_null(vv_words_find(&words, "w", 1));
    for (int times = 0; times < 2; times++)
        for (int i = 0; i < MANY; i++) {
            const int length = snprintf(text, sizeof text, "w%d", i);
            if (times == 0 || i % 7 == 0) assert_true(vv_words_add(&words, text, (size_t)length));
        }
    assert_int_equal(words.count, MANY);
    assert_int_equal(vv_words_find(&words, "w14", 3)->times, 2);
    assert_int_equal(vv_words_find(&words, "w15", 3)->times, 1);
    assert_null(vv_words_find(&words, "w", 1));
    const struct vv_word_entry **order = calloc(MANY, sizeof *order);
    assert_true(vv_words_rank(&words, order));
    for (int i = 1; i < MANY; i++)
        assert_true(order[i - 1]->times > order[i]->times ||
                    (order[i - 1]->times == order[i]->times &&
                     strcmp(vv_words_text(&words, order[i - 1]), vv_words_text(&words, order[i])) < 0));
    free(order);
    vv_words_finish(&words);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(lines_become_bags_of_words),
        TEST(the_vocabulary_has_the_most_frequent_words),
        TEST(counts_end_at_255),
        TEST(long_words_count_by_their_beginning),
        TEST(lines_become_rows_of_characters),
        TEST(characters_beyond_the_kinds_of_a_byte_are_unknown),
        TEST(rows_of_words_have_few_kinds),
        TEST(another_file_is_tested_on),
        TEST(empty_lines_are_no_rows),
        TEST(packed_text_is_read),
        TEST(a_giant_line_takes_no_memory),
        TEST(any_bytes_do_no_harm),
        TEST(letters_are_told_from_other_characters),
        TEST(many_words_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
