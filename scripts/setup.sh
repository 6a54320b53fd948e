#!/usr/bin/env bash
# Installs what building and running vkvae needs, on Debian (12 or later) and Ubuntu (24.04 or later). Elsewhere
# it names the packages and stops.
#   scripts/setup.sh            to build and run
#   scripts/setup.sh --demo     and Fashion-MNIST
#   scripts/setup.sh --tests    and what scripts/test.sh needs
#   scripts/setup.sh --peers    and what scripts/test-peers.sh needs
#   scripts/setup.sh --cross    and what scripts/cross.sh needs (Debian only)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*"; }
loud() { printf '\n*** %s\n\n' "$*" >&2; }
stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

demo=false tests=false peers=false cross=false
for option in "$@"; do
    case $option in
    --demo) demo=true ;;
    --tests) tests=true ;;
    --peers) peers=true ;;
    --cross) cross=true ;;
    *) stop "usage: scripts/setup.sh [--demo] [--tests] [--peers] [--cross]" ;;
    esac
done

# ---- Not Debian or Ubuntu ----

other_system() {
    local manager packages for_tests
    if command -v dnf >/dev/null; then
        manager="dnf install"
        packages=(cmake ninja-build gcc pkgconf-pkg-config glslang spirv-tools vulkan-headers vulkan-volk-devel
            vulkan-loader mesa-vulkan-drivers stb_image_write-devel zlib-devel cjson-devel
            libspng-devel libjpeg-turbo-devel protobuf-c-devel protobuf-c-compiler)
        for_tests=(libcmocka-devel vulkan-validation-layers libasan libubsan clang clang-tools-extra)
    elif command -v pacman >/dev/null; then
        manager="pacman -S"
        packages=(cmake ninja gcc pkgconf glslang spirv-tools vulkan-headers volk vulkan-icd-loader
            vulkan-swrast stb zlib cjson libspng libjpeg-turbo protobuf-c)
        for_tests=(cmocka vulkan-validation-layers clang)
    elif command -v brew >/dev/null; then
        manager="brew install"
        packages=(cmake ninja pkgconf glslang spirv-tools vulkan-headers vulkan-volk vulkan-loader molten-vk
            zlib cjson libspng jpeg-turbo protobuf-c)
        for_tests=(cmocka vulkan-validationlayers llvm)
    else
        stop "This is neither Debian nor Ubuntu, and none of dnf, pacman and brew is here. vkvae needs CMake 3.25 or
later, Ninja, a C11 compiler, pkg-config, glslangValidator, spirv-opt, spirv-val, the Vulkan headers, volk (the Vulkan
meta-loader), a Vulkan loader and driver, stb_image_write.h, zlib and cJSON; libspng and libjpeg-turbo for folders
of pictures, protobuf-c for ONNX and TensorBoard; its tests need all of these, and cmocka."
    fi
    say "This is neither Debian nor Ubuntu, so nothing was installed. The packages, to be installed by hand:"
    say "  $manager ${packages[*]}"
    say "and for the tests:"
    say "  $manager ${for_tests[*]}"
    if [[ $manager == brew* ]]; then
        say "stb is not among Homebrew's: get stb_image_write.h and give cmake -DSTB_INCLUDE_DIR=its-folder."
    fi
    say "Then, with a folder that holds the four IDX files of MNIST or Fashion-MNIST:"
    say "  cmake --preset release -DVKVAE_TESTS=OFF && cmake --build --preset release"
    say "  build/release/vkvae train --data FOLDER"
    exit 1
}

is_debian_like() {
    [[ -r /etc/os-release ]] || return 1
    # shellcheck source=/dev/null
    (. /etc/os-release && [[ " ${ID:-} ${ID_LIKE:-} " == *" debian "* || " ${ID:-} ${ID_LIKE:-} " == *" ubuntu "* ]])
}

if ! is_debian_like || ! command -v apt-get >/dev/null; then other_system; fi

# ---- Debian and Ubuntu ----

is_installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

as_root() {
    if [[ $(id -u) == 0 ]]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif command -v sudo >/dev/null; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        stop "Installing needs root, and there is no sudo: run scripts/setup.sh as root"
    fi
}

lists_are_new=false
update_lists() {
    $lists_are_new && return
    as_root apt-get update -q || loud "apt-get update failed: going on with the lists that are here"
    lists_are_new=true
}

is_known() { [[ $(LC_ALL=C apt-cache policy "$1" 2>/dev/null) == *Candidate:\ [0-9]* ]]; }

# The version that the code is formatted and checked with; the system's own where that one is gone.
with_version_14() {
    if is_installed "$1-14" || is_known "$1-14"; then echo "$1-14"; else echo "$1"; fi
}

# libvulkan-volk-dev is the Vulkan meta-loader; libvolk-dev and libvolk2-dev are another volk, GNU Radio's.
packages=(cmake ninja-build gcc libc6-dev pkg-config glslang-tools spirv-tools libvulkan-dev libvulkan-volk-dev
    mesa-vulkan-drivers libvulkan1 libstb-dev zlib1g-dev libcjson-dev
    libspng-dev libjpeg-dev  # libjpeg-turbo on both
    libprotobuf-c-dev protobuf-c-compiler)
if $demo || $tests || $peers; then packages+=(dataset-fashion-mnist); fi
if $tests; then
    packages+=(libcmocka-dev vulkan-validationlayers imagemagick strace cppcheck)
    packages+=(zsh fish groff-base mandoc)  # which read what scripts/generate.sh writes
    # On a fresh machine the lists are empty, and no version would be known.
    if ! is_installed clang-14 && ! is_known clang-14; then update_lists; fi
    packages+=("$(with_version_14 clang)" "$(with_version_14 clang-format)" "$(with_version_14 clang-tidy)")
fi
if $peers; then packages+=(python3-torch python3-numpy chromium); fi
if $peers && ! command -v npm >/dev/null; then packages+=(nodejs npm); fi
if $cross; then
    grep -q '^ID=debian' /etc/os-release || stop "scripts/setup.sh --cross is for Debian: others keep arm64's packages apart"
    packages+=(gcc-aarch64-linux-gnu qemu-user-static libcjson-dev:arm64 zlib1g-dev:arm64
        libspng-dev:arm64 libjpeg62-turbo-dev:arm64 libprotobuf-c-dev:arm64)
    if ! dpkg --print-foreign-architectures | grep -qx arm64; then
        as_root dpkg --add-architecture arm64
        lists_are_new=false
    fi
fi

missing=()
for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
done
if ((${#missing[@]})); then
    say "Installing: ${missing[*]}"
    update_lists
    as_root apt-get install -q -y --no-install-recommends "${missing[@]}"
else
    say "Every package needed is installed."
fi

# ---- The library that draws the charts of a report ----

# npm is not installed for it: Debian's brings some hundred packages.
if command -v npm >/dev/null; then
    if [[ ! -e src/report/assets/node_modules/.package-lock.json ||
        src/report/assets/package-lock.json -nt src/report/assets/node_modules/.package-lock.json ]]; then
        (cd src/report/assets && npm ci --no-audit --no-fund --loglevel=error) ||
            loud "npm ci failed in src/report/assets: 'vkvae report' will say that it lacks its charts"
    fi
else
    loud "npm is not here, which brings the library for charts: 'vkvae report' will say that it lacks it. With npm
    (Debian: apt install npm) run this again"
fi

# ---- SwiftShader, a second Vulkan driver, for the tests ----

# Debian ships it inside Chromium's packages only: taken out of there, nothing of Chromium is installed.
fetch_swiftshader() {
    local folder=build/swiftshader temporary library icd
    [[ -s $folder/libvk_swiftshader.so && -s $folder/vk_swiftshader_icd.json ]] && return
    is_known chromium-common || update_lists
    is_known chromium-common || return 1
    temporary=$(mktemp -d)
    # shellcheck disable=SC2064  # its value now
    trap "rm -rf '$temporary'" EXIT
    for package in chromium-common chromium; do
        (cd "$temporary" && apt-get download -q -o APT::Sandbox::User=root "$package") || return 1
        dpkg -x "$temporary"/"$package"_*.deb "$temporary/files" || return 1
        library=$(find "$temporary/files" -name libvk_swiftshader.so -print -quit)
        icd=$(find "$temporary/files" -name vk_swiftshader_icd.json -print -quit)
        [[ $library && $icd ]] && break
    done
    [[ $library && $icd ]] || return 1
    mkdir -p "$folder" || return 1
    # Wherever the package kept it, here it lies beside its manifest: a path with a slash is taken from there.
    sed -E 's|("library_path" *: *)"[^"]*"|\1"./libvk_swiftshader.so"|' "$icd" >"$temporary/icd" || return 1
    cp "$library" "$folder/" && cp "$temporary/icd" "$folder/vk_swiftshader_icd.json" || return 1
    say "SwiftShader is in $folder."
}

if $tests && ! fetch_swiftshader; then
    loud "SwiftShader is not to be had here (it comes out of Debian's chromium-common): its tests will be skipped"
fi
