#!/usr/bin/env bash
# R9: the same settings on the same device give the same bytes: however many threads the driver has, whatever lies in
# memory where, however steps are submitted, watched, validated, saved or reported.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
vkvae devices >/dev/null 2>&1 || impossible "no Vulkan device"

runs=0
# shellcheck disable=SC2034
job="--images 1200 --test-images 150 --hidden 64 --latent 6 --batch 32 --epochs 2 --lr 3e-3"
# shellcheck disable=SC2034
conv="--images 300 --test-images 40 --size 16x16 --model conv --channels-list 8,16 --batch 16 --epochs 2 --dropout 0.1 --augment flip"
declare -A first=()

# same JOB ENVIRONMENT OPTIONS...: of the job that the variable has.
same() {
    local -n said_job=$1
    local kind=$1 environment=$2 found options
    shift 2
    read -ra options <<<"$said_job"
    runs=$((runs + 1))
    if ! env "$environment" "$program" train --out run --force "${options[@]}" "$@" >/dev/null 2>said; then
        broken "$kind, $environment $*: $(tail -n 1 said)"
        return
    fi
    found=$(sums run)
    : "${first[$kind]:=$found}"
    [[ $found == "${first[$kind]}" ]] || broken "$kind, $environment $*: $found, not ${first[$kind]}"
}

# What validation needs may not be there.
validates() { vkvae train --images 20 --test-images 4 --size 8x8 --hidden 4 --latent 2 --batch 10 --epochs 1 --validate --out validated >/dev/null 2>&1; }

repeats=$(times 1 10)
for ((i = 0; i < repeats; i++)); do same job LP_NUM_THREADS=; done
same job LP_NUM_THREADS=1 --data-memory 200K --save-every 5
same job LP_NUM_THREADS=0 --profile
if [[ $dose == full ]]; then
    for threads in 0 1 2 4; do
        same job LP_NUM_THREADS=$threads
        same job LP_NUM_THREADS=$threads --data-memory 200K
        same conv LP_NUM_THREADS=$threads
    done
    for ((i = 0; i < 9; i++)); do same conv LP_NUM_THREADS=; done
    for kind in job conv; do
        same $kind VKVAE_CACHE= --profile=trace.json
        same $kind VKVAE_CACHE= --report
        same $kind A=1 --tensorboard board
        same $kind A=1 --save-every 1
        same $kind A=1 --save-every 1s
        if validates; then same $kind A=1 --validate; else left_out validation; fi
        VKVAE_DEVICE=reference
        export VKVAE_DEVICE
        first[$kind]=
        same $kind A=1
        same $kind A=1 --data-memory 200K --profile --save-every 3
        unset VKVAE_DEVICE
    done
fi
"$build/tests/torture_plans" "$dose" >plans || broken "memory plans and submissions: $(tail -n 1 plans)"
figures "$runs runs, and $(grep -c ' submissions, ' plans) under other memory plans and submissions: one sum each"
