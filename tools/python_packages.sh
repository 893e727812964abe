#!/bin/bash
# Makes an environment of an ordinary Python with the packages given, once for these versions, and prints its path.
# usage: python_packages.sh NAME PACKAGE==VERSION...
. "$(dirname "$0")/lib.sh"

name=$1
shift
python=${ATONCE_CLIENT_PYTHON:-python3}
command -v "$python" >/dev/null || fail "there is no $python" "set ATONCE_CLIENT_PYTHON to an ordinary Python 3.10 or newer"
key=$({ "$python" --version && printf '%s\n' "$@"; } | sha256sum | cut -c1-8)
environment=$ATONCE_CACHE/environments/$name-$key

if [ ! -e "$environment/.complete" ]; then
  locked "environment-$name"
  [ -e "$environment/.complete" ] || {
    say "installing $* (half a minute)"
    rm -rf "$environment"
    log=$ATONCE_CACHE/work/environment-$name.log
    logged "$log" "$python" -m venv "$environment" &&
      logged "$log" "$environment/bin/pip" install --only-binary :all: --disable-pip-version-check "$@" ||
      fail "$* could not be installed for $("$python" --version) (log: $log)" "check the network and try again"
    touch "$environment/.complete"
  }
fi
echo "$environment"
