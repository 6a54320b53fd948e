#!/usr/bin/env bash
# Which lines and branches the tests run: counted by gcc, summed up by gcovr, without any driver but the first one.
#   scripts/coverage.sh                 builds into build/coverage, runs every test, prints the figures
#   scripts/coverage.sh --files         also each file's; what was not run stands in build/coverage/report/index.html
#   scripts/coverage.sh --again ...     counts on from the last time; what follows goes to ctest, such as -R '^data/'
# Branches are those of the machine: two for each operand of && and ||. Left out are those of assert, which are for our
# own mistakes, and the code that protoc-c makes. Compiled with -O1: without, the reference takes hours.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

files=false again=false
while (($#)); do
    case $1 in
    --files) files=true ;;
    --again) again=true ;;
    -h | --help)
        sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
        exit 0
        ;;
    *) break ;;
    esac
    shift
done
if ! command -v gcovr >/dev/null; then
    echo "scripts/coverage.sh: gcovr is not here; install it (Debian: apt install gcovr)" >&2
    exit 1
fi

build=build/coverage
cmake --preset coverage >/dev/null
cmake --build --preset coverage >/dev/null
if ! $again; then find "$build" -name '*.gcda' -delete; fi
# What gcov says where a test limits the sizes of files does not belong into what the program says.
export GCOV_ERROR_FILE=$PWD/$build/gcov.log
ctest --preset coverage --parallel "$(nproc)" "$@" >"$build/tests.log" || true
grep -A 20 'tests passed' "$build/tests.log" || true
# What happens without memory, and where a disk does not give what is on it: ctest has small doses.
tried() {
    "tests/torture/$1.sh" "$build" "$2" >"$build/$1.log" || { tail -n 20 "$build/$1.log" >&2 && return 1; }
}
tried memory places &
places=$!
trap 'pkill -P "$places" 2>/dev/null || true' EXIT
tried cli_memory full
tried disk reading
wait "$places"

# The rooms in double, and programs that leave libraries out, are other code under the same names. A count that is below
# zero, of a program that was killed while it wrote, is left out.
mkdir -p "$build/report"
report=(--csv "$build/report/files.csv")
if $files; then report+=(--html-details "$build/report/index.html"); fi
gcovr --root . --object-directory "$build" --filter 'src/' --exclude-directories '.*(_double|_no_[a-z]+)\.dir.*' \
    --gcov-ignore-parse-errors --exclude-branches-by-pattern '\s*assert\(' --exclude-unreachable-branches \
    "${report[@]}" "$build" >"$build/report/log" 2>&1 || { cat "$build/report/log" >&2 && exit 1; }

# group NAME PATTERN   The figures of all files whose path matches.
group() {
    awk -F, -v name="$1" -v pattern="$2" '
        NR > 1 && $1 ~ pattern { lines += $2; ran += $3; branches += $5; taken += $6 }
        END { printf "%-34s lines %6.2f %% (%d of %d)   branches %6.2f %% (%d of %d)\n", name,
                     100 * ran / lines, ran, lines, 100 * taken / branches, taken, branches }' "$build/report/files.csv"
}
if $files; then
    awk -F, 'NR > 1 && $5 { printf "%-40s lines %6.2f %%   branches %6.2f %% (%d of %d)\n", $1, 100 * $3 / $2,
                                   100 * $6 / $5, $6, $5 }' "$build/report/files.csv"
fi
group 'parsers (src/data)' '^src/data/'
group 'checkpoint (src/train, files)' '^src/train/(checkpoint|resume|settings|settings_read|config|state_dict|metrics|tensors|kept_vocabulary|normalization)\.c$'
group 'command line (src/cli)' '^src/cli/'
group 'these three' '^src/(data/|cli/|train/(checkpoint|resume|settings|settings_read|config|state_dict|metrics|tensors|kept_vocabulary|normalization)\.c$)'
group 'all of src' '^src/'
