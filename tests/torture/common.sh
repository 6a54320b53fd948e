# Sourced by the scripts of this folder, each of which shows one promise of docs/reliability.md:
#   NAME.sh BUILD [full]
# BUILD: a build folder with the program and its tests. With "full" as often as the promise says, for
# scripts/torture.sh; without a small dose of it, for ctest. The last line of the output are the figures. Exit codes: 0
# kept, 1 broken, 77 it cannot be tried here.
# What starts thousands of processes does without <(...): where numbers of processes come round, bash 5.2 takes the exit
# code of such a one for that of a later process of its number (5 of 20,000 'false' succeeded).
# shellcheck shell=bash
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(realpath "$1") dose=${2-small}
program=$build/vkvae
fault=$build/tests/libvkvae_fault.so layer=$build/tests/layer
work=$(mktemp -d)
failed=0
name=$(basename "$0" .sh)
export LC_ALL=C.UTF-8 VKVAE_CACHE=$work/cache HOME=$work/home
unset VKVAE_DATA XDG_DATA_HOME NO_COLOR
mkdir "$work/cache" "$work/home"
# What a script started is gone when it is.
trap 'trap - EXIT; jobs -p | xargs -r kill -9 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"

vkvae() { "$program" "$@"; }

# times SMALL FULL: which of them this dose has.
times() { if [[ $dose == full ]]; then echo "$2"; else echo "$1"; fi; }

# A promise that is broken: told at once, and all is told before the script fails.
broken() {
    printf 'BROKEN: %s: %s\n' "$name" "$*"
    failed=$((failed + 1))
}

# impossible WHY: it cannot be tried on this machine.
impossible() {
    printf '%s: skipped: %s\n' "$name" "$*"
    exit 77
}

# left_out WHAT: a part, in a word, that cannot be tried on this machine; scripts/test.sh counts it as skipped.
left_out() { printf '[  SKIPPED ] %s\n' "$1"; }

# What a run is made of, in a line: SHA-256 of its weights, of all that it resumes from, of its metrics, and of its best
# weights where those are kept.
sums() {
    local best=()
    if [[ -e $1/best.safetensors ]]; then best=(best.safetensors); fi
    (cd "$1" && sha256sum checkpoint.safetensors resume.safetensors metrics.jsonl "${best[@]}" | cut -c 1-16 | paste -sd ' ')
}

# figures TEXT: the last line.
figures() {
    printf '%s: %s\n' "$name" "$*"
    ((failed == 0))
}
