// WEIGHT as a product: rows are channels of y, columns taps and channels of x, k runs over the pixels of y, four along a
// row of a picture at a time. Rows of pictures may be split into parts of args.part: each is a layer of the result
// of its own, to be added up by matmul_sum.comp.
//
// a: x, b: y.
#include "conv_subgroup.glsl"

layout(constant_id = 4) const bool WITH_TAIL = true;  // out_width is not a multiple of 4

// Of this lane's columns, and of its share of rows; and what inner loops need: there the driver would gather the push
// constants anew.
uint x_at, column_at, way_h, way_w, y_at[SHARE], y_step[SHARE], width, out_width, quads, out_quads, stride;
bool inside_h;
vec4 c[ROWS];

// Vec4 q of y: rows 4 (q % (ROWS / 4)) on, of pixel q / (ROWS / 4) of four.
void find_operands(uint row, uint column) {
    width = args.width;
    out_width = args.out_width;
    quads = args.channels / 4;
    out_quads = args.out_channels / 4;
    stride = args.stride_w;
    uint tap = divide(column, args.channels).x;
    uvec2 place = divide(tap, args.kernel_w);
    way_h = place.x * args.dilation_h - args.pad_h;  // beyond the picture where it is below it
    way_w = place.y * args.dilation_w - args.pad_w;
    column_at = args.base[0] / 4 + (column - tap * args.channels) / 4;
    [[unroll]] for (uint i = 0; i < SHARE; i++) {
        uint q = min(i * LANES + gl_SubgroupInvocationID, ROWS - 1);
        y_at[i] = (args.base[1] + min(row + 4 * (q % (ROWS / 4)), args.out_channels - 4)) / 4;
        y_step[i] = q / (ROWS / 4);
    }
}

// C += four pixels, from column ow of a row of y on.
void step4(uint ow, uint line) {
    vec4 a[SHARE], b[4];
    [[unroll]] for (uint i = 0; i < SHARE; i++) {
        uint w = ow + y_step[i];
        a[i] = load_b(y_at[i] + (line + (WITH_TAIL ? min(w, out_width - 1) : w)) * out_quads);
    }
    [[unroll]] for (uint e = 0; e < 4; e++) {
        uint w = (ow + e) * stride + way_w;
        bool inside = inside_h && w < width && (!WITH_TAIL || ow + e < out_width);
        vec4 x = load_a(x_at + (inside ? w : 0) * quads);
        b[e] = inside ? x : vec4(0);
    }
    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        vec4 sum = c[r];
        [[unroll]] for (uint e = 0; e < 4; e++) {
            uint q = e * (ROWS / 4) + r / 4;
            sum += subgroupShuffle(a[q / LANES][r % 4], q % LANES) * b[e];
        }
        c[r] = sum;
    }
}

void add_lines(uint first, uint end) {
    uvec2 place = divide(first, args.out_height);
    uint oh = place.y, height = args.height, out_height = args.out_height, stride_h = args.stride_h;
    uint image_step = height * width * quads, image_at = column_at + place.x * image_step;
    for (uint line = first * out_width; line < end * out_width; line += out_width) {
        uint h = oh * stride_h + way_h;
        inside_h = h < height;
        x_at = image_at + (inside_h ? h : 0) * width * quads;
        for (uint ow = 0; ow < out_width; ow += 4) step4(ow, line);
        bool last = ++oh == out_height;
        oh = last ? 0 : oh;
        image_at += last ? image_step : 0;
    }
}

void main() {
    // Columns along x, rows along y, parts along z: neighbours read the same pictures.
    uint columns = args.kernel_h * args.kernel_w * args.channels;
    uint column = (gl_WorkGroupID.x * LANES + gl_SubgroupInvocationID) * 4, row = gl_WorkGroupID.y * ROWS;
    uint first = gl_WorkGroupID.z * args.part, end = min(first + args.part, args.batch * args.out_height);
    find_operands(row, min(column, columns - 4));
    [[unroll]] for (uint r = 0; r < ROWS; r++) c[r] = vec4(0);
    add_lines(first, end);
    uint at = args.base[2] + (gl_WorkGroupID.z * args.out_channels + row) * columns + column;
    [[unroll]] for (uint r = 0; r < ROWS; r++)
        if (row + r < args.out_channels && column < columns) result4[(at + r * columns) / 4] = stored(c[r]);
}
