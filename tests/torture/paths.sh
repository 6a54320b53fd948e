#!/usr/bin/env bash
# R12: paths cannot be abused. Every file that is written begins under a name of its own beside its place, never through
# what lies there (O_EXCL, O_NOFOLLOW), is closed to programs that are started (O_CLOEXEC), and has the permissions that the
# umask leaves; links planted while a program writes change nothing of what they lead to; names from data stay names.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export VKVAE_DEVICE=reference
commands=0 opened=0

fixture() {
    vkvae data shapes --images 40 --size 8x8 -o set --quiet
    vkvae data info set --count 1 -o one.png >/dev/null 2>&1
    mkdir -p pictures/a pictures/b
    for i in a/1 a/2 a/3 b/1 b/2 b/3; do cp one.png "pictures/$i.png"; done
}

# all RUN: every command that writes, each by RUN COMMAND...
all() {
    "$1" train --data set --hidden 4 --latent 2 --batch 20 --epochs 2 --keep-best --out deep/er/run --report \
        --tensorboard events --profile=trace.json
    "$1" train --resume deep/er/run --epochs 3
    "$1" train --config deep/er/run/config.json --epochs 1 --out from-config
    "$1" train --data pictures --size 8x8 --hidden 4 --latent 2 --batch 2 --epochs 1 --out of-pictures
    "$1" sample deep/er/run -n 4 -o samples.png --each each
    "$1" encode deep/er/run -o codes.npz
    [[ $dose == full ]] || return 0
    "$1" data shapes -n 20 --size 8x8 -o drawn
    "$1" sample deep/er/run -n 4 -o samples.npy
    "$1" encode deep/er/run -o codes.csv
    "$1" decode deep/er/run codes.npz -o decoded.npy
    "$1" reconstruct deep/er/run -o again.png
    "$1" interpolate deep/er/run -o walk.png
    "$1" traverse deep/er/run -o traverse.png
    "$1" manifold deep/er/run -o manifold.png
    "$1" augment deep/er/run -n 4 -o augmented
    "$1" augment deep/er/run -n 4 -o augmented.npz
    "$1" project deep/er/run -o map.png --csv map.csv
    "$1" score deep/er/run -o scores.csv --heat heat.png
    "$1" export deep/er/run -o run.onnx
    "$1" export deep/er/run -o run.npz
    "$1" export deep/er/run -o run.safetensors
    "$1" import run.safetensors --out imported --size 8x8
    "$1" report deep/er/run -o page.html
    "$1" compare deep/er/run deep/er/run -o compare.png
    "$1" data info set -o grid.png
}

plain() {
    commands=$((commands + 1))
    vkvae "$@" >/dev/null 2>said || broken "vkvae $*: $(tail -n 1 said)"
}

# ---- The umask ----
for mask in 022 $(times '' '077 002 027'); do
    rm -rf umask && mkdir umask
    cd umask
    fixture
    find . | sort >../before
    rm -rf "$VKVAE_CACHE"
    old=$(umask)
    umask "$mask"
    all plain
    umask "$old"
    for kind in f d; do
        if [[ $kind == f ]]; then mode=$((0666 & ~0$mask)); else mode=$((0777 & ~0$mask)); fi
        mode=$(printf '%o' "$mode")
        find . "$VKVAE_CACHE" -type $kind ! -perm "$mode" | sort | grep -vxFf ../before | grep -v '^\./said$' >../wrong || true
        [[ ! -s ../wrong ]] || broken "umask $mask: $(head -n 1 ../wrong) has $(stat -c %a "$(head -n 1 ../wrong)"), not $mode"
    done
    cd ..
done

# ---- How files are opened ----
# Of a line of strace: what is not as promised.
judge() {
    awk -v work="$work" '
        / = -1 / || /resumed/ { next }
        # Only Linux opens a pipe closed to programs; what is the same everywhere closes it behind that.
        /pipe2?\(/ && !/CLOEXEC/ {
            match($0, /\[[0-9]+, [0-9]+\]/)
            split(substr($0, RSTART + 1, RLENGTH - 2), end, ", ")
            for (i in end) pipe[$1 " " end[i]] = $0
        }
        /fcntl\([0-9]+, F_SETFD, FD_CLOEXEC/ { match($0, /\([0-9]+/); delete pipe[$1 " " substr($0, RSTART + 1, RLENGTH - 1)] }
        # What a loader or a driver opens is theirs.
        /open(at)?\(/ {
            match($0, /"([^"\\]|\\.)*"/)
            path = substr($0, RSTART + 1, RLENGTH - 2)
            if (path ~ /^\// && index(path, work) != 1) next
            count++
            if ($0 !~ /O_CLOEXEC/) print "stays open in what is started: " $0
            if ($0 ~ /O_CREAT/ && ($0 !~ /O_EXCL/ || $0 !~ /O_NOFOLLOW/ || $0 !~ /, 0666\)/)) print "may be another'"'"'s: " $0
            if ($0 ~ /O_CREAT/ && path !~ /\/\.[^\/]*\.[0-9]+-[0-9]+\.tmp$/ && path !~ /events\.out\.tfevents\.[^\/]*$/) print "is not in between: " $0
            if ($0 ~ /O_TRUNC/ || $0 ~ /O_APPEND/) print "changes what is there: " $0
        }
        /rename(at2?)?\(/ {
            n = split($0, part, "\"")
            from = part[2]; to = part[4]
            sub(/\/[^\/]*$/, "", from)
            if (!sub(/\/[^\/]*$/, "", to)) to = "."
            if (from != to) print "goes to another folder: " $0
        }
        /(dup[23]?|memfd_create|eventfd2?|creat)\(/ { if ($0 !~ /CLOEXEC/) print "stays open in what is started: " $0 }
        END {
            for (i in pipe) print "stays open in what is started: " pipe[i]
            print count + 0 > "/dev/stderr"
        }' "$1" 2>count
    opened=$((opened + $(<count)))
}
traced() {
    local wrong
    commands=$((commands + 1))
    strace -f -qq -e trace=open,openat,creat,rename,renameat,renameat2,pipe,pipe2,fcntl,dup,dup2,dup3,memfd_create,eventfd2 \
        -o trace "$program" "$@" >/dev/null 2>said || broken "vkvae $*: $(tail -n 1 said)"
    judge trace >wrong
    wrong=$(head -n 1 wrong)
    [[ ! $wrong ]] || broken "vkvae $*: $wrong"
}
looked=''
if command -v strace >/dev/null && strace -qq -o trace true 2>/dev/null; then
    mkdir traced
    cd traced
    fixture
    rm -rf "$VKVAE_CACHE"
    all traced
    # The caches of kernels are the device's.
    if VKVAE_DEVICE='' vkvae devices >/dev/null 2>&1; then
        export VKVAE_DEVICE=''
        traced train --data set --hidden 4 --latent 2 --batch 20 --epochs 1 --out on-device
        [[ $dose == small ]] || traced autotune --hidden 4 --latent 2 --batch 10 --size 8x8
        export VKVAE_DEVICE=reference
    else
        left_out device
    fi
    cd ..
    if ((opened < commands)); then broken "the look at $commands commands saw $opened files opened"; fi
    looked=", $opened files opened as promised"
else
    left_out tracing  # no strace, or it may not look: how files are opened
fi

# ---- Links planted while a run is written ----
mkdir race
cd race
fixture
planted=0 ended=0
vkvae train --data set --hidden 4 --latent 2 --batch 20 --epochs 2 --keep-best --out undisturbed >/dev/null 2>&1
for ((i = 0; i < $(times 3 100); i++)); do
    rm -rf run && mkdir run
    echo "another's" >victim
    code=0
    "$build/tests/torture_plant" "$PWD/victim" run "$program" train --data set --hidden 4 --latent 2 --batch 20 --epochs 2 \
        --keep-best --out run --force >/dev/null 2>said || code=$?
    planted=$((planted + $(sed -n 's/^planted //p' said)))
    [[ $(<victim) == "another's" && ! -L victim ]] || broken "a planted link: what it leads to was changed"
    ended=$((ended + (code == 0)))
    # It may be in the way, or have been put in the place of a file after that was written; it never is written through.
    if ((code != 0 && code != 1 && code != 4)); then broken "a planted link: exit code $code: $(tail -n 2 said | head -n 1)"; fi
    for f in run/checkpoint.safetensors run/metrics.jsonl; do
        [[ -L $f || ! -e $f ]] || ((code)) || cmp -s "$f" "undisturbed/${f#run/}" || broken "a planted link: $f is half-written"
    done
done
cd ..

# ---- Names from data ----
mkdir names
cd names
fixture
odd=(pictures/$'\e[31mred\n' pictures/-rf 'pictures/a b;c' pictures/..x 'pictures/$(x)' pictures/con.. pictures/$'\xff')
for class in "${odd[@]}"; do
    mkdir -p "$class"
    cp one.png "$class/1.png"
    cp one.png "$class/2.png"
done
mv pictures $'odd \e[1mset\n'
vkvae train --data $'odd \e[1mset\n' --size 8x8 --hidden 4 --latent 2 --batch 2 --epochs 1 --out run >out 2>&1 || broken "odd names of classes: $(tail -n 1 out)"
mkdir below
vkvae augment run -n 40 -o below/augmented >>out 2>&1 || broken "augment with odd names of classes: $(tail -n 1 out)"
vkvae data info $'odd \e[1mset\n' --size 8x8 >>out 2>&1 || broken "data info with odd names of classes"
# What shows a run shows its name and its data's.
odd_run=$'\e[31mrun\n'
mv run "$odd_run"
vkvae train --resume "$odd_run" --epochs 2 >>out 2>&1 || broken "an odd name of a run: $(tail -n 1 out)"
for command in report info runs compare; do
    operands=("$odd_run")
    [[ $command != compare ]] || operands+=("$odd_run")
    vkvae "$command" "${operands[@]}" >>out 2>&1 || broken "$command with odd names: $(tail -n 1 out)"
done
cat "$odd_run/report.html" >>out
[[ $(ls below) == augmented ]] || broken "odd names of classes: something lies outside of the folder"
[[ ! $(find below -mindepth 3 ! -name '*.png') ]] || broken "odd names of classes: folders within folders"
! grep -q $'\e' out || broken "odd names of classes: an escape reaches the terminal"
cd ..

# ---- A run's folder from a stranger, with links in it ----
mkdir stranger
cd stranger
fixture
vkvae train --data set --hidden 4 --latent 2 --batch 20 --epochs 1 --out run >/dev/null 2>&1
echo '<b>nobody else reads this' >secret
linked=0
for link in samples-001.png samples-001.txt reconstruction-002.txt map.csv map.png traversal.png metrics.jsonl config.json; do
    rm -rf given && cp -r run given
    ln -sf ../secret "given/$link"
    code=0
    vkvae report given -o page.html >said 2>&1 || code=$?
    linked=$((linked + 1))
    # A text is none of a run of pictures', and is left out.
    [[ $code == 4 || ($code == 0 && $link == *.txt) ]] || broken "a link in the place of $link: exit code $code: $(tail -n 1 said)"
    ! grep -qs 'nobody else reads this' page.html || broken "a link in the place of $link: what it leads to is in the page"
    rm -f page.html
done
printf 'a b\nb c\nc a\na c\n' >words.txt
vkvae train --data words.txt --hidden 4 --latent 2 --batch 2 --epochs 1 --out text >/dev/null 2>&1
ln -sf ../secret text/samples-001.txt
code=0
vkvae report text -o page.html >said 2>&1 || code=$?
[[ $code == 4 ]] || broken "a link in the place of a text: exit code $code: $(tail -n 1 said)"
linked=$((linked + 1))
cd ..

figures "$commands commands under $(times 1 4) umasks$looked, $planted links planted ($ended of $(times 3 100) runs ended all the same), ${#odd[@]} odd names, $linked links in a run's folder"
