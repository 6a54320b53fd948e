#!/usr/bin/env bash
# Writes what the program makes of its tables: docs/commands.md, docs/man and docs/completions. After a change of a
# command or an option; a test fails while any of these files is not as the program prints it.
#   scripts/generate.sh [PROGRAM]    PROGRAM: build/release/vkvae unless given
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${1:-build/release/vkvae}
if [[ ! -x $program || $# -gt 1 ]]; then
    echo "usage: scripts/generate.sh [PROGRAM]; build the preset release first" >&2
    exit 2
fi

mkdir -p docs/man docs/completions
rm -f docs/man/vkvae*.1
"$program" help --format man >docs/man/vkvae.1
# "## vkvae data shapes" is the heading of each command.
"$program" help --format markdown >docs/commands.md
sed -n 's/^## vkvae //p' docs/commands.md | while read -r command; do
    # shellcheck disable=SC2086  # one word or two
    "$program" help $command --format man >"docs/man/vkvae-${command// /-}.1"
done
"$program" help --format bash >docs/completions/vkvae.bash
"$program" help --format zsh >docs/completions/_vkvae
"$program" help --format fish >docs/completions/vkvae.fish
