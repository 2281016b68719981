#!/bin/sh
# Builds kustomize once, and prints where it is: tests/rigs/kustomize.sh
set -eu
version=v5.8.2
dir="${XDG_CACHE_HOME:-$HOME/.cache}/coupler-rigs/kustomize-${version#v}"
if [ ! -x "$dir/kustomize" ]; then
    mkdir -p "$dir"
    GOBIN="$dir" go install -trimpath -ldflags "-s -w" "sigs.k8s.io/kustomize/kustomize/v5@$version" >&2
fi
printf '%s\n' "$dir/kustomize"
