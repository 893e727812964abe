#!/bin/bash
# Measures the engine beside its rivals, in one run (about 3 minutes on an idle machine).
# usage: bench.sh [--rounds N] [--seconds S]
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

python=$(tools/python.sh)
environment=$(tools/environment.sh "$python")
packages=$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
say "measuring (3 minutes; close what else is running)"
exec "$environment/bin/python" bench/run.py --build build/release --python "$python" --packages "$packages" "$@"
