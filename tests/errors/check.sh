#!/usr/bin/env bash
# Every message of the source stands in docs/errors.md with its exit code, each there is in the source, and a
# test provokes it: a case of a .cases file, or a call of ASSERT_MESSAGE("MESSAGE", ...) in a test program.
#   check.sh SCAN   SCAN: the program made of scan.c
set -euo pipefail
scan=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 passed=0

plain() { sed -E 's/<[^>]*>/<>/g'; }

# compare WHAT ONE OTHER: sorted files; lines of ONE that OTHER lacks.
compare() {
    local lines
    lines=$(comm -23 "$2" "$3")
    if [[ $lines ]]; then
        printf '%s:\n%s\n\n' "$1" "$lines"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}

find src -name '*.[ch]' -print0 | sort -z | xargs -0 "$scan" >"$work/scan"
# A message that is another's text and nothing else is no message of its own.
awk -F '\t' '$3 !~ /^(<>)+$/ { print $2 "\t" $3 }' "$work/scan" | sort -u >"$work/source"
# | `MESSAGE` | CODE | remedy |, a bar in a message as \|. A code that the source leaves to its caller is -.
sed -nE 's/^\| `(.*)` \| ([0-9]+)[^|]* \|.*/\2\t\1/p' docs/errors.md | sed 's/\\|/|/g' | plain | sort -u >"$work/docs"
cut -f 2 "$work/source" | sort -u >"$work/source.messages"
cut -f 2 "$work/docs" | sort -u >"$work/docs.messages"
{
    sed -n 's/^== //p' tests/errors/*.cases
    # The string literals at the beginning of each ASSERT_MESSAGE, joined as the compiler does.
    grep -lZ ASSERT_MESSAGE -r tests --include='*.c' | xargs -0 awk '
        function finish() {
            while (match(text, /ASSERT_MESSAGE\([ \t\n]*"/)) {
                text = substr(text, RSTART + RLENGTH)
                message = ""
                while (match(text, /^([^"\\]|\\.)*"/)) {
                    message = message substr(text, 1, RLENGTH - 1)
                    text = substr(text, RLENGTH + 1)
                    if (!match(text, /^[ \t\n]*"/)) break
                    text = substr(text, RLENGTH + 1)
                }
                gsub(/\\"/, "\"", message)
                print message
            }
            text = ""
        }
        FNR == 1 { finish() }
        { text = text $0 "\n" }
        END { finish() }'
} | plain | sort -u >"$work/provoked"

compare "in the source, and not in docs/errors.md" "$work/source.messages" "$work/docs.messages"
compare "in docs/errors.md, and not in the source" "$work/docs.messages" "$work/source.messages"
compare "provoked by no test" "$work/docs.messages" "$work/provoked"
compare "provoked, and not in docs/errors.md" "$work/provoked" "$work/docs.messages"
awk -F '\t' 'NR == FNR { documented[$1] = 1 } NR > FNR && $1 != "-" && $2 in documented' \
    "$work/docs.messages" "$work/source" >"$work/coded"
compare "with another exit code in docs/errors.md than in the source" "$work/coded" "$work/docs"
printf '%d messages\n%d passed, %d failed\n' "$(wc -l <"$work/docs.messages")" "$passed" "$failed"
((failed == 0))
