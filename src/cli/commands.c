// Every command there is, in the order in which help shows them.
#include "command.h"

const struct cli_command *const cli_commands[] = {
    &cli_train,       &cli_sample,    &cli_encode,  &cli_decode,   &cli_reconstruct, &cli_interpolate,
    &cli_traverse,    &cli_manifold,  &cli_project, &cli_score,    &cli_evaluate,    &cli_augment,
    &cli_export,      &cli_import,    &cli_runs,    &cli_info,     &cli_compare,     &cli_report,
    &cli_data_shapes, &cli_data_info, &cli_devices, &cli_autotune, &cli_help,        NULL};

const struct cli_group cli_groups[] = {{"data", "draw a data set, or tell what one holds"}, {0}};
