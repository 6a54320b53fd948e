// Whether bytes are text as JSON wants it.
#ifndef VV_BASE_UTF8_H
#define VV_BASE_UTF8_H

#include <stdbool.h>

// No overlong forms, no surrogates, nothing beyond U+10FFFF.
bool vv_is_utf8(const char *text);

#endif
