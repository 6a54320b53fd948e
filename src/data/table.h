// Tables of numbers: .csv, .csv.gz, with commas, semicolons or tabs between columns.
#ifndef VV_DATA_TABLE_H
#define VV_DATA_TABLE_H

#include <stdint.h>

#include "context.h"

struct vv_table {
    struct vv_context *ctx;
    const char *name;  // the caller's
    uint32_t rows, columns;
    char **names;  // owned: of the columns; NULL: the first line has numbers
    // The rest is the table's own.
    void *file;            // zlib's
    char *text;            // the line that was read
    uint32_t room;         // for it
    uint64_t line, bytes;  // its number, counted from 1; bytes read so far
    uint64_t packed;       // of the file
    char separator;
};

bool vv_table_is_named(const char *path);  // as a table is

// Finds the number of rows and columns, which is that of every line; empty lines are none. A first line
// that holds something else than numbers has the columns' names.
bool vv_table_open(struct vv_context *ctx, const char *path, struct vv_table *table);

// The column of that name, else of that number, counted from 1; false: there is none.
bool vv_table_find(const struct vv_table *table, const char *column, uint32_t *index);

// Gives each row's numbers, all finite, to `put`, until that is false. VV_BAD_DATA with line and column.
bool vv_table_read(struct vv_table *table, bool (*put)(void *user, uint32_t row, const double *numbers),
                   void *user);

void vv_table_close(struct vv_table *table);  // takes a zeroed or half-opened one

#endif
