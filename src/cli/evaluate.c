// vkvae evaluate
#include "evaluate_text.h"
#include "json.h"
#include "options.h"
#include "output.h"
#include "text.h"
#include "use_options.h"

struct evaluate_values {
    vkvae_evaluate_options evaluate;
    struct cli_output_values output;
    struct cli_device_values device;
};

#define EVALUATE(field) offsetof(struct evaluate_values, evaluate.field)

static const char *const array_endings[] = {".npy", NULL};

static const struct cli_option options[] = {
    {.name = "mean",
     .kind = CLI_FLAG,
     .offset = EVALUATE(mean),
     .group = "Measures",
     .help = "take z as the posterior's mean and not as a draw of it: what is reconstructed is as good "
             "as can be, and the loss bounds nothing"},
    {.name = "export-noise",
     .kind = CLI_FILE,
     .offset = EVALUATE(noise_out),
     .value = "FILE",
     .choices = array_endings,
     .unset = "none",
     .help = "write the eps of z = mu + exp(logvar / 2) eps: float32 [count, latent]"},
    {.name = "nll",
     .kind = CLI_FLAG,
     .offset = EVALUATE(nll),
     .group = "Log-likelihood",
     .help = "estimate -log p(x) by importance sampling, with z drawn from each picture's posterior"},
    {.name = "nll-images",
     .kind = CLI_WHOLE32,
     .offset = EVALUATE(nll_images),
     .value = "N",
     .whole = {1, UINT32_MAX},
     .help = "pictures, the first ones"},
    {.name = "nll-samples",
     .kind = CLI_WHOLE32,
     .offset = EVALUATE(nll_samples),
     .value = "N",
     .whole = {1, 10000000},
     .help = "draws of z for each picture: the more, the nearer to -log p(x) from above"},
    {.name = "frechet",
     .kind = CLI_FLAG,
     .offset = EVALUATE(frechet),
     .group = "Samples",
     .help = "the Frechet distance between the pictures and as many samples, in the means that the "
             "run's own encoder gives of both"},
    {.name = "frechet-features",
     .kind = CLI_TEXT,
     .offset = EVALUATE(frechet_features),
     .value = "RUN",
     .unset = "none",
     .help = "the same with another run's encoder, so that runs compare"},
    {.name = "disentanglement",
     .kind = CLI_FLAG,
     .offset = EVALUATE(disentanglement),
     .group = "Factors",
     .help = "of the set shapes, what the codes tell of the factors of its pictures: MIG, SAP, DCI, the "
             "FactorVAE score"},
    {.name = "votes",
     .kind = CLI_WHOLE32,
     .offset = EVALUATE(votes),
     .value = "N",
     .whole = {1, 100000},
     .help = "of the FactorVAE score, 64 pictures each; as many again test it"},
    {.name = "seed",
     .group = "Draws",
     .kind = CLI_WHOLE64,
     .offset = EVALUATE(seed),
     .value = "N",
     .whole = {0, UINT64_MAX},
     .help = "of all that is drawn: the same seed on the same device gives the same numbers"},
    CLI_USE_OPTIONS(EVALUATE(use)),
    CLI_OUTPUT_OPTIONS(struct evaluate_values, "all numbers, as an object"),
    CLI_COMPUTE_OPTIONS(struct evaluate_values),
    {0},
};

static void defaults(void *values) {
    struct evaluate_values *v = values;
    vkvae_evaluate_defaults(&v->evaluate);
}

// Says so where an option is given that means nothing without another one.
static bool are_together(const struct cli_arguments *a, const vkvae_evaluate_options *o) {
    const struct {
        const char *option, *of;
        bool there;
    } needs[] = {{"nll-images", "nll", o->nll},
                 {"nll-samples", "nll", o->nll},
                 {"votes", "disentanglement", o->disentanglement}};
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (!needs[i].there && cli_given(a, needs[i].option)) {
            (void)cli_usage_error("evaluate", "--%s is of --%s; give that too, or leave it out",
                                  needs[i].option, needs[i].of);
            return false;
        }
    return true;
}

static int run(const struct cli_arguments *a) {
    struct evaluate_values *v = a->values;
    vkvae_evaluate_options *o = &v->evaluate;
    struct cli_progress progress;
    vkvae_evaluate_result result;
    double *kl = NULL;
    if (!are_together(a, o)) return VKVAE_USAGE;
    o->kl_per_latent = &kl;
    vkvae *library = cli_use_open(a, &o->use, &v->device, &v->output, &progress);
    if (!library) return VKVAE_FAILED;
    const vkvae_status status = vkvae_evaluate(library, o, &result);
    int code = cli_use_close("evaluate", library, status, &progress);
    if (code == VKVAE_OK && v->output.json)
        code = cli_print_json("evaluate", cli_evaluation_json(o, &result, kl));
    else if (code == VKVAE_OK)
        cli_print_evaluation(o, &result, kl);
    vkvae_free(kl);
    return code;
}

static const char details[] =
    "The loss is recon + KL in nats a picture, with z drawn once for each, as the\n"
    "test loss of 'vkvae train' is. PSNR and SSIM compare the pictures with the\n"
    "means of p(x|z). docs/evaluate.md has the formulas.\n";

const struct cli_command cli_evaluate = {
    .name = "evaluate",
    .summary = "measure how good a model is: loss, log-likelihood, samples, factors",
    .details = details,
    .operand = "RUN",
    .operand_help = "the folder of a run, or a checkpoint file",
    .operand_required = true,
    .examples =
        (const char *const[]){
            "vkvae evaluate runs/first",
            "vkvae evaluate runs/first --nll --nll-images 10 --nll-samples 100",
            "vkvae evaluate runs/first --frechet",
            "vkvae evaluate runs/first --disentanglement --votes 100",
            "vkvae evaluate runs/first --data shapes --images 500 --data-seed 7 --part train --json",
            NULL,
        },
    .options = options,
    .values_size = sizeof(struct evaluate_values),
    .defaults = defaults,
    .run = run,
};
