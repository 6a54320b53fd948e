// vkvae_decode: sampling from codes that the caller has.
#include "handle.h"

void vkvae_decode_defaults(vkvae_decode_options *options) {
    *options = (vkvae_decode_options){.scale = 0};
}

vkvae_status vkvae_decode(vkvae *v, const vkvae_decode_options *o, vkvae_decode_result *result) {
    vkvae_sample_options sample;
    vkvae_sample_defaults(&sample);
    sample.run = o->run;
    sample.from = o->codes;
    sample.array = o->array;
    sample.out = o->out;
    sample.picture = o->picture;
    sample.each = o->each;
    sample.draw = o->draw;
    sample.columns = o->columns;
    sample.scale = o->scale;
    sample.pixels = o->pixels;
    sample.text = o->text;
    sample.device = o->device;
    if (o->codes) return vkvae_sample(v, &sample, result);
    vv_clear(&v->ctx);
    (void)vv_fail(&v->ctx, VV_USAGE, "no codes given: name a .npy or .npz of them");
    return vv_result(&v->ctx, false);
}
