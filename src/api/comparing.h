// Several runs read to be compared.
#ifndef VV_API_COMPARING_H
#define VV_API_COMPARING_H

#include <vkvae/vkvae.h>

#include <cJSON.h>

#include "metrics.h"
#include "settings.h"

// A run as its config.json, metrics.jsonl and timing.jsonl have it.
struct vv_compared {
    const char *path;  // as it was given
    uint32_t number;   // its place there
    char name[256];
    struct vv_settings *settings;  // owned
    cJSON *options;                // owned: config.json without its record
    struct vv_metrics metrics;
    double rate;  // images a second; 0: not known
};

// False with the error set; to be finished all the same.
bool vv_compared_read(struct vv_context *ctx, const char *path, struct vv_compared *run);
void vv_compared_finish(struct vv_compared *run);  // takes a zeroed one

// Whether the losses of all tell of the same thing; else a warning says why not.
bool vv_compared_alike(struct vv_context *ctx, const struct vv_compared *runs, uint32_t count);

#endif
