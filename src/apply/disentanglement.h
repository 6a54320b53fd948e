// Whether each latent tells of one factor of variation, and each factor is told by one latent.
#ifndef VV_APPLY_DISENTANGLEMENT_H
#define VV_APPLY_DISENTANGLEMENT_H

#include <stdint.h>

#include "context.h"

#define VV_MOST_FACTORS 8
#define VV_MOST_KINDS   8

// Codes of pictures, and what the pictures were drawn from.
struct vv_told {
    uint32_t count, latent, factors;
    const float *codes;               // [count,latent]
    const float *values;              // [count,factors]
    uint32_t kinds[VV_MOST_FACTORS];  // a factor is one of 0 .. kinds - 1; 0: it is a number
};

// Mutual information gap: Chen, Li, Grosse, Duvenaud, Isolating sources of disentanglement in
// variational autoencoders (2018), equation 6: the mean over factors of the information that the latent
// which has the most has more than the next one, over the factor's entropy. Informations are those of
// histograms: 20 bins of equal width for each latent and each number, as in Locatello et al. 2019.
bool vv_mig(struct vv_context *ctx, const struct vv_told *told, double *mig);

// Separated attribute predictability: Kumar, Sattigeri, Balakrishnan, Variational inference of
// disentangled latent concepts from unlabeled observations (2018), section 3: the mean over factors of
// how much better the best latent alone predicts it than the next one. Numbers: the squared correlation;
// kinds: the balanced accuracy, on the pictures with odd numbers, of the likeliest kind of each of 20
// bins of equal width, found on the others. That of two kinds is 1/2 by chance, and the gap no larger.
bool vv_sap(struct vv_context *ctx, const struct vv_told *told, double *sap);

// Eastwood & Williams, A framework for the quantitative evaluation of disentangled representations
// (2018), section 2. Importances are those of a forest (forest.h) that predicts a factor from all
// latents, grown on the pictures with even numbers. informativeness: on the others, the mean over
// factors of R^2, at least 0, or of kinds the accuracy.
struct vv_dci {
    double disentanglement, completeness, informativeness;
};
bool vv_dci(struct vv_context *ctx, const struct vv_told *told, uint64_t seed, struct vv_dci *dci);
// The first two of importances [latent,factors].
void vv_dci_of(const double *importances, uint32_t latent, uint32_t factors, struct vv_dci *dci);

// A group of pictures that have one factor in common votes for it with the latent that varies least in
// the group, by its variance over all pictures.
struct vv_vote {
    uint32_t latent, factor;
};

// codes [count,latent]; variance [latent]: over all pictures. Latents of which it is at most 0.01 do not
// count; where none does, it is latent 0.
uint32_t vv_vote_of(const float *codes, uint32_t count, uint32_t latent, const double *variance);

// The score of Kim & Mnih, Disentangling by factorising (2018), section 4: the first half of the votes
// says which factor each latent stands for, by majority; the share of the second half that it has right.
bool vv_votes_score(struct vv_context *ctx, const struct vv_vote *votes, uint32_t count, uint32_t latent,
                    uint32_t factors, double *score);

#endif
