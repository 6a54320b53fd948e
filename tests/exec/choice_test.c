// The rule by which a device is chosen, on devices that this machine need not have.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "vulkan.h"

#include <string.h>

static const struct vv_device_info devices[] = {
    {.index = 0,
     .uuid_text = "00000000-0000-0000-0000-00000000000a",
     .name = "Slow Software",
     .type = "cpu",
     .usable = true},
    {.index = 1,
     .uuid_text = "00000000-0000-0000-0000-00000000000b",
     .name = "Old Card",
     .type = "discrete",
     .reason = "its driver speaks Vulkan 1.0"},
    {.index = 2,
     .uuid_text = "00000000-0000-0000-0000-00000000000c",
     .name = "Little Chip Card 2080",
     .type = "integrated",
     .usable = true},
    {.index = 3,
     .uuid_text = "00000000-0000-0000-0000-00000000000d",
     .name = "Big Card",
     .type = "discrete",
     .usable = true},
    {.index = 4,
     .uuid_text = "00000000-0000-0000-0000-00000000000e",
     .name = "Big Card",
     .type = "discrete",
     .usable = true},
};

#define NONE      "means none of the devices here: name one by its number, its UUID or a part of its name"
#define NO_USABLE "no device is usable: mend what is said of each, or take --device reference"

// The first `count` of these devices, what is wanted of them, what that means.
static const struct {
    uint32_t count;
    const char *wanted;
    uint32_t chosen;
    const char *why;
} choices[] = {
    {0, NULL, UINT32_MAX, NO_USABLE},
    {1, NULL, 0, "the only usable device"},
    {2, NULL, 0, "the only usable device"},
    {3, NULL, 2, "the only integrated device, which goes before the others"},
    {4, NULL, 3, "the only discrete device, which goes before the others"},
    {5, NULL, 3, "the first of 2 discrete devices (3, 4)"},
    {5, "0", 0, "asked for"},
    {5, "04", 4, "asked for"},
    {5, "00000000-0000-0000-0000-00000000000C", 2, "asked for"},
    {5, "SLOW", 0, "asked for"},
    // The first of the best, though an unusable one stands before.
    {5, "card", 3, "the first of 2 discrete devices of that name (3, 4)"},
    {4, "card", 3, "asked for"},  // a lesser one has the name too, and is not as good
    {3, "card", 2, "asked for"},  // a usable one, though of a lesser type
    {5, "chip c", 2, "asked for"},
    {2, "card", UINT32_MAX, "means Old Card, which is not usable: its driver speaks Vulkan 1.0"},
    {5, "1", UINT32_MAX, "means Old Card, which is not usable: its driver speaks Vulkan 1.0"},
    {5, "2080", UINT32_MAX, NONE},  // though a name has it
    {5, "5", UINT32_MAX, NONE},
    {1, "5", UINT32_MAX, NONE},
    {5, "-1", UINT32_MAX, NONE},
    {5, " 1", UINT32_MAX, NONE},
    {5, "0x", UINT32_MAX, NONE},
    {5, "00000000-0000-0000-0000", UINT32_MAX, NONE},
    {5, "18446744073709551616", UINT32_MAX, NONE},
    {5, "big cards", UINT32_MAX, NONE},
    {5, "", UINT32_MAX, NONE},
};

static void device_is_chosen_by_number_uuid_or_name(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        struct vv_choice c = vv_device_choose(devices, choices[i].count, choices[i].wanted);
        if (c.index != choices[i].chosen || strcmp(c.why, choices[i].why) != 0)
            fail_msg("'%s' of %u is %u: %s", choices[i].wanted ? choices[i].wanted : "(none)",
                     choices[i].count, c.index, c.why);
        assert_int_equal(c.equal > 1, strstr(c.why, "first of 2") != NULL);
    }
}

static void long_names_leave_room_for_the_reason(void **state) {
    (void)state;
    struct vv_device_info device = {.usable = false};
    memset(device.name, 'n', sizeof device.name - 1);
    memset(device.reason, 'r', sizeof device.reason - 1);
    struct vv_choice c = vv_device_choose(&device, 1, "n");
    assert_true(c.index == UINT32_MAX);
    assert_non_null(strstr(c.why, device.reason));
}

static void many_equal_devices_are_not_all_listed(void **state) {
    (void)state;
    struct vv_device_info many[64] = {0};
    for (uint32_t i = 0; i < 64; i++)
        many[i] = (struct vv_device_info){.index = i, .type = "other", .usable = true};
    struct vv_choice c = vv_device_choose(many, 64, NULL);
    assert_int_equal(c.index, 0);
    assert_int_equal(c.equal, 64);
    assert_non_null(strstr(c.why, "the first of 64 other devices (0, 1, 2, 3, "));
    assert_string_equal(c.why + strlen(c.why) - 6, ", ...)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_is_chosen_by_number_uuid_or_name),
        cmocka_unit_test(long_names_leave_room_for_the_reason),
        cmocka_unit_test(many_equal_devices_are_not_all_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
