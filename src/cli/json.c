#include "json.h"

#include "output.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <vkvae/vkvae.h>

cJSON *cli_json_item(const char *text) {
    static const char unknown[] = "\xEF\xBF\xBD";  // U+FFFD
    if (!text) return cJSON_CreateNull();
    char *whole = malloc(3 * strlen(text) + 1), *at = whole;
    if (!whole) return NULL;
    for (size_t bytes; *text; text += bytes) {
        const bool good = cli_character(text, &bytes) != 0;
        const size_t length = good ? bytes : sizeof unknown - 1;
        memcpy(at, good ? text : unknown, length);
        at += length;
    }
    *at = '\0';
    cJSON *item = cJSON_CreateString(whole);
    free(whole);
    return item;
}

bool cli_json_add(cJSON *object, const char *key, cJSON *item) {
    if (item && cJSON_AddItemToObject(object, key, item)) return true;
    cJSON_Delete(item);
    return false;
}

bool cli_json_text(cJSON *object, const char *key, const char *text) {
    return cli_json_add(object, key, cli_json_item(text && *text ? text : NULL));
}

bool cli_json_whole(cJSON *object, const char *key, uint64_t value) {
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    return (value < UINT64_C(1) << 53 ? cJSON_AddRawToObject(object, key, text)
                                      : cJSON_AddStringToObject(object, key, text)) != NULL;
}

static int print(const char *command, cJSON *json, char *text) {
    cJSON_Delete(json);
    if (!text) {
        cli_out_of_memory(command);
        return VKVAE_FAILED;
    }
    (void)printf("%s\n", text);
    cJSON_free(text);
    return VKVAE_OK;
}

int cli_print_json(const char *command, cJSON *json) {
    return print(command, json, json ? cJSON_Print(json) : NULL);
}

int cli_print_json_line(const char *command, cJSON *json) {
    const int code = print(command, json, json ? cJSON_PrintUnformatted(json) : NULL);
    cli_flush();
    return code;
}
