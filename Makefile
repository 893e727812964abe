# Thin: each target is one line onto cmake, ctest or a script. `make demo` and `make test` set everything up.
.PHONY: build demo model test test-fast test-live test-conformance check bench bench-compare bench-check bench-serve format fuzz
build:; @tools/build.sh release
model:; @tools/fetch_model.sh
demo: build model; @tools/demo.sh
test:; @tools/test.sh
test-fast: build; @ctest --preset release -L fast
test-live:; @tools/test_live.sh
test-conformance: build; @tools/conformance.sh
check:; @tools/check.sh
bench: build; @tools/bench.sh
bench-compare: build; @tools/bench_compare.sh
bench-check: build; @tools/bench_check.sh
bench-serve: build; @tools/bench_serve.sh
format:; @tools/format.sh
fuzz:; @tools/fuzz.sh
