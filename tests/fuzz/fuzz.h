// A target for libFuzzer, one for each kind of input. Whatever bytes it is given, it must neither crash
// nor leak, and take little memory: errors are what it is for, and are not looked at.
//
// Without libFuzzer, replay.c hands it the files of a corpus: tests/fuzz/corpus, by ctest.
#ifndef VKVAE_TESTS_FUZZ_H
#define VKVAE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "context.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The bytes in a file, of this process and always the same one, whose name ends so.
const char *fuzz_file(const uint8_t *data, size_t size, const char *ending);

// Takes the first byte, which chooses one of `count` ways to read the others: all of them for each input
// would take as many times as long.
unsigned fuzz_choose(const uint8_t **data, size_t *size, unsigned count);

// A context that says nothing.
struct vv_context fuzz_context(void);

// A copy of the bytes in which "crc32:" and eight digits, where they are there, are right of a
// safetensors file: else no change of a byte would come past the checksum. To be freed.
uint8_t *fuzz_seal(const uint8_t *data, size_t size);

#endif
