// gather.comp where rows are whole words of bytes: a workgroup a row, four pixels at a time.   ops/training.c
#include "common.glsl"
#include "stored.glsl"

layout(constant_id = 1) const bool FLOATS = false;

layout(push_constant) uniform Args { vv_args_gather args; };
layout(std430, binding = 0) readonly buffer Data { uint data[]; };
layout(std430, binding = 0) readonly buffer DataWide { vec4 data_wide[]; };
layout(std430, binding = 1) readonly buffer Order { uint order[]; };
layout(std140, binding = 2) uniform Clock { vv_clock now; };
layout(std430, binding = 3) writeonly buffer X { STORED x[]; };

void main() {
    uint r = flat_group(), words = args.columns / 4;
    if (r >= args.rows) return;
    uint entry = min(now.first + r, args.entries - 1);
    uint row = min(order[args.base[1] + entry], args.count - 1);
    for (uint i = gl_LocalInvocationID.x; i < words; i += gl_WorkGroupSize.x) {
        uint to = args.base[3] / 4 + r * words + i;
        if (FLOATS) {
            x[to] = stored(data_wide[args.base[0] / 4 + row * words + i]);
            continue;
        }
        uint word = data[args.base[0] / 4 + row * words + i];
        uvec4 value = uvec4(word, word >> 8, word >> 16, word >> 24) & 255;
        x[to] = stored(vec4(value) * (1.0 / 255.0));
    }
}
