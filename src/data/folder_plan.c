#include "folder_plan.h"

#include "dataset.h"
#include "division.h"
#include "order.h"
#include "size.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// The step of the shuffle that divides a set; epochs of a run have smaller ones.
#define SHUFFLE_STEP (UINT32_MAX - 1)

static const char *const parts[] = {"train/", "test/"};

// Files of a part before a limit cuts them, and where the name of the class begins in `below`.
struct part {
    const struct vv_folder_file **file;  // in the arena
    uint32_t count;
    size_t prefix;
};

static bool begins_with(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

// Files whose path begins so; "": all.
static bool take_part(struct vv_arena *arena, const struct vv_folder_list *list, const char *prefix,
                      struct part *part) {
    *part = (struct part){.prefix = strlen(prefix)};
    part->file = vv_arena_alloc(arena, list->count, sizeof *part->file);
    for (uint32_t i = 0; part->file && i < list->count; i++)
        if (begins_with(list->file[i].below, prefix)) part->file[part->count++] = &list->file[i];
    return part->file != NULL;
}

static bool fail_none(struct vv_context *ctx, const char *folder) {
    return vv_fail(ctx, VV_BAD_DATA,
                   "%s: holds no picture, nor does a folder below it: no name ends in .png, .jpg or "
                   ".jpeg; name another folder",
                   folder);
}

static int by_number(const void *a, const void *b) {
    const uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return (one > other) - (one < other);
}

// A part that is taken out of `from`: the files at order[0 .. count), as they were sorted.
static bool choose(struct vv_arena *arena, const struct part *from, uint32_t *order, uint32_t count,
                   struct part *part) {
    const struct vv_folder_file **file = vv_arena_alloc(arena, count, sizeof *file);
    if (!file) return false;
    qsort(order, count, sizeof *order, by_number);
    for (uint32_t i = 0; i < count; i++) file[i] = from->file[order[i]];
    *part = (struct part){file, count, from->prefix};
    return true;
}

static uint32_t least(uint32_t a, uint32_t limit) {
    return limit && limit < a ? limit : a;
}

static bool limit_part(struct vv_arena *arena, uint32_t limit, struct part *part) {
    const struct part all = *part;
    if (least(all.count, limit) == all.count) return true;
    uint32_t *order = vv_arena_alloc(arena, all.count, sizeof *order);
    if (!order) return false;
    vv_order_shuffle(0, SHUFFLE_STEP, order, all.count);
    return choose(arena, &all, order, limit, part);
}

// One part becomes two; a limit takes the first of a fixed shuffle, so that no class is left out for its
// name.
static bool divide(struct vv_arena *arena, const char *folder, const struct vv_reading *r,
                   struct part part[2]) {
    const struct part all = part[0];
    if (r->whole) {
        part[1] = (struct part){.prefix = all.prefix};
        return limit_part(arena, r->limit, &part[0]);
    }
    if (all.count < 2)
        return vv_fail(arena->ctx, VV_BAD_DATA,
                       "%s: holds a single picture, and two are the least: one to train on, one to test "
                       "on; add more",
                       folder);
    uint32_t *order = vv_arena_alloc(arena, all.count, sizeof *order);
    if (!order) return false;
    uint32_t tests = (uint32_t)((1 - r->split) * all.count + 0.5);
    if (tests < 1) tests = 1;
    if (tests > all.count - 1) tests = all.count - 1;
    vv_order_shuffle(0, SHUFFLE_STEP, order, all.count);
    return choose(arena, &all, order, least(tests, r->limit), &part[1]) &&
           choose(arena, &all, order + tests, least(all.count - tests, r->limit), &part[0]);
}

static bool find_parts(struct vv_arena *arena, const char *folder, const struct vv_reading *r,
                       struct vv_folder_plan *plan, struct part part[2]) {
    struct vv_folder_list *list = plan->list;
    if (!vv_folder_list(arena, folder, r->strict, &list[0])) return false;
    if (list[0].count == 0) return fail_none(arena->ctx, folder);
    for (int i = 0; i < 2; i++)
        if (!take_part(arena, &list[0], parts[i], &part[i])) return false;
    const bool divided = part[0].count && part[1].count;
    if ((divided || r->test) && !vv_division_unneeded(arena->ctx, r)) return false;
    if (divided && !r->test) {
        const uint32_t rest = list[0].count - part[0].count - part[1].count;
        if (rest)
            vv_say(arena->ctx, VV_LOG_WARNING,
                   "%s: %u pictures lie beside its sub-folders train and test, and are left out", folder,
                   rest);
        return limit_part(arena, r->limit, &part[0]) && limit_part(arena, r->limit, &part[1]);
    }
    if (!take_part(arena, &list[0], divided ? parts[0] : "", &part[0])) return false;
    if (!r->test) return divide(arena, folder, r, part);
    if (!vv_folder_list(arena, r->test, r->strict, &list[1])) return false;
    if (list[1].count == 0) return fail_none(arena->ctx, r->test);
    return take_part(arena, &list[1], "", &part[1]) && limit_part(arena, r->limit, &part[0]) &&
           limit_part(arena, r->limit, &part[1]);
}

// ---- Classes ----

// The first folder's name, NULL where there is none.
static const char *class_of(struct vv_arena *arena, const struct part *part, uint32_t i, bool *none) {
    const char *name = part->file[i]->below + part->prefix, *slash = strchr(name, '/');
    *none = !slash;
    return slash ? vv_arena_printf(arena, "%.*s", (int)(slash - name), name) : NULL;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Names of the classes, sorted, each once.
static void sort_names(const char **name, uint32_t *count) {
    uint32_t kept = 0;
    qsort(name, *count, sizeof *name, by_text);
    for (uint32_t i = 0; i < *count; i++)
        if (!kept || strcmp(name[kept - 1], name[i]) != 0) name[kept++] = name[i];
    *count = kept;
}

static void no_labels(struct vv_context *ctx, struct vv_folder_plan *plan, uint32_t without) {
    if (without < plan->count[0] + plan->count[1])
        vv_say(ctx, VV_LOG_WARNING,
               "%s: there are no labels, since %u pictures lie in no sub-folder, or there are over %u "
               "sub-folders",
               plan->folder, without, VV_LABELS_MAX);
    free(plan->label);
    plan->label = NULL;
    plan->class_count = 0;
}

static bool find_classes(struct vv_arena *arena, const struct part part[2],
                         struct vv_folder_plan *plan) {
    const uint32_t total = plan->count[0] + plan->count[1];
    uint32_t without = 0, count = 0;
    const char **each = vv_arena_alloc(arena, total, sizeof *each);
    plan->name = vv_alloc(arena->ctx, total, sizeof *plan->name);
    plan->label = vv_alloc(arena->ctx, total, sizeof *plan->label);
    if (!each || !plan->name || !plan->label) return false;
    for (uint32_t i = 0; i < total; i++) {
        const bool test = i >= plan->count[0];
        bool none;
        each[i] = class_of(arena, &part[test], test ? i - plan->count[0] : i, &none);
        if (!each[i] && !none) return false;
        without += none;
        if (each[i]) plan->name[count++] = each[i];
    }
    sort_names(plan->name, &count);
    plan->class_count = count;
    if (without || count > VV_LABELS_MAX) {
        no_labels(arena->ctx, plan, without);
        return true;
    }
    for (uint32_t i = 0; i < total; i++) {
        const char **at = bsearch(&each[i], plan->name, count, sizeof *plan->name, by_text);
        assert(at);
        plan->label[i] = (uint32_t)(at - plan->name);
    }
    return true;
}

bool vv_folder_plan(struct vv_arena *arena, const char *folder, const struct vv_reading *reading,
                    struct vv_folder_plan *plan) {
    struct part part[2];
    *plan = (struct vv_folder_plan){.folder = folder};
    if (!find_parts(arena, folder, reading, plan, part)) return false;
    for (int i = 0; i < 2; i++) plan->count[i] = part[i].count;
    plan->picture = vv_alloc(arena->ctx, (uint64_t)part[0].count + part[1].count, sizeof *plan->picture);
    if (!plan->picture) return false;
    memcpy(plan->picture, part[0].file, part[0].count * sizeof *plan->picture);
    if (part[1].count)
        memcpy(plan->picture + part[0].count, part[1].file, part[1].count * sizeof *plan->picture);
    return find_classes(arena, part, plan);
}

void vv_folder_plan_finish(struct vv_folder_plan *plan) {
    vv_folder_list_finish(&plan->list[0]);
    vv_folder_list_finish(&plan->list[1]);
    free(plan->picture);
    free(plan->label);
    free(plan->name);
    *plan = (struct vv_folder_plan){0};
}
