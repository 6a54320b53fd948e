#!/usr/bin/env bash
# Installs what is missing, builds and tests everything. Without arguments all stages but tsan, deep and cross, else
# those named:
#   release   optimised: every test, on every Vulkan driver here, SwiftShader included
#   asan      the same on one driver, under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer
#   clang     another compiler's warnings; nothing is made
#   tidy      clang-tidy over src/ (.clang-tidy says with what)
#   cppcheck  cppcheck 2.10 over src/
#   threads   some of what starts threads, under ThreadSanitizer
#   tsan      more of it
#   deep      tidy, its analyzer without a limit to the paths that it follows, ten times as long; and scan-build
#   format    clang-format over every C file
#   cross     a build for aarch64 gives the same bytes in an emulator (scripts/cross.sh; Debian only)
# The kernels of all are made in build/release, so that two of these at once disturb each other. A stage that fails does
# not keep the others from running. The last line counts test programs and checks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

stages=("$@")
if ((${#stages[@]} == 0)); then stages=(release asan threads clang tidy cppcheck format); fi
for stage in "${stages[@]}"; do
    case $stage in
    release | asan | clang | tidy | cppcheck | threads | tsan | deep | format | cross) ;;
    *)
        echo "usage: scripts/test.sh [release|asan|clang|tidy|cppcheck|threads|tsan|deep|format|cross]..." >&2
        exit 2
        ;;
    esac
done

scripts/setup.sh --tests

jobs=$(nproc)
icd=$PWD/build/swiftshader/vk_swiftshader_icd.json
[[ -s $icd ]] || icd=
passed=0 failed=0 skipped=0 cases=0
failures=() skips=() times=()
targets_only=()  # cmake's arguments: everything
# The tests' own folders: nobody else's, gone at the end; in memory, where there is a gigabyte of it that programs can
# run from, since tests write and sync thousands of files.
memory=$(df --output=avail -B M /dev/shm 2>/dev/null | tail -n 1 | tr -dc 0-9 || true)
folder=/tmp
if [[ -w /dev/shm ]] && ((${memory:-0} > 1024)) && ! grep -qE '^[^ ]+ /dev/shm [^ ]+ [^ ]*noexec' /proc/mounts; then
    folder=/dev/shm
fi
TMPDIR=$(mktemp -d "${TMPDIR:-$folder}/vkvae.XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

headline() { printf '\n==== %s ====\n' "$*"; }

pass() { passed=$((passed + 1)); }
fail() {
    failed=$((failed + 1))
    failures+=("$1")
}
skip() {
    skipped=$((skipped + 1))
    skips+=("$1")
}

# check NAME COMMAND...   One check, of a name.
check() {
    local name=$1
    shift
    if "$@"; then pass; else
        fail "$name"
        return 1
    fi
}

# Version 14 of an LLVM tool where it is, else the system's.
tool() { command -v "$1-14" || command -v "$1"; }

# ---- Stages ----

# Reads what ctest reported: a line "passed NAME", "failed NAME", "skipped NAME" for each test program,
# "skipped NAME: CASE" for each case that a program skipped, and "cases N".
read_report() {
    awk '
        function finish() {
            if (name == "") return
            print result, name
            name = ""
        }
        /<testcase / {
            finish()
            split($0, part, "\"")
            name = part[2]
            result = /status="run"/ ? "passed" : "failed"
        }
        /<skipped message="SKIP_RETURN_CODE/ { result = "skipped" }
        /^\[       OK \]/ { cases++ }
        /^\[  SKIPPED \] / && !/listed below:$/ && !((name, $4) in seen) {
            seen[name, $4] = 1
            print "skipped", name ": " $4
        }
        /^<\/testsuite>|^[ \t]*<\/testcase>/ { finish() }
        END { finish(); print "cases", cases + 0 }' "$1"
}

# Drivers leak when they are unloaded, and no leak of ours is looked for here: see tests/exec/driver.h.
devices_of() { ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 "$1" devices; }

# configure PRESET ARGUMENT...   The kernels are made in build/release for all, which is asked for them.
configure() {
    local preset=$1 kernels=$PWD/build/release
    shift
    if [[ $preset == release ]]; then kernels=; elif [[ ! -f $kernels/build.ninja ]]; then configure release || return; fi
    cmake --preset "$preset" -DVKVAE_TESTS=ON -DVKVAE_SWIFTSHADER_ICD="$icd" -DVKVAE_KERNELS="$kernels" "$@"
}

# test_stage PRESET ARGUMENT...   Configures, builds and runs its tests, those that ctest's arguments choose.
test_stage() {
    local preset=$1 report=$PWD/build/$1/report.xml before ok=true word name
    shift
    check "$preset: configure" configure "$preset" || return 0
    check "$preset: build" cmake --build --preset "$preset" --parallel "$jobs" "${targets_only[@]}" || return 0
    # On a machine without any device nearly all would be skipped, and nothing said.
    check "$preset: a Vulkan device" devices_of "build/$preset/vkvae" || return 0
    [[ $icd ]] || skip "$preset: everything on SwiftShader, which is not here"
    rm -f "$report"
    # One more than there are processors: some wait for a disk, or for a device that hangs.
    ctest --preset "$preset" "$@" --parallel $((jobs + 1)) --no-tests=error --output-junit "$report" \
        --test-output-size-passed 1000000 --test-output-size-failed 1000000 || ok=false
    if [[ ! -s $report ]]; then
        fail "$preset: ctest"
        return 0
    fi
    before=$failed
    while read -r word name; do
        case $word in
        passed) pass ;;
        failed) fail "$preset: $name" ;;
        skipped) skip "$preset: $name" ;;
        cases) cases=$((cases + name)) ;;
        esac
    done < <(read_report "$report")
    # Whatever the report says: what ctest calls a failure is one.
    if ! $ok && ((failed == before)); then fail "$preset: ctest"; fi
}

run_release() { test_stage release; }

run_asan() {
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1}
    export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
    test_stage asan
    unset ASAN_OPTIONS UBSAN_OPTIONS
}

# tsan_stage TEST...   What the driver does in its own threads is not compiled for it, and not ours to judge.
tsan_stage() {
    local targets=("${@//\//_}")
    export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}
    targets_only=(--target vkvae_program "${targets[@]}")
    test_stage tsan --tests-regex "^($(IFS='|' && echo "$*"))\$"
    targets_only=()
    unset TSAN_OPTIONS
}

# A save beside training is one of those of program/library.
run_threads() { tsan_stage base/workers data/folder program/{data,library}; }

run_tsan() {
    tsan_stage base/workers data/folder train/feed train/trainer exec/vulkan program/{data,library,save,training}
}

clang_configure() { configure debug -B build/clang -DCMAKE_C_COMPILER="$(tool clang)"; }

# How each C file is compiled there, with nothing made of it; once, however many programs have it.
clang_commands() {
    ninja -C build/clang -t commands all | sed -nE 's/ -MD -MT [^ ]+ -MF [^ ]+ -o [^ ]+ -c / -fsyntax-only /p' | sort -u
}

clang_warnings() {
    clang_commands >build/clang/commands
    [[ -s build/clang/commands ]] || return 1
    (cd build/clang && tr '\n' '\0' <commands | xargs -0 -P "$jobs" -I COMMAND sh -c COMMAND)
}

run_clang() {
    analysed_build clang || return 0
    check "clang: warnings" clang_warnings || return 0
}

# tidy_files ARGUMENT...   The files named on standard input, each ending in a 0.
tidy_files() {
    xargs -0 -P "$jobs" -n 4 "$(tool clang-tidy)" -p build/clang --quiet --warnings-as-errors='*' "$@" 2>&1 |
        { grep -vE '^[0-9]+ warnings? (generated|treated as error)' || true; }
}

tidy() {
    find src -name '*.c' -print0 | sort -z | tidy_files "$@"
}

# The analyzer's steps through a function, of 225,000 by default: with these it takes a tenth of the time.
few_steps=(--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=max-nodes=20000)

# How each file is compiled, and the headers that are made.
analysed_build() {
    if [[ ! -f build/clang/compile_commands.json || ! -f build/release/build.ninja ]]; then
        check "$1: configure" clang_configure || return 1
    fi
    check "$1: headers" cmake --build build/clang --parallel "$jobs" \
        --target vv_kernels vv_onnx_messages vv_events_messages vv_page
}

# Products of two variables in what malloc and its kin, or vv_alloc, are asked for: one of them has 64 bits, by a cast or
# as it is declared in that file. Three may be beyond 64 bits, too: those are for vv_mul_u64.
sizes() {
    local wrong
    # shellcheck disable=SC2016
    wrong=$(find src -name '*.c' -print0 | sort -z | xargs -0 perl -0777 -ne '
        my $file = $_;
        while ($file =~ /\b(?:malloc|calloc|realloc|vv_alloc)(\((?:[^()]++|(?1))*\))/g) {
            my ($asked, $line) = ($1, 1 + (substr($file, 0, $-[0]) =~ tr/\n//));
            $asked =~ s/sizeof\s*(\([^()]*\)|\**[\w>.-]+)/1/g;
            for my $product (split /,|\s[+-]\s/, $asked) {
                my @variables = grep { !/^\W*(?:uint64_t\))?[\dA-Z_]+\W*$/ } split /\s\*\s/, $product;
                print "$ARGV:$line: of three or more: $product\n" if @variables > 2;
            }
            next if $asked =~ /\(uint64_t\)/;
            while ($asked =~ /([A-Za-z_][\w>.\[\]-]*|\))\s\*\s\(?\*?([A-Za-z_][\w>.-]*)/g) {
                my @names = map { /(\w+)\W*$/ ? $1 : () } ($1, $2);
                next if grep { /^[A-Z0-9_]+$/ || $file =~ /\b(?:uint64_t|size_t) (?:[^;{}]*, )?\**$_\b/ } @names;
                print "$ARGV:$line: $asked\n";
            }
        }') || return 1
    [[ ! $wrong ]] || { printf '%s\n' "$wrong" && return 1; }
}

run_tidy() {
    check "tidy: sizes of allocations" sizes || true
    analysed_build tidy || return 0
    check "tidy: clang-tidy" tidy "${few_steps[@]}" || return 0
}

# scan-build's report lies in build/scan/found.
scan() {
    rm -rf build/scan
    "$(tool scan-build)" cmake -S . -B build/scan -G Ninja -DCMAKE_BUILD_TYPE=Debug -DVKVAE_TESTS=OFF \
        -DCMAKE_C_COMPILER_LAUNCHER= >/dev/null &&
        "$(tool scan-build)" --status-bugs -o "$PWD/build/scan/found" --exclude build \
            cmake --build build/scan --parallel "$jobs" --target vkvae_program
}

run_deep() {
    analysed_build deep || return 0
    check "deep: clang-tidy" tidy || return 0
    if tool scan-build >/dev/null; then
        check "deep: scan-build" scan || return 0
    else
        skip "deep: no scan-build (clang-tools)"
    fi
}

# What cppcheck reads: how each file of src/ is compiled, once each, headers of libraries included.
src_commands() {
    awk -v src="$PWD/src/" '
        BEGIN { RS = "},?\n"; print "[" }
        match($0, /"file": "[^"]*"/) && index($0, "\"file\": \"" src) {
            file = substr($0, RSTART, RLENGTH)
            if (file in seen) next
            seen[file] = 1
            sub(/^\[\n/, "")
            gsub(/-isystem /, "-I")
            printf "%s%s}", n++ ? ",\n" : "", $0
        }
        END { print "\n]" }' build/clang/compile_commands.json
}

cppcheck_src() {
    mkdir -p build/cppcheck/kept
    src_commands >build/cppcheck/compile_commands.json
    # Exhaustive cppcheck would also ask for the smallest scope of each variable, and other matters of taste. It does not
    # know what the compiler has defined, nor what is in its own folders, as protobuf-c's version. stb's header is code,
    # and not ours; of it clang-tidy reads what is used.
    cppcheck --project=build/cppcheck/compile_commands.json --enable=warning,performance,portability --quiet \
        --inline-suppr --suppress='*:*/stb_image_write.h' --error-exitcode=1 -j "$jobs" \
        --cppcheck-build-dir=build/cppcheck/kept -D__BYTE_ORDER__=1234 -D__ORDER_LITTLE_ENDIAN__=1234 \
        -DPROTOBUF_C_VERSION_NUMBER=1004000 -DPROTOBUF_C_MIN_COMPILER_VERSION=1000000
}

# Each version finds other things, right or wrong: one that is not here would have us mend at random.
run_cppcheck() {
    if [[ $(cppcheck --version 2>/dev/null) != "Cppcheck 2.10"* ]]; then
        skip "cppcheck: no cppcheck 2.10"
        return 0
    fi
    analysed_build cppcheck || return 0
    check "cppcheck: src" cppcheck_src || return 0
}

run_format() {
    local code=0
    scripts/format.sh --check || code=$?
    case $code in
    0) pass ;;
    77) skip "format: no clang-format 14" ;;
    *) fail "format: clang-format" ;;
    esac
}

run_cross() { check "cross: the same bytes on aarch64" scripts/cross.sh || return 0; }

# ---- All of them ----

for stage in "${stages[@]}"; do
    headline "$stage"
    began=$SECONDS
    "run_$stage"
    times+=("$(printf '%-8s %4d s' "$stage" $((SECONDS - began)))")
done

headline "$cases cases in the test programs; seconds a stage"
printf '%s\n' "${times[@]}"
if ((skipped)); then
    headline "SKIPPED"
    printf '%s\n' "${skips[@]}"
fi
if ((failed)); then
    headline "FAILED"
    printf '%s\n' "${failures[@]}"
fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0))
