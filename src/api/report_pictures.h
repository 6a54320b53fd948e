// The pictures of a run, for its page.
#ifndef VV_API_REPORT_PICTURES_H
#define VV_API_REPORT_PICTURES_H

#include "html.h"

// The section of epochs: reconstructions and samples, of a run of `text` as such, of at most `epochs` of
// them, evenly chosen, and room for the latents where `metrics`, the lines of metrics.jsonl, tell of
// them. A link in the place of a picture is refused: the page is for others to see.
bool vv_report_add_epochs(struct vv_context *ctx, const char *folder, uint32_t epochs, bool text,
                          const char *metrics, struct vv_html *html);

// traversal.png and map.png, which other commands write, where they are there; `map`: so is map.csv.
bool vv_report_add_extras(struct vv_context *ctx, const char *folder, bool map, struct vv_html *html);

#endif
