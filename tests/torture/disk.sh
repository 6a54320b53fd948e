#!/usr/bin/env bash
# R4: a failing disk loses nothing. Each call of a command that reaches a file system fails in turn, once or from then
# on, with EIO and with ENOSPC: a file that was there is there, each new one is whole or missing, one line says why, the
# exit code is 0 only where all is written, and training goes on to the bytes of an undisturbed run. So it does on a disk
# that is full, one that is read-only, and one whose calls are short and interrupted.
#   disk.sh BUILD reading   what reads data alone, each call
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export VKVAE_DEVICE=reference

trials=0 stride=$(times 97 1)
report=$work/fired said=$work/said
[[ -e $fault ]] || broken "there is no $fault: nothing would fail"

# What all begins with: a set, pictures, a run of two epochs with all that a run can have, its codes, weights from elsewhere.
mkdir base
cd base
vkvae data shapes -n 40 --size 8x8 -o set --quiet
vkvae data shapes -n 12 --size 8x8 -o drawn --quiet
vkvae data info drawn --count 1 -o pictures.png >/dev/null 2>&1
mkdir -p pictures/a pictures/b
for i in a/1 a/2 a/3 b/1 b/2 b/3; do cp pictures.png "pictures/$i.png"; done
rm -r drawn pictures.png
SMALL=(--data set --hidden 4 --latent 2 --batch 20 --keep-best)
vkvae train "${SMALL[@]}" --epochs 2 --out run >/dev/null 2>&1
vkvae encode run -o codes.npz >/dev/null 2>&1
vkvae export run -o weights.safetensors >/dev/null 2>&1
# Data of the other kinds.
vkvae sample run -n 8 -o array.npy >/dev/null 2>&1
vkvae augment run -n 8 -o arrays.npz >/dev/null 2>&1
printf '%s,0.5,0.25\n' kind 0 1 1 0 1 | gzip -n >table.csv.gz
printf 'the cat sat\non the mat\n\nthe end\n' >words.txt
mkdir cifar
for i in data_batch_1 test_batch; do head -c $((3 * 3073)) /dev/zero >"cifar/$i.bin"; done
printf 'plane\ncar\n' >cifar/batches.meta.txt
cd ..

# What lies in a folder, but for what tells of time.
listing() {
    (cd "$1" && find . -type f ! -name timing.jsonl ! -name report.html ! -name trace.json ! -name 'events.out.*' -exec sha256sum {} + | sort)
}
# names X.list: the files that it names, into X.names.
names() { cut -c 67- "$1" | sort >"${1%.list}.names"; }
# Whether all is written. Which save was there before the last one varies where saves fail beside a training.
varies=none
written() { grep -v "/$varies" "$1"; }
is_done() { [[ $(written now.list) == "$(written done.list)" ]]; }
listing base >base.list
names base.list

anew() { rm -rf now cache && cp -r base now && mkdir cache; }

# faulty ENVIRONMENT... -- COMMAND...: in a copy of the base.
faulty() {
    local environment=()
    while [[ $1 != -- ]]; do
        environment+=("$1")
        shift
    done
    shift
    rm -f "$report"
    code=0
    (cd now && env LD_PRELOAD="$fault" VKVAE_FAULT_UNDER="$work/cache" VKVAE_FAULT_REPORT="$report" \
        "${environment[@]}" "$program" "$@" >/dev/null 2>"$said") || code=$?
}

# What must be whatever failed: WHAT names the trial.
check() {
    local what=$1 lines other gone
    lines=$(grep -E '^vkvae' "$said" | grep -vcE '^vkvae[a-z ]*: (warning|stopped): ' || true)
    ((code == 0 || code == 1 || code == 2 || code == 4)) || broken "$what: exit code $code: $(tail -n 1 "$said")"
    ((lines == (code != 0))) || broken "$what: exit code $code and $lines lines of error: $(tail -n 1 "$said")"
    ! grep -q 'continuing from the save before' "$said" || broken "$what: a sound save is passed over: $(head -n 1 "$said")"
    # What is to be removed and cannot be stays.
    if [[ $what == *'(unlink '*.tmp,* ]]; then find now cache -name '.*.tmp' -delete; fi
    listing now >now.list
    # Each file is as it was, or as it should become; none that should be there is gone.
    sort -u base.list done.list between.list >may.list
    other=$(comm -23 now.list may.list | grep -v '\.tmp$' | head -n 1 || true)
    [[ ! $other ]] || broken "$what: half-written: $other"
    names now.list
    gone=$(comm -12 base.names done.names | comm -23 - now.names | paste -sd ' ')
    [[ ! $gone || $what == *' --force:'* ]] || broken "$what: gone: $gone"
    if ((code == 0)) && ! is_done; then
        broken "$what: exit code 0, but not all is written: $(diff now.list done.list | sed -n 2p)"
    fi
    if [[ $what != *' on '* && $(find now cache -name '.*.tmp') ]]; then
        broken "$what: left behind: $(find now cache -name '.*.tmp' | head -n 1)"
    fi
}

# goes_on WHAT COMMAND...: the same command afterwards, or what continues it, ends as if nothing had been.
ends=0
goes_on() {
    local what=$1
    shift
    code=0
    (cd now && "$program" "$@" >/dev/null 2>"$said") || code=$?
    ((code == ends)) || broken "$what: afterwards, vkvae $*: exit code $code: $(tail -n 1 "$said")"
    listing now | grep -v '\.tmp$' >now.list
    is_done || broken "$what: afterwards, vkvae $*: other bytes: $(diff now.list done.list | sed -n 2p)"
}

# continue_run WHAT COMMAND...: after a training that may have failed.
continue_run() {
    if [[ -e now/new/resume.safetensors ]]; then
        goes_on "$1" train --resume new
    elif [[ -e now/new ]]; then
        goes_on "$@" --force
    else
        goes_on "$@"
    fi
    [[ ! $(find now/new -name '.*.tmp') ]] || broken "$1: afterwards there are files in between in the run"
}
resume_run() {
    goes_on "$1" train --resume run --epochs 3
    [[ ! $(find now/run -name '.*.tmp') ]] || broken "$1: afterwards there are files in between in the run"
}
# The same of a training that diverges: it does so again. That its last save failed is told beside that.
diverged() {
    if grep -q "$divergence" "$said" && comm -13 now.list done.list | grep -qE '/(checkpoint|resume)\.safetensors$'; then
        grep "$divergence" "$said" | grep -q 'could not be saved' || broken "$1: not told that nothing is saved: $(tail -n 1 "$said")"
    fi
    ends=1 continue_run "$@"
}
divergence='too large or not a finite number'
again() { goes_on "$@"; }
nothing() { :; }
refused() { :; }  # the same, of a command that is refused however sound the disk is

# between COMMAND...: the saves of a training that come before its last: each, where those behind it fail.
between() {
    local n
    for ((n = 2; ; n++)); do
        anew
        faulty VKVAE_FAULT=rename:checkpoint.safetensors VKVAE_FAULT_N=$n VKVAE_FAULT_ON=1 VKVAE_FAULT_ERRNO=28 -- "$@"
        [[ -e $report ]] || break
        listing now | grep -E '/new/(checkpoint|resume)\.safetensors$' >>between.list
    done
    sed -i 'p; s/resume\.safetensors/resume-previous.safetensors/' between.list
}

# undisturbed THEN COMMAND...: what it leaves. It succeeds, is refused as it should be, or diverges.
undisturbed() {
    local then=$1 code=0 refusal='^vkvae train: run is not empty: '
    : >between.list
    varies=none
    if [[ $* == *' --save-every '* || $then == diverged ]]; then
        varies=resume-previous.safetensors
        between "${@:2}"
    fi
    shift
    anew
    (cd now && "$program" "$@" >/dev/null 2>"$said") || code=$?
    if [[ $then == refused ]]; then
        ((code == 2)) && grep -q "$refusal" "$said" || broken "vkvae $*: not refused: exit code $code: $(tail -n 1 "$said")"
    elif [[ $then == diverged ]]; then
        ((code == 1)) && grep -q "$divergence" "$said" || broken "vkvae $*: does not diverge: exit code $code: $(tail -n 1 "$said")"
    elif ((code)); then
        broken "vkvae $*: fails by itself: exit code $code: $(tail -n 1 "$said")"
    fi
    listing now >done.list
    names done.list
}

# counted ENVIRONMENT... -- COMMAND...: none of its calls fails; how many there are that could is in $count.
counted() {
    rm -f calls
    anew
    faulty VKVAE_FAULT_N=1000000000 VKVAE_FAULT_COUNT="$work/calls" "$@"
    count=$(cat calls 2>/dev/null || echo 0)
}

# sweep THEN COMMAND...: every call of it fails in turn. THEN is called after each with what was tried, and the command.
sweep() {
    local then=$1 n calls error on how what count before
    shift
    undisturbed "$then" "$@"
    # EIO and ENOSPC, once; and a disk that is gone from then on.
    for how in 'any 5' 'writing 28' 'any 5 1'; do
        read -r calls error on <<<"$how"
        before=$trials
        counted VKVAE_FAULT="$calls" -- "$@"
        if ((stride == 1 || count < 2)); then n=1; else n=$((1 + RANDOM % (count / 2 < stride ? count / 2 : stride))); fi
        for (( ; ; n += stride)); do
            anew
            faulty VKVAE_FAULT="$calls" VKVAE_FAULT_N=$n VKVAE_FAULT_ON="$on" VKVAE_FAULT_ERRNO="$error" -- "$@"
            [[ -e $report ]] || break
            trials=$((trials + 1))
            what="vkvae $*: $calls call $n${on:+ on} ($(<"$report"), errno $error)"
            check "$what"
            "$then" "$what" "$@"
        done
        ((trials > before)) || broken "vkvae $*: none of its calls failed ($calls, of $count)"
    done
}

# short THEN COMMAND...: with short and interrupted calls it ends as without.
short() {
    local count
    undisturbed "$@"
    shift
    counted VKVAE_FAULT=any VKVAE_FAULT_SHORT=7 -- "$@"
    ((count)) || broken "vkvae $*, short and interrupted: its calls were not"
    trials=$((trials + 1))
    check "vkvae $*, short and interrupted"
    is_done || broken "vkvae $*, short and interrupted: $(tail -n 1 "$said")"
}

# reading WHAT: of all kinds of data.
reading() {
    "$1" again data info set --count 4 -o grid.png
    "$1" again data info pictures --size 6x6
    "$1" again data info array.npy
    "$1" again data info arrays.npz --labels labels --test-data arrays.npz --test-labels labels
    "$1" again data info table.csv.gz --labels kind
    "$1" again data info words.txt
    "$1" again data info words.txt --tokens chars --length 4
    "$1" again data info cifar
}

# every WHAT: of all commands that read or write.
every() {
    "$1" continue_run train "${SMALL[@]}" --epochs 1 --out new
    "$1" resume_run train --resume run --epochs 3
    "$1" refused train "${SMALL[@]}" --epochs 1 --out run
    "$1" nothing sample run -n 4 -o samples.png --each each
    "$1" again encode run -o encoded.npz
    [[ $dose == full ]] || return 0
    "$1" continue_run train "${SMALL[@]}" --epochs 1 --save-every 1 --out new
    "$1" diverged train "${SMALL[@]}" --optimiser sgd --momentum 0 --lr 30 --lr-warmup 6 --epochs 8 --out new
    "$1" nothing train --data pictures --size 8x8 --hidden 4 --latent 2 --batch 2 --epochs 1 --out of-pictures
    "$1" nothing train "${SMALL[@]}" --epochs 1 --out run --force
    "$1" nothing train "${SMALL[@]}" --epochs 1 --out new --report --tensorboard events --profile=trace.json
    "$1" again sample run -n 4 -o samples.npy
    "$1" again encode run -o encoded.csv
    "$1" again encode run --data pictures -o encoded.npy
    "$1" again decode run codes.npz -o decoded.npy
    "$1" again reconstruct run -o again.png
    "$1" again interpolate run -o walk.png
    "$1" again traverse run -o traverse.png
    "$1" again manifold run -o manifold.png
    "$1" again augment run -n 8 -o augmented.npz
    "$1" nothing augment run -n 4 -o augmented
    "$1" again project run -o map.png --csv map.csv
    "$1" again score run -o scores.csv --heat heat.png
    "$1" again evaluate run
    "$1" again export run -o run.onnx
    "$1" again export run -o run.npz
    "$1" again export run -o run.safetensors
    "$1" nothing import weights.safetensors --out imported --size 8x8
    "$1" again report run
    "$1" again compare run run -o compare.png
    "$1" nothing data shapes -n 20 --size 8x8 -o drawn
    reading "$1"
    "$1" again info run
    "$1" again runs .
}

if [[ $dose == reading ]]; then
    stride=1
    reading sweep
    reading short
    figures "$trials calls failed in turn, or were short and interrupted, while data were read"
    exit
fi
every sweep
# Caches of kernels and of what was measured are the device's; a start takes long there. What they are kept in does not
# change a run, and is made anew where it cannot be read.
if [[ $dose == full ]] && VKVAE_DEVICE='' vkvae devices >/dev/null 2>&1; then
    export VKVAE_DEVICE=''
    stride=10
    sweep nothing train "${SMALL[@]}" --epochs 1 --out new
    sweep nothing sample run -n 4 -o samples.png
    # What fails with the other width of vectors is said, and the first one taken.
    export LP_NATIVE_VECTOR_WIDTH=256
    sweep nothing autotune --hidden 4 --latent 2 --batch 10 --size 8x8
    unset LP_NATIVE_VECTOR_WIDTH
    export VKVAE_DEVICE=reference
elif [[ $dose == full ]]; then
    left_out device
fi
failures=$trials trials=0
every short
shorts=$trials

# What is printed and cannot be is no success; a device is no place for a file.
for words in 'info base/run' 'runs base' 'evaluate base/run' 'evaluate base/run --json' 'devices --json' --help; do
    code=0
    # shellcheck disable=SC2086
    vkvae $words >/dev/full 2>"$said" || code=$?
    ((code == 1)) || broken "vkvae $words >/dev/full: exit code $code: $(tail -n 1 "$said")"
done
code=0
ln -s /dev/full full.png
vkvae sample base/run -o full.png 2>"$said" || code=$?
if ((code != 1)) || [[ ! -c full.png ]]; then broken "vkvae sample -o full.png, which is /dev/full: exit code $code"; fi

# A real disk that is full, and one that is read-only: of memory, which takes root to make.
full() {
    local size code=0
    mkdir disk
    mount -t tmpfs -o size=1m none disk 2>/dev/null || { left_out mount && return 0; }
    trap 'trap - EXIT; umount "$work/disk"; rm -rf "$work"' EXIT
    anew
    (cd now && "$program" train "${SMALL[@]}" --epochs 1 --out new >/dev/null 2>&1)
    listing now >done.list
    names done.list
    for ((size = 4; size <= 160; size += $(times 24 4))); do
        mount -o "remount,size=${size}k" disk
        anew
        ln -s ../disk/new now/new
        mkdir -p disk/new
        # The room is looked at beforehand: without that it is found out the hard way.
        faulty VKVAE_FAULT_FREE=1000000000 -- train "${SMALL[@]}" --epochs 1 --out new/
        rm now/new
        cp -r disk/new now/new
        check "vkvae train on a disk of $size KiB"
        sizes=$((sizes + 1))
        mount -o remount,size=4m disk
        rm -r now/new
        ln -s ../disk/new now/new
        if [[ -e disk/new/resume.safetensors ]]; then
            (cd now && "$program" train --resume new/ >/dev/null 2>"$said") || code=$?
        else
            (cd now && "$program" train "${SMALL[@]}" --epochs 1 --out new/ --force >/dev/null 2>"$said") || code=$?
        fi
        rm now/new
        cp -r disk/new now/new
        listing now >now.list
        cmp -s now.list done.list || broken "vkvae train on a disk of $size KiB, and then more: exit code $code: $(tail -n 1 "$said")"
        rm -rf disk/new
    done
    cp -r base/* disk
    mount -o remount,ro disk
    listing disk >disk.list
    for words in 'train --resume run --epochs 3' "train ${SMALL[*]} --epochs 1 --out new" 'sample run -o samples.png' \
        'export run' 'report run' 'data shapes -o drawn'; do
        code=0
        # shellcheck disable=SC2086
        (cd disk && "$program" $words >/dev/null 2>"$said") || code=$?
        ((code == 1)) || broken "vkvae $words on a read-only disk: exit code $code: $(tail -n 1 "$said")"
    done
    listing disk | cmp -s disk.list - || broken "a read-only disk has changed"
    (cd disk && "$program" sample run -o "$work/samples.png" >/dev/null 2>"$said") ||
        broken "vkvae sample of a run on a read-only disk: $(tail -n 1 "$said")"
}
sizes=0
full
((sizes)) || echo "$name: no disk was filled, nor made read-only: that takes root"

figures "$failures calls failed in turn, $shorts commands with short and interrupted calls, $sizes sizes of a full disk"
