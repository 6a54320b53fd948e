#!/usr/bin/env bash
# R15: two runs at once: one of those that want the same folder gets it, and the others say so; eight that start together
# with an empty folder of caches (decoded pictures, the driver's kernels, measurements) all succeed, with the same bytes,
# and leave it whole, though some of them are killed on the way. A run whose folder is removed writes no more there.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

RANDOM=${TOGETHER_SEED:=$$}
device=''
if ! vkvae devices >/dev/null 2>&1; then
    device=reference
    left_out device
fi
export VKVAE_DEVICE=$device
starts=0 killed=0
job=(--hidden 16 --latent 2 --batch 10 --epochs 1 --keep-best)

VKVAE_DEVICE=reference vkvae train --images 60 --size 12x12 "${job[@]}" --out painter >/dev/null 2>&1
VKVAE_DEVICE=reference vkvae sample painter -n 60 --each photos >/dev/null 2>said || broken "there are no pictures: $(tail -n 1 said)"

# all COMMAND...: eight processes of it, with %i for the number; their codes are in codes.
all() {
    local i ids=()
    codes=()
    for i in 0 1 2 3 4 5 6 7; do
        "$program" "${@//%i/$i}" >"out-$i" 2>"err-$i" &
        ids+=($!)
    done
    starts=$((starts + 8))
    for i in "${ids[@]}"; do
        local code=0
        wait "$i" || code=$?
        codes+=("$code")
    done
}

# A folder of caches after that: nothing half-written, nothing that a start finds damaged, and nothing missing.
look_at_cache() {
    local left kept=("$VKVAE_CACHE"/pictures-*.bin) kernels
    kernels=$(find "$VKVAE_CACHE" -name 'pipelines-*')
    [[ $kernels || $device == reference ]] || broken "$1: no kernels are kept"
    vkvae train --data photos "${job[@]}" --out again --force >/dev/null 2>said || broken "$1: a start afterwards: $(tail -n 1 said)"
    # A start that writes a cache removes what one that was killed, some time ago, left of it.
    for file in "${kept[0]}" $kernels; do touch "$VKVAE_CACHE/.$(basename "$file").999999999-0.tmp"; done
    find "$VKVAE_CACHE" -name '*.tmp' -exec touch -d '2 hours ago' {} +
    # shellcheck disable=SC2086
    rm -f "${kept[0]}" $kernels
    vkvae train --data photos "${job[@]}" --out again --force >/dev/null 2>swept || broken "$1: a start without caches: $(tail -n 1 swept)"
    left=$(find "$VKVAE_CACHE" -name '*.tmp' | head -n 1)
    [[ ! $left ]] || broken "$1: $left is left"
    if grep -E 'damaged|made anew' said; then broken "$1: a cache is damaged"; fi
    [[ $(sums again) == "$(<alone)" ]] || broken "$1: a start afterwards has other bytes"
}

# What one run alone leaves, without any cache.
VKVAE_CACHE='' vkvae train --data photos "${job[@]}" --out run-alone >/dev/null 2>said || broken "$(tail -n 1 said)"
sums run-alone >alone

for ((round = 0; round < $(times 1 20); round++)); do
    rm -rf "$VKVAE_CACHE" run-[0-9]
    all train --data photos "${job[@]}" --out run-%i
    for i in 0 1 2 3 4 5 6 7; do
        ((codes[i] == 0)) || broken "one of eight ended with ${codes[i]}: $(tail -n 1 "err-$i")"
        [[ $(sums "run-$i") == "$(<alone)" ]] || broken "one of eight has other bytes"
    done
    look_at_cache "eight together"
done

# The same, of which some are killed at random; what they leave hinders nobody.
for ((round = 0; round < $(times 0 20); round++)); do
    rm -rf "$VKVAE_CACHE" run-[0-9]
    ids=()
    for i in 0 1 2 3 4 5 6 7; do
        "$program" train --data photos "${job[@]}" --out "run-$i" >/dev/null 2>"err-$i" &
        ids+=($!)
    done
    starts=$((starts + 8))
    for i in 0 2 4 6; do
        sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
        kill -9 "${ids[i]}" 2>/dev/null && killed=$((killed + 1))
    done
    for i in 0 1 2 3 4 5 6 7; do
        code=0
        { wait "${ids[i]}" || code=$?; } 2>/dev/null
        if ((code == 137)); then continue; fi
        ((code == 0)) || broken "beside killed ones, one ended with $code: $(tail -n 1 "err-$i")"
        [[ $(sums "run-$i") == "$(<alone)" ]] || broken "beside killed ones, one has other bytes"
    done
    look_at_cache "beside killed ones"
done

# Measurements of products that differ: each finds its own there afterwards, and those of the others stay.
if [[ $device != reference ]]; then
    for ((round = 0; round < $(times 0 3); round++)); do
        rm -rf "$VKVAE_CACHE"
        all autotune --images 100 --size 8x8 --hidden 1%i --latent 2 --batch 10
        for i in 0 1 2 3 4 5 6 7; do
            ((codes[i] == 0)) || broken "autotune: one of eight ended with ${codes[i]}: $(tail -n 1 "err-$i")"
            vkvae autotune --images 100 --size 8x8 --hidden "1$i" --latent 2 --batch 10 >out 2>&1 || broken "autotune: $(tail -n 1 out)"
            grep -q 'are known from' out || broken "autotune: what one of eight measured is lost: $(grep 'autotune:' out | head -n 1)"
        done
    done
fi

# The same folder: one gets it.
export VKVAE_DEVICE=reference
for ((round = 0; round < $(times 1 20); round++)); do
    rm -rf same
    all train --images 300 --size 12x12 "${job[@]}" --seed %i --out same
    winners=0
    for i in 0 1 2 3 4 5 6 7; do
        if ((codes[i] == 0)); then
            winners=$((winners + 1)) winner=$i
        elif ((codes[i] != 2)) || ! grep -qE 'same: another vkvae is writing there; wait for it, or name another folder|^vkvae train: same is not empty: ' "err-$i"; then
            broken "the same folder: ended with ${codes[i]}: $(tail -n 1 "err-$i")"
        fi
    done
    if ((winners != 1)); then
        broken "the same folder: $winners got it"
        continue
    fi
    vkvae train --images 300 --size 12x12 "${job[@]}" --seed "$winner" --out lonely --force >/dev/null 2>&1
    [[ $(sums same) == "$(sums lonely)" ]] || broken "the same folder: others wrote there, too"
done
# The folder is taken away under a run, and another begins there: the first one finds out, and writes nothing into it.
small=(--size 8x8 --batch 2 --latent 2)
vkvae train --images 40 "${small[@]}" --hidden 4 --epochs 1 --seed 2 --out lonely --force >/dev/null 2>&1
for ((round = 0; round < $(times 1 20); round++)); do
    rm -rf same
    vkvae train --images 2000 "${small[@]}" --hidden 8 --epochs 900 --seed 1 --out same >/dev/null 2>said &
    for ((i = 0; i < 1000; i++)); do
        if [[ -e same/resume.safetensors ]]; then break; fi
        sleep 0.02
    done
    sleep "0.0$((RANDOM % 10))"
    rm -rf gone
    mv same gone  # at once: emptied first, it would still be there for the run
    vkvae train --images 40 "${small[@]}" --hidden 4 --epochs 1 --seed 2 --out same >/dev/null 2>other || broken "in the place of a removed folder: $(tail -n 1 other)"
    code=0
    wait $! || code=$?
    ((code == 1)) && grep -q 'same: is no longer the folder that this run began in' said || broken "its folder removed, a run ended with $code: $(tail -n 1 said)"
    [[ $(sums same) == "$(sums lonely)" ]] || broken "a run whose folder was removed wrote into another's"
done
figures "$starts starts of eight at a time, $killed killed on the way: the same bytes, whole caches, one run a folder"
