#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "checkpoint.h"
#include "file.h"
#include "handle.h"
#include "normalization.h"
#include "npz_write.h"
#include "onnx.h"
#include "size.h"
#include "snippet.h"
#include "tensors.h"
#include "weights.h"

enum format { SAFETENSORS, NPZ, ONNX, FORMATS };
static const char *const formats[FORMATS] = {"safetensors", "npz", "onnx"};
enum { ENCODER = 1, DECODER = 2, BOTH = 3 };
static const char *const parts[] = {"", "encoder", "decoder", "both"};

// log_sigma, and what values were normalized with.
enum { MORE_TENSORS = 1 + VV_NORMALIZATION_TENSORS };

// One call.
struct exporting {
    struct vv_context *ctx;
    const vkvae_export_options *options;
    struct vv_checkpoint run;
    struct vv_named named;
    struct vv_tensor *list;  // of the parts that were asked for
    uint32_t count;
    float log_sigma;  // as it is kept
    bool has_sigma;
    struct vv_metadata meta;
    char sigma_text[32];
    enum format format;
    int part;
    vkvae_export_result result;
    struct vv_lines snippet;
};

void vkvae_export_defaults(vkvae_export_options *options) {
    *options = (vkvae_export_options){.run = NULL};
}

// ---- What is asked for ----

static bool ends_in(const char *text, const char *format) {
    const char *dot = strrchr(text, '.');
    return dot && dot != text && dot[-1] != '/' && strcmp(dot + 1, format) == 0;
}

static bool settle_format(struct exporting *x) {
    const vkvae_export_options *o = x->options;
    const char *wanted = o->format;
    for (int i = 0; !wanted && o->out && i < FORMATS; i++)
        if (ends_in(o->out, formats[i])) wanted = formats[i];
    if (!wanted && o->out)
        return vv_fail(x->ctx, VV_USAGE,
                       "%s: the output ends in none of .safetensors, .npz and .onnx; name it so",
                       o->out);
    int at = 0;
    while (wanted && at < FORMATS && strcmp(wanted, formats[at]) != 0) at++;
    if (at == FORMATS)
        return vv_fail(x->ctx, VV_USAGE, "%s %.40s: expected one of %s", "--format", wanted,
                       "safetensors, npz, onnx");
    x->format = (enum format)at;
    if (!o->out || ends_in(o->out, formats[at])) return true;
    return vv_fail(x->ctx, VV_USAGE, "%s: does not end in .%s, as --format says; name it so", o->out,
                   formats[at]);
}

static bool settle_part(struct exporting *x) {
    const char *wanted = x->options->part ? x->options->part : "both";
    x->part = ENCODER;
    while (x->part <= BOTH && strcmp(wanted, parts[x->part]) != 0) x->part++;
    return x->part <= BOTH || vv_fail(x->ctx, VV_USAGE, "%s %.40s: expected one of %s", "--part", wanted,
                                      "encoder, decoder, both");
}

// NAME-encoder.onnx out of NAME.onnx; the file itself where there is one; else its usual name.
static bool add_file(struct exporting *x, const char *usual, const char *suffix) {
    const char *out = x->options->out, *format = formats[x->format];
    char *file = x->result.files[x->result.file_count];
    const size_t room = sizeof x->result.files[0];
    int length;
    if (!out)
        length = snprintf(file, room, "%s.%s", usual, format);
    else if (!suffix)
        length = snprintf(file, room, "%s", out);
    else
        length = snprintf(file, room, "%.*s-%s.%s", (int)(strlen(out) - strlen(format) - 1), out, suffix,
                          format);
    x->result.file_count++;
    return (length >= 0 && (size_t)length < room) ||
           vv_fail(x->ctx, VV_USAGE, "the output's path is longer than %zu bytes; name a shorter one",
                   room - 1);
}

static bool settle_files(struct exporting *x) {
    if (x->format == ONNX && x->part == BOTH)
        return add_file(x, "encoder", "encoder") && add_file(x, "decoder", "decoder");
    return add_file(x, x->part == BOTH ? "model" : parts[x->part], NULL);
}

// What is read would be lost to what is written.
static bool check_distinct(struct exporting *x, const char *from) {
    struct stat a, b;
    for (uint32_t i = 0; i < x->result.file_count; i++) {
        const char *out = x->result.files[i];
        if (stat(from, &a) == 0 && stat(out, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
            return vv_fail(x->ctx, VV_USAGE, "%s: is the checkpoint that is exported; write to another",
                           out);
    }
    return true;
}

static bool read_run(struct exporting *x) {
    const char *run = x->options->run;
    if (!run) return vv_fail(x->ctx, VV_USAGE, "no run given: name a run's folder or a checkpoint file");
    bool ok;
    char *path = vv_weights_read(x->ctx, run, &x->run, &ok);
    ok = ok && check_distinct(x, path);
    free(path);
    return ok;
}

// ---- The tensors of a part ----

// Parameters are in the order in which data pass them.
static uint32_t first_of_decoder(const struct vv_model *m) {
    const uint64_t offset = m->block[m->decoder_block].offset;
    uint32_t i = 0;
    while (i < m->parameter_count && m->parameter[i].offset != offset) i++;
    assert(i < m->parameter_count);
    return i;
}

static void take(struct exporting *x, uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++) x->list[x->count++] = x->named.list[i];
}

static bool choose_tensors(struct exporting *x) {
    const struct vv_model *m = &x->run.model;
    if (!vv_named_make(x->ctx, m, x->run.params, x->run.running, x->run.batches, &x->named))
        return false;
    x->list = vv_alloc(x->ctx, (uint64_t)x->named.count + MORE_TENSORS, sizeof *x->list);
    if (!x->list) return false;
    // log_sigma is the likelihood's, and the last.
    x->has_sigma = m->sigma_block != 0;
    const uint32_t all = m->parameter_count, end = all - x->has_sigma, middle = first_of_decoder(m);
    const uint32_t buffers = m->running_count ? (x->named.count - all) / m->running_count : 0;
    if (x->part & ENCODER) take(x, 0, middle);
    if (x->part & DECODER) take(x, middle, end);
    if (x->part & ENCODER) take(x, all, all + buffers * m->decoder_running);
    if (x->part & DECODER) take(x, all + buffers * m->decoder_running, x->named.count);
    if (x->has_sigma) memcpy(&x->log_sigma, x->named.list[end].data, sizeof x->log_sigma);
    x->result.tensors = x->count;
    for (uint32_t i = 0; i < x->count; i++)
        if (x->list[i].dtype == VV_DTYPE_F32)
            x->result.parameters += vv_tensor_bytes(&x->list[i]) / sizeof(float);
    return true;
}

static void describe(struct exporting *x) {
    vv_checkpoint_describe(&x->run.model, &x->meta);
    if (x->run.is_autoencoder) vv_metadata_add(&x->meta, "objective", "ae");
    (void)snprintf(x->sigma_text, sizeof x->sigma_text, "%.9g", (double)x->log_sigma);
    if (x->has_sigma) vv_metadata_add(&x->meta, "log_sigma", x->sigma_text);
}

// ---- Files ----

static bool print_snippet(struct exporting *x) {
    const struct vv_snippet snippet = {.model = &x->run.model,
                                       .name = x->result.files[0],
                                       .encoder = x->part & ENCODER,
                                       .decoder = x->part & DECODER,
                                       .log_sigma = (double)x->log_sigma};
    x->snippet.ctx = x->ctx;
    return !x->options->snippet || vv_snippet_print(&snippet, &x->snippet);
}

static bool write_safetensors(struct exporting *x) {
    vv_metadata_add(&x->meta, "format", "pt");  // as PyTorch's own writer has it
    return print_snippet(x) && vv_safetensors_write(x->ctx, x->result.files[0], NULL, x->list, x->count,
                                                    x->meta.list, x->meta.count);
}

static bool write_npz(struct exporting *x) {
    uint32_t count = x->count;
    if (x->has_sigma && (x->part & DECODER))
        x->list[count++] = vv_tensor_of("log_sigma", VV_DTYPE_F32, vv_shape1(1), &x->log_sigma);
    count = vv_normalization_save(&x->run.normalization, x->list, count);
    return vv_npz_write(x->ctx, x->result.files[0], x->list, count);
}

// Both are made before either is written.
static bool write_onnx(struct exporting *x) {
    const struct vv_exported e = {.model = &x->run.model,
                                  .tensors = x->list,
                                  .count = x->count,
                                  .log_sigma = (double)x->log_sigma,
                                  .meta = x->meta.list,
                                  .meta_count = x->meta.count};
    const uint32_t count = x->result.file_count == 2 ? 2 : 1;
    unsigned char *bytes[2] = {NULL, NULL};
    uint64_t size[2] = {0, 0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < count; i++) {
        const bool encoder = (x->part & ENCODER) && i == 0;
        const char *file = x->result.files[i];
        bytes[i] = (encoder ? vv_onnx_encoder : vv_onnx_decoder)(x->ctx, file, &e, &size[i]);
        ok = bytes[i] != NULL;
    }
    for (uint32_t i = 0; ok && i < count; i++)
        ok = vv_file_write(x->ctx, x->result.files[i], bytes[i], size[i]);
    for (int i = 0; i < 2; i++) free(bytes[i]);
    return ok;
}

static bool write_files(struct exporting *x) {
    static bool (*const write[FORMATS])(struct exporting * x) = {write_safetensors, write_npz,
                                                                 write_onnx};
    if (!write[x->format](x)) return false;
    for (uint32_t i = 0; i < x->result.file_count; i++) {
        struct stat s;
        if (stat(x->result.files[i], &s) == 0) x->result.bytes[i] = (uint64_t)s.st_size;
    }
    (void)snprintf(x->result.format, sizeof x->result.format, "%s", formats[x->format]);
    (void)snprintf(x->result.part, sizeof x->result.part, "%s", parts[x->part]);
    return true;
}

vkvae_status vkvae_export(vkvae *v, const vkvae_export_options *options, vkvae_export_result *result) {
    struct exporting x = {.ctx = &v->ctx, .options = options};
    vv_clear(x.ctx);
    if (options->snippet) *options->snippet = NULL;
    if (result) *result = (vkvae_export_result){.file_count = 0};
    bool ok =
        settle_format(&x) && settle_part(&x) && settle_files(&x) && read_run(&x) && choose_tensors(&x);
    if (ok) {
        describe(&x);
        ok = write_files(&x);
    }
    if (ok && result) *result = x.result;
    if (ok && options->snippet) {
        *options->snippet = x.snippet.text;
        x.snippet.text = NULL;
    }
    vv_lines_finish(&x.snippet);
    vv_named_finish(&x.named);
    vv_checkpoint_finish(&x.run);
    free(x.list);
    return vv_result(x.ctx, ok);
}
