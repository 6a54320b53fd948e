#!/usr/bin/env bash
# R13: nothing phones home: no command opens a socket. On a Vulkan device the driver's own look-up of the user is let
# pass: Mesa asks the C library, which asks for a name service's cache on this machine.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
command -v strace >/dev/null || impossible "no strace"

calls=0
# on DEVICE COMMAND...: of vkvae, with every thread and child of it.
on() {
    local device=$1 wrong
    shift
    VKVAE_DEVICE=$device strace -f -qq -e trace=%network -o trace "$program" "$@" >/dev/null 2>said ||
        broken "vkvae $*: $(tail -n 1 said)"
    calls=$((calls + 1))
    wrong=$(sed -nE 's/^[0-9]+ +([a-z0-9_]+\(.*)/\1/p' trace)
    if [[ ! $device ]]; then
        wrong=$(grep -vE '^socket\(AF_UNIX, |^connect\([0-9]+, \{sa_family=AF_UNIX, sun_path="/(var/)?run/nscd/socket"' <<<"$wrong" || true)
    fi
    if [[ $wrong ]]; then broken "vkvae $* on ${device:-the device}: ${wrong%%$'\n'*}"; fi
}

# A socket is seen where there is one.
strace -f -qq -e trace=socket -o trace bash -c 'exec 3<>/dev/udp/127.0.0.1/9' 2>/dev/null || true
grep -q 'socket(' trace || impossible "strace sees no socket here"

# everywhere DEVICE: every command there.
everywhere() {
    local d=$1
    rm -rf set run events again imported
    on "$d" data shapes --images 20 --size 8x8 --out set
    on "$d" train --data set --hidden 4 --latent 2 --batch 10 --epochs 1 --out run --report --tensorboard events
    on "$d" train --resume run --epochs 2
    on "$d" train --config run/config.json --epochs 1 --out again
    on "$d" sample run -n 4 -o samples.png
    [[ $d ]] || on "$d" devices
    [[ $dose == full || $d ]] || return 0
    on "$d" data info set
    on "$d" encode run -o codes.npz
    on "$d" decode run codes.npz -o decoded.npy
    on "$d" reconstruct run -o again.png
    on "$d" interpolate run -o walk.png
    on "$d" traverse run -o traverse.png
    on "$d" manifold run -o manifold.png
    on "$d" augment run -o augmented.npz
    on "$d" project run -o map.png
    on "$d" score run -o scores.csv
    on "$d" evaluate run
    on "$d" export run -o run.onnx
    on "$d" export run -o run.safetensors
    on "$d" import run.safetensors --size 8x8 --out imported
    on "$d" report run
    on "$d" compare run run
    on "$d" info run
    on "$d" runs .
    [[ $d ]] || on "$d" autotune --hidden 4 --latent 2 --batch 10 --size 8x8
}

everywhere reference
if vkvae devices >/dev/null 2>&1; then everywhere ''; else left_out device; fi
figures "$calls commands, no socket"
