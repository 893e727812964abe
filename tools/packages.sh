#!/bin/bash
# Installs the Debian packages that a job needs; does nothing when all are there.
# usage: packages.sh [build|test|npm|fuzz|bench]
. "$(dirname "$0")/lib.sh"

BUILD_PACKAGES="ca-certificates cmake ninja-build g++ ccache git pkg-config xz-utils python3 python3-pip python3-venv
  libboost1.81-dev libsimdjson-dev rapidjson-dev libcli11-dev libspdlog-dev libfmt-dev libssl-dev libedit-dev
  libgtest-dev"
# For CPython's own modules, when it has to be built.
PYTHON_PACKAGES="zlib1g-dev libbz2-dev liblzma-dev libffi-dev libsqlite3-dev libreadline-dev libncurses-dev
  uuid-dev libzstd-dev debian-archive-keyring"

TEST_PACKAGES="clang-format-19 chromium fonts-dejavu-core"
# For the suites and clients that come as npm packages. A Node that is here already brings its own npm.
NPM_PACKAGES=
command -v npm >/dev/null || NPM_PACKAGES=npm
FUZZ_PACKAGES="clang-19 libclang-rt-19-dev"
BENCH_PACKAGES="wrk"

packages="$BUILD_PACKAGES $PYTHON_PACKAGES"
case ${1:-build} in
  build) ;;
  test) packages="$packages $TEST_PACKAGES $NPM_PACKAGES" ;;
  npm) packages="$packages $NPM_PACKAGES" ;;
  fuzz) packages="$packages $FUZZ_PACKAGES" ;;
  bench) packages="$packages $BENCH_PACKAGES" ;;
  *) fail "unknown job '$1'" "packages.sh [build|test|npm|fuzz|bench]" ;;
esac
missing=()
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} = 0 ] && exit 0

command -v apt-get >/dev/null || fail "these packages are missing and apt-get is not here: ${missing[*]}" \
  "install their like with your system's package manager; atonce is built and tested on Debian 12"
say "installing ${#missing[@]} Debian packages (a minute or two): ${missing[*]}"
log=$ATONCE_CACHE/work/packages.log
logged "$log" as_root apt-get update ||
  fail "apt-get update failed (log: $log)" "check the network and the mirrors in /etc/apt"
logged "$log" as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" ||
  fail "the packages could not be installed (log: $log)" "read the log's end above"
