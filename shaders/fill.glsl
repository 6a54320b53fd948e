// y = value everywhere.   ops/elementwise.c
#include "common.glsl"
#include "stored.glsl"

layout(constant_id = 1) const bool WIDE = false;  // four elements an invocation

layout(push_constant) uniform Args { vv_args_unary args; };
layout(std430, binding = 0) writeonly buffer Y { float y[]; };
layout(std430, binding = 0) writeonly buffer YWide { STORED y_wide[]; };

void main() {
    uint i = flat_index();
    if (i >= args.n) return;
    if (WIDE)
        y_wide[args.base[0] / 4 + i] = stored(vec4(args.shift));
    else
        y[args.base[0] + i] = args.shift;
}
