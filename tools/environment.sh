#!/bin/bash
# Makes the private environment of atonce's own Python packages for the Python given, and prints its path.
# usage: environment.sh PYTHON
. "$(dirname "$0")/lib.sh"

python=$1
requirements=$ATONCE_ROOT/tools/requirements-inside.txt
series=$("$python" -c 'import sys, sysconfig; print(sysconfig.get_config_var("LDVERSION"), sys.version.split()[0], sep="-")')
key=$(cat "$requirements" <(echo "$python") | sha256sum | cut -c1-8)
environment=$ATONCE_CACHE/environments/$series-$key

if [ ! -e "$environment/.complete" ]; then
  locked environment
  say "installing pydantic and docstring-parser for Python $series (seconds)"
  rm -rf "$environment"
  log=$ATONCE_CACHE/work/environment.log
  logged "$log" "$python" -m venv "$environment" &&
    logged "$log" "$environment/bin/pip" install --only-binary :all: --requirement "$requirements" ||
    fail "atonce's Python packages could not be installed (log: $log)" "check the network and try again"
  touch "$environment/.complete"
fi
echo "$environment"
