// What the reader and the writer of IDX share.
#ifndef VV_DATA_IDX_FORMAT_H
#define VV_DATA_IDX_FORMAT_H

#include "idx.h"

// Two zeros, the type of the values (0x08 u8, 0x0D f32), the rank.
enum { IDX_IMAGES = 0x803, IDX_COLOURED = 0x804, IDX_LABELS = 0x801, IDX_FACTORS = 0xD02 };

#endif
