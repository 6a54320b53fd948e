#!/usr/bin/env bash
# Clocks that go backwards, stand still or tell an impossible date break nothing: runs have the bytes of an undisturbed
# one, folders of runs their names, and no time that is told is negative or no number.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
clock=$build/tests/libvkvae_clock.so
[[ -e $clock ]] || impossible "no $clock"

devices=(reference)
if ! vkvae devices >/dev/null 2>&1; then
    left_out device
elif [[ $dose == full ]]; then
    devices+=('')
fi
job=(--images 1500 --test-images 100 --size 12x12 --hidden 24 --latent 3 --batch 5 --epochs 3)
calls=0
# on CLOCK COMMAND...: with that clock. No number that it tells of may be strange.
on() {
    local kind=$1 code=0
    shift
    calls=$((calls + 1))
    VKVAE_CLOCK=$kind LD_PRELOAD=$clock timeout 300 "$program" "$@" >told 2>said || code=$?
    ((code == 0)) || broken "$kind clock, vkvae $*: ended with $code: $(tail -n 1 said)"
    # shellcheck disable=SC2046
    if grep -nE '\b(nan|inf)\b|[ :]-[0-9.]+ ?(s|ms|images)\b|"[a-z_]*(seconds|per_second)[a-z_]*":(-[0-9]|null)' told said $(find run -name timing.jsonl 2>/dev/null) >strange; then
        broken "$kind clock, vkvae $*: $(head -n 1 strange)"
    fi
}

for device in "${devices[@]}"; do
    export VKVAE_DEVICE=$device
    vkvae train "${job[@]}" --out whole --force >/dev/null 2>&1
    for kind in wall steady frozen before beyond; do
        on $kind train "${job[@]}" --out run --force --json --save-every 1s
        [[ $(sums run) == $(sums whole) ]] || broken "$kind clock, on '$device': other bytes"
        on $kind train "${job[@]}" --out run --force --save-every 100 --profile
        [[ $(sums run) == $(sums whole) ]] || broken "$kind clock, on '$device': other bytes"
        if [[ $dose != full ]]; then continue; fi
        on $kind train "${job[@]}" --out run --force --report --tensorboard board
        on $kind evaluate run --json
        on $kind score run -o scores.csv
        on $kind encode run -o codes.npz
        on $kind runs .
        on $kind info run
        [[ $device == reference ]] || on $kind autotune --images 100 --size 8x8 --hidden 8 --latent 2 --batch 10 --force
    done
done

# Names of runs by the date: one each, also where it is one that was.
for kind in wall before; do
    rm -rf runs
    for _ in 1 2 3; do on $kind train --images 20 --size 8x8 --hidden 4 --latent 2 --batch 10 --epochs 1; done
    [[ $(find runs -name config.json | wc -l) == 3 ]] || broken "$kind clock: three runs have not a folder each"
done
code=0
VKVAE_CLOCK=beyond LD_PRELOAD=$clock "$program" train --images 20 --size 8x8 --hidden 4 --latent 2 --batch 10 --epochs 1 >/dev/null 2>said || code=$?
[[ $code == 1 ]] && grep -q 'the clock gives no date to name the run by; give --out DIR' said || broken "a date beyond all: ended with $code: $(tail -n 1 said)"
figures "$calls calls under clocks that jump, stand still or tell no date: the same bytes, no strange number"
