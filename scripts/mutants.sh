#!/usr/bin/env bash
# Breaks the code on purpose, one fault at a time, in a copy, and shows that the suite notices each.
# Usage: scripts/mutants.sh      (some minutes; needs what scripts/setup.sh --tests installs)
set -euo pipefail
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy"
cd "$copy"
cmake --preset release --compile-no-warning-as-error >configure.log
cmake --build --preset release >build.log

missed=0
# mutant NAME FILE SED-EXPRESSION TEST MESSAGE: the fault must build, and TEST must fail on it, saying MESSAGE.
mutant() {
    cp "$2" original
    sed -i "$3" "$2"
    if cmp -s original "$2"; then
        echo "STALE    $1: the expression changes nothing in $2"
        missed=$((missed + 1))
        return
    fi
    if ! cmake --build --preset release >build.log 2>&1; then
        echo "BROKEN   $1: does not build"
        missed=$((missed + 1))
    elif ctest --preset release -R "^$4\$" >test.log 2>&1; then
        echo "MISSED   $1: $4 passes"
        missed=$((missed + 1))
    elif ! grep -q -- "$5" test.log; then
        echo "MISSED   $1: $4 fails, but does not say '$5'"
        missed=$((missed + 1))
    else
        echo "noticed  $1, by $4: $(grep -m1 -- "$5" test.log | sed 's/^[0-9: ]*//' | cut -c1-130)"
    fi
    cp original "$2"
}

cmake --build --preset release >build.log
ctest --preset release -R '^(ops|tape|train)/' >test.log || { cat test.log; echo "the tests fail without a mutant"; exit 1; }

mutant "an op without a case" tests/ops/cases_elementwise.c '/&vv_op_square/d' ops/ops "op 'square' has no test case"
mutant "barriers dropped from the recording" src/exec/vulkan/record.c \
    's/if (p->plan.nodes\[y->index\].barrier || alone)/if (alone)/' train/trainer "SYNC-HAZARD"
mutant "barriers dropped from the plan" src/tape/plan.c \
    's/nodes\[i\].barrier = barrier;/nodes[i].barrier = false;/' tape/plan "FAILED.*order_within_barriers"
mutant "a gradient scaled by 1.01, in the reference" src/ops/bernoulli.c \
    's/(vv_sigmoid(logits\[i\]) - x\[i\]) \* dy\[r\]/1.01f * &/' ops/gradient "by differences"
mutant "a gradient scaled by 1.01, in the kernel" shaders/bernoulli_grad.comp \
    's/= d \* dy/= 1.01 * d * dy/' ops/ops "bernoulli_grad.*device .*reference"
mutant "a gradient scaled by 1.01, in a vjp" src/ops/elementwise.c \
    's/vv_affine(t, dy, y->attr.f\[0\], 0.0)/vv_affine(t, dy, 1.01 * y->attr.f[0], 0.0)/' ops/gradient "by differences"
mutant "silu's gradient without its second term" shaders/exact_activation.h \
    's/s \* (1.0f + near \* vv_sigmoid(-near))/s/' ops/gradient "silu .*by differences"
mutant "a NaN lost by a gradient" shaders/exact.h \
    's/vv_is_nan(x) ? VV_NAN_BITS : vv_bits(result));/vv_is_nan(x) ? vv_bits(result) : vv_bits(result));/' ops/nonlinear "loses a NaN"
mutant "z is mu" src/ops/gaussian.c \
    's/mu + vv_exp((vv_real)0.5 \* logvar) \* eps/mu + 0 * logvar * eps/' ops/ops "reparameterise.*device .*reference"
mutant "memory freed too early" src/tape/plan.c \
    's/plan->nodes\[root->index\].last_use = i;/plan->nodes[root->index].last_use = i - 1;/' tape/plan "FAILED.*poisoned_memory"
mutant "the latch ignored by adam" shaders/adam.comp \
    's/ || VV_STANDS(now)//' ops/ops "adam.*device .*reference"
mutant "the latch ignored by adam where it loads texels" shaders/adam_texel.glsl \
    's/ || VV_STANDS(now)//' train/trainer "FAILED.*a_nan_stops_the_training"
mutant "a bad loss not seen" shaders/record.comp 's/bad = 1.0;/bad = 0.0;/' ops/ops "record.*device .*reference"
mutant "layers of a split product added up from the second" shaders/matmul_sum.comp \
    's/uint p = 0;/uint p = 1;/' ops/ops "m.*device .*reference"
mutant "a convolution that reads one row of its window" shaders/conv_pixels.glsl \
    's/way_h += h.further;/way_h += 0;/' ops/ops "conv2d.*device .*reference"
mutant "parts of a plain weight gradient without the first" shaders/conv_plain.comp \
    's/first = at \/ results() \* args.part;/first = (at \/ results() + 1) * args.part;/' \
    ops/ops "conv2d_weight_grad.*device .*reference"
mutant "a norm's gradient without the term of the variance" shaders/norm_means.comp \
    's/= tilt \* share/= 0.0 * tilt * share/' ops/ops "norm.*device .*reference"
mutant "dropout that keeps too little" shaders/dropout.comp 's/v \* args.scale/v/' ops/ops "dropout.*device .*reference"
mutant "running variances that are biased" src/models/model.c 's/n \/ (n - 1)/n \/ n/' peers/twins "the running statistics of"
mutant "the latch ignored by running statistics" shaders/lerp.comp \
    's/ || VV_STANDS(now)//' train/trainer "FAILED.*a_nan_stops_the_training"
mutant "noise that stands still" shaders/noise.comp 's/now\.step/0u/' ops/ops "noise.*device .*reference"
mutant "one draw off" src/ops/noise.c 's/clock->first + r/clock->first + r + 1/' ops/ops "noise.*device .*reference"
mutant "the KL counted twice" src/models/objective.c \
    's/vv_add(t, e->recon, e->kl)/vv_add(t, vv_add(t, e->kl, e->kl), e->recon)/' models/objective "FAILED.*the_loss_is_the_mean"
mutant "the KL weighed 1.01 in the gradient" src/models/objective.c \
    's/eps, scale \/ draws)/eps, 1.01 * scale \/ draws)/' \
    models/objective "FAILED.*losses_and_gradient_in_one_agree"
mutant "a device trusted without a look" src/api/handle.c \
    's/if (!vv_selftest_noise(exec))/if (false)/' program/devices "FAILED.*draws_other_noise"
mutant "weights saved from a lost device" src/exec/vulkan/run.c \
    's/ \&\& !vk->lost//' program/devices "FAILED.*lost_device_loses"
mutant "a cache taken though it is damaged" src/exec/vulkan/cache.c \
    's/h.checksum == checksum_of(file + sizeof h, size - sizeof h)/true/' program/cache "FAILED.*damaged_cache"
echo
if [ "$missed" -gt 0 ]; then
    echo "$missed mutants were missed or are stale"
    exit 1
fi
echo "every mutant was noticed"
