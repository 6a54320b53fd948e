// Walks down the columns of x [outer,rows,columns]: an invocation takes one column, or four side by side, of one
// block of rows. VALUE is float or vec4; TEXELS: inputs are image texels. See struct vv_args_norm.
#include "common.glsl"
#include "exact_activation.h"
#include "stored.glsl"

layout(constant_id = 1) const uint FUNCTION = 0;  // enum vv_norm_activation

layout(push_constant) uniform Args { vv_args_norm args; };

#ifdef TEXELS
#define UNIT 4
#define VALUE vec4
#define INPUT(number, block, name) layout(rgba32f, binding = number) readonly uniform imageBuffer name
#define LOAD(name, i) imageLoad(name, int(i))
#define OUTPUT(number, block, name) layout(std430, binding = number) writeonly buffer block { STORED name[]; }
#else
#ifdef WIDE
#define UNIT 4
#define VALUE vec4
#else
#define UNIT 1
#define VALUE float
#endif
#define INPUT(number, block, name) layout(std430, binding = number) readonly buffer block { VALUE name[]; }
#define LOAD(name, i) name[i]
#define OUTPUT(number, block, name) layout(std430, binding = number) writeonly buffer block { VALUE name[]; }
#endif

// Where an invocation begins, how far it is to the next, and how many there are.
struct walk {
    uint outer, column;
    uint at, stride;  // elements of x, in units, without a base
    uint count;       // 0: nothing to do
};

walk find_walk() {
    uint group = flat_group(), lane = gl_LocalInvocationID.x;
    uint tile = group % args.tiles, part = group / args.tiles;
    uint block = part % args.blocks, first = block * args.block_rows;
    uint row = first + lane / args.width, end = min(first + args.block_rows, args.rows);
    walk w;
    w.outer = part / args.blocks;
    w.column = tile * args.width + lane % args.width;
    w.at = (w.outer * args.rows + row) * args.columns + w.column;
    w.stride = args.step * args.columns;
    bool any = w.outer < args.outer && w.column < args.columns && row < end;
    w.count = any ? (end - row + args.step - 1) / args.step : 0;
    return w;
}

// Where this invocation's partial sum `k` of two goes.
uint partial_at(uint k) {
    return (flat_group() * 2 + k) * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
}

float activate(float v) {
    return FUNCTION == 1 ? vv_leaky_relu(v) : FUNCTION == 2 ? vv_silu(v) : v;
}
vec4 activate(vec4 v) {
    return FUNCTION == 0 ? v : vec4(activate(v.x), activate(v.y), activate(v.z), activate(v.w));
}
float slope(float v) {
    return FUNCTION == 1 ? vv_leaky_relu_slope(v) : FUNCTION == 2 ? vv_silu_slope(v) : 1.0;
}
vec4 slope(vec4 v) {
    return FUNCTION == 0 ? vec4(1) : vec4(slope(v.x), slope(v.y), slope(v.z), slope(v.w));
}
