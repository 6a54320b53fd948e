#include "device_choice.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank(const vkvae_device *device) {
    static const char *const types[] = {"discrete", "integrated", "virtual", "cpu", NULL};
    int i = 0;
    while (types[i] && strcmp(types[i], device->type) != 0) i++;
    return i;
}

static bool same(char a, char b) {
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static bool starts_with(const char *text, const char *start) {
    while (*start && same(*text, *start)) text++, start++;
    return !*start;
}

static bool holds(const char *text, const char *part) {
    for (; *text; text++)
        if (starts_with(text, part)) return true;
    return false;
}

static uint32_t find(const vkvae_device *devices, uint32_t count, const char *device) {
    char *end;
    unsigned long number = strtoul(device, &end, 10);
    if (isdigit((unsigned char)device[0]) && !*end && number < count) return (uint32_t)number;
    for (uint32_t i = 0; i < count; i++)
        if (strlen(device) == strlen(devices[i].uuid) && starts_with(devices[i].uuid, device)) return i;
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        const vkvae_device *d = &devices[i];
        if (!holds(d->name, device)) continue;
        const vkvae_device *f = found == UINT32_MAX ? NULL : &devices[found];
        if (!f || (d->usable && (!f->usable || rank(d) < rank(f)))) found = i;
    }
    return found;
}

void cli_choose_device(const vkvae_device *devices, uint32_t count, const char *device,
                       const char *origin, struct cli_choice *choice) {
    bool reference = strcmp(device, "reference") == 0;
    if (count == 0 && !reference) return;
    *choice = (struct cli_choice){.index = UINT32_MAX, .reference = reference};
    uint32_t found = reference ? UINT32_MAX : find(devices, count, device);
    if (found == UINT32_MAX && !reference)
        (void)snprintf(choice->why, sizeof choice->why, "%s%.100s means none of the %u device%s here",
                       origin, device, count, count == 1 ? "" : "s");
    else if (found != UINT32_MAX && !devices[found].usable)
        (void)snprintf(choice->why, sizeof choice->why, "%s%.100s means %s, which is not usable: %s",
                       origin, device, devices[found].name, devices[found].reason);
    else {
        choice->index = found;
        (void)snprintf(choice->why, sizeof choice->why, "%s%.100s", origin, device);
    }
}
