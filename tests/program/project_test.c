// vkvae project: where pictures come to lie, against their codes.
#include "runner.h"

#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { COUNT = 60 };

#define SET "--images", "120", "--test-images", "60", "--size", "8x8"

static void train_run(struct room *r, const char *latent) {
    RUN(r, "train", SET, "--hidden", "16", "--latent", latent, "--batch", "20", "--epochs", "2", "--out",
        in(r, "run"));
    assert_ok(r);
}

static double *project(struct room *r, vkvae_project_result *result) {
    vkvae *v = vkvae_create();
    vkvae_project_options options;
    double *xy;
    vkvae_project_defaults(&options);
    options.use.run = in(r, "run");
    options.use.device.device = "reference";
    options.xy = &xy;
    if (vkvae_project(v, &options, result) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
    return xy;
}

static float *encode(struct room *r) {
    vkvae *v = vkvae_create();
    vkvae_encode_options options;
    float *mu;
    vkvae_encode_defaults(&options);
    options.use.run = in(r, "run");
    options.use.device.device = "reference";
    options.mu = &mu;
    if (vkvae_encode(v, &options, NULL) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
    return mu;
}

static void two_latent_numbers_are_the_map(void **state) {
    struct room *r = *state;
    vkvae_project_result result;
    train_run(r, "2");
    double *xy = project(r, &result);
    float *mu = encode(r);
    assert_true(!result.principal && result.count == COUNT && result.latent == 2 && result.classes == 3);
    for (int i = 0; i < 2 * COUNT; i++) assert_true(xy[i] == (double)mu[i]);
    vkvae_free(xy);
    vkvae_free(mu);
}

static void one_latent_number_is_a_line(void **state) {
    struct room *r = *state;
    vkvae_project_result result;
    train_run(r, "1");
    double *xy = project(r, &result);
    for (int i = 0; i < COUNT; i++) assert_true(xy[2 * i + 1] == 0);
    assert_true(result.explained[0] == 1 && result.explained[1] == 0);
    vkvae_free(xy);
}

// Coordinates of components are centred, uncorrelated, and have the variance that is told.
static void components_part_the_variance(void **state) {
    struct room *r = *state;
    enum { LATENT = 5 };
    vkvae_project_result result;
    double all = 0, xx = 0, yy = 0, xy_sum = 0, x = 0, y = 0;
    train_run(r, "5");
    double *xy = project(r, &result);
    float *mu = encode(r);
    for (int k = 0; k < LATENT; k++) {
        double sum = 0, squares = 0;
        for (int i = 0; i < COUNT; i++) sum += (double)mu[i * LATENT + k];
        for (int i = 0; i < COUNT; i++) squares += pow((double)mu[i * LATENT + k] - sum / COUNT, 2);
        all += squares;
    }
    for (int i = 0; i < COUNT; i++) {
        x += xy[2 * i];
        y += xy[2 * i + 1];
        xx += xy[2 * i] * xy[2 * i];
        yy += xy[2 * i + 1] * xy[2 * i + 1];
        xy_sum += xy[2 * i] * xy[2 * i + 1];
    }
    assert_true(result.principal);
    assert_true(fabs(x) < 1e-9 * sqrt(xx) && fabs(y) < 1e-9 * sqrt(xx) && fabs(xy_sum) < 1e-9 * xx);
    assert_true(fabs(result.explained[0] - xx / all) < 1e-9 &&
                fabs(result.explained[1] - yy / all) < 1e-9);
    assert_true(xx >= yy);
    vkvae_free(xy);
    vkvae_free(mu);
}

static void files_are_the_same_twice(void **state) {
    struct room *r = *state;
    train_run(r, "5");
    RUN(r, "project", in(r, "run"), "-o", in(r, "a.png"), "--csv", in(r, "a.csv"));
    assert_ok(r);
    assert_has(r->out, "60 pictures of 3 classes; the first two components of 5 have ");
    RUN(r, "project", in(r, "run"), "-o", in(r, "b.png"), "--csv", in(r, "b.csv"), "--json");
    assert_ok(r);
    cJSON *json = cJSON_Parse(r->out);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "explained")), 2);
    cJSON_Delete(json);
    assert_same_file(in(r, "a.png"), in(r, "b.png"));
    assert_same_file(in(r, "a.csv"), in(r, "b.csv"));
    unsigned char *text = read_bytes(in(r, "a.csv"), NULL);
    assert_has((const char *)text, "index,label,x,y\n0,");
    assert_int_equal(count_of((const char *)text, "\n"), COUNT + 1);
    free(text);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(two_latent_numbers_are_the_map),
        ROOM(one_latent_number_is_a_line),
        ROOM(components_part_the_variance),
        ROOM(files_are_the_same_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
