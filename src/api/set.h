// Sets as the public header names them.
#ifndef VV_API_SET_H
#define VV_API_SET_H

#include <vkvae/vkvae.h>

#include "shapes.h"

vkvae_shapes vv_shapes_public(const struct vv_shapes *shapes);
struct vv_shapes vv_shapes_private(const vkvae_shapes *shapes);

// The option of the first field that is not as it is by default; NULL: all are.
const char *vv_shapes_changed(const vkvae_shapes *shapes);

// Opens a set as vkvae_data_options describes one: VV_USAGE where `shapes` or `reading` says something
// that another set is meant by.
bool vv_set_open(struct vv_context *ctx, const char *data, const vkvae_shapes *shapes,
                 const vkvae_reading *reading, struct vv_dataset *set);

// The same, its pictures not read yet; *drawn is what vv_dataset_read wants.
bool vv_set_find(struct vv_context *ctx, const char *data, const vkvae_shapes *shapes,
                 const vkvae_reading *reading, struct vv_shapes *drawn, struct vv_dataset *set);

// CRC-32 of all pixels or floats, those to train on first; of text the vocabulary between the parts.
uint32_t vv_set_checksum(const struct vv_dataset *set);

// Different labels of both parts; 0: it has none.
uint32_t vv_set_classes(const struct vv_dataset *set);

#endif
