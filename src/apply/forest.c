#include "forest.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "disentanglement.h"
#include "exact.h"
#include "size.h"

enum { TREES = 10, DEPTH = 12, LEAF = 5, BINS = 64, TARGETS = VV_MOST_KINDS };

// A split sends rows whose bin of `column` is at most `bin` to the first of two children that lie side
// by side; child 0: a leaf.
struct node {
    uint32_t column, bin, child;
    double mean[TARGETS];
};

struct forest {
    const struct vv_forest_data *data;
    unsigned char *bins;  // [columns][count]
    uint32_t *rows;       // those of a tree, ordered by node
    uint32_t row_count, node_count;
    struct node *nodes;
    double *importances, least;  // what is lessened by no more is no split
};

// Sums over rows of a node, or of a bin of it.
struct sums {
    double count, value[TARGETS];
};

// ---- Bins ----

static int order(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

// Edges at the quantiles of the rows that it is grown on; equal numbers share a bin.
static void bin_column(const struct vv_forest_data *d, uint32_t column, float *sorted,
                       unsigned char *bins) {
    const uint32_t half = (d->count + 1) / 2;
    for (uint64_t i = 0; i < half; i++) sorted[i] = d->codes[2 * i * d->columns + column];
    qsort(sorted, half, sizeof *sorted, order);
    for (uint64_t i = 0; i < d->count; i++) {
        const float v = d->codes[i * d->columns + column];
        uint32_t bin = 0;
        for (uint64_t b = 1; b < BINS; b++) bin += v > sorted[b * (half - 1) / BINS];
        bins[i] = (unsigned char)bin;
    }
}

// ---- A tree ----

static void add(struct sums *s, const struct vv_forest_data *d, uint32_t row) {
    s->count++;
    for (uint32_t k = 0; k < d->targets; k++) s->value[k] += d->values[(uint64_t)row * d->targets + k];
}

// Sum over targets of (sum)^2 / count: by how much the mean lessens the sum of squares.
static double lessened(const struct sums *s, uint32_t targets) {
    double sum = 0;
    for (uint32_t k = 0; k < targets; k++) sum += s->value[k] * s->value[k];
    return s->count > 0 ? sum / s->count : 0;
}

// The best bin to split a column at, if it is better than *gain.
static void try_column(const struct forest *f, const uint32_t *rows, uint32_t count, uint32_t column,
                       const struct sums *all, struct node *node, double *gain) {
    const struct vv_forest_data *d = f->data;
    const unsigned char *bins = f->bins + (uint64_t)column * d->count;
    struct sums cell[BINS] = {{0}}, left = {0}, right;
    for (uint32_t i = 0; i < count; i++) add(&cell[bins[rows[i]]], d, rows[i]);
    for (uint32_t b = 0; b + 1 < BINS; b++) {
        left.count += cell[b].count;
        right.count = all->count - left.count;
        for (uint32_t k = 0; k < d->targets; k++) {
            left.value[k] += cell[b].value[k];
            right.value[k] = all->value[k] - left.value[k];
        }
        if (left.count < LEAF || right.count < LEAF) continue;
        const double gained =
            lessened(&left, d->targets) + lessened(&right, d->targets) - lessened(all, d->targets);
        if (!(gained > *gain)) continue;
        *gain = gained;
        node->column = column;
        node->bin = b;
    }
}

// Rows of the first child to the front, in their order; returns how many. room: as many.
static uint32_t part(const struct forest *f, uint32_t *rows, uint32_t count, const struct node *node,
                     uint32_t *room) {
    const unsigned char *bins = f->bins + (uint64_t)node->column * f->data->count;
    uint32_t first = 0, second = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (bins[rows[i]] <= node->bin)
            rows[first++] = rows[i];
        else
            room[second++] = rows[i];
    }
    memcpy(rows + first, room, second * sizeof *rows);
    return first;
}

// What is still to grow: a node, of some rows.
struct growth {
    uint32_t node, *rows, count, depth;
};

// Makes a node, and of it, where it is split, two more that are to grow; returns how many.
static uint32_t grow(struct forest *f, struct growth g, struct growth next[2]) {
    struct node *node = &f->nodes[g.node];
    struct sums all = {0};
    double gain = f->least;
    for (uint32_t i = 0; i < g.count; i++) add(&all, f->data, g.rows[i]);
    *node = (struct node){0};
    for (uint32_t k = 0; k < f->data->targets; k++) node->mean[k] = all.value[k] / all.count;
    if (g.depth == DEPTH || g.count < 2 * LEAF) return 0;
    for (uint32_t c = 0; c < f->data->columns; c++) try_column(f, g.rows, g.count, c, &all, node, &gain);
    if (!(gain > f->least)) return 0;
    f->importances[node->column] += gain;
    const uint32_t first = part(f, g.rows, g.count, node, f->rows + f->row_count);
    node->child = f->node_count;
    f->node_count += 2;
    next[0] = (struct growth){node->child, g.rows, first, g.depth + 1};
    next[1] = (struct growth){node->child + 1, g.rows + first, g.count - first, g.depth + 1};
    return 2;
}

// Of the rows that were drawn, the one that is left to grow for each depth, and two.
static void grow_tree(struct forest *f) {
    struct growth waiting[DEPTH + 2] = {{0, f->rows, f->row_count, 0}};
    f->node_count = 1;
    for (uint32_t count = 1; count > 0;) {
        count--;
        count += grow(f, waiting[count], waiting + count);
    }
}

// As many even rows as there are, drawn with replacement.
static void draw_rows(struct forest *f, uint32_t tree) {
    const struct vv_forest_data *d = f->data;
    for (uint32_t i = 0; i < f->row_count; i += 4) {
        const vv_words w = vv_random4(i / 4, tree, d->step, VV_STREAM_VOTES, (vv_word)d->seed,
                                      (vv_word)(d->seed >> 32));
        const vv_word word[] = {w.x, w.y, w.z, w.w};
        for (uint32_t k = 0; k < 4 && i + k < f->row_count; k++)
            f->rows[i + k] = 2 * (uint32_t)((uint64_t)word[k] * f->row_count >> 32);
    }
}

// Adds a tree's share to what odd rows are predicted as.
static void predict(const struct forest *f, double *predicted) {
    const struct vv_forest_data *d = f->data;
    for (uint32_t row = 1; row < d->count; row += 2) {
        const struct node *node = f->nodes;
        while (node->child) {
            const unsigned char bin = f->bins[(uint64_t)node->column * d->count + row];
            node = &f->nodes[node->child + (bin > node->bin)];
        }
        for (uint32_t k = 0; k < d->targets; k++)
            predicted[(uint64_t)row * d->targets + k] += node->mean[k] / TREES;
    }
}

// ---- All of them ----

static bool make_room(struct vv_context *ctx, struct forest *f) {
    const struct vv_forest_data *d = f->data;
    f->row_count = (d->count + 1) / 2;
    f->bins = vv_alloc(ctx, (uint64_t)d->columns * d->count, 1);
    f->rows = vv_alloc(ctx, 2 * (uint64_t)f->row_count, sizeof *f->rows);
    // Leaves have LEAF rows at least, and there is a node less beside them.
    f->nodes = vv_alloc(ctx, 2 * (uint64_t)f->row_count / LEAF + 2, sizeof *f->nodes);
    float *sorted = vv_alloc(ctx, f->row_count, sizeof *sorted);
    const bool ok = f->bins && f->rows && f->nodes && sorted;
    for (uint32_t c = 0; ok && c < d->columns; c++)
        bin_column(d, c, sorted, f->bins + (uint64_t)c * d->count);
    free(sorted);
    return ok;
}

static void find_least(struct forest *f) {
    const struct vv_forest_data *d = f->data;
    double squares = 0;
    for (uint64_t i = 0; i < (uint64_t)d->count * d->targets; i++)
        squares += d->values[i] * d->values[i];
    f->least = 1e-9 * squares;
}

static void normalise(double *shares, uint32_t count) {
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += shares[i];
    for (uint32_t i = 0; sum > 0 && i < count; i++) shares[i] /= sum;
}

bool vv_forest(struct vv_context *ctx, const struct vv_forest_data *d, double *importances,
               double *predicted) {
    struct forest f = {.data = d, .importances = importances};
    assert(d->targets <= TARGETS && d->count >= 2);
    for (uint32_t c = 0; c < d->columns; c++) importances[c] = 0;
    for (uint64_t i = 0; i < (uint64_t)d->count * d->targets; i++) predicted[i] = 0;
    const bool ok = make_room(ctx, &f);
    if (ok) find_least(&f);
    for (uint32_t tree = 0; ok && tree < TREES; tree++) {
        draw_rows(&f, tree);
        grow_tree(&f);
        predict(&f, predicted);
    }
    normalise(importances, d->columns);
    free(f.bins);
    free(f.rows);
    free(f.nodes);
    return ok;
}
