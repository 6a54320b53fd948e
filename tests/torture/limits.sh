#!/usr/bin/env bash
# R11: the least limits of Vulkan 1.1 suffice: every test passes on a device that says it has no more.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
vkvae devices >/dev/null 2>&1 || impossible "no Vulkan device"
export VK_ADD_LAYER_PATH=$layer VK_INSTANCE_LAYERS=VK_LAYER_VKVAE_test VKVAE_TEST_LAYER=least
vkvae devices --json >devices 2>/dev/null
grep -q '"max_invocations":[[:space:]]*128,' devices || broken "the layer changes nothing"

# These bring devices of their own, say what this machine's are, or count its variants.
others='@swiftshader|^torture/|^errors/|^bench/|^fuzz/|^docs/|^exec/(choice|devices|failures)|^program/(autotune|cache|devices|gpu|profile|device)$'
if [[ $dose == small ]]; then
    for test in ops_half ops_noise program_training; do
        VKVAE_CACHE='' "$build/tests/$test" >said 2>&1 || broken "$test: $(grep -m 1 -E 'FAILED|ERROR' said)"
    done
    figures "three test programs on the least limits"
    exit
fi
code=0
ctest --test-dir "$build" -E "$others" --output-junit "$work/report.xml" --test-output-size-passed 1000000 \
    --test-output-size-failed 1000000 >said 2>&1 || code=$?
ran=$(grep -c '<testcase ' report.xml) || ran=0
failures=$(sed -nE 's/.*<testcase name="([^"]*)".*status="fail".*/\1/p' report.xml | paste -sd ' ')
# Whatever the report says: what ctest calls a failure is one.
if [[ $failures || $code != 0 ]]; then broken "ctest ended with $code: ${failures:-$(tail -n 1 said)}"; fi
while read -r what; do left_out "$what"; done < <(sed -nE 's/^\[  SKIPPED \] ([^:]+)$/\1/p' report.xml | sort -u)
((ran > 100)) || broken "only $ran test programs: $(tail -n 1 said)"
figures "$ran test programs on the least limits"
