// An arena whose blocks may be as small as a piece, so that each piece that is taken of it can fail.
#include "memory.h"

#define VV_ARENA_LEAST arena_least
#include "arena.c"
