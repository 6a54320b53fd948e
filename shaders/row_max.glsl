// More of a workgroup's invocations than one sum: row_sum.glsl goes before.

// After another row_sum, or row_max.
float next_sum(float value) {
    barrier();  // until then its result is read
    return row_sum(value);
}

float row_max(float value) {
    uint lane = gl_LocalInvocationID.x;
    row_partial[lane] = value;
    for (uint half_width = gl_WorkGroupSize.x / 2; half_width > 0; half_width >>= 1) {
        barrier();
        if (lane < half_width) row_partial[lane] = max(row_partial[lane], row_partial[lane + half_width]);
    }
    barrier();
    return row_partial[0];
}
