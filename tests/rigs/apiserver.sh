#!/bin/sh
# A Kubernetes API server with its etcd, built once: prints where the program stands. tests/rigs/apiserver/ is its source.
set -eu
cd "$(dirname "$0")/apiserver"
version=1.36.3
rig="${XDG_CACHE_HOME:-$HOME/.cache}/coupler-rigs/apiserver-$version"
# a changed source is built anew
if [ ! -x "$rig/apiserver" ] || ! cmp -s main.go "$rig/main.go"; then
    mkdir -p "$rig"
    said=k8s.io/component-base/version
    go build -trimpath -ldflags "-s -w -X $said.gitVersion=v$version -X $said.gitMajor=1 -X $said.gitMinor=36" \
        -o "$rig/apiserver.$$" . >&2
    mv "$rig/apiserver.$$" "$rig/apiserver"
    cp main.go "$rig/main.go"
fi
printf '%s\n' "$rig/apiserver"
