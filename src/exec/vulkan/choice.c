// Which device is taken: by default, or for a text like "1", a UUID or "nvidia".
#include "vulkan.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// By type, the better the lower.
static int rank(const struct vv_device_info *device) {
    static const char *const types[] = {"discrete", "integrated", "virtual", "cpu", NULL};
    int i = 0;
    while (types[i] && strcmp(types[i], device->type) != 0) i++;
    return i;
}

static bool same_text(const char *a, const char *b) {
    while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b)) a++, b++;
    return *a == *b;
}

static bool holds(const char *text, const char *part) {
    size_t n = strlen(part);
    for (; *text; text++) {
        size_t i = 0;
        while (i < n && text[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
            i++;
        if (i == n) return true;
    }
    return false;
}

// Of the usable devices whose name holds `part`, the first of the best type.
struct match {
    uint32_t first;   // UINT32_MAX: none
    uint32_t usable;  // all of them
    uint32_t equal;   // of the same type as the first
    char list[64];    // their indexes
};

static void count_in(const struct vv_device_info *device, uint32_t index, struct match *m) {
    const size_t used = strlen(m->list), room = sizeof m->list - used;
    if (m->equal++ == 0) m->first = index;
    if (room > sizeof ", 63, ...")
        (void)snprintf(m->list + used, room, "%s%u", used ? ", " : "", device->index);
    else if (room > sizeof ", ...")
        (void)snprintf(m->list + used, room, ", ...");
}

static struct match find_best(const struct vv_device_info *devices, uint32_t count, const char *part) {
    struct match m = {.first = UINT32_MAX};
    for (uint32_t i = 0; i < count; i++) {
        if (!devices[i].usable || (part && !holds(devices[i].name, part))) continue;
        m.usable++;
        const int lead = m.equal ? rank(&devices[m.first]) - rank(&devices[i]) : 0;
        if (lead < 0) continue;
        if (lead > 0) m = (struct match){.usable = m.usable};
        count_in(&devices[i], i, &m);
    }
    return m;
}

// Why there is no choice.
static void fail(struct vv_choice *c, const char *format, ...) VV_PRINTF(2, 3);
static void fail(struct vv_choice *c, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(c->why, sizeof c->why, format, args);
    va_end(args);
}

static struct vv_choice choose_best(const struct vv_device_info *devices, uint32_t count) {
    const struct match m = find_best(devices, count, NULL);
    struct vv_choice c = {.index = m.first, .equal = m.equal};
    if (m.first == UINT32_MAX)
        fail(&c, "no device is usable: mend what is said of each, or take --device reference");
    else if (m.usable == 1)
        (void)snprintf(c.why, sizeof c.why, "the only usable device");
    else if (m.equal == 1)
        (void)snprintf(c.why, sizeof c.why, "the only %s device, which goes before the others",
                       devices[m.first].type);
    else
        (void)snprintf(c.why, sizeof c.why, "the first of %u %s devices (%s)", m.equal,
                       devices[m.first].type, m.list);
    return c;
}

// What is all digits is a number and nothing else: names are full of digits.
static bool is_number(const char *text) {
    return *text && strspn(text, "0123456789") == strlen(text);
}

// By number, else by UUID: that means one device.
static const struct vv_device_info *find_one(const struct vv_device_info *devices, uint32_t count,
                                             const char *wanted) {
    const uint64_t number = is_number(wanted) ? strtoull(wanted, NULL, 10) : UINT64_MAX;
    for (uint32_t i = 0; i < count; i++)
        if (i == number || same_text(devices[i].uuid_text, wanted)) return &devices[i];
    return NULL;
}

// By a part of the name.
static const struct vv_device_info *find_named(const struct vv_device_info *devices, uint32_t count,
                                               const char *part) {
    for (uint32_t i = 0; i < count && *part && !is_number(part); i++)
        if (holds(devices[i].name, part)) return &devices[i];
    return NULL;
}

struct vv_choice vv_device_choose(const struct vv_device_info *devices, uint32_t count,
                                  const char *wanted) {
    if (!wanted) return choose_best(devices, count);
    struct vv_choice c = {.index = UINT32_MAX};
    const struct vv_device_info *one = find_one(devices, count, wanted),
                                *found = one ? one : find_named(devices, count, wanted);
    struct match m = {.first = UINT32_MAX};
    if (found && !one) m = find_best(devices, count, wanted);
    if (one && one->usable) m.first = (uint32_t)(one - devices);
    c.index = m.first;
    c.equal = m.equal;
    if (!found)
        fail(&c,
             "means none of the devices here: name one by its number, its UUID or a part of its name");
    else if (c.index == UINT32_MAX)
        fail(&c, "means %.90s, which is not usable: %s", found->name, found->reason);
    else if (c.equal > 1)
        (void)snprintf(c.why, sizeof c.why, "the first of %u %s devices of that name (%s)", c.equal,
                       devices[c.index].type, m.list);
    else
        (void)snprintf(c.why, sizeof c.why, "asked for");
    return c;
}
