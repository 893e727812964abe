#!/bin/bash
# Makes the environment of the tools that test and check (pytest, ruff, mypy), and prints its path.
. "$(dirname "$0")/lib.sh"

requirements=$ATONCE_ROOT/tools/requirements-dev.txt
environment=$ATONCE_CACHE/environments/dev-$(cat "$requirements" <(python3 --version) | sha256sum | cut -c1-8)

if [ ! -e "$environment/.complete" ]; then
  locked dev-environment
  say "installing pytest, ruff and mypy (half a minute)"
  rm -rf "$environment"
  log=$ATONCE_CACHE/work/dev-environment.log
  logged "$log" python3 -m venv "$environment" &&
    logged "$log" "$environment/bin/pip" install --only-binary :all: --requirement "$requirements" ||
    fail "the development tools could not be installed (log: $log)" "check the network and try again"
  touch "$environment/.complete"
fi
echo "$environment"
