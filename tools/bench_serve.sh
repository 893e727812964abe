#!/bin/bash
# Measures `atonce serve` (5 minutes on an idle machine), beside other servers where ATONCE_PEERS names a built folder
# of them, and prints the tables that docs/guides/serve.md shows.
# usage: bench_serve.sh [--rounds N] [--seconds S] [--workload NAME ...] [--peer NAME ...]
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

tools/packages.sh bench
exec python3 bench/serve.py --program build/atonce --python "$(tools/python.sh)" \
  ${ATONCE_PEERS:+--peers "$ATONCE_PEERS"} "$@"
