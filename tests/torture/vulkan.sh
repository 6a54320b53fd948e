#!/usr/bin/env bash
# R10: clean Vulkan. Core, synchronization (across submissions, too) and GPU-assisted validation have nothing to say of
# whole trainings and of every kernel; and each sees a fault that is planted: a barrier that is not recorded, a buffer
# that is smaller than what a kernel reads or writes.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
vkvae devices >/dev/null 2>&1 || impossible "no Vulkan device"
export VK_ADD_LAYER_PATH=$layer
small=(--images 40 --size 8x8 --batch 20 --latent 2 --epochs 1)
vkvae train "${small[@]}" --hidden 8 --out run >/dev/null 2>&1
vkvae train "${small[@]}" --hidden 8 --out valid --validate >/dev/null 2>said ||
    { grep -q vulkan-validationlayers said && impossible "no validation layer" || broken "$(tail -n 1 said)"; }

assisted() { VK_LAYER_ENABLES=VK_VALIDATION_FEATURE_ENABLE_GPU_ASSISTED_EXT vkvae "$@" --validate; }
# planted WORD COMMAND...: with the test layer above.
planted() {
    local word=$1
    shift
    VK_INSTANCE_LAYERS=VK_LAYER_VKVAE_test VKVAE_TEST_LAYER=$word "$@" >/dev/null 2>said
}

# GPU-assisted validation sees a kernel that writes behind a buffer's end.
assisted sample run -n 4 -o a.png >/dev/null 2>said || broken "GPU-assisted validation: $(tail -n 1 said)"
planted short@1 assisted sample run -n 4 -o a.png && broken "a write behind the end of a buffer goes unnoticed"
grep -q 'access out of bounds' said || broken "a write behind the end of a buffer: $(tail -n 1 said)"
# Synchronization validation sees that a kernel does not wait for the one before.
planted nobarrier@5 vkvae train "${small[@]}" --hidden 8 --out b --validate && broken "a missing barrier goes unnoticed"
grep -q SYNC-HAZARD said || broken "a missing barrier: $(tail -n 1 said)"
if [[ $dose == small ]]; then
    figures "one missing barrier and one access out of bounds noticed"
    exit
fi

# sweep WORD WHAT MESSAGE COMMAND...: each of WHAT in turn; sets all and seen.
sweep() {
    local word=$1 what=$2 message=$3 number
    shift 3
    planted count "$@" || broken "$*: $(tail -n 1 said)"
    all=$(grep -oE "[0-9]+ $what" said | sort -n | tail -n 1) seen=0
    all=${all%% *}
    for ((number = 1; number <= all; number++)); do
        rm -rf b
        planted "$word@$number" "$@" || true
        if grep -q "$message" said; then seen=$((seen + 1)); fi
    done
}

# The first barrier of a recording stands against what ran before it; where that recording runs once it stands against
# nothing: those of the noise that is checked at the start, of the test, and of the two kinds of pictures.
sweep nobarrier barriers SYNC-HAZARD vkvae train "${small[@]}" --hidden 8 --out b --validate
((all >= 30 && all - seen <= 5)) || broken "of $all barriers left out one by one only $seen are noticed"
told="$seen of $all missing barriers noticed"
# Some tensors are no larger than the smallest buffer.
sweep short 'storage buffers' 'access out of bounds' assisted sample run -n 4 -o b.png
((seen >= 2)) || broken "of $all buffers that are too small only $seen are noticed"
told="$told, $seen of $all accesses out of bounds"

# Whole trainings.
runs=0
# trains OPTION...
trains() {
    rm -rf b
    assisted train "${small[@]}" --out b "$@" >/dev/null 2>said || broken "train $*: $(tail -n 1 said)"
    runs=$((runs + 1))
}
trains --hidden 8
trains --hidden 8 --limits minimum
trains --hidden 8 --precision fp16-storage
trains --model conv --channels-list 4,8
trains --model resnet --channels-list 4,8 --norm group
for likelihood in gaussian laplace logcosh discretized-logistic continuous-bernoulli categorical-256; do
    trains --hidden 8 --likelihood "$likelihood"
done
for optimiser in adamw sgd; do trains --hidden 8 --optimiser "$optimiser" --ema 0.9 --accumulate 2; done

# Every kernel: the tests that compare each op with its reference, and that of the device's peak.
export VKVAE_CACHE='' VK_LAYER_ENABLES=VK_VALIDATION_FEATURE_ENABLE_GPU_ASSISTED_EXT
for test in ops_ops ops_products ops_noise ops_random ops_nonlinear ops_half peak_peak; do
    "$build/tests/$test" >said 2>&1 || broken "$test: $(grep -m 1 -E 'Vulkan validation|ERROR' said)"
done
figures "$told; $runs trainings and every kernel without a message"
