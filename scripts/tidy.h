// Read by clang-tidy before each file of src/ (scripts/test.sh). It looks into one file at a time, and would
// follow each failure as though vv_fail might say true, that is, as though all had gone well.
#include "../src/base/context.h"
#define vv_fail(...) (vv_fail(__VA_ARGS__), false)
