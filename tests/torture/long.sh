#!/usr/bin/env bash
# R14: long runs stay flat: over 100,000 steps with saves within each epoch, neither memory nor open files nor threads
# grow from the second quarter of the run to the last. Memory is what the process has resident, in which a driver on
# the CPU has the device's, too. A step's time is told as a multiple of that in a run of two epochs, made anew now and then
# beside it, so that what else the machine does cancels, and as the processor's time: no promises, but figures.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[[ -r /proc/self/statm ]] || impossible "no /proc to look into"

steps=$(times 300 500) epochs=$(times 10 200) pause=$(times 0.05 1) between=$(times 60 10)
device=''
if ! vkvae devices >/dev/null 2>&1; then
    device=reference
    left_out device
fi
job=(--images $((20 * steps)) --test-images 100 --size 12x12 --hidden 24 --latent 4 --batch 20 --ema 0.99)
VKVAE_DEVICE=$device "$program" train "${job[@]}" --epochs "$epochs" --save-every 123 --keep-best --out run >/dev/null 2>said &
run=$!
page=$(getconf PAGESIZE) ticks=$(getconf CLK_TCK)

# Microseconds of a step in a run that has just begun: of its second epoch.
calibrate() {
    VKVAE_DEVICE=$device "$program" train "${job[@]}" --epochs 2 --save-every 123 --out fresh --force >/dev/null 2>&1 || return 0
    awk -v steps="$steps" 'NR == 2 && match($0, /"train_seconds":[0-9.]+/) {
        print int(1e6 * substr($0, RSTART + 16, RLENGTH - 16) / steps) }' fresh/timing.jsonl
}

# A line each: epochs done, KiB resident, open files, threads, ticks of the processor, microseconds of a fresh run's
# step (0: not now).
until [[ -s run/timing.jsonl ]] || ! kill -0 $run 2>/dev/null; do sleep 0.05; done
for ((i = 0; ; i++)); do
    read -r _ resident _ 2>/dev/null <"/proc/$run/statm" || break
    read -ra stat 2>/dev/null <"/proc/$run/stat" || break
    open=(/proc/"$run"/fd/*) tasks=(/proc/"$run"/task/*) fresh=0
    if [[ ! -e /proc/$run/fd/0 ]]; then break; fi
    done=$(wc -l <run/timing.jsonl)
    if ((i % between == 0)); then fresh=$(calibrate); fi
    echo "$done $((resident * page / 1024)) ${#open[@]} ${#tasks[@]} $((stat[13] + stat[14])) ${fresh:-0}" >>samples
    sleep "$pause"
done
wait $run || broken "the run ended with $?: $(tail -n 1 said)"

# figure COLUMN FROM TO [least]: the middle one of a column's numbers, or the least, of that share of all lines, those that
# are not 0.
figure() {
    awk -v column="$1" -v from="$2" -v to="$3" '{ line[NR] = $column } END {
        for (i = 1; i <= NR; i++) if (i > from * NR && i <= to * NR && line[i] != 0) print line[i] }' samples |
        sort -n | awk -v which="${4-middle}" '{ all[NR] = $1 } END { print all[which == "least" ? 1 : int((NR + 1) / 2)] + 0 }'
}

# grows WHAT COLUMN MOST [least]: by no more than that. told: both numbers.
grows() {
    local before after
    before=$(figure "$2" 0.25 0.5 "${4-middle}") after=$(figure "$2" 0.75 1 "${4-middle}")
    ((after <= before + $3)) || broken "$1: $before in the second quarter, $after in the last"
    told="$before then $after"
}

count=$(wc -l <samples)
((count >= 12)) || broken "only $count looks at the run: it is too short to tell anything"
# A long run's middle number, too.
if [[ $dose == full ]]; then grows "KiB of memory, in the middle" 2 256; fi
# Its lowest number: the test and the pictures of an epoch take megabytes for a moment, which in a short run is much of it.
grows "KiB of memory" 2 "$(times 2048 256)" least
memory=$told
grows "open files" 3 1  # that a save has open, and its thread
files=$told
grows "threads" 4 1
threads=$told

# In a part of the run: step times over those of a fresh run beside it, the middle one; and the processor's milliseconds
# a step.
ratio() {
    awk -v from="$1" -v to="$2" -v steps="$steps" '
        FNR == NR { if (match($0, /"train_seconds":[0-9.]+/)) seconds[FNR] = substr($0, RSTART + 16, RLENGTH - 16); next }
        { line[FNR] = $0; n = FNR }
        END { for (i = 1; i <= n; i++) {
            split(line[i], f, " ")
            at = f[1] + 1  # the epoch that was on its way
            if (i > from * n && i <= to * n && f[6] && seconds[at]) print 1e6 * seconds[at] / steps / f[6] } }' run/timing.jsonl samples |
        sort -g | awk '{ all[NR] = $1 } END { if (NR) printf "%.2f", all[int((NR + 1) / 2)]; else printf "?" }'
}
processor() {
    awk -v from="$1" -v to="$2" -v steps="$steps" -v ticks="$ticks" '{ done[NR] = $1; used[NR] = $5 } END {
        a = int(from * NR) + 1; b = int(to * NR)
        printf "%.3f", (done[b] > done[a] ? 1e3 * (used[b] - used[a]) / ticks / steps / (done[b] - done[a]) : 0) }' samples
}
# What a device has at most, of which a driver tells nobody: as a layer counts it, to the byte, in a run and in a longer
# one; and as the program tells it, in that run and in the whole one.
device_peak() {
    rm -f log
    VK_ADD_LAYER_PATH=$layer VK_INSTANCE_LAYERS=VK_LAYER_VKVAE_test VKVAE_TEST_LAYER_LOG=$work/log \
        "$program" train "${job[@]}" --epochs "$1" --save-every 123 --keep-best --out counted --force >/dev/null 2>"told-$1" || true
    sed -nE 's/^end objects 0 peak ([0-9]+) .*/\1/p' log 2>/dev/null | tail -n 1
}
told_peak() { sed -n 's/^device memory: //p' "$1"; }
peaks=
if [[ ! $device ]]; then
    short=$(device_peak 1) long=$(device_peak "$(times 4 20)")
    [[ $short && $short == "$long" ]] || broken "bytes of the device's memory: ${short:-unknown} in an epoch, ${long:-unknown} in more"
    before=$(told_peak told-1) after=$(told_peak said)
    [[ $before && $before == "$after" ]] || broken "the device's memory: ${before:-untold} in an epoch, ${after:-untold} in all"
    peaks=", the device's $((short / 1024)) then $((long / 1024))"
fi
figures "$((steps * epochs)) steps, $count looks: memory $memory KiB$peaks, open files $files, threads $threads; a step takes $(ratio 0 0.5) times that of a fresh run in the first half, $(ratio 0.5 1) in the second, $(processor 0 0.5) and $(processor 0.5 1) ms of the processor"
