// Log-likelihoods by importance sampling.
#ifndef VV_APPLY_IMPORTANCE_H
#define VV_APPLY_IMPORTANCE_H

#include "exec.h"
#include "model.h"

// Draws z_k ~ q(z|x) of one picture, and weighs them: w_k = p(x|z_k) p(z_k) / q(z_k|x), of which p(x) is
// the mean (Rezende, Mohamed, Wierstra, Stochastic backpropagation and approximate inference in deep
// generative models, 2014, appendix E; Burda, Grosse, Salakhutdinov, Importance weighted autoencoders,
// 2016, equation 8).
struct vv_importance {
    struct vv_exec *exec;
    uint32_t rows, pixels, latent;
    struct vv_state *x, *head, *clock;  // [rows,pixels], [rows,2 latent], each row the same
    struct vv_tape tape;
    vv_ref cost;  // [rows,1]
    struct vv_program *program;
    float *repeated, *costs;
};

// Decodes `rows` draws at a time.
bool vv_importance_init(struct vv_importance *s, struct vv_exec *exec, const struct vv_model *model,
                        const struct vv_weights *weights, uint32_t rows, uint64_t seed);
// log w of `count` draws, nats. x [pixels]; head [2 latent]: mu and logvar as the encoder gives them.
// Draw k is a function of the seed, the picture's number and k.
bool vv_importance_run(struct vv_importance *s, const float *x, const float *head, uint32_t picture,
                       uint32_t count, double *log_weights);
void vv_importance_finish(struct vv_importance *s);  // takes a zeroed or half-built one

// Of weights given by their logarithms, without overflow.
struct vv_weighing {
    double log_mean;   // log of the mean: log p(x)
    double error;      // its standard error, to first order: deviation / (mean sqrt(count))
    double mean_log;   // mean of the logarithms: the ELBO
    double effective;  // sample size: (sum of w)^2 / (sum of w^2)
};
struct vv_weighing vv_weigh(const double *log_weights, uint32_t count);

#endif
