#!/usr/bin/env bash
# Installs what bench/peers needs, on Debian and Ubuntu: PyTorch, torchvision, NumPy. Nothing of vkvae needs them.
set -euo pipefail

packages=(python3 python3-numpy python3-torch python3-torchvision python3-pil libopenblas0-pthread)
missing=()
for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    echo "Every package needed is installed."
    exit
fi
echo "Installing: ${missing[*]}"
root=()
if [[ $(id -u) != 0 ]]; then root=(sudo); fi
"${root[@]}" apt-get update -q
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
