// A set that streams gives the bytes of one that lies on the device, wherever an epoch is cut, and
// whatever happens; and takes the memory that it was given.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <string.h>

#include "driver.h"
#include "feed.h"
#include "message.h"
#include "step.h"

// Pictures of 63 bytes, batches of 16: two of them; and of the 37 to test on all, in one batch.
#define LEAST (2 * 16 * 63 + 37 * 63)

struct run {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_exec *exec;
    struct vv_trainer trainer;
};

// The same pictures as floats.
static void become_floats(struct vv_images *images) {
    const size_t n = (size_t)images->count * 63;
    images->values = malloc(n * sizeof *images->values);
    assert_non_null(images->values);
    for (size_t i = 0; i < n; i++) images->values[i] = (float)images->pixels[i] / 300;
    free(images->pixels);
    images->pixels = NULL;
}

static bool floats;  // the sets of the test

static void open_run(struct run *r, bool device, struct vv_settings settings, uint64_t memory) {
    struct vv_dataset set = {.train = small_images(settings.train_count, 1),
                             .test = small_images(settings.test_count, 2)};
    if (floats) become_floats(&set.train), become_floats(&set.test);
    const struct vv_trainer_options options = {.data_memory = memory};
    memset(r, 0, sizeof *r);
    vv_context_init(&r->ctx);
    vv_store_init(&r->store, &r->ctx);
    r->exec = device ? vv_vulkan_create(&r->store, &(struct vv_vulkan_options){.validate = true})
                     : vv_reference_create(&r->store, NULL);
    if (!r->exec || !vv_trainer_init(&r->trainer, r->exec, &settings, &set, &options) ||
        !vv_trainer_load(&r->trainer, &set, 0))
        fail_msg("%s", r->ctx.error);
    vv_dataset_finish(&set);
}

static void close_run(struct run *r) {
    vv_trainer_finish(&r->trainer);
    vv_exec_destroy(r->exec);
    assert_string_equal(r->ctx.error, "");
    vv_store_finish(&r->store);
}

static const struct vv_state *state_of(const struct run *r, const char *name) {
    for (uint32_t i = 0; i < r->store.count; i++)
        if (strcmp(r->store.states[i]->name, name) == 0) return r->store.states[i];
    return NULL;
}

static void expect_same_state(struct run *a, struct run *b, const struct vv_state *s,
                              const struct vv_state *t) {
    unsigned char *p = malloc(s->bytes), *q = malloc(s->bytes);
    assert_true(vv_exec_read(a->exec, s, 0, p, s->bytes) && vv_exec_read(b->exec, t, 0, q, s->bytes));
    assert_memory_equal(p, q, s->bytes);
    free(p);
    free(q);
}

static void expect_same(struct run *a, struct run *b) {
    expect_same_state(a, b, a->trainer.params, b->trainer.params);
    expect_same_state(a, b, a->trainer.m, b->trainer.m);
    expect_same_state(a, b, a->trainer.v, b->trainer.v);
    assert_memory_equal(&a->trainer.position, &b->trainer.position, sizeof(struct vv_position));
}

static bool count_down(void *user) {
    uint32_t *calls = user;
    return (*calls)-- == 0;
}

// A test that is stopped, in its second batch if it has one, leaves an epoch of which nothing is to be
// trained any more.
static void stop_in_test(struct run *r, struct vv_losses losses[2]) {
    uint32_t calls = r->trainer.settings.test_count > 512;
    const struct vv_hooks hooks = {.user = &calls, .stop = count_down}, none = {0};
    const struct vv_position after = r->trainer.position;
    struct vv_losses again;
    assert_int_equal(vv_trainer_epoch_test(&r->trainer, &hooks, &losses[1]), VV_EPOCH_STOPPED);
    assert_int_equal(r->trainer.position.epoch, after.epoch - 1);
    assert_int_equal(r->trainer.position.step, r->trainer.steps);
    assert_int_equal(vv_trainer_epoch(&r->trainer, &none, &again), VV_EPOCH_DONE);
    assert_memory_equal(&again, &losses[0], sizeof again);
    assert_memory_equal(&r->trainer.position, &after, sizeof after);
}

// Trains an epoch, `most` steps a call, and tests.
static void train(struct run *r, uint32_t most, struct vv_losses losses[2]) {
    enum vv_outcome outcome = VV_EPOCH_STOPPED;
    while (outcome == VV_EPOCH_STOPPED) {
        const struct vv_hooks hooks = {.until = r->trainer.position.step + most};
        outcome = vv_trainer_epoch(&r->trainer, &hooks, &losses[0]);
    }
    if (outcome == VV_EPOCH_FAILED) fail_msg("%s", r->ctx.error);
    if (most < r->trainer.steps) stop_in_test(r, losses);
    if (!vv_trainer_test(&r->trainer, &losses[1])) fail_msg("%s", r->ctx.error);
}

// Two epochs, in memory, streamed, and streamed with stops on the way.
static void streams_the_same(bool device, struct vv_settings settings, uint64_t memory,
                             uint32_t pictures) {
    struct run whole, streamed, stopped;
    open_run(&whole, device, settings, 0);
    open_run(&streamed, device, settings, memory);
    open_run(&stopped, device, settings, memory);
    assert_int_equal(state_of(&whole, "train.data")->shape.dim[0], settings.train_count);
    assert_int_equal(state_of(&streamed, "train.data")->shape.dim[0], pictures);
    for (uint32_t epoch = 0; epoch < 2; epoch++) {
        struct vv_losses a[2], b[2], c[2];
        train(&whole, UINT32_MAX / 2, a);
        train(&streamed, UINT32_MAX / 2, b);
        train(&stopped, 3, c);
        assert_memory_equal(a, b, sizeof a);
        assert_memory_equal(a, c, sizeof a);
        expect_same(&whole, &streamed);
        expect_same(&whole, &stopped);
    }
    close_run(&whole);
    close_run(&streamed);
    close_run(&stopped);
}

static void a_ring_changes_no_byte(void **state) {
    (void)state;
    const struct vv_settings settings = small_settings();
    for (uint32_t device = 0; device < 2; device++) {
        streams_the_same(device, settings, LEAST, 2 * 16);
        streams_the_same(device, settings, LEAST + 16 * 63, 3 * 16);
    }
    struct vv_settings single = small_settings();
    single.batch = 1;
    streams_the_same(true, single, 37 * 63 + 8 * 63, 8);
}

static void floats_stream_too(void **state) {
    (void)state;
    floats = true;
    for (uint32_t device = 0; device < 2; device++)
        streams_the_same(device, small_settings(), 4 * LEAST, 2 * 16);
    floats = false;
}

// Bytes and floats, drawn once: a ring gives the same, and nothing but 0 and 1; what the run says of the
// set's bytes stays.
static void drawn_pixels_stream_too(void **state) {
    (void)state;
    struct vv_settings settings = small_settings();
    (void)snprintf(settings.binarize, sizeof settings.binarize, "static");
    streams_the_same(true, settings, LEAST, 2 * 16);
    floats = true;
    streams_the_same(true, settings, 4 * LEAST, 2 * 16);
    floats = false;
    struct run r;
    open_run(&r, false, settings, 0);
    unsigned char pixels[100 * 63];
    const struct vv_state *data = state_of(&r, "train.data");
    uint32_t white = 0;
    assert_true(vv_exec_read(r.exec, data, 0, pixels, sizeof pixels));
    for (size_t i = 0; i < sizeof pixels; i++) {
        assert_true(pixels[i] == 0 || pixels[i] == 255);
        white += pixels[i] == 255;
    }
    // A seventh of the pixels are about 215 of 255, the others 7.5: 913 in the mean.
    assert_in_range(white, 800, 1030);
    close_run(&r);
}

// Drawn anew, what is trained on is another; a cut changes nothing, and the test is drawn once.
static void pixels_drawn_anew_are_others(void **state) {
    (void)state;
    struct vv_settings settings = small_settings();
    (void)snprintf(settings.binarize, sizeof settings.binarize, "dynamic");
    streams_the_same(true, settings, LEAST, 2 * 16);
    struct run anew, once;
    struct vv_losses a[2], b[2];
    open_run(&anew, false, settings, 0);
    (void)snprintf(settings.binarize, sizeof settings.binarize, "static");
    open_run(&once, false, settings, 0);
    assert_true(vv_trainer_test(&anew.trainer, &a[0]) && vv_trainer_test(&once.trainer, &b[0]));
    assert_memory_equal(&a[0], &b[0], sizeof a[0]);
    train(&anew, UINT32_MAX / 2, a);
    train(&once, UINT32_MAX / 2, b);
    assert_true(a[0].recon != b[0].recon);
    close_run(&anew);
    close_run(&once);
}

// More to test on than lies there, and a last batch of one picture.
static void the_test_streams_too(void **state) {
    (void)state;
    struct vv_settings settings = small_settings();
    settings.test_count = 3 * 512 + 1;
    settings.train_count = 33;
    struct run whole, streamed;
    open_run(&whole, true, settings, 0);
    open_run(&streamed, true, settings, (2 * 16 + 2 * 512) * 63);
    assert_int_equal(state_of(&streamed, "test.data")->shape.dim[0], 2 * 512);
    assert_int_equal(state_of(&streamed, "train.data")->shape.dim[0], 2 * 16);
    assert_int_equal(streamed.trainer.test_data->shape.dim[0], VV_TEST_SHOWN);
    for (uint32_t epoch = 0; epoch < 2; epoch++) {
        struct vv_losses a[2], b[2];
        train(&whole, 1, a);
        train(&streamed, 2, b);
        assert_memory_equal(a, b, sizeof a);
        expect_same(&whole, &streamed);
    }
    const uint64_t n = streamed.trainer.test_data->bytes;
    unsigned char *p = malloc(n), *q = malloc(n);
    assert_true(vv_exec_read(whole.exec, whole.trainer.test_data, 0, p, n) &&
                vv_exec_read(streamed.exec, streamed.trainer.test_data, 0, q, n));
    assert_memory_equal(p, q, n);
    free(p);
    free(q);
    close_run(&whole);
    close_run(&streamed);
}

// A position in the middle of an epoch, as a resumed run has it.
static void a_ring_begins_where_the_epoch_is(void **state) {
    (void)state;
    struct run first, second;
    struct vv_losses a[2], b[2];
    open_run(&first, true, small_settings(), LEAST);
    open_run(&second, true, small_settings(), LEAST);
    run_steps(&first.trainer, 5);
    const struct vv_state *const from[] = {first.trainer.params, first.trainer.m, first.trainer.v};
    const struct vv_state *const to[] = {second.trainer.params, second.trainer.m, second.trainer.v};
    for (uint32_t i = 0; i < 3; i++) {
        float *values = malloc(from[i]->bytes);
        assert_true(vv_exec_read(first.exec, from[i], 0, values, from[i]->bytes) &&
                    vv_exec_write(second.exec, to[i], 0, values, to[i]->bytes));
        free(values);
    }
    second.trainer.position = first.trainer.position;
    train(&first, UINT32_MAX / 2, a);
    train(&second, UINT32_MAX / 2, b);
    assert_memory_equal(a, b, sizeof a);
    expect_same(&first, &second);
    close_run(&first);
    close_run(&second);
}

// ---- the ring itself ----

// Takes steps in all sizes that come, and looks whether each has its pictures.
static void walk(struct vv_feed *f, const struct vv_images *images, const uint32_t *pictures,
                 uint32_t first, uint32_t until) {
    const unsigned char *ring = vv_exec_address(f->exec, f->data);
    uint32_t order[100];
    assert_true(vv_exec_read(f->exec, f->order, 0, order, sizeof order));
    assert_true(vv_feed_begin(f, pictures, first));
    for (uint32_t step = first, asked = 1; step < until; asked++) {
        const uint32_t wanted = asked % 5 + 1 < until - step ? asked % 5 + 1 : until - step;
        const uint32_t n = vv_feed_take(f, step, wanted), end = (step + n) * f->batch;
        assert_true(n >= 1 && n <= wanted);
        for (uint32_t i = step * f->batch; i < end && i < 100; i++)
            assert_memory_equal(ring + (size_t)63 * order[i],
                                images->pixels + (size_t)63 * (pictures ? pictures[i] : i), 63);
        vv_feed_land(f, step);  // what was taken before; this is in flight
        step += n;
    }
    vv_feed_end(f);
}

static void a_ring_holds_what_was_asked_for(void **state) {
    (void)state;
    struct vv_images images = small_images(100, 1), kept = images;
    uint32_t pictures[100];
    for (uint32_t i = 0; i < 100; i++) pictures[i] = i * 37 % 100;
    for (uint32_t slots = 2; slots < 10; slots++) {
        struct vv_context ctx;
        struct vv_store store;
        struct vv_feed f;
        vv_context_init(&ctx);
        vv_store_init(&store, &ctx);
        struct vv_exec *e = vv_reference_create(&store, NULL);
        images = kept;
        assert_true(vv_feed_init(&f, e, "set", &images, 8, slots) && vv_exec_realize(e) &&
                    vv_feed_load(&f, &images));
        assert_null(images.pixels);
        f.alone = slots % 2;
        walk(&f, &kept, pictures, 0, f.steps);
        walk(&f, &kept, NULL, 5, f.steps);
        walk(&f, &kept, pictures, 3, 4);
        walk(&f, &kept, pictures, f.steps, f.steps);
        f.images.pixels = NULL;  // for the next one
        vv_feed_finish(&f);
        vv_exec_destroy(e);
        vv_store_finish(&store);
    }
    vv_images_finish(&kept);
}

// ---- what goes wrong leaves nothing behind ----

static void a_bad_step_ends_a_ring(void **state) {
    (void)state;
    struct run r;
    open_run(&r, true, small_settings(), LEAST);
    run_steps(&r.trainer, 2);
    const float nan = NAN;
    assert_true(
        vv_exec_write(r.exec, r.trainer.params, 4 * r.trainer.model.block[0].offset, &nan, sizeof nan));
    const struct vv_hooks none = {0};
    struct vv_losses losses;
    assert_int_equal(vv_trainer_epoch(&r.trainer, &none, &losses), VV_EPOCH_FAILED);
    assert_non_null(strstr(r.ctx.error, "step 3 of epoch 1"));
    vv_clear(&r.ctx);
    close_run(&r);
}

// An executor that fails from its nth submission on, as one whose device is lost.
static struct vv_exec_functions failing;
static const struct vv_exec_functions *sound;
static uint32_t submissions_left;

static bool fail_submission(struct vv_exec *e) {
    if (submissions_left) {
        submissions_left--;
        return false;
    }
    return !vv_fail(e->ctx, VV_FAILED, "the device is lost");
}

static bool may_submit(struct vv_exec *e, struct vv_program *p, uint32_t times) {
    return !fail_submission(e) && sound->submit(e, p, times);
}

static bool may_submit_parts(struct vv_exec *e, struct vv_program *p, uint32_t parts) {
    return !fail_submission(e) && sound->submit_parts(e, p, parts);
}

static void a_lost_device_ends_a_ring(void **state) {
    (void)state;
    for (uint32_t n = 0; n < 9; n++) {
        struct run r;
        struct vv_losses losses;
        const struct vv_hooks none = {0};
        open_run(&r, false, small_settings(), LEAST);
        sound = r.exec->f;
        failing = *sound;
        failing.submit = may_submit;
        failing.submit_parts = may_submit_parts;
        r.exec->f = &failing;
        submissions_left = n;
        enum vv_outcome outcome = vv_trainer_epoch(&r.trainer, &none, &losses);
        assert_true(outcome == (n < 7 ? VV_EPOCH_FAILED : VV_EPOCH_DONE));
        if (n >= 7) assert_int_equal(vv_trainer_test(&r.trainer, &losses), n > 7);
        vv_clear(&r.ctx);
        r.exec->f = sound;
        close_run(&r);
    }
}

static bool never_idle(void *user) {
    return vv_fail(user, VV_FAILED, "not now");
}

static void a_hook_that_fails_ends_a_ring(void **state) {
    (void)state;
    struct run r;
    struct vv_losses losses;
    open_run(&r, false, small_settings(), LEAST);
    const struct vv_hooks hooks = {.user = &r.ctx, .idle = never_idle};
    assert_int_equal(vv_trainer_epoch(&r.trainer, &hooks, &losses), VV_EPOCH_FAILED);
    vv_clear(&r.ctx);
    close_run(&r);
}

// ---- how much memory ----

static void memory_is_divided(void **state) {
    (void)state;
    const struct vv_room room = {.one = 1 << 20, .all = 4 << 20};
    struct vv_feed_size sizes[2] = {{100, 10000, 100, 100}, {100, 1000, 100, 50}};
    uint32_t slots[2];
    // Both fit, in what is given and in half of what there is.
    assert_int_equal(vv_feed_divide(&room, 0, sizes, slots), 1100000);
    assert_true(slots[0] == 0 && slots[1] == 0);
    assert_int_equal(vv_feed_divide(&room, 1100000, sizes, slots), 1100000);
    assert_true(slots[0] == 0 && slots[1] == 0);
    // The larger one streams, through what the other leaves.
    (void)vv_feed_divide(&room, 1000000, sizes, slots);
    assert_true(slots[0] == 90 && slots[1] == 0);
    // Both do.
    (void)vv_feed_divide(&room, 130000, sizes, slots);
    assert_true(slots[0] == 7 && slots[1] == 12);
    // The least, and less than that.
    assert_int_equal(vv_feed_divide(&room, 30000, sizes, slots), 30000);
    assert_true(slots[0] == 2 && slots[1] == 2);
    assert_int_equal(vv_feed_divide(&room, 1, sizes, slots), 30000);
    // A range that is too small for the set, and never for more of a ring.
    sizes[0].count = 20000;
    (void)vv_feed_divide(&room, UINT64_C(1) << 40, sizes, slots);
    assert_true(slots[0] == 104 && slots[1] == 0);
    // More pictures than a state can have elements, however large the range is.
    const struct vv_room endless = {UINT64_MAX, UINT64_MAX};
    sizes[0] = (struct vv_feed_size){1 << 20, 1 << 13, 1 << 20, 16};
    (void)vv_feed_divide(&endless, 0, sizes, slots);
    assert_true(slots[0] == 4 && slots[1] == 0);
    // A single batch that is too large has nothing to stream.
    sizes[0] = (struct vv_feed_size){1 << 20, 100, 1 << 20, 100};
    (void)vv_feed_divide(&room, 0, sizes, slots);
    assert_int_equal(slots[0], 1);
}

static void too_little_memory_is_refused(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_store store;
    struct vv_trainer trainer;
    const struct vv_settings settings = small_settings();
    struct vv_dataset set = {.train = small_images(settings.train_count, 1),
                             .test = small_images(settings.test_count, 2)};
    vv_context_init(&ctx);
    vv_store_init(&store, &ctx);
    struct vv_exec *exec = vv_reference_create(&store, NULL);
    assert_false(vv_trainer_init(&trainer, exec, &settings, &set,
                                 &(struct vv_trainer_options){.data_memory = LEAST - 1}));
    ASSERT_MESSAGE(
        "--data-memory <bytes>: two batches of the pictures to train on and two of those to "
        "test on take <count> bytes; give as many, or take a smaller --batch",
        VV_USAGE,
        "--data-memory 4346: two batches of the pictures to train on and two of those to test "
        "on take 4347 bytes; give as many, or take a smaller --batch",
        &ctx);
    vv_trainer_finish(&trainer);
    vv_exec_destroy(exec);
    vv_store_finish(&store);
    vv_dataset_finish(&set);
}

// What a set takes on the device does not grow with it, but for what each picture's place takes.
static void memory_stays_bounded(void **state) {
    (void)state;
    struct vv_settings settings = small_settings();
    uint64_t bytes[2] = {0, 0};
    for (uint32_t large = 0; large < 2; large++) {
        struct run r;
        settings.train_count = large ? 10000 : 100;
        open_run(&r, false, settings, LEAST);
        run_steps(&r.trainer, 3);
        for (uint32_t i = 0; i < r.store.count; i++) bytes[large] += r.store.states[i]->bytes;
        bytes[large] -= state_of(&r, "train.order")->bytes + state_of(&r, "train.table")->bytes +
                        state_of(&r, "train.log")->bytes;
        close_run(&r);
    }
    assert_int_equal(bytes[0], bytes[1]);
}

int main(void) {
    need_device();
    need_validation();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_changes_no_byte),
        cmocka_unit_test(floats_stream_too),
        cmocka_unit_test(drawn_pixels_stream_too),
        cmocka_unit_test(pixels_drawn_anew_are_others),
        cmocka_unit_test(the_test_streams_too),
        cmocka_unit_test(a_ring_begins_where_the_epoch_is),
        cmocka_unit_test(a_ring_holds_what_was_asked_for),
        cmocka_unit_test(a_bad_step_ends_a_ring),
        cmocka_unit_test(a_lost_device_ends_a_ring),
        cmocka_unit_test(a_hook_that_fails_ends_a_ring),
        cmocka_unit_test(memory_is_divided),
        cmocka_unit_test(too_little_memory_is_refused),
        cmocka_unit_test(memory_stays_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
