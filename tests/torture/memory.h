// Calls of the public library, for memory.c to make allocations of them fail.
#ifndef VV_TESTS_TORTURE_MEMORY_H
#define VV_TESTS_TORTURE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include <vkvae/vkvae.h>

extern uint64_t arena_least;  // bytes of a block of the arena

enum { COSTLY = 2 };

struct call {
    const char *name;
    // In a folder with what make_fixture() makes; writes below "out" alone.
    vkvae_status (*make)(vkvae *v);
    // In full alone; COSTLY: there by places, since what it does beside another call is little, and
    // takes long.
    int slow;
};

extern const struct call data_calls[];
extern const unsigned data_call_count;
extern const struct call calls[];
extern const unsigned call_count;
// Of these those that open a device, on the best Vulkan device in the place of the reference.
extern const struct call device_calls[];
extern const unsigned device_call_count;

// What the calls need, made anew in the present folder; of it what no call makes.
bool make_fixture(vkvae *v);
bool make_files(void);

#endif
