#include "train_text.h"

#include "output.h"
#include "progress_text.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// "28x28", "28x28x3"
static void print_picture(const vkvae_start *s) {
    (void)fprintf(stderr, "%ux%u", s->height, s->width);
    if (s->channels != 1) (void)fprintf(stderr, "x%u", s->channels);
}

void cli_print_bytes(uint64_t bytes) {
    const double mib = (double)bytes / (1 << 20);
    if (mib < 0.1)
        (void)fprintf(stderr, "%.1f KiB", 1024 * mib);
    else
        (void)fprintf(stderr, mib < 10 ? "%.1f MiB" : "%.0f MiB", mib);
}

bool cli_is_text(const vkvae_start *s) {
    return s->tokens && *s->tokens;
}

void cli_print_start(const vkvae_start *s) {
    const bool halves = strcmp(s->precision, "fp32") != 0;
    (void)fputs("data: ", stderr);
    cli_print_clean(stderr, s->data);
    (void)fprintf(stderr, ", %u %s of ", s->train_count, cli_is_text(s) ? "lines" : "pictures");
    if (cli_is_text(s) && strcmp(s->tokens, "bag") == 0)
        (void)fprintf(stderr, "words, %u different ones,", s->token_count);
    else if (cli_is_text(s))
        (void)fprintf(stderr, "%u tokens, %u different ones,", s->width, s->token_count);
    else
        print_picture(s);
    (void)fprintf(stderr, " to train on, %u to test on", s->test_count);
    if (s->classes) (void)fprintf(stderr, "; %u classes", s->classes);
    if (*s->normalize) (void)fprintf(stderr, "; normalized: %s", s->normalize);
    if (s->skipped) (void)fprintf(stderr, "; %u broken ones left out", s->skipped);
    (void)fprintf(stderr, "\nmodel: %s %s, latent %u: %" PRIu64 " parameters\nmemory: ", s->model,
                  s->widths, s->latent, s->parameters);
    cli_print_bytes(s->state_bytes);
    (void)fputs(" for weights and data, arena ", stderr);
    cli_print_bytes(s->arena_bytes);
    (void)fputs(" (", stderr);
    cli_print_bytes(s->arena_unshared_bytes);
    (void)fprintf(stderr, " without reuse%s)\n", halves ? "; values that wait are kept as halves" : "");
    if (s->no_likelihood)
        (void)fprintf(stderr,
                      "likelihood: none, but %s as the reconstruction term: the loss is no ELBO\n",
                      s->likelihood);
}

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
