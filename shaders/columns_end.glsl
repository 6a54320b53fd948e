// What columns.glsl left in scratch: blocks of rows, of each the sums of `step` invocations for each column.
#include "common.glsl"

layout(constant_id = 1) const uint UNIT = 1;  // columns that one of these invocations took
layout(constant_id = 2) const uint SUMS = 1;  // that each left, a workgroup apart

layout(push_constant) uniform Args { vv_args_columns args; };

struct channel {
    uint outer, number;  // of all channels: args.columns * UNIT
};

channel find_channel() {
    uint i = flat_index(), channels = args.columns * UNIT;
    return channel(i / channels, i % channels);
}

uint partial_at(channel c, uint block, uint place, uint k) {
    uint column = c.number / UNIT, group = (c.outer * args.blocks + block) * args.tiles + column / args.width;
    uint lane = place * args.width + column % args.width;
    return ((group * SUMS + k) * args.width * args.step + lane) * UNIT + c.number % UNIT;
}

// Rows that the invocation at `place` of a block took.
uint count_of(uint block, uint place) {
    uint rows = min(args.block_rows, args.rows - block * args.block_rows);
    return rows > place ? (rows - place + args.step - 1) / args.step : 0;
}
