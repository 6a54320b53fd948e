#!/usr/bin/env bash
# What each command that uses a trained model takes for the 10,000 test pictures of a set, start and files included, beside
# the test after an epoch, which is the forward pass of the same pictures alone. Medians of three, in turn.
#   bench/use.sh [SET]    mnist unless given
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
set_=${1:-mnist}
vkvae=$PWD/build/release/vkvae
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export TIMEFORMAT='%R %U %S'

"$vkvae" train --data "$set_" --epochs 4 --out run --quiet
"$vkvae" train --data "$set_" --epochs 1 --latent 2 --out plane --quiet
"$vkvae" encode run -o codes.npz --quiet
commands=(
    "encode run -o a.npz"
    "decode run codes.npz -o a.npy"
    "reconstruct run -n 10000 -o a.npy"
    "interpolate run --from 0 --to 1"
    "traverse run"
    "manifold plane"
    "project run --csv a.csv"
    "score run --draws 1 --threshold 0"
    "score run"
    "evaluate run"
    "evaluate run --frechet"
    "evaluate run --nll --nll-images 20 --nll-samples 5000"
    "augment run -n 10000 -o a.npz"
    "export run"
    "report run"
)

# median COMMAND   of three runs: seconds, and seconds of all cores.
median() {
    local i
    for i in 1 2 3; do
        # shellcheck disable=SC2086
        { time "$vkvae" $1 --quiet >/dev/null 2>&1; } 2>&1
    done | awk '{ print $1, $2 + $3 }' | sort -n | sed -n 2p
}

test=$(sed -E 's/.*"test_seconds":([0-9.]+).*/\1/' run/timing.jsonl | sort -n | sed -n 2p)
printf 'test of 10,000 pictures after an epoch: %s s\n\n' "$test"
printf '| command | seconds | of all cores | / test |\n| --- | --- | --- | --- |\n'
for command in "${commands[@]}"; do
    read -r seconds cores <<<"$(median "$command")"
    awk -v c="$command" -v s="$seconds" -v a="$cores" -v t="$test" \
        'BEGIN { printf "| `%s` | %.2f | %.2f | %.1f |\n", c, s, a, s / t }'
done
