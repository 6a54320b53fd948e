#!/usr/bin/env bash
# Compares with PyTorch: it loads a checkpoint and must compute the same test loss. With onnxruntime and NumPy: they
# must compute with exported models what vkvae does, and vkvae with those that PyTorch saved. And a browser opens a
# report.
#   scripts/test-peers.sh               of three short runs on Fashion-MNIST, made here; and it makes the files of
#                                       tests/peers/twins anew, which one training step, and steps of
#                                       the optimisers, are compared with. Exports are compared of every kind of
#                                       model; their checksums go to tests/peers/exports.txt, which the tests read
#   scripts/test-peers.sh --exports     the exports alone
#   scripts/test-peers.sh RUN DATA      of a run's folder, with the folder of the IDX files that it was trained on
set -euo pipefail
exports_alone=false
if [[ $# == 1 && $1 == --exports ]]; then
    exports_alone=true
    shift
fi
if (($# != 0 && $# != 2)); then
    echo "usage: scripts/test-peers.sh [--exports | RUN DATA]" >&2
    exit 2
fi
# As seen from where this was called.
run=${1:+$(realpath "$1")} data=${2:+$(realpath "$2")}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh --peers
# Debian's own Python has Debian's PyTorch; another may come first on the PATH.
python=/usr/bin/python3
"$python" -c 'import torch' 2>/dev/null || python=python3

# Of the version that the figures in docs/export.md are of; nothing of it stays here.
onnxruntime=1.23.2

# What onnxruntime, PyTorch and NumPy make of exports, and vkvae of what PyTorch saved; FOLDER is one of our own.
compare_exports() {
    local folder=$1
    mkdir "$folder/exports" "$folder/node"
    build/release/tests/peers_exports "$folder/exports"
    npm install --prefix "$folder/node" --ignore-scripts --no-audit --no-fund --no-save --silent \
        "onnxruntime-node@$onnxruntime"
    NODE_PATH=$folder/node/node_modules node tests/peers/onnx_exports.js "$folder/exports"
    "$python" tests/peers/torch_exports.py "$folder/exports"
    mkdir "$folder/imports"
    "$python" tests/peers/torch_import.py build/release/vkvae "$folder/imports"
    build/release/tests/peers_exports tests/peers/exports.txt
}

if [[ -z $run ]]; then
    cmake --preset release
    targets=()
    if $exports_alone; then targets=(--target vkvae_program peers_exports); fi
    cmake --build --preset release --parallel "$(nproc)" ${targets[@]+"${targets[@]}"}
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    compare_exports "$folder"
    if $exports_alone; then exit; fi
    run=$folder/run data=/usr/share/datasets/fashion-mnist
    build/release/vkvae train --data "$data" --epochs 3 --out "$run"
    deep=$folder/deep
    build/release/vkvae train --data "$data" --hidden 256,64 --activation gelu --epochs 2 --out "$deep"
    "$python" tests/peers/torch_checkpoint.py "$deep" "$data"
    build/release/vkvae traverse "$run" -o "$run/traversal.png"
    build/release/vkvae project "$run" -o "$run/map.png" --csv "$run/map.csv"
    build/release/vkvae report "$run"
    if node --experimental-websocket -e 0 2>/dev/null; then
        node --experimental-websocket tests/browser/report.mjs "$(command -v chromium)" "$run/report.html" "$folder/shot"
    else
        echo "[  SKIPPED ] a report in a browser (node 20.10 or later is not here)"
    fi
    conv=$folder/conv
    build/release/vkvae train --data "$data" --model conv --channels-list 8,16 --limit 4000 --epochs 1 --out "$conv"
    "$python" tests/peers/torch_checkpoint.py "$conv" "$data"
    mkdir "$folder/twins"
    "$python" tests/peers/torch_twins.py "$folder/twins"
    build/release/tests/peers_twins "$folder/twins"
    "$python" tests/peers/torch_optimisers.py "$folder/twins/optimisers.txt"
    build/release/tests/peers_optimisers "$folder/twins/optimisers.txt"
    # The same codes, pixels, losses and log-likelihoods.
    "$python" tests/peers/torch_use.py build/release/vkvae "$run" "$data"
    "$python" tests/peers/torch_use.py build/release/vkvae "$conv" "$data" 20 100
fi
"$python" tests/peers/torch_checkpoint.py "$run" "$data"
