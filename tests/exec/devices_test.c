// The list of devices and the choice of one.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "driver.h"

#include <string.h>

struct fixture {
    struct vv_context ctx;
    struct vv_store store;
    struct vv_device_info *devices;
    uint32_t count, chosen;
    char why[256];
};

static int setup(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    vv_context_init(&f->ctx);
    vv_store_init(&f->store, &f->ctx);
    *state = f;
    return !vv_vulkan_list(&f->ctx, NULL, &f->devices, &f->count, &f->chosen, f->why);
}

static int teardown(void **state) {
    struct fixture *f = *state;
    vv_store_finish(&f->store);
    free(f->devices);
    free(f);
    return 0;
}

static struct vv_exec *open_device(struct fixture *f, const char *device) {
    return vv_vulkan_create(&f->store, &(struct vv_vulkan_options){.device = device});
}

// Opens what `device` means, and checks that it is the default one.
static void assert_finds_default(struct fixture *f, const char *device) {
    struct vv_exec *e = open_device(f, device);
    if (!e) fail_msg("'%s': %s", device ? device : "default", f->ctx.error);
    assert_non_null(strstr(e->description, f->devices[f->chosen].name));
    vv_exec_destroy(e);
}

static void list_describes_each_device(void **state) {
    struct fixture *f = *state;
    assert_true(f->count > 0 && f->chosen < f->count);
    assert_true(f->why[0] != '\0');
    for (uint32_t i = 0; i < f->count; i++) {
        const struct vv_device_info *d = &f->devices[i];
        printf("%u: %s, %s, %s, Vulkan %s, %s, %llu bytes, subgroups of %u%s\n", d->index, d->name,
               d->type, d->driver, d->api_version, d->uuid_text, (unsigned long long)d->memory_bytes,
               d->limits.subgroup_size, d->limits.subgroup_shuffle ? " with shuffles" : "");
        assert_int_equal(d->index, i);
        assert_int_equal(strlen(d->uuid_text), 36);
        assert_true(d->name[0] && d->driver[0] && d->api_version[0]);
        assert_true(d->usable || d->reason[0]);
    }
}

static void list_holds_each_uuid_once(void **state) {
    struct fixture *f = *state;
    for (uint32_t i = 0; i < f->count; i++)
        for (uint32_t j = 0; j < i; j++)
            assert_string_not_equal(f->devices[i].uuid_text, f->devices[j].uuid_text);
}

static void limits_are_at_least_the_floors(void **state) {
    struct fixture *f = *state;
    const struct vv_limits *l = &f->devices[f->chosen].limits, *least = &vv_limits_minimum;
    assert_true(l->max_invocations >= least->max_invocations);
    assert_true(l->max_groups >= least->max_groups);
    assert_true(l->max_shared_bytes >= least->max_shared_bytes);
    assert_true(l->max_texel_elements >= least->max_texel_elements);
    assert_true(l->max_storage_range >= least->max_storage_range);
    assert_true(l->max_uniform_range >= least->max_uniform_range);
    assert_true(l->max_storage_buffers >= least->max_storage_buffers);
    assert_true(l->offset_alignment >= 16 && l->offset_alignment <= least->offset_alignment);
    assert_true(l->subgroup_size >= 1);
    assert_true(vv_matmul_available(l, l->matmul));
}

static void device_is_found_by_index(void **state) {
    struct fixture *f = *state;
    char index[16];
    (void)snprintf(index, sizeof index, "%u", f->chosen);
    assert_finds_default(f, index);
}

static void device_is_found_by_uuid_in_either_case(void **state) {
    struct fixture *f = *state;
    char uuid[37];
    memcpy(uuid, f->devices[f->chosen].uuid_text, sizeof uuid);
    assert_finds_default(f, uuid);
    for (char *c = uuid; *c; c++)
        if (*c >= 'a' && *c <= 'f') *c = (char)(*c - 'a' + 'A');
    assert_finds_default(f, uuid);
}

static void device_is_found_by_part_of_its_name(void **state) {
    struct fixture *f = *state;
    char part[256];
    (void)snprintf(part, sizeof part, "%s", f->devices[f->chosen].name + 1);
    part[4] = '\0';
    for (char *c = part; *c; c++)
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
    assert_finds_default(f, part);
}

static void unknown_devices_are_refused_with_a_list(void **state) {
    struct fixture *f = *state;
    static const char *const unknown[] = {"no such thing", "99", "-1", ""};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        assert_null(open_device(f, unknown[i]));
        assert_int_equal(f->ctx.status, VV_NO_DEVICE);
        assert_non_null(strstr(f->ctx.error, unknown[i]));
        assert_non_null(strstr(f->ctx.error, f->devices[f->chosen].name));
        assert_non_null(strstr(f->ctx.error, f->devices[f->chosen].uuid_text));
        vv_clear(&f->ctx);
    }
}

static void list_chooses_what_is_wanted(void **state) {
    struct fixture *f = *state;
    struct vv_device_info *devices;
    uint32_t count, chosen;
    char why[256];
    assert_true(
        vv_vulkan_list(&f->ctx, f->devices[f->chosen].uuid_text, &devices, &count, &chosen, why));
    assert_int_equal(count, f->count);
    assert_int_equal(chosen, f->chosen);
    assert_string_equal(why, "asked for");
    free(devices);
    assert_true(vv_vulkan_list(&f->ctx, "no such thing", &devices, &count, &chosen, why));
    assert_int_equal(count, f->count);
    assert_true(chosen == UINT32_MAX);
    assert_non_null(strstr(why, "means none of the "));
    free(devices);
}

static void default_is_the_one_that_the_list_chose(void **state) {
    assert_finds_default(*state, NULL);
}

int main(void) {
    need_device();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_describes_each_device),
        cmocka_unit_test(list_holds_each_uuid_once),
        cmocka_unit_test(limits_are_at_least_the_floors),
        cmocka_unit_test(device_is_found_by_index),
        cmocka_unit_test(device_is_found_by_uuid_in_either_case),
        cmocka_unit_test(device_is_found_by_part_of_its_name),
        cmocka_unit_test(unknown_devices_are_refused_with_a_list),
        cmocka_unit_test(list_chooses_what_is_wanted),
        cmocka_unit_test(default_is_the_one_that_the_list_chose),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
