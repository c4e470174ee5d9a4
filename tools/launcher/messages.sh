# shellcheck shell=bash
# Words for people go to standard error; standard output belongs to the data that was asked for.

say() {
    printf '%s\n' "$*" >&2
}

# fail STATUS MESSAGE...: the last words of this script.
fail() {
    local status=$1
    shift
    say "sluice: $*"
    exit "$status"
}

# need_root WHY
need_root() {
    ((EUID == 0)) || fail 1 "this needs root: $1. Run it again with sudo."
}
