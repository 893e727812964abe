#!/bin/bash
# Finds a free-threaded CPython (3.13t or newer) that can be embedded, or makes one; prints its path.
#
# Order: $ATONCE_PYTHON, python3.14t and python3.13t on PATH, the one built here before, uv's, and at last
# a build of Debian's source package (docs/decisions/0001-python-from-debian-source.md).
. "$(dirname "$0")/lib.sh"

# Newest first; a suite's list may name files that its mirror has dropped, so each version is tried in turn.
SERIES="3.14 3.13"
DEBIAN_SUITES="sid forky trixie"
# Part of the cache's key: a change of these makes a new build.
BUILD_FLAGS="-O3 -fno-semantic-interposition -ftls-model=initial-exec"

# is_usable PYTHON: free-threaded, with a shared library and headers, 3.13 or newer.
is_usable() {
  [ -n "$1" ] && "$1" - <<'PY' 2>/dev/null
import os, sys, sysconfig
variable = sysconfig.get_config_var
header = os.path.join(sysconfig.get_path("include"), "Python.h")
ok = variable("Py_GIL_DISABLED") == 1 and variable("Py_ENABLE_SHARED") == 1
sys.exit(not (ok and os.path.exists(header) and sys.version_info >= (3, 13)))
PY
}

offer() {
  if is_usable "$1"; then
    echo "$1"
    exit 0
  fi
}

if [ -n "${ATONCE_PYTHON:-}" ]; then
  offer "$ATONCE_PYTHON"
  fail "ATONCE_PYTHON=$ATONCE_PYTHON is not a free-threaded CPython 3.13+ with a shared library and headers" \
    "unset it to have one found or built, or build CPython with '--disable-gil --enable-shared'"
fi
for name in python3.14t python3.13t; do offer "$(command -v $name || true)"; done

# built_python SERIES: where a build made here puts its interpreter.
flags_key=$(echo "$BUILD_FLAGS" | sha256sum | cut -c1-8)
prefix_of() { echo "$ATONCE_CACHE/python/$1t-$flags_key"; }
offer_built() { for series in $SERIES; do offer "$(prefix_of "$series")/bin/python${series}t"; done; }

offer_built
locked python
offer_built # another build may have made it while we waited

# uv, where the person has it: its Python is optimised and takes seconds, when its downloads can be reached.
if command -v uv >/dev/null; then
  offer "$(uv python find 3.14t 2>/dev/null || true)"
  say "asking uv for Python 3.14t (a minute at most)"
  timeout 120 uv python install 3.14t >&2 || say "uv could not; building it instead"
  offer "$(uv python find 3.14t 2>/dev/null || true)"
fi

# apt with lists of its own: the system's stay as they are.
private_apt() {
  local command=$1
  shift
  "$command" -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User="$(id -un)" "$@"
}

# The address of the Debian mirror that this system uses already.
debian_mirror() {
  grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1 || true
}

# versions_of PACKAGE: the source versions on offer, newest first.
versions_of() {
  private_apt apt-cache showsrc --only-source "$1" 2>/dev/null | sed -n 's/^Version: //p' | sort -rVu
}

# fetch_source SERIES: unpacks the newest source that can be had into ./source and prints its version.
fetch_source() {
  local package=python$1 version
  for version in $(versions_of "$package"); do
    if private_apt apt-get source --download-only "$package=$version" >>"$work/fetch.log" 2>&1; then
      mkdir source && tar -xf "${package}"_*.orig.tar.* -C source --strip-components=1
      echo "$version"
      return
    fi
  done
  return 1
}

build() {
  local prefix=$1
  cd "$work/source"
  logged "$work/build.log" ./configure --prefix="$prefix" --disable-gil --enable-shared --with-ensurepip=install \
    CFLAGS="$BUILD_FLAGS" LDFLAGS="-Wl,-rpath,$prefix/lib" &&
    logged "$work/build.log" make -j"$(nproc)" &&
    rm -rf "$prefix" &&
    logged "$work/build.log" make install
}

work=$ATONCE_CACHE/work/python
rm -rf "$work" && mkdir -p "$work"
apt=$work/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
mirror=$(debian_mirror)
[ -n "$mirror" ] || fail "no Debian mirror is named in /etc/apt" \
  "install a free-threaded Python 3.13 or newer yourself and set ATONCE_PYTHON to it"
for suite in $DEBIAN_SUITES; do
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
done >"$apt/sources.list"

say "fetching CPython's source from Debian (25 MB and the lists, 30 seconds)"
cd "$work"
logged "$work/lists.log" private_apt apt-get update ||
  fail "Debian's source lists could not be fetched (log: $work/lists.log)" \
    "check the network; or install a free-threaded Python yourself and set ATONCE_PYTHON to it"
for series in $SERIES; do
  version=$(fetch_source "$series") && break
done
[ -n "$version" ] || fail "no CPython source could be fetched (log: $work/fetch.log)" "check the network and try again"

prefix=$(prefix_of "$series")
say "building free-threaded CPython $version once, into $prefix (about 4 minutes on 2 cores)"
build "$prefix" || fail "CPython $version did not build (log: $work/build.log)" \
  "read the log's end above; or install a free-threaded Python yourself and set ATONCE_PYTHON to it"
is_usable "$prefix/bin/python${series}t" ||
  fail "the CPython just built is not usable (log: $work/build.log)" "set ATONCE_PYTHON to another free-threaded Python"
cd / && rm -rf "$work"
offer_built
