#!/bin/sh
# Argo CD's plugin server and a client for it, built once: prints where the program stands. tests/rigs/argocd/ is its source.
set -eu
cd "$(dirname "$0")/argocd"
version=3.5.7
rig="${XDG_CACHE_HOME:-$HOME/.cache}/coupler-rigs/argocd-$version"
# a changed source is built anew
if [ ! -x "$rig/argocd" ] || ! cmp -s main.go "$rig/main.go"; then
    mkdir -p "$rig"
    go build -trimpath -ldflags "-s -w" -o "$rig/argocd.$$" . >&2
    mv "$rig/argocd.$$" "$rig/argocd"
    cp main.go "$rig/main.go"
fi
printf '%s\n' "$rig/argocd"
