#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "curve.h"
#include "file.h"
#include "grid.h"
#include "size.h"
#include "wording.h"

#define SHOWN_COLUMNS 8

static const char resume_name[] = "resume.safetensors", previous_name[] = "resume-previous.safetensors",
                  checkpoint_name[] = "checkpoint.safetensors", best_name[] = "best.safetensors";

// Frees the path; a failed join has said why.
typedef bool (*write_fn)(struct vv_run *run, struct vv_trainer *trainer, const char *path);

static bool write_named(struct vv_run *run, struct vv_trainer *trainer, const char *name,
                        write_fn write) {
    char *path = vv_path_join(trainer->ctx, run->folder, name);
    bool ok = path && vv_lock_check(trainer->ctx, &run->lock) && write(run, trainer, path);
    free(path);
    return ok;
}

static bool is_ours(const char *name) {
    static const char *const names[] = {"config.json",
                                        "metrics.jsonl",
                                        "timing.jsonl",
                                        "resume.safetensors",
                                        "loss.png",
                                        "report.html",
                                        "resume-previous.safetensors",
                                        "checkpoint.safetensors",
                                        "best.safetensors"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    unsigned epoch;
    int end = 0;
    const bool numbered = sscanf(name, "reconstruction-%u%n", &epoch, &end) == 1 ||
                          sscanf(name, "samples-%u%n", &epoch, &end) == 1;
    return numbered && (strcmp(name + end, ".png") == 0 || strcmp(name + end, ".txt") == 0);
}

// What a process that was killed left of a file of ours: ".NAME.PID-COUNTER.tmp", as file.h's writer
// names it.
static bool is_left_over(const char *name) {
    char inner[256];
    if (name[0] != '.' || strlen(name) > sizeof inner) return false;
    memcpy(inner, name + 1, strlen(name));
    char *dot = strrchr(inner, '.');
    if (!dot || strcmp(dot, ".tmp") != 0) return false;
    *dot = '\0';
    dot = strrchr(inner, '.');
    if (!dot || dot[1 + strspn(dot + 1, "0123456789-")]) return false;
    *dot = '\0';
    return is_ours(inner);
}

static bool holds_file(struct vv_context *ctx, const char *folder, const char *name) {
    char *path = vv_path_join(ctx, folder, name);
    bool there = path && vv_path_exists(path);
    free(path);
    return there;
}

static bool check_new(struct vv_context *ctx, const char *folder, bool force) {
    if (vv_path_exists(folder) && !vv_path_is_folder(folder))
        return vv_fail(ctx, VV_USAGE, "%s is not a folder; name another with --out", folder);
    bool full = false;
    if (!force && !vv_folder_has_entries(ctx, folder, &full)) return false;
    if (!full) return true;
    if (!holds_file(ctx, folder, resume_name) && !holds_file(ctx, folder, previous_name))
        return vv_fail(
            ctx, VV_USAGE,
            "%s is not empty, and holds no run to continue: name another folder with --out, or "
            "write there all the same with --force",
            folder);
    return vv_fail(
        ctx, VV_USAGE,
        "%s is not empty: continue the run in it with --resume %s, overwrite it with --force, or "
        "name another folder with --out",
        folder, folder);
}

bool vv_run_claim(struct vv_run *run, struct vv_context *ctx, const char *folder) {
    return vv_lock_take(ctx, folder, &run->lock) && (run->resumed || check_new(ctx, folder, run->force));
}

// Removes what a killed process left half-written there; with `all` all files of an earlier run.
static bool clear(struct vv_context *ctx, const char *folder, bool all) {
    DIR *open = vv_list_open(ctx, folder);
    if (!open) return false;
    bool ok = true;
    for (struct dirent *entry; ok && (entry = vv_list_next(ctx, folder, open));) {
        if (!is_left_over(entry->d_name) && !(all && is_ours(entry->d_name))) continue;
        char *path = vv_path_join(ctx, folder, entry->d_name);
        ok = path &&
             (unlink(path) == 0 ||
              vv_fail(ctx, VV_FAILED, "%s: cannot be removed (%s); remove it, or name another folder",
                      path, strerror(errno)));
        free(path);
    }
    (void)closedir(open);
    return ok && ctx->status == VV_OK;
}

static bool write_config(struct vv_run *run, struct vv_trainer *trainer, const char *path) {
    const struct vv_config config = {.device = run->device,
                                     .minimum_limits = run->minimum_limits,
                                     .save_every = run->save_every,
                                     .description = trainer->exec->description,
                                     .version = VV_VERSION};
    char *text = vv_config_print(trainer->ctx, &trainer->settings, &config);
    struct vv_writer writer;
    bool ok = text && vv_writer_open(trainer->ctx, path, &writer);
    if (ok) {
        (void)vv_writer_write(&writer, text, strlen(text));
        (void)vv_writer_write(&writer, "\n", 1);
        ok = vv_writer_commit(&writer);
    }
    free(text);
    return ok;
}

static bool make_pictures(struct vv_run *run, struct vv_trainer *trainer) {
    const struct vv_settings *s = &trainer->settings;
    const uint32_t shown =
        s->test_count < VV_SHOWN_RECONSTRUCTIONS ? s->test_count : VV_SHOWN_RECONSTRUCTIONS;
    const struct vv_prior prior = {.seed = s->seed, .temperature = 1};
    const struct vv_weights weights = vv_trainer_weights(trainer);
    if (s->channels != 1 && s->channels != 3) {
        vv_say(trainer->ctx, VV_LOG_WARNING,
               "pictures of %u channels cannot be drawn, only of 1 or 3: the run goes on without them; "
               "sample to a .npy",
               s->channels);
        return true;
    }
    // Samples, and no more than half as many originals with their reconstructions.
    run->pixels =
        vv_alloc(trainer->ctx,
                 (uint64_t)VV_SHOWN_SAMPLES * trainer->model.size.pixels * trainer->model.size.shown,
                 sizeof(float));
    return run->pixels &&
           vv_sampler_init(&run->sampler, trainer->exec, &trainer->model, &weights, VV_SHOWN_SAMPLES,
                           &prior) &&
           vv_reconstructor_init(&run->reconstructor, trainer->exec, &trainer->model, &weights,
                                 trainer->test_data, shown, vv_is_autoencoder(s) ? NULL : &s->seed);
}

bool vv_run_prepare(struct vv_run *run, struct vv_trainer *trainer) {
    if (!run->folder || run->prepared) return true;
    run->prepared = true;
    return make_pictures(run, trainer);
}

bool vv_run_make(struct vv_run *run, struct vv_context *ctx, const char *folder) {
    run->folder = folder;
    // Claimed anew: another may have been as quick to find no folder, or an empty one.
    return vv_folder_create(ctx, folder) && vv_run_claim(run, ctx, folder) &&
           (!(run->resumed || run->force) || clear(ctx, folder, !run->resumed));
}

bool vv_run_open(struct vv_run *run, struct vv_trainer *trainer, const char *folder) {
    run->folder = folder;
    if (!folder) return true;
    // What does not fit the device is told before the run that is there is removed.
    if (run->force && !vv_run_prepare(run, trainer)) return false;
    return vv_run_make(run, trainer->ctx, folder) &&
           write_named(run, trainer, "config.json", write_config);
}

void vv_run_close(struct vv_run *run) {
    struct vv_context quiet;
    vv_context_init(&quiet);
    (void)vv_run_saved(run, &quiet);  // of a run that failed, which has told why
    vv_sampler_finish(&run->sampler);
    vv_reconstructor_finish(&run->reconstructor);
    vv_metrics_finish(&run->metrics);
    free(run->pixels);
    vv_board_close(&run->board);
    vv_lock_release(&run->lock);
    *run = (struct vv_run){0};
}

// Each pixel of a picture is drawn so large that eight pictures fill about 700.
static uint32_t shown_scale(const struct vv_settings *s) {
    uint32_t scale = 84 / s->width;
    return scale < 1 ? 1 : scale > 8 ? 8 : scale;
}

static bool write_grid(struct vv_run *run, struct vv_trainer *trainer, uint32_t count, uint32_t columns,
                       const char *path) {
    const struct vv_settings *s = &trainer->settings;
    return vv_grid_write(trainer->ctx, path, run->pixels, count, s->height, s->width, s->channels,
                         columns, shown_scale(s));
}

static struct vv_wording wording_of(const struct vv_trainer *trainer) {
    const bool bag = trainer->vocabulary.kind == VV_TOKENS_BAG;
    return (struct vv_wording){.vocabulary = &trainer->vocabulary,
                               .length = bag ? 1 : trainer->settings.width};
}

static bool write_lines(struct vv_trainer *trainer, struct vv_lines *lines, bool ok, const char *path) {
    ok = ok && vv_file_write(trainer->ctx, path, lines->text, lines->used);
    vv_lines_finish(lines);
    return ok;
}

static bool write_sampled_text(struct vv_run *run, struct vv_trainer *trainer, const char *path) {
    const struct vv_wording w = wording_of(trainer);
    struct vv_lines lines = {.ctx = trainer->ctx};
    bool ok = vv_sampler_draw(&run->sampler, 0, VV_SHOWN_SAMPLES, run->pixels, NULL);
    for (uint32_t i = 0; ok && i < VV_SHOWN_SAMPLES; i++)
        ok = vv_wording_sample(&w, run->pixels + (size_t)i * run->sampler.pixels, i, &lines);
    return write_lines(trainer, &lines, ok, path);
}

// Each original above its reconstruction, and an empty line between two of them.
static bool write_text_again(struct vv_run *run, struct vv_trainer *trainer, const char *path) {
    const struct vv_wording w = wording_of(trainer);
    const uint32_t rows = run->reconstructor.rows, pixels = run->reconstructor.pixels;
    const float *again = run->pixels + (size_t)rows * pixels;
    struct vv_lines lines = {.ctx = trainer->ctx};
    bool ok = vv_reconstructor_run(&run->reconstructor, run->pixels);
    for (uint32_t i = 0; ok && i < rows; i++)
        ok = (i == 0 || vv_lines_append(&lines, "\n")) &&
             vv_wording_original(&w, run->pixels + (size_t)i * pixels, &lines) &&
             vv_wording_sample(&w, again + (size_t)i * run->sampler.pixels, i, &lines);
    return write_lines(trainer, &lines, ok, path);
}

static bool write_samples(struct vv_run *run, struct vv_trainer *trainer, const char *path) {
    return vv_sampler_draw(&run->sampler, 0, VV_SHOWN_SAMPLES, run->pixels, NULL) &&
           write_grid(run, trainer, VV_SHOWN_SAMPLES, SHOWN_COLUMNS, path);
}

static bool write_reconstructions(struct vv_run *run, struct vv_trainer *trainer, const char *path) {
    const uint32_t rows = run->reconstructor.rows;
    return vv_reconstructor_run(&run->reconstructor, run->pixels) &&
           write_grid(run, trainer, 2 * rows, rows, path);
}

static bool write_curve(struct vv_run *run, struct vv_trainer *trainer, const char *path) {
    const uint32_t n = run->metrics.count;
    double *values = vv_alloc(trainer->ctx, 3 * (uint64_t)n, sizeof *values);
    if (!values) return false;
    double *epoch = values, *train = values + n, *test = values + 2 * (size_t)n;
    for (uint32_t i = 0; i < n; i++) {
        const struct vv_metrics_row *row = &run->metrics.rows[i];
        epoch[i] = row->epoch;
        train[i] = row->train_recon + row->train_kl;
        test[i] = row->test_recon + row->test_kl;
    }
    const struct vv_series series[] = {{"train", epoch, train, n}, {"test", epoch, test, n}};
    const struct vv_chart chart = {.title = "Loss: reconstruction + KL",
                                   .x_label = "epoch",
                                   .y_label = "nats per image",
                                   .series = series,
                                   .series_count = 2,
                                   .x_whole = true};
    bool ok = vv_curve_write(trainer->ctx, path, &chart);
    free(values);
    return ok;
}

static bool write_metrics(struct vv_run *run, struct vv_trainer *trainer, const char *path) {
    return vv_metrics_write(trainer->ctx, path, &run->metrics, vv_settings_bits(&trainer->settings));
}

static bool write_weights(struct vv_run *run, struct vv_trainer *trainer, const char *path) {
    struct vv_checkpoint now = {0};
    (void)run;
    const bool ok = vv_checkpoint_take(trainer, &now) && vv_checkpoint_save(trainer->ctx, path, &now);
    free(now.params);
    return ok;
}

bool vv_run_saved(struct vv_run *run, struct vv_context *ctx) {
    const bool any = run->saver.busy;
    if (!vv_saver_wait(&run->saver, ctx, &run->save)) return false;
    if (any) run->saved = true;
    if (any) run->damaged = false;
    return true;
}

static bool begin_save(struct vv_run *run, struct vv_trainer *trainer) {
    static const char *const names[3] = {checkpoint_name, resume_name, previous_name};
    run->saver.lock = run->lock;
    return vv_saver_begin(&run->saver, trainer, &run->metrics, run->folder, names, !run->damaged);
}

// What could not be written beside the run may be by now: it is tried once more, and waited for.
bool vv_run_save_beside(struct vv_run *run, struct vv_trainer *trainer) {
    struct vv_context earlier;
    if (!run->folder) return true;
    vv_context_init(&earlier);
    if (vv_run_saved(run, &earlier)) return begin_save(run, trainer);
    if (!vv_lock_check(trainer->ctx, &run->lock)) return false;
    vv_say(trainer->ctx, VV_LOG_WARNING, "%.900s; the run is saved once more, as it is now",
           earlier.error);
    return begin_save(run, trainer) && vv_run_saved(run, trainer->ctx);
}

bool vv_run_save(struct vv_run *run, struct vv_trainer *trainer) {
    return vv_run_save_beside(run, trainer) && vv_run_saved(run, trainer->ctx);
}

bool vv_run_has_best(const struct vv_run *run, struct vv_context *ctx) {
    return run->folder && holds_file(ctx, run->folder, best_name);
}

// With the pictures of this epoch, where there are such.
static bool write_board(struct vv_run *run, struct vv_trainer *trainer, const char *reconstruction,
                        const char *samples, double images_per_second) {
    const bool drawn = run->pixels && trainer->vocabulary.kind == VV_TOKENS_NONE;
    char *paths[2] = {NULL, NULL};
    if (!run->board.open) return true;
    if (drawn) {
        paths[0] = vv_path_join(trainer->ctx, run->folder, reconstruction);
        paths[1] = vv_path_join(trainer->ctx, run->folder, samples);
    }
    const char *const pictures[2] = {paths[0], paths[1]};
    const bool ok = (!drawn || (paths[0] && paths[1])) &&
                    vv_board_write(&run->board, trainer, &run->metrics, pictures, images_per_second);
    free(paths[0]);
    free(paths[1]);
    return ok;
}

// Names of an epoch's pictures.
struct pictures {
    char samples[32], reconstruction[32];
};

static struct pictures name_pictures(const struct vv_trainer *trainer) {
    struct pictures p;
    const uint32_t epoch = trainer->position.epoch;
    const char *ending = trainer->vocabulary.kind != VV_TOKENS_NONE ? "txt" : "png";
    (void)snprintf(p.samples, sizeof p.samples, "samples-%03u.%s", epoch, ending);
    (void)snprintf(p.reconstruction, sizeof p.reconstruction, "reconstruction-%03u.%s", epoch, ending);
    return p;
}

// All that the weights and the history at an epoch's end make. metrics.jsonl comes last: where that
// tells of the epoch, the others are there.
static bool write_made(struct vv_run *run, struct vv_trainer *trainer) {
    const struct vv_settings *s = &trainer->settings;
    const struct pictures p = name_pictures(trainer);
    const bool text = trainer->vocabulary.kind != VV_TOKENS_NONE;
    const bool best =
        (s->keep_best || s->patience) && vv_metrics_best(&run->metrics) == trainer->position.epoch;
    return (!best || write_named(run, trainer, best_name, write_weights)) &&
           (!run->pixels ||
            (write_named(run, trainer, p.reconstruction,
                         text ? write_text_again : write_reconstructions) &&
             write_named(run, trainer, p.samples, text ? write_sampled_text : write_samples))) &&
           write_named(run, trainer, "loss.png", write_curve) &&
           write_named(run, trainer, "metrics.jsonl", write_metrics);
}

bool vv_run_write_epoch(struct vv_run *run, struct vv_trainer *trainer, double train_seconds,
                        double test_seconds, double images_per_second) {
    if (!run->folder) return write_board(run, trainer, NULL, NULL, images_per_second);
    const struct pictures p = name_pictures(trainer);
    char *timing = vv_path_join(trainer->ctx, run->folder, "timing.jsonl");
    const bool told = timing && write_made(run, trainer) &&
                      vv_timing_write(trainer->ctx, timing, trainer->position.epoch, train_seconds,
                                      test_seconds, images_per_second) &&
                      write_board(run, trainer, p.reconstruction, p.samples, images_per_second);
    free(timing);
    // Last, since it ends the epoch: a run that is killed before does the epoch again, pictures
    // included. And whatever became of those: on a disk that is nearly full, what was learnt goes first.
    return vv_run_save(run, trainer) && told;
}

// Whether it is what is in the file that is wrong, or there is none: one that could not be read may be
// sound.
static bool is_refused(const struct vv_context *ctx) {
    return ctx->status == VV_BAD_DATA && !ctx->unread;
}

// What is used are copies of weights that the run goes on from.
static bool complete_weights(struct vv_run *run, struct vv_trainer *trainer, const char *path) {
    struct vv_checkpoint kept;
    struct vv_context second;
    vv_context_init(&second);
    const bool sound = vv_checkpoint_read(&second, path, &kept);
    vv_checkpoint_finish(&kept);
    if (sound) return true;
    if (!is_refused(&second)) return vv_fail(trainer->ctx, second.status, "%s", second.error);
    vv_say(trainer->ctx, VV_LOG_WARNING, "%s: is damaged or missing, and is made anew", path);
    return write_weights(run, trainer, path);
}

bool vv_run_complete(struct vv_run *run, struct vv_trainer *trainer) {
    const struct vv_position *at = &trainer->position;
    const struct vv_settings *s = &trainer->settings;
    const bool goes_on =
        at->epoch < s->epochs;  // so that the metrics are soon written, whatever follows
    if (!run->folder || !at->epoch || at->step) return true;
    char *path = vv_path_join(trainer->ctx, run->folder, "metrics.jsonl");
    const bool whole = path && vv_metrics_are(path, &run->metrics, vv_settings_bits(s), goes_on);
    free(path);
    if (!path || !write_named(run, trainer, checkpoint_name, complete_weights)) return false;
    if (whole) return true;
    vv_say(trainer->ctx, VV_LOG_WARNING,
           "%s: the files of epoch %u are not all there, or not as they were, and are made anew",
           run->folder, at->epoch);
    return vv_run_prepare(run, trainer) && write_made(run, trainer);
}

struct vv_config_record vv_run_asked(struct vv_context *ctx, const char *folder) {
    struct vv_config_record record = {0};
    struct vv_settings settings;
    struct vv_context quiet;
    vv_context_init(&quiet);  // a file that is damaged or missing is written anew, and hinders nobody
    char *path = vv_path_join(ctx, folder, "config.json");
    if (path) (void)vv_config_read(&quiet, path, &settings, &record);
    free(path);
    return record;
}

// Reads the save before the one that was refused for what ctx tells.
static bool read_previous(struct vv_context *ctx, const char *previous, struct vv_resume *resume) {
    struct vv_context second;
    vv_context_init(&second);
    const bool ok = vv_resume_read(&second, previous, resume);
    if (!ok && is_refused(&second)) return false;
    vv_say(ctx, VV_LOG_WARNING, "%s", ctx->error);
    vv_clear(ctx);
    if (!ok) return vv_fail(ctx, second.status, "%s", second.error);
    vv_say(ctx, VV_LOG_WARNING, "continuing from the save before it, %s: what came after is done again",
           previous);
    return true;
}

bool vv_run_read(struct vv_context *ctx, const char *folder, struct vv_resume *resume, bool *damaged) {
    char *path = vv_path_join(ctx, folder, resume_name),
         *previous = vv_path_join(ctx, folder, previous_name);
    bool ok = path && previous;
    if (ok && !vv_path_exists(path) && !vv_path_exists(previous))
        ok = vv_fail(ctx, VV_BAD_DATA,
                     "%s holds no run that can be continued: there is no %s; name another, or begin the "
                     "run with --out",
                     folder, resume_name);
    else if (ok && !vv_resume_read(ctx, path, resume))
        ok = *damaged = is_refused(ctx) && read_previous(ctx, previous, resume);
    free(path);
    free(previous);
    return ok;
}

static void note_file(const char *path, const char *name, struct vv_run_files *files) {
    struct stat info;
    files->config |= strcmp(name, "config.json") == 0;
    files->checkpoint |= strcmp(name, "checkpoint.safetensors") == 0;
    files->metrics |= strcmp(name, "metrics.jsonl") == 0;
    files->resume |= strcmp(name, resume_name) == 0 || strcmp(name, previous_name) == 0;
    if (stat(path, &info) != 0) return;
    files->bytes += 512 * (uint64_t)info.st_blocks;
    const int64_t seconds = (int64_t)info.st_mtim.tv_sec;
    const uint32_t ns = (uint32_t)info.st_mtim.tv_nsec;
    if (seconds < files->modified || (seconds == files->modified && ns <= files->modified_ns)) return;
    files->modified = seconds;
    files->modified_ns = ns;
}

bool vv_run_scan(struct vv_context *ctx, const char *folder, struct vv_run_files *files) {
    *files = (struct vv_run_files){0};
    DIR *open = vv_list_open(ctx, folder);
    if (!open) return false;
    bool ok = true;
    for (struct dirent *entry; ok && (entry = vv_list_next(ctx, folder, open));) {
        if (!is_ours(entry->d_name)) continue;
        char *path = vv_path_join(ctx, folder, entry->d_name);
        ok = path != NULL;
        if (ok) note_file(path, entry->d_name, files);
        free(path);
    }
    (void)closedir(open);
    return ok && ctx->status == VV_OK;
}

bool vv_run_is(const struct vv_run_files *files) {
    return files->config || files->resume || files->checkpoint;
}
