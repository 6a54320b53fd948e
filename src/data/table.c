#include "table.h"

#include "packed.h"
#include "size.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_ROOM = 1 << 12,
    LINE_ROOM = 1 << 22,
    COLUMNS_MAX = 65536 + 1,
    CELL_SHOWN = 40,
    RATIO_MAX = 256
};

#define UNSUSPICIOUS (UINT64_C(1) << 28)

bool vv_table_is_named(const char *path) {
    static const char *const endings[] = {".csv", ".csv.gz"};
    const size_t length = strlen(path);
    for (int i = 0; i < 2; i++) {
        const size_t end = strlen(endings[i]);
        if (length > end && strcmp(path + length - end, endings[i]) == 0) return true;
    }
    return false;
}

// ---- Lines ----

static bool is_blank(const char *text) {
    return text[strspn(text, " \t\r")] == '\0';
}

static bool fail_damaged(const struct vv_table *t) {
    return vv_packed_fail(t->ctx, t->name, (gzFile)t->file, t->bytes);
}

static bool grow(struct vv_table *t) {
    const uint32_t room = t->room ? 4 * t->room : FIRST_ROOM;
    char *text = vv_alloc(t->ctx, room, 1);
    if (text && t->room) memcpy(text, t->text, t->room);
    if (!text) return false;
    free(t->text);
    t->text = text;
    t->room = room;
    return true;
}

// The line with its end, as much of it as LINE_ROOM holds; *length as far as a byte 0.
static bool get_line(struct vv_table *t, size_t *length, bool *more) {
    int code = Z_OK;
    for (*length = 0, *more = false;;) {
        if (!gzgets((gzFile)t->file, t->text + *length, (int)(t->room - *length))) {
            (void)gzerror((gzFile)t->file, &code);
            return code == Z_OK || fail_damaged(t);
        }
        *more = true;
        *length += strlen(t->text + *length);
        const bool full = *length == t->room - 1 && t->text[*length - 1] != '\n';
        if (!full || t->room == LINE_ROOM) return true;
        if (!grow(t)) return false;
    }
}

// Cuts the line's end off. False: it has none, or a byte 0 inside.
static bool end_line(struct vv_table *t, size_t length) {
    const uint64_t before = t->bytes;
    const bool ends = length && t->text[length - 1] == '\n';
    t->bytes = (uint64_t)gztell((gzFile)t->file);
    t->line++;
    if (ends) t->text[length - 1] = '\0';
    return t->bytes - before == length && (ends || gzeof((gzFile)t->file));
}

// The next line that is not blank, without its end; *more is false where there is none.
static bool next_line(struct vv_table *t, bool *more) {
    static const char mark[] = "\xEF\xBB\xBF";  // what some programs begin UTF-8 with
    size_t length;
    do {
        if (!get_line(t, &length, more)) return false;
        if (!*more) return true;
        if (!end_line(t, length))
            return vv_fail(t->ctx, VV_BAD_DATA,
                           "%s: line %" PRIu64 " is longer than 4 MiB, or holds a byte 0; check that it "
                           "is the right file",
                           t->name, t->line);
        if (t->bytes > UNSUSPICIOUS && t->bytes / RATIO_MAX > t->packed)
            return vv_fail(t->ctx, VV_BAD_DATA,
                           "%s: %llu bytes become %llu or more, as no table does; check that it is the "
                           "right file",
                           t->name, (unsigned long long)t->packed, (unsigned long long)t->bytes);
        if (t->line == 1 && strncmp(t->text, mark, 3) == 0)
            memmove(t->text, t->text + 3, strlen(t->text) - 2);
    } while (is_blank(t->text));
    return true;
}

static uint32_t count_cells(const struct vv_table *t) {
    uint32_t cells = 1;
    for (const char *c = t->text; *c; c++) cells += *c == t->separator;
    return cells;
}

// The next cell, of `length` characters without spaces and quotes around; *at moves behind it.
static const char *next_cell(const struct vv_table *t, char **at, size_t *length) {
    const char ends[] = {t->separator, '\0'};
    char *begin = *at, *end = begin + strcspn(begin, ends);
    *at = *end ? end + 1 : end;
    while (begin < end && strchr(" \t\r", *begin)) begin++;
    while (end > begin && strchr(" \t\r", end[-1])) end--;
    if (end - begin >= 2 && *begin == '"' && end[-1] == '"') begin++, end--;
    *length = (size_t)(end - begin);
    return begin;
}

// Decimal, as in C's locale; the caller's thread is in it.
static bool read_number(const char *cell, size_t length, double *number) {
    static const char allowed[] = "0123456789+-.eE";
    char *end = NULL;
    if (length == 0 || strspn(cell, allowed) < length) return false;
    *number = strtod(cell, &end);
    return end == cell + length && isfinite(*number);
}

// ---- The first line ----

static void choose_separator(struct vv_table *t) {
    t->separator = strchr(t->text, '\t') ? '\t' : strchr(t->text, ';') ? ';' : ',';
}

// Names are words; an empty cell, nan and inf are numbers that are missing.
static bool is_word(const char *cell, size_t length) {
    static const char *const missing[] = {"nan", "inf", "infinity", "na", "null"};
    double number;
    if (length && strchr("+-", *cell)) cell++, length--;
    if (length == 0 || read_number(cell, length, &number)) return false;
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        size_t k = 0;
        while (k < length && missing[i][k] && (cell[k] | 32) == missing[i][k]) k++;
        if (k == length && !missing[i][k]) return false;
    }
    return true;
}

static bool has_words(const struct vv_table *t) {
    size_t length;
    for (char *at = t->text; *at;) {
        const char *cell = next_cell(t, &at, &length);
        if (is_word(cell, length)) return true;
    }
    return false;
}

static bool keep_names(struct vv_table *t) {
    char *at = t->text;
    t->names = vv_alloc(t->ctx, t->columns, sizeof *t->names);
    for (uint32_t i = 0; t->names && i < t->columns; i++) {
        size_t length;
        const char *cell = next_cell(t, &at, &length);
        t->names[i] = vv_alloc(t->ctx, length + 1, 1);
        if (!t->names[i]) return false;
        memcpy(t->names[i], cell, length);
    }
    return t->names != NULL;
}

// ---- All lines ----

static bool fail_size(const struct vv_table *t) {
    return vv_fail(t->ctx, VV_BAD_DATA,
                   "%s: has %" PRIu32 " columns and %" PRIu32
                   " rows, or more, and at most 65536 and 2147483647 are read; make a smaller table",
                   t->name, t->columns, t->rows);
}

// The first pass: how many rows there are, so that memory is taken once, and for what is there.
static bool count_rows(struct vv_table *t) {
    bool more;
    if (!next_line(t, &more)) return false;
    const uint64_t first = t->line;
    choose_separator(t);
    t->columns = count_cells(t);
    if (more && has_words(t) && (!keep_names(t) || !next_line(t, &more))) return false;
    for (; more; t->rows++) {
        const uint32_t cells = count_cells(t);
        if (cells != t->columns)
            return vv_fail(t->ctx, VV_BAD_DATA,
                           "%s: line %" PRIu64 " has %" PRIu32 " columns, but line %" PRIu64
                           " has %" PRIu32 "; correct it",
                           t->name, t->line, cells, first, t->columns);
        if (t->columns > COLUMNS_MAX || t->rows == INT32_MAX) return fail_size(t);
        if (!next_line(t, &more)) return false;
    }
    return t->rows > 0 ||
           vv_fail(t->ctx, VV_BAD_DATA, "%s: holds no rows of numbers; check that it is the right file",
                   t->name);
}

static bool fail_cell(const struct vv_table *t, uint32_t column, const char *cell, size_t length) {
    char shown[CELL_SHOWN + 1] = "";
    for (size_t i = 0; i < length && i < CELL_SHOWN; i++) shown[i] = cell[i];
    for (char *c = shown; *c; c++)
        if (*c < ' ' || *c > '~') *c = '?';
    return vv_fail(t->ctx, VV_BAD_DATA,
                   "%s: line %" PRIu64 ", column %" PRIu32
                   ": '%s' is no finite number; correct it, or leave the line or the column out",
                   t->name, t->line, column + 1, shown);
}

static bool read_line(struct vv_table *t, double *numbers) {
    char *at = t->text;
    for (uint32_t i = 0; i < t->columns; i++) {
        size_t length;
        const char *cell = next_cell(t, &at, &length);
        if (!read_number(cell, length, &numbers[i])) return fail_cell(t, i, cell, length);
    }
    return true;
}

static bool read_rows(struct vv_table *t, double *numbers,
                      bool (*put)(void *user, uint32_t row, const double *numbers), void *user) {
    bool more = true;
    t->line = t->bytes = 0;
    if (gzrewind((gzFile)t->file) != 0) return fail_damaged(t);
    if (!next_line(t, &more)) return false;
    if (t->names && !next_line(t, &more)) return false;
    for (uint32_t row = 0; row < t->rows; row++) {
        if (!more) return fail_damaged(t);  // it was longer a moment ago
        if (!read_line(t, numbers) || !put(user, row, numbers) || !next_line(t, &more)) return false;
    }
    return true;
}

// Numbers are those of C's locale, whatever the user's is.
struct locales {
    locale_t c, before;
};

static bool enter_c(const struct vv_table *t, struct locales *l) {
    *l = (struct locales){.c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0)};
    if (l->c) l->before = uselocale(l->c);
    return l->c || vv_fail(t->ctx, VV_FAILED, "%s: out of memory while it is read; close other programs",
                           t->name);
}

static void leave_c(const struct locales *l) {
    if (!l->c) return;
    (void)uselocale(l->before);
    freelocale(l->c);
}

bool vv_table_read(struct vv_table *t, bool (*put)(void *user, uint32_t row, const double *numbers),
                   void *user) {
    double *numbers = vv_alloc(t->ctx, t->columns, sizeof *numbers);
    struct locales locales;
    const bool ok = enter_c(t, &locales) && numbers && read_rows(t, numbers, put, user);
    leave_c(&locales);
    free(numbers);
    return ok;
}

bool vv_table_open(struct vv_context *ctx, const char *path, struct vv_table *t) {
    *t = (struct vv_table){.ctx = ctx, .name = path};
    t->file = vv_packed_open(ctx, path, &t->packed);
    if (!t->file || !grow(t)) return false;
    struct locales locales;
    const bool ok = enter_c(t, &locales) && count_rows(t);
    leave_c(&locales);
    return ok;
}

bool vv_table_find(const struct vv_table *t, const char *column, uint32_t *index) {
    for (uint32_t i = 0; t->names && i < t->columns; i++)
        if (strcmp(t->names[i], column) == 0) {
            *index = i;
            return true;
        }
    char *end = NULL;
    const unsigned long number = *column >= '0' && *column <= '9' ? strtoul(column, &end, 10) : 0;
    if (!end || *end || number < 1 || number > t->columns) return false;
    *index = (uint32_t)number - 1;
    return true;
}

void vv_table_close(struct vv_table *t) {
    if (t->file) (void)gzclose_r((gzFile)t->file);
    for (uint32_t i = 0; t->names && i < t->columns; i++) free(t->names[i]);
    free(t->names);
    free(t->text);
    *t = (struct vv_table){0};
}
