#!/bin/bash
# Makes a folder with Node 22 and the npm packages given, once for these versions, and prints its path.
# usage: node_packages.sh NAME PACKAGE@VERSION...
. "$(dirname "$0")/lib.sh"

# Node itself comes as a package, too: what is installed here may be too old (the suites want 22).
NODE=node@22.23.3

name=$1
shift
wanted=$(printf '%s\n' "$NODE" "$@")
folder=$ATONCE_CACHE/npm/$name-$(sha256sum <<<"$wanted" | cut -c1-8)

if [ ! -e "$folder/.complete" ]; then
  locked "npm-$name"
  [ -e "$folder/.complete" ] || {
    command -v npm >/dev/null || fail "npm is not here, which fetches ${*}" "run 'tools/packages.sh npm' as root"
    say "installing Node 22 and $* (half a minute)"
    rm -rf "$folder"
    mkdir -p "$folder"
    log=$ATONCE_CACHE/work/npm-$name.log
    # A package of its own, so that npm does not look for one in the folders above.
    echo '{"private": true, "type": "module"}' >"$folder/package.json"
    logged "$log" npm install --prefix "$folder" --no-audit --no-fund --save-exact "$NODE" "$@" ||
      fail "npm could not install $* (log: $log)" "check the network and try again"
    "$folder/node_modules/.bin/node" --version >>"$log" ||
      fail "npm installed a node that does not run (log: $log)" "delete $folder and try again"
    touch "$folder/.complete"
  }
fi
echo "$folder"
