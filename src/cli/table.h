// A table of texts from outside, its columns as wide as what is in them.
#ifndef VKVAE_CLI_TABLE_H
#define VKVAE_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli_table {
    uint32_t columns, rows;
    bool *right;    // [columns]: set to the right
    char **cell;    // [rows,columns], owned, fit for a terminal; NULL: not set
    size_t *width;  // [rows,columns], on the terminal
};

// False, with all freed, where memory is out.
bool cli_table_init(struct cli_table *table, uint32_t rows, uint32_t columns);
void cli_table_finish(struct cli_table *table);

// False where memory is out.
bool cli_table_set(struct cli_table *table, uint32_t row, uint32_t column, const char *text);

// To standard output.
void cli_table_print(const struct cli_table *table);

#endif
