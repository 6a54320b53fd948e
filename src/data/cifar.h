// CIFAR-10 and CIFAR-100 in their binary form (https://www.cs.toronto.edu/~kriz/cifar.html): for each
// picture one label, or a coarse and a fine one, then 32 x 32 bytes of red, of green, of blue.
#ifndef VV_DATA_CIFAR_H
#define VV_DATA_CIFAR_H

#include "arena.h"
#include "dataset.h"
#include "reading.h"

// Whether a folder has data_batch_1.bin, or train.bin. False: out of memory.
bool vv_cifar_holds(struct vv_arena *arena, const char *folder, bool *holds);

// Reads the set whole: data_batch_1.bin and those that follow, or train.bin, to train on;
// test_batch.bin, or test.bin, to test on. Of two labels the fine one counts. The names of the classes
// are those of batches.meta.txt, or fine_label_names.txt, where that is there.
bool vv_cifar_open(struct vv_arena *arena, const char *folder, const struct vv_reading *reading,
                   struct vv_dataset *set);

#endif
