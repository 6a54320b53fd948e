#!/usr/bin/env bash
# R7: SIGINT, SIGTERM, SIGHUP and SIGPIPE at any time: the run is saved, the exit code is 128 and the signal's number, and
# what is continued ends with the bytes of an undisturbed run; a second signal ends it at once. Other commands end at the
# first, and leave nothing half-written. In full also how long the textbook's run takes to stop, of its 10,000 pictures to
# test on, too: 2 seconds at most. What a terminal sees is in tests/cli/cli_terminal_test.c.
# SIGNALS_SEED repeats a sequence of times.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

RANDOM=${SIGNALS_SEED:=$$}
names=(INT TERM HUP PIPE) numbers=(2 15 1 13)
sent=0 stopped=0 tested=0 early=0
# More pictures to test on than go in a batch: signals meet the test, too.
job=(--images 400 --test-images "$(times 1200 4000)" --size 12x12 --hidden 24 --latent 3 --batch 5 --epochs 6)
devices=(reference)
if vkvae devices >/dev/null 2>&1; then devices+=(''); else left_out device; fi

# microseconds N: sleeps.
microseconds() { sleep "$(($1 / 1000000)).$(printf %06d $(($1 % 1000000)))"; }

# begin OUT OPTIONS...: starts or continues a run; its process is $!.
begin() {
    local out=$1
    shift
    if [[ -f $out/resume.safetensors ]]; then
        "$program" train --resume "$out" >/dev/null 2>said &
    else
        "$program" train --out "$out" --force "$@" >/dev/null 2>said &
    fi
}

# Whether what was said is of a stop that came when an epoch was trained, before its test was done.
is_tested() { grep -qE '^stopped at epoch [0-9]+, step ([0-9]+) of \1;' said; }

# A run that is stopped again and again, until it comes to its end.
disturb() {
    local out=run-$1 which code time
    export VKVAE_DEVICE=$1
    local began=${EPOCHREALTIME/./}
    if [[ ! -d whole-$1 ]]; then
        vkvae train --out "whole-$1" "${job[@]}" >/dev/null 2>said || broken "$(tail -n 1 said)"
        echo $((${EPOCHREALTIME/./} - began)) >"time-$1"
    fi
    time=$((3 * $(<"time-$1") / 4))
    rm -rf "$out"
    while :; do
        which=$((RANDOM % 4)) code=0
        begin "$out" "${job[@]}"
        microseconds $((time * (RANDOM * 32768 + RANDOM) / 1073741824))
        kill -"${names[which]}" $! 2>/dev/null || true
        sent=$((sent + 1))
        wait $! 2>/dev/null || code=$?
        if ((code == 0)); then break; fi
        if ((code != 128 + numbers[which])); then
            broken "seed $SIGNALS_SEED, ${names[which]}: ended with $code: $(tail -n 1 said)"
            return
        fi
        # Before the program had time to ask for signals, one ends it as it would anything.
        if grep -q '; continue with: ' said; then
            stopped=$((stopped + 1))
            if is_tested; then tested=$((tested + 1)); fi
        elif [[ -s said ]] && ! grep -q '^stopped before the first step' said; then
            broken "seed $SIGNALS_SEED, ${names[which]}: nothing is said of how to continue: $(tail -n 1 said)"
        else
            early=$((early + 1))
        fi
        if compgen -G "$out/.*.tmp" >/dev/null; then broken "${names[which]}: something half-written is left: $(ls -A "$out")"; fi
    done
    [[ $(sums "$out") == $(sums "whole-$1") ]] || broken "seed $SIGNALS_SEED, on '$1': other bytes than undisturbed"
}

wanted=$(times 3 60)
for ((i = 0; sent < wanted; i++)); do disturb "${devices[i % ${#devices[@]}]}"; done
unset VKVAE_DEVICE

# A pipe whose reader went away. Losses are printed at epochs' ends.
VKVAE_DEVICE=reference
export VKVAE_DEVICE
{
    code=0
    vkvae train --out piped "${job[@]}" --epochs 50 2>said || code=$?
    echo $code >code
} | head -n 1 >/dev/null
[[ $(<code) == 141 ]] || broken "a pipe that nobody reads: ended with $(<code): $(tail -n 1 said)"
grep -q '; continue with: ' said || broken "a pipe that nobody reads: $(tail -n 1 said)"
vkvae info piped >/dev/null || broken "a pipe that nobody reads: no run is left"

# The second one, of a step that takes long.
"$program" train --images 400 --test-images 4 --hidden 3000 --latent 500 --batch 400 --out long >/dev/null 2>said &
until [[ -f long/config.json ]]; do sleep 0.05; done
sleep 0.3
kill -INT $!
sleep 0.3
began=${EPOCHREALTIME/./}
kill -TERM $! 2>/dev/null || true
code=0
wait $! || code=$?
second=$(((${EPOCHREALTIME/./} - began) / 1000))
[[ $code == 143 ]] || broken "a second signal: ended with $code: $(tail -n 1 said)"

# Other commands end as the signal has it, and leave nothing half-written. With job control, or INT would come ignored.
mkdir half
# sample_until_signal SIGNAL OUT OPTION...: as soon as OUT is there under its other name; sets code.
sample_until_signal() {
    local which=$1 out=$2
    shift 2
    code=0
    rm -f half/{,.}*.*
    set -m
    "$program" sample piped "$@" -o "half/$out" >/dev/null 2>said &
    set +m
    until compgen -G 'half/.*.tmp' >/dev/null || ! kill -0 $! 2>/dev/null; do :; done
    kill -"${names[which]}" $! 2>/dev/null || true
    wait $! 2>/dev/null || code=$?
}
for which in 0 1 2; do
    code=0
    # It may be done before the signal comes, though most of its time goes into what is compressed after the file is there.
    for ((i = 0; i < 9 && code == 0; i++)); do
        sample_until_signal "$which" samples.png -n 10000 --columns 100 --scale 10
    done
    ((code == 128 + numbers[which])) || broken "sample, ${names[which]}: ended with $code: $(tail -n 1 said)"
    [[ ! $(ls -A half) ]] || broken "sample, ${names[which]}: something half-written is left: $(ls -A half)"
    # Tensors take too little time to be met for sure: they are whole, or not there.
    sample_until_signal "$which" samples.npy -n 65536
    ((code == 0 || code == 128 + numbers[which])) || broken "sample -o .npy, ${names[which]}: ended with $code: $(tail -n 1 said)"
    if compgen -G 'half/.*.tmp' >/dev/null; then broken "sample -o .npy, ${names[which]}: something half-written is left: $(ls -A half)"; fi
done
unset VKVAE_DEVICE

slowest=0 ends=0
if [[ $dose == full && ${#devices[@]} -gt 1 ]]; then
    vkvae train --images 1000 --epochs 1 --out textbook >/dev/null 2>&1  # the kernels are kept from here on
    for ((i = 0; i < 24; i++)); do
        which=$((i % 4)) code=0
        : >said
        rm -rf textbook
        "$program" train --images 60000 --test-images 10000 --epochs 3 --out textbook --save-every 460 >/dev/null 2>said &
        # A third while pictures are read and kernels are made, one while it trains, and one at the epoch's end: of its 469
        # steps 460 are done when there is a save.
        case $((i % 3)) in
            0) microseconds $((200000 + RANDOM * 100)) ;;
            1)
                until grep -q '^memory: ' said; do sleep 0.05; done
                microseconds $((200000 + RANDOM * 100))
                ;;
            2)
                until [[ -f textbook/resume.safetensors ]]; do sleep 0.05; done
                microseconds $((RANDOM * 20))
                ;;
        esac
        began=${EPOCHREALTIME/./}
        kill -"${names[which]}" $!
        wait $! || code=$?
        took=$(((${EPOCHREALTIME/./} - began) / 1000))
        ((code == 128 + numbers[which])) || broken "the textbook's run, ${names[which]}: ended with $code"
        if ((took > slowest)); then slowest=$took; fi
        if is_tested; then ends=$((ends + 1)); fi
    done
    ((tested && ends)) || broken "no signal met a test"
    ((slowest <= 2000)) || broken "the textbook's run took $slowest ms to save and stop"
fi
textbook=
if ((slowest)); then textbook=", the textbook's run $slowest ms at most to save and stop, $ends times in its test"; fi
figures "$sent signals, $stopped of them between steps, $tested of those in a test, $early before the first: same bytes; the second one took $second ms$textbook; 3 commands that do not train left nothing half-written"
