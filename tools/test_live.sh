#!/bin/bash
# Asks the real APIs, for whichever keys are set; without one it says so and is done.
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

if [ -z "${GEMINI_API_KEY:-}${GOOGLE_API_KEY:-}${OPENAI_API_KEY:-}" ]; then
  say "skipped: neither GEMINI_API_KEY (or GOOGLE_API_KEY) nor OPENAI_API_KEY is set"
  exit 0
fi
tools/build.sh release
pytest_environment=$(tools/dev_environment.sh)
say "asking the real APIs (a minute, and a few thousand tokens)"
ATONCE_LIVE=1 "$pytest_environment/bin/python" -m pytest -c python/pyproject.toml --rootdir . -rs tests/live
