#!/usr/bin/env bash
# R8: a number that is not finite, in loss, gradient or weights, is seen in the step that meets it, wherever it comes from:
# weights, moments and averages stay those of the step before, the best checkpoint is untouched, and the run stops or
# goes back. Numbers are planted by torture_diverge; whole runs diverge by a learning rate that rises until they do.
# DIVERGENCE_SEED repeats a sequence.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# shellcheck source=../errors/helpers.sh
. "$here/../errors/helpers.sh"

RANDOM=${DIVERGENCE_SEED:=$$}
devices=(reference)
if vkvae devices >/dev/null 2>&1; then devices+=(''); fi

# Elements of a file's tensors that are no finite number, whatever they are called.
strange() {
    local header
    header=$(od -An -tu8 -N8 "$1")
    od -An -v -tf4 -w4 -j $((8 + header)) "$1" | grep -ciE 'nan|inf' || true
}

# The last save: epoch and step of it.
position() {
    local header
    header=$(od -An -tu8 -N8 "$1")
    od -An -tu8 -j $((8 + header)) -N16 "$1"
}

# Without metrics, where that was the first epoch.
kept() { sums "$1" 2>/dev/null || true; }

# One run that diverges, in whatever step it does.
explode() {
    local epochs=8 code=0 epoch step at rate=$((RANDOM % 60 + 5))
    local job=(--images 300 --test-images 40 --size 10x10 --hidden 24 --latent 3 --batch 10 --seed $RANDOM
        --optimiser sgd --momentum 0 --lr "$rate" --lr-warmup $((RANDOM % 180 + 20)) --keep-best --schedule-epochs "$epochs")
    export VKVAE_DEVICE=$1
    vkvae train "${job[@]}" --epochs $epochs --out run --force >/dev/null 2>said || code=$?
    if ((code == 0)); then return 0; fi  # this one never did
    exploded=$((exploded + 1))
    local seen='.* at step ([0-9]+) of epoch ([0-9]+); the weights are those of the step before; .*'
    read -r step epoch <<<"$(sed -nE "s/$seen/\1 \2/p" said)"
    if [[ $code != 1 || -z ${step-} ]]; then
        broken "seed $DIVERGENCE_SEED: ended with $code: $(tail -n 1 said)"
        return
    fi
    at=$(position run/resume.safetensors | sed 's/^ *//; s/  */ /g') || true
    [[ $at == "$((epoch - 1)) $((step - 1))" ]] || broken "seed $DIVERGENCE_SEED: saved at $at, and not before step $step of epoch $epoch"
    for file in checkpoint resume; do
        [[ $(strange run/$file.safetensors) == 0 ]] || broken "seed $DIVERGENCE_SEED: $file.safetensors has numbers that are not finite"
    done
    kept run >sums
    # What is best is that of the epochs before.
    if ((epoch > 1)); then
        vkvae train "${job[@]}" --epochs $((epoch - 1)) --out before --force >/dev/null 2>said || broken "$(tail -n 1 said)"
        cmp -s run/best.safetensors before/best.safetensors || broken "seed $DIVERGENCE_SEED: the best checkpoint is another one"
        cmp -s run/metrics.jsonl before/metrics.jsonl || broken "seed $DIVERGENCE_SEED: other metrics than of the epochs before"
    elif [[ -e run/best.safetensors ]]; then
        broken "seed $DIVERGENCE_SEED: there is a best checkpoint of no epoch"
    fi
    # It ends there however it comes there: saved within epochs, or continued from before.
    vkvae train "${job[@]}" --epochs $epochs --save-every 7 --out other --force >/dev/null 2>&1 && broken "seed $DIVERGENCE_SEED: saved more often it goes on"
    [[ $(kept other) == "$(<sums)" ]] || broken "seed $DIVERGENCE_SEED: saved more often it ends otherwise"
    vkvae train --resume run >/dev/null 2>&1 && broken "seed $DIVERGENCE_SEED: continued it goes on"
    [[ $(kept run) == "$(<sums)" ]] || broken "seed $DIVERGENCE_SEED: continued it ends otherwise"
    # Going back, until the rate is small enough or there is no more of it.
    code=0
    vkvae train "${job[@]}" --epochs $epochs --on-nan rollback --out back --force >/dev/null 2>said || code=$?
    if ((code > 1)); then broken "seed $DIVERGENCE_SEED: with rollback it ends with $code: $(tail -n 1 said)"; fi
    if ((step > 1)) && ! grep -q "going back to the beginning of that epoch" said; then
        broken "seed $DIVERGENCE_SEED: it does not go back: $(tail -n 1 said)"
    fi
    [[ $(strange back/checkpoint.safetensors) == 0 ]] || broken "seed $DIVERGENCE_SEED: after going back, weights are not finite"
}

# plant_in_save DEVICE TENSOR BYTES POLICY: where a number that is not finite stands in the save that a run goes on from,
# what was best before stays, byte for byte, and no epoch is added.
plant_in_save() {
    local code=0 what="seed $DIVERGENCE_SEED: planted in $2 of a save (--on-nan $4)"
    export VKVAE_DEVICE=$1
    vkvae train --images 60 --test-images 20 --size 10x10 --hidden 24 --latent 3 --batch 10 --on-nan "$4" --keep-best \
        --epochs 2 --out whole --force >/dev/null 2>said || broken "$(tail -n 1 said)"
    rm -rf planted
    cp -r whole planted
    put planted/resume.safetensors $(($(offset_of planted/resume.safetensors "$2") + 4 * (RANDOM % 2400))) "$3"
    seal planted/resume.safetensors || broken "$what: it has no checksum"
    vkvae train --resume planted --epochs 4 >/dev/null 2>said || code=$?
    if ((code != 1)) || ! grep -q 'too large or not a finite number' said; then broken "$what: ended with $code: $(tail -n 1 said)"; fi
    cmp -s whole/best.safetensors planted/best.safetensors || broken "$what: the best checkpoint is another one"
    cmp -s whole/metrics.jsonl planted/metrics.jsonl || broken "$what: other metrics than of the epochs before"
    saves=$((saves + 1))
}

saves=0
if [[ $dose == full ]]; then
    for device in "${devices[@]}"; do
        for tensor in params adam.m adam.v; do
            for policy in stop rollback; do plant_in_save "$device" $tensor '\0\0\300\177' $policy; done
        done
        plant_in_save "$device" params '\0\0\200\377' stop  # -Inf
    done
else
    plant_in_save reference params '\0\0\300\177' stop
fi

exploded=0
wanted=$(times 1 20)
for ((i = 0; exploded < wanted && i < 10 * wanted; i++)); do explode "${devices[i % ${#devices[@]}]}"; done
((exploded == wanted)) || broken "only $exploded of $i runs diverged: there is nothing to see"
unset VKVAE_DEVICE

planted=$(times 7 350)
if ((${#devices[@]} > 1)); then
    "$build/tests/torture_diverge" "$planted" "$DIVERGENCE_SEED" >planting 2>&1 || broken "seed $DIVERGENCE_SEED: $(head -n 3 planting)"
else
    planted=0
    left_out device
fi
figures "$planted numbers planted between random steps, $saves in saves of runs with a best checkpoint, $exploded runs that diverged by themselves: all seen in that step, and nothing of it kept"
