#!/bin/bash
# Formats all C++ and Python in place.
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

environment=$(tools/dev_environment.sh)
git ls-files -z --cached --others --exclude-standard '*.h' '*.cpp' | xargs -0 clang-format-19 -i
"$environment/bin/ruff" format --config python/pyproject.toml python tools examples tests bench
