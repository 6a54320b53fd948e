// Matrix products through texel buffers: see matmul_subgroup.glsl. The stored rows of A and B are whole
// vec4s.
#include "matmul.glsl"

layout(binding = 0) uniform samplerBuffer a_texels;
layout(binding = 1) uniform samplerBuffer b_texels;

const bool ALIGNED = true;

vec4 load_a(uint at) { return texelFetch(a_texels, int(at)); }
vec4 load_b(uint at) { return texelFetch(b_texels, int(at)); }

#include "matmul_subgroup.glsl"
