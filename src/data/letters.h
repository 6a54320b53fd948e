// Characters of words.
#ifndef VV_DATA_LETTERS_H
#define VV_DATA_LETTERS_H

#include <stdbool.h>
#include <stdint.h>

// Letters and digits of ASCII; beyond it all but spaces, punctuation and signs of the blocks that have
// these, and what is no character.
bool vv_is_letter(uint32_t c);
// Of Latin (to U+017F), Greek and Cyrillic letters.
uint32_t vv_lower_case(uint32_t c);

#endif
