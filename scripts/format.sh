#!/usr/bin/env bash
# Formats every C file in place (.clang-format), with clang-format 14: other versions format otherwise.
#   scripts/format.sh            formats
#   scripts/format.sh --check    changes nothing, names the files that need it, and fails where there is one
# Exit code 77: there is no clang-format 14 here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

clang_format=$(command -v clang-format-14 || command -v clang-format || true)
if [[ -z $clang_format || $("$clang_format" --version) != *"version 14."* ]]; then
    echo "scripts/format.sh: needs clang-format 14" >&2
    exit 77
fi
mapfile -d '' files < <(find include src tests shaders bench \( -name '*.c' -o -name '*.h' \) -print0 | sort -z)

case ${1-} in
"") "$clang_format" -i "${files[@]}" ;;
--check)
    wrong=$("$clang_format" --dry-run "${files[@]}" 2>&1 |
        sed -nE 's/^([^ ]+):[0-9]+:[0-9]+: (warning|error):.*/\1: not formatted/p' | sort -u)
    [[ -z $wrong ]] && exit
    echo "$wrong"
    echo "scripts/format.sh puts them right"
    exit 1
    ;;
*)
    echo "usage: scripts/format.sh [--check]" >&2
    exit 2
    ;;
esac
