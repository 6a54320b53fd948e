// Whether bytes are text as JSON wants it.
#ifndef VV_BASE_UTF8_H
#define VV_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// No overlong forms, no surrogates, nothing beyond U+10FFFF.
bool vv_is_utf8(const char *text);

// The character that begins at `text`, and how many bytes it has; 0: none does. It looks no further than
// the first byte that does not belong to it.
size_t vv_utf8_read(const char *text, uint32_t *character);
// Writes a character's bytes, 1 to 4; returns how many.
size_t vv_utf8_write(uint32_t character, char *at);

#endif
