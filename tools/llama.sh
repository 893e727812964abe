#!/bin/bash
# Builds llama.cpp once for this processor; prints the folder that holds its lib/ and include/.
#
# The source is the one inside the llama-cpp-python package: the only complete copy on a package registry.
# Its Python parts are not used.
. "$(dirname "$0")/lib.sh"

VERSION=0.3.36
SHA256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
COMMIT=0c1e57098 # of the llama.cpp inside
ARCHIVE=llama_cpp_python-$VERSION.tar.gz
# No OpenMP: ggml's own threads end with the context, OpenMP's would outlive it.
OPTIONS=(-DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON
  -DGGML_NATIVE=ON -DGGML_OPENMP=OFF -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF
  -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF
  -DLLAMA_BUILD_NUMBER=0 -DLLAMA_BUILD_COMMIT=$COMMIT)
# Some virtual machines name AMX among what their processor can do and then end a program that uses it.
[ "$(uname -m)" != x86_64 ] || {
  without_amx="-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
  OPTIONS+=("-DCMAKE_C_FLAGS=$without_amx" "-DCMAKE_CXX_FLAGS=$without_amx")
}
LIBRARIES="libllama.a libggml.a libggml-cpu.a libggml-base.a"

# The build uses whatever this processor can do, so a cache shared by two machines needs two builds.
processor_key() {
  {
    uname -m
    grep -m 1 -E '^(flags|Features)' /proc/cpuinfo || true
    echo "${OPTIONS[@]}"
  } | sha256sum | cut -c1-12
}

prefix=$ATONCE_CACHE/llama.cpp/$VERSION-$(processor_key)
offer_built() {
  if [ -f "$prefix/complete" ]; then
    echo "$prefix"
    exit 0
  fi
}

offer_built
locked llama
offer_built # another build may have made it while we waited

# The archive stays in the cache until the build is done: a failed build does not fetch it again.
downloads=$ATONCE_CACHE/downloads
is_intact() { [ -f "$1" ] && echo "$SHA256  $1" | sha256sum --check --status; }
if ! is_intact "$downloads/$ARCHIVE"; then
  rm -f "$downloads/$ARCHIVE"
  mkdir -p "$downloads"
  python3 -m pip --version >/dev/null 2>&1 ||
    fail "python3 has no pip, which fetches llama.cpp" "run 'apt-get install python3-pip python3-venv' as root, then try again"
  say "fetching llama.cpp's source as the package llama-cpp-python $VERSION (77 MB, a minute)"
  logged "$downloads/llama.log" python3 -m pip download --quiet --disable-pip-version-check --no-deps \
    --no-binary llama-cpp-python --dest "$downloads" "llama-cpp-python==$VERSION" ||
    fail "llama-cpp-python $VERSION could not be fetched (log: $downloads/llama.log)" "check the network and try again"
  is_intact "$downloads/$ARCHIVE" ||
    fail "$downloads/$ARCHIVE is not the archive this project was written for (its sha256 differs)" \
      "delete it and try again; if it persists, the package index in use serves another file of that name"
fi

work=$ATONCE_CACHE/work/llama
rm -rf "$work" "$prefix"
mkdir -p "$work/source"
tar -xzf "$downloads/$ARCHIVE" -C "$work/source" --strip-components=3 "llama_cpp_python-$VERSION/vendor/llama.cpp"

generator=()
if command -v ninja >/dev/null; then generator=(-G Ninja); fi
build() {
  logged "$work/configure.log" cmake -S "$work/source" -B "$work/build" "${generator[@]}" "${OPTIONS[@]}" &&
    logged "$work/build.log" cmake --build "$work/build" --target llama --parallel "$(nproc)"
}
say "building llama.cpp once for this processor, into $prefix (3 to 8 minutes on 2 cores)"
build || fail "llama.cpp did not build (logs: $work)" "read the log's end above; a C++ compiler and cmake are needed"

mkdir -p "$prefix/lib" "$prefix/include"
for library in $LIBRARIES; do
  find "$work/build" -name "$library" -exec cp {} "$prefix/lib/" \;
  [ -f "$prefix/lib/$library" ] || fail "the build of llama.cpp made no $library" "read $work/build.log"
done
cp "$work"/source/include/*.h "$work"/source/ggml/include/*.h "$prefix/include/"
cp "$work/source/LICENSE" "$prefix/"
echo "$VERSION+$COMMIT" >"$prefix/complete"
cd / && rm -rf "$work" "$downloads/$ARCHIVE"
offer_built
