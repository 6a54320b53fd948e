#include "suggest.h"

#include <string.h>

enum { LONGEST = 32 };

static size_t min(size_t a, size_t b) {
    return a < b ? a : b;
}

// Insertions, deletions, changes and swaps of neighbours that lead from a to b (optimal string
// alignment).
static size_t distance(const char *a, size_t n, const char *b, size_t m) {
    size_t d[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= n; i++) d[i][0] = i;
    for (size_t j = 0; j <= m; j++) d[0][j] = j;
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= m; j++) {
            size_t change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = min(change, min(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[n][m];
}

void cli_suggest(struct cli_suggestion *best, const char *typed, size_t length, const char *name) {
    size_t n = strlen(name), shorter = min(n, length);
    if (length > LONGEST || n > LONGEST || shorter == 0) return;
    size_t found = distance(typed, length, name, n);
    // --batch-size is far from --batch by letters, and near in the mind.
    if (shorter >= 3 && memcmp(typed, name, shorter) == 0) found = 1;
    if (found > 1 + shorter / 4) return;
    if (found >= shorter) return;  // nothing in common
    if (!best->name || found < best->distance) *best = (struct cli_suggestion){name, found};
}
