#!/bin/bash
# Sets up everything that building needs, each step once, and builds a preset (default: release).
# usage: build.sh [PRESET [TARGET...]]
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

preset=${1:-release}
shift || true
tools/packages.sh
options=()
case $preset in
  asan | tsan | fuzz) ;; # C++ only, with fake backends
  *)
    python=$(tools/python.sh)
    environment=$(tools/environment.sh "$python")
    llama=$(tools/llama.sh)
    options=(-DATONCE_PYTHON="$python" -DATONCE_ENVIRONMENT="$environment" -DATONCE_LLAMA_DIR="$llama")
    ;;
esac
configured=build/$preset/.configured
wanted=$(printf '%s\n' "${options[@]}")
if [ ! -e build/$preset/build.ninja ] || [ "$(cat $configured 2>/dev/null)" != "$wanted" ]; then
  say "configuring build/$preset"
  logged build/$preset.log cmake --preset "$preset" "${options[@]}" ||
    fail "cmake could not configure build/$preset" "read the messages above; all of them are in build/$preset.log"
  echo "$wanted" >$configured
fi
say "building build/$preset (about 4 minutes the first time)"
cmake --build --preset "$preset" ${1:+--target "$@"} >&2 ||
  fail "build/$preset did not build" "read the compiler's messages above"
[ "$preset" != release ] || ln -sf release/atonce build/atonce
