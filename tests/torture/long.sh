#!/usr/bin/env bash
# R14: long runs stay flat: over 100,000 steps with saves within each epoch, neither memory nor open files nor threads
# grow from the second quarter of the run to the last. Memory is what the process has resident, in which a driver on
# the CPU has the device's, too. A step's time is told as a multiple of that of a fixed piece of work done now and then
# beside it, so that what else the machine does cancels: no promise, a figure.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[[ -r /proc/self/statm ]] || impossible "no /proc to look into"

steps=$(times 300 500) epochs=$(times 10 200) every=$(times 0.05 1)
device=''
vkvae devices >/dev/null 2>&1 || device=reference
VKVAE_DEVICE=$device "$program" train --images $((20 * steps)) --test-images 100 --size 12x12 --hidden 24 --latent 4 --batch 20 \
    --epochs "$epochs" --save-every 123 --ema 0.99 --keep-best --out run >/dev/null 2>said &
run=$!
page=$(getconf PAGESIZE)

calibrate() {
    local began=${EPOCHREALTIME/./}
    awk 'BEGIN { for (i = 0; i < 400000; i++) s += i % 7 }' </dev/null
    echo $((${EPOCHREALTIME/./} - began))
}

# A line each: epochs done, KiB resident, open files, threads, microseconds of the fixed work (0: not now).
until [[ -s run/timing.jsonl ]] || ! kill -0 $run 2>/dev/null; do sleep 0.05; done
for ((i = 0; ; i++)); do
    read -r _ resident _ 2>/dev/null <"/proc/$run/statm" || break
    files=(/proc/$run/fd/*) threads=(/proc/$run/task/*) work=0
    if ((i % 5 == 0)); then work=$(calibrate); fi
    if [[ ! -e /proc/$run/fd/0 ]]; then break; fi
    echo "$(wc -l <run/timing.jsonl) $((resident * page / 1024)) ${#files[@]} ${#threads[@]} $work" >>samples
    sleep "$every"
done
wait $run || broken "the run ended with $?: $(tail -n 1 said)"

# figure COLUMN FROM TO: the middle one of a column's numbers, of that share of all lines, those that are not 0.
figure() {
    awk -v column="$1" -v from="$2" -v to="$3" '{ line[NR] = $column } END {
        for (i = 1; i <= NR; i++) if (i > from * NR && i <= to * NR && line[i] != 0) print line[i] }' samples |
        sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] + 0 }'
}

# grows WHAT COLUMN MOST: by no more than that. told: both numbers.
grows() {
    local before after
    before=$(figure "$2" 0.25 0.5) after=$(figure "$2" 0.75 1)
    ((after <= before + $3)) || broken "$1: $before in the second quarter, $after in the last"
    told="$before then $after"
}

count=$(wc -l <samples)
((count >= 12)) || broken "only $count looks at the run: it is too short to tell anything"
grows "KiB of memory" 2 2048  # what the test and the pictures of an epoch take for a moment is more
memory=$told
grows "open files" 3 0
files=$told
grows "threads" 4 0
threads=$told

# Step times over those of the fixed work, in the run's first and last quarter.
ratio() {
    awk -v from="$1" -v to="$2" -v steps="$steps" '
        FNR == NR { if (match($0, /"train_seconds":[0-9.]+/)) seconds[FNR] = substr($0, RSTART + 16, RLENGTH - 16); next }
        { line[FNR] = $0; n = FNR }
        END { for (i = 1; i <= n; i++) {
            split(line[i], f, " ")
            if (i > from * n && i <= to * n && f[5] && seconds[f[1]]) print 1e6 * seconds[f[1]] / steps / f[5] } }' run/timing.jsonl samples |
        sort -g | awk '{ all[NR] = $1 } END { if (NR) printf "%.4f", all[int((NR + 1) / 2)]; else printf "?" }'
}
figures "$((steps * epochs)) steps, $count looks: memory $memory KiB, open files $files, threads $threads; a step takes $(ratio 0 0.25) of the fixed work in the first quarter, $(ratio 0.75 1) in the last"
