# What the commands of a case may call.
# shellcheck shell=bash

# Copies ready-made things into the case's folder:
#   set      IDX files of 40 + 8 pictures of 8 x 8, with labels
#   run      a run on it, of one epoch
#   pictures four PNG, a.png to d.png, of 512 x 512, the same in each
fixture() {
    local name
    for name; do
        [[ -e $FIXTURES/$name ]] || make_"$name"
        cp -r "$FIXTURES/$name" .
    done
}

make_set() { vkvae data shapes -n 40 --size 8x8 -o "$FIXTURES/set" --quiet; }

make_run() {
    vkvae train --images 40 --size 8x8 --hidden 4 --latent 2 --batch 20 --epochs 1 --out "$FIXTURES/run"
}

make_pictures() {
    local copy
    mkdir "$FIXTURES/pictures"
    vkvae data info --images 4 --size 8x8 --count 1 -o "$FIXTURES/pictures/a.png"
    for copy in b c d; do cp "$FIXTURES/pictures/a.png" "$FIXTURES/pictures/$copy.png"; done
}

# put FILE OFFSET BYTES: overwrites bytes there, given as printf does them.
put() {
    # shellcheck disable=SC2059  # it is the format that has the escapes
    printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# offset_of FILE TENSOR: where the data of that tensor begins in a safetensors file.
offset_of() {
    local length begin
    length=$(od -An -tu8 -N8 "$1")
    begin=$(grep -aoE "\"$2\":\{[^}]*\"data_offsets\":\[[0-9]+" "$1" | grep -oE '[0-9]+$')
    echo $((8 + length + begin))
}

# seal FILE: gives a safetensors file the checksum that its bytes have.
seal() {
    local at sum
    at=$(grep -abo crc32: "$1" | head -n 1)
    put "$1" $((${at%%:*} + 6)) 00000000
    sum=$(vkvae sample "$1" 2>&1 | sed -n 's/.* bytes give crc32:\([0-9A-F]*\);.*/\1/p')
    put "$1" $((${at%%:*} + 6)) "$sum"
}

# alter FILE OLD NEW: replaces text in a safetensors file by as much text, and seals it.
alter() {
    LC_ALL=C sed -i "s/$2/$3/" "$1"
    seal "$1"
}

# fault CALL[:PART] N ERRNO COMMAND...: the N-th call of that function (of those with PART in the path) fails.
fault() {
    local what=$1 count=$2 error=$3
    shift 3
    LD_PRELOAD=$FAULT VKVAE_FAULT=$what VKVAE_FAULT_N=$count VKVAE_FAULT_ERRNO=$error "$@"
}

# unharmed COMMAND...: what lies in the case's folder is the same afterwards, and nothing is added.
unharmed() {
    local code=0
    find . -type f -exec cksum {} + | sort >../sums
    "$@" || code=$?
    find . -type f -exec cksum {} + | sort | diff ../sums - >&2 || return 99
    return "$code"
}

# tensors JSON [DATA]: a safetensors file of that header, DATA as printf's %b has it.
tensors() {
    local length i
    length=$(printf '%016x' "${#1}")
    for i in 14 12 10 8 6 4 2 0; do printf '%b' "\\x${length:i:2}"; done
    printf '%s%b' "$1" "${2-}"
}

# layer WORDS COMMAND...: on the default Vulkan device, under the layer that tests/layer explains.
layer() {
    local words=$1
    shift
    VKVAE_DEVICE='' VK_LAYER_PATH=$LAYER VK_INSTANCE_LAYERS=VK_LAYER_VKVAE_test VKVAE_TEST_LAYER=$words "$@"
}

# array DICTIONARY [DATA]: a .npy file of version 1.0, DATA as printf's %b has it.
array() {
    local length=$((${#1} + 1))
    printf '\x93NUMPY\1\0%b' "$(printf '\\x%02x\\x%02x' $((length & 255)) $((length >> 8)))"
    printf '%s\n%b' "$1" "${2-}"
}
