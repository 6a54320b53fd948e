#!/usr/bin/env bash
# Runs every command of docs/first-hour.md, in order and in one empty folder, and prints them with what they say.
#   scripts/first-hour.sh [--quick] VKVAE [FOLDER]
# --quick: one epoch on few pictures: for tests.
set -euo pipefail
quick=false
if [[ ${1-} == --quick ]]; then
    quick=true
    shift
fi
page=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../docs/first-hour.md
page=$(realpath "$page")
program=$(realpath "${1:?usage: scripts/first-hour.sh [--quick] VKVAE [FOLDER]}")
folder=${2:-}
if [[ ! $folder ]]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder/.bin"
folder=$(realpath "$folder")
ln -sf "$program" "$folder/.bin/vkvae"
PATH=$folder/.bin:$PATH
cd "$folder"

commands=()
while IFS= read -r line; do commands+=("$line"); done < <(sed -n '/^```sh$/,/^```$/{/^```/d;p}' "$page")
for command in "${commands[@]}"; do
    printf '\n$ %s\n' "$command"
    if $quick; then
        command=$(sed -E 's/--epochs 50/--epochs 2/; s/^vkvae train$/vkvae train --epochs 1 --images 500/' <<<"$command")
        command=$(sed -E 's/^vkvae train --hidden 400,200/vkvae train --images 500 --hidden 400,200/; s/-n 2000/-n 400/' <<<"$command")
    fi
    began=$(date +%s%N)
    eval "$command" 2>&1
    printf '# %d.%d s\n' $((($(date +%s%N) - began) / 1000000000)) $((($(date +%s%N) - began) / 100000000 % 10))
done
printf '\n%d commands\n' "${#commands[@]}"
