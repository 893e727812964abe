#!/bin/bash
# Puts the embedded model into the cache, once (1.1 GB, a minute or two).
. "$(dirname "$0")/lib.sh"
tools_folder=$(dirname "$0")
"$tools_folder/packages.sh"
exec python3 "$tools_folder/fetch_model.py" "$@"
