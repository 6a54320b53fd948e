#include "table.h"

#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2 };

bool cli_table_init(struct cli_table *t, uint32_t rows, uint32_t columns) {
    const size_t cells = (size_t)rows * columns + 1;
    *t = (struct cli_table){.rows = rows, .columns = columns};
    t->right = calloc(columns + (size_t)1, sizeof *t->right);
    t->cell = calloc(cells, sizeof *t->cell);
    t->width = calloc(cells, sizeof *t->width);
    if (t->right && t->cell && t->width) return true;
    cli_table_finish(t);
    return false;
}

void cli_table_finish(struct cli_table *t) {
    for (size_t i = 0; t->cell && i < (size_t)t->rows * t->columns; i++) free(t->cell[i]);
    free(t->right);
    free((void *)t->cell);
    free(t->width);
    *t = (struct cli_table){0};
}

bool cli_table_set(struct cli_table *t, uint32_t row, uint32_t column, const char *text) {
    const size_t i = (size_t)row * t->columns + column, size = strlen(text) + 1;
    char *copy = malloc(size);
    if (!copy) return false;
    t->width[i] = cli_clean(text, copy, size);
    free(t->cell[i]);
    t->cell[i] = copy;
    return true;
}

static size_t width_of(const struct cli_table *t, uint32_t column) {
    size_t width = 0;
    for (uint32_t r = 0; r < t->rows; r++) {
        const size_t here = t->width[(size_t)r * t->columns + column];
        if (here > width) width = here;
    }
    return width;
}

static void print_spaces(size_t count) {
    while (count--) (void)putchar(' ');
}

void cli_table_print(const struct cli_table *t) {
    for (uint32_t r = 0; r < t->rows; r++)
        for (uint32_t c = 0; c < t->columns; c++) {
            const size_t i = (size_t)r * t->columns + c, fill = width_of(t, c) - t->width[i];
            const bool last = c + 1 == t->columns;
            if (t->right[c]) print_spaces(fill);
            (void)fputs(t->cell[i], stdout);
            if (last)
                (void)putchar('\n');
            else
                print_spaces((t->right[c] ? 0 : fill) + GAP);
        }
}
