#!/bin/bash
# Runs the official conformance suite of MCP and mcpcheck against `atonce serve`, and prints what passed.
# usage: conformance.sh [--url URL] [--leg NAME ...]
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

tools/packages.sh npm
suite=$(tools/node_packages.sh conformance @modelcontextprotocol/conformance@0.2.0-alpha.12)
checker=$(tools/python_packages.sh mcpcheck jbt-mcpcheck==0.1.1)
exec python3 tests/conformance/run.py --program build/atonce --suite "$suite" --checker "$checker" "$@"
