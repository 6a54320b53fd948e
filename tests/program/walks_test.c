// vkvae interpolate, traverse and manifold: the codes on the way, and what is decoded of them.
#include "explored.h"

#include "picture.h"
#include "walk.h"

#include <cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- Walks ----

struct walk {
    float *pixels, *z;
    vkvae_interpolate_result result;
};

static struct walk interpolate(struct room *r, uint32_t from, uint32_t to, const char *how) {
    struct walk w = {.pixels = NULL};
    vkvae *v = vkvae_create();
    vkvae_interpolate_options o;
    vkvae_interpolate_defaults(&o);
    o.use.run = in(r, "run");
    o.use.device.device = "reference";
    o.from = from;
    o.to = to;
    o.how = how;
    o.pictures.pixels = &w.pixels;
    o.z = &w.z;
    if (vkvae_interpolate(v, &o, &w.result) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
    return w;
}

static void check_walk(struct room *r, const float *mu, const char *how) {
    const struct walk w = interpolate(r, 3, 50, how);
    const float *a = mu + (size_t)3 * LATENT, *b = mu + (size_t)50 * LATENT;
    assert_int_equal(w.result.count, 10);
    assert_memory_equal(w.z, a, sizeof(float) * LATENT);
    assert_memory_equal(w.z + (size_t)9 * LATENT, b, sizeof(float) * LATENT);
    for (uint32_t i = 0; i < 10; i++) {
        float z[LATENT];
        (how ? vv_walk_spherical : vv_walk_linear)(a, b, LATENT, i / 9.0, z);
        assert_memory_equal(w.z + (size_t)i * LATENT, z, sizeof z);
    }
    assert_decoded(r, w.pixels, w.z, 10, LATENT);
    vkvae_free(w.pixels);
    vkvae_free(w.z);
}

static void walk_goes_from_code_to_code(void **state) {
    struct room *r = *state;
    train_run(r);
    RUN(r, "encode", in(r, "run"), "-o", in(r, "mu.npy"));
    assert_ok(r);
    struct vv_array mu = read_array(in(r, "mu.npy"), NULL);
    check_walk(r, mu.values, NULL);
    check_walk(r, mu.values, "spherical");
    free(mu.values);
}

static void row_ends_in_the_pictures_themselves(void **state) {
    struct room *r = *state;
    uint32_t size[3];
    train_run(r);
    RUN(r, "interpolate", in(r, "run"), "--from", "3", "--to", "4", "--steps", "5", "--scale", "1", "-o",
        in(r, "a.png"));
    assert_ok(r);
    assert_has(r->out, "a.png: 5 steps from picture 3 to 4\n");
    RUN(r, "interpolate", in(r, "run"), "--from", "3", "--to", "4", "--steps", "5", "-o",
        in(r, "a.npy"));
    assert_ok(r);
    RUN(r, "reconstruct", in(r, "run"), "-n5", "-o", in(r, "b.npy"));
    assert_ok(r);
    unsigned char *grid = read_png(in(r, "a.png"), size);
    struct vv_array way = read_array(in(r, "a.npy"), NULL), given = read_array(in(r, "b.npy"), NULL);
    assert_pictures(&way, 5);
    assert_int_equal(size[0], HEIGHT);
    assert_cell(grid, size, 7, 0, given.values + (size_t)3 * PIXELS);
    for (uint32_t i = 0; i < 5; i++) assert_cell(grid, size, 7, 1 + i, way.values + (size_t)i * PIXELS);
    assert_cell(grid, size, 7, 6, given.values + (size_t)4 * PIXELS);
    free(grid);
    free(way.values);
    free(given.values);
}

// ---- Traversals ----

struct traversal {
    float *pixels, *z;
    uint32_t *order;
    double *kl;
    vkvae_traverse_result result;
};

static vkvae_traverse_options traverse_options(struct room *r) {
    vkvae_traverse_options o;
    vkvae_traverse_defaults(&o);
    o.use.run = in(r, "run");
    o.use.device.device = "reference";
    return o;
}

static struct traversal traverse(vkvae_traverse_options o) {
    struct traversal t = {.pixels = NULL};
    vkvae *v = vkvae_create();
    o.pictures.pixels = &t.pixels;
    o.z = &t.z;
    o.order = &t.order;
    o.kl = &t.kl;
    if (vkvae_traverse(v, &o, &t.result) != VKVAE_OK) fail_msg("%s", vkvae_error(v));
    vkvae_destroy(v);
    return t;
}

static void traversal_finish(struct traversal *t) {
    vkvae_free(t->pixels);
    vkvae_free(t->z);
    vkvae_free(t->order);
    vkvae_free(t->kl);
}

// The mean of KL_j over the codes of a file.
static double mean_kl(const struct vv_array *mu, const struct vv_array *logvar, uint32_t latent) {
    double sum = 0;
    for (uint32_t i = 0; i < mu->dims[0]; i++) {
        const double m = (double)mu->values[i * LATENT + latent],
                     l = (double)logvar->values[i * LATENT + latent];
        sum += 0.5 * (m * m + exp(l) - 1 - l);
    }
    return sum / mu->dims[0];
}

static void most_informative_latent_comes_first(void **state) {
    struct room *r = *state;
    double total = 0;
    train_run(r);
    RUN(r, "encode", in(r, "run"), "-o", in(r, "codes.npz"));
    assert_ok(r);
    struct vv_array mu = read_array(in(r, "codes.npz"), "mu"),
                    logvar = read_array(in(r, "codes.npz"), "logvar");
    struct traversal t = traverse(traverse_options(r));
    bool seen[LATENT] = {false};
    assert_int_equal(t.result.rows, LATENT);
    assert_int_equal(t.result.count, TEST);
    for (uint32_t i = 0; i < LATENT; i++) {
        assert_in_range(t.order[i], 0, LATENT - 1);
        assert_false(seen[t.order[i]]);
        seen[t.order[i]] = true;
        assert_true(i == 0 || t.kl[i] <= t.kl[i - 1]);
        assert_true(fabs(t.kl[i] - mean_kl(&mu, &logvar, t.order[i])) < 1e-9);
        total += t.kl[i];
    }
    assert_true(t.kl[0] > t.kl[LATENT - 1] && fabs(t.result.kl_total - total) < 1e-12);
    traversal_finish(&t);
    free(mu.values);
    free(logvar.values);
}

// Each row changes one number of the base, through the quantiles; in the middle it is the base itself.
static void rows_go_through_the_quantiles(void **state) {
    struct room *r = *state;
    static const float zero[LATENT] = {0};
    train_run(r);
    struct traversal t = traverse(traverse_options(r));
    for (uint32_t row = 0; row < LATENT; row++)
        for (uint32_t step = 0; step < 11; step++)
            for (uint32_t k = 0; k < LATENT; k++) {
                const double value = (double)t.z[(row * 11 + step) * LATENT + k];
                const double p = 0.05 + 0.09 * step;
                assert_true(fabs(value - (k == t.order[row] ? vv_normal_quantile(p) : 0)) < 1e-6);
            }
    for (uint32_t row = 0; row < LATENT; row++)
        assert_memory_equal(t.z + (size_t)(row * 11 + 5) * LATENT, zero, sizeof zero);
    assert_decoded(r, t.pixels, t.z, LATENT * 11, LATENT);
    traversal_finish(&t);
}

static void rows_around_a_picture_keep_its_other_latents(void **state) {
    struct room *r = *state;
    vkvae_traverse_options o = traverse_options(r);
    train_run(r);
    RUN(r, "encode", in(r, "run"), "-o", in(r, "mu.npy"));
    assert_ok(r);
    struct vv_array mu = read_array(in(r, "mu.npy"), NULL);
    o.around = true;
    o.from = 17;
    o.rows = 2;
    o.steps = 2;
    o.quantiles[0] = 0.5;
    o.quantiles[1] = 0.975;
    struct traversal t = traverse(o);
    assert_int_equal(t.result.rows, 2);
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t k = 0; k < LATENT; k++) {
            const float expected = k != t.order[i / 2] ? mu.values[17 * LATENT + k]
                                   : i % 2             ? (float)vv_normal_quantile(0.975)
                                                       : 0;
            assert_true(t.z[i * LATENT + k] == expected);
        }
    traversal_finish(&t);
    free(mu.values);
}

static void object_tells_of_the_rows(void **state) {
    struct room *r = *state;
    train_run(r);
    struct traversal t = traverse(traverse_options(r));
    RUN(r, "traverse", in(r, "run"), "--rows", "3", "--json", "-o", in(r, "a.npy"));
    assert_ok(r);
    cJSON *json = cJSON_Parse(r->out);
    const cJSON *latents = cJSON_GetObjectItem(json, "latents");
    assert_int_equal(cJSON_GetArraySize(latents), 3);
    for (int i = 0; i < 3; i++) {
        const cJSON *row = cJSON_GetArrayItem(latents, i);
        assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(row, "latent")) == t.order[i]);
        assert_true(fabs(cJSON_GetNumberValue(cJSON_GetObjectItem(row, "kl")) - t.kl[i]) < 1e-12);
    }
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "from")));
    assert_true(fabs(cJSON_GetNumberValue(cJSON_GetObjectItem(json, "kl")) - t.result.kl_total) < 1e-12);
    cJSON_Delete(json);
    struct vv_array array = read_array(in(r, "a.npy"), NULL);
    assert_pictures(&array, 33);
    assert_memory_equal(array.values, t.pixels, sizeof(float) * 33 * PIXELS);
    free(array.values);
    traversal_finish(&t);
}

// ---- The plane ----

static void plane_is_made_of_quantiles(void **state) {
    struct room *r = *state;
    enum { STEPS = 5 };
    static float z[STEPS * STEPS * 2];
    uint32_t size[3];
    write_set(in(r, "set"), &labelled);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--latent", "2", "--epochs", "1", "--out",
        in(r, "run"));
    assert_ok(r);
    for (uint32_t i = 0; i < STEPS * STEPS; i++) {
        const uint32_t row = i / STEPS, column = i % STEPS;
        z[2 * i] = (float)vv_normal_quantile((column + 0.5) / STEPS);
        z[2 * i + 1] = (float)vv_normal_quantile((row + 0.5) / STEPS);
    }
    assert_true(fabs((double)z[0] + 1.2815515655446004) < 1e-7 && z[0] == z[1]);  // of 1/10
    assert_true(z[24] == 0 && z[25] == 0);                                        // the middle
    RUN(r, "manifold", in(r, "run"), "--steps", "5", "-o", in(r, "a.npy"));
    assert_ok(r);
    assert_has(r->out, "a.npy: 25 pictures, latent 0 from left to right");
    RUN(r, "manifold", in(r, "run"), "--steps", "5", "--scale", "1", "-o", in(r, "a.png"), "-q");
    assert_ok(r);
    assert_string_equal(r->out, "");
    struct vv_array plane = read_array(in(r, "a.npy"), NULL);
    unsigned char *grid = read_png(in(r, "a.png"), size);
    assert_pictures(&plane, STEPS * STEPS);
    assert_decoded(r, plane.values, z, STEPS * STEPS, 2);
    for (uint32_t i = 0; i < STEPS * STEPS; i++)
        assert_cell(grid, size, STEPS, i, plane.values + (size_t)i * PIXELS);
    free(plane.values);
    free(grid);
}

int main(void) {
    begin(true);
    const struct CMUnitTest tests[] = {
        ROOM(walk_goes_from_code_to_code),
        ROOM(row_ends_in_the_pictures_themselves),
        ROOM(most_informative_latent_comes_first),
        ROOM(rows_go_through_the_quantiles),
        ROOM(rows_around_a_picture_keep_its_other_latents),
        ROOM(object_tells_of_the_rows),
        ROOM(plane_is_made_of_quantiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
