// What a trained model is used for. Included by vkvae.h, whose conventions hold here.
#ifndef VKVAE_USE_H
#define VKVAE_USE_H

#include "vkvae.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Sampling ----

typedef struct vkvae_sample_options {
    const char *run;     // a run's folder, or a checkpoint file
    uint32_t count;      // 64; 1 to 65536
    uint64_t seed;       // 0: the same seed on the same device gives the same bytes
    double temperature;  // 1: standard deviation of the draws of z; 0 to 100
    // .npy, float32 [count, latent] in C order, or [latent] for one, or .npz with such an array: these z
    // are decoded, and nothing is drawn: count, seed and temperature do not matter. NULL: draws.
    const char *from;
    const char *array;  // of the .npz; NULL: z, or where there is none mu
    // .png: a grid; .npy: float32 [count, height, width, channels], in [0, 1] or, where the run's data
    // were brought there (vkvae_reading), in their units. Of text .txt: a line for each sample, and
    // .npy: probabilities, [count, length, tokens], or of bags of words [count, tokens]. NULL: no file.
    const char *out;
    const char *picture;  // where `out` is NULL and the run is not of text: as `out`
    bool draw;            // text: draws tokens from p(x|z); false: takes the most probable ones
    // Folder that receives each picture as 00000.png and so on; it must be empty, or not there yet.
    // NULL: none.
    const char *each;
    uint32_t columns;  // of the grid; 0: about square
    uint32_t scale;    // pixels for each pixel; 0: a grid as large as fits a screen, `each` at 1
    // Not NULL: receives the result's count x height x width x channels floats (of text, the
    // probabilities), to be freed with vkvae_free.
    float **pixels;
    // Not NULL: receives the lines of text, each ended by a newline, to be freed with vkvae_free; NULL
    // of pictures.
    char **text;
    vkvae_device_options device;
} vkvae_sample_options;

typedef struct vkvae_sample_result {
    uint32_t count, height, width, channels, latent;
    const char *out;  // the file that was written, of the options; NULL: none
    // Of the population (divided by how many there are, not by one less), in double: over all numbers of
    // all z, and over all pixels, in [0, 1].
    double z_mean, z_variance, pixel_mean, pixel_variance;
} vkvae_sample_result;

void vkvae_sample_defaults(vkvae_sample_options *options);

// Decodes draws from the prior N(0, temperature^2), or the z of a file: the mean of p(x|z) of
// each pixel, which a likelihood such as gaussian may have beyond 0 and 1. Each file is written whole or
// not at all, those of `each` last. result may be NULL.
vkvae_status vkvae_sample(vkvae *v, const vkvae_sample_options *options, vkvae_sample_result *result);

// ---- Which model, on what, and where ----

// Which model, on which pictures, and where it is computed: the first member of the options below.
typedef struct vkvae_use {
    const char *run;  // a run's folder, or a checkpoint file
    // As in vkvae_data_options. NULL: the set that the run was trained on, as it was read then; of
    // `reading` only labels, test, test_labels, classes, limit and threads may be given then: `classes`
    // in the place of the run's, and `limit` is of the pictures that are looked at. Of another set, the
    // size that folders are read at, and what became 0 and 1 of other numbers than bytes, are the
    // model's unless said otherwise.
    const char *data;
    vkvae_shapes shapes;
    vkvae_reading reading;
    // "train", "test" or "all": those to train on and then those to test on. NULL: "test" of the run's
    // own set, and of another one that has such a part; else all of it, in its order.
    const char *part;
    vkvae_device_options device;
    // A few times a second, so many of all things done; in the call and its thread. May be NULL.
    void (*on_progress)(void *user, uint64_t done, uint64_t all);
    void *user;
} vkvae_use;

void vkvae_use_defaults(vkvae_use *use);

// ---- Codes ----

typedef struct vkvae_encode_options {
    vkvae_use use;
    bool sample;    // also z = mu + exp(logvar / 2) eps
    uint64_t seed;  // 0; of eps: the same seed gives the same bytes
    // .npz: mu, logvar and, where asked for, z, float32 [count, latent], and labels, uint32 [count],
    // where the set has some. .npy: mu, or with `sample` z. .csv: a line for each picture: its number,
    // its label where there is one, mu0, ..., logvar0, ... and z0, ... NULL: no file.
    const char *out;
    // Not NULL: receive what the file would have, to be freed with vkvae_free. labels: NULL where the
    // set has none.
    float **mu, **logvar, **z;
    uint32_t **labels;
} vkvae_encode_options;

typedef struct vkvae_encode_result {
    uint32_t count, latent;
    bool labels;  // the set has some
    double seconds;
} vkvae_encode_result;

void vkvae_encode_defaults(vkvae_encode_options *options);

// The posterior q(z|x) of each picture, in the order of the data: its means and log variances (as they
// are used: those of a magnitude over 20 are bounded softly by 30). result may be NULL.
vkvae_status vkvae_encode(vkvae *v, const vkvae_encode_options *options, vkvae_encode_result *result);
// ---- Comparing runs ----

enum { VKVAE_MAX_COMPARED = 1000 };

typedef struct vkvae_compare_options {
    const char *const *runs;  // folders of runs
    uint32_t count;           // of them; 1 to VKVAE_MAX_COMPARED
    // .png: the loss curves of the first six runs of the result that have any, on the test pictures and,
    // lighter, on those that are trained on. NULL: none.
    const char *out;
} vkvae_compare_options;

typedef struct vkvae_compared {
    char name[256];                  // the folder's, or its path where two folders have that name
    char path[4096];                 // as it was given
    uint32_t epochs, wanted_epochs;  // whole epochs done; in all
    uint32_t best_epoch;             // with the lowest test loss; 0: none yet
    vkvae_losses train, test, best;  // of the last epoch; `best`: the test's of best_epoch
    double images_per_second;        // that were trained on: the median of its epochs; 0: not known
    bool drawn;                      // in the picture
    // What each of the settings that differ is here, as it is typed on the command line; NULL: as by
    // default, or without meaning for this run.
    const char *const *values;
} vkvae_compared;

typedef struct vkvae_comparison {
    const vkvae_compared
        *runs;  // the lowest test loss first, then those without any, as they were given
    uint32_t run_count;
    const char *const *settings;  // names of the options in which the runs differ, but for --epochs
    uint32_t setting_count;
    bool comparable;  // whether the losses tell of the same thing; a warning says why they do not
} vkvae_comparison;

// All zeros.
void vkvae_compare_defaults(vkvae_compare_options *options);

// Reads config.json, metrics.jsonl and timing.jsonl of several runs; no device is opened. A run that is
// damaged there is VKVAE_BAD_DATA; one without an epoch is listed. *comparison is freed with vkvae_free,
// all of it; NULL where the call fails.
vkvae_status vkvae_compare(vkvae *v, const vkvae_compare_options *options,
                           vkvae_comparison **comparison);

// ---- A page that tells of a run ----

enum { VKVAE_MAX_REPORTED = 10000 };

typedef struct vkvae_report_options {
    const char *run;  // a run's folder
    const char *out;  // .html; NULL: report.html in that folder
    // The pictures of so many epochs at most are in it, from the first to the last evenly chosen; 50; 1
    // to VKVAE_MAX_REPORTED.
    uint32_t epochs;
} vkvae_report_options;

void vkvae_report_defaults(vkvae_report_options *options);

// Writes a page of one file, whole or not at all, which needs nothing beside it and loads nothing:
// curves, pictures, the KL of each latent, settings, and traversal.png, map.png and map.csv where the
// run's folder has them. No device is opened. VKVAE_USAGE where the library was built without its
// charts.
vkvae_status vkvae_report(vkvae *v, const vkvae_report_options *options);

// ---- Exporting ----

typedef struct vkvae_export_options {
    const char *run;  // a run's folder, or a checkpoint file
    // "safetensors": weights under PyTorch's names; "npz": the same for NumPy, with log_sigma and what
    // values were normalized with; "onnx": graphs. NULL: as `out` ends, else safetensors.
    const char *format;
    const char *part;  // "encoder", "decoder", "both" (NULL too)
    // File that ends as the format is called. Of both parts ONNX has two, NAME-encoder.onnx and
    // NAME-decoder.onnx. NULL: model, encoder or decoder with that ending; encoder.onnx and
    // decoder.onnx.
    const char *out;
    // Not NULL: receives Python that loads a safetensors file into PyTorch modules, to be freed with
    // vkvae_free; NULL of other formats.
    char **snippet;
} vkvae_export_options;

typedef struct vkvae_export_result {
    char format[16], part[8];
    uint32_t file_count;  // 1 or 2
    char files[2][4096];
    uint64_t bytes[2];
    uint32_t tensors;     // of the parts that were asked for
    uint64_t parameters;  // numbers in them
} vkvae_export_result;

void vkvae_export_defaults(vkvae_export_options *options);

// Writes a trained model for other programs: docs/export.md. No device is opened. A file that is there
// is replaced; each is written whole or not at all. result may be NULL.
vkvae_status vkvae_export(vkvae *v, const vkvae_export_options *options, vkvae_export_result *result);

// ---- Importing ----

typedef struct vkvae_import_options {
    const char *file;  // a state dict of PyTorch, as safetensors
    // The run that it becomes: `out` is its folder, which must be given. What the file tells itself
    // (`model`, `hidden`, `latent`, `channels`, `upsample`, `norm`, `blocks`) is left out, 0 or NULL, or
    // must be what it tells. With `data` the run can be trained on, with the rest of the options, by
    // vkvae_train's `resume`. Without, reading.height, .width and .channels say what pictures are; all
    // else of training does not matter. Of `device` and `autotune` as in vkvae_train.
    vkvae_train_options train;
} vkvae_import_options;

typedef struct vkvae_import_result {
    char model[16], activation[16], likelihood[24], sigma[16];
    uint32_t height, width, channels, latent;
    char widths[128];     // of hidden layers, or channels of stages: "256,64"
    uint32_t converted;   // tensors that were no 32-bit floats
    uint64_t parameters;  // numbers that are trained
    bool trainable;       // there were `data`
} vkvae_import_result;

void vkvae_import_defaults(vkvae_import_options *options);

// Makes a run out of weights: docs/export.md. result may be NULL.
vkvae_status vkvae_import(vkvae *v, const vkvae_import_options *options, vkvae_import_result *result);

// ---- Anomalies ----

enum { VKVAE_MAX_WORST = 64 };

typedef struct vkvae_score_options {
    vkvae_use use;  // of the run's own set all classes, unless some are named
    // What ranks pictures, the higher the more of an anomaly: "recon": -log p(x|z) at z = mu; "elbo":
    // minus the evidence lower bound; "probability": minus the mean of log p(x|z) over draws of z
    // (An & Cho 2015). NULL: "elbo"; of an autoencoder "recon", the only one that it has.
    const char *by;
    uint32_t draws;  // 10; of z for each picture, 1 to 10000
    uint64_t seed;   // 0; of these: the same seed gives the same bytes
    // What lies above the threshold is an anomaly. It is given, or this quantile of the scores, by the
    // same `by` and draws, of pictures that the model was trained on.
    bool has_threshold;
    double threshold;
    double quantile;            // 0.99; 0 to 1
    uint32_t threshold_images;  // 10000; the first of them, at most so many
    // Classes that are no anomalies, as vkvae_reading.classes lists them; NULL: not known.
    const char *normal;
    // .csv, a line for each picture: index, label where there is one, recon, kl, elbo, probability (nats
    // all; an autoencoder has recon alone), score, anomalous (0, 1). NULL: no file.
    const char *out;
    // .png of the highest scores, the highest on the left: pictures, their reconstructions at z = mu,
    // and where they differ, from black (0) to light yellow (1). NULL: no file.
    const char *heat;
    uint32_t worst;  // 8; so many, 1 to VKVAE_MAX_WORST
    // .png of the ROC curve, which needs `normal`. NULL: no file.
    const char *roc;
    double **scores;  // not NULL: receives the score of each picture, to be freed with vkvae_free
} vkvae_score_options;

typedef struct vkvae_score_result {
    uint32_t count, anomalous;  // pictures, and those above the threshold
    char by[16];
    bool labels;  // the set has some
    double threshold;
    uint32_t threshold_images;        // scores it is the quantile of; 0: it was given
    uint32_t worst_count;             // with `heat`: pictures in it,
    uint32_t worst[VKVAE_MAX_WORST];  // and which
    // With `normal`, else 0: pictures of other classes; the area under the ROC curve (a tie counts half)
    // and the average precision, by score; and at the threshold the shares of the anomalies (tpr) and of
    // the rest (fpr) that lie above, the share of anomalies above it, and F1.
    uint32_t anomalies;
    double auroc, average_precision, tpr, fpr, precision, f1;
    double seconds;
} vkvae_score_result;

void vkvae_score_defaults(vkvae_score_options *options);

// How unlikely the model finds each picture. result may be NULL.
vkvae_status vkvae_score(vkvae *v, const vkvae_score_options *options, vkvae_score_result *result);

// ---- A map ----

typedef struct vkvae_project_options {
    vkvae_use use;
    const char *out;  // .png: the points, coloured by label, the most frequent 20; NULL: no file
    const char *csv;  // a line for each picture: index, label where there is one, x, y; NULL: no file
    double **xy;      // not NULL: receives [count,2], to be freed with vkvae_free
} vkvae_project_options;

typedef struct vkvae_project_result {
    uint32_t count, latent;
    uint32_t classes;     // different labels; 0: the set has none
    bool principal;       // the axes are principal components; else they are the latent numbers
    double explained[2];  // share of the variance of mu that lies along each axis
    double seconds;
} vkvae_project_result;

void vkvae_project_defaults(vkvae_project_options *options);

// The means of the posteriors in a plane: as they are where there are two latent numbers (or one: y is
// 0), else along their two first principal components. result may be NULL.
vkvae_status vkvae_project(vkvae *v, const vkvae_project_options *options, vkvae_project_result *result);

// ---- Evaluation ----

// Of numbers, one for each picture: their mean and its standard error, their deviation (with n - 1)
// over the root of n. NaN: there is none.
typedef struct vkvae_estimate {
    double mean, error;
} vkvae_estimate;

typedef struct vkvae_evaluate_options {
    vkvae_use use;
    uint64_t seed;  // 0; of all that is drawn: the same seed gives the same numbers
    bool mean;      // z is mu, and the loss no bound; else z is drawn once for each picture
    // .npy, float32 [count, latent]: the eps of z = mu + exp(logvar / 2) eps that the loss is of. NULL:
    // no file.
    const char *noise_out;
    // Also log p(x) by importance sampling, of the first pictures (1 or more; fewer where there are not
    // so many) with so many draws of z for each (1 to 10000000).
    bool nll;
    uint32_t nll_images, nll_samples;  // 1000, 5000
    // Also the Fréchet distance between the pictures and as many samples, in the means that an encoder
    // gives of both: the run's own, or that of another run for pictures of this size.
    bool frechet;
    const char *frechet_features;  // NULL: the own one
    // Of the set shapes, with 100 pictures or more: also what its codes tell of the factors that its
    // pictures were drawn from.
    bool disentanglement;
    uint32_t votes;  // 800; 1 to 100000: of the FactorVAE score, to fit it, and as many to test it
    // Not NULL: receives the mean KL divergence of each latent, [latent], to be freed with vkvae_free;
    // NULL of an autoencoder.
    double **kl_per_latent;
} vkvae_evaluate_options;

// p(x) as the mean over draws z_k ~ q(z|x) of p(x|z_k) p(z_k) / q(z_k|x): Rezende et al. 2014; Burda et
// al. 2016, equation 8. Nats.
typedef struct vkvae_likelihood {
    uint32_t images, samples;
    vkvae_estimate nll;  // -log p(x); above it on the average, the less so the more draws
    double draws_error;  // what of nll.error comes of the draws, and not of which pictures there are
    double elbo;         // of the same pictures and draws: the mean of the logarithms
    double effective;    // sample size, the mean over pictures: of `samples` that are unlike each other
} vkvae_likelihood;

// From 0 to 1, most being best; docs/evaluate.md says how each is computed.
typedef struct vkvae_disentanglement {
    uint32_t factors, votes;
    double mig;                                             // Chen et al. 2018
    double sap;                                             // Kumar et al. 2018
    double factor_vae;                                      // Kim & Mnih 2018
    double disentanglement, completeness, informativeness;  // DCI: Eastwood & Williams 2018
} vkvae_disentanglement;

typedef struct vkvae_evaluate_result {
    uint32_t count, latent;
    // Whether the loss is -ELBO: the likelihood is a density, z was drawn, and it is no autoencoder.
    bool is_bound;
    vkvae_estimate loss, recon, kl;  // nats a picture; of an autoencoder kl is 0
    uint32_t active;      // units: Var(mu_j) > 0.01 over the pictures (Burda et al. 2016, section 5.2)
    double bits_per_dim;  // 0: p(x|z) is no probability, or the loss no bound
    // Of the mean of p(x|z), against the picture. psnr: dB, of a maximum of 1, at most 100 a picture.
    // ssim: Wang et al. 2004. NaN of text; ssim also of pictures smaller than 11 in height or width.
    vkvae_estimate psnr, ssim;
    vkvae_likelihood likelihood;  // with `nll`
    // With `frechet`: Heusel et al. 2017, equation 6; and how many features the encoder has, 0: it was
    // not asked for.
    double frechet;
    uint32_t frechet_features;
    vkvae_disentanglement disentanglement;  // with `disentanglement`
    double seconds;
} vkvae_evaluate_result;

void vkvae_evaluate_defaults(vkvae_evaluate_options *options);

// How good a run is on pictures. result may be NULL.
vkvae_status vkvae_evaluate(vkvae *v, const vkvae_evaluate_options *options,
                            vkvae_evaluate_result *result);

#ifdef __cplusplus
}
#endif

#endif
