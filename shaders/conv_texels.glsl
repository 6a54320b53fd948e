// Loads through texel buffers.
layout(binding = 0) uniform samplerBuffer a_texels;
layout(binding = 1) uniform samplerBuffer b_texels;

vec4 load_a(uint at) { return texelFetch(a_texels, int(at)); }
vec4 load_b(uint at) { return texelFetch(b_texels, int(at)); }
