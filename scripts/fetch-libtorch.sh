#!/usr/bin/env bash
# Sets up the CPU-only libtorch that the `torch` feature links: scripts/fetch-libtorch.sh [DESTINATION]
#
# PyPI's x86-64 wheel of torch is a CUDA build. This script keeps its libtorch_cpu.so, libc10.so, libgomp.so.1 and headers, and
# generates stubs for the CUDA libraries that libtorch_cpu.so links for its GPU profiler (libcupti and libcudart). It downloads
# about 530 MB and keeps 480 MB. If the copy is there already, it does nothing.
#
# To use a libtorch of your own, of the same version, set LIBTORCH to its folder instead.
set -euo pipefail

VERSION=2.13.0 # pairs with the version of tch in Cargo.toml; change both together
WHEEL_SHA256=60fcdcb2f3876e21146cb4524ef06397d727ca9ad5f020818547e25075fe3cb7

fail() {
    echo "fetch-libtorch: $*" >&2
    exit 1
}

case "${1:-}" in
-h | --help)
    sed -n '2,8s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
esac
[ $# -le 1 ] || fail "usage: scripts/fetch-libtorch.sh [DESTINATION]"

destination=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/third_party/libtorch}
python=${PYTHON:-python3}

if [ "$(cat "$destination/build-version" 2>/dev/null)" = "$VERSION" ]; then
    echo "libtorch $VERSION is in $destination already"
    exit 0
fi
[ ! -e "$destination" ] || [ -f "$destination/build-version" ] || [ -z "$(ls -A "$destination")" ] ||
    fail "$destination exists and holds something else than libtorch; it is left alone"

[ "$(uname -sm)" = "Linux x86_64" ] ||
    fail "this recipe is for x86-64 Linux; elsewhere unpack libtorch $VERSION yourself and set LIBTORCH to its folder"
command -v "$python" >/dev/null || fail "$python is missing (on Debian: apt-get install python3 python3-pip)"
"$python" -m pip --version >/dev/null 2>&1 || fail "pip is missing for $python (on Debian: apt-get install python3-pip)"
for tool in cc readelf nm; do
    command -v "$tool" >/dev/null || fail "$tool is missing (on Debian: apt-get install build-essential)"
done

mkdir -p "$(dirname "$destination")"
destination=$(cd "$(dirname "$destination")" && pwd)/$(basename "$destination")
# The working folder lies beside the destination: the last step is a rename then, and /tmp need not have the space.
work=$(mktemp -d "$destination.XXXXXX")
trap 'rm -rf "$work"' EXIT

echo "libtorch $VERSION: downloading 530 MB"
echo "torch==$VERSION --hash=sha256:$WHEEL_SHA256" >"$work/requirements.txt"
# The version of the interpreter only chooses among the wheels; the Python part of the wheel is not used.
TMPDIR=$work "$python" -m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps --require-hashes \
    --only-binary :all: --implementation cp --python-version 311 --abi cp311 --platform manylinux_2_28_x86_64 \
    --dest "$work" --requirement "$work/requirements.txt" || fail "the wheel of torch $VERSION could not be downloaded"

echo "libtorch $VERSION: unpacking"
"$python" - "$work"/torch-*.whl "$work/wheel" <<'EOF_PYTHON'
import sys
import zipfile

wheel, destination = sys.argv[1:]
libraries = {f"torch/lib/{name}" for name in ("libtorch_cpu.so", "libc10.so", "libgomp.so.1")}
with zipfile.ZipFile(wheel) as archive:
    names = archive.namelist()
    archive.extractall(destination, [n for n in names if n.startswith("torch/include/") or n in libraries])
EOF_PYTHON
rm "$work"/torch-*.whl
mkdir -p "$work/libtorch/lib"
mv "$work/wheel/torch/include" "$work/libtorch/include"
mv "$work"/wheel/torch/lib/* "$work/libtorch/lib/"
library=$work/libtorch/lib/libtorch_cpu.so

# Each CUDA library is replaced by a stub that has every symbol (and symbol version) that libtorch_cpu.so takes from it, as a
# function that returns an error.
readelf -d "$library" | sed -n 's/.*NEEDED.*\[\(libcu[^]]*\)\].*/\1/p' | while read -r name; do
    nm -D --undefined-only "$library" | sed -n "s/^ *U \([A-Za-z0-9_]*\)@$name\$/\1/p" | while read -r symbol; do
        case $symbol in
        cudaGetErrorString) echo "const char *$symbol(int e) { (void)e; return \"no CUDA (stub)\"; }" ;;
        *) echo "int $symbol(void) { return 100; /* cudaErrorNoDevice */ }" ;;
        esac
    done >"$work/stub.c"
    echo "$name { global: *; };" >"$work/stub.map"
    cc -shared -fPIC -O1 -o "$work/libtorch/lib/$name" -Wl,-soname,"$name" -Wl,--version-script="$work/stub.map" "$work/stub.c"
done

# The wheel's libtorch.so is an empty library that links libtorch_cuda.so; its replacement links libtorch_cpu.so alone.
echo 'typedef int libtorch_shim;' >"$work/shim.c"
# shellcheck disable=SC2016 # $ORIGIN is for the dynamic linker
cc -shared -fPIC -o "$work/libtorch/lib/libtorch.so" -Wl,-soname,libtorch.so -Wl,-rpath,'$ORIGIN' "$work/shim.c" \
    -L"$work/libtorch/lib" -Wl,--no-as-needed -ltorch_cpu -Wl,--allow-shlib-undefined

echo "$VERSION" >"$work/libtorch/build-version"
rm -rf "$destination"
mv "$work/libtorch" "$destination"
echo "libtorch $VERSION is in $destination ($(du -sh "$destination" | cut -f1))"
