#!/usr/bin/env bash
# R6: the library never leaks or crashes when memory runs out: each allocation of each call of the public header fails in
# turn; in the dose "places" the first and the last of those that are come to by the same way.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
unset VKVAE_DEVICE

# Each function of the public headers is called, but for those that allocate nothing.
functions() { grep -ohE '\<vkvae_[a-z_]+\(' "$@" | tr -d '('; }
spared=(vkvae_error vkvae_free vkvae_remove_unfinished vkvae_set_log vkvae_vectors_of vkvae_version)
missing=$(comm -23 <(functions "$here"/../../include/vkvae/*.h | grep -v '_defaults$' | sort -u) \
    <({ functions "$here"/memory*.c && printf '%s\n' "${spared[@]}"; } | sort -u))
[[ ! $missing ]] || broken "not called: ${missing//$'\n'/, }"

if [[ $dose == small ]]; then
    "$build/tests/torture_memory" "$work" small
    ((failed == 0))
    exit
fi

# Each call in a process of its own, as many at a time as there are processors.
mkdir calls
alone() {
    local folder
    folder=$(mktemp -d "$work/calls/XXXXXX")
    "$build/tests/torture_memory" "$folder" "$dose" "$1" || echo "BROKEN: memory: $1"
    rm -rf "$folder"
}
export -f alone
export build dose work
"$build/tests/torture_memory" | xargs -d '\n' -P "$(nproc)" -I NAME bash -c 'alone "$1"' alone NAME >said 2>&1 || broken "a call"
grep -v '^memory: ' said || true
if grep -q '^BROKEN' said; then failed=1; fi
if grep -q '(no Vulkan device)$' said; then left_out device; fi
read -r tried calls refused < <(awk '/^memory: / { tried += $2; calls += $5; refused += $10 } END { print tried, calls, refused }' said)
figures "$tried allocations of $calls calls failed in turn: $refused calls failed and said so, the others did without; none" \
    "leaked, and what was called again succeeded"
