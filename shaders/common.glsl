// What every kernel includes: the ABI, the group's size as specialisation constant 0, the flat index.
#include "abi.h"

layout(local_size_x_id = 0) in;

// The number of this workgroup, of a grid folded over x and y to stay within the device's limits.
uint flat_group() {
    return gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
}

// The number of this invocation over all workgroups.
uint flat_index() {
    return flat_group() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
}
