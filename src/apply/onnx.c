#include "onnx.h"

#ifdef VV_HAVE_PROTOBUF_C
#include <stdio.h>
#include <string.h>

#include "likelihood.h"
#include "onnx_layers.h"

enum { NAME = 32 };

static enum vv_likelihood_of kind_of(const struct vv_onnx_pass *p) {
    return vv_likelihood_of(p->e->model)->of;
}

// ---- Pictures and text in, and out ----

// Pictures lie as [H,W,C] in mlp's flat vectors, as they do in memory.
static const char *flatten_pictures(struct vv_onnx_pass *p, const char *x) {
    static const struct vv_onnx_attribute last[] = {
        {.name = "perm", .type = VV_ONNX_INTS, .count = 4, .ints = {0, 2, 3, 1}}, {.name = NULL}};
    if (p->size->channels > 1)
        x = vv_onnx_append(&p->g, "Transpose", (const char *const[]){x, NULL}, last);
    return vv_onnx_one(&p->g, "Flatten", x);
}

// [N, H W C outputs] -> [N,C,outputs,H,W], or [N,C,H,W].
static const char *shape_numbers(struct vv_onnx_pass *p, const char *x) {
    static const struct vv_onnx_attribute first[2][2] = {
        {{.name = "perm", .type = VV_ONNX_INTS, .count = 4, .ints = {0, 3, 1, 2}}},
        {{.name = "perm", .type = VV_ONNX_INTS, .count = 5, .ints = {0, 3, 4, 1, 2}}}};
    const struct vv_model_size *s = p->size;
    const bool several = s->outputs > 1;
    if (!several && s->channels == 1)
        return vv_onnx_reshape(p, x, (const int64_t[]){0, 1, s->height, s->width}, 4);
    x = vv_onnx_reshape(p, x, (const int64_t[]){0, s->height, s->width, s->channels, s->outputs},
                        several ? 5 : 4);
    return vv_onnx_append(&p->g, "Transpose", (const char *const[]){x, NULL}, first[several]);
}

// Each token as the numbers of a vocabulary, of which one is 1; what is beyond the last one counts as
// it.
static const char *one_hot(struct vv_onnx_pass *p, const char *x) {
    const int64_t tokens = p->size->inputs, last = tokens - 1,
                  flat[] = {0, (int64_t)p->size->pixels * tokens};
    static const float off_on[] = {0, 1};
    struct vv_onnx_graph *g = &p->g;
    x = vv_onnx_two(g, "Min", x, vv_onnx_whole(g, &last, 1));
    const char *values = vv_onnx_numbers(g, off_on, (struct vv_onnx_shape){1, {2}});
    x = vv_onnx_append(g, "OneHot", (const char *const[]){x, vv_onnx_whole(g, &tokens, 1), values, NULL},
                       NULL);
    return vv_onnx_reshape(p, x, flat, 2);
}

static const char *see(struct vv_onnx_pass *p) {
    const struct vv_model_size *s = p->size;
    struct vv_onnx_graph *g = &p->g;
    if (kind_of(p) == VV_OF_ROWS)
        return one_hot(p, vv_onnx_input(g, "x", VV_ONNX_I64, (struct vv_onnx_shape){2, {0, s->pixels}}));
    if (kind_of(p) == VV_OF_BAGS) {  // log(1 + count)
        const char *x = vv_onnx_input(g, "x", VV_ONNX_F32, (struct vv_onnx_shape){2, {0, s->pixels}});
        return vv_onnx_one(g, "Log", vv_onnx_two(g, "Add", x, vv_onnx_number(g, 1)));
    }
    const struct vv_onnx_shape pictures = {4, {0, s->channels, s->height, s->width}};
    const char *x = vv_onnx_input(g, "x", VV_ONNX_F32, pictures);
    return s->stages ? x : flatten_pictures(p, x);
}

static void show(struct vv_onnx_pass *p, const char *numbers) {
    const struct vv_model_size *s = p->size;
    if (kind_of(p) == VV_OF_ROWS) {
        const int64_t rows[] = {0, s->pixels, s->outputs};
        vv_onnx_output(&p->g, vv_onnx_mean(p, vv_onnx_reshape(p, numbers, rows, 3)), "x",
                       (struct vv_onnx_shape){3, {0, s->pixels, s->outputs}});
        return;
    }
    if (kind_of(p) == VV_OF_BAGS) {
        vv_onnx_output(&p->g, vv_onnx_mean(p, numbers), "x", (struct vv_onnx_shape){2, {0, s->pixels}});
        return;
    }
    vv_onnx_output(&p->g, vv_onnx_mean(p, numbers), "x",
                   (struct vv_onnx_shape){4, {0, s->channels, s->height, s->width}});
}

// ---- mean and log variance ----

// x as it is up to a magnitude of 20, and bounded softly by 30 beyond: with u = |x| - 20 there
// sign(x) (20 + u / (1 + u / 10)), exact_gaussian.h.
static const char *bound(struct vv_onnx_graph *g, const char *x) {
    const char *most = vv_onnx_number(g, 20), *least = vv_onnx_number(g, -20);
    const char *near = vv_onnx_append(g, "Clip", (const char *const[]){x, least, most, NULL}, NULL);
    const char *u = vv_onnx_one(g, "Relu", vv_onnx_two(g, "Sub", vv_onnx_one(g, "Abs", x), most));
    const char *rest =
        vv_onnx_two(g, "Add", vv_onnx_two(g, "Mul", u, vv_onnx_number(g, 0.1)), vv_onnx_number(g, 1));
    const char *far = vv_onnx_two(g, "Mul", vv_onnx_one(g, "Sign", x), vv_onnx_two(g, "Div", u, rest));
    return vv_onnx_two(g, "Add", near, far);
}

static void end_encoder(struct vv_onnx_pass *p, const char *mu, const char *logvar) {
    const struct vv_onnx_shape latents = {2, {0, p->size->latent}};
    vv_onnx_output(&p->g, mu, "mu", latents);
    vv_onnx_output(&p->g, bound(&p->g, logvar), "logvar", latents);
}

static void append_heads(struct vv_onnx_pass *p, const char *x) {
    x = vv_onnx_one(&p->g, "Flatten", x);
    const char *mu = vv_onnx_linear(p, x, "fc_mu");
    end_encoder(p, mu, vv_onnx_linear(p, x, "fc_var"));
}

static const char *decoder_input(struct vv_onnx_pass *p, const char *z) {
    const struct vv_model_size *s = p->size;
    const struct vv_extent at = vv_extent_at(s, s->stages);
    const int64_t pictures[] = {0, s->stage[s->stages - 1], at.height, at.width};
    return vv_onnx_reshape(p, vv_onnx_linear(p, z, "decoder_input"), pictures, 4);
}

// The last convolution gives [N, C outputs, H, W].
static void end_decoder(struct vv_onnx_pass *p, const char *numbers) {
    const struct vv_model_size *s = p->size;
    const int64_t parted[] = {0, s->channels, s->outputs, s->height, s->width};
    show(p, s->outputs > 1 ? vv_onnx_reshape(p, numbers, parted, 5) : numbers);
}

// ---- The models, as mlp.c, conv_model.c and resnet.c have them ----

static void encode_mlp(struct vv_onnx_pass *p, const char *x) {
    const uint32_t layers = p->size->layers;
    for (uint32_t i = 0; i < layers; i++) x = vv_onnx_activated(p, vv_onnx_linear(p, x, "fc%u", i + 1));
    const char *mu = vv_onnx_linear(p, x, "fc%u1", layers + 1);
    end_encoder(p, mu, vv_onnx_linear(p, x, "fc%u2", layers + 1));
}

static void decode_mlp(struct vv_onnx_pass *p, const char *z) {
    const uint32_t layers = p->size->layers;
    for (uint32_t i = 0; i < layers; i++)
        z = vv_onnx_activated(p, vv_onnx_linear(p, z, "fc%u", layers + 2 + i));
    z = vv_onnx_linear(p, z, "fc%u", 2 * layers + 2);
    show(p, kind_of(p) == VV_OF_PICTURES ? shape_numbers(p, z) : z);
}

// Behind a convolution called NAME.(number - 1).
static const char *end_unit(struct vv_onnx_pass *p, const char *x, uint32_t channels, uint32_t level,
                            const char *name, uint32_t *number) {
    x = vv_onnx_norm(p, x, channels, level, "%s.%u", name, *number);
    *number += vv_has_norm(p->size) ? 2 : 1;
    return x;
}

static void encode_conv(struct vv_onnx_pass *p, const char *x) {
    const struct vv_model_size *s = p->size;
    for (uint32_t i = 0; i < s->stages; i++) {
        uint32_t number = 1;
        char name[NAME];
        (void)snprintf(name, sizeof name, "encoder.%u", i);
        x = vv_onnx_conv(p, x, 2, "%s.0", name);
        x = end_unit(p, x, s->stage[i], i + 1, name, &number);
    }
    append_heads(p, x);
}

static void decode_conv(struct vv_onnx_pass *p, const char *z) {
    const struct vv_model_size *s = p->size;
    const char *x = decoder_input(p, z);
    uint32_t number = 0;
    for (uint32_t i = s->stages - 1; i > 0; i--, number = 0) {
        char name[NAME];
        (void)snprintf(name, sizeof name, "decoder.%u", s->stages - 1 - i);
        x = vv_onnx_doubled(p, x, i, name, &number);
        x = end_unit(p, x, s->stage[i - 1], i, name, &number);
    }
    x = vv_onnx_doubled(p, x, 0, "final_layer", &number);
    x = end_unit(p, x, s->stage[0], 0, "final_layer", &number);
    end_decoder(p, vv_onnx_conv(p, x, 1, "final_layer.%u", number));
}

static const char *block(struct vv_onnx_pass *p, const char *x, uint32_t channels, uint32_t level,
                         const char *name) {
    const char *h = x;
    for (uint32_t i = 1; i <= 2; i++) {
        h = vv_onnx_norm(p, h, channels, level, "%s.norm%u", name, i);
        h = vv_onnx_conv(p, h, 1, "%s.conv%u", name, i);
    }
    return vv_onnx_two(&p->g, "Add", x, h);
}

static void encode_resnet(struct vv_onnx_pass *p, const char *x) {
    const struct vv_model_size *s = p->size;
    x = vv_onnx_conv(p, x, 1, "stem");
    for (uint32_t i = 0; i < s->stages; i++) {
        x = vv_onnx_conv(p, x, 2, "encoder.%u.0", i);
        for (uint32_t k = 1; k <= s->blocks; k++) {
            char name[NAME];
            (void)snprintf(name, sizeof name, "encoder.%u.%u", i, k);
            x = block(p, x, s->stage[i], i + 1, name);
        }
    }
    append_heads(p, vv_onnx_norm(p, x, s->stage[s->stages - 1], s->stages, "encoder_norm"));
}

static void decode_resnet(struct vv_onnx_pass *p, const char *z) {
    const struct vv_model_size *s = p->size;
    const char *x = decoder_input(p, z);
    for (uint32_t i = s->stages; i-- > 0;) {
        uint32_t number = 0;
        char stage[NAME], name[NAME];
        (void)snprintf(stage, sizeof stage, "decoder.%u", s->stages - 1 - i);
        for (; number < s->blocks; number++) {
            (void)snprintf(name, sizeof name, "decoder.%u.%u", s->stages - 1 - i, number);
            x = block(p, x, s->stage[i], i + 1, name);
        }
        x = vv_onnx_doubled(p, x, i, stage, &number);
    }
    x = vv_onnx_norm(p, x, s->stage[0], 0, "final_norm");
    end_decoder(p, vv_onnx_conv(p, x, 1, "final_conv"));
}

static const struct {
    const char *kind;
    void (*encode)(struct vv_onnx_pass *p, const char *x);
    void (*decode)(struct vv_onnx_pass *p, const char *z);
} models[] = {{"mlp", encode_mlp, decode_mlp},
              {"conv", encode_conv, decode_conv},
              {"resnet", encode_resnet, decode_resnet}};

static unsigned char *make(struct vv_context *ctx, const char *path, const struct vv_exported *e,
                           bool encoder, uint64_t *size) {
    struct vv_onnx_pass p = {.e = e, .size = &e->model->size};
    const struct vv_onnx_shape latents = {2, {0, e->model->size.latent}};
    size_t i = 0;
    while (strcmp(models[i].kind, e->model->kind) != 0) i++;
    vv_onnx_init(&p.g, ctx, e->tensors, e->count);
    if (encoder)
        models[i].encode(&p, see(&p));
    else
        models[i].decode(&p, vv_onnx_input(&p.g, "z", VV_ONNX_F32, latents));
    unsigned char *bytes =
        vv_onnx_pack(&p.g, path, encoder ? "encoder" : "decoder", e->meta, e->meta_count, size);
    vv_onnx_finish(&p.g);
    return bytes;
}
#else
static unsigned char *make(struct vv_context *ctx, const char *path, const struct vv_exported *e,
                           bool encoder, uint64_t *size) {
    (void)e;
    (void)encoder;
    *size = 0;
    (void)vv_fail(ctx, VV_FAILED,
                  "%s: not written: this program was built without protobuf-c; install it (Debian: "
                  "libprotobuf-c-dev, protobuf-c-compiler), then build again",
                  path);
    return NULL;
}
#endif

unsigned char *vv_onnx_encoder(struct vv_context *ctx, const char *path, const struct vv_exported *e,
                               uint64_t *size) {
    return make(ctx, path, e, true, size);
}

unsigned char *vv_onnx_decoder(struct vv_context *ctx, const char *path, const struct vv_exported *e,
                               uint64_t *size) {
    return make(ctx, path, e, false, size);
}
