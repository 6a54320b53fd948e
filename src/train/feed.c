#include "feed.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule.h"
#include "size.h"

// More than this for a ring saves no time: it holds what steps of a second or so need.
#define RING_MOST (UINT64_C(64) << 20)

// ---- how much memory ----

static uint64_t set_bytes(const struct vv_feed_size *size) {
    uint64_t bytes;
    return vv_mul_u64(size->row, size->count, &bytes) ? bytes : UINT64_MAX / 4;
}

static uint64_t slot_bytes(const struct vv_feed_size *size) {
    return size->row * size->batch;
}

// Whether the set can be one state that kernels bind.
static bool fits(const struct vv_feed_size *size, const struct vv_room *room) {
    return set_bytes(size) <= room->one && (uint64_t)size->count * size->pixels <= UINT32_MAX;
}

static uint64_t least_bytes(const struct vv_feed_size *size, const struct vv_room *room) {
    const uint64_t ring = 2 * slot_bytes(size);
    return fits(size, room) && set_bytes(size) < ring ? set_bytes(size) : ring;
}

// Of a ring that may take `bytes` more than the least.
static uint32_t count_slots(const struct vv_feed_size *size, const struct vv_room *room,
                            uint64_t bytes) {
    const uint64_t slot = slot_bytes(size), most = RING_MOST < room->one ? RING_MOST : room->one;
    assert(slot > 0);
    uint64_t slots = 2 + bytes / slot;
    if (slots > most / slot) slots = most / slot < 2 ? 2 : most / slot;
    const uint32_t steps = vv_schedule_steps(size->count, size->batch);
    return slots < steps ? (uint32_t)slots : steps;
}

uint64_t vv_feed_divide(const struct vv_room *room, uint64_t memory, const struct vv_feed_size sizes[2],
                        uint32_t slots[2]) {
    if (memory == 0) memory = room->all / 2;  // as much again for the model and its steps
    const uint64_t bytes[2] = {set_bytes(&sizes[0]), set_bytes(&sizes[1])};
    const uint64_t least[2] = {least_bytes(&sizes[0], room), least_bytes(&sizes[1], room)};
    const uint32_t large = bytes[1] > bytes[0], small = !large;
    const bool all = bytes[0] + bytes[1] <= memory;
    bool stays[2];  // a set that is no larger than the least ring always does
    stays[large] = fits(&sizes[large], room) && (all || bytes[large] == least[large]);
    stays[small] = fits(&sizes[small], room) &&
                   (all || bytes[small] == least[small] ||
                    (bytes[small] <= memory / 2 && bytes[small] + least[large] <= memory));
    uint64_t needed = 0, rings = 0;
    for (uint32_t i = 0; i < 2; i++) needed += stays[i] ? bytes[i] : least[i], rings += !stays[i];
    const uint64_t more = rings && memory > needed ? (memory - needed) / rings : 0;
    for (uint32_t i = 0; i < 2; i++) slots[i] = stays[i] ? 0 : count_slots(&sizes[i], room, more);
    return needed;
}

// ---- what is on the device ----

static bool add_states(struct vv_feed *f, const char *name, const struct vv_images *images,
                       uint32_t pixels) {
    char text[2][32];
    (void)snprintf(text[0], sizeof text[0], "%s.data", name);
    (void)snprintf(text[1], sizeof text[1], "%s.order", name);
    const uint64_t pictures = f->slots ? (uint64_t)f->slots * f->batch : f->count;
    const struct vv_shape shape =
        vv_shape2(pictures < UINT32_MAX ? (uint32_t)pictures : UINT32_MAX, pixels);
    f->data = vv_store_add(f->exec->store, text[0], images->values ? VV_F32 : VV_U8, shape);
    f->order = vv_store_add(f->exec->store, text[1], VV_U32, vv_shape1(f->count));
    if (!f->data || !f->order) return false;
    f->data->whole = true;
    f->data->poked = f->slots > 0;
    return true;
}

bool vv_feed_init(struct vv_feed *f, struct vv_exec *exec, const char *name,
                  const struct vv_images *images, uint32_t batch, uint32_t slots) {
    const uint32_t pixels = images->height * images->width * images->channels;
    *f = (struct vv_feed){.exec = exec,
                          .count = images->count,
                          .batch = batch,
                          .steps = vv_schedule_steps(images->count, batch),
                          .slots = slots};
    if (!add_states(f, name, images, pixels)) return false;
    f->row = (uint64_t)pixels * vv_type_bytes(f->data->type);
    return true;
}

static struct vv_feed_size size_of(const struct vv_images *images, uint32_t batch) {
    const uint32_t pixels = images->height * images->width * images->channels;
    const uint64_t row = (uint64_t)pixels * vv_type_bytes(images->values ? VV_F32 : VV_U8);
    return (struct vv_feed_size){row, images->count, pixels, batch};
}

bool vv_feeds_init(struct vv_feed *train, struct vv_feed *test, struct vv_exec *exec,
                   const struct vv_dataset *set, const uint32_t batches[2], uint64_t memory) {
    const struct vv_room room = vv_exec_room(exec);
    const struct vv_feed_size sizes[2] = {size_of(&set->train, batches[0]),
                                          size_of(&set->test, batches[1])};
    uint32_t slots[2];
    const uint64_t needed = vv_feed_divide(&room, memory, sizes, slots);
    if (memory && needed > memory)
        return vv_fail(exec->ctx, VV_USAGE,
                       "--data-memory %llu: two batches of the pictures to train on and two of those to "
                       "test on take %llu bytes; give as many, or take a smaller --batch",
                       (unsigned long long)memory, (unsigned long long)needed);
    return vv_feed_init(train, exec, "train", &set->train, batches[0], slots[0]) &&
           vv_feed_init(test, exec, "test", &set->test, batches[1], slots[1]);
}

// Picture i of the images, as the device is to have it.
static void copy_row(const struct vv_feed *f, const struct vv_images *images, uint64_t i,
                     unsigned char *to) {
    const uint64_t pixels = vv_images_stride(images);
    if (!f->binarize.on)
        memcpy(to, (const unsigned char *)vv_images_data(images) + i * f->row, f->row);
    else if (images->values)
        vv_binarize_floats(&f->binarize, (uint32_t)i, images->values + i * pixels, (float *)(void *)to,
                           (uint32_t)pixels);
    else
        vv_binarize_bytes(&f->binarize, (uint32_t)i, images->pixels + i * pixels, to, (uint32_t)pixels);
}

// The images may be a file in memory that cannot be written.
bool vv_feed_write(const struct vv_feed *f, const struct vv_images *images, struct vv_state *state,
                   uint32_t count) {
    const uint64_t most = UINT64_C(4) << 20;
    const uint32_t piece = f->row >= most ? 1 : (uint32_t)(most / f->row);
    unsigned char *rows = vv_alloc(f->exec->ctx, piece, f->row);
    bool ok = rows != NULL;
    for (uint32_t first = 0; ok && first < count; first += piece) {
        const uint32_t n = count - first < piece ? count - first : piece;
        for (uint32_t r = 0; r < n; r++) copy_row(f, images, first + r, rows + r * f->row);
        ok = vv_exec_write(f->exec, state, first * f->row, rows, n * f->row);
    }
    free(rows);
    return ok;
}

// Piece by piece: what is on the device is given back at once, since a set can be as large as all else
// that a run takes.
static bool load_all(struct vv_feed *f, struct vv_images *images) {
    unsigned char *from = vv_images_data(images);
    const uint64_t most = UINT64_C(4) << 20, bytes = f->data->bytes;
    for (uint64_t done = 0; done < bytes; done += most) {
        const uint64_t n = bytes - done < most ? bytes - done : most;
        if (!vv_exec_write(f->exec, f->data, done, from + done, n)) return false;
        vv_discard(from + done, n);
    }
    return true;
}

// Where the pictures of the epoch are: in a ring always at the same places.
static bool write_order(struct vv_feed *f) {
    uint32_t *order = vv_alloc(f->exec->ctx, f->count, sizeof *order);
    if (!order) return false;
    for (uint32_t i = 0; i < f->count; i++)
        order[i] = f->slots ? i / f->batch % f->slots * f->batch + i % f->batch : i;
    const bool ok = vv_exec_write(f->exec, f->order, 0, order, f->order->bytes);
    free(order);
    return ok;
}

bool vv_feed_load(struct vv_feed *f, struct vv_images *images) {
    if (!write_order(f)) return false;
    if (!f->slots)
        return f->binarize.on ? vv_feed_write(f, images, f->data, f->count) : load_all(f, images);
    f->images = *images;
    *images = (struct vv_images){0};
    f->ring = vv_exec_address(f->exec, f->data);
    return true;
}

void vv_feed_finish(struct vv_feed *f) {
    vv_feed_end(f);
    vv_images_finish(&f->images);
    *f = (struct vv_feed){0};
}

// ---- the ring ----

// The slot of a step is free, and nobody else writes there.
static void fill(struct vv_feed *f, uint32_t step) {
    const uint64_t first = (uint64_t)step * f->batch, left = f->count - first;
    const uint32_t rows = left < f->batch ? (uint32_t)left : f->batch;
    unsigned char *to = f->ring + (uint64_t)(step % f->slots) * f->batch * f->row;
    for (uint32_t r = 0; r < rows; r++, to += f->row)
        copy_row(f, &f->images, f->pictures ? f->pictures[first + r] : first + r, to);
}

static bool is_full(const struct vv_feed *f) {
    return f->filled == f->steps || f->filled - f->landed >= f->slots;
}

// Fills a slot; the lock is held, but not meanwhile.
static void fill_next(struct vv_feed *f) {
    (void)pthread_mutex_unlock(&f->lock);
    fill(f, f->filled);
    (void)pthread_mutex_lock(&f->lock);
    f->filled++;
}

static void *run(void *feed) {
    struct vv_feed *f = feed;
    (void)pthread_mutex_lock(&f->lock);
    while (!f->stop && f->filled < f->steps) {
        if (is_full(f)) {
            (void)pthread_cond_wait(&f->slot_is_free, &f->lock);
            continue;
        }
        fill_next(f);
        (void)pthread_cond_signal(&f->batch_is_in);
    }
    (void)pthread_mutex_unlock(&f->lock);
    return NULL;
}

bool vv_feed_begin(struct vv_feed *f, const uint32_t *pictures, uint32_t first) {
    if (!f->slots) return !pictures || vv_exec_write(f->exec, f->order, 0, pictures, f->order->bytes);
    if (!vv_exec_wait(f->exec)) return false;  // an epoch before may still be read
    f->pictures = pictures;
    f->filled = f->landed = first;
    f->stop = false;
    (void)pthread_mutex_init(&f->lock, NULL);
    (void)pthread_cond_init(&f->batch_is_in, NULL);
    (void)pthread_cond_init(&f->slot_is_free, NULL);
    f->open = true;
    f->threaded = !f->alone && pthread_create(&f->thread, NULL, run, f) == 0;
    return true;
}

uint32_t vv_feed_take(struct vv_feed *f, uint32_t first, uint32_t wanted) {
    if (!f->slots) return wanted;
    // A part runs, a part waits behind it, a part is being filled.
    const uint32_t part = f->slots < 3 ? 1 : f->slots / 3;
    if (wanted > part) wanted = part;
    (void)pthread_mutex_lock(&f->lock);
    if (!f->threaded)
        while (f->filled < first + wanted && !is_full(f)) fill_next(f);
    while (f->filled <= first) (void)pthread_cond_wait(&f->batch_is_in, &f->lock);
    const uint32_t there = f->filled - first;
    (void)pthread_mutex_unlock(&f->lock);
    return there < wanted ? there : wanted;
}

void vv_feed_land(struct vv_feed *f, uint32_t step) {
    if (!f->open) return;
    (void)pthread_mutex_lock(&f->lock);
    f->landed = step;
    (void)pthread_cond_signal(&f->slot_is_free);
    (void)pthread_mutex_unlock(&f->lock);
}

void vv_feed_end(struct vv_feed *f) {
    if (!f->open) return;
    f->open = false;
    (void)pthread_mutex_lock(&f->lock);
    f->stop = true;
    (void)pthread_cond_signal(&f->slot_is_free);
    (void)pthread_mutex_unlock(&f->lock);
    if (f->threaded) (void)pthread_join(f->thread, NULL);
    (void)pthread_mutex_destroy(&f->lock);
    (void)pthread_cond_destroy(&f->batch_is_in);
    (void)pthread_cond_destroy(&f->slot_is_free);
}
