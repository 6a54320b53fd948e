// config.json: what a run was asked for, under the names of the command line's options, so that `train
// --config` takes it as it is; and, under "record", what it found.
#ifndef VV_TRAIN_CONFIG_H
#define VV_TRAIN_CONFIG_H

#include "settings.h"

// What belongs there beside the settings. NULL: not known, or not asked for.
struct vv_config {
    const char *device;       // as asked for
    bool minimum_limits;      // --limits minimum
    const char *save_every;   // as asked for
    const char *description;  // of the device and its driver
    const char *version;      // of the program
};

// The file's text, which the caller frees; NULL with the error set.
char *vv_config_print(struct vv_context *ctx, const struct vv_settings *s,
                      const struct vv_config *config);

// What the settings do not hold; "" where it is not said.
struct vv_config_record {
    char description[256], version[32];
    char device[256];  // as asked for
    bool minimum_limits;
    char save_every[16];  // as asked for
};

// Reads a run's file. VV_BAD_DATA when it is damaged, or of a development version without "record"; what
// could be read for `record` is filled all the same.
bool vv_config_read(struct vv_context *ctx, const char *path, struct vv_settings *s,
                    struct vv_config_record *record);

#endif
