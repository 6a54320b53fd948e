#!/usr/bin/env bash
# R3: a damaged save is never loaded, and never the only one: each file of a run is cut at every length, and a bit of it
# changed at a thousand places. It is refused by its checksum, or nothing depends on it; --resume takes the save before,
# says so, and ends in the bytes of an undisturbed run.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
"$build/tests/torture_damage" "$work" "$dose"
