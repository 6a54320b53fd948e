#include "use_options.h"

#include "output.h"

const char *const cli_parts[] = {"train", "test", "all", NULL};

static void on_progress(void *user, uint64_t done, uint64_t all) {
    cli_progress_count(user, done, all);
}

vkvae *cli_use_open(const struct cli_arguments *a, vkvae_use *use,
                    const struct cli_device_values *device, const struct cli_output_values *output,
                    struct cli_progress *progress) {
    vkvae *library = cli_open(a->command->name, progress, output->quiet);
    use->run = a->operand;
    use->device = cli_device_options(a, device);
    use->on_progress = on_progress;
    use->user = progress;
    return library;
}

int cli_use_close(const char *command, vkvae *library, vkvae_status status,
                  struct cli_progress *progress) {
    cli_progress_clear(progress);
    if (status != VKVAE_OK) cli_error(command, "%s", vkvae_error(library));
    vkvae_destroy(library);
    return (int)status;
}
