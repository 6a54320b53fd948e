// `vkvae devices` on this machine's own devices. VKVAE names the program; else it is the one that was
// built.
#include "program.h"

#include <cJSON.h>

static struct program program;

// LeakSanitizer cannot tell what memory belongs to a driver that was unloaded, and reports it.
static void do_not_look_for_leaks(void) {
    char options[512];
    const char *given = getenv("ASAN_OPTIONS");
    (void)snprintf(options, sizeof options, "%s:detect_leaks=0", given ? given : "");
    (void)setenv("ASAN_OPTIONS", options, 1);
}

// Skips the test, aloud, where the machine cannot have a device. Its error is tested all the same.
static void need_loader(void **state) {
    run_program(&program, *state, "devices");
    if (program.code == 0) return;
    assert_int_equal(program.code, 3);
    assert_memory_equal(program.err, "vkvae devices: ", strlen("vkvae devices: "));
    assert_int_equal(count_lines(program.err), 1);
    if (!strstr(program.err, "no Vulkan loader")) fail_msg("no device: %s", program.err);
    print_message("SKIPPED: there is no Vulkan loader: %s\n", program.err);
    skip();
}

static cJSON *devices_json(void **state, const char *arguments, int code) {
    char call[256];
    (void)snprintf(call, sizeof call, "devices --json%s", arguments);
    run_program(&program, *state, call);
    assert_int_equal(program.code, code);
    const char *end;
    cJSON *json = cJSON_ParseWithOpts(program.out, &end, false);
    assert_non_null(json);
    assert_string_equal(end, "\n");
    assert_true(cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(json, "devices")));
    assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(json, "why")));
    return json;
}

static int chosen_in(const cJSON *json) {
    const cJSON *chosen = cJSON_GetObjectItemCaseSensitive(json, "chosen");
    if (cJSON_IsNull(chosen)) return -1;
    assert_true(cJSON_IsNumber(chosen));
    return chosen->valueint;
}

static const char *text_of(const cJSON *device, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(device, key);
    if (!cJSON_IsString(item) || !item->valuestring[0]) fail_msg("no text under '%s'", key);
    return item->valuestring;
}

static void json_describes_each_device(void **state) {
    static const char *const numbers[] = {"memory_bytes",     "subgroup_size",      "max_invocations",
                                          "max_shared_bytes", "max_texel_elements", "max_storage_range"};
    need_loader(state);
    cJSON *json = devices_json(state, "", 0);
    const cJSON *devices = cJSON_GetObjectItemCaseSensitive(json, "devices"), *device;
    assert_in_range(cJSON_GetArraySize(devices), 1, 64);
    assert_in_range(chosen_in(json), 0, cJSON_GetArraySize(devices) - 1);
    int index = 0;
    cJSON_ArrayForEach(device, devices) {
        assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(device, "index")),
                         index++);
        assert_int_equal(strlen(text_of(device, "uuid")), 36);
        (void)text_of(device, "name");
        (void)text_of(device, "driver");
        (void)text_of(device, "api_version");
        assert_has(" discrete integrated virtual cpu other ", text_of(device, "type"));
        const cJSON *usable = cJSON_GetObjectItemCaseSensitive(device, "usable");
        assert_true(cJSON_IsBool(usable));
        if (cJSON_IsFalse(usable)) {
            (void)text_of(device, "reason");
            continue;
        }
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            if (!(cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(device, numbers[i])) >= 1))
                fail_msg("%s is missing or 0", numbers[i]);
    }
    cJSON_Delete(json);
}

static void list_says_the_same_as_json(void **state) {
    static char list[TEXT_ROOM];
    need_loader(state);
    memcpy(list, program.out, sizeof list);
    cJSON *json = devices_json(state, "", 0);
    const cJSON *device;
    cJSON_ArrayForEach(device, cJSON_GetObjectItemCaseSensitive(json, "devices")) {
        assert_has(list, text_of(device, "name"));
        assert_has(list, text_of(device, "uuid"));
        assert_has(list, text_of(device, "driver"));
    }
    char chosen[64];
    (void)snprintf(chosen, sizeof chosen, "\nchosen: %d, ", chosen_in(json));
    assert_has(list, chosen);
    assert_has(list, text_of(json, "why"));
    cJSON_Delete(json);
}

static void assert_chosen(void **state, const char *variable, int wanted) {
    (void)setenv("VKVAE_DEVICE", variable, 1);
    cJSON *json = devices_json(state, "", wanted == -1 && strcmp(variable, "reference") != 0 ? 3 : 0);
    assert_int_equal(chosen_in(json), wanted);
    assert_has(text_of(json, "why"), variable);
    assert_has(text_of(json, "why"), "VKVAE_DEVICE");
    cJSON_Delete(json);
    (void)unsetenv("VKVAE_DEVICE");
}

static void variable_chooses_as_the_option_does(void **state) {
    char uuid[64], call[128];
    need_loader(state);
    cJSON *json = devices_json(state, "", 0);
    int best = chosen_in(json);
    const cJSON *device = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "devices"), best);
    (void)snprintf(uuid, sizeof uuid, "%s", text_of(device, "uuid"));
    cJSON_Delete(json);
    assert_chosen(state, uuid, best);
    assert_chosen(state, "reference", -1);
    assert_chosen(state, "no such device", -1);
    assert_has(program.err, "VKVAE_DEVICE=no such device means none of the ");

    (void)setenv("VKVAE_DEVICE", "no such device", 1);  // the command line goes before it
    (void)snprintf(call, sizeof call, " --device %s", uuid);
    json = devices_json(state, call, 0);
    assert_int_equal(chosen_in(json), best);
    (void)setenv("VKVAE_DEVICE", "", 1);  // as if it were not there
    cJSON_Delete(json);
    json = devices_json(state, "", 0);
    assert_int_equal(chosen_in(json), best);
    cJSON_Delete(json);
    (void)unsetenv("VKVAE_DEVICE");
}

int main(void) {
    do_not_look_for_leaks();
    (void)unsetenv("VKVAE_DEVICE");
    program.path = program_path("VKVAE", VKVAE_PROGRAM);
    const struct CMUnitTest tests[] = {
        TEST(json_describes_each_device),
        TEST(list_says_the_same_as_json),
        TEST(variable_chooses_as_the_option_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
