#!/usr/bin/env bash
# R6, of the command line: each allocation of its own and of its JSON fails in turn, over commands that print what the
# library gives. Each time one line says so, or nothing is missing.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
if [[ $dose == full ]]; then
    "$build/tests/torture_cli_memory" "$work/here" full
else
    "$build/tests/torture_cli_memory" "$work/here"
fi
