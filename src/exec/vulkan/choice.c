// Which device is taken: by default, or for a text like "1", a UUID or "nvidia".
#include "vulkan.h"

#include <ctype.h>
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

static uint32_t best(const struct vv_device_info *devices, uint32_t count, char why[256]) {
    uint32_t chosen = UINT32_MAX, equal = 0, usable = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!devices[i].usable) continue;
        usable++;
        if (chosen != UINT32_MAX && rank(&devices[i]) > rank(&devices[chosen])) continue;
        bool better = chosen == UINT32_MAX || rank(&devices[i]) < rank(&devices[chosen]);
        equal = better ? 1 : equal + 1;
        if (better) chosen = i;
    }
    if (chosen == UINT32_MAX)
        (void)snprintf(why, 256, "no device is usable");
    else if (usable == 1)
        (void)snprintf(why, 256, "the only usable device");
    else if (equal == 1)
        (void)snprintf(why, 256, "the only %s device, which goes before the others",
                       devices[chosen].type);
    else
        (void)snprintf(why, 256, "the first of %u %s devices", equal, devices[chosen].type);
    return chosen;
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

// By number, then by UUID, then by a part of the name: there the best of those that have it. What is all
// digits is a number and nothing else: names are full of digits.
static const struct vv_device_info *find(const struct vv_device_info *devices, uint32_t count,
                                         const char *wanted) {
    if (*wanted && strspn(wanted, "0123456789") == strlen(wanted)) {
        const unsigned long number = strtoul(wanted, NULL, 10);
        return number < count ? &devices[number] : NULL;
    }
    for (uint32_t i = 0; i < count; i++)
        if (same_text(devices[i].uuid_text, wanted)) return &devices[i];
    const struct vv_device_info *found = NULL;
    for (uint32_t i = 0; i < count && *wanted; i++) {
        const struct vv_device_info *d = &devices[i];
        if (!holds(d->name, wanted)) continue;
        if (!found || (d->usable && (!found->usable || rank(d) < rank(found)))) found = d;
    }
    return found;
}

uint32_t vv_device_choose(const struct vv_device_info *devices, uint32_t count, const char *wanted,
                          char why[256]) {
    if (!wanted) return best(devices, count, why);
    const struct vv_device_info *found = find(devices, count, wanted);
    if (!found)
        (void)snprintf(why, 256, "means none of the %u device%s here", count, count == 1 ? "" : "s");
    else if (!found->usable)
        (void)snprintf(why, 256, "means %.90s, which is not usable: %s", found->name, found->reason);
    else
        (void)snprintf(why, 256, "asked for");
    return found && found->usable ? (uint32_t)(found - devices) : UINT32_MAX;
}
