// What there is of runs and checkpoints. Included by vkvae.h, whose conventions hold here.
#ifndef VKVAE_RUNS_H
#define VKVAE_RUNS_H

#include "vkvae.h"

#ifdef __cplusplus
extern "C" {
#endif

// What a run's folder or a checkpoint file tells. Texts are "" and numbers 0 where it does not say: a
// checkpoint alone knows the model and the pictures' size.
typedef struct vkvae_run_info {
    char path[4096];
    bool is_checkpoint;    // a file, not a run's folder
    char problem[512];     // what is damaged or missing; "": nothing
    int64_t modified;      // of the newest file, in seconds since 1970
    uint32_t modified_ns;  // and the nanoseconds of that second
    char version[32];      // of the program that wrote it
    char data[4096], model[16], activation[16], kernels[64], device[256];
    // What was said of how the set's files are read, as a JSON object of options:
    // "{\"size\":\"64x64\"}".
    char reading[16384];
    char augment[128];
    // What is trained and how, beside the rest here, as far as that is not the default, as a JSON object
    // of options: "{\"likelihood\":\"gaussian\"}".
    char training[4096];
    char tuning[16384];  // the kernel of each product, where measured: "nt 128x400x784=plain; ..."
    uint32_t hidden[VKVAE_MAX_HIDDEN], latent, batch;
    // Of conv and resnet: channels of the stages, how the decoder doubles, normalisation, and of resnet
    // blocks a stage.
    uint32_t stages[VKVAE_MAX_HIDDEN];
    char upsample[16], norm[16];
    uint32_t blocks;
    double dropout, lr;
    uint64_t seed;
    uint32_t height, width, channels, train_count, test_count, data_checksum;
    uint32_t token_count;            // of text: in its vocabulary; 0: no text
    uint32_t epochs, wanted_epochs;  // whole epochs done; in all
    uint32_t best_epoch;             // with the lowest test loss; 0: none yet
    bool no_likelihood;              // the loss is no ELBO: `training` names what it has instead
    vkvae_losses train, test, best;  // of the last epoch; `best`: the test's of best_epoch
    bool resumable;                  // --resume would take it
    uint64_t parameters;             // numbers in all tensors
} vkvae_run_info;

typedef struct vkvae_tensor {
    char name[64];
    uint32_t rank, dim[4];
} vkvae_tensor;

// The runs in `folder` (NULL: "runs") and its sub-folders, newest first: what holds a config.json, a
// resume.safetensors or a checkpoint.safetensors. None is VKVAE_OK, with NULL; so is a folder that is
// not there, unless it was named. A damaged run is listed, with its `problem`, and so is a sub-folder
// that cannot be opened. *runs is freed with vkvae_free.
vkvae_status vkvae_runs(vkvae *v, const char *folder, vkvae_run_info **runs, uint32_t *count);

// One run or checkpoint, and the tensors of its checkpoint in order (*tensors, freed with vkvae_free;
// may be NULL with tensor_count when not wanted). A run that is damaged in part is VKVAE_OK, with its
// `problem`; VKVAE_BAD_DATA: nothing there can be read, or the checkpoint is damaged. No device is
// opened. What --resume would read is read whole, here and by vkvae_runs.
vkvae_status vkvae_info(vkvae *v, const char *path, vkvae_run_info *info, vkvae_tensor **tensors,
                        uint32_t *tensor_count);

#ifdef __cplusplus
}
#endif

#endif
