#include "evaluate_text.h"

#include "json.h"
#include "text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define LATENTS_A_LINE 12

// ---- Text ----

// unit: what stands behind it; "": nothing.
static void print_estimate(const char *name, vkvae_estimate e, int digits, const char *unit) {
    char error[32] = "";
    if (!isnan(e.error)) (void)snprintf(error, sizeof error, "+- %.*f", digits, e.error);
    (void)printf("  %-14s %10.*f", name, digits, e.mean);
    if (unit[0])
        (void)printf("  %-10s  %s\n", error, unit);
    else
        (void)printf("%s%s\n", error[0] ? "  " : "", error);
}

static const char *loss_unit(const vkvae_evaluate_options *o, const vkvae_evaluate_result *r) {
    return r->is_bound ? "nats a picture, -ELBO"
           : o->mean   ? "nats a picture, of z = mu: no bound"
                       : "a picture: no bound";
}

static void print_kl(const double *kl, uint32_t latent) {
    for (uint32_t i = 0; i < latent; i++)
        (void)printf("%s %.2f",
                     i % LATENTS_A_LINE ? ""
                     : i                ? "\n                "
                                        : "  KL of latents ",
                     kl[i]);
    (void)putchar('\n');
}

static void print_pictures(const vkvae_evaluate_result *r) {
    if (!isnan(r->psnr.mean)) print_estimate("PSNR", r->psnr, 2, "dB");
    if (!isnan(r->ssim.mean))
        print_estimate("SSIM", r->ssim, 4, "");
    else if (!isnan(r->psnr.mean))
        (void)printf("  %-14s %10s  of pictures of at least 11x11\n", "SSIM", "-");
}

static void print_likelihood(const vkvae_likelihood *l) {
    print_estimate("-log p(x)", l->nll, 3, "");
    (void)printf(
        "  %-14s  of %" PRIu32 " picture%s, %" PRIu32 " draws each; of the error %.3f is theirs\n"
        "  %-14s  their -ELBO %.3f, effective draws %.1f\n",
        "", l->images, cli_plural(l->images), l->samples, l->draws_error, "", -l->elbo, l->effective);
}

static void print_frechet(const vkvae_evaluate_options *o, const vkvae_evaluate_result *r) {
    const char *run = o->frechet_features;
    (void)printf("  %-14s %10.4f  ", "Frechet", r->frechet);
    if (!run) (void)printf("own encoder");
    if (run) (void)printf("encoder of ");
    if (run) cli_print_clean(stdout, run);
    (void)printf(", %" PRIu32 " features, %" PRIu32 " samples\n", r->frechet_features, r->count);
}

static void print_disentanglement(const vkvae_disentanglement *d) {
    (void)printf("  %-14s %10.4f\n  %-14s %10.4f\n  %-14s %10.4f  of %" PRIu32 " votes\n", "MIG", d->mig,
                 "SAP", d->sap, "FactorVAE", d->factor_vae, d->votes);
    (void)printf("  %-14s %10.4f  disentanglement, %.4f completeness, %.4f informativeness\n", "DCI",
                 d->disentanglement, d->completeness, d->informativeness);
}

void cli_print_evaluation(const vkvae_evaluate_options *o, const vkvae_evaluate_result *r,
                          const double *kl) {
    cli_print_clean(stdout, o->use.run);
    (void)printf(": %" PRIu32 " picture%s; mean +- standard error\n", r->count, cli_plural(r->count));
    print_estimate("loss", r->loss, 3, loss_unit(o, r));
    print_estimate("recon", r->recon, 3, "");
    if (kl) print_estimate("KL", r->kl, 3, "");
    if (r->bits_per_dim > 0) (void)printf("  %-14s %10.4f\n", "bits per dim", r->bits_per_dim);
    print_pictures(r);
    (void)printf("  %-14s %10" PRIu32 "  of %" PRIu32 "\n", "active units", r->active, r->latent);
    if (kl) print_kl(kl, r->latent);
    if (o->nll) print_likelihood(&r->likelihood);
    if (r->frechet_features) print_frechet(o, r);
    if (r->disentanglement.factors) print_disentanglement(&r->disentanglement);
}

// ---- JSON ----

static bool add_number(cJSON *o, const char *key, double value) {
    return cJSON_AddNumberToObject(o, key, value);  // what is not finite is printed as null
}

static bool add_estimate(cJSON *o, const char *key, vkvae_estimate e) {
    char error[32];
    (void)snprintf(error, sizeof error, "%s_error", key);
    return add_number(o, key, e.mean) && add_number(o, error, e.error);
}

static bool add_list(cJSON *o, const char *key, const double *numbers, uint32_t count) {
    return numbers ? cli_json_add(o, key, cJSON_CreateDoubleArray(numbers, (int)count))
                   : cJSON_AddNullToObject(o, key) != NULL;
}

// encoder: null is the own one.
static bool add_frechet(cJSON *o, const vkvae_evaluate_options *options,
                        const vkvae_evaluate_result *r) {
    if (!r->frechet_features) return cJSON_AddNullToObject(o, "frechet");
    cJSON *json = cJSON_AddObjectToObject(o, "frechet");
    return json && add_number(json, "distance", r->frechet) &&
           cli_json_text(json, "encoder", options->frechet_features) &&
           add_number(json, "features", r->frechet_features) && add_number(json, "samples", r->count);
}

static bool add_likelihood(cJSON *o, const vkvae_likelihood *l) {
    if (!l->images) return cJSON_AddNullToObject(o, "likelihood");
    cJSON *json = cJSON_AddObjectToObject(o, "likelihood");
    return json && add_number(json, "images", l->images) && add_number(json, "samples", l->samples) &&
           add_estimate(json, "nll", l->nll) && add_number(json, "draws_error", l->draws_error) &&
           add_number(json, "elbo", l->elbo) && add_number(json, "effective", l->effective);
}

static bool add_disentanglement(cJSON *o, const vkvae_disentanglement *d) {
    if (!d->factors) return cJSON_AddNullToObject(o, "disentanglement");
    cJSON *json = cJSON_AddObjectToObject(o, "disentanglement");
    return json && add_number(json, "mig", d->mig) && add_number(json, "sap", d->sap) &&
           add_number(json, "factor_vae", d->factor_vae) && add_number(json, "votes", d->votes) &&
           add_number(json, "dci_disentanglement", d->disentanglement) &&
           add_number(json, "dci_completeness", d->completeness) &&
           add_number(json, "dci_informativeness", d->informativeness);
}

static bool fill_json(cJSON *json, const vkvae_evaluate_options *o, const vkvae_evaluate_result *r,
                      const double *kl) {
    return cli_json_text(json, "run", o->use.run) && add_number(json, "count", r->count) &&
           add_number(json, "latent", r->latent) && cJSON_AddBoolToObject(json, "bound", r->is_bound) &&
           add_estimate(json, "loss", r->loss) && add_estimate(json, "recon", r->recon) &&
           add_estimate(json, "kl", r->kl) && add_list(json, "kl_per_latent", kl, r->latent) &&
           add_number(json, "active_units", r->active) &&
           add_number(json, "bits_per_dim", r->bits_per_dim > 0 ? r->bits_per_dim : (double)NAN) &&
           add_estimate(json, "psnr", r->psnr) && add_estimate(json, "ssim", r->ssim) &&
           add_likelihood(json, &r->likelihood) && add_frechet(json, o, r) &&
           add_disentanglement(json, &r->disentanglement) &&
           cli_json_text(json, "noise", o->noise_out) && add_number(json, "seconds", r->seconds);
}

cJSON *cli_evaluation_json(const vkvae_evaluate_options *o, const vkvae_evaluate_result *r,
                           const double *kl) {
    cJSON *json = cJSON_CreateObject();
    if (json && fill_json(json, o, r, kl)) return json;
    cJSON_Delete(json);
    return NULL;
}
