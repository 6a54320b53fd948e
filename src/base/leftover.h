// The temporary files that this process is writing, where a signal handler finds them.
#ifndef VV_BASE_LEFTOVER_H
#define VV_BASE_LEFTOVER_H

// `path` stays as it is until it is freed by vv_leftover_free. Where there are too many, one more is
// left behind by a process that is ended by a signal.
void vv_leftover_note(const char *path);

// Frees the path of a file that was renamed or removed, noted or not; NULL too.
void vv_leftover_free(char *path);

// Removes the files that are noted. Safe in a signal handler, and whatever the other threads do: but
// the process should end then, as what they write to is gone.
void vv_leftover_remove(void);

#endif
