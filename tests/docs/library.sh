#!/usr/bin/env bash
# The program of docs/library.md compiles as a user would compile it, against what is installed, and runs.
#   library.sh BUILD CC
set -euo pipefail
page=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../../docs/library.md
page=$(realpath "$page")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$1" --prefix "$work/prefix" >"$work/log" || {
    cat "$work/log"
    exit 1
}
cd "$work"
sed -n '/^```c$/,/^```$/{/^```/d;p}' "$page" >discs.c
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name vkvae.pc)")
export PKG_CONFIG_PATH
read -ra flags <<<"$(pkg-config --cflags --libs --static vkvae)"
"$2" -std=c11 -Wall -Wextra -Werror discs.c "${flags[@]}" -o discs
./discs | tee out
[[ $(grep -c '^epoch' out) == 5 && -s runs/discs/checkpoint.safetensors ]]
if command -v c++ >/dev/null; then
    read -ra flags <<<"$(pkg-config --cflags vkvae)"
    c++ -std=c++17 -Wall -Wextra -Werror -x c++ -fsyntax-only "${flags[@]}" - <<<'#include <vkvae/vkvae.h>'
else
    echo "[  SKIPPED ] the header in C++ (no c++ here)"
fi
echo "1 passed, 0 failed"
