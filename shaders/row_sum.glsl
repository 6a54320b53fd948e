// The sum of one value from each invocation of a workgroup, in a fixed order: a tree. Its size is a power of two, at
// most 64.
shared float row_partial[64];

float row_sum(float value) {
    uint lane = gl_LocalInvocationID.x;
    row_partial[lane] = value;
    for (uint half_width = gl_WorkGroupSize.x / 2; half_width > 0; half_width >>= 1) {
        barrier();
        if (lane < half_width) row_partial[lane] += row_partial[lane + half_width];
    }
    barrier();
    return row_partial[0];
}
