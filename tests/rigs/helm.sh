#!/bin/sh
# Helm for the tests, built once: prints where it is.
set -eu
version=4.3.1
rig="${XDG_CACHE_HOME:-$HOME/.cache}/coupler-rigs/helm-$version"
if [ ! -x "$rig/helm" ]; then
    mkdir -p "$rig.tmp.$$"
    GOBIN="$rig.tmp.$$" go install -trimpath -ldflags "-s -w" "helm.sh/helm/v4/cmd/helm@v$version" >&2
    mkdir -p "$rig"
    mv "$rig.tmp.$$/helm" "$rig/helm"
    rmdir "$rig.tmp.$$"
fi
printf '%s\n' "$rig/helm"
