// vkvae: train and use variational autoencoders on any Vulkan GPU.
//
// One handle is used by one thread at a time; several handles may be used by several threads. Strings
// are UTF-8. A function that fails returns a status other than VKVAE_OK and leaves one sentence in
// vkvae_error. Structs of options are filled by their _defaults function first, then changed: fields
// added in later versions then have their defaults.
#ifndef VKVAE_VKVAE_H
#define VKVAE_VKVAE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

// The values are the exit codes of the program.
typedef enum vkvae_status {
    VKVAE_OK = 0,
    VKVAE_FAILED = 1,     // something went wrong while working: device lost, disk full, diverged
    VKVAE_USAGE = 2,      // what was asked for makes no sense
    VKVAE_NO_DEVICE = 3,  // no usable Vulkan device, or not the one asked for
    VKVAE_BAD_DATA = 4,   // a file does not hold what it should
} vkvae_status;

typedef struct vkvae vkvae;

const char *vkvae_version(void);

// NULL only when memory is out. Destroy takes NULL.
vkvae *vkvae_create(void);
void vkvae_destroy(vkvae *v);

// What went wrong in the last call on this handle; "" if nothing. Valid until the next call.
const char *vkvae_error(const vkvae *v);

// Called with lines for the user (the device chosen, warnings), without a newline. NULL: nobody listens.
// During a call, and in its thread; what the validation layer says may come in others, one at a time.
typedef void (*vkvae_log_fn)(void *user, bool warning, const char *line);
void vkvae_set_log(vkvae *v, vkvae_log_fn log, void *user);

// ---- Devices ----

typedef struct vkvae_device {
    uint32_t index;
    char uuid[37];
    char name[256];
    char type[16];  // "discrete", "integrated", "virtual", "cpu", "other"
    char driver[256];
    char api_version[16];
    uint64_t memory_bytes;
    uint32_t drivers;  // that offer it; the first that can open it is used, and described here
    bool usable;
    char reason[128];  // why not usable, and what can be done
    uint32_t subgroup_size, max_invocations, max_shared_bytes, max_texel_elements;
    uint64_t max_storage_range;
} vkvae_device;

// Lists the Vulkan devices, duplicates merged by UUID; each is opened for a moment, since what cannot be
// is not usable. *devices is freed with vkvae_free. *chosen is the
// index in the list of the one that `wanted` means (as `device` below; NULL: the best one), UINT32_MAX
// where that is none, or one that is not usable: the list is VKVAE_OK all the same. `why` is a clause
// for it: "the only usable device", "asked for", or, with `wanted` for its subject, "means none of the
// devices here: ...". "reference" has UINT32_MAX, "scalar code on the host", and maybe an empty list;
// for anything else no loader or no device is VKVAE_NO_DEVICE.
vkvae_status vkvae_devices(vkvae *v, const char *wanted, vkvae_device **devices, uint32_t *count,
                           uint32_t *chosen, char why[256]);

// Where and how to compute. What the driver made of the kernels is kept in the folder $VKVAE_CACHE ("":
// nowhere), else in $XDG_CACHE_HOME/vkvae or ~/.cache/vkvae, and saves time at the next start.
typedef struct vkvae_device_options {
    // Index, UUID, part of a name, or "reference" (scalar code on the host). NULL: the best one. Where
    // that cannot be opened, the next that is meant is taken, with a warning.
    const char *device;
    // A family of matrix kernels: "plain", "subgroup-buffer", "subgroup-texel". NULL or "auto": what
    // suits the device; when resuming, NULL keeps the run's own.
    const char *kernels;
    // Pretend the least that Vulkan promises: for tests. When resuming, also where the run did.
    bool minimum_limits;
    bool validate;  // the validation layer and synchronization validation: a message is an error
    // Seconds that the device may take for what it is given at a time, which is made to take a fraction
    // of one: afterwards it hangs, an error as where it is lost. 0: 120; INFINITY: for ever.
    double timeout;
} vkvae_device_options;

// ---- Data ----

// The built-in set "shapes": a square, an ellipse or a heart in each picture, anti-aliased, white or
// coloured on black, drawn from a seed with nothing read from disk. Picture i of a seed is the same for
// any number of pictures and on any machine; no picture to test on shares its factors with one to train
// on. The factors: shape (0 square, 1 ellipse, 2 heart), scale (0.6 to 1, of the largest), rotation
// (counter-clockwise, in radians, below 2 pi), x and y (of the middle, in widths from the left and in
// heights from the top) and, in colour, hue (0 to 1: red, green at 1/3, blue at 2/3).
typedef struct vkvae_shapes {
    uint32_t images;         // to train on; 10000. 1 to 16777216
    uint32_t test_images;    // 0: a fifth of `images`, rounded up
    uint32_t height, width;  // 28 x 28; 8 to 1024
    uint32_t channels;       // 1: grey, 3: colour
    uint64_t seed;           // 0
} vkvae_shapes;

// How files become a set of pictures of one size. What means nothing for the kind of files that is read
// is refused, unless it is the default.
typedef struct vkvae_reading {
    // Folders of PNG and JPEG files; the first three also of the set "shapes", before its own.
    uint32_t height, width;  // 0: that of the pictures, which must then be of one size
    uint32_t channels;       // 1, 3; 0: 1 where all pictures are grey, else 3
    const char *fit;         // "cover" (NULL too), "contain", "stretch"
    const char *crop;        // "none" (NULL too), "center": first the largest square in the middle
    const char *background;  // "RRGGBB", hexadecimal, below what is transparent; NULL: white
    bool strict;             // a broken picture is an error; else it is left out, with a warning
    // Arrays and tables.
    const char *layout;     // "auto" (NULL too), "nd", "nhw", "nhwc", "nchw"
    const char *normalize;  // "none" (NULL too), "minmax", "standard"
    double range[2];        // values that become 0 and 1; both 0: none is given
    // .npy or .csv; of an .npz an array's name, of a table a column's, or its number from 1; NULL: none
    const char *labels;
    // Text in a .txt file, of which each line that is not empty is a row.
    // "none" (NULL too), "bag": how often it has each word; "chars", "words": a row of characters, or of
    // words
    const char *tokens;
    uint32_t length;      // of a row: what is longer is cut; 0 of a bag; 1 to 4096
    uint32_t vocabulary;  // the most frequent words, at most so many; 0: 2000 of a bag, 256 of rows
    // All.
    const char *test;  // path of what to test on; NULL: the set's own test part, or a part of the set
    const char *test_labels;  // as `labels`
    double split;             // 0.9: share that is trained on of a set without a test part
    uint32_t limit;           // at most so many to train on, and so many to test on; 0: all
    // Of what the limit leaves, pictures of these classes alone, in both parts: labels, or names of
    // classes, with commas between, 1023 bytes at most ("0,3"); NULL: all. Labels stay as they are.
    const char *classes;
    uint32_t threads;  // that decode; 0: one a core
} vkvae_reading;

// Which set is meant.
typedef struct vkvae_data_options {
    // A folder of PNG or JPEG files (their sub-folders are classes), a folder of IDX files or of CIFAR
    // binaries, an .npy, .npz, .csv or .txt file, or the name of a set; NULL: "shapes".
    const char *data;
    vkvae_shapes shapes;    // used where that is meant, and refused otherwise unless it is the default
    vkvae_reading reading;  // of files
    // PNG that vkvae_data_info writes, of the first pictures, `pictures` at most; NULL: none.
    const char *out;
    uint32_t pictures;  // 64; 1 to 4096
} vkvae_data_options;

void vkvae_data_defaults(vkvae_data_options *options);

enum { VKVAE_MAX_FACTORS = 8, VKVAE_MAX_CLASSES = 100 };

// Pictures of one label.
typedef struct vkvae_class {
    char name[64];         // of the sub-folder they are in; else the label's number
    uint32_t train, test;  // how many of each half
} vkvae_class;

// One half of a set.
typedef struct vkvae_data_part {
    uint32_t count;
    uint32_t labels;         // different values of the labels; 0: it has none
    double least, greatest;  // of all pixels, 0 to 255; of floats, as the file has them
    double mean, variance;   // of all pixels, in [0, 1]
} vkvae_data_part;

// The vocabulary of a set of text.
#define VKVAE_MAX_FREQUENT 20
typedef struct vkvae_frequent {
    char text[72];
    uint64_t times;
} vkvae_frequent;

typedef struct vkvae_vocabulary {
    char tokens[8];    // "bag", "chars", "words"; "": the set is no text
    uint32_t count;    // of its tokens; of rows with the end and with what stands for the rest
    uint32_t others;   // different ones that it lacks
    uint64_t all;      // tokens read to make it
    uint64_t beyond;   // in the rows of both parts: tokens that it lacks
    uint64_t clipped;  // in a bag: words that are there over 255 times in a line count as 255
    uint32_t cut;      // rows that were longer than the length
    uint32_t frequent_count;
    vkvae_frequent frequent[VKVAE_MAX_FREQUENT];  // the first of all
} vkvae_vocabulary;

typedef struct vkvae_data_set {
    char name[256];
    char path[4096];  // "" for the built-in set
    uint32_t height, width, channels;
    vkvae_data_part train, test;
    uint32_t checksum;  // CRC-32 of all pixels or floats, as config.json records it
    uint32_t factors;   // known factors of variation of each picture; 0: none
    const char *factor_names[VKVAE_MAX_FACTORS];
    bool floats;           // the file holds other numbers than bytes
    char normalize[16];    // how they were brought to 0 to 1: "range", "minmax", "standard"; else ""
    uint32_t ranges;       // column by column, each from a range of its own: so many; 0: none
    double low, high;      // what became 0 and 1; of several ranges the least and the greatest
    uint32_t skipped;      // broken pictures that were left out
    uint32_t class_count;  // different labels; the first are in `classes`
    vkvae_class classes[VKVAE_MAX_CLASSES];
    vkvae_vocabulary vocabulary;
} vkvae_data_set;

// What a set holds; and the picture `out`, where that is given.
vkvae_status vkvae_data_info(vkvae *v, const vkvae_data_options *options, vkvae_data_set *set);

// Draws the set "shapes" into a folder, as IDX: train-images-idx3-ubyte (idx4 with three channels),
// train-labels-idx1-ubyte (the shapes), train-factors-idx2-float [count, factors], and the same for
// t10k. A folder that is not empty is refused unless `force`, which removes the files of a set in it.
vkvae_status vkvae_data_write(vkvae *v, const vkvae_shapes *shapes, const char *folder, bool force);

// ---- Training ----

// Pictures in the caller's memory, copied during the call: count x height x width x channels bytes.
typedef struct vkvae_images {
    const unsigned char *pixels;
    uint32_t count, height, width, channels;
} vkvae_images;

// Losses are in nats, summed over pixels and over latents, averaged over images: reconstruction
// (-log p(x|z)) and KL(q(z|x) || p(z)); loss is their sum, -ELBO, whatever `beta` and its kin are. Of an
// autoencoder kl is 0, and loss no bound on anything. With what is no likelihood ("ms-ssim") its term
// stands for the first, and neither it nor the sum is in nats.
// bits: the loss per dimension, where p(x|z) is a probability and not a density; else 0.
typedef struct vkvae_losses {
    double loss, recon, kl, bits;
} vkvae_losses;

// What is about to be trained. Texts are valid during the call.
typedef struct vkvae_start {
    const char *folder;                   // that is written; NULL: none
    const char *data, *device, *kernels;  // as config.json has them
    const char *tuning;                   // the kernel of each product, where measured; else ""
    uint32_t height, width, channels;     // of a picture
    uint32_t train_count, test_count, data_checksum;
    uint32_t classes;       // different labels that the set has, where it has any
    uint32_t skipped;       // broken pictures that were left out
    const char *normalize;  // how values were brought to 0 to 1: "range", "minmax", "standard"; else ""
    const char *tokens;     // what text is made of: "bag", "chars", "words"; "": no text
    uint32_t token_count;   // in its vocabulary
    const char *model, *activation, *likelihood;
    const char *binarize;   // "none", "static", "dynamic"
    const char *sigma;      // of the likelihood: "optimal", "0.1"; "": it has none
    bool no_likelihood;     // it is a term that takes the place of one: the loss is no ELBO
    const char *precision;  // "fp32", "fp16-storage"
    const char *widths;     // of hidden layers, or channels of stages, from the picture on: "256,64"
    uint32_t latent;        // dimensions
    uint64_t parameters;    // numbers that are trained
    // Bytes of a step's temporaries, where each memory serves several after one another, and what they
    // would be if each had its own; and of all that stays: parameters, moments, the set.
    uint64_t arena_bytes, arena_unshared_bytes, state_bytes;
    uint32_t epoch, epochs;  // whole epochs done before; in all
    uint32_t steps;          // an epoch
} vkvae_start;

typedef struct vkvae_progress {
    uint32_t epoch, epochs;  // counted from 1
    uint32_t step, steps;    // of this epoch
    double loss;             // mean over the epoch so far
    double images_per_second;
    double seconds_left;  // of the whole training, by the speed so far
} vkvae_progress;

typedef struct vkvae_epoch {
    uint32_t epoch, epochs;
    uint64_t step;  // since the beginning of the run
    vkvae_losses train, test;
    double train_seconds, test_seconds;  // of a run that is continued, what was left of the epoch
    double images_per_second;  // 0: faster than the clock can tell, or nothing was left to train
    // Whether what is minimised is not the loss; then that, and the weight and the capacity of the KL in
    // force at the epoch's end.
    bool weighed;
    double train_objective, test_objective, kl_weight, kl_capacity;
    // Of the test: units that are active, Var(mu_j) > 0.01 (Burda et al. 2016), and each latent's part
    // of test.kl, valid during the call. 0 and NULL of an autoencoder.
    uint32_t latent, active_units;
    const float *kl_per_latent;
    double sigma;  // of the likelihood, that of all pixels; 0: it has none
} vkvae_epoch;

// What all calls of one operation took, in the steps that were watched.
typedef struct vkvae_profile_row {
    const char *op;
    uint64_t calls;
    double seconds, share;  // share of the device's time: 1 for all of it
    // 10^9 floating-point operations a second, 0 where memory is what takes the time; 10^9 bytes a
    // second that it has to read and write.
    double gflops, gbytes;
    double of_peak;  // the first of the two that is not 0 against what the machine can do; 0: not known
} vkvae_profile_row;

// Of every 32 steps, 8 are watched: one a submission, each operation timed alone by the device's clock.
// The other 24 run as always. Texts and rows are valid during the call.
typedef struct vkvae_profile {
    const vkvae_profile_row *rows;  // the one with the most time first
    uint32_t count;                 // 0: no step was watched, or the device has no clock
    bool clock;                     // it has one; without, there are times of the host alone
    uint64_t steps, other_steps;    // watched, and others; in neither the first of each size of batch
    double step_seconds, other_step_seconds;  // by the host's clock; 0: there was none
    double device_seconds;                    // of watched steps, all together: the sum of the rows
    // What the host did in watched steps: handing over, waiting for the device, everything else.
    double submit_seconds, wait_seconds, host_seconds;
    double peak_gflops, peak_gbytes;  // what the machine can do, measured before training; 0: not known
    const char *peak_how;
    const char *trace;  // the file that was asked for, once it is written; NULL: none
} vkvae_profile;

// What another run recorded, in its config.json. 0 and NULL: not known.
typedef struct vkvae_record {
    uint32_t data_checksum;
    const char *version, *device;
    const char *kernels, *tuning;  // used again where the device has them
} vkvae_record;

enum { VKVAE_MAX_HIDDEN = 8 };

typedef struct vkvae_train_options {
    // What shapes the run; saved in config.json. With `resume` these are taken from the run, except
    // `epochs` and `patience` where they are not 0.
    const char *data;       // as in vkvae_data_options; NULL: "shapes"
    vkvae_shapes shapes;    // used where that is meant, and refused otherwise unless it is the default
    vkvae_reading reading;  // of files
    // Changes that pictures are trained on with, drawn anew each time: "flip", "vflip", "shift=N"
    // (pixels), "brightness=X", "contrast=X", "noise=X", with commas between; NULL: none.
    const char *augment;
    uint64_t data_memory;  // bytes of the device for the set; a larger one streams; 0: what it can spare
    const char *model;     // "mlp", "conv", "resnet"
    // conv and resnet: channels of the stages from the picture on, each of which halves it; a 0 ends
    // them; none: the first of 32, 64, 128, 256, 512 that bring the longer side to 2.
    uint32_t channels[VKVAE_MAX_HIDDEN];
    const char *upsample;  // conv and resnet: "transpose" (NULL too), "nearest"
    const char
        *norm;  // conv and resnet: "batch", "group", "none"; NULL: batch for conv, group for resnet
    uint32_t blocks;  // resnet: residual blocks a stage; 1 to 8; 0: 1
    double dropout;   // share of activations dropped while training; 0; below 1
    // Behind each hidden layer: "relu" (of mlp NULL too), "leaky-relu" (of conv), "elu", "tanh",
    // "sigmoid", "softplus", "silu" (of resnet), "gelu".
    const char *activation;
    // Of a picture, given z: "bernoulli" (NULL too), "gaussian", "laplace", "logcosh",
    // "discretized-logistic", "continuous-bernoulli": docs/likelihoods.md. "ms-ssim" is none:
    // a term of how alike pictures look (Wang et al. 2003) takes its place, and the loss is no ELBO.
    const char *likelihood;
    // Its scale, where it has one: a number, "0.001" to "1000"; "learned": one, trained; "optimal": that
    // which fits each batch best; "pixel": one for each pixel, from the decoder. NULL: the likelihood's
    // own: optimal for gaussian and laplace, learned for logcosh, pixel for discretized-logistic.
    const char *sigma;
    // What is minimised (docs/objective.md): "vae", recon + beta KL ("" and NULL too), or "ae", an
    // autoencoder: z is mu, and there is no KL.
    const char *objective;
    uint32_t samples;    // draws of z for each picture; 0: 1; to 1000
    double beta;         // 1; 0 to 1e6
    uint32_t kl_warmup;  // steps in which the weight rises to beta; 0: none
    uint32_t kl_cycle;   // steps after each of which it rises anew; 0: never
    double free_bits;    // nats of each latent that cost nothing more; 0; to 1e4
    // Not 0: capacity_gamma |KL - C| takes the place of beta KL, C growing to this in capacity_steps.
    double capacity;          // nats; 0; to 1e6
    uint32_t capacity_steps;  // 10000
    double capacity_gamma;    // 1000; 0 to 1e6
    // Pixels drawn to be 0 or 1, with their value as the chance of 1: "none" (NULL too); "static": once;
    // "dynamic": anew each time that they are trained on. With the likelihood bernoulli only.
    const char *binarize;
    // How values of a step that wait for its gradient are kept: "fp32" (NULL too), or "fp16-storage", as
    // halves, which takes less memory; all is computed in f32.
    const char *precision;
    // mlp: widths of the encoder's hidden layers from the picture on, the decoder's in reverse. 1 to
    // 65536 each; a 0 ends them; none: 400.
    uint32_t hidden[VKVAE_MAX_HIDDEN];
    uint32_t latent;  // 20; 1 to 4096
    uint32_t batch;   // 128; 1 to 65536, not more than the set
    uint32_t epochs;  // 10; in all, also when resuming; 0 with `resume`: as many as the run wanted
    double lr;        // 1e-3
    // docs/training.md has the formulas of what follows. A step is one of the optimiser.
    const char *optimiser;     // "adam" (NULL too), "adamw", "sgd", "adagrad"
    double momentum;           // of sgd: 0.9; 0 to 0.9999
    double weight_decay;       // of adamw: 0.01; 0 to 100
    const char *lr_schedule;   // "constant" (NULL too), "cosine", "step", "exponential"
    uint32_t lr_warmup;        // steps in which the rate rises to `lr`; 0: none
    uint32_t lr_step;          // of step: epochs; 0: a third of the horizon
    double lr_gamma;           // of step and exponential: 1e-6 to 1; 0: 0.1 and 0.95
    double lr_floor;           // of the other schedules than constant: the least rate; 0
    uint32_t schedule_epochs;  // the schedules' horizon, behind which the last rate is kept; 0: epochs
    double clip;               // gradients are clipped to this norm; 0: they are not
    double ema;                // decay of the weights' moving average, below 1; 0: none
    uint32_t accumulate;       // batches of a step; 1 (0 too); 1 to 65536
    uint32_t patience;  // epochs without a lower test loss that end the run; 0: none; with `resume`: the
                        // run's own
    bool keep_best;     // also write best.safetensors; with `patience` it always is
    const char *on_nan;                              // "stop" (NULL too), "rollback"
    uint64_t seed;                                   // 42
    const vkvae_images *train_images, *test_images;  // instead of `data`; both or neither

    const char *out;  // folder to write; NULL: nothing is written
    bool force;       // overwrite an existing run in `out`
    // Also save in the midst of an epoch, while training goes on: "500", at each step of the optimiser
    // whose number in the run is a multiple; "90s", "10m", "2h", so long after the last save. NULL: at
    // epochs' ends and when stopped; with `resume` as before, "none" no more.
    const char *save_every;
    const char *resume;  // continue the run in this folder (and write there); `out` must be NULL

    // The run that this one repeats: a warning says what is found otherwise, and so gives other bytes.
    vkvae_record repeated;

    vkvae_device_options device;
    // How often a device that is lost, or hangs, is opened anew: then a warning says why, and training
    // goes on from the last save in the run's folder, or from its beginning where there is none. The
    // files are those of a run that was not disturbed. on_start is not called again; of a run without a
    // save, on_epoch is, for epochs that are done again. 0: never.
    uint32_t retries;
    // Choose the kernel of each matrix product by time, as vkvae_autotune does, where that is not known
    // yet. Not with `resume`, which keeps the run's own, nor with `device.kernels`.
    bool autotune;
    bool profile;       // times what a part of the steps are made of; the run's files stay the same
    const char *trace;  // a file: the same also as a Chrome trace, for Perfetto; NULL: none
    // A folder for TensorBoard, made where it is not there yet: each call adds a file of events with the
    // scalars, pictures and histograms of each epoch (docs/tensorboard.md). The run's other files stay
    // the same. VKVAE_USAGE where the library was built without libprotobuf-c. NULL: none.
    const char *tensorboard;
    bool report;  // also write report.html in the run's folder, each epoch anew: vkvae_report's page
    FILE *print_tape;  // not NULL: the tape and the memory plan are printed there before training

    // All called from within vkvae_train, in its thread. Any may be NULL.
    void (*on_start)(void *user, const vkvae_start *start);  // all is ready, before the first step
    void (*on_progress)(void *user, const vkvae_progress *progress);  // a few times a second
    void (*on_epoch)(void *user, const vkvae_epoch *epoch);        // after an epoch's files are written
    void (*on_profile)(void *user, const vkvae_profile *profile);  // once, at the end, stopped or not
    // Asked between submissions, those of the test after an epoch among them: true finishes the step,
    // saves and returns. A test that was not done is done by the run that goes on. Also while pictures
    // are read, before on_start: true returns, and nothing is written.
    bool (*stop)(void *user);
    void *user;
} vkvae_train_options;

typedef struct vkvae_train_result {
    bool stopped;     // `stop` said so: what was done is saved; without on_start there was nothing
    uint32_t epochs;  // whole epochs done
    uint32_t wanted_epochs;  // in all: what was asked for or, when resuming with 0, what the run wanted
    uint64_t steps;
    vkvae_losses train, test;  // of the last whole epoch
    uint32_t best_epoch;       // with the lowest test loss; 0: none yet
    bool early;                // `patience` ended it
    uint64_t device_bytes;     // of the device's memory, at most at a time; 0 of "reference"
    uint32_t retries;          // so often the device was opened anew
} vkvae_train_result;

void vkvae_train_defaults(vkvae_train_options *options);

// Trains. Files written to `out` are described in README.md; each appears whole or not at all. result
// may be NULL.
vkvae_status vkvae_train(vkvae *v, const vkvae_train_options *options, vkvae_train_result *result);

// ---- Memory and files ----

// Frees what this library handed out. Takes NULL.
void vkvae_free(void *memory);

// Removes the files that this process is writing, each still under another name beside its place, for a
// signal handler that ends the process then. May be called at any time in any thread. The library
// handles no signal by itself.
void vkvae_remove_unfinished(void);

#ifdef __cplusplus
}
#endif

#include "autotune.h"
#include "explore.h"
#include "runs.h"
#include "use.h"

#endif
