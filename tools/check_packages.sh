#!/bin/bash
# Runs the tests of packages from PyPI that have threads and locks in them, plain and under `atonce check`'s detector,
# and prints which tests ended in another way and what was found (10 minutes on an idle machine). What is known of the
# findings stands in docs/concepts/check-on-real-packages.md.
# usage: check_packages.sh --prepare | [--seeds N] [--show] [--json FILE] [NAME ...]
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

runner=tests/python/check/run_package_tests.py
python=$(tools/python.sh)
list=$(python3 "$runner" --list)
folder=$ATONCE_CACHE/environments/checked-packages-$("$python" -c 'import sys, sysconfig
print(sysconfig.get_config_var("LDVERSION") or "", *sys.version_info[:3], sep="-")')-$(sha256sum <<<"$list" | cut -c1-8)

# One line of the list: name, version, and what its tests need.
bring() {
  local name=$1 version=$2 log=$ATONCE_CACHE/work/checked-packages.log archives="$folder/archives/$1"
  shift 2
  logged "$log" "$folder/venv/bin/pip" download --no-deps --no-binary "$name" -d "$archives" "$name==$version" &&
    mkdir -p "$folder/sources/$name-$version" &&
    tar -xzf "$archives"/*.tar.gz --strip-components=1 -C "$folder/sources/$name-$version" &&
    logged "$log" "$folder/venv/bin/pip" install --no-deps "$archives"/*.tar.gz || return 1
  [ $# = 0 ] || logged "$log" "$folder/venv/bin/pip" install "$@"
}

if [ ! -e "$folder/.complete" ]; then
  locked checked-packages
  say "bringing the packages and what their tests need (2 minutes)"
  rm -rf "$folder"
  mkdir -p "$folder"
  "$python" -m venv "$folder/venv"
  logged "$ATONCE_CACHE/work/checked-packages.log" "$folder/venv/bin/pip" install "pytest>=8,<10" ||
    fail "pytest could not be installed" "check the network and try again"
  while read -r -a line; do
    bring "${line[@]}" ||
      fail "${line[0]} ${line[1]} could not be had (log: $ATONCE_CACHE/work/checked-packages.log)" \
        "check the network and try again"
  done <<<"$list"
  touch "$folder/.complete"
fi
[ "${1:-}" != --prepare ] || exit 0
exec python3 "$runner" --program build/atonce --venv "$folder/venv" --sources "$folder/sources" "$@"
