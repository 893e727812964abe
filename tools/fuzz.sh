#!/bin/bash
# Runs every fuzz target under libFuzzer, each for a while, beginning with its corpus. What crashes one is
# left in build/fuzz/crashes: put it into fuzz/corpus/TARGET with the fix.
# usage: fuzz.sh [SECONDS]   (for each target; default 60)
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

seconds=${1:-60}
tools/packages.sh fuzz
tools/build.sh fuzz
mkdir -p build/fuzz/crashes
for corpus in fuzz/corpus/*/; do
  target=$(basename "$corpus")
  say "fuzzing $target ($seconds seconds)"
  mkdir -p "build/fuzz/corpus/$target"
  log=build/fuzz/$target.log
  "build/fuzz/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -max_len=65536 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/crashes/$target-" "build/fuzz/corpus/$target" "$corpus" >"$log" 2>&1 ||
    fail "fuzz_$target found something (log: $log)" "the input is in build/fuzz/crashes"
  sed -n 's/^stat::number_of_executed_units: */    inputs tried: /p' "$log" >&2
done
