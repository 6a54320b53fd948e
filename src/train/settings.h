// What shapes a run: equal settings on an equal device give equal bytes.
#ifndef VV_TRAIN_SETTINGS_H
#define VV_TRAIN_SETTINGS_H

#include <cJSON.h>
#include <stdint.h>

#include "model.h"

struct vv_settings {
    char model[16];
    char data[4096];     // as the user named it
    uint64_t data_seed;  // of a set that is drawn
    // How files were read (data/reading.h): without these the same files make another set.
    struct vv_data_how {
        uint32_t size[2], channels;  // as asked for; 0: as they are
        char fit[16], crop[16], background[8], layout[8], normalize[16];
        uint32_t strict;
        double range[2], split;
        uint32_t limit;
        char tokens[8];
        uint32_t length, vocabulary;
        char test[4096], labels[4096], test_labels[4096];
    } how;
    // Classes that were taken of the set, as asked for; "": all. And of a set that is drawn how many
    // pictures were drawn then, to train and to test on; 0: as many as are trained and tested on.
    char classes[1024];
    uint32_t drawn[2];
    uint32_t height, width, channels;  // of a picture
    uint32_t tokens;                   // of a set of text: of its vocabulary
    uint32_t train_count, test_count;
    uint32_t data_checksum;          // CRC-32 of all pixels: a run is continued on the same data only
    uint32_t hidden[VV_MAX_HIDDEN];  // widths, from the pictures on; 0 ends them
    char activation[16];
    uint32_t stages[VV_MAX_HIDDEN];  // channels of the stages of conv and resnet; 0 ends them
    char upsample[16], norm[16];
    uint32_t blocks;
    double dropout;
    char augment[128];
    char likelihood[32], sigma[16];
    char binarize[8];  // "none" or ""; "static", "dynamic"
    char optimiser[16];
    double momentum, weight_decay;  // of sgd, of adamw
    char lr_schedule[16];
    uint32_t lr_warmup;  // steps
    uint32_t lr_step;    // epochs
    double lr_gamma, lr_floor;
    uint32_t schedule_epochs;  // the horizon of the schedules; 0: there is none that has one
    double clip;               // 0: gradients are not clipped
    double ema;                // 0: weights are not averaged
    uint32_t accumulate;       // batches of a step; 0 is 1, too
    uint32_t patience;         // epochs; 0: for ever
    uint32_t keep_best;
    char on_nan[16];
    char precision[16];  // "fp32" or "": values that wait for the gradient stay whole; "fp16-storage"
    // What is minimised (kl_schedule.h). vv_settings_usual sets these and what is above them.
    char objective[16];
    uint32_t samples;  // draws of z for each picture; 0: 1
    double beta;
    uint32_t kl_warmup, kl_cycle;  // steps; 0: none
    double free_bits, capacity;    // nats; 0: none
    uint32_t capacity_steps;
    double capacity_gamma;
    uint32_t latent, batch, epochs;
    double lr;
    uint64_t seed;
    char kernels[64];  // the choice of kernels (vv_exec.kernels)
    // What was measured goes before it, for each product (tune/choices.h). A product takes 90 bytes at
    // most, and the deepest model has 170 of them. "": nothing was measured.
    char tuning[16384];
};

// fit cover, crop none, background ffffff, layout auto, normalize none, split 0.9; nothing else.
extern const struct vv_data_how vv_data_how_default;

// The size of the model that they mean; its activation points into `s`.
struct vv_model_size vv_settings_model(const struct vv_settings *s);
// Takes over what a model that was made of them chose where they left it open.
void vv_settings_settle(struct vv_settings *s, const struct vv_model_size *size);

// Whether values that wait for the gradient are kept as halves.
bool vv_settings_halve(const struct vv_settings *s);

// When pixels are drawn to be 0 or 1: once, as the set is loaded; or each time that they are trained on,
// and those to test on once.
enum vv_binarize_when { VV_BINARIZE_NONE, VV_BINARIZE_STATIC, VV_BINARIZE_DYNAMIC, VV_BINARIZE_UNKNOWN };
enum vv_binarize_when vv_settings_binarize(const struct vv_settings *s);

// 1 / (D ln 2), which makes nats of a picture of D numbers bits per dimension; 0 where p(x|z) is no
// probability, or the loss of an autoencoder no bound, and bits tell nothing.
double vv_settings_bits(const struct vv_settings *s);

// Pixels of a picture.
uint64_t vv_settings_pixels(const struct vv_settings *s);

// VV_USAGE, naming the option, when a value is out of its range or the batch exceeds the set.
bool vv_settings_check(struct vv_context *ctx, const struct vv_settings *s);

// As a JSON object on one line, which the caller frees: what resume.safetensors keeps.
char *vv_settings_print(struct vv_context *ctx, const struct vv_settings *s);

// From that text, or from a config.json (see config.h); `path` is for messages. VV_BAD_DATA when
// something is missing or cannot be.
bool vv_settings_parse(struct vv_context *ctx, const char *path, const char *text,
                       struct vv_settings *s);

// Adds the setting called `key` to an object, as settings are printed.
bool vv_settings_add(cJSON *object, const struct vv_settings *s, const char *key);
// Adds what is trained and how, as far as that is not the default: the fields that came after 0.1.0.
bool vv_settings_add_training(cJSON *object, const struct vv_settings *s);
// Sets those to their defaults.
void vv_settings_usual(struct vv_settings *s);
// Adds how files were read, as far as that is not the default.
bool vv_settings_add_how(cJSON *object, const struct vv_settings *s);

#endif
