# Shared by the set-up scripts: messages, the cache folder, and "do it once" stamps. Sourced, not run.
#
# Every script prints what it does and how long that may take on stderr, leaves quickly when its work
# is done already, and on failure says what to do next. Only a result (a path) goes to stdout.

set -euo pipefail
trap 'printf "error: %s stopped at line %s\n" "$0" "$LINENO" >&2' ERR

ATONCE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ATONCE_CACHE=${ATONCE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/atonce}

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

# fail MESSAGE HINT: what failed, then what to do next.
fail() {
  printf 'error: %s\n\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

# as_root COMMAND...: runs it as root, by sudo when the user is not root.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "'$1' needs root, and sudo is not installed" "run 'make build' once as root, or install sudo"
  fi
}

# logged LOG COMMAND...: runs it quietly into LOG; the log's end is shown only when it fails.
logged() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    return 1
  fi
}

# locked NAME: holds a lock until the script ends, so that two builds at once do not share a half-made cache.
locked() {
  mkdir -p "$ATONCE_CACHE/locks"
  exec 9>"$ATONCE_CACHE/locks/$1"
  flock -n 9 || {
    say "waiting for another build that prepares $1"
    flock 9
  }
}
