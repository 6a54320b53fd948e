// Loads through storage buffers, where texel buffers are too small.
layout(binding = 0) readonly buffer A4 { vec4 a4[]; };
layout(binding = 1) readonly buffer B4 { vec4 b4[]; };

vec4 load_a(uint at) { return a4[at]; }
vec4 load_b(uint at) { return b4[at]; }
