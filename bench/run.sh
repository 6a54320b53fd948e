#!/usr/bin/env bash
# Measures all of it and keeps it: bench/results/DATE-DEVICE.json (bench/results/README.md says how it is read).
#   bench/run.sh [--quick] [--out FILE] [--data SET] [--peers FOLDER] [OPTIONS of vkvae_bench: --device D, --kernels F]
# --peers FOLDER also compares with PyTorch on the IDX files there (bench/peers/setup.sh first). For figures to quote:
# nothing else running, a release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bench=build/release/vkvae_bench
quick=() out='' data=fashion-mnist peers='' options=()
while (($#)); do
    case $1 in
    --quick) quick=(--quick) ;;
    --out) out=$2 && shift ;;
    --data) data=$2 && shift ;;
    --peers) peers=$2 && shift ;;
    --device | --kernels) options+=("$1" "$2") && shift ;;
    *)
        sed -n '2,6s/^# //p' "${BASH_SOURCE[0]}" >&2
        exit 2
        ;;
    esac
    shift
done
[[ -x $bench ]] || {
    echo "bench/run.sh: $bench is not there: cmake --preset release && cmake --build --preset release" >&2
    exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A text as JSON; what we pass holds no control characters.
quote() { sed 's/[\\"]/\\&/g; s/.*/"&"/' <<<"$1"; }

code=0
measure() {
    local name=$1
    shift
    echo "== $name" >&2
    "$bench" "$name" --json "${quick[@]}" "${options[@]}" "$@" >"$work/$name" || code=1
    [[ -s $work/$name ]] || echo null >"$work/$name"
}

commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
[[ -z $(git status --porcelain --untracked-files=no 2>/dev/null) ]] || commit+=-changed
load=$(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || echo unknown)
all=(gemm conv ops rng train startup scaling stream)
measure gemm --all
measure conv
measure ops
measure rng
measure train --data "$data"
measure startup --data "$data"
measure stream --data "$data"
measure scaling --plot "$work/scaling.png"
if [[ $peers ]]; then
    all+=(peers)
    rounds=(--rounds 5 --epochs 3)
    ((${#quick[@]})) && rounds=(--rounds 1 --epochs 1)
    bench/peers/compare.py "$peers" "${rounds[@]}" "${options[@]}" --json "$work/peers" >&2 || code=1
    [[ -s $work/peers ]] || echo null >"$work/peers"
fi

device=$(sed -n 's/^\t"device":\t"\(.*\)",*$/\1/p' "$work/gemm" | head -n 1)
if [[ -z $out ]]; then
    slug=$(tr '[:upper:]' '[:lower:]' <<<"${device%% (*}" | tr -cs 'a-z0-9\n' '-' | sed 's/^-*//; s/-*$//')
    out=bench/results/$(date -u +%Y-%m-%d)-${slug:-unknown}.json
fi
{
    printf '{\n"device": %s,\n"commit": %s,\n"date": %s,\n"command": %s,\n' "$(quote "$device")" "$(quote "$commit")" \
        "$(quote "$(date -u +%Y-%m-%dT%H:%M:%SZ)")" "$(quote "bench/run.sh ${quick[*]} --data $data ${options[*]}")"
    printf '"cpu": %s,\n"cores": %s,\n"load_before": %s' \
        "$(quote "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)")" "$(nproc)" "$(quote "$load")"
    for name in "${all[@]}"; do printf ',\n"%s": %s' "$name" "$(cat "$work/$name")"; done
    printf '\n}\n'
} >"$out"
for picture in scaling scaling-memory; do
    [[ ! -s $work/$picture.png ]] || cp "$work/$picture.png" "${out%.json}-$picture.png"
done
echo "$out"
exit "$code"
