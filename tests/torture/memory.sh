#!/usr/bin/env bash
# R6: the library never leaks or crashes when memory runs out: each allocation of each call of the public header fails in
# turn.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
unset VKVAE_DEVICE
"$build/tests/torture_memory" "$work" "$dose"
