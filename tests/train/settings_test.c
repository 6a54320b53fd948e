// Settings as text: what resume.safetensors and config.json keep is read back as it was.
#include "../temporary.h"

#include "../message.h"
#include "config.h"
#include "schedule.h"

static struct vv_settings some_settings(uint32_t layers) {
    struct vv_settings s = {.model = "mlp",
                            .data = "a \"set\"",
                            .data_seed = UINT64_MAX,
                            .height = 9,
                            .width = 7,
                            .channels = 1,
                            .train_count = 100,
                            .test_count = 37,
                            .data_checksum = UINT32_MAX,
                            .activation = "leaky-relu",
                            .latent = 5,
                            .batch = 16,
                            .epochs = 3,
                            .lr = 1e-3,
                            .seed = 42,
                            .kernels = "plain"};
    for (uint32_t i = 0; i < layers; i++) s.hidden[i] = 512 >> i;
    vv_settings_usual(&s);
    return s;
}

static void assert_same(const struct vv_settings *a, const struct vv_settings *b) {
    assert_memory_equal(a->hidden, b->hidden, sizeof a->hidden);
    assert_string_equal(a->activation, b->activation);
    assert_string_equal(a->model, b->model);
    assert_string_equal(a->data, b->data);
    assert_true(a->latent == b->latent && a->batch == b->batch && a->seed == b->seed && a->lr == b->lr);
}

static void every_depth_is_read_as_it_was_written(void **state) {
    struct temporary *t = *state;
    const struct vv_config config = {.device = "any", .description = "a device", .version = "1"};
    for (uint32_t layers = 1; layers <= VV_MAX_HIDDEN; layers++) {
        const struct vv_settings s = some_settings(layers);
        struct vv_settings read;
        assert_true(vv_settings_check(&t->ctx, &s));
        assert_int_equal(vv_settings_model(&s).layers, layers);
        char *text = vv_settings_print(&t->ctx, &s);
        if (!vv_settings_parse(&t->ctx, "save", text, &read)) fail_msg("%s", t->ctx.error);
        assert_same(&s, &read);
        if (layers == 1) assert_non_null(strstr(text, "\"hidden\":512,"));
        if (layers == 2) assert_non_null(strstr(text, "\"hidden\":[512,256],"));
        free(text);
        struct vv_settings found = s;  // what is drawn keeps its seed
        (void)snprintf(found.data, sizeof found.data, "shapes");
        text = vv_config_print(&t->ctx, &found, &config);
        if (!vv_settings_parse(&t->ctx, "config.json", text, &read)) fail_msg("%s", t->ctx.error);
        assert_same(&found, &read);
        free(text);
    }
}

// All that is not the default, in both files.
static struct vv_settings settings_of_files(void) {
    struct vv_settings s = some_settings(0);
    s.how = (struct vv_data_how){.size = {30, 40},
                                 .channels = 3,
                                 .fit = "contain",
                                 .crop = "center",
                                 .background = "00ff00",
                                 .layout = "nchw",
                                 .normalize = "minmax",
                                 .strict = 1,
                                 .range = {-1, 2.5},
                                 .split = 0.75,
                                 .limit = 12,
                                 .tokens = "chars",
                                 .length = 16,
                                 .vocabulary = 200,
                                 .test = "/t",
                                 .labels = "/l",
                                 .test_labels = "/m"};
    (void)snprintf(s.model, sizeof s.model, "resnet");
    (void)snprintf(s.upsample, sizeof s.upsample, "nearest");
    (void)snprintf(s.norm, sizeof s.norm, "group");
    (void)snprintf(s.augment, sizeof s.augment, "flip,shift=2");
    s.stages[0] = 16;
    s.stages[1] = 32;
    s.blocks = 2;
    s.dropout = 0.25;
    s.samples = 3;
    s.kl_warmup = 77;
    s.free_bits = 0.5;
    s.capacity = 12.5;
    s.capacity_steps = 9;
    s.capacity_gamma = 4;
    (void)snprintf(s.likelihood, sizeof s.likelihood, "another");
    (void)snprintf(s.precision, sizeof s.precision, "fp16-storage");
    return s;
}

static void assert_same_all(const struct vv_settings *a, const struct vv_settings *b) {
    assert_same(a, b);
    assert_memory_equal(a->stages, b->stages, sizeof a->stages);
    assert_string_equal(a->upsample, b->upsample);
    assert_string_equal(a->norm, b->norm);
    assert_string_equal(a->augment, b->augment);
    assert_string_equal(a->likelihood, b->likelihood);
    assert_string_equal(a->precision, b->precision);
    assert_true(a->blocks == b->blocks && a->dropout == b->dropout);
    assert_string_equal(a->objective, b->objective);
    assert_true(a->samples == b->samples && a->beta == b->beta && a->kl_warmup == b->kl_warmup &&
                a->kl_cycle == b->kl_cycle && a->free_bits == b->free_bits &&
                a->capacity == b->capacity && a->capacity_steps == b->capacity_steps &&
                a->capacity_gamma == b->capacity_gamma);
    assert_memory_equal(&a->how, &b->how, sizeof a->how);
}

static void how_a_set_is_read_is_kept(void **state) {
    struct temporary *t = *state;
    const struct vv_config config = {.description = "a device", .version = "1"};
    const struct vv_settings s = settings_of_files();
    struct vv_settings read;
    assert_true(vv_settings_check(&t->ctx, &s));
    for (int kind = 0; kind < 2; kind++) {
        char *text = kind ? vv_config_print(&t->ctx, &s, &config) : vv_settings_print(&t->ctx, &s);
        if (!vv_settings_parse(&t->ctx, "file", text, &read)) fail_msg("%s", t->ctx.error);
        assert_same_all(&s, &read);
        assert_null(strstr(text, "hidden"));
        free(text);
    }
}

// What says nothing new is not written, so that programs of version 0.1.0 read it, and what is not there
// has its default.
static void what_is_usual_is_left_out(void **state) {
    struct temporary *t = *state;
    struct vv_settings s = some_settings(1), read;
    s.how = vv_data_how_default;
    char *text = vv_settings_print(&t->ctx, &s);
    static const char *const words[] = {
        "how",     "channels-list", "upsample",   "norm",      "blocks",    "dropout",
        "augment", "tuning",        "likelihood", "precision", "objective", "samples",
        "beta",    "kl-",           "free-bits",  "capacity",  "sigma",     "binarize"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(text, words[i])) fail_msg("%s: %s", words[i], text);
    if (!vv_settings_parse(&t->ctx, "save", text, &read)) fail_msg("%s", t->ctx.error);
    assert_same_all(&s, &read);
    free(text);
}

static void strange_values_are_refused(void **state) {
    struct temporary *t = *state;
    static const struct {
        const char *from, *to, *key;
    } strange[] = {{"\"30x40\"", "\"30x\"", "'size'"},
                   {"\"30x40\"", "\"30x0\"", "'size'"},
                   {"\"30x40\"", "\"-30x40\"", "'size'"},
                   {"\"30x40\"", "30", "'size'"},
                   {"\"strict\":true", "\"strict\":1", "'strict'"},
                   {"[-1,2.5]", "[2.5,-1]", "'range'"},
                   {"[-1,2.5]", "[1]", "'range'"},
                   {"[-1,2.5]", "[1,\"2\"]", "'range'"},
                   {"\"blocks\":2", "\"blocks\":9", "'blocks'"},
                   {"0.25", "1", "'dropout'"},
                   {"0.75", "0", "'split'"},
                   {"[16,32]", "[16,0]", "'channels-list'"},
                   {"\"nchw\"", "\"a text that is long\"", "'layout'"}};
    const struct vv_settings s = settings_of_files();
    char *text = vv_settings_print(&t->ctx, &s);
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        char changed[2048];
        struct vv_settings read;
        const char *at = strstr(text, strange[i].from);
        if (!at) fail_msg("%s is not in %s", strange[i].from, text);
        (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, strange[i].to,
                       at + strlen(strange[i].from));
        if (vv_settings_parse(&t->ctx, "save", changed, &read)) fail_msg("taken: %s", changed);
        assert_failure(&t->ctx, VV_BAD_DATA, "save", strange[i].key, NULL);
    }
    free(text);
}

// A megabyte of JSON takes forty when it is read.
static void settings_are_no_flood(void **state) {
    struct temporary *t = *state;
    struct vv_settings read;
    const struct vv_settings s = settings_of_files();
    char *text = vv_settings_print(&t->ctx, &s);
    const size_t room = 1 << 20, length = strlen(text);
    char *more = malloc(room + 2);
    assert_non_null(more);
    memset(more, ' ', room + 1);
    memcpy(more, text, length);
    more[room + 1] = '\0';
    assert_false(vv_settings_parse(&t->ctx, "save", more, &read));
    assert_failure(&t->ctx, VV_BAD_DATA, "save", "no JSON object", NULL);
    more[room] = '\0';
    if (!vv_settings_parse(&t->ctx, "save", more, &read)) fail_msg("%s", t->ctx.error);
    free(more);
    free(text);
}

static void strange_lists_are_refused(void **state) {
    struct temporary *t = *state;
    static const char *const strange[] = {
        "[]", "[512,0]", "[0,512]",       "[512,65537]", "[1.5]", "[[512]]",
        "{}", "\"512\"", "[512,\"256\"]", "null",        "-1",    "[1,2,3,4,5,6,7,8,9]"};
    const struct vv_settings s = some_settings(2);
    char *text = vv_settings_print(&t->ctx, &s), *at = strstr(text, "[512,256]");
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        char changed[2048];
        struct vv_settings read;
        (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, strange[i],
                       at + strlen("[512,256]"));
        assert_false(vv_settings_parse(&t->ctx, "save", changed, &read));
        assert_failure(&t->ctx, VV_BAD_DATA, "save", "'hidden'", NULL);
    }
    free(text);
}

static void precision_has_a_name(void **state) {
    struct temporary *t = *state;
    struct vv_settings s = settings_of_files();
    assert_true(vv_settings_check(&t->ctx, &s) && vv_settings_halve(&s));
    (void)snprintf(s.precision, sizeof s.precision, "fp32");
    assert_true(vv_settings_check(&t->ctx, &s) && !vv_settings_halve(&s));
    (void)snprintf(s.precision, sizeof s.precision, "fp16");
    assert_false(vv_settings_check(&t->ctx, &s));
    ASSERT_MESSAGE("--precision <name>: expected fp32 or fp16-storage", VV_USAGE,
                   "--precision fp16: expected fp32 or fp16-storage", &t->ctx);
}

static void pixels_are_drawn_at_times_that_there_are(void **state) {
    struct temporary *t = *state;
    struct vv_settings s = settings_of_files();
    (void)snprintf(s.likelihood, sizeof s.likelihood, "bernoulli");
    assert_true(vv_settings_binarize(&s) == VV_BINARIZE_NONE && vv_settings_bits(&s) == 0);
    (void)snprintf(s.binarize, sizeof s.binarize, "dynamic");
    assert_true(vv_settings_check(&t->ctx, &s) && vv_settings_binarize(&s) == VV_BINARIZE_DYNAMIC);
    assert_true(vv_settings_bits(&s) > 0);
    (void)snprintf(s.objective, sizeof s.objective, "ae");
    assert_true(vv_settings_bits(&s) == 0);
    (void)snprintf(s.objective, sizeof s.objective, "vae");
    (void)snprintf(s.binarize, sizeof s.binarize, "often");
    assert_false(vv_settings_check(&t->ctx, &s));
    ASSERT_MESSAGE("--binarize <when>: expected none, static or dynamic", VV_USAGE,
                   "--binarize often: expected none, static or dynamic", &t->ctx);
}

// No tensor of the test is larger than a kernel binds; convolutions keep what training has.
static void the_batch_of_the_test_fits_the_device(void **state) {
    (void)state;
    struct vv_settings s = {.model = "mlp",
                            .height = 28,
                            .width = 28,
                            .channels = 1,
                            .hidden = {400},
                            .latent = 20,
                            .batch = 7};
    const uint64_t range = 1 << 27;
    assert_int_equal(vv_schedule_test_batch(&s, range), 512);
    s.height = s.width = 256;
    s.channels = 3;
    assert_int_equal(vv_schedule_test_batch(&s, range), 170);
    assert_int_equal(vv_schedule_test_batch(&s, 4 * range), 512);
    s.height = s.width = 65536;
    assert_int_equal(vv_schedule_test_batch(&s, range), 1);
    s.height = s.width = 1;
    s.hidden[1] = 65536 * 16;
    assert_int_equal(vv_schedule_test_batch(&s, range), 32);
    s.hidden[1] = 0;
    s.latent = 65536 * 16;
    assert_int_equal(vv_schedule_test_batch(&s, range), 16);
    (void)snprintf(s.model, sizeof s.model, "conv");
    assert_int_equal(vv_schedule_test_batch(&s, range), 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_depth_is_read_as_it_was_written),
        TEST(how_a_set_is_read_is_kept),
        TEST(what_is_usual_is_left_out),
        TEST(strange_values_are_refused),
        TEST(strange_lists_are_refused),
        TEST(settings_are_no_flood),
        TEST(precision_has_a_name),
        TEST(pixels_are_drawn_at_times_that_there_are),
        TEST(the_batch_of_the_test_fits_the_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
