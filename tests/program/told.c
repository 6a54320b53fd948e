#include "told.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

vkvae_run_info *info_of(const char *path, vkvae_status expected, char error[512], uint32_t *tensors) {
    static vkvae_run_info info;
    vkvae_tensor *list = NULL;
    uint32_t count = 0;
    vkvae *v = vkvae_create();
    const vkvae_status status = vkvae_info(v, path, &info, &list, &count);
    if (status != expected) fail_msg("%s: status %d: %s", path, (int)status, vkvae_error(v));
    assert_int_equal(list != NULL, count > 0);
    assert_int_equal(vkvae_error(v)[0] != '\0', status != VKVAE_OK);
    if (error) (void)snprintf(error, 512, "%s", vkvae_error(v));
    if (tensors) *tensors = count;
    vkvae_free(list);
    vkvae_destroy(v);
    return &info;
}

cJSON *json_of(const struct room *r) {
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithOpts(r->out, &end, 0);
    if (!json || strcmp(end, "\n") != 0) fail_msg("no JSON: %s", r->out);
    return json;
}

double number_of(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item)) fail_msg("no number '%s'", key);
    return item->valuedouble;
}

const char *text_of(const cJSON *object, const char *key) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    if (!text) fail_msg("no text '%s'", key);
    return text;
}

cJSON *read_json(const char *path) {
    unsigned char *text = read_bytes(path, NULL);
    cJSON *json = cJSON_Parse((char *)text);
    assert_non_null(json);
    free(text);
    return json;
}

cJSON *metrics_line(const char *path, uint32_t epoch) {
    unsigned char *text = read_bytes(path, NULL);
    const char *line = (char *)text;
    while (--epoch) line = strchr(line, '\n') + 1;
    cJSON *json = cJSON_ParseWithLength(line, strcspn(line, "\n"));
    assert_non_null(json);
    free(text);
    return json;
}

// The file has nine digits of it.
static void assert_close(double a, double b) {
    if (!(fabs(a - b) <= 1e-8 * fabs(b))) fail_msg("%.17g is not %.17g", a, b);
}

void assert_losses(const vkvae_losses *l, const cJSON *line, const char *part) {
    char key[32];
    const struct {
        const char *name;
        double value;
    } all[] = {{"loss", l->loss}, {"recon", l->recon}, {"kl", l->kl}};
    for (int i = 0; i < 3; i++) {
        (void)snprintf(key, sizeof key, "%s_%s", part, all[i].name);
        assert_close(all[i].value, number_of(line, key));
    }
}

void set_time(const char *folder, time_t seconds) {
    set_time_ns(folder, seconds, 0);
}

void set_time_ns(const char *folder, time_t seconds, long ns) {
    const struct timespec time = {.tv_sec = seconds, .tv_nsec = ns}, times[2] = {time, time};
    DIR *open = opendir(folder);
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open)) != NULL;)
        if (entry->d_name[0] != '.')
            assert_int_equal(utimensat(dirfd(open), entry->d_name, times, 0), 0);
    (void)closedir(open);
}

void train_small(struct room *r, const char *out, const char *epochs) {
    if (!exists(in(r, "set"))) write_set(in(r, "set"), &small_set);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", epochs, "--out", out);
    assert_ok(r);
}
