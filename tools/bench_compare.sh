#!/bin/bash
# Compares six benchmarks of the pyperformance suite, one after another (4 minutes on an idle machine), and prints the
# table that docs/guides/compare.md shows.
# usage: bench_compare.sh [--budget SECONDS] [--python PATH]
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

python=$(tools/python.sh)

# One environment for each Python, since both have compiled packages of their own.
environment_for() {
  local environment=$ATONCE_CACHE/environments/pyperformance-$("$1" -c 'import sys, sysconfig
print(sysconfig.get_config_var("LDVERSION") or "", *sys.version_info[:3], sep="-")')
  if [ ! -e "$environment/.complete" ]; then
    say "installing pyperformance for $1 (seconds)"
    rm -rf "$environment"
    log=$ATONCE_CACHE/work/pyperformance.log
    logged "$log" "$1" -m venv "$environment" &&
      logged "$log" "$environment/bin/pip" install --only-binary :all: pyperformance==1.14.0 psutil ||
      fail "pyperformance could not be installed (log: $log)" "check the network and try again"
    touch "$environment/.complete"
  fi
  echo "$environment"
}

inside=$(environment_for "$python")
ordinary=$(environment_for "$(command -v python3)")
exec python3 bench/compare_workloads.py --program build/atonce --venv "$inside" --python "$ordinary/bin/python" "$@"
