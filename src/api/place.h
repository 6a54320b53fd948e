// Paths as a run keeps them: from the root on, so that they are found from any folder.
#ifndef VV_API_PLACE_H
#define VV_API_PLACE_H

#include "context.h"

// Where `path` is; where only a link to it has a name that JSON can hold, that link. VV_BAD_DATA: it has
// none at all.
bool vv_place_keep(struct vv_context *ctx, const char *path, char *kept, size_t size);

#endif
