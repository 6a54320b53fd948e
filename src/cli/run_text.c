#include "run_text.h"

#include "output.h"

#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

// The character at `at` and its bytes; 0 and 1 for a byte that begins none.
static uint32_t decode(const char *at, size_t *bytes) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char first = (unsigned char)*at;
    const size_t n = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint32_t c = n == 1 ? first : first & (0x7Fu >> n);
    *bytes = 1;
    if (n == 0 || first >= 0xF8) return 0;
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)at[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | ((unsigned char)at[i] & 0x3F);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return 0;
    *bytes = n;
    return c;
}

// Control characters, and those that turn the direction of what follows.
static bool commands(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

// Names are UTF-8 whatever the locale says, and so wcwidth must know of that.
static size_t columns_of(uint32_t c) {
    static bool ready;
    if (!ready && (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1)) (void)setlocale(LC_CTYPE, "C.UTF-8");
    ready = true;
    const int width = c < 0x7F ? 1 : wcwidth((wchar_t)c);
    return width < 0 ? 1 : (size_t)width;
}

size_t cli_clean(const char *text, char *to, size_t size) {
    size_t columns = 0, used = 0, bytes;
    for (; *text; text += bytes) {
        const uint32_t c = decode(text, &bytes);
        const bool bad = commands(c);
        const size_t length = bad ? 1 : bytes;
        if (used + length >= size) break;
        memcpy(to + used, bad ? "?" : text, length);
        used += length;
        columns += bad ? 1 : columns_of(c);
    }
    to[used] = '\0';
    return columns;
}

void cli_model_text(const vkvae_run_info *info, bool brief, char *text, size_t size) {
    char hidden[VKVAE_MAX_HIDDEN * 12] = "", model[64];
    size_t used = 0;
    for (int i = 0; i < VKVAE_MAX_HIDDEN && info->hidden[i]; i++)
        used += (size_t)snprintf(hidden + used, sizeof hidden - used, "%s%" PRIu32, i ? "," : "",
                                 info->hidden[i]);
    (void)cli_clean(info->model, model, sizeof model);
    if (info->latent)
        (void)snprintf(text, size, brief ? "%s %s z%" PRIu32 : "%s %s, latent %" PRIu32, model, hidden,
                       info->latent);
    else
        (void)snprintf(text, size, "-");
}

// ---- JSON ----

bool cli_json_text(cJSON *object, const char *key, const char *text) {
    static const char unknown[] = "\xEF\xBF\xBD";  // U+FFFD
    if (!text || !*text) return cJSON_AddNullToObject(object, key);
    char *whole = malloc(3 * strlen(text) + 1), *at = whole;
    if (!whole) return false;
    for (size_t bytes; *text; text += bytes) {
        const bool good = decode(text, &bytes) != 0;
        const size_t length = good ? bytes : sizeof unknown - 1;
        memcpy(at, good ? text : unknown, length);
        at += length;
    }
    *at = '\0';
    const bool ok = cJSON_AddStringToObject(object, key, whole);
    free(whole);
    return ok;
}

static bool add_number(cJSON *object, const char *key, bool known, double value) {
    return known ? cJSON_AddNumberToObject(object, key, value) != NULL
                 : cJSON_AddNullToObject(object, key) != NULL;
}

// Beyond 2^53 as text, as in config.json: a JSON number is a double.
static bool add_seed(cJSON *object, bool known, uint64_t seed) {
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRIu64, seed);
    if (seed > (UINT64_C(1) << 53)) return cJSON_AddStringToObject(object, "seed", text);
    return add_number(object, "seed", known, (double)seed);
}

static bool add_losses(cJSON *object, const char *key, bool known, const vkvae_losses *l) {
    if (!known) return cJSON_AddNullToObject(object, key);
    cJSON *losses = cJSON_AddObjectToObject(object, key);  // what is not finite is printed as null
    return losses && cJSON_AddNumberToObject(losses, "loss", l->loss) &&
           cJSON_AddNumberToObject(losses, "recon", l->recon) &&
           cJSON_AddNumberToObject(losses, "kl", l->kl);
}

static bool add_hidden(cJSON *object, const vkvae_run_info *info) {
    if (!info->latent) return cJSON_AddNullToObject(object, "hidden");
    cJSON *list = cJSON_AddArrayToObject(object, "hidden");
    for (int i = 0; list && i < VKVAE_MAX_HIDDEN && info->hidden[i]; i++)
        if (!cJSON_AddItemToArray(list, cJSON_CreateNumber(info->hidden[i]))) return false;
    return list;
}

static bool add_settings(cJSON *o, const vkvae_run_info *info) {
    const bool data = info->train_count, pictures = info->height, model = info->latent,
               training = info->batch;
    return cli_json_text(o, "data", info->data) &&
           add_number(o, "train_count", data, info->train_count) &&
           add_number(o, "test_count", data, info->test_count) &&
           add_number(o, "data_checksum", data, info->data_checksum) &&
           add_number(o, "height", pictures, info->height) &&
           add_number(o, "width", pictures, info->width) &&
           add_number(o, "channels", pictures, info->channels) &&
           cli_json_text(o, "model", info->model) && add_hidden(o, info) &&
           cli_json_text(o, "activation", info->activation) &&
           add_number(o, "latent", model, info->latent) &&
           add_number(o, "parameters", info->parameters, (double)info->parameters) &&
           add_number(o, "batch", training, info->batch) && add_number(o, "lr", training, info->lr) &&
           add_seed(o, training, info->seed) && cli_json_text(o, "kernels", info->kernels) &&
           cli_json_text(o, "device", info->device) && cli_json_text(o, "version", info->version);
}

cJSON *cli_run_json(const vkvae_run_info *info) {
    cJSON *o = cJSON_CreateObject();
    const bool run = !info->is_checkpoint, some = info->epochs;
    const bool ok = o && cli_json_text(o, "path", info->path) &&
                    cJSON_AddStringToObject(o, "kind", run ? "run" : "checkpoint") &&
                    cli_json_text(o, "problem", info->problem) &&
                    add_number(o, "modified", info->modified, (double)info->modified) &&
                    add_settings(o, info) && add_number(o, "epochs", run, info->epochs) &&
                    add_number(o, "wanted_epochs", info->wanted_epochs, info->wanted_epochs) &&
                    cJSON_AddBoolToObject(o, "resumable", info->resumable) &&
                    add_losses(o, "train", some, &info->train) &&
                    add_losses(o, "test", some, &info->test) &&
                    add_number(o, "best_epoch", info->best_epoch, info->best_epoch) &&
                    add_losses(o, "best", info->best_epoch, &info->best);
    if (ok) return o;
    cJSON_Delete(o);
    return NULL;
}

int cli_print_json(const char *command, cJSON *json) {
    char *text = json ? cJSON_Print(json) : NULL;
    cJSON_Delete(json);
    if (!text) {
        cli_out_of_memory(command);
        return VKVAE_FAILED;
    }
    (void)printf("%s\n", text);
    cJSON_free(text);
    return VKVAE_OK;
}
