#!/bin/bash
# Every test, after the set-up that they need. What CI runs.
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

tools/build.sh release
tools/fetch_model.sh
tools/check.sh
environment=$(tools/dev_environment.sh)
for preset in asan tsan; do
  tools/build.sh $preset
  say "C++ tests under $preset (a minute)"
  ctest --preset $preset --output-on-failure
done
say "C++ tests (two minutes, most of it the embedded model)"
ctest --preset release --output-on-failure
say "Python and end-to-end tests (three minutes)"
"$environment/bin/python" -m pytest -c python/pyproject.toml --rootdir . tests
