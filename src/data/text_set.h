// A set of text: each line that is not empty a row of bytes, counts of words or numbers of tokens.
#ifndef VV_DATA_TEXT_SET_H
#define VV_DATA_TEXT_SET_H

#include "arena.h"
#include "dataset.h"
#include "reading.h"

// A bag of words: how often the vocabulary's words are in the line, 255 at most. Rows of tokens:
// `length` of them, cut or padded with the end. The vocabulary is that of `path`, all its lines.
bool vv_text_set_open(struct vv_arena *arena, const char *path, const struct vv_reading *reading,
                      struct vv_dataset *set);

#endif
