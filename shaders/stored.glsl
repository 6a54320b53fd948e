// What a vec4 is stored as: itself or, where the includer defines INT64, two words of 64 bits of the same bytes.
// CPU drivers make of a store a loop over the lanes for each component: half the components, half the loops.
#ifdef INT64
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#define STORED u64vec2
u64vec2 stored(vec4 x) { return u64vec2(pack64(floatBitsToUint(x.xy)), pack64(floatBitsToUint(x.zw))); }
#else
#define STORED vec4
#define stored(x) (x)
#endif
