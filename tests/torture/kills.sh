#!/usr/bin/env bash
# R2: kill -9 at any instant loses at most what came since the last save, and a run that is continued after that leaves
# the bytes of one that nobody disturbed. KILLS_SEED repeats a sequence of instants, as far as the machine does.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

RANDOM=${KILLS_SEED:=$$}
kills=0 within=0 runs=0
# About where a run is: a name, the device, how often it saves, and the rest of its options.
small="--images 400 --test-images 40 --size 12x12 --hidden 24 --latent 3 --batch 20 --lr 1e-2"
jobs=("each-step|reference|1|$small --epochs 6"
    "averages|reference|3|$small --epochs 6 --accumulate 2 --ema 0.9 --lr-schedule cosine --keep-best --kl-warmup 20"
    "going-back|reference|2|$small --epochs 4 --optimiser sgd --lr 3 --lr-schedule step --lr-step 1 --lr-gamma 1e-3 --on-nan rollback")
if vkvae devices >/dev/null 2>&1; then
    jobs+=("device||1|$small --epochs 6"
        "statistics||4|--images 200 --test-images 20 --size 16x16 --model conv --channels-list 8,8 --batch 20 --epochs 4 --dropout 0.1")
else
    left_out device
fi

# saved OUT STEPS: how far the save of a run is, or -1; looked at in a file that stays the same while it is read. Its first
# words are the epoch and the step. Who goes back to the beginning of an epoch is further than before: "rollbacks" counts it.
saved() {
    local header epoch step back=0 at
    ln -f "$1/resume.safetensors" seen 2>/dev/null || { echo -1; return; }
    header=$(od -An -tu8 -N8 seen)
    read -r epoch step <<<"$(od -An -tu8 -j $((8 + header)) -N16 seen)"
    at=$(head -c $((8 + header)) seen | grep -aoE '"rollbacks":\{[^}]*\[[0-9]+' | grep -oE '[0-9]+$' || true)
    if [[ $at ]]; then back=$(od -An -tu8 -j $((8 + header + at)) -N8 seen); fi
    echo $(((epoch * 1000 + back) * $2 + step))
}

# begin OUT OPTIONS...: starts or continues a run, whichever can be; its process is $!.
begin() {
    local out=$1
    shift
    if [[ -f $out/resume.safetensors ]]; then
        "$program" train --resume "$out" >/dev/null 2>said &
    else
        "$program" train --out "$out" --force "$@" >/dev/null 2>said &
    fi
}

# Kills one run until it comes to its end.
torment() {
    local name=$1 every=$3 out=run-$1 options steps microseconds before after code=0
    read -ra options <<<"$4 --save-every $every"
    export VKVAE_DEVICE=$2
    if [[ ! -d whole-$name ]]; then
        local began=${EPOCHREALTIME/./}
        vkvae train --out "whole-$name" "${options[@]}" --save-every none >/dev/null 2>said ||
            broken "$name: $(tail -n 1 said)"
        echo $((${EPOCHREALTIME/./} - began)) >"time-$name"
        sums "whole-$name" >"sums-$name"
    fi
    steps=$(sed -nE '1s/.*"step":([0-9]+),.*/\1/p' "whole-$name/metrics.jsonl")
    rm -rf "$out"
    for ((runs++; ; )); do
        begin "$out" "${options[@]}"
        microseconds=$((($(<"time-$name") + 200000) * RANDOM / 32768))
        sleep "$((microseconds / 1000000)).$(printf %06d $((microseconds % 1000000)))"
        before=$(saved "$out" "$steps")
        kill -9 $! 2>/dev/null || true
        code=0
        wait $! 2>/dev/null || code=$?
        if ((code != 137)); then break; fi
        kills=$((kills + 1))
        if compgen -G "$out/.*.tmp" >/dev/null; then within=$((within + 1)); fi
        after=$(saved "$out" "$steps")
        if ((after < before)); then broken "$name, seed $KILLS_SEED: of a save at $before there is $after left"; fi
    done
    if ((code)); then broken "$name, seed $KILLS_SEED: ended with $code: $(tail -n 1 said)"; fi
    if [[ $(sums "$out") != $(<"sums-$name") ]]; then
        broken "$name, seed $KILLS_SEED: other bytes than undisturbed: $(sums "$out"), not $(<"sums-$name")"
    elif compgen -G "$out/.*.tmp" >/dev/null; then
        broken "$name, seed $KILLS_SEED: something half-written is left: $(ls -A "$out")"
    fi
}

wanted=$(times 3 100)
for ((i = 0; kills < wanted; i++)); do
    IFS='|' read -r name device every options <<<"${jobs[i % ${#jobs[@]}]}"
    if [[ $dose != full && $name != each-step ]]; then continue; fi
    torment "$name" "$device" "$every" "$options"
done
if [[ $dose == full ]]; then
    ((within >= wanted / 10)) || broken "only $within kills met a file that was being written"
fi
figures "$kills kills of $runs runs, $within of them while a file was being written: the bytes of undisturbed runs (seed $KILLS_SEED)"
