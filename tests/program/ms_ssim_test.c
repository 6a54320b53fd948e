// A run with --likelihood ms-ssim learns, and says wherever it tells a loss that this is no ELBO.
#include "runner.h"

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *read_config(const char *run) {
    char path[PATH_SIZE + 16];
    (void)snprintf(path, sizeof path, "%s/config.json", run);
    unsigned char *text = read_bytes(path, NULL);
    cJSON *json = cJSON_Parse((const char *)text);
    free(text);
    assert_non_null(json);
    return json;
}

static void it_is_told_to_be_no_elbo(void **state) {
    struct room *r = *state;
    const char *run = in(r, "run");
    RUN(r, "train", "--images", "200", "--test-images", "40", "--size", "22x21", "--hidden", "32",
        "--batch", "40", "--epochs", "2", "--likelihood", "ms-ssim", "--out", run);
    assert_ok(r);
    assert_has(r->err,
               "likelihood: none, but ms-ssim as the reconstruction term: the loss is no ELBO\n");
    assert_int_equal(count_of(r->out, "(no ELBO)\n"), 2);
    cJSON *config = read_config(run), *record = cJSON_GetObjectItem(config, "record");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(config, "likelihood")), "ms-ssim");
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(record, "elbo")));
    cJSON_Delete(config);
    RUN(r, "info", run);
    assert_has(r->out, "per picture (no ELBO)");
    assert_has(r->out, "--likelihood ms-ssim");
    RUN(r, "train", "--images", "200", "--size", "9x9", "--hidden", "8", "--batch", "40", "--epochs",
        "1", "--out", in(r, "usual"));
    assert_ok(r);
    assert_null(strstr(r->out, "ELBO"));
    assert_null(strstr(r->err, "ELBO"));
    config = read_config(in(r, "usual"));
    assert_null(cJSON_GetObjectItem(cJSON_GetObjectItem(config, "record"), "elbo"));
    cJSON_Delete(config);
}

// The numbers of an "epoch" event of --json.
static double test_loss(const char *line) {
    const char *at = strstr(line, "\"test\":{\"loss\":");
    assert_non_null(at);
    return strtod(at + strlen("\"test\":{\"loss\":"), NULL);
}

static void its_loss_falls(void **state) {
    struct room *r = *state;
    RUN(r, "train", "--images", "400", "--test-images", "60", "--size", "22x22", "--hidden", "64",
        "--batch", "20", "--epochs", "5", "--lr", "3e-3", "--likelihood", "ms-ssim", "--json", "--out",
        in(r, "run"));
    assert_ok(r);
    const char *first = strstr(r->out, "{\"event\":\"epoch\",\"epoch\":1,"),
               *last = strstr(r->out, "{\"event\":\"epoch\",\"epoch\":5,");
    assert_non_null(first);
    assert_non_null(last);
    print_message("test: %.1f after epoch 1, %.1f after epoch 5\n", test_loss(first), test_loss(last));
    assert_has(r->out, "\"likelihood\":\"ms-ssim\",");
    assert_has(r->out, "\"elbo\":false,");
    assert_true(test_loss(last) > 0 && test_loss(last) < 0.8 * test_loss(first));
}

int main(void) {
    const struct CMUnitTest tests[] = {ROOM(it_is_told_to_be_no_elbo), ROOM(its_loss_falls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
