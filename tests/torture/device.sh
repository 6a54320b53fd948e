#!/usr/bin/env bash
# R5: a failing device loses nothing: each call of Vulkan that may fail does so in turn, without memory of the device,
# without memory of the host, and as a device that is lost, in a training run of an unmodified program, and so with a
# profile and with data that stream. Each time there is
# one line of error that names the call, a documented exit code, no object is left on the device, and the run goes on to
# the bytes of an undisturbed one; --retries does that by itself.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# With the sanitizers' build, leaks of the host's memory count, too. What drivers hold is known to be theirs as long as they
# stay loaded.
preload=
if nm -D "$program" | grep __asan_init >/dev/null; then
    preload=$(ldd "$program" | sed -nE 's/.*=> ([^ ]*libasan[^ ]*).*/\1/p')
    preload+=" $(ldconfig -p | sed -nE 's/.*libvulkan_lvp.* => (.*)/\1/p' | head -n 1) $layer/vkvae_layer.so"
fi
run_program() { timeout -s KILL 60 env LD_PRELOAD="$preload" "$program" "$@"; }
export NODEVICE_SELECT=1  # a layer of Mesa's, which crashes where extensions cannot be listed
export VK_ADD_LAYER_PATH=$layer VK_INSTANCE_LAYERS=VK_LAYER_VKVAE_test VKVAE_TEST_LAYER_LOG=$work/log VKVAE_CACHE=
run_program devices >/dev/null 2>&1 || impossible "no Vulkan device"
settings=(--images 60 --size 8x8 --hidden 8 --latent 2 --batch 20 --save-every 2)
tried=0 failures=0 resumed=0 retried=0

# under_layer WORDS ARGUMENT...: the program, its exit code in $code. Each device that it opened is destroyed, with all
# that was made on it.
under_layer() {
    local words=$1 begun ended
    shift
    code=0
    rm -f log
    VKVAE_TEST_LAYER=$words run_program "$@" >/dev/null 2>said || code=$?
    begun=$(grep -c '^begin' log || true) ended=$(grep -c '^end objects 0 ' log || true)
    # One that is ended from outside takes its devices with it.
    if ((begun != ended && code < 128)); then
        broken "$words: $begun devices begun, $ended ended with nothing left on them: $(grep '^end' log || true)"
    fi
}
train() { under_layer "$1" train "${@:2}"; }

# Of the last process that destroyed its device: how many calls there were that may fail.
count_calls() { sed -nE 's/^end .* calls ([0-9]+)$/\1/p' log | tail -n 1; }

# has_failed N: whether the N-th call did; else there were fewer of them.
has_failed() {
    local count
    if grep -q '^failed' log; then return 0; fi
    count=$(count_calls)
    ((${count:-$1} < $1)) || broken "call $1 of ${count:-an unknown number} did not fail"
    return 1
}

# called: names of all calls of a process that may fail, in turn.
list_calls() {
    sed -n 's/^call //p' log >called.list
    mapfile -t called <called.list
}

train list "${settings[@]}" --epochs 2 --out whole
((code == 0)) || impossible "no run under the layer: $(tail -n 1 said)"
expected=$(sums whole)
calls=$(count_calls)
list_calls
if ((failed || !calls)); then
    broken "the layer saw no device that ended"
    exit 1
fi

# went_on HOW: to the bytes of the run that was not disturbed.
went_on() { [[ $(sums run) == "$expected" ]] || broken "$words: the run that was $1 has other bytes"; }

# check_line WORDS: what is said where the program failed.
check_line() {
    local call line
    line=$(grep -v -e '^device: ' -e '^warning: ' -e '^data: ' -e '^model: ' -e '^memory: ' said || true)
    call=$(sed -nE 's/^failed (.*)/\1/p' log | head -n 1)
    ((code == 1 || code == 3)) || broken "$1 ($call): exit code $code"
    [[ $line && $line != *$'\n'* ]] || broken "$1 ($call): not one line: $line"
    [[ $line == *"$call"* || $code == 3 ]] || broken "$1: $call is not named: $line"
}

# fail_once KIND N [OPTION]: the N-th call.
fail_once() {
    local words="$1@$2${3:+ $3}"
    rm -rf run
    train "$1@$2" "${settings[@]}" --epochs 2 --out run "${@:3}"
    has_failed "$2" || return 0
    tried=$((tried + 1))
    if ((code == 0)); then
        went_on undisturbed
        return
    fi
    failures=$((failures + 1))
    check_line "$words"
    if [[ -e run/resume.safetensors ]]; then
        train '' --resume run --epochs 2
        resumed=$((resumed + 1))
        went_on continued
    elif [[ -e run ]]; then
        [[ ! $(find run -name '.*') && ! -e run/checkpoint.safetensors ]] || broken "$words: $(ls -A run)"
    fi
}

# retry_once N [OPTION]: the device is lost at the N-th call.
retry_once() {
    local words="gone@$1 --retries${2:+ $2}"
    rm -rf run
    train "gone@$1" "${settings[@]}" --epochs 2 --out run --retries 1 "${@:2}"
    has_failed "$1" || return 0
    # What is not to be had at the start is no loss.
    if ((code == 3)) && [[ ! -e run ]]; then return; fi
    retried=$((retried + 1))
    ((code == 0)) || broken "$words: $(tail -n 1 said)"
    went_on retried
}

# A cache of kernels is written at the very end: where the driver does not give it, the work is done all the same.
# sample WORDS FILE: with an empty cache.
sample() {
    rm -rf cache
    mkdir cache
    VKVAE_CACHE=$work/cache
    under_layer "$1" sample whole -n 4 -o "$2"
    VKVAE_CACHE=
}
sample '' whole.npy
last=$(count_calls) unkept=0
for words in nomemory@{$((last - 1)),$last} gone@{$((last - 1)),$last}; do
    sample "$words" a.npy
    grep -q '^failed vkGetPipelineCacheData' log || continue
    unkept=$((unkept + 1))
    if ((code != 0)) || ! cmp -s a.npy whole.npy; then broken "$words, the cache: exit code $code, $(tail -n 1 said)"; fi
    [[ ! $(ls cache) ]] || broken "$words, the cache: there is $(ls cache)"
done
((unkept == 4)) || broken "only $unkept times a cache was not given"

step=$(times $((calls / 2 + 1)) 1)
for kind in nomemory nohost gone; do
    for ((n = 1 + RANDOM % step; n <= calls; n += step)); do fail_once "$kind" "$n"; done
done
for ((n = calls - 12; n <= calls; n += $(times 9 1))); do fail_once gone "$n"; done
for ((n = $(times $((calls / 5)) 1); n <= calls; n += $(times $((calls / 2)) 4))); do retry_once "$n"; done

# with_option OPTION NUMBER: the calls that the plain run has none of, in full each, and every NUMBER-th of all.
with_option() {
    local kind n words=$1 plain=" ${called[*]} " called
    rm -rf run
    train list "${settings[@]}" --epochs 2 --out run "$1"
    went_on undisturbed
    list_calls
    others=()
    for n in "${!called[@]}"; do
        if [[ $plain != *" ${called[n]} "* ]]; then
            others+=("${called[n]}")
            if [[ $dose != full && " ${others[*]::${#others[@]}-1} " == *" ${called[n]} "* ]]; then continue; fi
        elif [[ $dose != full ]] || ((n % $2)); then
            continue
        fi
        for kind in $(times gone 'nomemory nohost gone'); do fail_once "$kind" $((n + 1)) "$1"; done
        if [[ $dose == full ]]; then retry_once $((n + 1)) "$1"; fi
    done
}
with_option --profile=trace.json 12
[[ " ${others[*]} " == *' vkCreateQueryPool '*' vkGetQueryPoolResults '* ]] || broken "a profile calls only ${others[*]}"
# Room for two batches, but not for all.
if [[ $dose == full ]]; then with_option --data-memory=3500 12; fi
if ((failures == 0 || retried == 0)); then broken "$failures runs failed, $retried retried: nothing was tried"; fi
figures "$tried runs of $calls calls that may fail, each with one that did: $failures ended with one line, $resumed of them after" \
    "a save and went on from it; $retried runs lost their device and retried; the bytes never differed, no object was left"
