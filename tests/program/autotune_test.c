// Kernels that are chosen by time: measured once, saved with the run, never a wrong one.
#include "layered.h"
#include "sanitized.h"

#include <cJSON.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SHAPES "--images", "120", "--size", "8x8", "--hidden", "32", "--latent", "4", "--batch", "20"
#define TUNE   "autotune", SHAPES

// As with(), and with one width of vectors where there are several: the tests are half as long.
static struct room *with_one(void **state, const char *words) {
    struct room *r = with(state, words);
    r->variable[1] = "LP_NATIVE_VECTOR_WIDTH=256";
    return r;
}

static cJSON *tuned(struct room *r) {
    assert_ok(r);
    cJSON *json = cJSON_Parse(r->out);
    assert_non_null(json);
    return json;
}

static const cJSON *first_of(const cJSON *json) {
    return cJSON_GetArrayItem(cJSON_GetObjectItem(json, "tried"), 0);
}

static double number_of(const cJSON *json, const char *key) {
    const cJSON *item = cJSON_GetObjectItem(json, key);
    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

static char *text_in(const cJSON *json, const char *key) {
    char *text = cJSON_GetStringValue(cJSON_GetObjectItem(json, key));
    assert_non_null(text);
    return text;
}

static bool is_lavapipe(const cJSON *json) {
    return strstr(text_in(first_of(json), "device"), "llvmpipe") != NULL;
}

static cJSON *read_json(const char *path) {
    unsigned char *text = read_bytes(path, NULL);
    cJSON *json = cJSON_Parse((const char *)text);
    free(text);
    assert_non_null(json);
    return json;
}

// The choices of a run, as config.json records them.
static void tuning_of(struct room *r, const char *run, char *text, size_t size) {
    cJSON *json = read_json(in(r, "%s/config.json", run));
    (void)snprintf(text, size, "%s", text_in(cJSON_GetObjectItem(json, "record"), "tuning"));
    cJSON_Delete(json);
}

static void products_are_measured_once(void **state) {
    struct room *r = with_one(state, "");
    RUN(r, TUNE, "--json");
    cJSON *first = tuned(r), *product;
    const cJSON *products = cJSON_GetObjectItem(first_of(first), "products");
    const int count = cJSON_GetArraySize(products);
    assert_true(count > 20);
    assert_int_equal((int)number_of(first_of(first), "measured"), count);
    cJSON_ArrayForEach(product, products) {
        assert_true(cJSON_IsTrue(cJSON_GetObjectItem(product, "measured")));
        assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(product, "candidates")) > 0);
        (void)text_in(product, "chosen");
        (void)text_in(product, "fixed");
    }
    assert_true(exists(text_in(first_of(first), "cache")));
    assert_tidy(in(r, "cache"));
    RUN(r, TUNE, "--json");
    cJSON *second = tuned(r);
    assert_int_equal((int)number_of(first_of(second), "measured"), 0);
    assert_has(r->err, "products are known from");
    for (int i = 0; i < count; i++) {
        const cJSON *again = cJSON_GetObjectItem(first_of(second), "products");
        assert_string_equal(text_in(cJSON_GetArrayItem(products, i), "chosen"),
                            text_in(cJSON_GetArrayItem(again, i), "chosen"));
    }
    RUN(r, TUNE, "--force", "--quiet");
    assert_ok(r);
    assert_has(r->out, "product m x n x k");
    assert_int_equal(r->err[0], 0);
    cJSON_Delete(first);
    cJSON_Delete(second);
}

static void train_to(struct room *r, const char *out, const char *epochs) {
    RUN(r, "train", "--autotune", SHAPES, "--epochs", epochs, "--out", out);
    assert_ok(r);
}

static void choice_stays_with_the_run(void **state) {
    struct room *r = with_one(state, "");
    char tuning[1 << 14], again[1 << 14];
    train_to(r, in(r, "whole"), "2");
    assert_has(r->err, "autotune: measured in ");
    train_to(r, in(r, "parts"), "1");
    assert_has(r->err, "products are known from ");
    remove_tree(in(r, "cache"));  // nobody needs it to go on
    RUN(r, "train", "--resume", in(r, "parts"), "--epochs", "2");
    assert_ok(r);
    assert_lacks(r->err, "autotune");
    tuning_of(r, "whole", tuning, sizeof tuning);
    tuning_of(r, "parts", again, sizeof again);
    assert_string_equal(tuning, again);
    assert_same_run(in(r, "whole"), in(r, "parts"));
    RUN(r, "train", "--config", in(r, "whole/config.json"), "--out", in(r, "repeated"));
    assert_ok(r);
    assert_lacks(r->err, "warning");
    assert_same_run(in(r, "whole"), in(r, "repeated"));
    RUN(r, "info", in(r, "whole"));
    assert_ok(r);
    tuning[strcspn(tuning, ";")] = '\0';
    assert_has(r->out, "  autotuned ");
    assert_has(r->out, tuning);
    RUN(r, "info", in(r, "whole"), "--json");
    assert_has(r->out, tuning);
}

static void run_without_it_has_none(void **state) {
    struct room *r = with_one(state, "");
    RUN(r, "train", SHAPES, "--epochs", "1", "--out", in(r, "run"));
    assert_ok(r);
    cJSON *json = read_json(in(r, "run/config.json"));
    assert_null(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "record"), "tuning"));
    cJSON_Delete(json);
    RUN(r, "info", in(r, "run"));
    assert_lacks(r->out, "autotuned");
}

static void wrong_kernels_are_never_used(void **state) {
    struct room *r = with_one(state, "");
    RUN(r, TUNE, "--json");
    assert_ok(r);
    if (!strstr(r->out, "subgroup-texel")) skip_since("the device has no texel kernels");
    remove_tree(in(r, "cache"));
    r = with_one(state, "texelproduct");
    for (int i = 0; i < 2; i++) {  // measured, then remembered
        RUN(r, TUNE, "--json");
        cJSON *json = tuned(r);
        assert_true(number_of(first_of(json), "wrong") > 0);
        assert_lacks(r->out, "\"chosen\":\t\"subgroup-texel");
        assert_int_equal(strstr(r->err, "is wrong on ") != NULL, i == 0);
        cJSON_Delete(json);
    }
    char tuning[1 << 14];
    train_to(r, in(r, "run"), "1");
    tuning_of(r, "run", tuning, sizeof tuning);
    assert_lacks(tuning, "subgroup-texel");
    // On the driver as it is those kernels compute the same bytes.
    r = with_one(state, "");
    RUN(r, "train", "--config", in(r, "run/config.json"), "--out", in(r, "sound"));
    assert_ok(r);
    assert_same_run(in(r, "run"), in(r, "sound"));
}

// The one file of measurements.
static const char *find_cache(struct room *r) {
    DIR *open = opendir(in(r, "cache"));
    const char *found = NULL;
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open)) != NULL;)
        if (strncmp(entry->d_name, "tuning-", 7) == 0) found = in(r, "cache/%s", entry->d_name);
    (void)closedir(open);
    assert_non_null(found);
    return found;
}

static void damaged_cache_is_measured_anew(void **state) {
    struct room *r = with_one(state, "");
    char tuning[1 << 14];
    train_to(r, in(r, "run"), "1");
    tuning_of(r, "run", tuning, sizeof tuning);
    const char *file = find_cache(r);
    size_t size;
    unsigned char *bytes = read_bytes(file, &size);
    bytes[size / 2] ^= 1;
    const size_t lengths[] = {size, size - 1, 0};
    for (int i = 0; i < 3; i++) {
        write_bytes(file, bytes, lengths[i]);
        RUN(r, "train", "--autotune", SHAPES, "--epochs", "1", "--out", in(r, "run"), "--force");
        assert_ok(r);
        assert_has(r->err, "autotune: measured in ");
    }
    free(bytes);
    assert_tidy(in(r, "cache"));
}

// A version of the program that has other sizes of the same kernels leaves such a file: the checksum is
// right, the choice is in no list. A run that took it could not be continued.
static void choice_that_is_in_no_list_is_measured_anew(void **state) {
    struct room *r = with_one(state, "");
    char tuning[1 << 14], text[4096];
    RUN(r, TUNE, "--quiet");
    assert_ok(r);
    const char *file = find_cache(r);
    unsigned char *bytes = read_bytes(file, NULL);
    char *product = strstr((char *)bytes, "product ");
    assert_non_null(product);
    product[strcspn(product, "\n")] = '\0';
    const size_t head = (size_t)(product - (char *)bytes);
    size_t size = (size_t)snprintf(text, sizeof text, "%.*s%s\nright 1 0 subgroup-buffer 5\nchosen 0\n",
                                   (int)head, (char *)bytes, product);
    size += (size_t)snprintf(text + size, sizeof text - size, "checksum %08x\n",
                             (unsigned)crc32_z(0, (const unsigned char *)text, size));
    write_bytes(file, (const unsigned char *)text, size);
    free(bytes);
    train_to(r, in(r, "run"), "1");
    tuning_of(r, "run", tuning, sizeof tuning);
    assert_lacks(tuning, "subgroup-buffer 5");
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2");
    assert_ok(r);
}

static void force_measures_the_products_of_this_run_alone(void **state) {
    struct room *r = with_one(state, "");
    RUN(r, TUNE, "--quiet");
    assert_ok(r);
    RUN(r, "autotune", "--images", "120", "--size", "8x8", "--hidden", "16", "--latent", "4", "--batch",
        "20", "--force", "--json");
    cJSON *json = tuned(r);
    const cJSON *products = cJSON_GetObjectItem(first_of(json), "products");
    assert_int_equal((int)number_of(first_of(json), "measured"), cJSON_GetArraySize(products));
    cJSON_Delete(json);
    RUN(r, TUNE);
    assert_ok(r);
    assert_has(r->err, "products are known from");
}

static void two_at_once_do_no_harm(void **state) {
    struct room *r = with_one(state, "");
    struct room other = *r;
    START(&other, TUNE);
    RUN(r, TUNE, "--force");
    assert_ok(r);
    (void)program_finish(&other);
    assert_ok(&other);
    assert_tidy(in(r, "cache"));
    RUN(r, TUNE);
    assert_ok(r);
    assert_has(r->err, "products are known from");
}

static void cache_that_cannot_be_is_done_without(void **state) {
    struct room *r = with_one(state, "");
    r->variable[2] = "VKVAE_CACHE=";
    train_to(r, in(r, "run"), "1");
    assert_has(r->err, "autotune: measured in ");
    assert_false(exists(in(r, "cache")));
    RUN(r, TUNE);
    assert_ok(r);
    assert_has(r->out, "kept nowhere");
    r->variable[2] = "VKVAE_CACHE=/dev/null/below";
    RUN(r, TUNE);
    assert_ok(r);
    assert_has(r->err, "; VKVAE_CACHE names another folder\n");
}

// Subgroups of another size, by a driver that pretends: what was chosen is not to be had.
static void another_device_is_refused(void **state) {
    struct room *r = with_one(state, "nosubgroups");
    train_to(r, in(r, "run"), "1");
    r = with_one(state, "nosubgroups,wide");
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2");
    ASSERT_REFUSED(r, 1, "its kernels were chosen by --autotune, for subgroups of ", "'plain'",
                   "take the device of that run, or --kernels auto");
    RUN(r, "train", "--config", in(r, "run/config.json"), "--out", in(r, "other"));
    assert_ok(r);
    assert_has(r->err, "warning: the recorded run: its kernels were chosen by --autotune");
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2", "--kernels", "auto");
    assert_ok(r);
    cJSON *json = read_json(in(r, "run/config.json"));
    assert_null(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "record"), "tuning"));
    cJSON_Delete(json);
}

// Lavapipe's vectors: both widths are tried, the width of a run is set for its continuation, and what
// the user sets stays.
static void vectors_are_as_wide_as_the_run_had_them(void **state) {
    struct room *r = with(state, "");
    RUN(r, TUNE, "--json");
    cJSON *json = tuned(r);
    if (!is_lavapipe(json)) skip_since("the device is not lavapipe");
    const cJSON *tried = cJSON_GetObjectItem(json, "tried");
    assert_int_equal(cJSON_GetArraySize(tried), 2);
    const int native = (int)number_of(cJSON_GetArrayItem(tried, 0), "bits");
    const int other = (int)number_of(cJSON_GetArrayItem(tried, 1), "bits");
    assert_true(native != other && (other == 256 || other == 512));
    cJSON_Delete(json);
    char variable[64], lanes[64];
    (void)snprintf(variable, sizeof variable, "LP_NATIVE_VECTOR_WIDTH=%d", other);
    (void)snprintf(lanes, sizeof lanes, "/%d\n", other / 32);
    r->variable[1] = variable;
    RUN(r, TUNE, "--json");
    json = tuned(r);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "tried")), 1);
    cJSON_Delete(json);
    train_to(r, in(r, "run"), "1");
    assert_has(r->err, lanes);
    train_to(r, in(r, "whole"), "2");
    r->variable[1] = NULL;
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2");
    assert_ok(r);
    assert_has(r->err, lanes);
    assert_same_run(in(r, "whole"), in(r, "run"));
    RUN(r, "train", "--config", in(r, "whole/config.json"), "--out", in(r, "repeated"));
    assert_ok(r);
    assert_same_run(in(r, "whole"), in(r, "repeated"));
    (void)snprintf(variable, sizeof variable, "LP_NATIVE_VECTOR_WIDTH=%d", native);
    r->variable[1] = variable;
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "3");
    ASSERT_REFUSED(r, 1, "take the device of that run, or --kernels auto");
}

// What was measured with another driver, of which the wide vectors may be wrong with this one.
static void width_of_another_driver_is_not_taken(void **state) {
    struct room *r = with(state, "");
    char text[256], name[64];
    const char shape[] = "32, 4 20 mlp     0 120 0 8 8 1 0";  // as hash_of() in src/api/vectors.c has it
    train_to(r, in(r, "run"), "1");
    if (!strstr(r->err, "llvmpipe")) skip_since("the device is not lavapipe");
    size_t size = (size_t)snprintf(text, sizeof text, "vkvae vectors 1\nkey another\nbits 128\n");
    size += (size_t)snprintf(text + size, sizeof text - size, "checksum %08x\n",
                             (unsigned)crc32_z(0, (const unsigned char *)text, size));
    (void)snprintf(name, sizeof name, "cache/vectors-%08x.txt",
                   (unsigned)crc32_z(0, (const unsigned char *)shape, strlen(shape)));
    write_bytes(in(r, "%s", name), text, size);
    train_to(r, in(r, "other"), "1");
    assert_lacks(r->err, "/4\n");
    assert_has(r->err, "products are known from");
    assert_false(exists(in(r, "%s", name)));  // it was found
}

static void kernels_are_chosen_once(void **state) {
    struct room *r = with_one(state, "");
    RUN(r, "train", "--autotune", "--kernels", "plain", SHAPES, "--out", in(r, "run"));
    ASSERT_REFUSED(r, 2, "--autotune chooses the kernels, and so does --kernels; leave one out");
    RUN(r, TUNE, "--device", "reference");
    ASSERT_REFUSED(r, 2, "--autotune: the reference device has no kernels to choose");
    RUN(r, "train", "--resume", in(r, "run"), "--autotune");
    ASSERT_REFUSED(r, 2, "--autotune is fixed by the run in ");
}

static void validation_says_nothing(void **state) {
    struct room *r = with_one(state, "");
    RUN(r, "train", "--autotune", "--validate", SHAPES, "--epochs", "1", "--out", in(r, "run"));
    if (strstr(r->err, "vulkan-validationlayers")) skip_since("there is no validation layer");
    assert_ok(r);
    RUN(r, TUNE, "--validate", "--force");
    assert_ok(r);
    RUN(r, TUNE, "--limits", "minimum");
    assert_ok(r);
}

int main(void) {
    begin(true);
    use_layer();
    const struct CMUnitTest of_devices[] = {
        ROOM(choice_stays_with_the_run),
        ROOM(run_without_it_has_none),
        ROOM(choice_that_is_in_no_list_is_measured_anew),
        ROOM(force_measures_the_products_of_this_run_alone),
        ROOM(two_at_once_do_no_harm),
        ROOM(validation_says_nothing),
    };
    const struct CMUnitTest tests[] = {
        ROOM(products_are_measured_once),
        ROOM(wrong_kernels_are_never_used),
        ROOM(damaged_cache_is_measured_anew),
        ROOM(cache_that_cannot_be_is_done_without),
        ROOM(another_device_is_refused),
        ROOM(vectors_are_as_wide_as_the_run_had_them),
        ROOM(width_of_another_driver_is_not_taken),
        ROOM(kernels_are_chosen_once),
    };
    const int failures = SANITIZED ? 0 : cmocka_run_group_tests(of_devices, NULL, NULL);
    return failures + cmocka_run_group_tests(tests, NULL, NULL);
}
