#include "train_text.h"

#include "output.h"
#include "progress_text.h"

#include <stdio.h>

static int digits(uint32_t n) {
    int count = 1;
    while (n >= 10) n /= 10, count++;
    return count;
}

// What is behind the losses, where they do not tell all.
static void print_objective(const vkvae_epoch *e, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    if (e->weighed)
        used += (size_t)snprintf(text, size, "  objective %.2f, test %.2f (KL weight %.4g",
                                 e->train_objective, e->test_objective, e->kl_weight);
    if (e->weighed && e->kl_capacity > 0)
        used += (size_t)snprintf(text + used, size - used, ", capacity %.2f", e->kl_capacity);
    if (e->weighed) used += (size_t)snprintf(text + used, size - used, ")");
    if (e->active_units < e->latent)
        (void)snprintf(text + used, size - used, "  %u/%u active", e->active_units, e->latent);
}

void cli_print_epoch(const vkvae_epoch *e, bool no_elbo) {
    char speed[32], objective[160], bits[40] = "", sigma[40] = "";
    if (e->test.bits > 0) (void)snprintf(bits, sizeof bits, "  %.3f bits/dim", e->test.bits);
    if (e->sigma > 0) (void)snprintf(sigma, sizeof sigma, "  sigma %.4g", e->sigma);
    cli_count(e->images_per_second, speed, sizeof speed);
    print_objective(e, objective, sizeof objective);
    (void)printf(
        "epoch %*u/%u  train %.2f (recon %.2f + KL %.2f)  test %.2f (recon %.2f + KL %.2f)%s%s  "
        "%.1f s  %s images/s%s%s\n",
        digits(e->epochs), e->epoch, e->epochs, e->train.loss, e->train.recon, e->train.kl, e->test.loss,
        e->test.recon, e->test.kl, bits, sigma, e->train_seconds, speed, objective,
        no_elbo ? "  (no ELBO)" : "");
    cli_flush();
}
