// A run's folder: what is in it, and writing it after each epoch.
#ifndef VV_API_RUN_H
#define VV_API_RUN_H

#include "board.h"
#include "checkpoint.h"
#include "config.h"
#include "lock.h"
#include "pictures.h"
#include "sampler.h"
#include "saver.h"

// Pictures drawn after each epoch.
#define VV_SHOWN_SAMPLES         64
#define VV_SHOWN_RECONSTRUCTIONS VV_TEST_SHOWN

struct vv_run {
    const char *folder;   // NULL: nothing is written
    struct vv_lock lock;  // on it, from before anything there is read or written
    bool resumed;         // else its folder must be empty, unless `force`
    bool force;
    bool damaged;  // its resume.safetensors is, and must not take the place of the sound one before it
    const char *device;  // as asked for: kept in config.json
    bool minimum_limits;
    const char *save_every;  // the same; NULL: never in the midst of an epoch
    struct vv_saver saver;
    bool saved;               // it can be continued
    struct vv_position save;  // from here
    struct vv_metrics metrics;
    bool prepared;
    struct vv_sampler sampler;              // 64 draws
    struct vv_reconstructor reconstructor;  // 8 test pictures
    float *pixels;          // room for either; NULL: no pictures, since a PNG cannot hold these
    struct vv_board board;  // of any folder, also without one of its own
};

// Takes the lock of the folder, where that is there already, and refuses one that is not fit for the run
// (`resumed`, `force`). Nothing in it is touched.
bool vv_run_claim(struct vv_run *run, struct vv_context *ctx, const char *folder);

// Creates the folder, claims it, removes what an earlier run (`force`) or a killed process left there.
bool vv_run_make(struct vv_run *run, struct vv_context *ctx, const char *folder);
// The same for what is trained, and writes config.json.
bool vv_run_open(struct vv_run *run, struct vv_trainer *trainer, const char *folder);
// Makes ready for pictures of a trainer, which lives as long; before the first vv_run_write_epoch. The
// second call does nothing.
bool vv_run_prepare(struct vv_run *run, struct vv_trainer *trainer);
void vv_run_close(struct vv_run *run);

// The files of an epoch: best.safetensors where the epoch is the best one and that is asked for,
// pictures, loss.png, metrics.jsonl, timing.jsonl, and last what vv_run_save writes.
bool vv_run_write_epoch(struct vv_run *run, struct vv_trainer *trainer, double train_seconds,
                        double test_seconds, double images_per_second);
// Of a run that is continued from an epoch's end: the files of that epoch, but for those of time, where
// they could not all be written then. On a disk that was full the save may be all that there was room
// for.
bool vv_run_complete(struct vv_run *run, struct vv_trainer *trainer);
// Whether there is a best.safetensors: not of a run that is asked for one late.
bool vv_run_has_best(const struct vv_run *run, struct vv_context *ctx);
// checkpoint.safetensors and resume.safetensors.
bool vv_run_save(struct vv_run *run, struct vv_trainer *trainer);
// The same, of what the trainer is now, while it goes on. Where that fails, the next call warns of it,
// and saves what the trainer is then: only if that fails, too, it is an error.
bool vv_run_save_beside(struct vv_run *run, struct vv_trainer *trainer);
// Waits for that.
bool vv_run_saved(struct vv_run *run, struct vv_context *ctx);

// How the run in a folder was asked for, as far as its config.json tells.
struct vv_config_record vv_run_asked(struct vv_context *ctx, const char *folder);

// resume.safetensors of a folder, or the one before it where that is damaged or missing (said so), but
// not where it cannot be read: the older one would take the place of what may be sound.
bool vv_run_read(struct vv_context *ctx, const char *folder, struct vv_resume *resume, bool *damaged);

// What a folder holds of a run, by the files' names.
struct vv_run_files {
    bool config, resume /* either of the two saves */, checkpoint, metrics;
    int64_t modified;  // of the newest file of ours, in seconds since 1970
    uint32_t modified_ns;
    uint64_t bytes;  // that they take on the disk
};

// VV_BAD_DATA when the folder cannot be read.
bool vv_run_scan(struct vv_context *ctx, const char *folder, struct vv_run_files *files);
// Whether that is a run, and not just some folder.
bool vv_run_is(const struct vv_run_files *files);

#endif
