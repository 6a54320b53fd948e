// The plane in which rows of numbers vary most.
#ifndef VV_APPLY_PRINCIPAL_H
#define VV_APPLY_PRINCIPAL_H

#include <stdint.h>

#include "context.h"

// Columns that components are looked for of, at most: the work grows with their cube.
#define VV_PRINCIPAL_MOST 1024

struct vv_principal {
    uint32_t columns;
    double *mean;  // owned, [columns]
    double
        *axis[2];  // owned, [columns] each, of length 1; the second is zeros where there is one column
    double share[2];  // of the variance of all columns; 0 where there is none
};

// Principal components (Pearson 1901; Hotelling 1933): the eigenvectors of the covariance with the two
// largest eigenvalues. Sums are of doubles and in the order of the rows, and of either sign the one is
// taken that makes an axis' largest number positive: the same rows give the same bytes. rows
// [count,columns], count at least 1.
bool vv_principal_make(struct vv_context *ctx, const float *rows, uint32_t count, uint32_t columns,
                       struct vv_principal *principal);
// Where a row lies in the plane.
void vv_principal_place(const struct vv_principal *principal, const float *row, double at[2]);
void vv_principal_finish(struct vv_principal *principal);  // takes a zeroed or half-built one

// Eigenvalues and eigenvectors of a symmetric matrix a [n,n], which is used up: its diagonal becomes the
// eigenvalues, in no order, and column i of `vectors` [n,n] the eigenvector of number i. By Jacobi's
// rotations in a fixed order (Golub & Van Loan, "Matrix Computations", section 8.5.3).
void vv_jacobi(double *a, double *vectors, uint32_t n);

#endif
