// Walks down the columns of x [outer,rows,columns]: an invocation takes one column, or four side by side, of one
// block of rows. VALUE is float or vec4; TEXELS: inputs are image texels. See struct vv_args_columns.
#include "common.glsl"
#include "exact_activation.h"
#include "stored.glsl"

layout(constant_id = 1) const uint FUNCTION = 0;  // enum vv_norm_activation

layout(push_constant) uniform Args { vv_args_columns args; };

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
    uint row, end;    // of rows; row >= end: nothing to do
    uint at, stride;  // elements of x, in units, without a base
    uint group, lane;  // invocations of the workgroups before its own, and in it: where its partial sum goes
};

walk find_walk() {
    // Divisions are slow, above all on CPU drivers: these two are of less than 256 by less.
    uint lane = gl_LocalInvocationID.x, place = lane * args.reciprocal >> 16;
    uint outer = gl_WorkGroupID.z, tile = gl_WorkGroupID.y;
    for (; tile >= args.tiles; tile -= args.tiles) outer += gl_NumWorkGroups.z;
    uint first = gl_WorkGroupID.x * args.block_rows, row = first + place;
    uint end = min(first + args.block_rows, args.rows);
    walk w;
    w.row = row;
    w.outer = outer;
    w.column = tile * args.width + lane - place * args.width;
    w.at = (outer * args.rows + row) * args.columns + w.column;
    w.stride = args.step * args.columns;
    w.group = ((outer * args.blocks + gl_WorkGroupID.x) * args.tiles + tile) * gl_WorkGroupSize.x;
    w.lane = lane;
    w.end = outer < args.outer && w.column < args.columns ? end : 0;
    return w;
}

// Whether four rows or more are left.
bool is_whole(walk w) { return w.row + 3 * args.step < w.end; }

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
