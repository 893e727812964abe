#!/bin/bash
# What can be said of the code without running it: layers, formatting, lint, types.
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

tools/packages.sh test
environment=$(tools/dev_environment.sh)
say "checking layers, formatting, lint and types"
python3 tools/check_layers.py
git ls-files -z --cached --others --exclude-standard '*.h' '*.cpp' | xargs -0 clang-format-19 --dry-run --Werror
"$environment/bin/ruff" format --check --config python/pyproject.toml python tools examples tests bench
"$environment/bin/ruff" check --config python/pyproject.toml python tools examples tests bench
"$environment/bin/mypy" --config-file python/pyproject.toml python/atonce
