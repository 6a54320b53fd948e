#!/usr/bin/env bash
# R11, and R1's memory: sizes cannot overflow. Headers that state more than there is, more than can be, or products that
# wrap around; and small files of what takes far more memory when it is read: each is refused as bad data by one line, or
# read, with memory for no more than the file and the readers' limits (docs/data.md).
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export VKVAE_DEVICE=reference
tried=0 room=524288  # KiB of address space

# le BYTES N, be BYTES N: a number in so many bytes. N as an unsigned 64-bit number in hexadecimal.
le() {
    local i hex
    hex=$(printf '%016x' "0x$2")
    for ((i = 0; i < $1; i++)); do printf '%b' "\\x${hex:14-2*i:2}"; done
}
be() {
    local i hex
    hex=$(printf '%016x' "0x$2")
    for ((i = $1 - 1; i >= 0; i--)); do printf '%b' "\\x${hex:14-2*i:2}"; done
}

# put FILE OFFSET: overwrites the bytes there with standard input.
put() { dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

# refused NAME COMMAND...: exit code 4 and one line that names the file, in so much of address space.
refused() {
    local file=$1 code=0
    shift
    tried=$((tried + 1))
    (ulimit -v "$room" && exec "$program" "$@") >out 2>said || code=$?
    if ((code != 4)) || [[ $(wc -l <said) != 1 ]] || ! grep -q "$file" said || grep -q 'out of memory' said; then
        broken "$what: exit code $code: $(head -n 2 said)"
    fi
}

sizes=(0 1 2 7fffffff 80000000 ffffffff 10000)
if [[ $dose == small ]]; then sizes=(0 80000000 ffffffff 10000); fi

# ---- IDX: a count and two sizes, or three, of 32 bits ----
vkvae data shapes --images 10 --size 8x9 --out set >/dev/null 2>&1
cp set/train-images-idx3-ubyte whole
for a in "${sizes[@]}"; do
    for b in "${sizes[@]}"; do
        for c in "${sizes[@]}"; do
            what="IDX of 0x$a x 0x$b x 0x$c"
            cp whole set/train-images-idx3-ubyte
            { be 4 "$a"; be 4 "$b"; be 4 "$c"; } | put set/train-images-idx3-ubyte 4
            refused train-images data info set
        done
    done
    what="IDX of 0x$a labels"
    cp whole set/train-images-idx3-ubyte
    cp set/train-labels-idx1-ubyte labels
    be 4 "$a" | put set/train-labels-idx1-ubyte 4
    refused train-labels data info set
    mv labels set/train-labels-idx1-ubyte
done

# ---- NPY: a shape in decimal digits ----
# npy SHAPE DESCR
npy() {
    local header="{'descr': '$2', 'fortran_order': False, 'shape': ($1), }"
    printf '\x93NUMPY\x01\x00'
    le 2 "$(printf '%x' ${#header})"
    printf '%s0123456789' "$header"
}
numbers=(0 2147483648 4294967295 4294967296 9223372036854775807 9223372036854775808 18446744073709551615
    18446744073709551616 340282366920938463463374607431768211456 -1)
for a in "${numbers[@]}"; do
    for shape in "$a," "2, $a" "$a, $a" "4294967296, 4294967296, $a" "2147483648, 2, 2147483648, $a"; do
        for descr in '<f4' '|u1' '<f8'; do
            [[ $dose == full || $descr == '<f4' ]] || continue
            what="NPY of ($shape) $descr"
            npy "$shape" "$descr" >a.npy
            refused a.npy data info a.npy
        done
    done
done
what="NPY with a header of 4 GiB"
printf '\x93NUMPY\x02\x00\xff\xff\xff\xffx' >a.npy
refused a.npy data info a.npy

# ---- NPZ: the sizes and offsets of a zip's directory ----
vkvae train --images 4 --size 8x8 --hidden 3 --latent 2 --batch 2 --epochs 1 --out run >/dev/null 2>&1
vkvae encode run -o whole.npz >/dev/null 2>&1
end=$(grep -abo $'PK\x05\x06' whole.npz | tail -n 1)
central=$(grep -abo $'PK\x01\x02' whole.npz | head -n 1)
for n in 0 7fffffff 80000000 ffffffff; do
    for field in 20 24 42; do  # of the directory: bytes compressed, bytes in all, where it begins
        what="NPZ with 0x$n at $field of its directory"
        cp whole.npz a.npz
        le 4 $n | put a.npz $((${central%%:*} + field))
        [[ $(cksum <a.npz) != $(cksum <whole.npz) ]] && refused a.npz data info a.npz
    done
    for field in 12 16; do  # of the end: bytes of the directory, where it begins
        what="NPZ with 0x$n at $field of its end"
        cp whole.npz a.npz
        le 4 $n | put a.npz $((${end%%:*} + field))
        refused a.npz data info a.npz
    done
done

# ---- safetensors: the header's length in 64 bits, shapes and offsets in decimal digits ----
for n in 0 1 7fffffff 80000000 ffffffff 100000000 7fffffffffffffff 8000000000000000 ffffffffffffffff; do
    what="safetensors with a header of 0x$n bytes"
    { le 8 $n; printf '{}0123456789'; } >a.safetensors
    refused a.safetensors sample a.safetensors
done
tensors() {
    le 8 "$(printf '%x' ${#1})"
    printf '%s01234567' "$1"
}
for a in "${numbers[@]}"; do
    for shape in "$a" "$a,$a" "4294967296,4294967296,$a"; do
        what="safetensors of [$shape]"
        tensors "{\"x\":{\"dtype\":\"F32\",\"shape\":[$shape],\"data_offsets\":[0,8]}}" >a.safetensors
        refused a.safetensors sample a.safetensors
    done
    what="safetensors up to $a"
    tensors "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,$a]}}" >a.safetensors
    refused a.safetensors sample a.safetensors
    tensors "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[$a,8]}}" >a.safetensors
    refused a.safetensors sample a.safetensors
done

# framed: standard input as the header of a safetensors file.
framed() {
    cat >header
    le 8 "$(printf '%x' "$(wc -c <header)")"
    cat header
}
crc() { gzip -c | tail -c 8 | head -c 4 | od -An -tx4 --endian=little | tr -d ' '; }
# zeros COUNT: so many numbers of a list, and a last one.
zeros() {
    { yes 0, || true; } | head -c $((3 * $1)) | tr -d '\n'
    printf 0
}
what="safetensors of 2 million sizes"
{ printf '{"x":{"dtype":"U8","shape":['; zeros 2000000; printf '],"data_offsets":[0,0]}}'; } | framed >a.safetensors
room=131072 refused a.safetensors sample a.safetensors

# ---- Checkpoints with the checksum that they have: sizes of pictures whose product is beyond 2^32, and settings ----
# altered FILE: a copy a.safetensors, its header as sed's script on standard input has it.
altered() {
    local length at sum
    { printf 's/ *$//\ns/crc32:[0-9A-F]*/crc32:00000000/\n' && cat; } >script
    length=$(od -An -tu8 -N8 "$1" | tr -d ' ')
    head -c $((8 + length)) "$1" | tail -c +9 | sed -f script >begin
    while (($(wc -c <begin) % 8)); do printf ' ' >>begin; done
    { framed <begin; tail -c +$((9 + length)) "$1"; } >a.safetensors
    at=$(grep -abom 1 crc32: a.safetensors)
    sum=$(crc <a.safetensors)
    printf '%s' "${sum^^}" | put a.safetensors $((${at%%:*} + 6))
}
sizes_of() { printf '"height":"%s","width":"%s","channels":"%s"' "$@"; }
for s in 60989x23474x3 65536x65536x1 65536x65536x4 46341x46341x2 65536x16384x4; do
    what="checkpoint of pictures of $s"
    IFS=x read -r a b c <<<"$s"
    altered run/checkpoint.safetensors <<<"s/$(sizes_of 8 8 1)/$(sizes_of "$a" "$b" "$c")/"
    refused a.safetensors sample a.safetensors
    grep -q "cannot have $((a * b * c)) numbers" said || broken "$what: $(cat said)"
done
what="a save with 2 million settings"
cp -r run flooded
{ printf 's/"settings":"{/"settings":"['; zeros 2000000; printf ',{/'; } | altered run/resume.safetensors
mv a.safetensors flooded/resume.safetensors
room=131072 refused flooded/resume.safetensors train --resume flooded --epochs 2

# ---- Lines of a run's history, and of text ----
what="metrics of 200,000 latents"
{ tr -d '}\n' <run/metrics.jsonl; printf ',"more":['; zeros 200000; printf ']}\n'; } >flooded/metrics.jsonl
refused flooded/metrics.jsonl compare flooded
what="2 MiB of text of more than 4 GiB as rows"
{ yes a || true; } | head -n 1048577 >a.txt
refused a.txt data info a.txt --tokens chars --length 4096

# taken COMMAND...: succeeds in 512 MiB of address space.
taken() {
    local code=0
    tried=$((tried + 1))
    (ulimit -v 524288 && exec "$program" "$@") >out 2>said || code=$?
    ((code == 0)) || broken "$what: exit code $code: $(head -n 2 said)"
}
if [[ $dose == full ]]; then
    what="200,000 words as bags of 2,000"
    { seq -s ' ' 2000; { yes aaa || true; } | head -n 200000; } >a.txt
    taken data info a.txt
fi

# ---- PNG: two sizes of 32 bits, with the checksum that they have ----
mkdir pictures
vkvae sample run -n 1 --each each >/dev/null 2>&1
whole=$(echo each/*.png)
for a in "${sizes[@]}"; do
    for b in "${sizes[@]}"; do
        what="PNG of 0x$a x 0x$b"
        cp "$whole" pictures/a.png
        { be 4 "$a"; be 4 "$b"; } | put pictures/a.png 16
        be 4 "$(tail -c +13 pictures/a.png | head -c 17 | crc)" | put pictures/a.png 29
        refused pictures data info pictures --strict
    done
done

# Two kilobytes each that take 84 MB: as many at the same time as there is memory for.
chunk() {
    { printf '%s' "$1"; cat; } >chunk
    be 4 "$(printf '%x' $(($(wc -c <chunk) - 4)))"
    cat chunk
    be 4 "$(crc <chunk)"
}
# interlaced EIGHTH: a black PNG of eight times as many pixels on each side, of a bit each.
interlaced() {
    local pass bytes=0
    for pass in 1,1 1,1 1,2 2,2 2,4 4,4 4,8; do  # rows, and pixels of a row
        bytes=$((bytes + ${pass%,*} * $1 * (1 + ${pass#*,} * $1 / 8)))
    done
    printf '\x89PNG\r\n\x1a\n'
    { be 4 "$(printf '%x' $((8 * $1)))"; be 4 "$(printf '%x' $((8 * $1)))"; printf '\1\0\0\0\1'; } | chunk IHDR
    {
        printf '\x78\x9c'
        head -c $bytes /dev/zero | gzip -nc | tail -c +11 | head -c -8
        be 4 "$(printf '%04x0001' $((bytes % 65521)))"
    } | chunk IDAT
    chunk IEND </dev/null
}
if [[ $dose == full ]]; then
    what="six interlaced pictures of 4096 x 4096, by as many threads"
    rm pictures/*
    interlaced 512 >pictures/a.png
    for a in b c d e f; do cp pictures/a.png pictures/$a.png; done
    # An arena of malloc's takes 64 MiB of addresses, and no memory.
    MALLOC_ARENA_MAX=1 taken data info pictures --size 8x8 --threads 6
fi

# ---- Sizes on the command line ----
for n in 4294967295 4294967296 9223372036854775807 18446744073709551616; do
    for option in --latent --hidden --batch --images --size; do
        value=$n code=0
        [[ $option == --size ]] && value=${n}x$n
        (ulimit -v 1048576 && exec "$program" train --images 4 --size 8x8 --epochs 1 --out none $option "$value") \
            >out 2>said || code=$?
        tried=$((tried + 1))
        { ((code >= 1 && code <= 4)) && [[ $(grep -c '^vkvae train:' said) == 1 && ! -e none ]]; } ||
            broken "$option $value: exit code $code: $(tail -n 1 said)"
    done
done
figures "$tried hostile sizes, each refused by one line or read"
