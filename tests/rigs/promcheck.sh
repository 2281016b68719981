#!/bin/sh
# Prometheus' own checks of rules and metrics, built once: prints where the program is. tests/rigs/promcheck/ is its source.
set -eu
cd "$(dirname "$0")/promcheck"
version=3.16.0
rig="${XDG_CACHE_HOME:-$HOME/.cache}/coupler-rigs/promcheck-$version"
# a changed source is built anew
if [ ! -x "$rig/promcheck" ] || ! cmp -s main.go "$rig/main.go"; then
    mkdir -p "$rig"
    go build -trimpath -ldflags "-s -w" -o "$rig/promcheck.$$" . >&2
    mv "$rig/promcheck.$$" "$rig/promcheck"
    cp main.go "$rig/main.go"
fi
printf '%s\n' "$rig/promcheck"
