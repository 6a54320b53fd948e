#!/usr/bin/env bash
# Fuzzes what reads files and command lines, with clang's libFuzzer under AddressSanitizer and
# UndefinedBehaviorSanitizer, at most 256 MiB each.
#   scripts/fuzz.sh                      every target, 10 million runs each (pictures 1 million)
#   scripts/fuzz.sh --runs 100000 npz    some of them, so many runs each
#   scripts/fuzz.sh --keep ...           and what they found new goes into tests/fuzz/corpus, made small
# It needs clang and its runtime (Debian: clang-14, libclang-rt-14-dev).
# Prints a line for each target: runs, seconds, peak memory, edges of its code that ran. An input that fails is left in
# build/fuzz/found.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs=10000000 pictures=1000000 keep=false
targets=()
while (($#)); do
    case $1 in
    --runs)
        runs=$2 pictures=$2
        shift
        ;;
    --keep) keep=true ;;
    -*)
        echo "usage: scripts/fuzz.sh [--runs N] [--keep] [TARGET...]" >&2
        exit 2
        ;;
    *) targets+=("$1") ;;
    esac
    shift
done
if ((${#targets[@]} == 0)); then
    targets=(idx npy npz csv text safetensors checkpoint state_dict config metrics picture caches arguments)
fi

compiler=$(command -v clang-14 || command -v clang)
build=build/fuzz
cmake --preset fuzz -DCMAKE_C_COMPILER="$compiler" >/dev/null
cmake --build --preset fuzz --target vkvae_program "${targets[@]/#/fuzz_}" >/dev/null
program=$PWD/$build/vkvae
memory=${TMPDIR:-/tmp}
[[ -w /dev/shm ]] && memory=/dev/shm
work=$(mktemp -d "$memory/vkvae-fuzz-XXXXXX")
trap 'rm -rf "$work"' EXIT
export VKVAE_CACHE=$work/cache TMPDIR=$work

# chosen COUNT FOLDER FILE...   Copies of the files, each once for every first byte below COUNT, by which a
# target chooses what to do with the rest.
chosen() {
    local count=$1 folder=$2 file i
    shift 2
    for file in "$@"; do
        for ((i = 0; i < count; i++)); do
            { printf "\\x$(printf %x "$i")" && cat "$file"; } >"$folder/$i-${file##*/}"
        done
    done
}

# Small files of every kind, which the program makes.
seed() {
    local seeds=$work/seeds
    mkdir -p "$seeds"/{idx,npy,npz,csv,text,safetensors,checkpoint,state_dict,config,metrics,picture,caches,arguments} "$work/cache"
    (
        cd "$work"
        "$program" data shapes --images 2 --size 8x8 --out idx --quiet
        chosen 3 "$seeds/idx" idx/*
        "$program" train --device reference --images 4 --size 8x8 --hidden 3 --latent 2 --batch 2 --epochs 1 --out run --quiet
        cp run/checkpoint.safetensors run/resume.safetensors "$seeds/checkpoint/"
        cp run/checkpoint.safetensors "$seeds/safetensors/"
        cp run/checkpoint.safetensors "$seeds/state_dict/"
        cp run/metrics.jsonl run/timing.jsonl "$seeds/metrics/"
        cp run/config.json "$seeds/config/"
        chosen 2 "$seeds/arguments" run/config.json
        "$program" sample run -n 2 -o a.npy --quiet --device reference
        cp a.npy "$seeds/npy/"
        "$program" encode run -o a.npz --quiet --device reference
        "$program" encode run -o a.csv --quiet --device reference
        cp a.npz "$seeds/npz/"
        cp a.csv "$seeds/csv/"
        "$program" sample run -n 2 --each pictures --quiet --device reference
        cp pictures/* "$seeds/picture/"
        "$program" data info pictures --quiet >/dev/null
        for file in cache/*; do
            # Without the zeros behind the head, as tests/fuzz/caches.c has them.
            { head -c 104 "$file" && tail -c +4097 "$file"; } >kept
            chosen 1 "$seeds/caches" kept
        done
        printf 'the cat sat\non the mat\n\n' >words
        chosen 3 "$seeds/text" words
        printf -- '--data\000x\000--hidden\0004,5\000--lr=1e-3\000-q\000' >typed
        chosen 2 "$seeds/arguments" typed
    )
}

# limit NAME   The longest input that is of use.
limit() {
    case $1 in
    checkpoint | safetensors | state_dict) echo 8192 ;;
    caches) echo 4096 ;;
    *) echo 2048 ;;
    esac
}

# The sanitizer keeps freed memory to see it used again: little enough to leave room below the limit.
export ASAN_OPTIONS=quarantine_size_mb=8:detect_leaks=1:allocator_may_return_null=1
seed
found=$PWD/$build/found
mkdir -p "$found"
failed=0
for target in "${targets[@]}"; do
    corpus=tests/fuzz/corpus/$target
    fresh=$work/$target
    mkdir -p "$fresh" "$corpus"
    count=$runs
    [[ $target == picture ]] && count=$pictures
    if ! "$build/tests/fuzz/fuzz_$target" -runs="$count" -rss_limit_mb=256 -malloc_limit_mb=200 -timeout=20 \
        -max_len="$(limit "$target")" -dict="tests/fuzz/dictionaries/$target.dict" -artifact_prefix="$found/$target-" -print_final_stats=1 \
        "$fresh" "$corpus" "$work/seeds/$target" >"$work/log" 2>&1; then
        failed=$((failed + 1))
        tail -n 40 "$work/log"
    fi
    printf '%-12s %s\n' "$target" "$(awk '
        /^Done/ { runs = $2; seconds = $5 }
        $2 == "INITED" { first = $4 }
        $3 == "cov:" { edges = $4 }
        /stat::peak_rss_mb/ { rss = $2 }
        END {
            printf "%d runs in %d s, %d MiB at most", runs, seconds, rss
            printf ", edges: %d from corpus and seeds, %d in all", first, edges
        }' "$work/log")"
    if $keep; then
        "$build/tests/fuzz/fuzz_$target" -merge=1 -max_len="$(limit "$target")" "$corpus" "$work/seeds/$target" "$fresh" \
            >/dev/null 2>&1
    fi
done
((failed == 0))
