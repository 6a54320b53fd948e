#!/usr/bin/env bash
# Tries every promise of docs/reliability.md in full: hours. Kills, damage, failing disks, devices and memory, and more.
#   scripts/torture.sh                  all of tests/torture, on build/release, and scripts/fuzz.sh
#   scripts/torture.sh kills signals    some of them
# Prints the figures of each as it ends, and what of it could not be tried here; exits with 1 where a promise is broken.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/release
promises=("$@")
if ((${#promises[@]} == 0)); then
    for file in tests/torture/*.sh; do
        [[ $file == */common.sh ]] || promises+=("$(basename "$file" .sh)")
    done
    promises+=(fuzz)
fi
cmake --preset release -DVKVAE_TESTS=ON >/dev/null
cmake --build --preset release >/dev/null

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
broken=0 skipped=0
for promise in "${promises[@]}"; do
    began=$SECONDS code=0
    if [[ $promise == fuzz ]]; then
        scripts/fuzz.sh >"$log/$promise" 2>&1 || code=$?
    else
        "tests/torture/$promise.sh" "$build" full >"$log/$promise" 2>&1 || code=$?
    fi
    if ((code != 0 && code != 77)); then
        broken=$((broken + 1))
        tail -n 60 "$log/$promise"
    elif [[ $promise == fuzz ]]; then
        cat "$log/$promise"
    else
        grep '^\[  SKIPPED \]' "$log/$promise" || true
        tail -n 1 "$log/$promise"
    fi
    if ((code == 77)); then skipped=$((skipped + 1)); fi
    printf '  (%s: %s in %d s)\n' "$promise" "$( ((code == 77)) && echo skipped || { ((code)) && echo BROKEN || echo kept; })" \
        $((SECONDS - began))
done
printf '\n%d promises tried, %d skipped, %d broken\n' "$((${#promises[@]} - skipped))" "$skipped" "$broken"
((broken == 0))
