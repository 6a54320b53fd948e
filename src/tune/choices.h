// A tuning as one text, as a run's settings keep it: "nt 128x400x784=subgroup-texel 32; nn …".
#ifndef VV_TUNE_CHOICES_H
#define VV_TUNE_CHOICES_H

#include <stddef.h>

#include "context.h"
#include "tuning.h"

// "nt 128x400x784": the form, then m, n, k; and back (false: no such product).
#define VV_PRODUCT_TEXT 48
const char *vv_product_print(const struct vv_product *p, char text[VV_PRODUCT_TEXT]);
bool vv_product_parse(const char *text, struct vv_product *p);
bool vv_product_equal(const struct vv_product *a, const struct vv_product *b);

// Numbers that make a difference to a kernel.
bool vv_variant_equal(const struct vv_variant *a, const struct vv_variant *b);

// False: it does not fit into `size` bytes.
bool vv_choices_print(const struct vv_tuning *tuning, char *text, size_t size);
// "" is a tuning of nothing. False, where the text is no such list with the offset where it ends to be
// one in *at, or memory is out (the context's error is set then). Finish it either way.
bool vv_choices_parse(struct vv_context *ctx, const char *text, struct vv_tuning *tuning, size_t *at);
void vv_choices_finish(struct vv_tuning *tuning);  // takes a zeroed one

#endif
