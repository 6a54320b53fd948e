// What writers that were killed leave behind.
#ifndef VV_BASE_SWEEP_H
#define VV_BASE_SWEEP_H

// Removes from a folder the temporary files (file.h) of processes that are there no more, of files whose
// names begin with `head`, once nobody has written to them for an hour. Nothing that is wrong with the
// folder is an error.
void vv_sweep(const char *folder, const char *head);

#endif
