#!/bin/bash
# Measures what `atonce check` costs, beside two other race detectors for Python (10 minutes on an idle machine), and
# prints the tables that docs/guides/check.md shows.
# usage: bench_check.sh [--rounds N] [--workload NAME ...]
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

# pyvft asks for Python 3.14 and works with 3.13, too.
rivals="pyvft==0.2.0 threadcheck==0.0.1.2"

python=$(tools/python.sh)
environment=$ATONCE_CACHE/environments/race-rivals-$("$python" -c 'import sys, sysconfig
print(sysconfig.get_config_var("LDVERSION") or "", *sys.version_info[:3], sep="-")')-$(sha256sum <<<"$rivals" | cut -c1-8)
if [ ! -e "$environment/.complete" ]; then
  locked race-rivals
  say "installing $rivals (seconds)"
  rm -rf "$environment"
  log=$ATONCE_CACHE/work/race-rivals.log
  # shellcheck disable=SC2086
  logged "$log" "$python" -m venv "$environment" &&
    logged "$log" "$environment/bin/pip" install --no-deps --ignore-requires-python $rivals ||
    fail "the rivals could not be installed (log: $log)" "check the network and try again"
  touch "$environment/.complete"
fi
exec python3 bench/check.py --program build/atonce --rivals "$environment" "$@"
