#!/bin/bash
# Every test, after the set-up that they need. What CI runs.
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

tools/build.sh release
tools/fetch_model.sh
tools/check.sh
for preset in asan tsan; do
  tools/build.sh $preset
  say "C++ tests under $preset (a minute)"
  ctest --preset $preset --output-on-failure
done
say "C++ tests (three minutes, most of it the embedded model)"
ctest --preset release --output-on-failure

pytest_environment=$(tools/dev_environment.sh)
inside=$(tools/environment.sh "$(tools/python.sh)")
say "Python tests in the Python inside (seconds)"
"$inside/bin/python" tests/python/inside.py "$pytest_environment"/lib/python3*/site-packages
say "the conformance suite of MCP and mcpcheck (a minute)"
tools/conformance.sh
say "Python and end-to-end tests (half an hour: comparisons, packages, the embedded model)"
"$pytest_environment/bin/python" -m pytest -c python/pyproject.toml --rootdir . tests
