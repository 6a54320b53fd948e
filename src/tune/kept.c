#include "kept.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "choices.h"
#include "file.h"
#include "lock.h"
#include "size.h"
#include "sweep.h"

// The file, a line each:
//   vkvae tuning 1
//   device UUID
//   driver TEXT
//   shaders HASH
//   limits ...
// then, for each product,
//   product nt 128x400x784
//   right SECONDS ERROR VARIANT     or   wrong ERROR VARIANT     (a candidate, the fixed table's first)
//   chosen NUMBER                   (of these, from 0)
// and last
//   checksum CRC-32 of all before
#define MOST_BYTES (UINT64_C(4) << 20)
static const char seal[] = "checksum ";
enum { SEAL_BYTES = sizeof seal - 1 + 8 + 1 };  // with eight digits, and the line's end

// The limits that launches depend on.
static void print_head(FILE *to, const struct vv_tuning_key *key) {
    const struct vv_limits *l = &key->limits;
    (void)fprintf(to, "vkvae tuning 1\ndevice %s\ndriver %s\nshaders %016" PRIx64 "\n", key->device,
                  key->driver, key->shaders);
    (void)fprintf(
        to,
        "limits cpu %d, subgroups %u, shuffle %d, invocations %u, groups %u, shared %u, texels "
        "%u, storage %" PRIu64 ", offsets %u, buffers %u, family %s\n",
        l->is_cpu, l->subgroup_size, l->subgroup_shuffle, l->max_invocations, l->max_groups,
        l->max_shared_bytes, l->max_texel_elements, l->max_storage_range, l->offset_alignment,
        l->max_storage_buffers, vv_matmul_name(l->matmul));
}

static void print_measured(FILE *to, const struct vv_measured *m) {
    char product[VV_PRODUCT_TEXT], variant[VV_VARIANT_TEXT];
    (void)fprintf(to, "product %s\n", vv_product_print(&m->product, product));
    for (uint32_t i = 0; i < m->count; i++) {
        const struct vv_candidate *c = &m->candidates[i];
        (void)vv_variant_print(&c->variant, variant);
        if (c->wrong)
            (void)fprintf(to, "wrong %.3e %s\n", c->error, variant);
        else
            (void)fprintf(to, "right %.6e %.3e %s\n", c->seconds, c->error, variant);
    }
    (void)fprintf(to, "chosen %u\n", m->chosen);
}

// The file without its checksum, which the caller frees; m NULL: what stands before the products. NULL:
// memory is out.
static char *print(const struct vv_tuning_key *key, const struct vv_measurements *m) {
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to) return NULL;
    print_head(to, key);
    for (uint32_t i = 0; m && i < m->count; i++) print_measured(to, &m->list[i]);
    const bool ok = !ferror(to);
    if (fclose(to) == 0 && ok) return text;
    free(text);
    return NULL;
}

// ---- checksums ----

static uint32_t checksum_of(const char *text, size_t size) {
    return (uint32_t)crc32_z(0, (const unsigned char *)text, size);
}

bool vv_kept_unseal(char *text, size_t size) {
    char expected[SEAL_BYTES + 1];
    if (size < SEAL_BYTES || memchr(text, '\0', size)) return false;
    const size_t before = size - SEAL_BYTES;
    (void)snprintf(expected, sizeof expected, "%s%08x\n", seal, checksum_of(text, before));
    if (strcmp(text + before, expected) != 0) return false;
    text[before] = '\0';
    return true;
}

char *vv_kept_seal(struct vv_context *ctx, const char *text) {
    const size_t size = strlen(text);
    char *sealed = vv_alloc(ctx, size + SEAL_BYTES + 1, 1);
    if (sealed)
        (void)snprintf(sealed, size + SEAL_BYTES + 1, "%s%s%08x\n", text, seal, checksum_of(text, size));
    return sealed;
}

// ---- reading ----

// The next line of a text, its end cut off, and the text behind it; NULL at the end.
static char *next_line(char **text) {
    char *line = *text, *end = strchr(line, '\n');
    if (!end) return NULL;
    *end = '\0';
    *text = end + 1;
    return line;
}

// A number and a blank; NULL: there is none.
static const char *take_number(const char *text, double *number) {
    char *end;
    *number = strtod(text, &end);
    return end != text && *end == ' ' ? end + 1 : NULL;
}

static bool parse_candidate(const char *line, struct vv_measured *m) {
    struct vv_candidate c = {.wrong = strncmp(line, "wrong ", 6) == 0};
    if (m->count == VV_MAX_VARIANTS || (!c.wrong && strncmp(line, "right ", 6) != 0)) return false;
    const char *at = line + 6;
    if (!c.wrong) at = take_number(at, &c.seconds);
    if (at) at = take_number(at, &c.error);
    if (!at || !vv_variant_parse(at, &c.variant) || !(c.seconds >= 0 && c.seconds < 1e9) ||
        !(c.error >= 0))
        return false;
    m->candidates[m->count++] = c;
    return true;
}

static bool parse_chosen(const char *line, struct vv_measured *m) {
    if (strncmp(line, "chosen ", 7) != 0 || !line[7] || line[7 + strspn(line + 7, "0123456789")])
        return false;
    const unsigned long chosen = strtoul(line + 7, NULL, 10);
    m->chosen = chosen < m->count ? (uint32_t)chosen : UINT32_MAX;
    return m->chosen != UINT32_MAX && !m->candidates[m->chosen].wrong;
}

static bool parse_products(char *text, struct vv_measurements *m) {
    for (char *line; (line = next_line(&text));) {
        struct vv_measured one = {.count = 0};
        if (strncmp(line, "product ", 8) != 0 || !vv_product_parse(line + 8, &one.product)) return false;
        while ((line = next_line(&text)) && parse_candidate(line, &one)) continue;
        if (!line || !parse_chosen(line, &one) || !vv_measurements_put(m, &one)) return false;
    }
    return !*text;
}

static bool parse(char *text, size_t size, const struct vv_tuning_key *key, struct vv_measurements *m) {
    char *head = print(key, NULL);
    const size_t length = head ? strlen(head) : 0;
    const bool ok = head && vv_kept_unseal(text, size) && strncmp(text, head, length) == 0 &&
                    parse_products(text + length, m);
    free(head);
    return ok;
}

bool vv_kept_read(const char *path, const struct vv_tuning_key *key, struct vv_measurements *m) {
    struct vv_context quiet, *ctx = m->ctx;
    unsigned char *bytes = NULL;
    uint64_t size;
    vv_context_init(&quiet);
    m->ctx = &quiet;
    const bool ok = vv_path_exists(path) && vv_file_read(&quiet, path, MOST_BYTES, &bytes, &size) &&
                    parse((char *)bytes, size, key, m);
    if (!ok) vv_measurements_finish(m);
    m->ctx = ctx;
    free(bytes);
    return ok;
}

// ---- writing ----

char *vv_kept_path(const char *folder, const struct vv_tuning_key *key) {
    struct vv_context quiet;
    char name[80];
    vv_context_init(&quiet);
    (void)snprintf(name, sizeof name, "tuning-%s-%u.txt", key->device, key->limits.subgroup_size);
    return vv_path_join(&quiet, folder, name);
}

// The folder that a path is in, which the caller frees; NULL: memory is out.
static char *folder_of(struct vv_context *ctx, const char *path) {
    const char *slash = strrchr(path, '/');
    const uint64_t length = !slash ? 1 : slash == path ? 1 : (uint64_t)(slash - path);
    char *folder = vv_alloc(ctx, length + 1, 1);
    if (folder) memcpy(folder, slash ? path : ".", length);
    return folder;
}

// What the file has by now, and on top of it what was measured.
static bool write_all(struct vv_context *ctx, const char *path, const struct vv_tuning_key *key,
                      const struct vv_measurements *m) {
    struct vv_measurements all = {.ctx = ctx};
    (void)vv_kept_read(path, key, &all);
    bool ok = true;
    for (uint32_t i = 0; ok && i < m->count; i++) ok = vv_measurements_put(&all, &m->list[i]);
    char *text = ok ? print(key, &all) : NULL, *sealed = text ? vv_kept_seal(ctx, text) : NULL;
    ok = sealed && vv_file_write(ctx, path, sealed, strlen(sealed));
    free(sealed);
    free(text);
    vv_measurements_finish(&all);
    return ok;
}

bool vv_kept_write(struct vv_context *ctx, const char *path, const struct vv_tuning_key *key,
                   const struct vv_measurements *m) {
    struct vv_lock lock;
    char *folder = folder_of(ctx, path);
    bool ok = folder && vv_folder_create(ctx, folder);
    if (ok) {
        vv_lock_wait(folder, &lock);
        vv_sweep(folder, "tuning-");
        ok = write_all(ctx, path, key, m);
        vv_lock_release(&lock);
    }
    free(folder);
    return ok;
}
