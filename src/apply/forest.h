// Trees that predict numbers from codes: Breiman, Friedman, Olshen, Stone, Classification and regression
// trees (1984), ten of them on draws with replacement: Breiman, Bagging predictors (1996).
#ifndef VV_APPLY_FOREST_H
#define VV_APPLY_FOREST_H

#include <stdint.h>

#include "context.h"

struct vv_forest_data {
    uint32_t count, columns, targets;  // targets: numbers of a row that are predicted together
    const float *codes;                // [count,columns]
    const double *values;              // [count,targets]
    uint64_t seed;
    uint32_t step;  // of VV_STREAM_VOTES: another one for another forest
};

// Grows a forest on the rows with even numbers, and predicts those with odd ones into predicted
// [count,targets]. importances [columns]: what each column's splits lessen the squared errors by, as
// shares of all that is lessened; zeros where nothing is.
bool vv_forest(struct vv_context *ctx, const struct vv_forest_data *data, double *importances,
               double *predicted);

#endif
