#!/usr/bin/env bash
# Provokes errors as a user would, and compares what is said, letter by letter.
#   run.sh PROGRAM FAULT.so LAYER.d FILE.cases...
# A file of cases holds, for each:
#   == MESSAGE      as docs/errors.md has it, with <words> for what varies
#   ? NEED          what it takes (missing() below): else it is skipped, and said so. May be missing
#   $ COMMAND       for bash, in a folder of its own; of the last one the exit code and the last line of
#                   standard error count
#   CODE TEXT       what these must be; @ stands for the folder, and of the first device that vkvae devices --json
#                   lists, %N for its name, %T its type, %U its UUID, %S its subgroups' size, %D "name (driver)"
set -uo pipefail
# shellcheck source=helpers.sh
. "$(dirname "${BASH_SOURCE[0]}")/helpers.sh"
program=$1 fault=$(realpath "$2") layer=$3
shift 3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/fixtures" "$work/cache"
ln -s "$(realpath "$program")" "$work/bin/vkvae"
export PATH=$work/bin:$PATH LC_ALL=C.UTF-8 VKVAE_DEVICE=reference VKVAE_CACHE=$work/cache
export FIXTURES=$work/fixtures FAULT=$fault LAYER=$layer
unset VKVAE_DATA XDG_DATA_HOME NO_COLOR
export HOME=$work/home

passed=0 failed=0 skipped=0 message='' needs=() commands=()

# Vulkan drivers leak when they are unloaded, which AddressSanitizer would take for our fault.
on_device() { VKVAE_DEVICE='' ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 "$@"; }

# What is in the way of a case; nothing where it can run.
missing() {
    local need
    for need in ${needs[@]+"${needs[@]}"}; do
        case $need in
        device) on_device vkvae devices >/dev/null 2>&1 || echo "no Vulkan device" ;;
        validation) on_device vkvae train --images 20 --size 8x8 --epochs 1 --batch 20 --hidden 4 --latent 1 \
            --validate --out "$work/validation" >/dev/null 2>&1 || echo "no validation layer" ;;
        protobuf)
            vkvae train --images 20 --size 8x8 --tensorboard x --resume "$work/none" 2>&1 |
                grep -q 'without libprotobuf-c' && echo "built without libprotobuf-c"
            ;;
        page)
            vkvae report "$work/none" 2>&1 | grep -q 'without the library that draws' &&
                echo "built without the library for charts"
            ;;
        one) [[ $(on_device vkvae devices --json 2>/dev/null | grep -c '"uuid":') == 1 ]] || echo "not one device" ;;
        mount)
            mkdir -p "$work/disk" && mount -t tmpfs none "$work/disk" 2>/dev/null && umount "$work/disk" ||
                echo "no disk can be mounted"
            ;;
        root) [[ $(id -u) == 0 ]] || echo "not root" ;;
        *) echo "unknown need $need" ;;
        esac
    done
}

# What is said of the first Vulkan device, by a key.
of_device() {
    [[ -e $work/device ]] || on_device vkvae devices --json >"$work/device" 2>/dev/null
    sed -nE 's/^.*"'"$1"'":[[:space:]]*"?([^"]*[^",]).*/\1/p' "$work/device" | head -n 1
}

# A text with what stands for the folder and the device put in.
expand() {
    local text=$1
    text=${text//@/$2}
    if [[ $text == *%[NTUSD]* ]]; then
        text=${text//%D/$(of_device name) ($(of_device driver))}
        text=${text//%N/$(of_device name)}
        text=${text//%T/$(of_device type)}
        text=${text//%U/$(of_device uuid)}
        text=${text//%S/$(of_device subgroup_size)}
    fi
    printf '%s' "$text"
}

# A message as a pattern of bash: <words> are anything.
pattern_of() {
    local escaped
    escaped=$(printf '%s' "$1" | sed -E 's/[][\\*?^$(){}+|.]/\\&/g; s/<[^>]*>/.*/g')
    printf '%s' "$escaped"
}

fail() {
    failed=$((failed + 1))
    printf '[  FAILED  ] %s\n' "$message"
    printf '    %s\n' "$@"
}

finish() {
    local code=$1 text=$2 folder said got reason script
    local expected
    reason=$(missing)
    if [[ $reason ]]; then
        skipped=$((skipped + 1))
        printf '[  SKIPPED ] %s (%s)\n' "$message" "${reason//$'\n'/, }"
        return
    fi
    folder=$(mktemp -d "$work/case.XXXXXX")
    folder=$(realpath "$folder")
    script=$(printf '%s\n' "${commands[@]::${#commands[@]}-1}")
    expected=$(expand "$text" "$folder")
    (
        cd "$folder" || exit 99
        if ((${#needs[@]})); then export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0; fi
        set -e
        eval "$script" >/dev/null 2>"$work/before" </dev/null
        set +e
        eval "${commands[-1]}" >"$work/out" 2>"$work/err" </dev/null
        echo $? >"$work/code"
    )
    # Not with ||, within which set -e is without effect.
    if (($?)); then
        fail "what stands before the last command failed: $(tail -n 3 "$work/before")"
        return
    fi
    got=$(cat "$work/code")
    said=$(tail -n 1 "$work/err")
    rm -rf "$folder" "$work/code"
    if [[ $got != "$code" || $said != "$expected" ]]; then
        fail "\$ ${commands[-1]}" "expected $code $expected" "got      $got $said"
    elif ! printf '%s' "$said" | grep -qE -- "$(pattern_of "$message")"; then
        fail "the text is not of this message: $said"
    else
        passed=$((passed + 1))
        printf '[       OK ] %s\n' "$message"
    fi
}

# Commands without a line of what must come of them would be forgotten: they are a mistake.
finish_case() {
    if ((${#commands[@]})); then fail "no line says what must come of: ${commands[-1]}"; fi
    needs=() commands=()
}

for file; do
    while IFS= read -r line || [[ $line ]]; do
        case $line in
        '== '*)
            finish_case
            message=${line#== }
            ;;
        '? '*) needs+=("${line#? }") ;;
        '$ '*) commands+=("${line#\$ }") ;;
        [0-9]*' '*) finish "${line%% *}" "${line#* }" && commands=() ;;
        '' | '#'*) ;;
        *)
            message=$file
            fail "no such line: $line"
            ;;
        esac
    done <"$file"
    finish_case
done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0)) || exit 1
((passed)) || exit 77
