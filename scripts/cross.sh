#!/usr/bin/env bash
# Builds the program for aarch64 and runs it in an emulator: it must give the bytes that this machine's build gives.
# Debian only (it installs packages of another architecture).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh --cross
cmake --preset release -B build/cross-host -DVKVAE_TESTS=OFF
cmake --build build/cross-host --parallel "$(nproc)" --target vkvae_program
cmake --preset release -B build/aarch64 --toolchain scripts/aarch64.cmake -DVKVAE_NATIVE=OFF -DVKVAE_TESTS=OFF
cmake --build build/aarch64 --parallel "$(nproc)"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Any bytes do as pictures, 28 high and 28 wide: these are the source's.
cat src/*/*.c >"$folder/bytes"
mkdir "$folder/data"
for set in train t10k; do
    (printf '\0\0\10\3\0\0\1\0\0\0\0\34\0\0\0\34' && head -c $((256 * 28 * 28)) "$folder/bytes") \
        >"$folder/data/$set-images-idx3-ubyte"
done

# use FOLDER PROGRAM...   What is compared, in FOLDER.
use() {
    local run=$1
    shift
    "$@" --version
    "$@" help >/dev/null
    "$@" train --device reference --data "$folder/data" --epochs 2 --batch 32 --hidden 64 --out "$run"
    "$@" sample "$run" --device reference -n 16 --seed 7 -o "$run/draws.npy"
    "$@" data shapes -n 300 --channels 3 --size 31x17 -o "$run/shapes"
    "$@" train --device reference --images 256 --epochs 1 --batch 32 --hidden 64,32 --activation gelu --out "$run/gelu"
    rm "$run/timing.jsonl" "$run/gelu/timing.jsonl"
}
use "$folder/here" build/cross-host/vkvae
use "$folder/aarch64" qemu-aarch64-static build/aarch64/vkvae
diff -r "$folder/here" "$folder/aarch64"
echo "aarch64: the same bytes as here, in every file"
