#include "division.h"

#include "order.h"
#include "size.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define TESTED  UINT32_C(0x80000000)  // beside an index of the test part
#define NOWHERE UINT32_MAX

static uint32_t limited(uint32_t count, uint32_t limit) {
    return limit && limit < count ? limit : count;
}

bool vv_division_unneeded(struct vv_context *ctx, const struct vv_reading *reading) {
    const double usual = vv_reading_default.split;
    return !(reading->split < usual || reading->split > usual) ||
           vv_fail(ctx, VV_USAGE,
                   "--split %g: there is a part to test on, so that none is split off; leave it out",
                   reading->split);
}

void vv_division_whole(struct vv_division *division, uint32_t count, uint32_t limit,
                       struct vv_images *part) {
    *division = (struct vv_division){.count = count, .train = part};
    part->count = limited(count, limit);
}

bool vv_division_split(struct vv_context *ctx, const char *name, uint32_t count,
                       const struct vv_reading *reading, struct vv_dataset *set,
                       struct vv_division *division) {
    if (reading->whole) {
        vv_division_whole(division, count, reading->limit, &set->train);
        return true;
    }
    if (count < 2)
        return vv_fail(ctx, VV_BAD_DATA,
                       "%s: holds one picture, and one more is needed to test on; name others with "
                       "--test-data",
                       name);
    const double wanted = floor(reading->split * count + 0.5);
    const uint32_t train = wanted < 1 ? 1 : wanted > count - 1 ? count - 1 : (uint32_t)wanted;
    set->train.count = limited(train, reading->limit);
    set->test.count = limited(count - train, reading->limit);
    uint32_t *order = vv_alloc(ctx, count, sizeof *order), *place = vv_alloc(ctx, count, sizeof *place),
             next[2] = {0, 0};
    if (!order || !place) {
        free(order);
        free(place);
        return false;
    }
    vv_order_shuffle(0, UINT32_MAX, order, count);  // an epoch that no training reaches
    for (uint32_t i = 0; i < count; i++) {
        const bool test = i >= train;
        const uint32_t nth = test ? i - train : i;
        place[order[i]] = nth < (test ? &set->test : &set->train)->count ? test : NOWHERE;
    }
    free(order);
    for (uint32_t row = 0; row < count; row++)
        if (place[row] != NOWHERE) place[row] = place[row] ? TESTED | next[1]++ : next[0]++;
    *division =
        (struct vv_division){.count = count, .train = &set->train, .test = &set->test, .place = place};
    return true;
}

void vv_division_finish(struct vv_division *division) {
    free(division->place);
    division->place = NULL;
}

struct vv_images *vv_division_find(const struct vv_division *d, uint32_t row, uint32_t *index) {
    if (!d->place) {
        assert(d->train);
        *index = row;
        return row < d->train->count ? d->train : NULL;
    }
    const uint32_t place = d->place[row];
    *index = place & ~TESTED;
    return place == NOWHERE ? NULL : place & TESTED ? d->test : d->train;
}

bool vv_division_labels(struct vv_context *ctx, const struct vv_division *d, const uint32_t *labels) {
    struct vv_images *parts[2] = {d->train, d->test};
    for (int i = 0; i < 2 && parts[i]; i++) {
        parts[i]->labels = vv_alloc(ctx, parts[i]->count, sizeof *parts[i]->labels);
        if (!parts[i]->labels) return false;
    }
    for (uint32_t row = 0; row < d->count; row++) {
        uint32_t index;
        const struct vv_images *part = vv_division_find(d, row, &index);
        if (part) part->labels[index] = labels[row];
    }
    return true;
}
